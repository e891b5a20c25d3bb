/** Everything that a search found. What is found by nothing is looked up as a reference. */

import { useState } from "react";
import { Link } from "wouter";
import { command } from "../../api/command.ts";
import { fullName, printable, shortName } from "../../api/naming.ts";
import { useSearchAnswer } from "../../api/queries.ts";
import { when } from "../../api/time.ts";
import { plural } from "../../ui/Completeness.tsx";
import { Copies } from "../../ui/Copy.tsx";
import { Kind } from "../../ui/names.tsx";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { to, useAddress } from "../../url/parameters.ts";

const HITS_STEP = 100;

export default function Results() {
  const text = useAddress().get("q") ?? "";
  const [limit, setLimit] = useState(HITS_STEP);
  const { data, isPending, isError, error, refetch } = useSearchAnswer(text, limit);
  if (!text.trim()) return <Blank title="Nothing to search for" whole />;
  if (isError) return <Failure error={error} retry={refetch} />;
  if (isPending) return <Loading what={`Searching for “${printable(text)}”.`} />;
  return (
    <div className="page">
      <header className="page-head">
        <div className="titles">
          <h1>“{printable(text)}”</h1>
          <p className="quiet">{plural(data.total, "thing")} found</p>
        </div>
        <span className="actions">
          <Copies command={command(["search", text])} />
        </span>
      </header>
      {data.hits.length === 0 ? (
        <Blank title="Nothing has this in it">
          <p>
            Names are found by any part, also owners, labels, tags, descriptions, digests and run
            ids. It may be a reference, such as <code>orders@v2</code>:
          </p>
          <Link className="button" href={to.passport(text)}>
            Look it up as a reference
          </Link>
        </Blank>
      ) : (
        <section className="panel">
          <table className="table">
            <thead>
              <tr>
                <th>Name</th>
                <th>Kind</th>
                <th>Found by</th>
                <th className="number">Versions</th>
                <th>Latest</th>
                <th>
                  <span className="unseen">More</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.hits.map((hit) => (
                <tr key={hit.ref}>
                  <td className="wrap">
                    <Link href={to.thing(hit.ref)} title={fullName(hit)}>
                      <bdi>{shortName(hit)}</bdi>
                    </Link>{" "}
                    <bdi className="quiet small">{fullName(hit)}</bdi>
                  </td>
                  <td>
                    <Kind kind={hit.kind} />
                  </td>
                  <td className="wrap">
                    {hit.matched.field}
                    {hit.matched.field !== "name" && (
                      <span className="quiet"> {printable(hit.matched.value)}</span>
                    )}
                  </td>
                  <td className="number">{hit.versions ?? ""}</td>
                  <td>{hit.latest ? when(hit.latest) : ""}</td>
                  <td>{hit.kind !== "job" && <Link href={to.lineage(hit.ref)}>Lineage</Link>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {data.truncated && (
            <p>
              <span className="quiet">
                {data.hits.length.toLocaleString("en")} of {data.total.toLocaleString("en")} are
                listed.
              </span>{" "}
              <button type="button" className="button" onClick={() => setLimit(limit + HITS_STEP)}>
                More
              </button>
            </p>
          )}
        </section>
      )}
    </div>
  );
}
