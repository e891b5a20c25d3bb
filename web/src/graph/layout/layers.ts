/** Layers: nodes by rank, with a dummy wherever an arc crosses a rank, so that arcs join neighbours. */

import type { Arc } from "./index.ts";
import type { Ranked } from "./ranks.ts";

export interface Layers {
  /** Items of each rank in their order. The first `count` items are the nodes, the others dummies. */
  layers: number[][];
  ranks: number[];
  /** Items to the left and right of each item. */
  left: number[][];
  right: number[][];
  /** The items that each arc passes, its ends included, from left to right. */
  routes: number[][];
}

/** Arcs that leave one node share their dummies: the dummies are at most nodes × ranks. */
export function layer(count: number, { ranks, arcs }: Ranked): Layers {
  const itemRanks = Array.from(ranks);
  const left: number[][] = Array.from({ length: count }, () => []);
  const right: number[][] = Array.from({ length: count }, () => []);
  const chains: number[][] = Array.from({ length: count }, () => []);
  const join = (a: number, b: number): void => {
    (right[a] as number[]).push(b);
    (left[b] as number[]).push(a);
  };
  const routes = arcs.map(([from, to]: Arc) => {
    const chain = chains[from] as number[];
    const between = (ranks[to] as number) - (ranks[from] as number) - 1;
    while (chain.length < between) {
      const dummy = itemRanks.length;
      itemRanks.push((ranks[from] as number) + chain.length + 1);
      left.push([]);
      right.push([]);
      join(chain.at(-1) ?? from, dummy);
      chain.push(dummy);
    }
    const passed = chain.slice(0, Math.max(0, between));
    join(passed.at(-1) ?? from, to);
    return [from, ...passed, to];
  });
  return { layers: depthFirst(itemRanks, right), ranks: itemRanks, left, right, routes };
}

/** A first order: what hangs together is met together. */
function depthFirst(ranks: readonly number[], right: readonly number[][]): number[][] {
  const layers: number[][] = Array.from(
    { length: ranks.reduce((most, own) => Math.max(most, own), -1) + 1 },
    () => [],
  );
  const seen = new Uint8Array(ranks.length);
  const byRank = ranks.map((_, item) => item).sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0));
  for (const root of byRank) {
    const stack = [root];
    while (stack.length > 0) {
      const item = stack.pop() as number;
      if (seen[item]) continue;
      seen[item] = 1;
      (layers[ranks[item] as number] as number[]).push(item);
      const next = right[item] as number[];
      for (let at = next.length - 1; at >= 0; at--) stack.push(next[at] as number);
    }
  }
  return layers;
}
