/** Heads (C2SP tlog-checkpoint): origin, size and root, one a line. */

import { equal, fromBase64, HASH_BYTES } from "./bytes.ts";
import { NotProven } from "./errors.ts";
import { EMPTY_ROOT } from "./tree.ts";

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an origin may not have any
const FORM = /^([^\x00-\x1f]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n$/;

/** Read the text of a head; throws `NotProven` unless it has the one form. */
export function parseCheckpoint(text: string): Checkpoint {
  const [, origin, digits, encoded] = FORM.exec(text) ?? [];
  const root = fromBase64(encoded ?? "");
  if (!origin || !digits || root?.length !== HASH_BYTES)
    throw new NotProven("a head has an origin, a size and a root, one a line");
  const size = Number(digits);
  if (!Number.isSafeInteger(size)) throw new NotProven(`a head of ${digits} leaves`);
  if (size === 0 && !equal(root, EMPTY_ROOT))
    throw new NotProven("a head of no leaves with the root of some");
  return { origin, size, root };
}
