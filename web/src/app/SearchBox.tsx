/** One box for everything: a name, an owner, a digest, a run id, or a reference. */

import { type KeyboardEvent, type Ref, useEffect, useId, useState } from "react";
import { useLocation } from "wouter";
import type { Hit } from "../api/documents.ts";
import { placeOf, printable, shortId, shortName } from "../api/naming.ts";
import { useSearchAnswer } from "../api/queries.ts";
import { when } from "../api/time.ts";
import { Icon, swatch } from "../ui/icons.tsx";
import { to } from "../url/parameters.ts";

const HITS_SHOWN = 8;
const TYPING_MILLISECONDS = 150;

interface Props {
  input?: Ref<HTMLInputElement>;
  large?: boolean;
}

export function SearchBox({ input, large = false }: Props) {
  const id = useId();
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const asked = useSettled(text, TYPING_MILLISECONDS);
  const { data, isError } = useSearchAnswer(asked, HITS_SHOWN);
  const hits = asked.trim() && data ? data.hits : [];
  const shown = open && asked.trim() !== "" && (data !== undefined || isError);

  const go = (address: string): void => {
    setOpen(false);
    setAt(-1);
    setText("");
    navigate(address);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === "ArrowDown") setAt(Math.min(hits.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(-1, at - 1));
    else if (event.key === "Escape") {
      setOpen(false);
      if (!open) event.currentTarget.blur();
    } else if (event.key === "Enter" && text.trim()) {
      const hit = hits[at];
      go(hit ? to.thing(hit.ref) : to.search(text.trim()));
    } else return;
    event.preventDefault();
  };

  return (
    <search className={`search${large ? " large" : ""}`}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search names, owners, digests and run ids"
        aria-expanded={shown}
        aria-controls={`${id}-hits`}
        aria-activedescendant={shown && at >= 0 ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={large ? "A name, an owner, a digest, a run id" : "Search"}
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          setAt(-1);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
      />
      {!large && <kbd>/</kbd>}
      <div id={`${id}-hits`} role="listbox" aria-label="Found" className="hits" hidden={!shown}>
        {hits.map((hit, place) => (
          <HitOption
            key={hit.ref}
            hit={hit}
            id={`${id}-${place}`}
            active={place === at}
            onPick={() => go(to.thing(hit.ref))}
          />
        ))}
        {shown && (
          // biome-ignore lint/a11y/useFocusableInteractive: it says how many there are; nobody picks it
          <div role="option" aria-selected={false} aria-disabled="true" className="hits-foot">
            {isError
              ? "The search could not be asked."
              : hits.length === 0
                ? `Nothing has “${printable(asked.trim())}” in it. Enter looks it up as a reference.`
                : `${hits.length} of ${data?.total.toLocaleString("en")}. Enter shows all.`}
          </div>
        )}
      </div>
    </search>
  );
}

interface HitOptionProps {
  hit: Hit;
  id: string;
  active: boolean;
  onPick(): void;
}

function HitOption({ hit, id, active, onPick }: HitOptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus and names the active option
    <div
      id={id}
      role="option"
      aria-selected={active}
      className={active ? "hit active" : "hit"}
      // Before the input loses its focus, and the list closes.
      onMouseDown={(event) => {
        event.preventDefault();
        onPick();
      }}
    >
      <Icon name={hit.kind} className={swatch(hit.kind)} />
      <bdi>{shortName(hit)}</bdi>
      <bdi className="quiet small hit-place">
        {hit.kind === "run" ? shortId(hit.matched.value) : placeOf(hit)}
      </bdi>
      {hit.matched.field !== "name" && hit.matched.field !== "id" && (
        <span className="mark">
          {hit.matched.field} {printable(hit.matched.value.slice(0, 24))}
        </span>
      )}
      <span className="quiet small">{hit.latest ? when(hit.latest).slice(0, 10) : ""}</span>
    </div>
  );
}

/** A value once it has not changed for a moment. */
function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
