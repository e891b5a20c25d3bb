/** A version: what it is, who made it of what, what is said of it, and the proof. */

import { useMemo } from "react";
import { Link, useLocation } from "wouter";
import { command } from "../../api/command.ts";
import type { Node, ShownVersion } from "../../api/documents.ts";
import { placeOf, printable, shortName, versionLabel } from "../../api/naming.ts";
import { artifactRef } from "../../api/refs.ts";
import { size, when } from "../../api/time.ts";
import { useKeys } from "../../app/keys.ts";
import { Copies } from "../../ui/Copy.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Kind, RunState, Thing } from "../../ui/names.tsx";
import { to, useAddress } from "../../url/parameters.ts";
import { dig, Facets, Value } from "../Facets.tsx";
import { AtNotice, TimeSlider } from "../TimeSlider.tsx";
import { VerifyPanel } from "../VerifyPanel.tsx";
import { About, History, Proofs, Warnings } from "./sections.tsx";
import { Why } from "./Why.tsx";

export function VersionPage({ shown, at }: { shown: ShownVersion; at: string | null }) {
  const address = useAddress();
  const [, navigate] = useLocation();
  const { node, artifact, root } = shown;
  const file = address.get("file");
  const nodes = useMemo(() => new Map(shown.nodes.map((one) => [one.ref, one])), [shown.nodes]);
  const before = shown.revises?.ref ?? null;
  useKeys({ d: () => navigate(to.diff(before ?? root, before ? root : "", at)) });
  const label = versionLabel(node);
  const request = useMemo(
    () => ({
      whole: false,
      entries: shown.proofs.map(({ entry }) => entry),
      digest: file ?? node.version.digest ?? undefined,
    }),
    [shown.proofs, file, node.version.digest],
  );
  return (
    <article className="page">
      <AtNotice at={at} onNow={() => address.set({ at: null })} />
      <header className="page-head">
        <div className="titles">
          <Kind kind={artifact.kind} />
          <h1>
            <Link href={to.passport(artifactRef(artifact), at)}>
              <bdi>{shortName(artifact)}</bdi>
            </Link>{" "}
            <span className="quiet">{label}</span>
          </h1>
          <p className="quiet wrap">
            <bdi>{placeOf(artifact)}</bdi>
          </p>
          {node.version.attempted && (
            <span className="state warn">
              <Icon name="warn" /> attempted: its run did not complete
            </span>
          )}
        </div>
        <span className="actions">
          <Link className="button primary" href={to.lineage(root, { at })}>
            <Icon name="lineage" /> Lineage
          </Link>
          <Link className="button" href={to.diff(before ?? root, before ? root : "", at)}>
            <Icon name="compare" /> Compare
          </Link>
          <button type="button" className="button plain" onClick={() => window.print()}>
            <Icon name="print" /> Print
          </button>
          <Copies command={command(["show", root], { at })} />
        </span>
      </header>
      <Warnings warnings={shown.warnings} />
      {file && <FileNotice file={file} digest={node.version.digest} />}
      <div className="columns-2">
        <div className="stack">
          <Identity shown={shown} at={at} />
          <Schema shown={shown} />
        </div>
        <div className="stack">
          <MadeBy shown={shown} at={at} />
          <section className="panel">
            <h2>Made from</h2>
            <ThingList
              refs={shown.from.map((link) => ({ ref: link.ref, words: linkWords(link) }))}
              link={(ref) => ({ from: root, source: ref })}
              nodes={nodes}
              at={at}
              empty={
                node.version.origin === "outside"
                  ? "It came from outside: no run known here made it."
                  : "Nothing is recorded that it came from."
              }
            />
          </section>
          <section className="panel">
            <h2>Used by</h2>
            <ThingList
              refs={shown.used_by.map(({ ref, binding, exactness }) => ({
                ref,
                words: [
                  `bound by ${binding.replace("_", " ")}`,
                  exactness === "exact" ? "" : exactness,
                ],
              }))}
              link={(ref) => ({ from: ref, source: root })}
              nodes={nodes}
              at={at}
              empty="No run is known to have read it."
            />
          </section>
        </div>
      </div>
      <section className="panel">
        <h2>What is said of it</h2>
        <Facets facets={shown.facets} />
      </section>
      <History history={shown.history} />
      <VerifyPanel
        request={request}
        offline="headwater verify"
        begin={address.get("verify") === "1" || file !== null}
      />
      <Proofs proofs={shown.proofs} head={shown.head} />
      <TimeSlider />
    </article>
  );
}

function FileNotice({ file, digest }: { file: string; digest: string | null }) {
  const same = file === digest;
  return (
    <p className={`notice ${same ? "" : "bad"}`} role="status">
      <Icon name={same ? "yes" : "no"} />
      <span>
        {same
          ? "Your file has exactly the bytes that were recorded for this version."
          : "Your file does not have the bytes that were recorded for this version."}{" "}
        <code className="wrap">{printable(file)}</code>
      </span>
    </p>
  );
}

function Identity({ shown, at }: { shown: ShownVersion; at: string | null }) {
  const { node, names, revises } = shown;
  const bytes = dig(shown.facets, "headwater_digest", "size");
  const rows = dig(shown.facets, "outputStatistics", "rowCount");
  return (
    <section className="panel">
      <h2>Identity</h2>
      <dl className="facts">
        <dt>Began</dt>
        <dd>{node.time ? `${when(node.time)} UTC` : "outside of what is recorded"}</dd>
        {node.version.digest && (
          <>
            <dt>Digest</dt>
            <dd>
              <code>{node.version.digest}</code>
            </dd>
          </>
        )}
        {typeof bytes === "number" && (
          <>
            <dt>Size</dt>
            <dd title={`${bytes.toLocaleString("en")} bytes`}>{size(bytes)}</dd>
          </>
        )}
        {typeof rows === "number" && (
          <>
            <dt>Rows</dt>
            <dd>{rows.toLocaleString("en")}</dd>
          </>
        )}
        <About owners={shown.owners} labels={shown.labels} description={shown.description} />
        {names.length > 0 && (
          <>
            <dt>Also named</dt>
            <dd>
              {names.map((name) => (
                <bdi key={`${name.namespace} ${name.name}`}>
                  {printable(`${name.namespace}::${name.name}`)}{" "}
                </bdi>
              ))}
            </dd>
          </>
        )}
        {revises && (
          <>
            <dt>State before</dt>
            <dd>
              <Thing
                refOf={revises.ref}
                node={shown.nodes.find(({ ref }) => ref === revises.ref)}
                at={at}
              />{" "}
              <span className="quiet">carries {revises.carries}</span>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function MadeBy({ shown, at }: { shown: ShownVersion; at: string | null }) {
  const run = shown.made_by;
  return (
    <section className="panel">
      <h2>Made by</h2>
      {!run && <p className="quiet">No run known here made it.</p>}
      {run && (
        <dl className="facts">
          <dt>Run</dt>
          <dd>
            <Thing refOf={run.ref} node={run} at={at} />
          </dd>
          <dt>State</dt>
          <dd>
            <RunState state={run.state} />
          </dd>
          <dt>Ended</dt>
          <dd>{when(run.ended)}</dd>
          {run.actor && (
            <>
              <dt>Actor</dt>
              <dd>{printable(run.actor)}</dd>
            </>
          )}
          {run.code && (
            <>
              <dt>Code</dt>
              <dd>
                <code>{printable(run.code)}</code>
              </dd>
            </>
          )}
        </dl>
      )}
    </section>
  );
}

/** What makes a link less than exact. */
function linkWords({ kind, exactness, evidence }: ShownVersion["from"][number]): string[] {
  return [
    kind === "derived" ? "" : kind.replace("_", " "),
    exactness === "exact" ? "" : exactness,
    evidence === "captured" ? "" : evidence,
  ];
}

interface ThingListProps {
  refs: { ref: string; words: string[] }[];
  /** Which end of the link depends on which. */
  link(ref: string): { from: string; source: string };
  nodes: ReadonlyMap<string, Node>;
  at: string | null;
  empty: string;
}

function ThingList({ refs, link, nodes, at, empty }: ThingListProps) {
  if (refs.length === 0) return <p className="quiet">{empty}</p>;
  return (
    <ul className="list">
      {refs.map(({ ref, words }) => (
        <li key={`${ref} ${words}`}>
          <Thing refOf={ref} node={nodes.get(ref)} at={at} />{" "}
          <span className="quiet small">{words.filter(Boolean).join(", ")}</span>
          <Why {...link(ref)} at={at} />
        </li>
      ))}
    </ul>
  );
}

function Schema({ shown }: { shown: ShownVersion }) {
  const fields = dig(shown.facets, "schema", "fields");
  if (!Array.isArray(fields) && shown.columns.length === 0) return null;
  return (
    <section className="panel">
      <h2>Columns</h2>
      {Array.isArray(fields) ? (
        <Value value={fields} />
      ) : (
        <p>
          {shown.columns.map((column) => (
            <code key={column}>{printable(column)} </code>
          ))}
        </p>
      )}
    </section>
  );
}
