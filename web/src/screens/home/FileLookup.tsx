/** A file of the visitor's: hashed here, and found by its bytes. */

import { useQuery } from "@tanstack/react-query";
import { type ChangeEvent, useState } from "react";
import { Link } from "wouter";
import { api } from "../../api/client.ts";
import type { Artifact, VersionSummary } from "../../api/documents.ts";
import { printable, shortDigest } from "../../api/naming.ts";
import { when } from "../../api/time.ts";
import { Icon } from "../../ui/icons.tsx";
import { ArtifactName } from "../../ui/names.tsx";
import { to } from "../../url/parameters.ts";
import { digestOf } from "./hashing.ts";

interface Match {
  artifact: Artifact;
  version: VersionSummary;
}

const MATCHES_MAX = 20;

export interface Hashed {
  name: string;
  digest: string;
}

/** Every version that has these bytes. */
async function lookUp(digest: string, signal: AbortSignal): Promise<Match[]> {
  const { hits } = await api.search(digest, { signal, limit: MATCHES_MAX });
  const shown = await Promise.all(hits.map((hit) => api.show(hit.ref, { signal })));
  return shown.flatMap((one) =>
    one.kind === "artifact"
      ? one.versions
          .filter((version) => version.digest === digest)
          .map((version) => ({ artifact: one.artifact, version }))
      : [],
  );
}

export function useHashing(onHashed: (hashed: Hashed) => void) {
  const [progress, setProgress] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setFailure(null);
    setProgress(0);
    try {
      onHashed({ name: file.name, digest: await digestOf(file, setProgress) });
    } catch (error) {
      setFailure(
        `${file.name} cannot be read here: ${error instanceof Error ? error.message : error}`,
      );
    }
    setProgress(null);
  };
  return { progress, failure, take };
}

interface Props {
  hashed: Hashed | null;
  progress: number | null;
  failure: string | null;
  take(file: File | undefined): void;
}

export function FileLookup({ hashed, progress, failure, take }: Props) {
  const choose = ({ target }: ChangeEvent<HTMLInputElement>): void => take(target.files?.[0]);
  return (
    <>
      <p className="drop">
        <Icon name="file" />
        <label className="linkish" htmlFor="file">
          Choose a file
        </label>
        <input id="file" type="file" className="unseen" onChange={choose} />
        or drop one here: it is hashed in this browser, and found by its bytes.
        {progress !== null && <progress value={progress} aria-label="Hashing" />}
      </p>
      {failure && <p className="state bad">{failure}</p>}
      {hashed && <Matches hashed={hashed} />}
    </>
  );
}

function Matches({ hashed: { name, digest } }: { hashed: Hashed }) {
  const { data, isPending, isError, error } = useQuery({
    queryKey: ["file", digest],
    queryFn: ({ signal }) => lookUp(digest, signal),
  });
  return (
    <section className="panel" aria-label="Found by its bytes" aria-live="polite">
      <h2>
        <bdi>{printable(name)}</bdi> <code className="quiet">sha256:{shortDigest(digest)}</code>
      </h2>
      {isPending && <p className="quiet">Looking for these bytes.</p>}
      {isError && <p className="state bad">{error.message}</p>}
      {data?.length === 0 && (
        <p>
          <span className="state unknown">
            <Icon name="unknown" /> Not recorded
          </span>{" "}
          No version with exactly these bytes is in the ledger. It may have been changed since, or
          never captured.
        </p>
      )}
      <ul className="list">
        {data?.map(({ artifact, version }) => (
          <li key={version.ref}>
            <ArtifactName artifact={artifact} /> v{version.ordinal}{" "}
            <span className="quiet">{when(version.time)}</span>{" "}
            <Link
              className="button"
              href={`${to.passport(version.ref)}&file=${encodeURIComponent(digest)}`}
            >
              <Icon name="seal" /> Prove it
            </Link>{" "}
            <Link className="button" href={to.lineage(version.ref)}>
              <Icon name="lineage" /> Lineage
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
