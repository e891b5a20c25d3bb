/** One entry: its leaf, and the bytes that it commits to, as they came. */

import { printable } from "../../api/naming.ts";
import { useEntry } from "../../api/queries.ts";
import { Blank, Failure, Loading } from "../../ui/states.tsx";
import { text } from "../../verify/bytes.ts";
import type { StoredPart } from "../../verify/log.ts";

/** A body longer than this is shown as it is, without being laid out. */
const LAID_OUT_BYTES_MAX = 1_000_000;

export function EntryPanel({ index, size }: { index: number; size: number }) {
  const { data, isPending, isError, error, refetch } = useEntry(index < size ? index : null);
  if (index >= size)
    return (
      <Blank title={`There is no entry ${index}`}>
        <p>The ledger has {size.toLocaleString("en")}.</p>
      </Blank>
    );
  if (isError) return <Failure error={error} retry={refetch} />;
  if (isPending) return <Loading what={`Asking for entry ${index}.`} />;
  return (
    <section className="panel">
      <h2>Leaf</h2>
      <code className="command">{readable(data.leaf)}</code>
      {data.parts.map((part, number) => (
        <details key={number} open={number === 0}>
          <summary>
            <strong>Part {number}</strong>{" "}
            <span className="quiet">
              {part
                ? `${part.bytes.length.toLocaleString("en")} bytes`
                : "erased; its proof is not"}
            </span>
          </summary>
          {part && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
            <pre className="body" tabIndex={0}>
              {laidOut(part)}
            </pre>
          )}
        </details>
      ))}
    </section>
  );
}

function laidOut({ bytes }: StoredPart): string {
  const said = readable(bytes);
  if (bytes.length > LAID_OUT_BYTES_MAX) return said;
  try {
    return JSON.stringify(JSON.parse(said), null, 2).split("\n").map(printable).join("\n");
  } catch {
    return said;
  }
}

function readable(bytes: Uint8Array): string {
  try {
    return printable(text(bytes));
  } catch {
    return "bytes that are not UTF-8";
  }
}
