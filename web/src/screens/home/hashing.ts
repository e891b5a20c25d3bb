/** The digest of a dropped file, computed here: the file is never sent anywhere. */

import { sha256 } from "@noble/hashes/sha2.js";
import { hex } from "../../verify/bytes.ts";

/** `sha256:<hex>`, read in pieces, so that a file may be larger than memory. */
export async function digestOf(file: File, progress: (part: number) => void): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  let read = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    hash.update(piece.value);
    read += piece.value.length;
    progress(file.size ? read / file.size : 1);
  }
  return `sha256:${hex(hash.digest())}`;
}
