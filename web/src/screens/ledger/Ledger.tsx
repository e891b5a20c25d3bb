/** The ledger: its head, what this browser saw of it, its entries, and verification. */

import { useMemo, useState } from "react";
import { Link } from "wouter";
import { command } from "../../api/command.ts";
import { useEntries, useHead, useVerifierKey } from "../../api/queries.ts";
import { when } from "../../api/time.ts";
import { Copies } from "../../ui/Copy.tsx";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { to, useAddress } from "../../url/parameters.ts";
import { base64 } from "../../verify/bytes.ts";
import { forget, noteText, recall } from "../../verify/memory.ts";
import { TILE_HASHES } from "../../verify/tile.ts";
import { VerifyPanel } from "../VerifyPanel.tsx";
import { EntryPanel } from "./EntryPanel.tsx";

export default function Ledger() {
  const address = useAddress();
  const { data: head, isPending, isError, error, refetch } = useHead();
  const [verified, setVerified] = useState(0);
  const said = address.get("entry");
  const entry = said !== null && /^\d+$/.test(said) ? Number(said) : null;
  const request = useMemo(
    () => ({ whole: entry === null, entries: entry === null ? [] : [entry] }),
    [entry],
  );
  if (isError) return <Failure error={error} retry={refetch} />;
  if (isPending) return <Loading what="Asking for the head." />;
  return (
    <article className="page">
      <header className="page-head">
        <div className="titles">
          <h1>{entry === null ? "Ledger" : `Ledger entry ${entry}`}</h1>
          {entry !== null && <Link href={to.ledger()}>The whole ledger</Link>}
        </div>
        <span className="actions">
          <Copies command={command(["verify"])} />
        </span>
      </header>
      {entry !== null && <EntryPanel index={entry} size={head.size} />}
      <VerifyPanel
        key={said}
        request={request}
        offline="headwater verify"
        begin={address.get("verify") === "1"}
        onDone={() => setVerified(verified + 1)}
      />
      <div className="columns-2">
        <HeadPanel origin={head.origin} size={head.size} root={base64(head.root)} />
        <SeenPanel key={verified} origin={head.origin} />
      </div>
      {entry === null && <Entries size={head.size} />}
    </article>
  );
}

function HeadPanel({ origin, size, root }: { origin: string; size: number; root: string }) {
  const key = useVerifierKey();
  return (
    <section className="panel">
      <h2>Head, as the service names it</h2>
      <dl className="facts">
        <dt>Origin</dt>
        <dd>
          <code>{origin}</code>
        </dd>
        <dt>Entries</dt>
        <dd>{size.toLocaleString("en")}</dd>
        <dt>Root</dt>
        <dd>
          <code>{root}</code>
        </dd>
        <dt>Key</dt>
        <dd>
          <code>{key.data ?? (key.isError ? key.error.message : "…")}</code>
        </dd>
      </dl>
    </section>
  );
}

/** What was kept here the last time that everything held. */
function SeenPanel({ origin }: { origin: string }) {
  const [seen, setSeen] = useState(() => recall(localStorage, origin));
  if (!seen)
    return (
      <section className="panel">
        <h2>Seen by this browser</h2>
        <p className="quiet">
          Nothing yet. The first verification keeps the key and the head here; every later one is
          checked against them.
        </p>
      </section>
    );
  return (
    <section className="panel">
      <h2>Seen by this browser</h2>
      <dl className="facts">
        <dt>Entries</dt>
        <dd>{seen.head.size.toLocaleString("en")}</dd>
        <dt>Root</dt>
        <dd>
          <code>{base64(seen.head.root)}</code>
        </dd>
        <dt>At</dt>
        <dd>{when(seen.at)} UTC</dd>
      </dl>
      <details className="small">
        <summary>The signed head, to keep elsewhere</summary>
        <pre className="body">{noteText(seen)}</pre>
        <p>
          Saved as a file, <code>headwater verify --since FILE</code> checks the ledger against it.
        </p>
        <button
          type="button"
          className="button"
          onClick={() => {
            forget(localStorage, origin);
            setSeen(null);
          }}
        >
          Forget it
        </button>
      </details>
    </section>
  );
}

function Entries({ size }: { size: number }) {
  const last = Math.max(0, Math.ceil(size / TILE_HASHES) - 1);
  const [page, setPage] = useState(last);
  const { data, isPending, isError, error } = useEntries(Math.min(page, last), size);
  if (size === 0)
    return (
      <Blank title="The ledger is empty">
        <p>Nothing was recorded yet.</p>
      </Blank>
    );
  return (
    <section className="panel">
      <h2>Entries</h2>
      {isPending && <Loading what="Asking for entries." />}
      {isError && <p className="state bad">{error.message}</p>}
      {data && (
        <table className="table">
          <thead>
            <tr>
              <th>Entry</th>
              <th>Kind</th>
              <th>Admitted</th>
              <th>
                <span className="unseen">More</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {[...data].reverse().map(({ index, kind, at }) => (
              <tr key={index}>
                <td>
                  <Link href={to.ledger({ entry: String(index) })}>{index}</Link>
                </td>
                <td>{kind}</td>
                <td>{when(at)}</td>
                <td>
                  <Link href={to.ledger({ entry: String(index), verify: "1" })}>Verify</Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {last > 0 && (
        <p className="actions">
          <button
            type="button"
            className="button"
            disabled={page <= 0}
            onClick={() => setPage(page - 1)}
          >
            Earlier
          </button>
          <button
            type="button"
            className="button"
            disabled={page >= last}
            onClick={() => setPage(page + 1)}
          >
            Later
          </button>
          <span className="quiet">
            {(page * TILE_HASHES).toLocaleString("en")} to{" "}
            {Math.min(size, (page + 1) * TILE_HASHES).toLocaleString("en")} of{" "}
            {size.toLocaleString("en")}
          </span>
        </p>
      )}
    </section>
  );
}
