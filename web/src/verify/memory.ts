/** What this browser saw of a ledger before: its key and the last head that held. */

import { base64, fromBase64, text } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { parseNote } from "./note.ts";

export interface Seen {
  /** The verifier key, as it was first met. */
  key: string;
  /** The signed head, byte for byte. */
  note: Uint8Array;
  head: Checkpoint;
  /** When it was seen, RFC 3339. */
  at: string;
}

/** The part of `localStorage` that is needed. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const PREFIX = "headwater.seen.";

/** What was seen of this origin; null if nothing was, or what is kept cannot be read. */
export function recall(shelf: Shelf, origin: string): Seen | null {
  try {
    const kept: unknown = JSON.parse(shelf.getItem(PREFIX + origin) ?? "null");
    const { key, note, at } = kept as Record<string, string>;
    const bytes = fromBase64(note ?? "");
    if (!key || !bytes || !at) return null;
    const head = parseCheckpoint(parseNote(bytes).text);
    return head.origin === origin ? { key, note: bytes, head, at } : null;
  } catch {
    return null;
  }
}

export function remember(shelf: Shelf, seen: Omit<Seen, "head">, origin: string): void {
  const kept = { key: seen.key, note: base64(seen.note), at: seen.at };
  shelf.setItem(PREFIX + origin, JSON.stringify(kept));
}

export function forget(shelf: Shelf, origin: string): void {
  shelf.removeItem(PREFIX + origin);
}

/** A kept head as the text that `headwater verify --since` takes from a file. */
export function noteText(seen: Seen): string {
  return text(seen.note);
}
