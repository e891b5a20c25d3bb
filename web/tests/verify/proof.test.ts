/** Inclusion and consistency proofs, by the vectors that Python's tests run. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, equal, hex, utf8 } from "../../src/verify/bytes.ts";
import { NotProven } from "../../src/verify/errors.ts";
import {
  consistencyPath,
  inclusionPath,
  verifyConsistency,
  verifyInclusion,
} from "../../src/verify/proof.ts";
import { readNodes, tilePath, widthOf } from "../../src/verify/tile.ts";
import { EMPTY_ROOT, fold, leafHash, nodeHash, RootBuilder } from "../../src/verify/tree.ts";
import { bytesOf, published, publishedCases, read } from "../vectors.ts";

interface Inclusion {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}

interface Consistency {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

const fromBase64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

function refuses(check: () => void): boolean {
  try {
    check();
  } catch (error) {
    if (error instanceof NotProven) return true;
    throw error;
  }
  return false;
}

describe.skipIf(!published)(
  "published vectors (needs ../shared/vectors beside the checkout)",
  () => {
    it("takes or refuses each of the 98 inclusion proofs as published", () => {
      const cases = publishedCases<Inclusion>("merkle/inclusion");
      const wrong = cases.filter(
        (one) =>
          refuses(() =>
            verifyInclusion(
              fromBase64(one.leafHash),
              one.leafIdx,
              one.treeSize,
              (one.proof ?? []).map(fromBase64),
              fromBase64(one.root),
            ),
          ) !== one.wantErr,
      );
      expect(cases).toHaveLength(98);
      expect(wrong).toEqual([]);
    });

    it("takes or refuses each of the 98 consistency proofs as published", () => {
      const cases = publishedCases<Consistency>("merkle/consistency");
      const wrong = cases.filter(
        (one) =>
          refuses(() =>
            verifyConsistency(
              one.size1,
              fromBase64(one.root1),
              one.size2,
              fromBase64(one.root2),
              (one.proof ?? []).map(fromBase64),
            ),
          ) !== one.wantErr,
      );
      expect(cases).toHaveLength(98);
      expect(wrong).toEqual([]);
    });

    it("grows the reference tree of RFC 6962 root by root", () => {
      const reference = read<{ leaves_hex: string[]; roots_by_size_hex: string[] }>(
        `${published}/rfc6962/rfc6962_reference.json`,
      );
      const tree = new RootBuilder();
      const roots = [hex(tree.root())];
      for (const leaf of reference.leaves_hex) {
        tree.append(leafHash(bytesOf(leaf)));
        roots.push(hex(tree.root()));
      }
      expect(roots).toEqual(reference.roots_by_size_hex);
    });
  },
);

/** MTH, as RFC 6962 §2.1 writes it down. */
function rootOver(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length < 2) return leaves[0] ?? EMPTY_ROOT;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootOver(leaves.slice(0, split)), rootOver(leaves.slice(split)));
}

const leavesOf = (size: number) =>
  Array.from({ length: size }, (_, index) => leafHash(utf8(`leaf ${index}`)));

/** Tiles of these leaves, as a server would give them out. */
function tilesOf(leaves: readonly Uint8Array[]) {
  return (path: string): Promise<Uint8Array> => {
    for (let level = 0, hashes = [...leaves]; hashes.length; level++) {
      for (let n = 0; n * 256 < hashes.length; n++)
        if (path === tilePath(level, n, widthOf(level, n, leaves.length)))
          return Promise.resolve(concat(...hashes.slice(n * 256, n * 256 + 256)));
      hashes = Array.from({ length: Math.floor(hashes.length / 256) }, (_, at) =>
        rootOver(hashes.slice(at * 256, at * 256 + 256)),
      );
    }
    return Promise.reject(new Error(`no ${path}`));
  };
}

describe("proofs made from tiles", () => {
  it("prove every leaf of any tree, and no other leaf", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 600 })
          .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 }))),
        async ([size, index]) => {
          const leaves = leavesOf(size);
          const root = rootOver(leaves);
          const path = await inclusionPath(index, size, readNodes(size, tilesOf(leaves)));
          verifyInclusion(leaves[index] as Uint8Array, index, size, path, root);
          expect(() => verifyInclusion(leafHash(utf8("no")), index, size, path, root)).toThrow(
            NotProven,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("prove that a tree begins with any earlier one, and with no other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 600 })
          .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size }))),
        async ([size, old]) => {
          const leaves = leavesOf(size);
          const [before, now] = [rootOver(leaves.slice(0, old)), rootOver(leaves)];
          const path = await consistencyPath(old, size, readNodes(size, tilesOf(leaves)));
          verifyConsistency(old, before, size, now, path);
          const other = rootOver([...leaves.slice(0, old - 1), leafHash(utf8("other"))]);
          expect(() => verifyConsistency(old, other, size, now, path)).toThrow(NotProven);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("build the root of any tree leaf by leaf", () => {
    for (const size of [0, 1, 2, 3, 7, 8, 255, 256, 257]) {
      const tree = new RootBuilder();
      for (const leaf of leavesOf(size)) tree.append(leaf);
      expect(equal(tree.root(), rootOver(leavesOf(size)))).toBe(true);
    }
    expect(equal(fold([]), EMPTY_ROOT)).toBe(true);
  });
});
