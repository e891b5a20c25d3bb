/** Where arrow keys lead from a node of a drawing. */

import type { Scene, SceneNode } from "./scene.ts";

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** Left and right follow lines to the nearest end; up and down stay in the rank. Null at an edge. */
export function neighbour(scene: Scene, ref: string, arrow: Arrow): string | null {
  const here = scene.byRef.get(ref);
  if (!here) return scene.nodes[0]?.ref ?? null;
  const found =
    arrow === "ArrowLeft" || arrow === "ArrowRight"
      ? alongLines(scene, here, arrow)
      : withinRank(scene, here, arrow);
  return found?.ref ?? null;
}

function alongLines(scene: Scene, here: SceneNode, arrow: Arrow): SceneNode | null {
  const ends = scene.edges.flatMap(({ from, to }) => {
    if (arrow === "ArrowLeft" && to === here.ref) return [scene.byRef.get(from)];
    if (arrow === "ArrowRight" && from === here.ref) return [scene.byRef.get(to)];
    return [];
  });
  return nearest(ends, (node) => Math.abs(node.y - here.y) + Math.abs(node.x - here.x) / 8);
}

function withinRank(scene: Scene, here: SceneNode, arrow: Arrow): SceneNode | null {
  const sign = arrow === "ArrowDown" ? 1 : -1;
  const rank = scene.nodes.filter(
    (node) => Math.abs(node.x - here.x) < here.width / 2 && (node.y - here.y) * sign > 0.5,
  );
  return nearest(rank, (node) => Math.abs(node.y - here.y));
}

function nearest(
  nodes: readonly (SceneNode | undefined)[],
  far: (node: SceneNode) => number,
): SceneNode | null {
  let best: SceneNode | null = null;
  for (const node of nodes)
    if (
      node &&
      (!best || far(node) < far(best) || (far(node) === far(best) && node.ref < best.ref))
    )
      best = node;
  return best;
}
