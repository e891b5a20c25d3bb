/** The tree twin of a drawing: the same things, as lines under one another. */

import type { Node } from "../api/documents.ts";
import { nodeLabel, printable, shortId } from "../api/naming.ts";
import { when } from "../api/time.ts";
import type { Lineage, Shown, Side } from "./lineage.ts";

export interface Row {
  /** The way to it from the root: a thing may stand at several places. */
  key: string;
  ref: string;
  node: Node;
  side: Side | null;
  /** From 1. */
  level: number;
  position: number;
  siblings: number;
  /** Null where nothing can be under it. */
  expanded: boolean | null;
  hidden: number;
  /** The run or job that stands between it and the line above. */
  via: Node | null;
  /** What is under it stands further up already. */
  above: boolean;
}

interface Waiting {
  ref: string;
  via: string | null;
  side: Side;
  level: number;
  position: number;
  siblings: number;
  parent: string;
}

/** Lines of what is shown: the focus, then what it came from, then what it reached. */
export function rowsOf(lineage: Lineage, shown: Shown): Row[] {
  const focus = lineage.nodes.get(lineage.focus);
  if (!focus) return [];
  const rows: Row[] = [];
  const expandable = (["up", "down"] as const).some((side) => lineage.hops(focus.ref, side).length);
  const hidden = shown.hidden.get(focus.ref);
  rows.push({
    key: focus.ref,
    ref: focus.ref,
    node: focus,
    side: null,
    level: 1,
    position: 1,
    siblings: 1,
    expanded: expandable ? shown.open.has(focus.ref) : null,
    hidden: (hidden?.up ?? 0) + (hidden?.down ?? 0),
    via: null,
    above: false,
  });
  for (const side of ["up", "down"] as const) {
    if (!shown.open.get(focus.ref)?.has(side)) continue;
    const met = new Set<string>();
    const waiting = under(lineage, focus.ref, side, 2, focus.ref);
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const node = lineage.nodes.get(next.ref);
      if (!node) continue;
      const hops = lineage.hops(next.ref, side);
      const again = met.has(next.ref) && hops.length > 0;
      const expanded = !!shown.open.get(next.ref)?.has(side);
      const key = `${next.parent} ${side} ${next.ref} ${next.via}`;
      rows.push({
        key,
        ref: next.ref,
        node,
        side,
        level: next.level,
        position: next.position,
        siblings: next.siblings,
        expanded: again || hops.length === 0 ? null : expanded,
        hidden: shown.hidden.get(next.ref)?.[side] ?? 0,
        via: next.via ? (lineage.nodes.get(next.via) ?? null) : null,
        above: again,
      });
      met.add(next.ref);
      if (expanded && !again) waiting.push(...under(lineage, next.ref, side, next.level + 1, key));
    }
  }
  return rows;
}

/** What stands under a line, the last first. */
function under(
  lineage: Lineage,
  ref: string,
  side: Side,
  level: number,
  parent: string,
): Waiting[] {
  const hops = lineage.hops(ref, side);
  // A maker that is named with what it read needs no line of its own.
  const passed = new Set(hops.map(({ via }) => via));
  const lines = hops.filter(({ to }) => !passed.has(to));
  return lines
    .map(({ to, via }, at) => ({
      ref: to,
      via,
      side,
      level,
      position: at + 1,
      siblings: lines.length,
      parent,
    }))
    .reverse();
}

/** What a line says after the name. */
export function rowNote({ node, via }: Row): string {
  const parts: string[] = [];
  if (node.kind === "version" && node.time) parts.push(when(node.time));
  if (node.kind === "run") parts.push(when(node.started));
  if (via?.kind === "run") parts.push(`by ${printable(via.job.name)} ${shortId(via.id)}`);
  if (via?.kind === "job") parts.push(`by ${nodeLabel(via)}`);
  return parts.join(" · ");
}
