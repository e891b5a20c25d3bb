/** Draws outside the page's thread. One message in, one out, under the same number. */

import { type Arc, type Box, type Drawing, type Gaps, layout } from "./index.ts";

export interface Asked {
  number: number;
  boxes: Box[];
  arcs: Arc[];
  gaps: Gaps;
}

export interface Answered {
  number: number;
  drawing: Drawing;
  milliseconds: number;
}

self.onmessage = ({ data }: MessageEvent<Asked>) => {
  const began = performance.now();
  const drawing = layout(data.boxes, data.arcs, data.gaps);
  const milliseconds = performance.now() - began;
  self.postMessage({ number: data.number, drawing, milliseconds } satisfies Answered);
};
