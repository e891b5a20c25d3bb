/** How complete an answer is, in words; what is missing, by name. */

import type { Completeness as Document, Node } from "../api/documents.ts";
import { Icon } from "./icons.tsx";
import { Thing } from "./names.tsx";

interface Props {
  completeness: Document;
  nodes: ReadonlyMap<string, Node>;
}

export function Completeness({ completeness, nodes }: Props) {
  const missing = missingOf(completeness);
  if (completeness.complete && missing.length === 0)
    return (
      <span className="state good">
        <Icon name="yes" /> Complete
      </span>
    );
  return (
    <details className="completeness">
      <summary>
        <span className={`state ${completeness.complete ? "" : "warn"}`}>
          <Icon name={completeness.complete ? "yes" : "warn"} />
          {completeness.complete ? "Complete" : "Not complete"}
        </span>{" "}
        <span className="quiet">{missing.map(({ words }) => words).join(" · ")}</span>
      </summary>
      <ul>
        {missing.map(({ words, refs, meaning }) => (
          <li key={words}>
            <strong>{words}</strong> <span className="quiet">{meaning}</span>
            {refs.map((ref) => (
              <div key={ref}>
                <Thing refOf={ref} node={nodes.get(ref)} />
              </div>
            ))}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface Missing {
  words: string;
  meaning: string;
  refs: readonly string[];
}

/** What an answer leaves out or cannot be sure of; empty when there is nothing to say. */
export function missingOf(completeness: Document): Missing[] {
  const {
    truncated,
    redacted,
    erased,
    origins,
    revisions_left_out,
    open_writers,
    capture_gaps,
    conservative,
  } = completeness;
  const found: (Missing | null)[] = [
    truncated && {
      words: `cut off (${truncated.reason})`,
      meaning: "there is more than was asked for or allowed",
      refs: [],
    },
    redacted && {
      words: `${redacted.count ?? "some"} hidden from you`,
      meaning: "your token may not read their namespaces",
      refs: [],
    },
    erased && {
      words: `${plural(erased.entries.length, "entry", "entries")} erased`,
      meaning: "their content is gone, their proof is not",
      refs: [],
    },
    origins.unknown.length > 0
      ? {
          words: `${plural(origins.unknown.length, "origin")} unknown`,
          meaning: "nobody says where these came from",
          refs: origins.unknown,
        }
      : null,
    revisions_left_out > 0
      ? {
          words: `${plural(revisions_left_out, "earlier state")} left out`,
          meaning: "nobody says whether they carry over",
          refs: [],
        }
      : null,
    open_writers.length > 0
      ? {
          words: `${plural(open_writers.length, "writer")} never ended`,
          meaning: "what was read may be half written",
          refs: open_writers,
        }
      : null,
    capture_gaps.length > 0
      ? {
          words: `${plural(capture_gaps.length, "run")} with capture gaps`,
          meaning: "they say themselves that they could not see everything",
          refs: capture_gaps,
        }
      : null,
    conservative > 0
      ? {
          words: `${plural(conservative, "link")} conservative`,
          meaning: "possible, not proven; drawn dashed",
          refs: [],
        }
      : null,
    completeness.opaque
      ? {
          words: `${plural(completeness.opaque, "column")} opaque`,
          meaning: "nobody says how they went on",
          refs: [],
        }
      : null,
  ];
  return found.filter((one) => one !== null);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
