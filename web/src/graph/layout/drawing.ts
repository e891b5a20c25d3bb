/** The worker, as a promise for each drawing. */

import type { Arc, Box, Drawing, Gaps } from "./index.ts";
import type { Answered, Asked } from "./worker.ts";

export interface Timed {
  drawing: Drawing;
  milliseconds: number;
}

/** Draws one graph at a time; a newer question replaces one that still waits for its answer. */
export class Draughtsman {
  #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  #number = 0;
  #waiting: ((timed: Timed | null) => void) | null = null;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answered>) => {
      if (data.number === this.#number) this.#settle(data);
    };
  }

  /** Null when another question came before the answer. */
  draw(boxes: Box[], arcs: Arc[], gaps: Gaps): Promise<Timed | null> {
    this.#settle(null);
    this.#number++;
    this.#worker.postMessage({ number: this.#number, boxes, arcs, gaps } satisfies Asked);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  end(): void {
    this.#settle(null);
    this.#worker.terminate();
  }

  #settle(timed: Timed | null): void {
    this.#waiting?.(timed);
    this.#waiting = null;
  }
}
