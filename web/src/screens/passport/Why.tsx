/** Why a link is there: the rule that made it, the entries it rests on, and the runner-up. */

import { useState } from "react";
import { Link } from "wouter";
import type { Reason } from "../../api/documents.ts";
import { refLabel } from "../../api/naming.ts";
import { useWhy } from "../../api/queries.ts";
import { to } from "../../url/parameters.ts";
import { sentence } from "./sections.tsx";

interface Props {
  /** What depends, and on what. */
  from: string;
  source: string;
  at: string | null;
}

/** Asked for when somebody wants to know, not before. */
export function Why({ from, source, at }: Props) {
  const [wanted, setWanted] = useState(false);
  return (
    <details className="why small" onToggle={({ currentTarget }) => setWanted(currentTarget.open)}>
      <summary>
        Why<span className="unseen"> {refLabel(source)}</span>
      </summary>
      {wanted && <Reasons from={from} source={source} at={at} />}
    </details>
  );
}

function Reasons({ from, source, at }: Props) {
  const { data, isPending, isError, error } = useWhy(from, source, at);
  if (isPending) return <p className="quiet">Asking.</p>;
  if (isError) return <p className="state bad">{error.message}</p>;
  return (
    <ul>
      {data.edges.map((reason) => (
        <ReasonLine key={`${reason.edge.kind} ${reason.rule}`} reason={reason} />
      ))}
    </ul>
  );
}

function ReasonLine({ reason: { explanation, claims, rule, runner_up } }: { reason: Reason }) {
  const entries = [...new Set(claims.map(({ entry }) => entry))];
  return (
    <li>
      {sentence(explanation)} <span className="quiet">Rule: {rule}.</span>
      {entries.length > 0 && (
        <>
          {" "}
          Entries{" "}
          {entries.map((entry) => (
            <Link key={entry} href={to.ledger({ entry: String(entry) })}>
              {entry}{" "}
            </Link>
          ))}
        </>
      )}
      {runner_up && (
        <p className="quiet">
          Runner-up: {refLabel(runner_up.ref)}, {sentence(runner_up.why)}
        </p>
      )}
    </li>
  );
}
