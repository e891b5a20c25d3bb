/** Two runs, two versions or two points in time: only what changed, causes before effects. */

import { useMemo } from "react";
import { Link } from "wouter";
import { command } from "../../api/command.ts";
import type { Change, Diff as Document, Node } from "../../api/documents.ts";
import { printable, refLabel } from "../../api/naming.ts";
import { useDiff, useShow } from "../../api/queries.ts";
import { artifactRef, jobRef, parseRef } from "../../api/refs.ts";
import { when } from "../../api/time.ts";
import { plural } from "../../ui/Completeness.tsx";
import { Copies } from "../../ui/Copy.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Thing } from "../../ui/names.tsx";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { to, useAddress } from "../../url/parameters.ts";
import { plain } from "../Facets.tsx";
import { AtNotice } from "../TimeSlider.tsx";
import { grouped, lastOf, relative } from "./changes.ts";
import { Side } from "./Side.tsx";

export default function Diff() {
  const address = useAddress();
  const [a, b, at] = [address.get("a") || null, address.get("b") || null, address.get("at")];
  const { data, isPending, isError, error, refetch } = useDiff(a, b, at);
  return (
    <div className="page">
      <AtNotice at={at} onNow={() => address.set({ at: null })} />
      <header className="page-head">
        <div className="titles">
          <h1>Compare</h1>
        </div>
        {a && b && (
          <span className="actions">
            <Copies command={command(["diff", a, b], { at })} />
          </span>
        )}
      </header>
      <div className="sides">
        <Side
          key={`a ${a}`}
          label="Before"
          value={data?.a ?? a}
          node={nodeOf(data, data?.a)}
          onChange={(next) => address.set({ a: next })}
        />
        <button
          type="button"
          className="button"
          aria-label="Swap"
          onClick={() => address.set({ a: b, b: a })}
        >
          ⇄
        </button>
        <Side
          key={`b ${b}`}
          label="After"
          value={data?.b ?? b}
          node={nodeOf(data, data?.b)}
          onChange={(next) => address.set({ b: next })}
        />
      </div>
      {!a || !b ? (
        <Candidates
          given={a ?? b}
          at={at}
          onPick={(next) => address.set(a ? { b: next } : { a: next })}
        />
      ) : isError ? (
        <Failure error={error} retry={refetch} />
      ) : isPending ? (
        <Loading what="Comparing." />
      ) : (
        <Changes diff={data} at={at} />
      )}
    </div>
  );
}

function nodeOf(diff: Document | undefined, ref: string | undefined): Node | undefined {
  return diff?.nodes.find((node) => node.ref === ref);
}

function Changes({ diff, at }: { diff: Document; at: string | null }) {
  const groups = useMemo(() => grouped(diff.changes), [diff.changes]);
  const nodes = useMemo(() => new Map(diff.nodes.map((node) => [node.ref, node])), [diff.nodes]);
  if (groups.length === 0)
    return (
      <Blank title="Nothing changed">
        <p>As far as the ledger knows, the two do not differ.</p>
      </Blank>
    );
  const count = groups.reduce((sum, { changes }) => sum + changes.length, 0);
  return (
    <>
      <p role="status">
        {plural(count, "change")}:{" "}
        {groups.map(({ title, changes }) => `${title} ${changes.length}`).join(" · ")}
      </p>
      {groups.map(({ title, changes }) => (
        <section key={title} className="panel">
          <h2>{title}</h2>
          <table className="table diff-table">
            <thead>
              <tr>
                <th>What</th>
                <th>Before</th>
                <th>After</th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <ChangeLine
                  key={`${change.what} ${change.path}`}
                  change={change}
                  nodes={nodes}
                  at={at}
                />
              ))}
            </tbody>
          </table>
        </section>
      ))}
      <p className="quiet small">
        Known at ledger size {diff.head.size.toLocaleString("en")}. What stayed the same is not
        listed.
      </p>
    </>
  );
}

interface LineProps {
  change: Change;
  nodes: ReadonlyMap<string, Node>;
  at: string | null;
}

function ChangeLine({ change, nodes, at }: LineProps) {
  const { path, a, b } = change;
  const by = relative(a, b);
  return (
    <tr>
      <td>
        <PathWords path={path} />
        {change.change !== "changed" && <span className="mark">{change.change}</span>}
      </td>
      <td>
        {change.change === "added" ? (
          <span className="quiet">–</span>
        ) : (
          <Said name="before" value={a} nodes={nodes} at={at} />
        )}
      </td>
      <td>
        {change.change === "removed" ? (
          <span className="quiet">–</span>
        ) : (
          <Said name="after" value={b} nodes={nodes} at={at} />
        )}{" "}
        {by && <span className="quiet small">{by}</span>}
      </td>
    </tr>
  );
}

/** The name of what changed, and where it is said. */
function PathWords({ path }: { path: string }) {
  const words = path.split(" ");
  if (words.length > 1 || parseRef(path))
    return (
      <strong>
        {words.map((word) => (parseRef(word) ? refLabel(word) : printable(word))).join(" ")}{" "}
      </strong>
    );
  const first = path.indexOf(".");
  return (
    <>
      <strong>{printable(lastOf(path))}</strong>{" "}
      <span className="quiet small">{first > 0 && printable(path.slice(0, first))}</span>{" "}
    </>
  );
}

interface ValueProps {
  name: "before" | "after";
  value: unknown;
  nodes: ReadonlyMap<string, Node>;
  at: string | null;
}

function Said({ name, value, nodes, at }: ValueProps) {
  const list = Array.isArray(value) ? value : [value];
  const refs = list.filter(
    (item): item is string => typeof item === "string" && parseRef(item) !== null,
  );
  if (refs.length > 0 && refs.length === list.length)
    return (
      <>
        {refs.map((ref) => (
          <div key={ref}>
            <Thing refOf={ref} node={nodes.get(ref)} at={at} />
          </div>
        ))}
      </>
    );
  return <span className={`mono ${name}`}>{plain(value)}</span>;
}

interface CandidatesProps {
  given: string | null;
  at: string | null;
  onPick(ref: string): void;
}

/** With what one thing can be compared: other versions of its artifact, other runs of its job. */
function Candidates({ given, at, onPick }: CandidatesProps) {
  const parsed = given ? parseRef(given) : null;
  const family =
    parsed?.kind === "version" || parsed?.kind === "artifact"
      ? artifactRef(parsed.artifact)
      : parsed?.kind === "run"
        ? jobRef(parsed.job)
        : null;
  const { data, isPending, isError } = useShow(family, at);
  if (!given || !family)
    return (
      <Blank title="Two things to compare">
        <p>
          Two versions, two runs, or two points in time: a name with its version (
          <code>orders@v2</code>), a run id, <code>@120</code> for a ledger size, or a day.
        </p>
      </Blank>
    );
  if (isError) return null;
  if (isPending) return <Loading what="Asking for what it can be compared with." />;
  const others =
    data.kind === "artifact"
      ? data.versions.map(({ ref, ordinal, time }) => ({
          ref,
          words: ordinal ? `v${ordinal}` : "outside",
          time,
        }))
      : data.kind === "job"
        ? data.runs.map((run) => ({ ref: run.ref, words: refLabel(run.ref), time: run.started }))
        : [];
  const rest = others.filter(({ ref }) => ref !== given);
  return (
    <section className="panel">
      <h2>Compare with</h2>
      {rest.length === 0 && (
        <p className="quiet">
          There is no other {data.kind === "job" ? "run of this job" : "version of this artifact"}.
          Type another thing above, or <Link href={to.home()}>search</Link>.
        </p>
      )}
      <ul className="list">
        {rest.map(({ ref, words, time }) => (
          <li key={ref}>
            <button type="button" className="linkish" onClick={() => onPick(ref)}>
              <Icon name="compare" /> {printable(words)}
            </button>{" "}
            <span className="quiet">{when(time)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
