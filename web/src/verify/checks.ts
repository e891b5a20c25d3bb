/**
 * What each step of a verification checks. A check returns what it found, or throws `NotProven`.
 *
 * Trusted? Whoever controls it can have any ledger taken for a whole one.
 */

import { base64, equal, hex, text } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { NotProven } from "./errors.ts";
import { commitment, type Leaf, parseLeaf } from "./leaf.ts";
import type { Log } from "./log.ts";
import { recall, remember, type Seen, type Shelf } from "./memory.ts";
import { type Note, parseNote, parseVerifierKey, requireSigned } from "./note.ts";
import { consistencyPath, inclusionPath, verifyConsistency, verifyInclusion } from "./proof.ts";
import { entriesPath, parseBundle, readNodes, TILE_HASHES, widthOf } from "./tile.ts";
import { leafHash, type NodeReader, RootBuilder } from "./tree.ts";

/** Leaves that are all fetched and hashed again in a browser; of a longer ledger none are. */
export const LEAVES_MAX = 100_000;

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

/** What the steps find out for those that rest on them. */
export interface Run {
  note: Note;
  bytes: Uint8Array;
  head: Checkpoint;
  key: string;
  seen: Seen | null;
  node: NodeReader;
  /** The bytes of part 0 of the entries that hold, as text. */
  stated: Map<number, string>;
}

export type Found = Pick<Step, "detail"> & Partial<Pick<Step, "outcome" | "path">>;

export async function checkHead(run: Run, log: Log, shelf: Shelf): Promise<Found> {
  run.bytes = await log.checkpoint();
  run.note = parseNote(run.bytes);
  run.head = parseCheckpoint(run.note.text);
  run.seen = recall(shelf, run.head.origin);
  run.node = readNodes(run.head.size, log.resource);
  const { origin, size, root } = run.head;
  return { detail: `${origin}, ${count(size, "entry")}, root ${base64(root)}` };
}

export async function checkSignature(run: Run, log: Log): Promise<Found> {
  run.key = run.seen?.key ?? (await log.key());
  const key = parseVerifierKey(run.key);
  if (key.name !== run.head.origin)
    throw new NotProven(`the key of ${key.name} cannot sign for ${run.head.origin}`);
  requireSigned(run.note, key);
  const known = run.seen
    ? "the key that this browser keeps"
    : "a key that this browser has not met before and keeps from now on";
  return { detail: `Ed25519, key ${hex(key.keyId)}: ${known}` };
}

export async function checkGrowth(run: Run, shelf: Shelf): Promise<Found> {
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

export async function checkTree(
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

export async function checkPlace(run: Run, log: Log, index: number): Promise<Found> {
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

export async function checkBytes(run: Run, log: Log, index: number): Promise<Found> {
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

export function checkDigest(run: Run, entries: readonly number[], digest: string): Found {
  const value = digest.replace(/^sha256:/, "");
  const telling = entries.filter((index) => run.stated.get(index)?.includes(`"${value}"`));
  if (telling.length === 0) throw new NotProven(`none of them states ${digest}`);
  return { detail: `${digest}: entry ${telling.join(" and ")}` };
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
