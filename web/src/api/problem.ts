/** What went wrong with a request, as a person should read it. */

import type { Problem as ProblemDocument } from "./documents.ts";

export class Problem extends Error {
  override name = "Problem";
  /** 0 when no answer came at all. */
  readonly status: number;
  readonly remedy: string | null;
  /** Names that may have been meant. */
  readonly nearest: readonly string[];

  constructor(status: number, document: ProblemDocument) {
    super(document.detail || document.title || `The service answered ${status}.`);
    this.status = status;
    this.remedy = document.remedy ?? null;
    this.nearest = [...(document.candidates ?? []), ...(document.nearest ?? [])];
  }

  /** Whether asking again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 504;
  }
}
