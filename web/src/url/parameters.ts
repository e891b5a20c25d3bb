/** The address is the state: what a view shows can be copied, shared, and gone back to. */

import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
// The one of "wouter" itself decodes the search before it is taken apart, and so once too often.
import { useSearch } from "wouter/use-browser-location";

export type Changes = Record<string, string | null>;

export interface Address {
  get(name: string): string | null;
  /** Change parameters; null removes one. A new step of the history, unless `replace` is said. */
  set(changes: Changes, options?: { replace?: boolean }): void;
}

export function useAddress(): Address {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const get = useCallback((name: string) => parameters.get(name), [parameters]);
  const set = useCallback(
    (changes: Changes, options?: { replace?: boolean }) => {
      // What is in the address now, not when this was rendered: two keys may be hit in one frame.
      const now = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes))
        if (value === null) now.delete(name);
        else now.set(name, value);
      const query = now.toString();
      navigate(query ? `${path}?${query}` : path, options);
    },
    [path, navigate],
  );
  return useMemo(() => ({ get, set }), [get, set]);
}

/** Addresses of the screens. */
export const to = {
  home: () => "/",
  search: (q: string) => `/search?${query({ q })}`,
  lineage: (ref: string, rest: Changes = {}) => `/lineage?${query({ ref, ...rest })}`,
  passport: (ref: string, at: string | null = null) => `/passport?${query({ ref, at })}`,
  run: (ref: string, at: string | null = null) => `/run?${query({ ref, at })}`,
  diff: (a: string, b: string, at: string | null = null) => `/diff?${query({ a, b, at })}`,
  ledger: (rest: Changes = {}) => `/ledger?${query(rest)}`.replace(/\?$/, ""),
  /** The screen of whatever a reference names. */
  thing: (ref: string, at: string | null = null) =>
    ref.startsWith("run:") ? to.run(ref, at) : to.passport(ref, at),
};

function query(parameters: Changes): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== null);
  return new URLSearchParams(given as [string, string][]).toString();
}
