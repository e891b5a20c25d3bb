/** Vectors that Python's tests read too, by path: nothing of them is copied. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Our own, beside the Python tests of the ledger. */
export function own<T>(name: string): T {
  return read(join(repository, "tests", "ledger", "vectors", `${name}.json`));
}

/** The folder of published vectors beside the checkout; null where there is none. */
export const published: string | null =
  [join(repository, "..", "shared", "vectors")].find(existsSync) ?? null;

/** Every JSON file below a folder of published vectors. */
export function publishedCases<T>(folder: string): T[] {
  const root = join(published ?? "", folder);
  return readdirSync(root, { recursive: true, encoding: "utf-8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => read<T>(join(root, name)));
}

export function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf-8")) as T;
}

export function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hexadecimal, "hex"));
}
