/** The tree twin: the accessible form of the drawing, and for large ones the faster. */

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { nodeLabel } from "../api/naming.ts";
import type { Side } from "./lineage.ts";
import { type Row, rowNote } from "./rows.ts";
import type { Mark } from "./scene.ts";

interface Props {
  rows: Row[];
  selected: string | null;
  marks: ReadonlyMap<string, readonly Mark[]>;
  ways: ReadonlySet<string> | null;
  label: string;
  onSelect(ref: string): void;
  onOpen(ref: string): void;
  onToggle(ref: string, side: Side): void;
}

const ROW_PIXELS = 28;
const AHEAD = 12;

export function TreeView(props: Props) {
  const { rows, selected, label } = props;
  const host = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [active, setActive] = useState<string | null>(null);
  const places = useMemo(() => new Map(rows.map(({ key }, at) => [key, at])), [rows]);

  // The line that was walked to; else the first of what is selected.
  const walked = active !== null ? places.get(active) : undefined;
  const at =
    walked !== undefined && (selected === null || rows[walked]?.ref === selected)
      ? walked
      : Math.max(
          0,
          rows.findIndex(({ ref }) => ref === selected),
        );

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const line = at * ROW_PIXELS;
    if (line < element.scrollTop) element.scrollTop = line;
    else if (line + ROW_PIXELS > element.scrollTop + element.clientHeight)
      element.scrollTop = line + ROW_PIXELS - element.clientHeight;
  }, [at]);

  const walk = (to: number): void => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!row) return;
    setActive(row.key);
    props.onSelect(row.ref);
  };

  const toggle = (row: Row): void => {
    for (const side of row.side ? [row.side] : (["up", "down"] as const))
      props.onToggle(row.ref, side);
  };

  const press = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(height / ROW_PIXELS) - 1);
    const parent = (): number => {
      for (let up = at - 1; up >= 0; up--) if ((rows[up]?.level ?? 0) < row.level) return up;
      return at;
    };
    const keys: Record<string, () => void> = {
      ArrowDown: () => walk(at + 1),
      ArrowUp: () => walk(at - 1),
      PageDown: () => walk(at + page),
      PageUp: () => walk(at - page),
      Home: () => walk(0),
      End: () => walk(rows.length - 1),
      ArrowRight: () => (row.expanded === false ? toggle(row) : row.expanded && walk(at + 1)),
      ArrowLeft: () => (row.expanded && row.level > 1 ? toggle(row) : walk(parent())),
      Enter: () => props.onOpen(row.ref),
      " ": () => row.expanded !== null && toggle(row),
    };
    const act = keys[event.key];
    if (!act) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };

  const first = Math.max(0, Math.floor(top / ROW_PIXELS) - AHEAD);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW_PIXELS) + AHEAD);
  const drawn = rows.slice(first, last);
  const activeDrawn = at >= first && at < last;
  return (
    <div
      ref={host}
      className="tree"
      role="tree"
      aria-label={label}
      aria-activedescendant={activeDrawn ? `row-${at}` : undefined}
      tabIndex={0}
      onKeyDown={press}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <div className="tree-all" role="presentation" style={{ height: rows.length * ROW_PIXELS }}>
        {drawn.map((row, offset) => (
          <TreeRow
            key={row.key}
            row={row}
            at={first + offset}
            active={first + offset === at}
            dim={props.ways !== null && !props.ways.has(row.ref)}
            marks={props.marks.get(row.ref) ?? []}
            onClick={(onTwist) => {
              setActive(row.key);
              props.onSelect(row.ref);
              if (onTwist) toggle(row);
            }}
            onOpen={() => props.onOpen(row.ref)}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  row: Row;
  at: number;
  active: boolean;
  dim: boolean;
  marks: readonly Mark[];
  onClick(onTwist: boolean): void;
  onOpen(): void;
}

function TreeRow({ row, at, active, dim, marks, onClick, onOpen }: RowProps) {
  const { node, level, expanded, hidden, above } = row;
  const kind = node.kind === "version" ? node.artifact.kind : node.kind;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and names the active line
    <div
      id={`row-${at}`}
      role="treeitem"
      className={`tree-row${active ? " active" : ""}${dim ? " dim" : ""}`}
      aria-level={level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={expanded ?? undefined}
      aria-selected={active}
      style={{ top: at * ROW_PIXELS, paddingLeft: 8 + (level - 1) * 18 }}
      onClick={({ target }) => onClick(!!(target as Element).closest(".twist"))}
      onDoubleClick={onOpen}
    >
      <span className="twist" aria-hidden="true">
        {expanded === null ? "" : expanded ? "▾" : "▸"}
      </span>
      {level === 2 && row.position === 1 && (
        <span className="tree-side">{row.side === "up" ? "came from" : "reached"}</span>
      )}
      <svg className="icon" aria-hidden="true">
        <use href={`#icon-${kind}`} />
      </svg>
      <span className="tree-kind">{kind}</span> <bdi className="tree-name">{nodeLabel(node)}</bdi>{" "}
      <span className="tree-note">{rowNote(row)}</span>
      {marks.map(({ word, tone }) => (
        <span key={word} className={`mark ${tone}`}>
          {word}
        </span>
      ))}
      {above && <span className="tree-note">shown above</span>}
      {hidden > 0 && !expanded && (
        <span className="more">
          +{hidden.toLocaleString("en")}
          <span className="unseen"> hidden</span>
        </span>
      )}
    </div>
  );
}
