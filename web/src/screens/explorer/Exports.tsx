/** Save exactly what is shown. */

import { refLabel } from "../../api/naming.ts";
import type { Scene } from "../../graph/scene.ts";
import { Icon } from "../../ui/icons.tsx";
import { shownAsCsv, shownAsJson, shownAsSvg } from "./export.ts";
import type { Explorer } from "./useExplorer.ts";

export function Exports({ state, scene }: { state: Explorer; scene: Scene | null }) {
  const { lineage, shown, up, down } = state;
  if (!lineage || !shown) return null;
  const name = `lineage-${refLabel(lineage.focus).replace(/[^\w.-]+/g, "-")}`;
  const json = (): string =>
    shownAsJson(lineage, shown, {
      head: (up.data ?? down.data)?.head,
      completeness: { upstream: up.data?.completeness, downstream: down.data?.completeness },
    });
  const svg = (drawn: Scene): string => {
    const style = getComputedStyle(document.documentElement);
    const colour = (of: string): string => style.getPropertyValue(`--${of}`).trim();
    const colours = {
      ink: colour("ink"),
      quiet: colour("ink-3"),
      line: colour("line-strong"),
      panel: colour("panel"),
      paper: colour("paper"),
    };
    return shownAsSvg(drawn, colours, `Lineage of ${refLabel(lineage.focus)}`);
  };
  return (
    <span className="exports" role="group" aria-label="Save what is shown">
      <Icon name="save" />
      <SaveButton
        label="CSV"
        onClick={() => save(`${name}.csv`, "text/csv", shownAsCsv(lineage, shown))}
      />
      <SaveButton label="JSON" onClick={() => save(`${name}.json`, "application/json", json())} />
      <SaveButton
        label="SVG"
        disabled={!scene}
        onClick={() => scene && save(`${name}.svg`, "image/svg+xml", svg(scene))}
      />
    </span>
  );
}

interface SaveProps {
  label: string;
  disabled?: boolean;
  onClick(): void;
}

function SaveButton({ label, disabled = false, onClick }: SaveProps) {
  return (
    <button
      type="button"
      className="button plain"
      disabled={disabled}
      aria-label={`Save as ${label}`}
      onClick={onClick}
    >
      {label}
    </button>
  );
}

function save(name: string, type: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
