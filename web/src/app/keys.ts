/**
 * Keys that act wherever the focus is, unless it is where text is typed. What a screen does with a key
 * comes before what the window does with it.
 */

import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

export function useKeys(keys: Keys, on: "screen" | "window" = "screen"): void {
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
    // An event is at the document before it is at the window.
    const target = on === "window" ? window : document;
    target.addEventListener("keydown", press as EventListener);
    return () => target.removeEventListener("keydown", press as EventListener);
  }, [on]);
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
