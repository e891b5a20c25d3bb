/** What things are called on a screen: short, clear, and with nothing in them that is not seen. */

import type { Named, Node, RunNode, VersionNode } from "./documents.ts";
import { parseRef } from "./refs.ts";

// Control characters, and those that reorder text or are not seen: a name must not pass for another.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\u{e0000}-\u{e007f}]/gu;

/** Write what is not seen as an escape, so that it is. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (char) => {
    const code = (char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
    return `\u27e8U+${code}\u27e9`;
  });
}

/** The last part of a path; any other name whole. */
export function shortName({ name }: Named): string {
  const trimmed = name.replace(/\/+$/, "");
  return printable(trimmed.slice(trimmed.lastIndexOf("/") + 1) || name);
}

/** Where the short name stands: folder or namespace. */
export function placeOf({ namespace, name }: Named): string {
  const trimmed = name.replace(/\/+$/, "");
  const folder = trimmed.slice(0, Math.max(0, trimmed.lastIndexOf("/")));
  return printable(folder && namespace.startsWith("file:") ? folder : namespace);
}

export function fullName({ namespace, name }: Named): string {
  return printable(`${namespace}::${name}`);
}

/** `v3`, the declared id, `outside`. */
export function versionLabel({ version }: Pick<VersionNode, "version">): string {
  if (version.declared !== null) return printable(version.declared);
  if (version.ordinal !== null) return `v${version.ordinal}`;
  return version.origin === "outside" ? "outside" : "";
}

/** As much of a run id as `headwater show` takes back. Those that begin with a time keep more. */
export function shortId(id: string): string {
  return printable(id.slice(0, id.length === 36 && id[14] === "7" ? 13 : 8));
}

export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

export function runLabel(run: Pick<RunNode, "id" | "job">): string {
  return `${printable(run.job.name)} ${shortId(run.id)}`;
}

/** One line for a node: as a title, in lists, for a screen reader. */
export function nodeLabel(node: Node): string {
  switch (node.kind) {
    case "version":
      return [shortName(node.artifact), versionLabel(node)].filter(Boolean).join(" ");
    case "run":
      return runLabel(node);
    case "job":
      return printable(node.job.name);
    case "column":
      return printable(node.path);
  }
}

/** One line for a reference of which nothing else is known. */
export function refLabel(ref: string): string {
  const parsed = parseRef(ref);
  switch (parsed?.kind) {
    case "artifact":
      return shortName(parsed.artifact);
    case "version":
      return `${shortName(parsed.artifact)} ${parsed.declared ?? (parsed.run ? shortId(parsed.run.id) : "outside")}`;
    case "run":
      return runLabel(parsed);
    case "job":
      return printable(parsed.job.name);
    case "column":
      return printable(parsed.path);
    default:
      return printable(ref);
  }
}

/** Names that several artifacts of an answer share get the folder in front. */
export function namesIn(nodes: Iterable<Node>): (node: Node) => string {
  const meant = new Map<string, Set<string>>();
  for (const node of nodes)
    if (node.kind === "version") {
      const short = shortName(node.artifact);
      meant.set(short, (meant.get(short) ?? new Set()).add(fullName(node.artifact)));
    }
  return (node) => {
    if (node.kind === "run") return printable(node.job.name);
    if (node.kind !== "version") return nodeLabel(node);
    const short = shortName(node.artifact);
    if ((meant.get(short)?.size ?? 0) < 2) return short;
    const place = placeOf(node.artifact);
    return `${place.slice(place.lastIndexOf("/") + 1)}/${short}`;
  };
}
