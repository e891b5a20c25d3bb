/** *Verify now*: the steps as they are checked in this browser, and what they do and do not mean. */

import { useCallback, useEffect, useRef, useState } from "react";
import { log } from "../api/client.ts";
import { useKeys } from "../app/keys.ts";
import { Icon } from "../ui/icons.tsx";
import type { Step } from "../verify/checks.ts";
import { type Request, type Verdict, verdict, verify } from "../verify/steps.ts";
import { Merkle } from "./Merkle.tsx";

interface Props {
  request: Request;
  /** The same check without a browser. */
  offline: string;
  /** Begin at once: the address says so. */
  begin?: boolean;
  onDone?: () => void;
}

export function VerifyPanel({ request, offline, begin = false, onDone }: Props) {
  const done = useRef(onDone);
  done.current = onDone;
  const [steps, setSteps] = useState<Step[]>([]);
  const running = useRef<AbortController | null>(null);
  const start = useCallback(async () => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    const show = (next: Step[]): void => {
      if (!control.signal.aborted) setSteps(next);
    };
    await verify(log, localStorage, request, show, control.signal).then(
      () => done.current?.(),
      () => undefined, // somebody went on before it ended
    );
  }, [request]);
  useKeys({ v: () => void start() });
  useEffect(() => {
    if (begin) void start();
    return () => running.current?.abort();
  }, [begin, start]);

  const state = verdict(steps);
  return (
    <section className="panel verify" aria-label="Verification">
      <h2>Verify in this browser</h2>
      <p className="actions">
        <button type="button" className="button primary" onClick={() => void start()}>
          <Icon name="seal" /> Verify now
        </button>
        <span className="quiet small">
          <kbd>v</kbd> fetches the bytes and checks them here; nothing that the service says is
          believed.
        </span>
      </p>
      {steps.length > 0 && (
        <>
          <p className="verdict" role="status">
            <VerdictWords verdict={state} />
          </p>
          <ol className="steps">
            {steps.map((step) => (
              <StepLine key={step.id} step={step} alone={request.entries.length === 1} />
            ))}
          </ol>
        </>
      )}
      <details className="small">
        <summary>What this means, and what it does not</summary>
        <p>
          It shows that the ledger's key signed this state, that the state begins with everything
          that this browser saw before, and that what is shown above lies in it unchanged. It does
          not show that a producer told the truth, nor that nothing was left out. Somebody who
          controls the server could also have changed this page: check without it.
        </p>
        <code className="command">{offline}</code>
      </details>
    </section>
  );
}

function VerdictWords({ verdict: said }: { verdict: Verdict }) {
  switch (said) {
    case "holds":
      return (
        <span className="state good">
          <Icon name="yes" /> Everything that was checked holds
        </span>
      );
    case "fails":
      return (
        <span className="state bad">
          <Icon name="no" /> It does not hold
        </span>
      );
    case "not checked":
      return (
        <span className="state unknown">
          <Icon name="unknown" /> Not everything could be checked
        </span>
      );
    default:
      return <span className="quiet">Checking</span>;
  }
}

const LOOKS: Record<Step["outcome"], [icon: string, tone: string, word: string]> = {
  waiting: ["wait", "", "waiting"],
  running: ["wait", "", "checking"],
  holds: ["yes", "good", "holds"],
  noted: ["note", "", "noted"],
  fails: ["no", "bad", "fails"],
  "not checked": ["unknown", "unknown", "not checked"],
  "not reached": ["unknown", "unknown", "not reached"],
};

function StepLine({ step, alone }: { step: Step; alone: boolean }) {
  const [icon, tone, word] = LOOKS[step.outcome];
  return (
    <li data-step={step.id} data-outcome={step.outcome}>
      <span className={`state ${tone}`}>
        <Icon name={icon} /> {word}
      </span>
      <strong>{step.title}</strong>
      {step.detail && <p>{step.detail}</p>}
      {step.path && (
        <details className="merkle-way" open={alone}>
          <summary className="small">The way from the leaf to the root</summary>
          <Merkle path={step.path} />
        </details>
      )}
    </li>
  );
}
