/** Things as links: icon, name, version. Names are text that cannot reorder what is around it. */

import { Link } from "wouter";
import type { Artifact, Node } from "../api/documents.ts";
import {
  fullName,
  nodeLabel,
  placeOf,
  printable,
  refLabel,
  shortName,
  versionLabel,
} from "../api/naming.ts";
import { artifactRef } from "../api/refs.ts";
import { to } from "../url/parameters.ts";
import { Icon, swatch } from "./icons.tsx";

export function Kind({ kind }: { kind: string }) {
  return (
    <span className="kind">
      <Icon name={kind} className={swatch(kind)} />
      {printable(kind.replace("_", " "))}
    </span>
  );
}

interface ThingProps {
  refOf: string;
  /** What is known of it. */
  node?: Node | undefined;
  at?: string | null;
}

/** A version, run or artifact by its reference. */
export function Thing({ refOf, node, at = null }: ThingProps) {
  const kind = node?.kind === "version" ? node.artifact.kind : refOf.slice(0, refOf.indexOf(":"));
  const known = node?.kind === "version";
  return (
    <span className="name">
      <Icon name={kind} className={swatch(kind)} />
      <Link href={to.thing(refOf, at)} title={known ? fullName(node.artifact) : refOf}>
        <bdi>{known ? shortName(node.artifact) : node ? nodeLabel(node) : refLabel(refOf)}</bdi>
      </Link>
      {known && <span className="quiet">{versionLabel(node)}</span>}
    </span>
  );
}

export function ArtifactName({ artifact, at = null }: { artifact: Artifact; at?: string | null }) {
  return (
    <span className="name">
      <Icon name={artifact.kind} className={swatch(artifact.kind)} />
      <Link href={to.passport(artifactRef(artifact), at)} title={fullName(artifact)}>
        <bdi>{shortName(artifact)}</bdi>
      </Link>
      <bdi className="quiet small">{placeOf(artifact)}</bdi>
    </span>
  );
}

const STATES: Record<string, [word: string, icon: string, tone: string]> = {
  COMPLETE: ["complete", "yes", "good"],
  FAIL: ["failed", "no", "bad"],
  ABORT: ["aborted", "no", "bad"],
  OPEN: ["open", "wait", "warn"],
};

export function RunState({ state }: { state: string }) {
  const [word, icon, tone] = STATES[state] ?? [state.toLowerCase(), "unknown", "unknown"];
  return (
    <span className={`state ${tone}`}>
      <Icon name={icon} /> {word}
    </span>
  );
}
