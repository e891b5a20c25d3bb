/** Answers as JSON, as docs/reference/json-answers.md has them. They grow by addition only. */

export interface Head {
  size: number;
  root: string;
}

export interface Named {
  namespace: string;
  name: string;
}

export interface Artifact extends Named {
  kind: string;
}

export interface VersionNode {
  ref: string;
  kind: "version";
  artifact: Artifact;
  version: {
    origin: "run" | "outside";
    ordinal: number | null;
    declared: string | null;
    digest: string | null;
    attempted: boolean;
  };
  time: string | null;
  depth?: number;
  owners?: string[];
}

export interface RunNode {
  ref: string;
  kind: "run";
  id: string;
  job: Named;
  state: string;
  started: string | null;
  ended: string | null;
  part_of: string[];
  actor: string | null;
  code: string | null;
  interval?: { start: string | null; end: string | null };
  depth?: number;
}

export interface JobNode {
  ref: string;
  kind: "job";
  job: Named;
  depth?: number;
}

export interface ColumnNode {
  ref: string;
  kind: "column";
  version: string;
  path: string;
  depth?: number;
}

export type Node = VersionNode | RunNode | JobNode | ColumnNode;

export interface Edge {
  from: string;
  to: string;
  kind: string;
  entries: number[];
  as?: Named;
  binding?: string;
  evidence?: string;
  exactness?: string;
  carries?: string;
  direct?: boolean;
  transformation?: string | null;
  candidates?: string[];
  warning?: string;
}

export interface Completeness {
  complete: boolean;
  truncated: { reason: string; cursor: string | null } | null;
  redacted: { how: string; count?: number } | null;
  erased: { entries: number[] } | null;
  origins: { sources: number; unknown: string[] };
  revisions_left_out: number;
  open_writers: string[];
  capture_gaps: string[];
  conservative: number;
  opaque?: number;
}

interface Answer {
  ask: string;
  rules: number;
  head: Head;
}

export interface Walk extends Answer {
  root: string;
  nodes: Node[];
  edges: Edge[];
  completeness: Completeness;
  counts?: { versions: number; runs: number; by_kind: Record<string, number> };
  owners?: string[];
  opaque?: string[];
}

export interface Paths extends Walk {
  to: string;
  paths: string[][];
  more: boolean;
}

export interface Proof {
  entry: number;
  leaf_hash: string;
  at: string;
  kind: string;
}

interface Shown extends Answer {
  root: string;
  facets: Record<string, unknown>;
  proofs: Proof[];
  warnings: string[];
  nodes: Node[];
}

export interface ShownVersion extends Shown {
  kind: "version";
  node: VersionNode;
  artifact: Artifact;
  made_by: RunNode | null;
  from: { ref: string; kind: string; exactness: string; evidence: string }[];
  used_by: { ref: string; as: Named; binding: string; exactness: string }[];
  names: Named[];
  revises: { ref: string; carries: string } | null;
  owners: string[];
  labels: Record<string, string[]>;
  description: string | null;
  columns: string[];
  history: { facet: string; time: string; entry: number; digest: string }[];
}

export interface VersionSummary {
  ref: string;
  ordinal: number | null;
  declared: string | null;
  time: string | null;
  digest: string | null;
  attempted: boolean;
  run: string | null;
}

export interface ShownArtifact extends Shown {
  kind: "artifact";
  artifact: Artifact;
  source: boolean;
  versions: VersionSummary[];
  used_by: { ref: string }[];
  owners: string[];
  labels: Record<string, string[]>;
  description: string | null;
}

export interface Read {
  ref: string;
  as: Named;
  binding: string;
  exactness: string;
  evidence?: string;
}

export interface ShownRun extends Shown {
  kind: "run";
  node: RunNode;
  inputs: Read[];
  outputs: VersionNode[];
  parents: string[];
  children: string[];
  labels: Record<string, string[]>;
}

export interface ShownJob extends Shown {
  kind: "job";
  node: JobNode;
  runs: RunNode[];
  labels: Record<string, string[]>;
  declared_inputs: string[] | null;
  declared_outputs: string[] | null;
}

export interface ColumnLink {
  ref: string;
  direct: boolean;
  transformation: string | null;
  masking: boolean;
}

export interface ShownColumn extends Shown {
  kind: "column";
  node: ColumnNode;
  artifact: Artifact;
  from: ColumnLink[];
  used_by: ColumnLink[];
  labels: Record<string, string[]>;
}

export type AnyShown = ShownVersion | ShownArtifact | ShownRun | ShownJob | ShownColumn;

export interface Change {
  what: string;
  change: "added" | "removed" | "changed";
  path: string;
  a: unknown;
  b: unknown;
}

export interface Diff extends Answer {
  a: string;
  b: string;
  kind: "version" | "run" | "size";
  changes: Change[];
  nodes: Node[];
}

export interface Hit extends Named {
  ref: string;
  kind: string;
  matched: { field: string; value: string };
  versions: number | null;
  latest: string | null;
}

export interface Search extends Answer {
  text: string;
  hits: Hit[];
  total: number;
  truncated: boolean;
}

/** The newest first. */
export interface Overview extends Answer {
  artifacts: Record<string, number>;
  jobs: number;
  runs: number;
  newest_versions: VersionNode[];
  newest_runs: RunNode[];
  attention: RunNode[];
  attention_total: number;
}

/** One entry of the ledger: what is binary is in base64, null where it was erased. */
export interface EntryShown {
  leaf: string;
  parts: { salt: string | null; bytes: string | null }[];
}

/** An error (RFC 9457). */
export interface Problem {
  title?: string;
  detail?: string;
  remedy?: string | null;
  nearest?: string[];
  candidates?: string[];
}

export interface Reason {
  edge: Edge;
  rule: string;
  explanation: string;
  claims: { entry: number; claim: string; said: unknown }[];
  runner_up: { ref: string; why: string } | null;
}

export interface Why extends Answer {
  from: string;
  to: string;
  edges: Reason[];
  nodes: Node[];
}
