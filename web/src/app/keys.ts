/** Keys that act wherever the focus is, unless it is where text is typed. */

import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement | null;
      if (target?.closest("input, textarea, select, dialog, [contenteditable]")) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

export const HELP: readonly [keys: string, does: string][] = [
  ["/", "search"],
  ["← → ↑ ↓", "walk the graph or the tree; with Shift, move the drawing"],
  ["Enter", "open what is selected"],
  ["Space", "show or hide what is one hop further"],
  ["[ ]", "back and forth through time"],
  ["f", "fit the drawing"],
  ["+ −", "zoom"],
  ["t", "tree or graph"],
  ["p", "ways between the focus and what is selected"],
  ["d", "compare with the one before"],
  ["v", "verify in this browser"],
  ["Escape", "leave: selection, ways, dialog"],
  ["?", "these keys"],
];
