/** Ranks: how far right each node stands. Arcs go from left to right; cycles are broken first. */

import type { Arc } from "./index.ts";

export interface Ranked {
  /** The rank of each node, from 0. */
  ranks: Int32Array;
  /** The arcs, in their order; those against the flow turned round. */
  arcs: Arc[];
}

/** Rank `count` nodes: longest path from a source, sources then pulled towards what they feed. */
export function rank(count: number, arcs: readonly Arc[]): Ranked {
  const flowing = breakCycles(count, arcs);
  const { following, preceding } = neighbours(count, flowing);
  const ranks = new Int32Array(count);
  const waiting = Int32Array.from(preceding, (before) => before.length);
  const queue: number[] = [];
  for (let node = 0; node < count; node++) if (waiting[node] === 0) queue.push(node);
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as number;
    for (const next of following[node] as number[]) {
      ranks[next] = Math.max(ranks[next] as number, (ranks[node] as number) + 1);
      waiting[next] = (waiting[next] as number) - 1;
      if (waiting[next] === 0) queue.push(next);
    }
  }
  for (let at = queue.length - 1; at >= 0; at--) {
    const node = queue[at] as number;
    const next = following[node] as number[];
    if (next.length > 0 && (preceding[node] as number[]).length === 0)
      ranks[node] = Math.min(...next.map((other) => ranks[other] as number)) - 1;
  }
  return { ranks, arcs: flowing };
}

/** Turn round each arc that closes a cycle, met depth first from the nodes in their order. */
function breakCycles(count: number, arcs: readonly Arc[]): Arc[] {
  const leaving: number[][] = Array.from({ length: count }, () => []);
  arcs.forEach(([from], index) => {
    (leaving[from] as number[]).push(index);
  });
  const [NEW, OPEN, DONE] = [0, 1, 2];
  const state = new Uint8Array(count);
  const turned = new Set<number>();
  for (let root = 0; root < count; root++) {
    if (state[root] !== NEW) continue;
    const stack = [{ node: root, next: 0 }];
    state[root] = OPEN;
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { node: number; next: number };
      const arc = (leaving[top.node] as number[])[top.next++];
      if (arc === undefined) {
        state[top.node] = DONE;
        stack.pop();
        continue;
      }
      const target = (arcs[arc] as Arc)[1];
      if (state[target] === OPEN) turned.add(arc);
      else if (state[target] === NEW) {
        state[target] = OPEN;
        stack.push({ node: target, next: 0 });
      }
    }
  }
  return arcs.map(([from, to], index) => (turned.has(index) ? [to, from] : [from, to]));
}

function neighbours(count: number, arcs: readonly Arc[]) {
  const following: number[][] = Array.from({ length: count }, () => []);
  const preceding: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of arcs) {
    (following[from] as number[]).push(to);
    (preceding[to] as number[]).push(from);
  }
  return { following, preceding };
}
