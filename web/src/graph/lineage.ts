/**
 * A lineage as a graph that can be walked from a focus, one hop at a time.
 *
 * It holds one upstream and one downstream answer. A hop goes from a version past the run that made it
 * to what that run read, or the other way; from a run to what it read or wrote.
 */

import type { Edge, Node, Walk } from "../api/documents.ts";

export type Side = "up" | "down";
export type Direction = Side | "both";

const BETWEEN_VERSIONS = new Set(["derived", "revised", "same_content", "declared"]);

/** Something one hop away, and the run or job that is passed on the way. */
interface Hop {
  to: string;
  via: string | null;
}

export class Lineage {
  readonly nodes = new Map<string, Node>();
  readonly edges: Edge[] = [];
  readonly focus: string;
  #hops: Record<Side, Map<string, Hop[]>> = { up: new Map(), down: new Map() };

  constructor(focus: string, answers: Partial<Record<Side, Walk>>) {
    this.focus = focus;
    const seen = new Set<string>();
    for (const side of ["up", "down"] as const) {
      const answer = answers[side];
      if (!answer) continue;
      for (const node of answer.nodes) if (node.kind !== "column") this.nodes.set(node.ref, node);
      const edges = answer.edges.filter(
        (edge) => this.nodes.has(edge.from) && this.nodes.has(edge.to),
      );
      for (const edge of edges) {
        const key = `${edge.kind} ${edge.from} ${edge.to} ${edge.as?.namespace} ${edge.as?.name}`;
        if (!seen.has(key)) this.edges.push(edge);
        seen.add(key);
      }
      this.#hops[side] = hopsOf(edges, side, focus);
    }
  }

  /** What stands one hop away on one side. */
  hops(ref: string, side: Side): readonly Hop[] {
    return this.#hops[side].get(ref) ?? [];
  }

  /** Everything on one side of a node, runs included, without the node. */
  beyond(ref: string, side: Side): Set<string> {
    const found = new Set<string>();
    const waiting = [ref];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
      for (const { to, via } of this.hops(at, side)) {
        if (via) found.add(via);
        if (!found.has(to)) {
          found.add(to);
          waiting.push(to);
        }
      }
    found.delete(ref);
    return found;
  }
}

/** What is shown of a lineage, and how much is not. */
export interface Shown {
  /** In the order they were reached; the focus first. */
  refs: Set<string>;
  /** How many things stand hidden beyond a node that is shown: only nodes with any. */
  hidden: Map<string, Partial<Record<Side, number>>>;
  /** Nodes whose next hop is shown because of them, and can be hidden again. */
  open: Map<string, Set<Side>>;
}

export interface View {
  direction: Direction;
  /** Hops that are shown from the focus. */
  depth: number;
  /** `side:ref`: nodes whose next hop is shown where the depth would hide it, or the reverse. */
  toggled: ReadonlySet<string>;
}

export function toggleKey(side: Side, ref: string): string {
  return `${side}:${ref}`;
}

/** Walk from the focus as far as the view says, and count exactly what lies beyond. */
export function reveal(lineage: Lineage, view: View): Shown {
  const refs = new Set([lineage.focus]);
  const open: Shown["open"] = new Map();
  const sides = (["up", "down"] as const).filter(
    (side) => view.direction === "both" || view.direction === side,
  );
  const reached: Record<Side, string[]> = { up: [], down: [] };
  for (const side of sides) {
    const level = new Map([[lineage.focus, 0]]);
    const waiting = reached[side];
    waiting.push(lineage.focus);
    for (let at = 0; at < waiting.length; at++) {
      const ref = waiting[at] as string;
      const hop = level.get(ref) as number;
      if (hop < view.depth === view.toggled.has(toggleKey(side, ref))) continue;
      const hops = lineage.hops(ref, side);
      if (hops.length > 0) open.set(ref, (open.get(ref) ?? new Set<Side>()).add(side));
      for (const { to, via } of hops) {
        if (via) refs.add(via);
        refs.add(to);
        if (!level.has(to)) {
          level.set(to, hop + 1);
          waiting.push(to);
        }
      }
    }
  }
  return { refs, open, hidden: countHidden(lineage, refs, reached) };
}

function countHidden(
  lineage: Lineage,
  refs: ReadonlySet<string>,
  reached: Record<Side, string[]>,
): Shown["hidden"] {
  const hidden: Shown["hidden"] = new Map();
  for (const side of ["up", "down"] as const)
    for (const ref of reached[side]) {
      if (lineage.hops(ref, side).every(({ to, via }) => refs.has(to) && (!via || refs.has(via))))
        continue;
      let count = 0;
      for (const other of lineage.beyond(ref, side)) if (!refs.has(other)) count++;
      hidden.set(ref, { ...hidden.get(ref), [side]: count });
    }
  return hidden;
}

/** The hops of an answer: a version goes past its run to what it derives from, if that is stated. */
function hopsOf(edges: readonly Edge[], side: Side, focus: string): Map<string, Hop[]> {
  const maker = new Map<string, string>();
  const stated = new Set<string>();
  const reads = new Map<string, Edge[]>();
  for (const edge of edges) {
    if (edge.kind === "generated") maker.set(edge.from, edge.to);
    if (edge.kind === "declared_output") maker.set(edge.from, edge.to);
  }
  for (const { kind, from } of edges)
    if (kind === "derived" && maker.has(from)) stated.add(maker.get(from) as string);
  const used = new Set<string>();
  for (const edge of edges)
    if (edge.kind === "used" || edge.kind === "declared_input") {
      reads.set(edge.from, [...(reads.get(edge.from) ?? []), edge]);
      used.add(`${edge.from} ${edge.to}`);
    }

  const makers = new Set(maker.values());
  const hops = new Map<string, Map<string, Hop>>();
  const add = (from: string, to: string, via: string | null): void => {
    const [start, end] = side === "up" ? [from, to] : [to, from];
    if (start === end) return;
    if (!hops.has(start)) hops.set(start, new Map());
    hops.get(start)?.set(`${via} ${end}`, { to: end, via });
  };
  const fed = new Set<string>();
  for (const { kind, from, to } of edges) {
    if (!BETWEEN_VERSIONS.has(kind)) continue;
    const run = maker.get(from);
    const through = run !== undefined && used.has(`${run} ${to}`) ? run : null;
    if (through) fed.add(`${through} ${to}`);
    add(from, to, through);
  }
  for (const [version, run] of maker) {
    if (!stated.has(run)) for (const { to } of reads.get(run) ?? []) add(version, to, run);
    // A version whose run read nothing still shows its run; from a run as focus, what it wrote.
    if (side === "up" || run === focus) add(version, run, null);
  }
  for (const [run, edgesOfRun] of reads)
    for (const { to } of edgesOfRun) {
      const idle = !fed.has(`${run} ${to}`) && (stated.has(run) || !makers.has(run));
      if (run === focus || (side === "down" && idle)) add(run, to, null);
    }
  return new Map([...hops].map(([ref, byKey]) => [ref, [...byKey.values()]]));
}
