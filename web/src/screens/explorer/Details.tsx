/** What is selected: the little that tells it from others, its columns, and where to go on. */

import { Link } from "wouter";
import type { Node } from "../../api/documents.ts";
import { fullName, nodeLabel, shortDigest, versionLabel } from "../../api/naming.ts";
import { useShow } from "../../api/queries.ts";
import { columnRef } from "../../api/refs.ts";
import { between, when } from "../../api/time.ts";
import { Icon } from "../../ui/icons.tsx";
import { Kind, RunState, Thing } from "../../ui/names.tsx";
import { to } from "../../url/parameters.ts";
import type { Explorer } from "./useExplorer.ts";

interface Props {
  state: Explorer;
  node: Node;
  onPath: () => void;
}

export function Details({ state, node, onPath }: Props) {
  const { address, at, lineage } = state;
  return (
    <aside className="details" aria-label="Selected">
      <button
        type="button"
        className="button plain close"
        aria-label="Leave the selection"
        onClick={() => address.set({ sel: null, col: null })}
      >
        <Icon name="no" />
      </button>
      <Kind kind={node.kind === "version" ? node.artifact.kind : node.kind} />
      <h2>
        <Link href={to.thing(node.ref, at)}>
          <bdi>{nodeLabel(node)}</bdi>
        </Link>
      </h2>
      {node.kind === "version" && (
        <>
          <p className="quiet small wrap">
            <bdi>{fullName(node.artifact)}</bdi>
          </p>
          <dl className="facts">
            <dt>Version</dt>
            <dd>{versionLabel(node) || "unnamed"}</dd>
            <dt>Began</dt>
            <dd>{when(node.time)}</dd>
            {node.version.digest && (
              <>
                <dt>Digest</dt>
                <dd>
                  <code title={node.version.digest}>{shortDigest(node.version.digest)}</code>
                </dd>
              </>
            )}
          </dl>
        </>
      )}
      {node.kind === "run" && (
        <dl className="facts">
          <dt>State</dt>
          <dd>
            <RunState state={node.state} />
          </dd>
          <dt>Started</dt>
          <dd>{when(node.started)}</dd>
          <dt>Took</dt>
          <dd>{between(node.started, node.ended) ?? "not ended"}</dd>
          {node.code && (
            <>
              <dt>Code</dt>
              <dd>
                <code>{node.code.slice(0, 12)}</code>
              </dd>
            </>
          )}
        </dl>
      )}
      <div className="details-actions">
        {node.ref !== lineage?.focus && (
          <>
            <button
              type="button"
              className="button"
              onClick={() =>
                address.set({ ref: node.ref, sel: node.ref, open: null, path: null, col: null })
              }
            >
              <Icon name="lineage" /> Make it the focus
            </button>
            <button
              type="button"
              className="button"
              aria-pressed={state.pathTo !== null}
              onClick={onPath}
            >
              <Icon name="path" /> Ways from the focus
            </button>
          </>
        )}
        <Link className="button" href={to.thing(node.ref, at)}>
          <Icon name="report" /> {node.kind === "run" ? "Run" : "Passport"}
        </Link>
      </div>
      {node.kind === "version" && <Columns state={state} version={node.ref} />}
    </aside>
  );
}

function Columns({ state, version }: { state: Explorer; version: string }) {
  const { data, isPending, isError, error } = useShow(version, state.at);
  if (isPending) return <p className="quiet">Asking for its columns.</p>;
  if (isError) return <p className="quiet">Its columns could not be asked for: {error.message}</p>;
  if (data.kind !== "version") return null;
  const { column, address } = state;
  const followed = column?.version === version ? column.path : null;
  return (
    <section>
      <h3>Columns</h3>
      {data.columns.length === 0 && <p className="quiet small">Nobody says which it has.</p>}
      <ul className="columns">
        {data.columns.map((path) => (
          <li key={path}>
            <button
              type="button"
              className="button plain mono"
              aria-pressed={path === followed}
              onClick={() =>
                address.set({
                  col: path === followed ? null : columnRef(version, path),
                  path: null,
                })
              }
            >
              <bdi>{path}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {data.made_by && (
        <>
          <h3>Made by</h3>
          <Thing refOf={data.made_by.ref} node={data.made_by} at={state.at} />
        </>
      )}
    </section>
  );
}
