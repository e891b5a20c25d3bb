/**
 * Verification as a person can follow it: one claim a step, each resting on the ones before.
 *
 * Trusted? The ledger's server is not: it may withhold, but every byte is checked against a head that
 * the kept key signed. What serves this program is: it could show ticks for anything.
 */

import { base64, equal, hex, text } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { NotProven } from "./errors.ts";
import { commitment, type Leaf, parseLeaf } from "./leaf.ts";
import { recall, remember, type Seen, type Shelf } from "./memory.ts";
import { type Note, parseNote, parseVerifierKey, requireSigned } from "./note.ts";
import { consistencyPath, inclusionPath, verifyConsistency, verifyInclusion } from "./proof.ts";
import { entriesPath, parseBundle, readNodes, TILE_HASHES, widthOf } from "./tile.ts";
import { leafHash, type NodeReader, RootBuilder } from "./tree.ts";

/** Leaves that are all fetched and hashed again in a browser; of a longer ledger none are. */
export const LEAVES_MAX = 100_000;

export interface StoredPart {
  salt: Uint8Array;
  bytes: Uint8Array;
}

export interface StoredEntry {
  leaf: Uint8Array;
  /** Null for a part whose content is erased. */
  parts: (StoredPart | null)[];
}

/** Where the ledger is read from. Nothing that it gives is believed. */
export interface Log {
  checkpoint(): Promise<Uint8Array>;
  /** The verifier key as the server names it: only the first one met is taken. */
  key(): Promise<string>;
  resource(path: string): Promise<Uint8Array>;
  entry(index: number): Promise<StoredEntry>;
}

/**
 * `noted` is neither good nor bad: there was nothing to compare with. `not checked` says nothing about
 * the ledger: what was needed could not be had.
 */
export type Outcome =
  | "waiting"
  | "running"
  | "holds"
  | "noted"
  | "fails"
  | "not checked"
  | "not reached";

export interface Step {
  id: string;
  title: string;
  outcome: Outcome;
  /** What was found, for a person. */
  detail: string;
  /** Of an inclusion step: what the drawing shows. */
  path?: { index: number; size: number; hashes: string[]; leaf: string; root: string };
}

export interface Request {
  /** Hash every leaf again and compare the root. */
  whole: boolean;
  /** Entries whose place and bytes are checked. */
  entries: readonly number[];
  /** A digest (`sha256:…`) that one of the entries has to state. */
  digest?: string | undefined;
}

interface Run {
  note: Note;
  bytes: Uint8Array;
  head: Checkpoint;
  key: string;
  seen: Seen | null;
  node: NodeReader;
  /** The bytes of part 0 of the entries that hold, as text. */
  stated: Map<number, string>;
}

type Found = Pick<Step, "detail"> & Partial<Pick<Step, "outcome" | "path">>;
type Check = (run: Run, progress: (detail: string) => void) => Promise<Found>;

/** Check what is asked, calling `show` with all steps after each change. Returns the last of them. */
export async function verify(
  log: Log,
  shelf: Shelf,
  request: Request,
  show: (steps: Step[]) => void,
  signal?: AbortSignal,
): Promise<Step[]> {
  const checks = plan(log, shelf, request);
  let steps: Step[] = checks.map(({ id, title }) => ({
    id,
    title,
    outcome: "waiting",
    detail: "",
  }));
  const set = (at: number, change: Partial<Step>): void => {
    steps = steps.map((step, index) => (index === at ? { ...step, ...change } : step));
    show(steps);
  };
  const run = { stated: new Map<number, string>() } as Run;
  const broken = new Set<string>();
  for (const [at, { rests, check, id }] of checks.entries()) {
    if (signal?.aborted) break;
    const missing = rests.find((other) => broken.has(other));
    if (missing) {
      broken.add(id);
      set(at, { outcome: "not reached", detail: "rests on a step that does not hold" });
      continue;
    }
    set(at, { outcome: "running" });
    try {
      const found = await check(run, (detail) => set(at, { detail }));
      set(at, { outcome: "holds", ...found });
    } catch (error) {
      broken.add(id);
      signal?.throwIfAborted();
      const detail = error instanceof Error ? error.message : String(error);
      set(at, { outcome: error instanceof NotProven ? "fails" : "not checked", detail });
    }
  }
  return steps;
}

export type Verdict = "running" | "holds" | "fails" | "not checked";

/** It holds only if every step was checked and none failed. */
export function verdict(steps: readonly Step[]): Verdict {
  const outcomes = new Set(steps.map(({ outcome }) => outcome));
  if (outcomes.has("fails")) return "fails";
  if (steps.length === 0 || outcomes.has("waiting") || outcomes.has("running")) return "running";
  return outcomes.has("not checked") ? "not checked" : "holds";
}

function plan(log: Log, shelf: Shelf, request: Request) {
  const checks: { id: string; title: string; rests: string[]; check: Check }[] = [
    {
      id: "head",
      title: "The head has its one form",
      rests: [],
      check: async (run) => {
        run.bytes = await log.checkpoint();
        run.note = parseNote(run.bytes);
        run.head = parseCheckpoint(run.note.text);
        run.seen = recall(shelf, run.head.origin);
        run.node = readNodes(run.head.size, log.resource);
        const { origin, size, root } = run.head;
        return { detail: `${origin}, ${count(size, "entry")}, root ${base64(root)}` };
      },
    },
    {
      id: "signature",
      title: "The ledger's key signed it",
      rests: ["head"],
      check: async (run) => {
        run.key = run.seen?.key ?? (await log.key());
        const key = parseVerifierKey(run.key);
        if (key.name !== run.head.origin)
          throw new NotProven(`the key of ${key.name} cannot sign for ${run.head.origin}`);
        requireSigned(run.note, key);
        const known = run.seen
          ? "the key that this browser keeps"
          : "a key that this browser has not met before and keeps from now on";
        return { detail: `Ed25519, key ${hex(key.keyId)}: ${known}` };
      },
    },
    {
      id: "growth",
      title: "It begins with all that this browser saw before",
      rests: ["signature"],
      check: (run) => checkGrowth(run, shelf),
    },
  ];
  if (request.whole)
    checks.push({
      id: "tree",
      title: "Every leaf, hashed again, gives the root",
      rests: ["signature"],
      check: (run, progress) => checkTree(run, log, progress),
    });
  for (const index of request.entries) {
    checks.push(
      {
        id: `entry-${index}`,
        title: `Entry ${index} stands in the tree`,
        rests: ["signature"],
        check: (run) => checkPlace(run, log, index),
      },
      {
        id: `bytes-${index}`,
        title: `The bytes of entry ${index} are those that its leaf commits to`,
        rests: [`entry-${index}`],
        check: (run) => checkBytes(run, log, index),
      },
    );
  }
  const { digest } = request;
  if (digest)
    checks.push({
      id: "digest",
      title: "These entries state the digest",
      rests: request.entries.flatMap((index) => [`entry-${index}`, `bytes-${index}`]),
      check: async (run) => {
        const value = digest.replace(/^sha256:/, "");
        const telling = request.entries.filter((index) =>
          run.stated.get(index)?.includes(`"${value}"`),
        );
        if (telling.length === 0) throw new NotProven(`none of them states ${digest}`);
        return { detail: `${digest}: entry ${telling.join(" and ")}` };
      },
    });
  return checks;
}

async function checkGrowth(run: Run, shelf: Shelf): Promise<Found> {
  const { head, seen, key, bytes, node } = run;
  const keep = () =>
    remember(shelf, { key, note: bytes, at: new Date().toISOString() }, head.origin);
  if (!seen || seen.head.size === 0) {
    keep();
    return {
      outcome: "noted",
      detail: "nothing was seen before: what was changed until now cannot be noticed here",
    };
  }
  const before = seen.head;
  if (head.size < before.size)
    throw new NotProven(
      `rolled back: it has ${count(head.size, "entry")}, and had ${before.size} on ${seen.at}`,
    );
  const path = head.size === before.size ? [] : await consistencyPath(before.size, head.size, node);
  verifyConsistency(before.size, before.root, head.size, head.root, path);
  keep();
  const grown = head.size - before.size;
  const since = `since size ${before.size}, seen ${seen.at}`;
  return { detail: grown ? `${count(grown, "entry")} added ${since}` : `unchanged ${since}` };
}

async function checkTree(
  { head }: Run,
  log: Log,
  progress: (detail: string) => void,
): Promise<Found> {
  const { size, root } = head;
  if (size > LEAVES_MAX)
    return {
      outcome: "noted",
      detail: `not checked here: ${count(size, "leaf")} are more than ${LEAVES_MAX}; headwater verify does it`,
    };
  const tree = new RootBuilder();
  for (let n = 0; n * TILE_HASHES < size; n++) {
    const width = widthOf(0, n, size);
    const leaves = parseBundle(await log.resource(entriesPath(n, width)));
    if (leaves.length !== width)
      throw new NotProven(`${leaves.length} leaves in bundle ${n}, not ${width}`);
    leaves.forEach((leaf, place) => {
      requireLeaf(leaf, n * TILE_HASHES + place);
      tree.append(leafHash(leaf));
    });
    progress(`${tree.size} of ${size}`);
  }
  if (!equal(tree.root(), root))
    throw new NotProven(`${count(size, "leaf")} give the root ${base64(tree.root())}`);
  return { detail: count(size, "leaf") };
}

function requireLeaf(leaf: Uint8Array, index: number): void {
  try {
    parseLeaf(leaf);
  } catch {
    throw new NotProven(`leaf ${index} is not in its one form`);
  }
}

async function checkPlace(run: Run, log: Log, index: number): Promise<Found> {
  const { size, root } = run.head;
  const leaf = await leafOf(log, index, size);
  const hash = leafHash(leaf);
  const path = await inclusionPath(index, size, run.node);
  verifyInclusion(hash, index, size, path, root);
  const { at, kind } = parseLeaf(leaf);
  const hashes = path.map(hex);
  return {
    detail: `${kind}, admitted ${at}; ${count(path.length, "hash")} lead from it to the root`,
    path: { index, size, hashes, leaf: hex(hash), root: hex(root) },
  };
}

async function checkBytes(run: Run, log: Log, index: number): Promise<Found> {
  const { leaf, parts } = await log.entry(index);
  const inTree = await leafOf(log, index, run.head.size);
  if (!equal(leaf, inTree)) throw new NotProven("the leaf given with the bytes is not the tree's");
  const stated: Leaf = parseLeaf(leaf);
  if (parts.length !== stated.parts.length)
    throw new NotProven(`${parts.length} parts, where the leaf commits to ${stated.parts.length}`);
  let erased = 0;
  for (const [number, part] of parts.entries()) {
    if (part === null) erased++;
    else if (!equal(commitment(part.salt, part.bytes), stated.parts[number] as Uint8Array))
      throw new NotProven(`part ${number} is not what the leaf commits to: its bytes were changed`);
  }
  const body = parts[0];
  if (body) run.stated.set(index, text(body.bytes));
  if (erased) return { outcome: "noted", detail: `${count(erased, "part")} erased, proof intact` };
  const bytes = parts.reduce((sum, part) => sum + (part?.bytes.length ?? 0), 0);
  return { detail: `${count(bytes, "byte")} in ${count(parts.length, "part")}` };
}

async function leafOf(log: Log, index: number, size: number): Promise<Uint8Array> {
  const n = Math.floor(index / TILE_HASHES);
  const leaves = parseBundle(await log.resource(entriesPath(n, widthOf(0, n, size))));
  const leaf = leaves[index % TILE_HASHES];
  if (!leaf) throw new NotProven(`the ledger of ${size} entries gives no leaf ${index}`);
  return leaf;
}

const PLURALS: Record<string, string> = { entry: "entries", leaf: "leaves", hash: "hashes" };

function count(number: number, what: string): string {
  const words = number === 1 ? what : (PLURALS[what] ?? `${what}s`);
  return `${number.toLocaleString("en")} ${words}`;
}
