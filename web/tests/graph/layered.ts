/** A graph like a pipeline: layers, most arcs to the next one, some far. No chance: the same each time. */

import type { Arc, Box } from "../../src/graph/layout/index.ts";

const LAYERS = 20;

export function layered(count: number, arcCount: number): { boxes: Box[]; arcs: Arc[] } {
  let state = 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const wide = Math.ceil(count / LAYERS);
  const boxes = Array.from({ length: count }, (_, at) => ({
    id: `n${at}`,
    width: 200,
    height: 44,
  }));
  const arcs: Arc[] = [];
  while (arcs.length < arcCount) {
    const from = draw(count - wide);
    const far = draw(10) === 0 ? draw(4) + 2 : 1;
    const layer = Math.floor(from / wide) + far;
    const to = layer * wide + draw(wide);
    if (to < count) arcs.push([from, to]);
  }
  return { boxes, arcs };
}
