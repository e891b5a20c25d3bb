/** The service's routes. Every failure is a `Problem`; no other module fetches. */

import { fromBase64 } from "../verify/bytes.ts";
import type { Log, StoredEntry } from "../verify/log.ts";
import type {
  AnyShown,
  Diff,
  EntryShown,
  Overview,
  Paths,
  Problem as ProblemDocument,
  Search,
  Walk,
  Why,
} from "./documents.ts";
import { Problem } from "./problem.ts";
import { token } from "./token.ts";

/** Nodes of one graph. A larger one is cut off by the service, and the page asks to narrow it. */
export const NODES_MAX = 20_000;

type Parameters = Record<string, string | number | boolean | null | undefined>;

interface Options {
  signal?: AbortSignal;
  at?: string | null;
}

export const api = {
  trace: (ref: string, { signal, at, ...rest }: Options & { columns?: boolean } = {}) =>
    answer<Walk>("trace", { ref, at, limit: NODES_MAX, ...rest }, signal),
  impact: (ref: string, { signal, at, ...rest }: Options & { columns?: boolean } = {}) =>
    answer<Walk>("impact", { ref, at, limit: NODES_MAX, ...rest }, signal),
  paths: (a: string, b: string, { signal, at }: Options = {}) =>
    answer<Paths>("paths", { a, b, at }, signal),
  show: (ref: string, { signal, at }: Options = {}) =>
    answer<AnyShown>("show", { ref, at }, signal),
  diff: (a: string, b: string, { signal, at }: Options = {}) =>
    answer<Diff>("diff", { a, b, at }, signal),
  why: (a: string, b: string, { signal, at }: Options = {}) =>
    answer<Why>("why", { a, b, at }, signal),
  overview: ({ signal, ...rest }: Options & { limit?: number } = {}) =>
    answer<Overview>("overview", rest, signal),
  search: (text: string, { signal, ...rest }: Options & { kind?: string; limit?: number } = {}) =>
    answer<Search>("search", { text, ...rest }, signal),
};

/** The ledger, for `verify`: bytes as they come. */
export const log: Log = {
  checkpoint: () => bytes("/log/checkpoint"),
  key: async () => new TextDecoder().decode(await bytes("/log/key")).trim(),
  resource: (path) => bytes(`/log/${path}`),
  entry: (index) => entry(index),
};

async function answer<T>(route: string, parameters: Parameters, signal?: AbortSignal): Promise<T> {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== null && value !== undefined && value !== false,
  );
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const response = await request(`/api/v1/${route}?${query}`, signal);
  return (await response.json()) as T;
}

async function bytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await request(path)).arrayBuffer());
}

async function entry(index: number): Promise<StoredEntry> {
  const response = await request(`/log/entry/${index}`);
  const { leaf, parts } = (await response.json()) as EntryShown;
  return {
    leaf: decoded(leaf),
    parts: parts.map(({ salt, bytes: content }) =>
      salt === null || content === null ? null : { salt: decoded(salt), bytes: decoded(content) },
    ),
  };
}

function decoded(base64: string): Uint8Array {
  const found = fromBase64(base64);
  if (!found) throw new Problem(-1, { detail: "The service sent what is no base64." });
  return found;
}

async function request(path: string, signal?: AbortSignal): Promise<Response> {
  const held = token.get();
  const headers: HeadersInit = held ? { Authorization: `Bearer ${held}` } : {};
  let response: Response;
  try {
    response = await fetch(path, { headers, ...(signal ? { signal } : {}) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Problem(0, { detail: "The service does not answer.", remedy: `${error}` });
  }
  if (!response.ok) throw new Problem(response.status, await problemIn(response));
  return response;
}

async function problemIn(response: Response): Promise<ProblemDocument> {
  try {
    return (await response.json()) as ProblemDocument;
  } catch {
    return { title: response.statusText };
  }
}
