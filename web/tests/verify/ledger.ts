/** A ledger in memory, signed and served as a service would; every byte of it can be changed. */

import { getPublicKey, hashes, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { base64, concat, utf8 } from "../../src/verify/bytes.ts";
import { commitment } from "../../src/verify/leaf.ts";
import type { Log, StoredEntry, StoredPart } from "../../src/verify/log.ts";
import { formatVerifierKey, keyIdOf } from "../../src/verify/note.ts";
import { entriesPath, tilePath, widthOf } from "../../src/verify/tile.ts";
import { leafHash, RootBuilder } from "../../src/verify/tree.ts";

hashes.sha512 = sha512;

export const ORIGIN = "headwater.local/test";
const SEED = new Uint8Array(32).fill(7);

const url64 = (bytes: Uint8Array) =>
  base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export class Ledger implements Log {
  leaves: Uint8Array[] = [];
  parts: StoredPart[] = [];
  /** The head that is served; null for that of all leaves. */
  served: Uint8Array | null = null;
  seed = SEED;
  asked: string[] = [];

  constructor(bodies: readonly string[]) {
    for (const body of bodies) this.add(body);
  }

  add(body: string): void {
    const salt = new Uint8Array(16).fill(this.leaves.length);
    const part = { salt, bytes: utf8(body) };
    const stated = url64(commitment(salt, part.bytes));
    const leaf = `{"at":"2026-11-22T15:26:16.123Z","by":"AAECAwQFBgcICQoLDA0ODw","kind":"openlineage.run","parts":["${stated}"],"v":1}`;
    this.leaves.push(utf8(leaf));
    this.parts.push(part);
  }

  head(size = this.leaves.length): Uint8Array {
    const tree = new RootBuilder();
    for (const leaf of this.leaves.slice(0, size)) tree.append(leafHash(leaf));
    const text = `${ORIGIN}\n${size}\n${base64(tree.root())}\n`;
    const keyId = keyIdOf(ORIGIN, getPublicKey(this.seed));
    const signature = concat(keyId, sign(utf8(text), this.seed));
    return utf8(`${text}\n— ${ORIGIN} ${base64(signature)}\n`);
  }

  checkpoint = async (): Promise<Uint8Array> => this.served ?? this.head();

  key = async (): Promise<string> => {
    const key = getPublicKey(this.seed);
    return formatVerifierKey({ name: ORIGIN, keyId: keyIdOf(ORIGIN, key), key });
  };

  entry = async (index: number): Promise<StoredEntry> => ({
    leaf: this.leaves[index] as Uint8Array,
    parts: [this.parts[index] as StoredPart],
  });

  /** Up to 256 leaves: one tile of hashes, one bundle. */
  resource = async (path: string): Promise<Uint8Array> => {
    this.asked.push(path);
    for (let width = 1; width <= this.leaves.length; width++) {
      const leaves = this.leaves.slice(0, width);
      if (path === tilePath(0, 0, widthOf(0, 0, width))) return concat(...leaves.map(leafHash));
      if (path === entriesPath(0, widthOf(0, 0, width)))
        return concat(
          ...leaves.map((leaf) =>
            concat(Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf),
          ),
        );
    }
    throw new Error(`there is no ${path}`);
  };
}

/** What `localStorage` does. */
export class Shelf {
  held = new Map<string, string>();
  getItem = (name: string) => this.held.get(name) ?? null;
  setItem = (name: string, value: string) => void this.held.set(name, value);
  removeItem = (name: string) => void this.held.delete(name);
}
