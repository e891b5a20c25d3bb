/** Sections that passports share. */

import { Link } from "wouter";
import type { Head, Proof, ShownVersion } from "../../api/documents.ts";
import { printable, refLabel } from "../../api/naming.ts";
import { when } from "../../api/time.ts";
import { plural } from "../../ui/Completeness.tsx";
import { Icon } from "../../ui/icons.tsx";
import { to } from "../../url/parameters.ts";

interface AboutProps {
  owners: readonly string[];
  labels: Record<string, string[]>;
  description: string | null;
}

/** Rows of a list of facts. */
export function About({ owners, labels, description }: AboutProps) {
  return (
    <>
      {description && (
        <>
          <dt>Description</dt>
          <dd>{printable(description)}</dd>
        </>
      )}
      <dt>Owners</dt>
      <dd>
        {owners.length ? printable(owners.join(", ")) : <span className="quiet">nobody says</span>}
      </dd>
      {Object.entries(labels).map(([key, values]) => (
        <div key={key} style={{ display: "contents" }}>
          <dt>{printable(key)}</dt>
          <dd>{printable(values.join(", "))}</dd>
        </div>
      ))}
    </>
  );
}

export function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul>
      {warnings.map((warning) => (
        <li key={warning} className="notice warn">
          <Icon name="warn" />
          <span>{sentence(warning)}</span>
        </li>
      ))}
    </ul>
  );
}

const REFERENCE = /\b(?:version|artifact|run|job|column):[^\s"'<>]+[^\s"'<>.,;:)]/g;

/** A sentence with the references in it as people call them. */
export function sentence(text: string): string {
  return printable(text.replace(REFERENCE, refLabel));
}

export function History({ history }: { history: ShownVersion["history"] }) {
  if (history.length === 0) return null;
  return (
    <details className="panel">
      <summary>
        <strong>History</strong>{" "}
        <span className="quiet">{plural(history.length, "statement")}</span>
      </summary>
      <table className="table">
        <thead>
          <tr>
            <th>Facet</th>
            <th>Said at</th>
            <th>Entry</th>
            <th>Digest of what was said</th>
          </tr>
        </thead>
        <tbody>
          {history.map(({ facet, time, entry, digest }) => (
            <tr key={`${facet} ${entry} ${digest}`}>
              <td>
                <code>{printable(facet)}</code>
              </td>
              <td>{when(time)}</td>
              <td>
                <Link href={to.ledger({ entry: String(entry) })}>{entry}</Link>
              </td>
              <td>
                <code>{digest.slice(0, 12)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

export function Proofs({ proofs, head }: { proofs: readonly Proof[]; head: Head }) {
  return (
    <section className="panel">
      <h2>Ledger entries that this rests on</h2>
      {proofs.length === 0 && <p className="quiet">None of its own.</p>}
      {proofs.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th>Entry</th>
              <th>Kind</th>
              <th>Admitted</th>
              <th>Leaf hash</th>
            </tr>
          </thead>
          <tbody>
            {proofs.map(({ entry, kind, at, leaf_hash }) => (
              <tr key={entry}>
                <td>
                  <Link href={to.ledger({ entry: String(entry) })}>{entry}</Link>
                </td>
                <td>{kind}</td>
                <td>{when(at)}</td>
                <td className="wrap">
                  <code>{leaf_hash}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="quiet small">
        Known at ledger size {head.size.toLocaleString("en")}. Times are UTC.
      </p>
    </section>
  );
}
