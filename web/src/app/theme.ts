/** Light or dark: as the system has it, unless somebody said otherwise here. */

import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const NAME = "headwater.theme";
const scheme = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function theme(): Theme {
  const said = localStorage.getItem(NAME);
  if (said === "light" || said === "dark") return said;
  return scheme.matches ? "dark" : "light";
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

export function setTheme(next: Theme): void {
  localStorage.setItem(NAME, next);
  applyTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}

scheme.addEventListener("change", applyTheme);
