/** Nodes that were opened or closed by hand, short enough for an address. */

import { type Side, toggleKey } from "../graph/lineage.ts";

/** FNV-1a, 32 bits, in base 36: among the nodes of one drawing, not a secret. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash.toString(36);
}

function spell(side: Side, ref: string): string {
  return (side === "up" ? "u" : "d") + shortHash(ref);
}

/** Read `uabc.dxyz` against the nodes there are. Those that are there no more are dropped. */
export function readToggles(text: string | null, refs: Iterable<string>): Set<string> {
  const said = new Set(text ? text.split(".") : []);
  const toggled = new Set<string>();
  if (said.size > 0)
    for (const ref of refs)
      for (const side of ["up", "down"] as const)
        if (said.has(spell(side, ref))) toggled.add(toggleKey(side, ref));
  return toggled;
}

/** The text with one node turned round; null when none is left. */
export function toggle(text: string | null, side: Side, ref: string): string | null {
  const said = new Set(text ? text.split(".") : []);
  const word = spell(side, ref);
  if (!said.delete(word)) said.add(word);
  return said.size > 0 ? [...said].join(".") : null;
}
