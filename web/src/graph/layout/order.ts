/** Order within a rank: sweeps that put each item at the barycentre of its neighbours. */

import type { Layers } from "./layers.ts";

const SWEEPS = 8;

/** Order the layers in place. Ties keep the order they had, so that the outcome is one. */
export function order({ layers, left, right, ranks }: Layers): void {
  const place = new Float64Array(ranks.length);
  for (const items of layers)
    items.forEach((item, at) => {
      place[item] = at;
    });
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    const sides = forth ? left : right;
    for (let step = 1; step < layers.length; step++) {
      const items = layers[forth ? step : layers.length - 1 - step] as number[];
      sortByBarycentre(items, sides, place);
    }
  }
}

function sortByBarycentre(items: number[], sides: readonly number[][], place: Float64Array): void {
  const weights = new Map<number, number>();
  for (const item of items) {
    const side = sides[item] as number[];
    let sum = 0;
    for (const other of side) sum += place[other] as number;
    weights.set(item, side.length > 0 ? sum / side.length : (place[item] as number));
  }
  items.sort((a, b) => (weights.get(a) as number) - (weights.get(b) as number));
  items.forEach((item, at) => {
    place[item] = at;
  });
}
