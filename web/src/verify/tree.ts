/** Hashes of the tree (RFC 6962 §2.1). Places are (level, index) of complete nodes. */

import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "./bytes.ts";

const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

export const EMPTY_ROOT = sha256(new Uint8Array());

export type NodeReader = (level: number, index: number) => Promise<Uint8Array>;

export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concat(LEAF, leaf));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(NODE, left, right));
}

/** Join the roots of complete subtrees, the largest first. */
export function fold(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return EMPTY_ROOT;
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** The complete subtrees of `size` leaves, the largest first. Sizes pass 2^32, so no bit operators. */
export function subtrees(size: number): { level: number; index: number }[] {
  const found = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) found.unshift({ level, index: rest - 1 });
  return found;
}

/** The root of a tree that is built leaf by leaf, in memory of its height. */
export class RootBuilder {
  #levels: (Uint8Array | null)[] = [];
  size = 0;

  append(leaf: Uint8Array): void {
    let carried = leaf;
    let level = 0;
    for (; this.#levels[level]; level++) {
      carried = nodeHash(this.#levels[level] as Uint8Array, carried);
      this.#levels[level] = null;
    }
    this.#levels[level] = carried;
    this.size++;
  }

  root(): Uint8Array {
    return fold(this.#levels.filter((hash) => hash !== null).reverse());
  }
}
