/** Heights within a rank: as near to the neighbours as the order and the gaps allow. */

import type { Layers } from "./layers.ts";

const SWEEPS = 8;

/** Give each item its middle. `heights` are those of the items; `gap` is kept free between them. */
export function place(layered: Layers, heights: readonly number[], gap: number): Float64Array {
  const { layers, left, right, ranks } = layered;
  const middles = new Float64Array(ranks.length);
  for (const items of layers) stack(items, heights, gap, middles);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (let step = 0; step < layers.length; step++) {
      const items = layers[forth ? step : layers.length - 1 - step] as number[];
      settle(items, [forth ? left : right, forth ? right : left], heights, gap, middles);
    }
  }
  return middles;
}

function stack(
  items: readonly number[],
  heights: readonly number[],
  gap: number,
  middles: Float64Array,
): void {
  let top = 0;
  for (const item of items) {
    const height = heights[item] as number;
    middles[item] = top + height / 2;
    top += height + gap;
  }
}

/**
 * Least squares under the order: pool adjacent violators (Ayer et al. 1955). With the room that the
 * items before take subtracted, "no overlap" becomes "not decreasing", and the pools' means are best.
 */
function settle(
  items: readonly number[],
  sides: readonly [readonly number[][], readonly number[][]],
  heights: readonly number[],
  gap: number,
  middles: Float64Array,
): void {
  const pools: { sum: number; count: number }[] = [];
  const room = new Float64Array(items.length);
  items.forEach((item, at) => {
    if (at > 0) {
      const before = heights[items[at - 1] as number] as number;
      room[at] = (room[at - 1] as number) + (before + (heights[item] as number)) / 2 + gap;
    }
    let pool = { sum: wish(item, sides, middles) - (room[at] as number), count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count > pool.sum / pool.count; ) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
      last = pools.at(-1);
    }
    pools.push(pool);
  });
  let at = 0;
  for (const { sum, count } of pools)
    for (let end = at + count; at < end; at++)
      middles[items[at] as number] = sum / count + (room[at] as number);
}

function wish(
  item: number,
  [first, second]: readonly [readonly number[][], readonly number[][]],
  middles: Float64Array,
): number {
  const side = (first[item] as number[]).length > 0 ? first[item] : second[item];
  if (!side || side.length === 0) return middles[item] as number;
  let sum = 0;
  for (const other of side) sum += middles[other] as number;
  return sum / side.length;
}
