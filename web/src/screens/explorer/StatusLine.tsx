/** How much is shown of how much, and how complete that is. */

import { useMemo } from "react";
import { nodeLabel, refLabel } from "../../api/naming.ts";
import type { Lineage, Shown } from "../../graph/lineage.ts";
import { Completeness, plural } from "../../ui/Completeness.tsx";
import type { Explorer } from "./useExplorer.ts";

interface Props {
  state: Explorer;
  lineage: Lineage;
  shown: Shown;
  milliseconds: number | undefined;
}

export function StatusLine({ state, lineage, shown, milliseconds }: Props) {
  const { up, down, ways, pathTo, column, columnAnswers } = state;
  const end = pathTo ? lineage.nodes.get(pathTo) : undefined;
  const owners = down.data?.owners ?? [];
  const size = (up.data ?? down.data)?.head.size;
  const shownCount = useMemo(
    () => [...shown.refs].filter((ref) => lineage.nodes.has(ref)).length,
    [shown, lineage],
  );
  return (
    <footer className="status">
      <span>
        <strong className="count">{shownCount.toLocaleString("en")}</strong> of{" "}
        {lineage.nodes.size.toLocaleString("en")} shown
      </span>
      {up.data && state.direction !== "down" && (
        <span className="control">
          <span className="quiet">Upstream</span>
          <Completeness completeness={up.data.completeness} nodes={lineage.nodes} />
        </span>
      )}
      {down.data && state.direction !== "up" && (
        <span className="control">
          <span className="quiet">Downstream</span>
          <Completeness completeness={down.data.completeness} nodes={lineage.nodes} />
        </span>
      )}
      {state.direction !== "up" && owners.length > 0 && (
        <span>
          <span className="quiet">Owners</span> {owners.join(", ")}
        </span>
      )}
      {pathTo && (
        <span role="status">
          {ways.isError
            ? `Ways: ${ways.error.message}`
            : ways.data
              ? `${plural(ways.data.paths.length, "way")}${ways.data.more ? " and more" : ""} to ${end ? nodeLabel(end) : refLabel(pathTo)}`
              : "Looking for ways"}
        </span>
      )}
      {column && (
        <span role="status">
          Column <code>{column.path}</code>:{" "}
          {columnAnswers.up.isPending || columnAnswers.down.isPending
            ? "looking"
            : columnAnswers.up.isError
              ? columnAnswers.up.error.message
              : plural(state.columns.size, "version")}
        </span>
      )}
      <span className="quiet end">
        {milliseconds !== undefined && `Laid out in ${Math.max(1, Math.round(milliseconds))} ms. `}
        Known at ledger size {size?.toLocaleString("en")}. Times are UTC.
      </span>
    </footer>
  );
}
