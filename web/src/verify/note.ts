/** Signed notes (C2SP signed-note) with Ed25519 signatures (type 0x01), strictly. */

import { hashes, verify } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { base64, concat, equal, fromBase64, hex, text, utf8 } from "./bytes.ts";
import { NotProven } from "./errors.ts";

// `crypto.subtle` does not exist on plain-http addresses of a local network.
hashes.sha512 = sha512;

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const SIGNATURES_MAX = 100;
const NOTE_BYTES_MAX = 1_000_000;
const DASH = "— ";
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note may not have any
const CONTROL = /[\x00-\x09\x0b-\x1f]/;

export interface Signature {
  name: string;
  keyId: Uint8Array;
  data: Uint8Array;
}

export interface Note {
  text: string;
  signatures: Signature[];
}

/** A public key under a name, as `<name>+<key id, hex>+<base64(type || key)>` spells it. */
export interface VerifierKey {
  name: string;
  keyId: Uint8Array;
  key: Uint8Array;
}

/** Take a note apart without believing any of it; throws `NotProven` unless it has the one form. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > NOTE_BYTES_MAX) throw new NotProven(`a note of ${bytes.length} bytes`);
  let whole: string;
  try {
    whole = text(bytes);
  } catch {
    throw new NotProven("a note that is not UTF-8");
  }
  if (CONTROL.test(whole)) throw new NotProven("a note with a control character");
  // The last empty line separates; the text may have some of its own.
  const middle = whole.lastIndexOf("\n\n");
  const tail = whole.slice(middle + 2);
  if (middle < 0 || !tail.endsWith("\n"))
    throw new NotProven("a note needs a text, an empty line and whole signature lines");
  const lines = tail.slice(0, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) throw new NotProven(`a note with ${lines.length} signatures`);
  return { text: whole.slice(0, middle + 1), signatures: lines.map(parseSignature) };
}

/** Read a verifier key; throws `NotProven` unless it names its own key. */
export function parseVerifierKey(vkey: string): VerifierKey {
  const form = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(vkey);
  const data = fromBase64(form?.[3] ?? "");
  if (!form?.[1] || !data || data[0] !== ED25519 || data.length !== 1 + KEY_BYTES)
    throw new NotProven("no Ed25519 verifier key: <name>+<key id>+<base64>");
  const [name, key] = [form[1], data.slice(1)];
  requireName(name);
  const keyId = keyIdOf(name, key);
  if (hex(keyId) !== form[2]) throw new NotProven("a verifier key that does not name its own key");
  return { name, keyId, key };
}

/** SHA-256(name || 0x0A || type || key)[:4]. */
export function keyIdOf(name: string, key: Uint8Array): Uint8Array {
  const hashed = sha256(concat(utf8(`${name}\n`), Uint8Array.of(ED25519), key));
  return hashed.slice(0, KEY_ID_BYTES);
}

/** Whether the key made this signature over the text (RFC 8032 §5.1.7); never throws. */
export function holds(key: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    return (
      signature.length === SIGNATURE_BYTES && verify(signature, signed, key, { zip215: false })
    );
  } catch {
    return false;
  }
}

/** Check that a known key signed; signatures of other keys say nothing. Throws `NotProven`. */
export function requireSigned(note: Note, key: VerifierKey): void {
  const own = note.signatures.filter(
    (signature) => signature.name === key.name && equal(signature.keyId, key.keyId),
  );
  if (own.length === 0) {
    const signers = note.signatures.map(({ name, keyId }) => `${name} (${hex(keyId)})`);
    throw new NotProven(`it is not signed by this key, but by ${signers.join(", ")}`);
  }
  const signed = utf8(note.text);
  if (!own.every((signature) => holds(key.key, signed, signature.data)))
    throw new NotProven(`the signature of ${key.name} does not hold`);
}

function parseSignature(line: string): Signature {
  const space = line.indexOf(" ", DASH.length);
  const [name, encoded] = [line.slice(DASH.length, space), line.slice(space + 1)];
  const data = fromBase64(encoded);
  if (!line.startsWith(DASH) || space < 0 || !data || data.length <= KEY_ID_BYTES)
    throw new NotProven("no signature line");
  requireName(name);
  const keyId = data.slice(0, KEY_ID_BYTES);
  return { name, keyId, data: data.slice(KEY_ID_BYTES) };
}

function requireName(name: string): void {
  if (!name || name.includes("+") || /\s/u.test(name) || CONTROL.test(name))
    throw new NotProven("a key name has neither space nor plus");
}

export function formatVerifierKey({ name, keyId, key }: VerifierKey): string {
  return `${name}+${hex(keyId)}+${base64(concat(Uint8Array.of(ED25519), key))}`;
}
