/** What is drawn: boxes and lines with words, made of a lineage and a layout. No page is needed. */

import type { Edge, Node } from "../api/documents.ts";
import {
  fullName,
  namesIn,
  nodeLabel,
  placeOf,
  printable,
  shortDigest,
  shortId,
  versionLabel,
} from "../api/naming.ts";
import { when } from "../api/time.ts";
import type { Arc, Box, Drawing } from "./layout/index.ts";
import type { Lineage, Shown, Side } from "./lineage.ts";

export const GAPS = { rank: 44, node: 14 };
const VERSION = { width: 200, height: 44 };
const RUN = { height: 28 };
const RUN_WIDTHS = { least: 132, most: 240, rest: 56, letter: 8, noteLetter: 7 };

/** A word beside a node, and how grave it is. */
export interface Mark {
  word: string;
  tone: "quiet" | "unknown" | "warn" | "bad";
}

export interface SceneNode {
  ref: string;
  /** Its place among the nodes of the scene. */
  place: number;
  /** Kind of artifact, `run` or `job`: has an icon and a word. */
  kind: string;
  shape: "version" | "run";
  title: string;
  /** The second line. */
  note: string;
  /** The whole name, where the title is short for it. */
  full: string;
  marks: Mark[];
  /** Columns that are followed, in place of the second line: nothing grows, so that nothing moves. */
  columns: string;
  hidden: Partial<Record<Side, number>>;
  open: ReadonlySet<Side>;
  x: number;
  y: number;
  width: number;
  height: number;
  focus: boolean;
  /** What a screen reader says. */
  label: string;
}

type Unplaced = Omit<SceneNode, "x" | "y" | "place">;

export type Stroke = "exact" | "conservative" | "stated";

export interface SceneEdge {
  /** Upstream end, downstream end. */
  from: string;
  to: string;
  kind: string;
  stroke: Stroke;
  /** Words for the less than exact. */
  words: string;
  points: Float32Array;
}

export interface Scene {
  nodes: SceneNode[];
  edges: SceneEdge[];
  width: number;
  height: number;
  byRef: Map<string, SceneNode>;
}

/** What stands on the boxes beside their names. */
export interface Emphasis {
  /** Unknown origins, open writers, capture gaps: by reference. */
  marks: ReadonlyMap<string, Mark[]>;
  /** Columns to list, by version. */
  columns: ReadonlyMap<string, readonly string[]>;
}

export interface Sketch {
  nodes: Unplaced[];
  edges: Omit<SceneEdge, "points">[];
  boxes: Box[];
  arcs: Arc[];
}

/** Say what is to be drawn, before anybody knows where. */
export function sketch(lineage: Lineage, shown: Shown, emphasis: Emphasis): Sketch {
  const refs = [...shown.refs].filter((ref) => lineage.nodes.has(ref));
  const known = refs.map((ref) => lineage.nodes.get(ref) as Node);
  const title = namesIn(known);
  const nodes = known.map((node) => ({
    ...sketchNode(node, title(node), shown, emphasis),
    focus: node.ref === lineage.focus,
  }));
  const places = new Map(refs.map((ref, place) => [ref, place]));
  const edges = drawnEdges(lineage, shown.refs).map((edge) => ({
    from: edge.to,
    to: edge.from,
    kind: edge.kind,
    stroke: strokeOf(edge),
    words: edgeWords(edge),
  }));
  return {
    nodes,
    edges,
    boxes: nodes.map(({ ref, width, height }) => ({ id: ref, width, height })),
    arcs: edges.map(({ from, to }) => [places.get(from) as number, places.get(to) as number]),
  };
}

export function compose({ nodes, edges }: Sketch, drawing: Drawing): Scene {
  const placed = nodes.map((node, at) => ({
    ...node,
    place: at,
    x: drawing.x[at] as number,
    y: drawing.y[at] as number,
  }));
  const byRef = new Map(placed.map((node) => [node.ref, node]));
  return {
    nodes: placed,
    edges: edges.map((edge, at) => ({
      ...edge,
      points: fromSideToSide(drawing.routes[at] as Float32Array, byRef, edge),
    })),
    width: drawing.width,
    height: drawing.height,
    byRef,
  };
}

/** A route leads from middle to middle; a line begins and ends at the boxes' sides. */
function fromSideToSide(
  route: Float32Array,
  byRef: ReadonlyMap<string, SceneNode>,
  { from, to }: { from: string; to: string },
): Float32Array {
  const points = route.slice();
  const last = points.length - 2;
  if (last < 2) return points;
  const forward = (points[2] as number) > (points[0] as number) ? 1 : -1;
  points[0] = (points[0] as number) + (forward * (byRef.get(from)?.width ?? 0)) / 2;
  points[last] = (points[last] as number) - (forward * (byRef.get(to)?.width ?? 0)) / 2;
  return points;
}

/** Edges among what is shown. A derivation that runs past a run which is drawn needs no line of its own. */
export function drawnEdges(lineage: Lineage, refs: ReadonlySet<string>): Edge[] {
  const among = lineage.edges.filter(({ from, to }) => refs.has(from) && refs.has(to));
  const maker = new Map<string, string>();
  const used = new Set<string>();
  for (const { kind, from, to } of among) {
    if (kind === "generated" || kind === "declared_output") maker.set(from, to);
    if (kind === "used" || kind === "declared_input") used.add(`${from} ${to}`);
  }
  return among.filter(
    ({ kind, from, to }) =>
      !(kind === "derived" || kind === "declared") || !used.has(`${maker.get(from)} ${to}`),
  );
}

/** What makes an edge less than exact, in words. */
export function edgeWords(edge: Edge): string {
  const words = [
    edge.kind === "revised" ? `earlier state, carries ${edge.carries}` : "",
    edge.kind === "same_content" ? "same content" : "",
    edge.exactness && edge.exactness !== "exact" ? edge.exactness : "",
    edge.evidence && edge.evidence !== "captured" ? edge.evidence : "",
    edge.binding === "unknown" ? "origin unknown" : "",
  ];
  return words.filter(Boolean).join(", ");
}

function strokeOf(edge: Edge): Stroke {
  if (edge.exactness && edge.exactness !== "exact") return "conservative";
  return ["used", "generated", "derived"].includes(edge.kind) ? "exact" : "stated";
}

function sketchNode(
  node: Node,
  title: string,
  shown: Shown,
  emphasis: Emphasis,
): Omit<Unplaced, "focus"> {
  const columns = (emphasis.columns.get(node.ref) ?? []).map(printable).join(", ");
  const box = node.kind === "version" ? VERSION : { ...RUN, width: runWidth(title, noteOf(node)) };
  const marks = [...marksOf(node), ...(emphasis.marks.get(node.ref) ?? [])];
  const hidden = shown.hidden.get(node.ref) ?? {};
  const kind = node.kind === "version" ? node.artifact.kind : node.kind;
  const beyond = (["up", "down"] as const)
    .filter((side) => hidden[side])
    .map((side) => `${hidden[side]} more ${side === "up" ? "upstream" : "downstream"}`);
  return {
    ref: node.ref,
    kind: printable(kind),
    shape: node.kind === "version" ? "version" : "run",
    title,
    note: noteOf(node),
    full: node.kind === "version" ? fullName(node.artifact) : nodeLabel(node),
    marks,
    columns,
    hidden,
    open: shown.open.get(node.ref) ?? NONE,
    width: box.width,
    height: box.height,
    label: [`${kind} ${title}`, noteOf(node), columns, ...marks.map(({ word }) => word), ...beyond]
      .filter(Boolean)
      .join(", "),
  };
}

/** A run is as wide as its name, within bounds. */
function runWidth(title: string, note: string): number {
  const { least, most, rest, letter, noteLetter } = RUN_WIDTHS;
  const wanted = rest + letter * title.length + noteLetter * note.length;
  return Math.round(Math.min(most, Math.max(least, wanted)));
}

const NONE: ReadonlySet<Side> = new Set();

function noteOf(node: Node): string {
  switch (node.kind) {
    case "version": {
      const { digest } = node.version;
      const parts = [versionLabel(node), node.time ? when(node.time) : placeOf(node.artifact)];
      if (!node.time && digest) parts[1] = shortDigest(digest);
      return parts.join(" · ");
    }
    case "run":
      return shortId(node.id);
    default:
      return "";
  }
}

function marksOf(node: Node): Mark[] {
  if (node.kind === "version" && node.version.attempted)
    return [{ word: "attempted", tone: "warn" }];
  if (node.kind !== "run" || node.state === "COMPLETE") return [];
  const bad = node.state === "FAIL" || node.state === "ABORT";
  return [{ word: node.state.toLowerCase(), tone: bad ? "bad" : "warn" }];
}
