/** The explorer's state: what the address says, and the answers to it. */

import { useMemo } from "react";
import type { Node, Paths, Walk } from "../../api/documents.ts";
import { type Query, usePaths, useWalk } from "../../api/queries.ts";
import { columnRef, parseRef } from "../../api/refs.ts";
import { type Direction, Lineage, reveal, type Shown, type Side } from "../../graph/lineage.ts";
import type { Mark } from "../../graph/scene.ts";
import { type Address, useAddress } from "../../url/parameters.ts";
import { readToggles, toggle } from "../../url/toggles.ts";

export type Lens = "kind" | "completeness";

export interface Explorer {
  address: Address;
  ref: string | null;
  at: string | null;
  direction: Direction;
  depth: number;
  lens: Lens;
  form: "graph" | "tree" | "both";
  selected: string | null;
  /** A column that is followed: of a version, by its path. */
  column: { version: string; path: string } | null;
  /** The other end of ways from the focus. */
  pathTo: string | null;
  up: Query<Walk>;
  down: Query<Walk>;
  lineage: Lineage | null;
  shown: Shown | null;
  /** What is not faded: the ways, or what a column touches. */
  lit: ReadonlySet<string> | null;
  columns: ReadonlyMap<string, readonly string[]>;
  ways: Query<Paths>;
  columnAnswers: { up: Query<Walk>; down: Query<Walk> };
  toggleNode(ref: string, side: Side): void;
}

export const DEPTH_MOST = 99;

export function useExplorer(): Explorer {
  const address = useAddress();
  const ref = address.get("ref");
  const at = address.get("at");
  const said = address.get("dir");
  const direction: Direction = said === "up" || said === "down" ? said : "both";
  const depth = clampDepth(address.get("depth"));
  const opened = address.get("open");
  const selected = address.get("sel");
  const pathTo = address.get("path");
  const form = readForm(address.get("view"));
  const lens: Lens = address.get("lens") === "completeness" ? "completeness" : "kind";
  const columnText = address.get("col");
  const column = useMemo(() => readColumn(columnText), [columnText]);

  const up = useWalk("trace", ref, at, direction !== "down");
  const down = useWalk("impact", ref, at, direction !== "up");
  const lineage = useMemo(() => {
    const wanted = { up: direction !== "down", down: direction !== "up" };
    if ((wanted.up && !up.data) || (wanted.down && !down.data)) return null;
    const answers = {
      ...(wanted.up && up.data ? { up: up.data } : {}),
      ...(wanted.down && down.data ? { down: down.data } : {}),
    };
    const focus = answers.up?.root ?? answers.down?.root;
    return focus ? new Lineage(focus, answers) : null;
  }, [up.data, down.data, direction]);

  const ways = usePaths(lineage?.focus ?? "", lineage ? pathTo : null, at);
  const shown = useMemo(() => {
    if (!lineage) return null;
    const toggled = readToggles(opened, lineage.nodes.keys());
    const found = reveal(lineage, { direction, depth, toggled });
    // Ways are shown whole, whatever the depth.
    for (const way of ways.data?.paths ?? [])
      for (const step of way) if (lineage.nodes.has(step)) found.refs.add(step);
    return found;
  }, [lineage, direction, depth, opened, ways.data]);

  const followed = column ? columnRef(column.version, column.path) : null;
  const columnUp = useWalk("trace", followed, at);
  const columnDown = useWalk("impact", followed, at);
  const columns = useMemo(
    () => columnsOf(column, [columnUp.data, columnDown.data]),
    [column, columnUp.data, columnDown.data],
  );
  const lit = useMemo(() => {
    if (ways.data) return new Set(ways.data.paths.flat());
    if (column) return withMakers(lineage, new Set(columns.keys()));
    return null;
  }, [ways.data, column, columns, lineage]);

  return {
    address,
    ref,
    at,
    direction,
    depth,
    lens,
    form,
    selected,
    column,
    pathTo,
    up,
    down,
    lineage,
    shown,
    lit,
    columns,
    ways,
    columnAnswers: { up: columnUp, down: columnDown },
    toggleNode: (node, side) => address.set({ open: toggle(address.get("open"), side, node) }),
  };
}

/** What the completeness lens says of single nodes. */
export function completenessMarks(walks: readonly (Walk | undefined)[]): Map<string, Mark[]> {
  const marks = new Map<string, Mark[]>();
  const add = (ref: string, mark: Mark): void => {
    marks.set(ref, [...(marks.get(ref) ?? []), mark]);
  };
  for (const walk of walks) {
    if (!walk) continue;
    const { origins, open_writers, capture_gaps } = walk.completeness;
    for (const ref of origins.unknown) add(ref, { word: "origin unknown", tone: "unknown" });
    for (const ref of open_writers) add(ref, { word: "never ended", tone: "warn" });
    for (const ref of capture_gaps) add(ref, { word: "capture gap", tone: "warn" });
    if (walk.ask !== "trace") continue;
    const unknown = new Set(origins.unknown);
    for (const node of walk.nodes)
      if (isSource(node) && !unknown.has(node.ref))
        add(node.ref, { word: "source", tone: "quiet" });
  }
  return marks;
}

function isSource(node: Node): boolean {
  return node.kind === "version" && node.version.origin === "outside";
}

function clampDepth(text: string | null): number {
  const depth = Number(text ?? "1");
  return Number.isInteger(depth) && depth >= 0 ? Math.min(depth, DEPTH_MOST) : 1;
}

function readForm(text: string | null): Explorer["form"] {
  return text === "tree" || text === "both" ? text : "graph";
}

function readColumn(text: string | null): Explorer["column"] {
  const parsed = text ? parseRef(text) : null;
  return parsed?.kind === "column" ? { version: parsed.version, path: parsed.path } : null;
}

function columnsOf(
  column: Explorer["column"],
  walks: readonly (Walk | undefined)[],
): Map<string, string[]> {
  const columns = new Map<string, Set<string>>();
  if (column) columns.set(column.version, new Set([column.path]));
  for (const node of walks.flatMap((walk) => walk?.nodes ?? []))
    if (node.kind === "column")
      columns.set(node.version, (columns.get(node.version) ?? new Set()).add(node.path));
  return new Map([...columns].map(([version, paths]) => [version, [...paths].sort()]));
}

/** Versions and the runs between them. */
function withMakers(lineage: Lineage | null, versions: Set<string>): Set<string> {
  const lit = new Set(versions);
  for (const { kind, from, to } of lineage?.edges ?? [])
    if (kind === "generated" && versions.has(from)) lit.add(to);
  return lit;
}
