/**
 * Verification as a person can follow it: one claim a step, each resting on the ones before.
 *
 * Trusted? The ledger's server is not: it may withhold, but every byte is checked against a head that
 * the kept key signed. What serves this program is: it could show ticks for anything.
 */

import {
  checkBytes,
  checkDigest,
  checkGrowth,
  checkHead,
  checkPlace,
  checkSignature,
  checkTree,
  type Found,
  type Run,
  type Step,
} from "./checks.ts";
import { NotProven } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Shelf } from "./memory.ts";

export interface Request {
  /** Hash every leaf again and compare the root. */
  whole: boolean;
  /** Entries whose place and bytes are checked. */
  entries: readonly number[];
  /** A digest (`sha256:…`) that one of the entries has to state. */
  digest?: string | undefined;
}

interface Planned {
  id: string;
  title: string;
  /** Steps that have to hold before. */
  rests: string[];
  check(run: Run, progress: (detail: string) => void): Promise<Found>;
}

/** Check what is asked, calling `show` with all steps after each change. Returns the last of them. */
export async function verify(
  log: Log,
  shelf: Shelf,
  request: Request,
  show: (steps: Step[]) => void,
  signal?: AbortSignal,
): Promise<Step[]> {
  const checks = plan(log, shelf, request);
  let steps: Step[] = checks.map(({ id, title }) => ({
    id,
    title,
    outcome: "waiting",
    detail: "",
  }));
  const set = (at: number, change: Partial<Step>): void => {
    steps = steps.map((step, index) => (index === at ? { ...step, ...change } : step));
    show(steps);
  };
  const run = { stated: new Map<number, string>() } as Run;
  const broken = new Set<string>();
  for (const [at, { rests, check, id }] of checks.entries()) {
    if (signal?.aborted) break;
    const missing = rests.find((other) => broken.has(other));
    if (missing) {
      broken.add(id);
      set(at, { outcome: "not reached", detail: "rests on a step that does not hold" });
      continue;
    }
    set(at, { outcome: "running" });
    try {
      const found = await check(run, (detail) => set(at, { detail }));
      set(at, { outcome: "holds", ...found });
    } catch (error) {
      broken.add(id);
      signal?.throwIfAborted();
      const detail = error instanceof Error ? error.message : String(error);
      set(at, { outcome: error instanceof NotProven ? "fails" : "not checked", detail });
    }
  }
  return steps;
}

export type Verdict = "running" | "holds" | "fails" | "not checked";

/** It holds only if every step was checked and none failed. */
export function verdict(steps: readonly Step[]): Verdict {
  const outcomes = new Set(steps.map(({ outcome }) => outcome));
  if (outcomes.has("fails")) return "fails";
  if (steps.length === 0 || outcomes.has("waiting") || outcomes.has("running")) return "running";
  return outcomes.has("not checked") ? "not checked" : "holds";
}

function plan(log: Log, shelf: Shelf, request: Request): Planned[] {
  const checks: Planned[] = [
    {
      id: "head",
      title: "The head has its one form",
      rests: [],
      check: (run) => checkHead(run, log, shelf),
    },
    {
      id: "signature",
      title: "The ledger's key signed it",
      rests: ["head"],
      check: (run) => checkSignature(run, log),
    },
    {
      id: "growth",
      title: "It begins with all that this browser saw before",
      rests: ["signature"],
      check: (run) => checkGrowth(run, shelf),
    },
  ];
  if (request.whole)
    checks.push({
      id: "tree",
      title: "Every leaf, hashed again, gives the root",
      rests: ["signature"],
      check: (run, progress) => checkTree(run, log, progress),
    });
  for (const index of request.entries) {
    checks.push(
      {
        id: `entry-${index}`,
        title: `Entry ${index} stands in the tree`,
        rests: ["signature"],
        check: (run) => checkPlace(run, log, index),
      },
      {
        id: `bytes-${index}`,
        title: `The bytes of entry ${index} are those that its leaf commits to`,
        rests: [`entry-${index}`],
        check: (run) => checkBytes(run, log, index),
      },
    );
  }
  const { digest } = request;
  if (digest)
    checks.push({
      id: "digest",
      title: "These entries state the digest",
      rests: request.entries.flatMap((index) => [`entry-${index}`, `bytes-${index}`]),
      check: async (run) => checkDigest(run, request.entries, digest),
    });
  return checks;
}
