/** Direction, depth, lens and form of the drawing. */

import { Icon } from "../../ui/icons.tsx";
import { DEPTH_MOST, type Explorer } from "./useExplorer.ts";

export function Controls({ state, onPath }: { state: Explorer; onPath: () => void }) {
  const { address, direction, depth, lens, form, selected, lineage, pathTo } = state;
  const setDepth = (next: number): void =>
    address.set({ depth: next === 1 ? null : String(next), open: null });
  return (
    <div className="controls" role="toolbar" aria-label="What is shown">
      <Choice
        label="Direction"
        options={[
          ["up", "Upstream"],
          ["both", "Both"],
          ["down", "Downstream"],
        ]}
        value={direction}
        onChange={(dir) => address.set({ dir: dir === "both" ? null : dir })}
      />
      <span className="control">
        <span className="quiet">Hops</span>
        <span className="segments">
          <button
            type="button"
            className="button"
            aria-label="One hop fewer"
            disabled={depth < 1}
            onClick={() => setDepth(depth > 90 ? 1 : depth - 1)}
          >
            −
          </button>
          <output className="depth" aria-label="Hops shown">
            {depth > 90 ? "all" : depth}
          </output>
          <button
            type="button"
            className="button"
            aria-label="One hop more"
            disabled={depth > 90}
            onClick={() => setDepth(depth + 1)}
          >
            +
          </button>
          <button
            type="button"
            className="button"
            aria-pressed={depth > 90}
            onClick={() => setDepth(depth > 90 ? 1 : DEPTH_MOST)}
          >
            All
          </button>
        </span>
      </span>
      <Choice
        label="Lens"
        options={[
          ["kind", "Kind"],
          ["completeness", "Completeness"],
        ]}
        value={lens}
        onChange={(next) => address.set({ lens: next === "kind" ? null : next })}
      />
      <button
        type="button"
        className="button"
        aria-pressed={pathTo !== null}
        disabled={!pathTo && (!selected || selected === lineage?.focus)}
        title="Ways between the focus and what is selected (p)"
        onClick={onPath}
      >
        <Icon name="path" /> Ways
      </button>
      <span className="control end">
        <Choice
          label="Form"
          options={[
            ["graph", "Graph"],
            ["tree", "Tree"],
            ["both", "Both"],
          ]}
          value={form}
          onChange={(next) => address.set({ view: next === "graph" ? null : next })}
        />
      </span>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  options: readonly (readonly [T, string])[];
  value: T;
  onChange(next: T): void;
}

function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>) {
  return (
    <span className="control">
      <span className="quiet" aria-hidden="true">
        {label}
      </span>
      <span className="segments" role="group" aria-label={label}>
        {options.map(([key, words]) => (
          <button
            key={key}
            type="button"
            className="button"
            aria-pressed={key === value}
            onClick={() => onChange(key)}
          >
            {words}
          </button>
        ))}
      </span>
    </span>
  );
}
