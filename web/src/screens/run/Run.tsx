/** One run: what it read and wrote, with what parameters, and how it differs from the one before. */

import { useMemo } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { command } from "../../api/command.ts";
import type { Node, ShownRun } from "../../api/documents.ts";
import { fullName, printable, refLabel, shortId } from "../../api/naming.ts";
import { useShow } from "../../api/queries.ts";
import { jobRef } from "../../api/refs.ts";
import { between, when } from "../../api/time.ts";
import { useKeys } from "../../app/keys.ts";
import { Copies } from "../../ui/Copy.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Kind, RunState, Thing } from "../../ui/names.tsx";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { to, useAddress } from "../../url/parameters.ts";
import { dig, Facets, plain } from "../Facets.tsx";
import { About, Proofs, Warnings } from "../passport/sections.tsx";
import { AtNotice, TimeSlider } from "../TimeSlider.tsx";
import { VerifyPanel } from "../VerifyPanel.tsx";

export default function Run() {
  const address = useAddress();
  const [ref, at] = [address.get("ref"), address.get("at")];
  const { data, isPending, isError, error, refetch } = useShow(ref, at);
  if (!ref) return <Blank title="No run is asked about" whole />;
  if (isError) return <Failure error={error} retry={refetch} />;
  if (isPending) return <Loading what={`Asking about run ${refLabel(ref)}.`} />;
  if (data.kind !== "run") return <Redirect to={to.passport(data.root, at)} replace />;
  return <RunPage shown={data} at={at} />;
}

const OTHERS_SHOWN = 8;

function RunPage({ shown, at }: { shown: ShownRun; at: string | null }) {
  const address = useAddress();
  const [, navigate] = useLocation();
  const { node, root } = shown;
  const job = useShow(jobRef(node.job), at);
  const runs = job.data?.kind === "job" ? job.data.runs : [];
  const place = runs.findIndex((run) => run.ref === root);
  const before = place >= 0 ? runs[place + 1]?.ref : undefined;
  const others = runs.filter((run) => run.ref !== root);
  const compare = to.diff(before ?? root, before ? root : "", at);
  useKeys({ d: () => navigate(compare) });
  const nodes = useMemo(() => new Map(shown.nodes.map((one) => [one.ref, one])), [shown.nodes]);
  const request = useMemo(
    () => ({ whole: false, entries: shown.proofs.map(({ entry }) => entry) }),
    [shown.proofs],
  );
  return (
    <article className="page">
      <AtNotice at={at} onNow={() => address.set({ at: null })} />
      <header className="page-head">
        <div className="titles">
          <Kind kind="run" />
          <h1>
            <Link href={to.passport(jobRef(node.job), at)}>
              <bdi>{printable(node.job.name)}</bdi>
            </Link>{" "}
            <span className="quiet mono">{shortId(node.id)}</span>
          </h1>
          <RunState state={node.state} />
        </div>
        <span className="actions">
          <Link className="button primary" href={to.lineage(root, { at })}>
            <Icon name="lineage" /> Lineage
          </Link>
          <Link className="button" href={compare}>
            <Icon name="compare" /> {before ? "Compare with the run before" : "Compare"}
          </Link>
          <button type="button" className="button plain" onClick={() => window.print()}>
            <Icon name="print" /> Print
          </button>
          <Copies command={command(["show", root], { at })} />
        </span>
      </header>
      <Warnings warnings={shown.warnings} />
      <div className="columns-2">
        <Circumstances shown={shown} />
        <Figures facets={shown.facets} />
        <section className="panel">
          <h2>Read</h2>
          {shown.inputs.length === 0 && <p className="quiet">Nothing that is recorded.</p>}
          <ul className="list">
            {shown.inputs.map(({ ref, as, binding, exactness }) => (
              <li key={`${ref} ${as.name}`}>
                <Thing refOf={ref} node={nodes.get(ref)} at={at} />{" "}
                <span className="quiet small">
                  bound by {binding.replace("_", " ")}
                  {exactness === "exact" ? "" : `, ${exactness}`}
                  <ReadAs as={fullName(as)} node={nodes.get(ref)} />
                </span>
              </li>
            ))}
          </ul>
        </section>
        <section className="panel">
          <h2>Wrote</h2>
          {shown.outputs.length === 0 && <p className="quiet">Nothing that is recorded.</p>}
          <ul className="list">
            {shown.outputs.map((output) => (
              <li key={output.ref}>
                <Thing refOf={output.ref} node={output} at={at} />{" "}
                {output.version.attempted && <span className="mark warn">attempted</span>}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <section className="panel">
        <h2>Other runs of this job</h2>
        {job.isPending && <p className="quiet">Asking for them.</p>}
        {job.isError && <p className="state bad">{job.error.message}</p>}
        {job.data && others.length === 0 && <p className="quiet">There is no other.</p>}
        <ul className="list">
          {others.slice(0, OTHERS_SHOWN).map((run) => (
            <li key={run.ref}>
              <RunState state={run.state} /> <Thing refOf={run.ref} node={run} at={at} />{" "}
              <span className="quiet">{when(run.started)}</span>{" "}
              <Link href={to.diff(run.ref, root, at)}>Compare</Link>
            </li>
          ))}
        </ul>
        {others.length > OTHERS_SHOWN && (
          <Link href={to.passport(jobRef(node.job), at)}>
            All {runs.length.toLocaleString("en")}
          </Link>
        )}
      </section>
      <section className="panel">
        <h2>What is said of it</h2>
        <Facets facets={shown.facets} />
      </section>
      <VerifyPanel
        request={request}
        offline="headwater verify"
        begin={address.get("verify") === "1"}
      />
      <Proofs proofs={shown.proofs} head={shown.head} />
      <TimeSlider />
    </article>
  );
}

/** The name by which it was read, where that is another than its own. */
function ReadAs({ as, node }: { as: string; node: Node | undefined }) {
  if (node?.kind !== "version" || fullName(node.artifact) === as) return null;
  return (
    <>
      {" as "}
      <bdi>{as}</bdi>
    </>
  );
}

function Circumstances({ shown }: { shown: ShownRun }) {
  const { node, parents, children } = shown;
  return (
    <section className="panel">
      <h2>Circumstances</h2>
      <dl className="facts">
        <dt>Run id</dt>
        <dd>
          <code>{node.id}</code>
        </dd>
        <dt>Started</dt>
        <dd>{when(node.started)} UTC</dd>
        <dt>Took</dt>
        <dd>{between(node.started, node.ended) ?? "not ended"}</dd>
        {node.interval && (
          <>
            <dt>Data interval</dt>
            <dd>
              {when(node.interval.start)} – {when(node.interval.end)}
            </dd>
          </>
        )}
        {node.actor && (
          <>
            <dt>Actor</dt>
            <dd>{printable(node.actor)}</dd>
          </>
        )}
        {node.code && (
          <>
            <dt>Code</dt>
            <dd>
              <code>{printable(node.code)}</code>
            </dd>
          </>
        )}
        <dt>Job</dt>
        <dd>
          <bdi>{fullName(node.job)}</bdi>
        </dd>
        <About owners={[]} labels={shown.labels} description={null} />
        {parents.length > 0 && (
          <>
            <dt>Part of</dt>
            <dd>
              {parents.map((ref) => (
                <Thing key={ref} refOf={ref} />
              ))}
            </dd>
          </>
        )}
        {children.length > 0 && (
          <>
            <dt>Encloses</dt>
            <dd>
              {children.map((ref) => (
                <div key={ref}>
                  <Thing refOf={ref} />
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** Parameters and metrics, where a run says them. */
function Figures({ facets }: { facets: Record<string, unknown> }) {
  const groups = [
    ["Metrics", dig(facets, "headwater_training", "metrics")],
    ["Hyperparameters", dig(facets, "headwater_training", "hyperparameters")],
    ["Parameters", keyed(dig(facets, "executionParameters", "parameters"))],
  ] as const;
  const said = groups.filter(([, values]) => isObject(values) && Object.keys(values).length > 0);
  return (
    <section className="panel">
      <h2>Parameters and metrics</h2>
      {said.length === 0 && <p className="quiet">It says none.</p>}
      {said.map(([title, values]) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl className="facts">
            {Object.entries(values as Record<string, unknown>).map(([name, value]) => (
              <div key={name} style={{ display: "contents" }}>
                <dt>{printable(name)}</dt>
                <dd className="mono">{plain(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </section>
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** OpenLineage lists parameters as `{key, value}`. */
function keyed(list: unknown): Record<string, unknown> | null {
  if (!Array.isArray(list)) return null;
  return Object.fromEntries(list.filter(isObject).map(({ key, value }) => [String(key), value]));
}
