/** Where to begin: one box, what ran last, what needs attention. */

import { type DragEvent, useState } from "react";
import { Link } from "wouter";
import type { Overview } from "../../api/documents.ts";
import { shortName } from "../../api/naming.ts";
import { useHead, useOverview } from "../../api/queries.ts";
import { between, when } from "../../api/time.ts";
import { SearchBox } from "../../app/SearchBox.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Kind, RunState, Thing } from "../../ui/names.tsx";
import { Failure, Loading } from "../../ui/states.tsx";
import { to } from "../../url/parameters.ts";
import { FileLookup, type Hashed, useHashing } from "./FileLookup.tsx";

export function Home() {
  const [hashed, setHashed] = useState<Hashed | null>(null);
  const [dropping, setDropping] = useState(false);
  const hashing = useHashing(setHashed);
  const drag = (over: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setDropping(over);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the file can be chosen with the button as well
    <div
      className={`page home${dropping ? " dropping" : ""}`}
      onDragOver={drag(true)}
      onDragLeave={drag(false)}
      onDrop={(event) => {
        drag(false)(event);
        void hashing.take(event.dataTransfer.files[0]);
      }}
    >
      <section className="home-ask">
        <h1>Trace anything back to its source</h1>
        <SearchBox large />
        <FileLookup hashed={hashed} {...hashing} take={(file) => void hashing.take(file)} />
      </section>
      <Recorded />
    </div>
  );
}

function Recorded() {
  const { data, isPending, isError, error, refetch } = useOverview();
  if (isError) return <Failure error={error} retry={refetch} />;
  if (isPending) return <Loading what="Asking what there is." />;
  if (data.runs === 0 && Object.keys(data.artifacts).length === 0) return <Empty />;
  return (
    <>
      <Kinds overview={data} />
      <Attention overview={data} />
      <div className="columns-2">
        <section className="panel" aria-labelledby="made">
          <h2 id="made">Made last</h2>
          <ul className="list">
            {data.newest_versions.map((node) => (
              <li key={node.ref} className="line">
                <Thing refOf={node.ref} node={node} />
                <span className="quiet small">{when(node.time)}</span>
                <Link
                  href={to.lineage(node.ref)}
                  aria-label={`Lineage of ${shortName(node.artifact)}`}
                >
                  Lineage
                </Link>
              </li>
            ))}
          </ul>
        </section>
        <div className="stack">
          <section className="panel" aria-labelledby="recent">
            <h2 id="recent">Ran last</h2>
            <ul className="list">
              {data.newest_runs.map((run) => (
                <li key={run.ref} className="line">
                  <Thing refOf={run.ref} node={run} />
                  <span className="quiet small">
                    {when(run.started)} · {between(run.started, run.ended) ?? "not ended"}
                  </span>
                  <RunState state={run.state} />
                </li>
              ))}
            </ul>
          </section>
          <LedgerPanel />
        </div>
      </div>
    </>
  );
}

/** How much there is, each count leading to what it counts. */
function Kinds({ overview }: { overview: Overview }) {
  return (
    <dl className="figures">
      {Object.entries(overview.artifacts).map(([kind, count]) => (
        <div key={kind}>
          <dt>
            <Kind kind={kind} />
          </dt>
          <dd>{count.toLocaleString("en")}</dd>
        </div>
      ))}
      <div>
        <dt>
          <Kind kind="job" />
        </dt>
        <dd>{overview.jobs.toLocaleString("en")}</dd>
      </div>
      <div>
        <dt>
          <Kind kind="run" />
        </dt>
        <dd>{overview.runs.toLocaleString("en")}</dd>
      </div>
    </dl>
  );
}

function Empty() {
  return (
    <section className="panel">
      <h2>Nothing is recorded yet</h2>
      <p>Import OpenLineage events, or point a producer here:</p>
      <code className="command">headwater import PATH</code>
      <code className="command">OPENLINEAGE_URL={window.location.origin}</code>
    </section>
  );
}

/** Runs that never ended, and jobs whose newest run failed. */
function Attention({ overview }: { overview: Overview }) {
  const { attention, attention_total: total } = overview;
  if (total === 0) return null;
  return (
    <section className="panel" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul className="list">
        {attention.map((run) => (
          <li key={run.ref} className="line">
            <Thing refOf={run.ref} node={run} />
            <span className="quiet small">since {when(run.ended ?? run.started)}</span>
            <Link href={to.lineage(run.ref, { dir: "down" })}>What it reached</Link>
            <RunState state={run.state} />
          </li>
        ))}
      </ul>
      {total > attention.length && (
        <p className="quiet">and {(total - attention.length).toLocaleString("en")} more</p>
      )}
    </section>
  );
}

function LedgerPanel() {
  const { data } = useHead();
  return (
    <section className="panel" aria-labelledby="ledger">
      <h2 id="ledger">Ledger</h2>
      {data && (
        <dl className="facts">
          <dt>Entries</dt>
          <dd>{data.size.toLocaleString("en")}</dd>
          <dt>Origin</dt>
          <dd>
            <code>{data.origin}</code>
          </dd>
        </dl>
      )}
      <p style={{ marginTop: 8 }}>
        <Link className="button" href={to.ledger({ verify: "1" })}>
          <Icon name="seal" /> Verify now
        </Link>
      </p>
    </section>
  );
}
