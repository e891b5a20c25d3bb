/** One entry: when, by whom (an opaque id), of what kind, over which parts. */

import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromBase64Url, text, utf8 } from "./bytes.ts";
import { NotProven } from "./errors.ts";

export interface Leaf {
  /** RFC 3339, in milliseconds, as it stands. */
  at: string;
  by: string;
  kind: string;
  /** Commitments to the entry's bytes. */
  parts: Uint8Array[];
}

const LEAF_BYTES_MAX = 65_535;
const SALT_BYTES = 16;
const DOMAIN = utf8("headwater/part/v1\0");

// No string in a leaf needs an escape and the keys stand sorted: its RFC 8785 form is a regular language.
const FORM =
  /^\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","by":"([\w-]{21}[AQgw])","kind":"([a-z][a-z0-9._-]{0,63})","parts":\[((?:"[\w-]{43}"(?:,"[\w-]{43}")*)?)\],"v":1\}$/;

/** Read a leaf in its one form, or throw `NotProven`. */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const whole = bytes.length > LEAF_BYTES_MAX ? "" : ascii(bytes);
  const [, at, by, kind, list] = FORM.exec(whole) ?? [];
  if (at === undefined || by === undefined || kind === undefined || !exists(at))
    throw new NotProven("bytes that are not the canonical form of a leaf of version 1");
  const parts = (list ? list.split(",") : []).map((quoted) => {
    const part = fromBase64Url(quoted.slice(1, -1));
    if (!part) throw new NotProven("a commitment that is not base64url in its one form");
    return part;
  });
  return { at, by, kind, parts };
}

/** SHA-256("headwater/part/v1" || 0x00 || salt || bytes). */
export function commitment(salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (salt.length !== SALT_BYTES) throw new NotProven(`a salt has ${SALT_BYTES} bytes`);
  return sha256(concat(DOMAIN, salt, bytes));
}

function ascii(bytes: Uint8Array): string {
  return bytes.every((byte) => byte < 0x80) ? text(bytes) : "";
}

function exists(at: string): boolean {
  if (at.startsWith("0000")) return false;
  const read = new Date(at);
  return !Number.isNaN(read.getTime()) && read.toISOString() === at;
}
