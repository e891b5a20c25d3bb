/**
 * A layered drawing (Sugiyama, Tagawa, Toda 1981), left to right: longest-path ranks, dummies,
 * barycentre sweeps, isotonic placement. The outcome depends on the graph alone, not on the order in
 * which nodes and arcs are given.
 */

import { layer } from "./layers.ts";
import { order } from "./order.ts";
import { place } from "./place.ts";
import { rank } from "./ranks.ts";

/** From left to right, as places in a list of nodes. */
export type Arc = readonly [from: number, to: number];

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Drawing {
  /** Centres of the nodes, in the order they were given. */
  x: Float32Array;
  y: Float32Array;
  /** The points that each arc passes, in the order given, from its `from` to its `to`. */
  routes: Float32Array[];
  width: number;
  height: number;
}

export interface Gaps {
  rank: number;
  node: number;
}

/** What a dummy takes of a rank's height, so that arcs keep apart from nodes. */
const DUMMY_HEIGHT = 6;

export function layout(boxes: readonly Box[], arcs: readonly Arc[], gaps: Gaps): Drawing {
  const { sorted, placeOf } = sortBoxes(boxes);
  const { unique, indexOf } = sortArcs(arcs, placeOf);
  const ranked = rank(sorted.length, unique);
  const layered = layer(sorted.length, ranked);
  order(layered);
  const heights = layered.ranks.map((_, item) => sorted[item]?.height ?? DUMMY_HEIGHT);
  const middles = place(layered, heights, gaps.node);
  const columns = columnsOf(layered.layers, sorted, gaps.rank);

  const top = edge(middles, heights, -1);
  const y = (item: number): number => (middles[item] as number) - top;
  const x = (item: number): number => columns.middles[layered.ranks[item] as number] as number;
  const drawn = layered.routes.map((route, index) => {
    const points = route.map((item) => [x(item), y(item)] as const);
    const [from] = unique[index] as Arc;
    return Float32Array.from((route[0] === from ? points : points.reverse()).flat());
  });
  return {
    x: Float32Array.from(boxes, (_, given) => x(placeOf[given] as number)),
    y: Float32Array.from(boxes, (_, given) => y(placeOf[given] as number)),
    routes: arcs.map((_, given) => drawn[indexOf[given] as number] ?? new Float32Array()),
    width: columns.width,
    height: sorted.length ? edge(middles, heights, 1) - top : 0,
  };
}

function sortBoxes(boxes: readonly Box[]) {
  const byId = boxes.map((box, given) => ({ box, given }));
  byId.sort((a, b) => (a.box.id < b.box.id ? -1 : a.box.id > b.box.id ? 1 : 0));
  const placeOf = new Int32Array(boxes.length);
  byId.forEach(({ given }, at) => {
    placeOf[given] = at;
  });
  return { sorted: byId.map(({ box }) => box), placeOf };
}

/** Arcs between places, each once and in order; an arc from a node to itself is not drawn. */
function sortArcs(arcs: readonly Arc[], placeOf: Int32Array) {
  const key = ([from, to]: Arc): number =>
    (placeOf[from] as number) * placeOf.length + (placeOf[to] as number);
  const keys = [...new Set(arcs.filter(([from, to]) => from !== to).map(key))].sort(
    (a, b) => a - b,
  );
  const at = new Map(keys.map((value, index) => [value, index]));
  const unique = keys.map(
    (value): Arc => [Math.floor(value / placeOf.length), value % placeOf.length],
  );
  return { unique, indexOf: arcs.map((arc) => at.get(key(arc)) ?? -1) };
}

function columnsOf(layers: readonly number[][], boxes: readonly Box[], gap: number) {
  const middles: number[] = [];
  let right = 0;
  for (const items of layers) {
    const width = items.reduce((most, item) => Math.max(most, boxes[item]?.width ?? 0), 0);
    middles.push(right + width / 2);
    right += width + gap;
  }
  return { middles, width: Math.max(0, right - gap) };
}

function edge(middles: Float64Array, heights: readonly number[], side: -1 | 1): number {
  let most = side * -Infinity;
  for (let item = 0; item < middles.length; item++) {
    const at = (middles[item] as number) + (side * (heights[item] as number)) / 2;
    if (side * at > side * most) most = at;
  }
  return Number.isFinite(most) ? most : 0;
}
