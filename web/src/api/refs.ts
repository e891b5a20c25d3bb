/** Canonical references (docs/reference/references.md), taken apart and put together. */

import type { Named } from "./documents.ts";

export type Parsed =
  | { kind: "artifact"; artifact: Named }
  | {
      kind: "version";
      artifact: Named;
      run: ParsedRun | null;
      declared: string | null;
      digest: string | null;
    }
  | ({ kind: "run" } & ParsedRun)
  | { kind: "job"; job: Named }
  | { kind: "column"; version: string; path: string };

export interface ParsedRun {
  id: string;
  job: Named;
}

/** Null for what is no canonical reference: something a person typed. */
export function parseRef(ref: string): Parsed | null {
  try {
    return parse(ref);
  } catch {
    return null;
  }
}

export function columnRef(version: string, path: string): string {
  return `column:${version.replace(/^version:/, "")}#${encode(path)}`;
}

export function artifactRef({ namespace, name }: Named): string {
  return `artifact:${encode(namespace)}/${encode(name)}`;
}

export function jobRef({ namespace, name }: Named): string {
  return `job:${encode(namespace)}/${encode(name)}`;
}

/** The artifact that a version or an artifact reference is about. */
export function artifactOf(ref: string): Named | null {
  const parsed = parseRef(ref);
  return parsed && "artifact" in parsed ? parsed.artifact : null;
}

function parse(ref: string): Parsed | null {
  const colon = ref.indexOf(":");
  const [kind, rest] = [ref.slice(0, colon), ref.slice(colon + 1)];
  switch (kind) {
    case "artifact":
      return { kind, artifact: named(rest.split("/")) };
    case "job":
      return { kind, job: named(rest.split("/")) };
    case "run":
      return { kind, ...run(rest.split("/")) };
    case "version": {
      const [identity = "", origin = ""] = rest.split("@");
      const artifact = named(identity.split("/"));
      const [how, ...parts] = origin.split("/");
      if (how === "run") {
        const declared = parts[3] === undefined ? null : decodeURIComponent(parts[3]);
        return { kind, artifact, run: run(parts), declared, digest: null };
      }
      const said = parts[0] ?? "";
      const declared = said.startsWith("=") ? decodeURIComponent(said.slice(1)) : null;
      const digest = said.startsWith("sha256:") ? said : null;
      return { kind, artifact, run: null, declared, digest };
    }
    case "column": {
      const hash = rest.lastIndexOf("#");
      return {
        kind,
        version: `version:${rest.slice(0, hash)}`,
        path: decodeURIComponent(rest.slice(hash + 1)),
      };
    }
    default:
      return null;
  }
}

function named([namespace = "", name = ""]: readonly string[]): Named {
  return { namespace: decodeURIComponent(namespace), name: decodeURIComponent(name) };
}

function run([id = "", namespace = "", name = ""]: readonly string[]): ParsedRun {
  return { id, job: named([namespace, name]) };
}

/** Everything but letters, digits and `-._~`, as the references have it. */
function encode(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
