"""The shapes of answers, as OpenAPI describes them: docs/reference/json-answers.md, as types.

The gateway writes answers as plain documents; that each has the shape that is promised here is
tested, member by member.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

Carries = Literal["all", "none", "unknown"]
Evidence = Literal["captured", "parsed", "declared", "inferred"]
Exactness = Literal["exact", "conservative", "opaque"]
Binding = Literal["declared", "digest", "as_of", "unknown"]
Facets = dict[str, Any]
Labels = dict[str, list[str]]


class Head(Struct, frozen=True):
    """The ledger at the point that was asked about: its size, and its root in base64."""

    size: int
    root: str


class Name(Struct, frozen=True):
    """A name as OpenLineage has it."""

    namespace: str
    name: str


class ArtifactName(Struct, frozen=True):
    """An artifact and what kind of thing it is."""

    kind: str
    namespace: str
    name: str


class VersionFacts(Struct, frozen=True):
    """What tells a version from others: `ordinal` is the N of vN."""

    origin: Literal["run", "outside"]
    ordinal: int | None
    declared: str | None
    digest: str | None
    attempted: bool


class Interval(Struct, frozen=True):
    """The data interval of a run, as given."""

    start: str
    end: str | None


class VersionNode(Struct, frozen=True, tag="version", tag_field="kind"):
    """A version of an artifact. `depth` is in runs from the root; `owners` stand in `impact`."""

    ref: str
    artifact: ArtifactName
    version: VersionFacts
    time: str | None
    depth: int | UnsetType = UNSET
    facets: Facets | UnsetType = UNSET
    owners: list[str] | UnsetType = UNSET


class RunNode(Struct, frozen=True, tag="run", tag_field="kind"):
    """A run of a job."""

    ref: str
    id: str
    job: Name
    state: str
    started: str
    ended: str | None
    part_of: list[str]
    actor: str | None
    code: str | None
    interval: Interval | UnsetType = UNSET
    depth: int | UnsetType = UNSET
    facets: Facets | UnsetType = UNSET


class JobNode(Struct, frozen=True, tag="job", tag_field="kind"):
    """A job of static lineage."""

    ref: str
    job: Name
    depth: int | UnsetType = UNSET
    facets: Facets | UnsetType = UNSET


class ColumnNode(Struct, frozen=True, tag="column", tag_field="kind"):
    """A column of a version."""

    ref: str
    version: str
    path: str
    depth: int | UnsetType = UNSET


Node = VersionNode | RunNode | JobNode | ColumnNode


class UsedEdge(Struct, frozen=True, tag="used", tag_field="kind"):
    """A run read a version; `as_` is the name as the reader said it."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    as_: Name = field(name="as")
    binding: Binding
    evidence: Evidence
    exactness: Exactness
    candidates: list[str] | UnsetType = UNSET
    warning: str | UnsetType = UNSET


class GeneratedEdge(Struct, frozen=True, tag="generated", tag_field="kind"):
    """A version was written by a run."""

    from_: str = field(name="from")
    to: str
    entries: list[int]


class DerivedEdge(Struct, frozen=True, tag="derived", tag_field="kind"):
    """A version came from a version, or a column from a column."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    evidence: Evidence | UnsetType = UNSET
    exactness: Exactness | UnsetType = UNSET
    direct: bool | UnsetType = UNSET
    transformation: str | UnsetType | None = UNSET
    masking: bool | UnsetType = UNSET


class RevisedEdge(Struct, frozen=True, tag="revised", tag_field="kind"):
    """A version replaced the state before it."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    carries: Carries


class SameContentEdge(Struct, frozen=True, tag="same_content", tag_field="kind"):
    """A version of outside origin has the bytes of a run-made one."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    evidence: Evidence


class DeclaredEdge(Struct, frozen=True, tag="declared", tag_field="kind"):
    """Static lineage between versions of outside origin."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    evidence: Evidence


class DeclaredOutputEdge(Struct, frozen=True, tag="declared_output", tag_field="kind"):
    """A job is declared to make this."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    evidence: Evidence


class DeclaredInputEdge(Struct, frozen=True, tag="declared_input", tag_field="kind"):
    """A job is declared to read this."""

    from_: str = field(name="from")
    to: str
    entries: list[int]
    evidence: Evidence


Edge = (
    UsedEdge
    | GeneratedEdge
    | DerivedEdge
    | RevisedEdge
    | SameContentEdge
    | DeclaredEdge
    | DeclaredOutputEdge
    | DeclaredInputEdge
)


class Truncated(Struct, frozen=True):
    """Why an answer ends early, and the cursor of the next page where there is one."""

    reason: Literal["depth", "nodes", "time"]
    cursor: str | None


class Redacted(Struct, frozen=True):
    """What the reader may not see."""

    how: str
    count: int


class Erased(Struct, frozen=True):
    """Entries whose content was erased."""

    entries: list[int]


class Origins(Struct, frozen=True):
    """Where everything began: known sources, and versions of unknown origin."""

    sources: int
    unknown: list[str]


class Completeness(Struct, frozen=True):
    """What an answer leaves out, and why. `opaque` counts columns, in answers about one."""

    complete: bool
    truncated: Truncated | None
    redacted: Redacted | None
    erased: Erased | None
    origins: Origins
    revisions_left_out: int
    open_writers: list[str]
    capture_gaps: list[str]
    conservative: int
    opaque: int | UnsetType = UNSET


class TraceAnswer(Struct, frozen=True):
    """What something was made of. `opaque` stands in answers about a column."""

    ask: Literal["trace"]
    rules: int
    head: Head
    root: str
    nodes: list[Node]
    edges: list[Edge]
    completeness: Completeness
    opaque: list[str] | UnsetType = UNSET


class Counts(Struct, frozen=True):
    """How much was reached, the root aside."""

    versions: int
    runs: int
    by_kind: dict[str, int]


class ImpactAnswer(Struct, frozen=True):
    """What something reached, with its owners; counts are of the whole answer on every page."""

    ask: Literal["impact"]
    rules: int
    head: Head
    root: str
    nodes: list[Node]
    edges: list[Edge]
    completeness: Completeness
    counts: Counts
    owners: list[str]
    opaque: list[str] | UnsetType = UNSET


class PathsAnswer(Struct, frozen=True):
    """How one thing reaches another: ways as lists of references, the shortest first."""

    ask: Literal["paths"]
    rules: int
    head: Head
    root: str
    to: str
    paths: list[list[str]]
    more: bool
    nodes: list[Node]
    edges: list[Edge]
    completeness: Completeness


class Proof(Struct, frozen=True):
    """A ledger entry that something rests on: its leaf hash in hexadecimal."""

    entry: int
    leaf_hash: str
    at: str
    kind: str


class Link(Struct, frozen=True):
    """Something a version came from."""

    ref: str
    kind: Literal["derived", "same_content", "declared"]
    exactness: Exactness
    evidence: Evidence


class Reading(Struct, frozen=True):
    """A run that read a version, or a version that a run read."""

    ref: str
    as_: Name = field(name="as")
    binding: Binding
    exactness: Exactness
    evidence: Evidence | UnsetType = UNSET


class ColumnLink(Struct, frozen=True):
    """A column next to a column."""

    ref: str
    direct: bool
    transformation: str | None
    masking: bool


class Reference(Struct, frozen=True):
    """A thing by its reference."""

    ref: str


class Revises(Struct, frozen=True):
    """The state before, and how much of it is still there."""

    ref: str
    carries: Carries


class VersionSummary(Struct, frozen=True):
    """One version among those of its artifact."""

    ref: str
    ordinal: int | None
    declared: str | None
    time: str | None
    digest: str | None
    attempted: bool
    run: str | None


class Statement(Struct, frozen=True):
    """One statement of a facet."""

    facet: str
    time: str
    entry: int
    digest: str


class VersionShown(Struct, frozen=True, tag="version", tag_field="kind"):
    """The passport of a version."""

    ask: Literal["show"]
    rules: int
    head: Head
    root: str
    node: VersionNode
    artifact: ArtifactName
    made_by: RunNode | None
    from_: list[Link] = field(name="from")
    used_by: list[Reading]
    names: list[Name]
    revises: Revises | None
    owners: list[str]
    labels: Labels
    description: str | None
    facets: Facets
    columns: list[str]
    history: list[Statement]
    proofs: list[Proof]
    warnings: list[str]
    nodes: list[Node]


class ArtifactShown(Struct, frozen=True, tag="artifact", tag_field="kind"):
    """An artifact with all of its versions, newest first."""

    ask: Literal["show"]
    rules: int
    head: Head
    root: str
    artifact: ArtifactName
    source: bool
    versions: list[VersionSummary]
    used_by: list[Reference]
    owners: list[str]
    labels: Labels
    description: str | None
    facets: Facets
    proofs: list[Proof]
    warnings: list[str]
    nodes: list[Node]


class RunShown(Struct, frozen=True, tag="run", tag_field="kind"):
    """A run: what it read and wrote, and what it is part of."""

    ask: Literal["show"]
    rules: int
    head: Head
    root: str
    node: RunNode
    inputs: list[Reading]
    outputs: list[VersionNode]
    labels: Labels
    parents: list[str]
    children: list[str]
    facets: Facets
    proofs: list[Proof]
    warnings: list[str]
    nodes: list[Node]


class JobShown(Struct, frozen=True, tag="job", tag_field="kind"):
    """A job: its runs, newest first, and its static lists."""

    ask: Literal["show"]
    rules: int
    head: Head
    root: str
    node: JobNode
    labels: Labels
    runs: list[RunNode]
    declared_inputs: list[str] | None
    declared_outputs: list[str] | None
    facets: Facets
    proofs: list[Proof]
    warnings: list[str]
    nodes: list[Node]


class ColumnShown(Struct, frozen=True, tag="column", tag_field="kind"):
    """A column: one hop each side."""

    ask: Literal["show"]
    rules: int
    head: Head
    root: str
    node: ColumnNode
    labels: Labels
    artifact: ArtifactName
    from_: list[ColumnLink] = field(name="from")
    used_by: list[ColumnLink]
    facets: Facets
    proofs: list[Proof]
    warnings: list[str]
    nodes: list[Node]


Shown = VersionShown | ArtifactShown | RunShown | JobShown | ColumnShown


class Change(Struct, frozen=True):
    """One difference, with the values on both sides."""

    what: str
    change: Literal["added", "removed", "changed"]
    path: str
    a: Any
    b: Any


class DiffAnswer(Struct, frozen=True):
    """What changed between two versions, runs or points in time."""

    ask: Literal["diff"]
    rules: int
    head: Head
    a: str
    b: str
    kind: Literal["version", "run", "size"]
    changes: list[Change]
    nodes: list[Node]


class Match(Struct, frozen=True):
    """Where a hit had the text."""

    field: Literal["name", "owner", "label", "tag", "description", "digest", "id"]
    value: str


class SearchHit(Struct, frozen=True):
    """One thing that was found; `latest` is when its newest version began or run started."""

    ref: str
    kind: str
    namespace: str
    name: str
    matched: Match
    versions: int | None
    latest: str | None


class SearchAnswer(Struct, frozen=True):
    """What has a text in its name, owners, labels, tags, description or digest."""

    ask: Literal["search"]
    rules: int
    head: Head
    text: str
    hits: list[SearchHit]
    total: int
    truncated: bool
    cursor: str | None


class OverviewAnswer(Struct, frozen=True):
    """How much there is of each kind, and the newest of it, the newest first."""

    ask: Literal["overview"]
    rules: int
    head: Head
    artifacts: dict[str, int]
    jobs: int
    runs: int
    newest_versions: list[VersionNode]
    newest_runs: list[RunNode]
    attention: list[RunNode]
    attention_total: int


class Said(Struct, frozen=True):
    """A claim that an edge rests on."""

    entry: int
    claim: str
    said: dict[str, Any]


class RunnerUp(Struct, frozen=True):
    """What would have been bound otherwise."""

    ref: str
    why: str


class Reason(Struct, frozen=True):
    """Why an edge is there."""

    edge: Edge
    rule: str
    explanation: str
    claims: list[Said]
    runner_up: RunnerUp | None


class WhyAnswer(Struct, frozen=True):
    """The claims and rules that join two things."""

    ask: Literal["why"]
    rules: int
    head: Head
    from_: str = field(name="from")
    to: str
    edges: list[Reason]
    nodes: list[Node]
