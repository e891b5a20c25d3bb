/** Passports of jobs and columns. */

import { Link } from "wouter";
import { command } from "../../api/command.ts";
import type { ColumnLink, ShownColumn, ShownJob } from "../../api/documents.ts";
import { printable, refLabel, shortId } from "../../api/naming.ts";
import { parseRef } from "../../api/refs.ts";
import { between, when } from "../../api/time.ts";
import { plural } from "../../ui/Completeness.tsx";
import { Copies } from "../../ui/Copy.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Kind, RunState, Thing } from "../../ui/names.tsx";
import { to } from "../../url/parameters.ts";
import { Facets } from "../Facets.tsx";
import { Proofs } from "./sections.tsx";

export function JobPage({ shown, at }: { shown: ShownJob; at: string | null }) {
  const { node, runs } = shown;
  const [newest, before] = runs;
  return (
    <article className="page">
      <header className="page-head">
        <div className="titles">
          <Kind kind="job" />
          <h1>
            <bdi>{printable(node.job.name)}</bdi>
          </h1>
          <p className="quiet">
            <bdi>{printable(node.job.namespace)}</bdi>
          </p>
        </div>
        <span className="actions">
          {newest && before && (
            <Link className="button" href={to.diff(before.ref, newest.ref, at)}>
              <Icon name="compare" /> Compare the last two runs
            </Link>
          )}
          <Copies command={command(["show", node.ref], { at })} />
        </span>
      </header>
      <section className="panel">
        <h2>{plural(runs.length, "run")}</h2>
        <table className="table">
          <thead>
            <tr>
              <th>Run</th>
              <th>State</th>
              <th>Started</th>
              <th>Took</th>
              <th>
                <span className="unseen">More</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run, place) => (
              <tr key={run.ref}>
                <td>
                  <Link href={to.run(run.ref, at)}>{shortId(run.id)}</Link>
                </td>
                <td>
                  <RunState state={run.state} />
                </td>
                <td>{when(run.started)}</td>
                <td>{between(run.started, run.ended) ?? "not ended"}</td>
                <td>
                  {runs[place + 1] && (
                    <Link href={to.diff(runs[place + 1]?.ref ?? "", run.ref, at)}>
                      Compare with the one before
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {(shown.declared_inputs || shown.declared_outputs) && (
        <section className="panel">
          <h2>Declared, whether it ran or not</h2>
          <dl className="facts">
            <dt>Reads</dt>
            <dd>
              <References refs={shown.declared_inputs} at={at} />
            </dd>
            <dt>Writes</dt>
            <dd>
              <References refs={shown.declared_outputs} at={at} />
            </dd>
          </dl>
        </section>
      )}
      <section className="panel">
        <h2>What is said of it</h2>
        <Facets facets={shown.facets} />
      </section>
      <Proofs proofs={shown.proofs} head={shown.head} />
    </article>
  );
}

function References({ refs, at }: { refs: readonly string[] | null; at: string | null }) {
  if (refs === null) return <span className="quiet">nobody says</span>;
  if (refs.length === 0) return <span className="quiet">nothing</span>;
  return (
    <>
      {refs.map((ref) => (
        <div key={ref}>
          <Thing refOf={ref} at={at} />
        </div>
      ))}
    </>
  );
}

export function ColumnPage({ shown, at }: { shown: ShownColumn; at: string | null }) {
  const { node } = shown;
  return (
    <article className="page">
      <header className="page-head">
        <div className="titles">
          <Kind kind="column" />
          <h1>
            <bdi>{printable(node.path)}</bdi>
          </h1>
          <p>
            of <Thing refOf={node.version} at={at} />
          </p>
        </div>
        <span className="actions">
          <Link
            className="button primary"
            href={to.lineage(node.version, { col: node.ref, sel: node.version, depth: "99", at })}
          >
            <Icon name="lineage" /> Lineage
          </Link>
          <Copies command={command(["show", node.ref], { at })} />
        </span>
      </header>
      <div className="columns-2">
        <ColumnList title="Made from" links={shown.from} at={at} />
        <ColumnList title="Went into" links={shown.used_by} at={at} />
      </div>
      <Proofs proofs={shown.proofs} head={shown.head} />
    </article>
  );
}

interface ColumnListProps {
  title: string;
  links: readonly ColumnLink[];
  at: string | null;
}

function ColumnList({ title, links, at }: ColumnListProps) {
  return (
    <section className="panel">
      <h2>{title}</h2>
      {links.length === 0 && <p className="quiet">Nobody says.</p>}
      <ul className="list">
        {links.map((link) => {
          const parsed = parseRef(link.ref);
          return (
            <li key={`${link.ref} ${link.transformation} ${link.direct}`}>
              <Link href={to.passport(link.ref, at)}>
                <code>{refLabel(link.ref)}</code>
              </Link>{" "}
              {parsed?.kind === "column" && (
                <span className="quiet">of {refLabel(parsed.version)}</span>
              )}{" "}
              <span className="quiet small">
                {link.direct ? "" : "indirect "}
                {link.transformation}
                {link.masking ? ", masked" : ""}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
