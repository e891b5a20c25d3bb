/** A small lineage, as a service tells it: raw → clean → model → predictions, and a report. */

import type { Edge, Node, Walk } from "../../src/api/documents.ts";

export const COMPLETE: Walk["completeness"] = {
  complete: true,
  truncated: null,
  redacted: null,
  erased: null,
  origins: { sources: 0, unknown: [] },
  revisions_left_out: 0,
  open_writers: [],
  capture_gaps: [],
  conservative: 0,
};

export const version = (name: string, kind = "file"): Node => ({
  ref: `version:n/${name}@outside`,
  kind: "version",
  artifact: { kind, namespace: "n", name },
  version: { origin: "run", ordinal: 1, declared: null, digest: null, attempted: false },
  time: "2026-11-01T00:00:00Z",
});

export const run = (id: string): Node => ({
  ref: `run:${id}/n/${id}`,
  kind: "run",
  id,
  job: { namespace: "n", name: id },
  state: "COMPLETE",
  started: "2026-11-01T00:00:00Z",
  ended: "2026-11-01T00:00:01Z",
  part_of: [],
  actor: null,
  code: null,
});

/** A run with all edges that it makes: every output derives from every input. */
export function edgesOf(by: Node, inputs: readonly Node[], outputs: readonly Node[]): Edge[] {
  const edge = (kind: string, from: Node, to: Node): Edge => ({
    kind,
    from: from.ref,
    to: to.ref,
    entries: [1],
    ...(kind === "generated" ? {} : { exactness: "exact", evidence: "captured" }),
  });
  return [
    ...inputs.map((input) => edge("used", by, input)),
    ...outputs.map((output) => edge("generated", output, by)),
    ...outputs.flatMap((output) => inputs.map((input) => edge("derived", output, input))),
  ];
}

export function walk(
  ask: "trace" | "impact",
  root: Node,
  nodes: readonly Node[],
  edges: readonly Edge[],
): Walk {
  return {
    ask,
    rules: 1,
    head: { size: 9, root: "" },
    root: root.ref,
    nodes: [...nodes],
    edges: [...edges],
    completeness: COMPLETE,
  };
}

export const [raw, clean, model, predictions, report] = [
  version("raw"),
  version("clean", "table"),
  version("model", "model"),
  version("predictions"),
  version("report", "report"),
] as [Node, Node, Node, Node, Node];
export const [cleaning, training, predicting, reporting] = [
  run("cleaning"),
  run("training"),
  run("predicting"),
  run("reporting"),
] as [Node, Node, Node, Node];

export const upstream = walk(
  "trace",
  model,
  [model, training, clean, cleaning, raw],
  [...edgesOf(training, [clean], [model]), ...edgesOf(cleaning, [raw], [clean])],
);

export const downstream = walk(
  "impact",
  model,
  [model, predicting, predictions, reporting, report],
  [...edgesOf(predicting, [model], [predictions]), ...edgesOf(reporting, [predictions], [report])],
);
