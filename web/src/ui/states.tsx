/** What stands where an answer will be, or is not. */

import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { printable } from "../api/naming.ts";
import { Problem } from "../api/problem.ts";
import { to } from "../url/parameters.ts";
import { TokenForm } from "./TokenForm.tsx";

const SLOW_SECONDS = 4;

export function Loading({ what }: { what: string }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className="loading" role="status">
      {what}
      {slow && " It takes longer than usual; the service is still at it."}
    </p>
  );
}

interface BlankProps {
  title: string;
  /** Whether it stands for the whole page. */
  whole?: boolean;
  children?: ReactNode;
}

export function Blank({ title, whole = false, children }: BlankProps) {
  return (
    <section className="blank">
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </section>
  );
}

/** An error as what happened, what to do, and what may have been meant. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof Problem ? error : new Problem(-1, { detail: error.message });
  if (problem.status === 401) return <TokenForm why={problem.message} />;
  return (
    <section className="blank" role="alert">
      <h1>{titleOf(problem)}</h1>
      <p className="wrap">{printable(problem.message)}</p>
      {problem.remedy && <p className="quiet wrap">{printable(problem.remedy)}</p>}
      {problem.nearest.length > 0 && (
        <>
          <h3>Perhaps you meant</h3>
          <ul>
            {problem.nearest.map((name) => (
              <li key={name}>
                <Link href={to.passport(name)}>{printable(name)}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {retry && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </section>
  );
}

function titleOf({ status }: Problem): string {
  if (status === 0) return "The service does not answer";
  if (status === 404) return "Nothing of that name is recorded";
  if (status === 403) return "You may not see this";
  if (status === 409 || status === 300) return "That name means several things";
  if (status >= 500) return "The service could not answer";
  return "That cannot be asked";
}
