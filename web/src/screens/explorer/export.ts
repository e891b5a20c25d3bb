/** Exactly what is shown, as CSV, JSON and SVG. Pure: a scene in, text out. */

import type { Completeness, Edge, Head, Node } from "../../api/documents.ts";
import type { Lineage, Shown } from "../../graph/lineage.ts";
import { drawnEdges, type Scene, type SceneEdge, type SceneNode } from "../../graph/scene.ts";

export interface Exported {
  head: Head | undefined;
  focus: string;
  nodes: Node[];
  edges: Edge[];
  completeness: { upstream?: Completeness | undefined; downstream?: Completeness | undefined };
}

export function shownAsJson(
  lineage: Lineage,
  shown: Shown,
  rest: Pick<Exported, "head" | "completeness">,
): string {
  const refs = [...shown.refs].filter((ref) => lineage.nodes.has(ref)).sort();
  const exported: Exported = {
    ...rest,
    focus: lineage.focus,
    nodes: refs.map((ref) => lineage.nodes.get(ref) as Node),
    edges: drawnEdges(lineage, shown.refs),
  };
  return `${JSON.stringify(exported, null, 2)}\n`;
}

const COLUMNS = ["from", "to", "kind", "exactness", "evidence", "binding", "entries"] as const;

/** One line a link (RFC 4180); a thing without links has a line of its own. */
export function shownAsCsv(lineage: Lineage, shown: Shown): string {
  const edges = drawnEdges(lineage, shown.refs);
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const alone = [...shown.refs].filter((ref) => lineage.nodes.has(ref) && !linked.has(ref));
  const lines = [
    [...COLUMNS],
    ...edges.map((edge) => COLUMNS.map((name) => cell(edge[name]))),
    ...alone.map((ref) => COLUMNS.map((name) => (name === "from" ? cell(ref) : ""))),
  ];
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

function cell(value: string | number[] | undefined): string {
  const text = Array.isArray(value) ? value.join(" ") : (value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export interface Colours {
  ink: string;
  quiet: string;
  line: string;
  panel: string;
  paper: string;
}

const MARGIN = 24;

/** A drawing that stands alone: no fonts, no scripts, nothing fetched. */
export function shownAsSvg(scene: Scene, colours: Colours, title: string): string {
  const [width, height] = [scene.width + 2 * MARGIN, scene.height + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-MARGIN} ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" font-family="IBM Plex Sans, sans-serif">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="100%" height="100%" fill="${colours.paper}"/>`,
    ...scene.edges.map((edge) => lineOf(edge, colours)),
    ...scene.nodes.map((node) => boxOf(node, colours)),
    "</svg>\n",
  ].join("\n");
}

function lineOf({ points, stroke, words }: SceneEdge, colours: Colours): string {
  let path = `M${round(points[0] as number)} ${round(points[1] as number)}`;
  for (let at = 2; at < points.length; at += 2) {
    const [px, py] = [points[at - 2] as number, points[at - 1] as number];
    const [x, y] = [points[at] as number, points[at + 1] as number];
    const middle = round((px + x) / 2);
    path += `C${middle} ${round(py)} ${middle} ${round(y)} ${round(x)} ${round(y)}`;
  }
  const dash = {
    exact: "",
    conservative: ' stroke-dasharray="7 4"',
    stated: ' stroke-dasharray="2 4"',
  };
  const said = words ? `<title>${escapeXml(words)}</title>` : "";
  return `<path d="${path}" fill="none" stroke="${colours.quiet}" stroke-width="1.2"${dash[stroke]}>${said}</path>`;
}

function boxOf(node: SceneNode, colours: Colours): string {
  const { x, y, width, height } = node;
  const [left, top] = [x - width / 2, y - height / 2];
  const text = (dy: number, size: number, fill: string, words: string): string =>
    `<text x="${round(left + 10)}" y="${round(top + dy)}" font-size="${size}" fill="${fill}">${escapeXml(words)}</text>`;
  const radius = node.shape === "run" ? height / 2 : 4;
  const marks = node.marks.map(({ word }) => ` · ${word}`).join("");
  const lines =
    node.shape === "run"
      ? [text(18, 12, colours.ink, `${node.title}${marks}`)]
      : [
          text(18, 13, colours.ink, node.title),
          text(35, 11, colours.quiet, (node.columns || `${node.kind} ${node.note}`) + marks),
        ];
  return `<g><title>${escapeXml(node.label)}</title><rect x="${round(left)}" y="${round(top)}" width="${width}" height="${height}" rx="${radius}" fill="${colours.panel}" stroke="${colours.line}"/>${lines.join("")}</g>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** XML text; characters that XML 1.0 has no place for become U+FFFD. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
      .replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`)
  );
}
