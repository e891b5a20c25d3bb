/** One of the two: what it is, or a box to say it in. */

import { type FormEvent, useState } from "react";
import type { Node } from "../../api/documents.ts";
import { parseRef } from "../../api/refs.ts";
import { when } from "../../api/time.ts";
import { Thing } from "../../ui/names.tsx";

interface Props {
  label: string;
  value: string | null;
  node: Node | undefined;
  onChange(next: string | null): void;
}

export function Side({ label, value, node, onChange }: Props) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim()) onChange(text.trim());
  };
  if (value)
    return (
      <section className="panel" aria-label={label}>
        <p className="side-label">{label}</p>
        {parseRef(value) ? <Thing refOf={value} node={node} /> : <strong>{value}</strong>}{" "}
        <span className="quiet small">{timeOf(node)}</span>{" "}
        <button type="button" className="linkish small" onClick={() => onChange(null)}>
          Change
        </button>
      </section>
    );
  return (
    <form className="panel" aria-label={label} onSubmit={submit}>
      <label className="side-label" htmlFor={`side-${label}`}>
        {label}
      </label>
      <br />
      <input
        id={`side-${label}`}
        className="field"
        value={text}
        placeholder="orders@v2, a run id, @120"
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setText(target.value)}
      />{" "}
      <button type="submit" className="button" disabled={!text.trim()}>
        Take it
      </button>
    </form>
  );
}

function timeOf(node: Node | undefined): string {
  if (node?.kind === "version") return node.time ? when(node.time) : "";
  return node?.kind === "run" ? when(node.started) : "";
}
