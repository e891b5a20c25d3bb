/** The ledger as static resources (C2SP tlog-tiles): paths, and nodes read out of tiles. */

import { HASH_BYTES } from "./bytes.ts";
import { NotProven } from "./errors.ts";
import { type NodeReader, nodeHash } from "./tree.ts";

export const TILE_HASHES = 256;
const TILE_LEVELS = 8;

/** Fetches a resource below the log's prefix, such as `tile/0/x001/067.p/3`. */
export type ResourceReader = (path: string) => Promise<Uint8Array>;

export function tilePath(level: number, n: number, width = TILE_HASHES): string {
  return `tile/${level}/${number(n)}${partial(width)}`;
}

export function entriesPath(n: number, width = TILE_HASHES): string {
  return `tile/entries/${number(n)}${partial(width)}`;
}

/** How many hashes tile `n` of a level has in a tree of this size. */
export function widthOf(level: number, n: number, size: number): number {
  const hashes = Math.floor(size / 2 ** (TILE_LEVELS * level));
  return Math.min(TILE_HASHES, Math.max(0, hashes - n * TILE_HASHES));
}

/** Read complete nodes of a tree of `size` leaves out of tiles, each tile fetched once. */
export function readNodes(size: number, resource: ResourceReader): NodeReader {
  const tiles = new Map<string, Promise<Uint8Array>>();
  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_LEVELS);
    const above = level % TILE_LEVELS;
    const first = index * 2 ** above;
    const n = Math.floor(first / TILE_HASHES);
    const path = tilePath(tileLevel, n, widthOf(tileLevel, n, size));
    if (!tiles.has(path)) tiles.set(path, resource(path));
    const data = await (tiles.get(path) as Promise<Uint8Array>);
    const begin = (first % TILE_HASHES) * HASH_BYTES;
    const end = begin + HASH_BYTES * 2 ** above;
    if (data.length < end) throw new NotProven(`${path} does not reach node ${index} of ${level}`);
    let hashes: Uint8Array[] = [];
    for (let at = begin; at < end; at += HASH_BYTES) hashes.push(data.slice(at, at + HASH_BYTES));
    while (hashes.length > 1) hashes = pairs(hashes);
    return hashes[0] as Uint8Array;
  };
}

/** Take an entry bundle apart: leaves, each behind its length in two bytes, big-endian. */
export function parseBundle(data: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const begin = at + 2;
    const end = begin + ((data[at] ?? 0) << 8) + (data[at + 1] ?? 0);
    if (begin > data.length || end > data.length || leaves.length === TILE_HASHES)
      throw new NotProven(`an entry bundle that does not end where its leaf ${leaves.length} does`);
    leaves.push(data.slice(begin, end));
    at = end;
  }
  return leaves;
}

function pairs(hashes: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += 2)
    above.push(nodeHash(hashes[at] as Uint8Array, hashes[at + 1] as Uint8Array));
  return above;
}

function number(n: number): string {
  const digits = String(n);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}/` : group)).join("");
}

function partial(width: number): string {
  return width === TILE_HASHES ? "" : `.p/${width}`;
}
