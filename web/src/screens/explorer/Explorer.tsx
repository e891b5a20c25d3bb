/** The lineage of one thing, as a graph and as a tree. */

import { useCallback, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { command } from "../../api/command.ts";
import type { Node } from "../../api/documents.ts";
import { nodeLabel, refLabel } from "../../api/naming.ts";
import { useKeys } from "../../app/keys.ts";
import { type GraphControls, GraphView } from "../../graph/GraphView.tsx";
import { rowsOf } from "../../graph/rows.ts";
import { type Scene, sketch } from "../../graph/scene.ts";
import { TreeView } from "../../graph/TreeView.tsx";
import { Copies } from "../../ui/Copy.tsx";
import { Kind } from "../../ui/names.tsx";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { to } from "../../url/parameters.ts";
import { AtNotice, TimeSlider } from "../TimeSlider.tsx";
import { Controls } from "./Controls.tsx";
import { Details } from "./Details.tsx";
import { Exports } from "./Exports.tsx";
import { StatusLine } from "./StatusLine.tsx";
import { completenessMarks, type Explorer as State, useExplorer } from "./useExplorer.ts";

/** More than this is not drawn at once: the page asks to narrow. */
export const DRAWN_MAX = 20_000;

export default function Explorer() {
  const state = useExplorer();
  const { ref, up, down, lineage, shown } = state;
  if (!ref)
    return (
      <Blank title="Nothing is asked about" whole>
        <p>
          Search for an artifact, a model or a run, and open its lineage. Press <kbd>/</kbd>.
        </p>
      </Blank>
    );
  const failed = [up, down].find(({ isError }) => isError);
  if (failed?.error)
    return (
      <Failure
        error={failed.error}
        retry={() => void Promise.all([up.refetch(), down.refetch()])}
      />
    );
  if (!lineage || !shown) return <Loading what={`Asking for the lineage of ${refLabel(ref)}.`} />;
  return <Lineage state={state} lineage={lineage} shown={shown} />;
}

interface Ready {
  state: State;
  lineage: NonNullable<State["lineage"]>;
  shown: NonNullable<State["shown"]>;
}

function Lineage({ state, lineage, shown }: Ready) {
  const { address, selected, lens, lit, columns, form } = state;
  const [, navigate] = useLocation();
  const controls = useRef<GraphControls>(null);
  const [drawn, setDrawn] = useState<{ scene: Scene; milliseconds: number } | null>(null);
  const [anchor, setAnchor] = useState(lineage.focus);

  const marks = useMemo(
    () =>
      lens === "completeness" ? completenessMarks([state.up.data, state.down.data]) : new Map(),
    [lens, state.up.data, state.down.data],
  );
  const drawing = useMemo(
    () => sketch(lineage, shown, { marks, columns }),
    [lineage, shown, marks, columns],
  );
  const rows = useMemo(
    () => (form === "graph" ? [] : rowsOf(lineage, shown)),
    [form, lineage, shown],
  );
  const ways = useMemo(() => lit ?? waysOf(lineage, selected), [lit, lineage, selected]);

  const select = (ref: string | null): void => address.set({ sel: ref }, { replace: true });
  const open = (ref: string): void => {
    if (ref === lineage.focus) navigate(to.thing(ref, state.at));
    else address.set({ ref, sel: ref, open: null, path: null, col: null });
  };
  const toggleNode = (ref: string, side: "up" | "down"): void => {
    setAnchor(ref);
    state.toggleNode(ref, side);
  };
  const path = (): void => {
    if (state.pathTo) address.set({ path: null });
    else if (selected && selected !== lineage.focus) address.set({ path: selected });
  };
  useKeys({
    f: () => controls.current?.overview(),
    t: () => address.set({ view: form === "tree" ? null : "tree" }),
    p: path,
    d: () => navigate(to.diff(selected ?? lineage.focus, "", state.at)),
    Escape: () => address.set({ sel: null, path: null, col: null }),
  });
  const onDrawn = useCallback(
    (scene: Scene, milliseconds: number) => setDrawn({ scene, milliseconds }),
    [],
  );

  const focus = lineage.nodes.get(lineage.focus);
  const label = focus ? nodeLabel(focus) : refLabel(lineage.focus);
  const tooMany = shown.refs.size > DRAWN_MAX;
  return (
    <div className="explorer">
      <Header state={state} focus={focus} label={label} drawn={drawn?.scene ?? null} />
      <Controls state={state} onPath={path} />
      <AtNotice at={state.at} onNow={() => address.set({ at: null })} />
      <div className={`explorer-views ${form}`}>
        {form !== "tree" &&
          (tooMany ? (
            <TooMany
              count={shown.refs.size}
              onNarrow={() => address.set({ depth: "1", open: null })}
            />
          ) : (
            <div className={`explorer-graph lens-${lens}`}>
              <GraphView
                sketch={drawing}
                anchor={shown.refs.has(anchor) ? anchor : lineage.focus}
                selected={selected}
                ways={ways}
                label={`Lineage of ${label} as a graph. Arrow keys walk it, Enter opens, Space shows more. The tree says the same.`}
                controls={controls}
                onSelect={select}
                onOpen={open}
                onToggle={toggleNode}
                onDrawn={onDrawn}
              />
              <ZoomButtons controls={controls} />
            </div>
          ))}
        {form !== "graph" && (
          <TreeView
            rows={rows}
            selected={selected}
            marks={marks}
            ways={lit}
            label={`Lineage of ${label}`}
            onSelect={select}
            onOpen={open}
            onToggle={toggleNode}
          />
        )}
        {selected && lineage.nodes.has(selected) && (
          <Details state={state} node={lineage.nodes.get(selected) as Node} onPath={path} />
        )}
      </div>
      <StatusLine
        state={state}
        lineage={lineage}
        shown={shown}
        milliseconds={drawn?.milliseconds}
      />
      <TimeSlider />
      <p className="unseen" role="status">
        {selected ? (drawn?.scene.byRef.get(selected)?.label ?? "") : ""}
      </p>
    </div>
  );
}

interface HeaderProps {
  state: State;
  focus: Node | undefined;
  label: string;
  drawn: Scene | null;
}

function Header({ state, focus, label, drawn }: HeaderProps) {
  const focusRef = focus?.ref ?? state.ref ?? "";
  const ask = state.direction === "down" ? "impact" : "trace";
  const words = state.pathTo ? ["paths", focusRef, state.pathTo] : [ask, focusRef];
  const depth = state.pathTo || state.depth > 90 ? null : state.depth;
  return (
    <header className="explorer-head">
      <h1>
        <span className="unseen">Lineage of </span>
        {focus && <Kind kind={focus.kind === "version" ? focus.artifact.kind : focus.kind} />}{" "}
        <Link href={to.thing(focusRef, state.at)}>
          <bdi>{label}</bdi>
        </Link>
      </h1>
      <span className="actions">
        <Copies command={command(words, { depth, at: state.at })} />
        <Exports state={state} scene={drawn} />
      </span>
    </header>
  );
}

/** Everything that the selected thing came from or reached: what stays lit. */
function waysOf(lineage: Ready["lineage"], selected: string | null): ReadonlySet<string> | null {
  if (!selected || selected === lineage.focus || !lineage.nodes.has(selected)) return null;
  const ways = new Set([selected]);
  for (const side of ["up", "down"] as const)
    for (const ref of lineage.beyond(selected, side)) ways.add(ref);
  // A run has no hops of its own, but stands between what it read and wrote.
  for (const { from, to: end } of lineage.edges) {
    if (from === selected) ways.add(end);
    if (end === selected) ways.add(from);
  }
  return ways;
}

function TooMany({ count, onNarrow }: { count: number; onNarrow: () => void }) {
  return (
    <Blank title={`${count.toLocaleString("en")} things are too many to draw`}>
      <p>
        Up to {DRAWN_MAX.toLocaleString("en")} are drawn. Show fewer hops or one direction, look at
        the tree, or open something nearer to what you are after.
      </p>
      <button type="button" className="button primary" onClick={onNarrow}>
        Show one hop
      </button>
    </Blank>
  );
}

function ZoomButtons({ controls }: { controls: { current: GraphControls | null } }) {
  return (
    <div className="zoom segments">
      <button
        type="button"
        className="button"
        aria-label="Zoom out"
        onClick={() => controls.current?.zoom(0.8)}
      >
        −
      </button>
      <button
        type="button"
        className="button"
        aria-label="Zoom in"
        onClick={() => controls.current?.zoom(1.25)}
      >
        +
      </button>
      <button type="button" className="button" onClick={() => controls.current?.overview()}>
        Fit
      </button>
    </div>
  );
}
