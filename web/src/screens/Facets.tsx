/** Facets as they came: the ones that are known laid out, every other one verbatim. */

import { printable } from "../api/naming.ts";

const FORM = new Set(["_producer", "_schemaURL"]);
const ROWS_SHOWN_MAX = 200;

export function Facets({ facets }: { facets: Record<string, unknown> }) {
  const names = Object.keys(facets).sort();
  if (names.length === 0) return <p className="quiet">Nothing further was said.</p>;
  return (
    <div>
      {names.map((name) => (
        <details key={name} className="facet">
          <summary>
            <code>{printable(name)}</code> <span className="quiet small">{gist(facets[name])}</span>
          </summary>
          <Value value={facets[name]} />
        </details>
      ))}
    </div>
  );
}

/** Anything that JSON can say. Objects of the same members become a table. */
export function Value({ value }: { value: unknown }) {
  if (Array.isArray(value)) return <List items={value} />;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).filter(([name]) => !FORM.has(name));
    return (
      <dl className="facts">
        {entries.map(([name, inner]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{printable(name)}</dt>
            <dd>
              <Value value={inner} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return <span className="value">{plain(value)}</span>;
}

function List({ items }: { items: readonly unknown[] }) {
  const columns = tableColumns(items);
  const shown = items.slice(0, ROWS_SHOWN_MAX);
  const rest = items.length - shown.length;
  const more = rest > 0 && <p className="quiet small">and {rest.toLocaleString("en")} more</p>;
  if (!columns)
    return (
      <>
        <ul>
          {shown.map((item, at) => (
            <li key={at}>
              <Value value={item} />
            </li>
          ))}
        </ul>
        {more}
      </>
    );
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name}>{printable(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((item, at) => (
            <tr key={at}>
              {columns.map((name) => (
                <td key={name} className="wrap">
                  <Value value={(item as Record<string, unknown>)[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

const COLUMNS_MAX = 6;

function tableColumns(items: readonly unknown[]): string[] | null {
  const columns = new Set<string>();
  for (const item of items) {
    if (item === null || typeof item !== "object" || Array.isArray(item)) return null;
    for (const name of Object.keys(item)) columns.add(name);
  }
  return columns.size > 0 && columns.size <= COLUMNS_MAX ? [...columns] : null;
}

export function plain(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return printable(value);
  if (typeof value === "number") return String(value);
  return printable(JSON.stringify(value) ?? "");
}

/** The beginning of what a facet says, on one line. */
function gist(value: unknown): string {
  if (value === null || typeof value !== "object") return plain(value).slice(0, 80);
  const entries = Object.entries(value).filter(([name]) => !FORM.has(name));
  const words = entries.map(([name, inner]) => {
    if (Array.isArray(inner)) return `${name}: ${inner.length}`;
    return inner !== null && typeof inner === "object" ? name : `${name}: ${plain(inner)}`;
  });
  return printable(words.join(", ")).slice(0, 100);
}

/** A member deep in a facet, if it is there. */
export function dig(facets: Record<string, unknown>, ...path: readonly string[]): unknown {
  let value: unknown = facets;
  for (const step of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
