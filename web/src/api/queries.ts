/** Answers as queries: asked once, kept, and asked again when somebody looks again. */

import { type QueryClient, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { parseCheckpoint } from "../verify/checkpoint.ts";
import { parseLeaf } from "../verify/leaf.ts";
import type { StoredEntry } from "../verify/log.ts";
import { parseNote } from "../verify/note.ts";
import { entriesPath, parseBundle, TILE_HASHES, widthOf } from "../verify/tile.ts";
import { api, log } from "./client.ts";
import type { AnyShown, Diff, Overview, Paths, Search, Walk, Why } from "./documents.ts";
import { Problem } from "./problem.ts";

export type Query<T> = UseQueryResult<T, Error>;

const RETRIES = 2;
const NEWEST_SHOWN = 10;

/** Ask again only what may pass: a "not found" stays one. */
export function retry(failures: number, error: Error): boolean {
  return failures < RETRIES && error instanceof Problem && error.passing;
}

export function useWalk(
  ask: "trace" | "impact",
  ref: string | null,
  at: string | null,
  wanted = true,
): Query<Walk> {
  return useQuery({
    queryKey: [ask, ref, at],
    queryFn: ({ signal }) => api[ask](ref ?? "", { signal, at }),
    enabled: ref !== null && wanted,
  });
}

export function useShow(ref: string | null, at: string | null): Query<AnyShown> {
  return useQuery({
    queryKey: ["show", ref, at],
    queryFn: ({ signal }) => api.show(ref ?? "", { signal, at }),
    enabled: ref !== null,
  });
}

export function usePaths(a: string, b: string | null, at: string | null): Query<Paths> {
  return useQuery({
    queryKey: ["paths", a, b, at],
    queryFn: ({ signal }) => api.paths(a, b ?? "", { signal, at }),
    enabled: b !== null,
  });
}

export function useDiff(a: string | null, b: string | null, at: string | null): Query<Diff> {
  return useQuery({
    queryKey: ["diff", a, b, at],
    queryFn: ({ signal }) => api.diff(a ?? "", b ?? "", { signal, at }),
    enabled: !!a && !!b,
  });
}

export function useWhy(a: string, b: string, at: string | null): Query<Why> {
  return useQuery({
    queryKey: ["why", a, b, at],
    queryFn: ({ signal }) => api.why(a, b, { signal, at }),
  });
}

export function useSearchAnswer(text: string, limit: number): Query<Search> {
  return useQuery({
    queryKey: ["search", text, limit],
    queryFn: ({ signal }) => api.search(text, { signal, limit }),
    enabled: text.trim() !== "",
    placeholderData: (before) => before,
  });
}

export interface LedgerHead {
  origin: string;
  size: number;
  root: Uint8Array;
  note: Uint8Array;
}

/** The head as the service names it now. It is shown as a claim; `verify` checks it. */
export function useHead(): Query<LedgerHead> {
  return useQuery({
    queryKey: ["head"],
    queryFn: async () => {
      const note = await log.checkpoint();
      return { note, ...parseCheckpoint(parseNote(note).text) };
    },
    refetchInterval: 15_000,
  });
}

/** The key as the service names it. */
export function useVerifierKey(): Query<string> {
  return useQuery({ queryKey: ["key"], queryFn: log.key, staleTime: Infinity });
}

export function useEntry(index: number | null): Query<StoredEntry> {
  return useQuery({
    queryKey: ["entry", index],
    queryFn: () => log.entry(index ?? 0),
    enabled: index !== null,
  });
}

export function useOverview(): Query<Overview> {
  return useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => api.overview({ signal, limit: NEWEST_SHOWN }),
    refetchInterval: 15_000,
  });
}

export interface LedgerLine {
  index: number;
  at: string;
  kind: string;
}

/** One bundle of up to 256 entries, as their leaves say. Complete ones never change. */
export function useEntries(bundle: number | null, size: number): Query<LedgerLine[]> {
  const width = bundle === null ? 0 : widthOf(0, bundle, size);
  return useQuery({
    queryKey: ["entries", bundle, width],
    queryFn: () => entriesOf(bundle ?? 0, width),
    enabled: bundle !== null && width > 0,
    staleTime: Infinity,
  });
}

/** When an entry was admitted. */
export function useEntryTime(index: number | null, size: number): string | null {
  const bundle = index === null ? null : Math.floor(index / TILE_HASHES);
  const entries = useEntries(bundle, size).data;
  return index === null ? null : (entries?.[index % TILE_HASHES]?.at ?? null);
}

async function entriesOf(bundle: number, width: number): Promise<LedgerLine[]> {
  const leaves = parseBundle(await log.resource(entriesPath(bundle, width)));
  return leaves.map((leaf, place) => {
    const { at, kind } = parseLeaf(leaf);
    return { index: bundle * TILE_HASHES + place, at, kind };
  });
}

/** What is known at a size never changes; what is known "now" may. */
export function configure(client: QueryClient): void {
  client.setDefaultOptions({
    queries: { retry, staleTime: 10_000, refetchOnWindowFocus: true, networkMode: "always" },
  });
}
