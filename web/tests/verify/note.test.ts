/** Notes, heads, leaves and bundles, by the vectors that Python's tests run. */

import { describe, expect, it } from "vitest";
import { base64, equal, fromBase64, hex, utf8 } from "../../src/verify/bytes.ts";
import { parseCheckpoint } from "../../src/verify/checkpoint.ts";
import { NotProven } from "../../src/verify/errors.ts";
import { commitment, parseLeaf } from "../../src/verify/leaf.ts";
import { holds, parseNote, parseVerifierKey, requireSigned } from "../../src/verify/note.ts";
import { entriesPath, parseBundle, tilePath } from "../../src/verify/tile.ts";
import { bytesOf, own, published, read } from "../vectors.ts";

interface Notes {
  signed: {
    name: string;
    public_key: string;
    key_id: string;
    vkey: string;
    text: string;
    note: string;
  };
  malformed: { name: string; note: string }[];
  malformed_keys: { name: string; vkey: string }[];
}

interface Wycheproof {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; msg: string; sig: string; result: string }[];
  }[];
}

const notes = own<Notes>("note");
const signed = notes.signed;

describe("notes", () => {
  it("open the note that Python writes, under its key", () => {
    const key = parseVerifierKey(signed.vkey);
    const note = parseNote(utf8(signed.note));

    requireSigned(note, key);

    expect(note.text).toBe(signed.text);
    expect(hex(key.keyId)).toBe(signed.key_id);
    expect(hex(key.key)).toBe(signed.public_key);
  });

  it.each(notes.malformed)("refuse a malformed note: $name", ({ note }) => {
    expect(() => parseNote(utf8(note))).toThrow(NotProven);
  });

  it.each(notes.malformed_keys)("refuse a malformed key: $name", ({ vkey }) => {
    expect(() => parseVerifierKey(vkey)).toThrow(NotProven);
  });

  it("refuse bytes that are not UTF-8", () => {
    expect(() => parseNote(Uint8Array.of(0xff, ...utf8(signed.note)))).toThrow("UTF-8");
  });

  it("refuse the note after a change of any of its bytes", () => {
    const key = parseVerifierKey(signed.vkey);
    const bytes = utf8(signed.note);
    const taken = [...bytes.keys()].filter((place) => {
      const changed = bytes.slice();
      changed[place] = (bytes[place] as number) ^ 1;
      try {
        requireSigned(parseNote(changed), key);
        return true;
      } catch {
        return false;
      }
    });
    expect(taken).toEqual([]);
  });

  it("tell a foreign signature from a false one", () => {
    const other = { ...parseVerifierKey(signed.vkey), keyId: new Uint8Array(4) };
    expect(() => requireSigned(parseNote(utf8(signed.note)), other)).toThrow(
      `not signed by this key, but by ${signed.name}`,
    );
  });

  it.skipIf(!published)("take or refuse the 151 published Ed25519 cases as published", () => {
    const { testGroups } = read<Wycheproof>(`${published}/wycheproof/ed25519_test.json`);
    const cases = testGroups.flatMap(({ publicKey, tests }) =>
      tests.map((test) => ({ ...test, key: bytesOf(publicKey.pk) })),
    );
    const wrong = cases.filter(
      ({ key, msg, sig, result }) =>
        holds(key, bytesOf(msg), bytesOf(sig)) !== (result === "valid"),
    );
    expect(cases).toHaveLength(151);
    expect(wrong.map(({ tcId }) => tcId)).toEqual([]);
  });
});

describe("heads", () => {
  const vectors = own<{
    valid: { name: string; text: string; origin: string; size: number; root: string }[];
    invalid: { name: string; text: string }[];
  }>("checkpoint");
  // Python takes sizes up to 2^63 - 1; a browser counts exactly up to 2^53.
  const [countable, larger] = [
    vectors.valid.filter(({ size }) => Number.isSafeInteger(size)),
    vectors.valid.filter(({ size }) => !Number.isSafeInteger(size)),
  ];

  it.each(countable)("read $name", ({ text, origin, size, root }) => {
    const head = parseCheckpoint(text);
    expect({ ...head, root: hex(head.root) }).toEqual({ origin, size, root });
  });

  it.each([...vectors.invalid, ...larger])("refuse $name", ({ text }) => {
    expect(() => parseCheckpoint(text)).toThrow(NotProven);
  });
});

describe("leaves", () => {
  const vectors = own<{
    valid: { name: string; at: number; by: string; kind: string; parts: string[]; leaf: string }[];
    invalid: { name: string; leaf: string }[];
  }>("leaf");

  it.each(vectors.valid.filter(({ at }) => at >= 0))("read $name", (valid) => {
    const leaf = parseLeaf(utf8(valid.leaf));
    expect(leaf.by).toBe(valid.by);
    expect(leaf.kind).toBe(valid.kind);
    expect(leaf.parts.map(hex)).toEqual(valid.parts);
  });

  it.each(vectors.invalid)("refuse $name", ({ leaf }) => {
    expect(() => parseLeaf(utf8(leaf))).toThrow(NotProven);
  });

  it("commit to salt and bytes apart", () => {
    const salt = new Uint8Array(16);
    expect(equal(commitment(salt, utf8("a")), commitment(salt, utf8("b")))).toBe(false);
    expect(() => commitment(new Uint8Array(15), utf8("a"))).toThrow(NotProven);
  });
});

describe("tiles", () => {
  const vectors = own<{
    paths: { path: string; level: number | null; n: number; width: number }[];
    bundles: { valid: { leaves: string[]; hex: string }[]; invalid: string[] };
  }>("tile");

  it.each(vectors.paths.filter(({ n }) => Number.isSafeInteger(n)))(
    "are named $path",
    ({ path, level, n, width }) => {
      expect(level === null ? entriesPath(n, width) : tilePath(level, n, width)).toBe(path);
    },
  );

  it.each(vectors.bundles.valid)("hold the leaves of bundle $hex", (bundle) => {
    expect(parseBundle(bytesOf(bundle.hex))).toEqual(bundle.leaves.map(utf8));
  });

  it.each(vectors.bundles.invalid)("refuse bundle %s", (bundle) => {
    expect(() => parseBundle(bytesOf(bundle))).toThrow(NotProven);
  });
});

describe("base64", () => {
  it("has one form", () => {
    expect(base64(fromBase64("AQI=") ?? new Uint8Array())).toBe("AQI=");
    for (const other of ["AQI", "AQJ=", " AQI=", "AQI=\n", "A", "AQ-_"])
      expect(fromBase64(other)).toBe(null);
  });
});
