/**
 * Inclusion and consistency: made from nodes as in RFC 6962 §2.1, checked as in RFC 9162 §2.1.
 *
 * Only the checking half is trusted. Sizes are safe integers and may pass 2^32.
 */

import { equal, HASH_BYTES } from "./bytes.ts";
import { NotProven } from "./errors.ts";
import { fold, type NodeReader, nodeHash, subtrees } from "./tree.ts";

/** PATH(index, D[size]): the hashes beside the way from the leaf up to the root. */
export async function inclusionPath(
  index: number,
  size: number,
  node: NodeReader,
): Promise<Uint8Array[]> {
  requireLeaf(index, size);
  const path: Promise<Uint8Array>[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const split = begin + splitOf(end - begin);
    if (index < split) {
      path.unshift(rootOver(split, end, node));
      end = split;
    } else {
      path.unshift(rootOver(begin, split, node));
      begin = split;
    }
  }
  return Promise.all(path);
}

/** PROOF(old, D[new]). Throws `NotProven` from size 0: everything begins with nothing. */
export async function consistencyPath(
  old: number,
  size: number,
  node: NodeReader,
): Promise<Uint8Array[]> {
  requireGrowth(old, size);
  const path: Promise<Uint8Array>[] = [];
  let [begin, end] = [0, size];
  while (old !== end) {
    const split = begin + splitOf(end - begin);
    if (old <= split) {
      path.unshift(rootOver(split, end, node));
      end = split;
    } else {
      path.unshift(rootOver(begin, split, node));
      begin = split;
    }
  }
  if (begin) path.unshift(rootOver(begin, end, node));
  return Promise.all(path);
}

/** Check that the leaf with this hash stands at `index` (RFC 9162 §2.1.3.2), or throw `NotProven`. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): void {
  requireLeaf(index, size);
  requireHashes(leaf, root, ...path);
  let [position, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) throw new NotProven("the inclusion proof is too long");
    if (odd(position) || position === last) {
      hash = nodeHash(sibling, hash);
      while (!odd(position) && position) [position, last] = [half(position), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  if (last) throw new NotProven("the inclusion proof is too short");
  if (!equal(hash, root))
    throw new NotProven(`leaf ${index} is not in the tree of ${size} leaves with this root`);
}

/** Check that the new tree begins with the whole old one (RFC 9162 §2.1.4.2), or throw `NotProven`. */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  path: readonly Uint8Array[],
): void {
  requireGrowth(oldSize, newSize);
  if (oldSize === newSize) {
    if (path.length || !equal(oldRoot, newRoot))
      throw new NotProven(`two different trees of ${oldSize} leaves`);
    return;
  }
  requireHashes(oldRoot, newRoot, ...path);
  // An old tree that is one complete subtree is not repeated in the proof.
  const hashes = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...path] : [...path];
  const [first, ...rest] = hashes;
  if (first === undefined) throw new NotProven("the consistency proof is empty");
  let [position, last] = [oldSize - 1, newSize - 1];
  while (odd(position)) [position, last] = [half(position), half(last)];
  let [old, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0) throw new NotProven("the consistency proof is too long");
    if (odd(position) || position === last) {
      [old, now] = [nodeHash(sibling, old), nodeHash(sibling, now)];
      while (!odd(position) && position) [position, last] = [half(position), half(last)];
    } else {
      now = nodeHash(now, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  if (last) throw new NotProven("the consistency proof is too short");
  if (!equal(old, oldRoot) || !equal(now, newRoot))
    throw new NotProven(`the tree of ${newSize} leaves does not begin with that of ${oldSize}`);
}

function requireLeaf(index: number, size: number): void {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size)
    throw new NotProven(`a tree of ${size} leaves has no leaf ${index}`);
}

function requireGrowth(old: number, size: number): void {
  if (!Number.isSafeInteger(old) || !Number.isSafeInteger(size) || old <= 0 || old > size)
    throw new NotProven(`there is no proof of consistency from size ${old} to ${size}`);
}

function requireHashes(...hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES))
    throw new NotProven(`a hash has ${HASH_BYTES} bytes`);
}

const odd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

/** The largest power of two less than the width (k in RFC 6962 §2.1). */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

/** MTH(D[begin:end]), `begin` being aligned as the splits leave it. */
async function rootOver(begin: number, end: number, node: NodeReader): Promise<Uint8Array> {
  const places = subtrees(end - begin).map(({ level, index }) =>
    node(level, begin / 2 ** level + index),
  );
  return fold(await Promise.all(places));
}
