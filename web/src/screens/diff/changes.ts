/** Changes in the order in which people look for causes, equal ones said once. Pure. */

import type { Change } from "../../api/documents.ts";

export interface Group {
  title: string;
  changes: Change[];
}

// What somebody did comes before what came of it.
const TITLES: readonly [title: string, of: (change: Change) => boolean][] = [
  ["Code", ({ what }) => what === "code"],
  ["Parameters", ({ what, path }) => what === "parameter" && !isMetric(path)],
  ["Inputs", ({ what }) => what === "input"],
  ["Schema", ({ what }) => what === "schema"],
  ["Environment", ({ what }) => what === "environment"],
  ["Metrics", ({ what, path }) => what === "parameter" && isMetric(path)],
  ["Outputs", ({ what }) => what === "output"],
  ["Version", ({ what }) => what === "version"],
  ["Run", ({ what }) => what === "run"],
  ["Other facets", () => true],
];

export function grouped(changes: readonly Change[]): Group[] {
  const groups = TITLES.map(([title]) => ({ title, changes: [] as Change[] }));
  const said = new Set<string>();
  for (const change of changes) {
    const at = TITLES.findIndex(([, of]) => of(change));
    // A figure is often said twice: as a string and as a number, or as a digest and its facet.
    const key = [lastOf(change.path), spell(change.a), spell(change.b)].join(" ");
    if (!said.has(key)) groups[at]?.changes.push(change);
    said.add(key);
  }
  return groups.filter(({ changes: own }) => own.length > 0);
}

function isMetric(path: string): boolean {
  return path.includes(".metrics.");
}

function spell(value: unknown): string {
  return typeof value === "string" ? value.replace(/^sha256:/, "") : (JSON.stringify(value) ?? "");
}

/** The name of what changed: the last step of a path, or the key of a member that has a value. */
export function lastOf(path: string): string {
  const keyed = /\[([^\]]+)\]\.value$/.exec(path)?.[1];
  return keyed ?? path.slice(path.lastIndexOf(".") + 1).replace(/^value$/, "digest");
}

/** By how much a figure changed, as a part of what it was; null for what is no figure. */
export function relative(a: unknown, b: unknown): string | null {
  const [before, after] = [Number(a), Number(b)];
  const figures = [a, b].every((value) => typeof value === "number" || typeof value === "string");
  if (!figures || a === "" || b === "" || !Number.isFinite(before + after) || before === 0)
    return null;
  const percent = ((after - before) / Math.abs(before)) * 100;
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}
