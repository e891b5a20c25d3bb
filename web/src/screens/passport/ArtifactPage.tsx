/** An artifact: every version that there is of it, the newest first. */

import { useState } from "react";
import { Link, useLocation } from "wouter";
import { command } from "../../api/command.ts";
import type { ShownArtifact } from "../../api/documents.ts";
import { placeOf, printable, refLabel, shortDigest, shortName } from "../../api/naming.ts";
import { when } from "../../api/time.ts";
import { useKeys } from "../../app/keys.ts";
import { plural } from "../../ui/Completeness.tsx";
import { Copies } from "../../ui/Copy.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Kind, Thing } from "../../ui/names.tsx";
import { to, useAddress } from "../../url/parameters.ts";
import { Facets } from "../Facets.tsx";
import { AtNotice, TimeSlider } from "../TimeSlider.tsx";
import { About, Proofs, Warnings } from "./sections.tsx";

const VERSIONS_STEP = 100;

export function ArtifactPage({ shown, at }: { shown: ShownArtifact; at: string | null }) {
  const address = useAddress();
  const [, navigate] = useLocation();
  const [limit, setLimit] = useState(VERSIONS_STEP);
  const { artifact, root, versions } = shown;
  const [newest, before] = versions;
  const compare = to.diff(
    before?.ref ?? newest?.ref ?? root,
    before && newest ? newest.ref : "",
    at,
  );
  useKeys({ d: () => navigate(compare) });
  return (
    <article className="page">
      <AtNotice at={at} onNow={() => address.set({ at: null })} />
      <header className="page-head">
        <div className="titles">
          <Kind kind={artifact.kind} />
          <h1>
            <bdi>{shortName(artifact)}</bdi>
          </h1>
          <p className="quiet wrap">
            <bdi>{placeOf(artifact)}</bdi>
          </p>
        </div>
        <span className="actions">
          <Link className="button primary" href={to.lineage(root, { at })}>
            <Icon name="lineage" /> Lineage
          </Link>
          <Link className="button" href={to.lineage(root, { dir: "down", depth: "99", at })}>
            <Icon name="lineage" /> What it reached
          </Link>
          <Link className="button" href={compare}>
            <Icon name="compare" /> Compare
          </Link>
          <Copies command={command(["show", root], { at })} />
        </span>
      </header>
      <Warnings warnings={shown.warnings} />
      <section className="panel">
        <h2>{plural(versions.length, "version")}</h2>
        <table className="table">
          <thead>
            <tr>
              <th>Version</th>
              <th>Began</th>
              <th>Made by</th>
              <th>Digest</th>
              <th>
                <span className="unseen">More</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.slice(0, limit).map((version) => (
              <tr key={version.ref}>
                <td>
                  <Link href={to.passport(version.ref, at)}>
                    {printable(
                      version.declared ?? (version.ordinal ? `v${version.ordinal}` : "outside"),
                    )}
                  </Link>{" "}
                  {version.attempted && <span className="mark warn">attempted</span>}
                </td>
                <td>{when(version.time)}</td>
                <td>
                  {version.run ? (
                    <Link href={to.run(version.run, at)}>{refLabel(version.run)}</Link>
                  ) : (
                    <span className="quiet">outside</span>
                  )}
                </td>
                <td>
                  {version.digest && (
                    <code title={version.digest}>{shortDigest(version.digest)}</code>
                  )}
                </td>
                <td>
                  <Link href={to.lineage(version.ref, { at })}>Lineage</Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {versions.length > limit && (
          <button type="button" className="button" onClick={() => setLimit(limit + VERSIONS_STEP)}>
            {(versions.length - limit).toLocaleString("en")} more
          </button>
        )}
      </section>
      <div className="columns-2">
        <section className="panel">
          <h2>About</h2>
          <dl className="facts">
            <dt>Origin</dt>
            <dd>{shown.source ? "a known source" : "not declared a source"}</dd>
            <About owners={shown.owners} labels={shown.labels} description={shown.description} />
          </dl>
        </section>
        <section className="panel">
          <h2>Used by</h2>
          {shown.used_by.length === 0 && <p className="quiet">No run is known to have read it.</p>}
          <ul className="list">
            {shown.used_by.slice(0, limit).map(({ ref }) => (
              <li key={ref}>
                <Thing refOf={ref} node={shown.nodes.find((node) => node.ref === ref)} at={at} />
              </li>
            ))}
          </ul>
        </section>
      </div>
      <section className="panel">
        <h2>What is said of it</h2>
        <Facets facets={shown.facets} />
      </section>
      <Proofs proofs={shown.proofs} head={shown.head} />
      <TimeSlider />
    </article>
  );
}
