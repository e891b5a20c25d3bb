/** The ledger as it was: a slider over its sizes. What is shown is what was known then, nothing pruned. */

import { useEffect, useState } from "react";
import { useEntryTime, useHead } from "../api/queries.ts";
import { when } from "../api/time.ts";
import { useKeys } from "../app/keys.ts";
import { Icon } from "../ui/icons.tsx";
import { useAddress } from "../url/parameters.ts";

/** A slider has at most so many places; between them `[` and `]` go entry by entry. */
const PLACES_MAX = 1_000;

export function TimeSlider() {
  const address = useAddress();
  const head = useHead();
  const newest = head.data?.size ?? 0;
  const said = address.get("at");
  const numeric = said !== null && /^@?\d+$/.test(said) ? Number(said.replace("@", "")) : null;
  const current = said === null ? newest : (numeric ?? newest);
  const [held, setHeld] = useState<number | null>(null);
  const size = held ?? current;
  const time = useEntryTime(size > 0 ? size - 1 : null, newest);

  const go = (next: number): void => {
    const bounded = Math.min(newest, Math.max(0, next));
    address.set({ at: bounded === newest ? null : String(bounded) });
  };
  useKeys({ "[": () => go(current - 1), "]": () => go(current + 1) });
  useEffect(() => {
    if (held === null) return;
    const timer = setTimeout(() => {
      go(held);
      setHeld(null);
    }, 250);
    return () => clearTimeout(timer);
  });

  if (newest === 0) return null;
  return (
    <div className="time" role="group" aria-label="Point in time">
      <Icon name="clock" />
      <label htmlFor="time" className="quiet">
        As known at
      </label>
      <button
        type="button"
        className="button plain"
        aria-label="One entry earlier"
        onClick={() => go(current - 1)}
      >
        <kbd>[</kbd>
      </button>
      <input
        id="time"
        type="range"
        min={0}
        max={newest}
        step={Math.max(1, Math.ceil(newest / PLACES_MAX))}
        value={size}
        aria-valuetext={`ledger size ${size}${time ? `, ${when(time)}` : ""}`}
        onChange={({ target }) => setHeld(Number(target.value))}
      />
      <button
        type="button"
        className="button plain"
        aria-label="One entry later"
        onClick={() => go(current + 1)}
      >
        <kbd>]</kbd>
      </button>
      <output htmlFor="time" className="time-said">
        size {size.toLocaleString("en")} of {newest.toLocaleString("en")}
        {time && <span className="quiet"> · {when(time)}</span>}
        {said === null && <span className="quiet"> · now</span>}
      </output>
      {said !== null && (
        <button type="button" className="button" onClick={() => address.set({ at: null })}>
          Now
        </button>
      )}
    </div>
  );
}

/** Said on every view of an earlier state, so that nobody takes it for now. */
export function AtNotice({ at, onNow }: { at: string | null; onNow: () => void }) {
  if (at === null) return null;
  return (
    <p className="notice at-notice" role="status">
      <Icon name="clock" />
      <span>
        As known at {/^\d+$/.test(at) ? `ledger size ${Number(at).toLocaleString("en")}` : at}, not
        now.{" "}
        <button type="button" className="linkish" onClick={onNow}>
          Show what is known now
        </button>
      </span>
    </p>
  );
}
