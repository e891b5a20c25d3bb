/** Where a ledger is read from. Nothing that it gives is believed. */

export interface StoredPart {
  salt: Uint8Array;
  bytes: Uint8Array;
}

export interface StoredEntry {
  leaf: Uint8Array;
  /** Null for a part whose content is erased. */
  parts: (StoredPart | null)[];
}

export interface Log {
  checkpoint(): Promise<Uint8Array>;
  /** The verifier key as the server names it: only the first one met is taken. */
  key(): Promise<string>;
  resource(path: string): Promise<Uint8Array>;
  entry(index: number): Promise<StoredEntry>;
}
