"""Nodes, edges and completeness: answers that are a part of the graph."""

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


class _Edge(Struct, frozen=True, tag_field="kind"):
    """From a reference to a reference, said by these entries."""

    from_: str = field(name="from")
    to: str
    entries: list[int]


class UsedEdge(_Edge, frozen=True, tag="used"):
    """A run read a version; `as_` is the name as the reader said it."""

    as_: Name = field(name="as")
    binding: Binding
    evidence: Evidence
    exactness: Exactness
    candidates: list[str] | UnsetType = UNSET
    warning: str | UnsetType = UNSET


class GeneratedEdge(_Edge, frozen=True, tag="generated"):
    """A version was written by a run."""


class DerivedEdge(_Edge, frozen=True, tag="derived"):
    """A version came from a version, or a column from a column."""

    evidence: Evidence | UnsetType = UNSET
    exactness: Exactness | UnsetType = UNSET
    direct: bool | UnsetType = UNSET
    transformation: str | UnsetType | None = UNSET
    masking: bool | UnsetType = UNSET


class RevisedEdge(_Edge, frozen=True, tag="revised"):
    """A version replaced the state before it."""

    carries: Carries


class SameContentEdge(_Edge, frozen=True, tag="same_content"):
    """A version of outside origin has the bytes of a run-made one."""

    evidence: Evidence


class DeclaredEdge(_Edge, frozen=True, tag="declared"):
    """Static lineage between versions of outside origin."""

    evidence: Evidence


class DeclaredOutputEdge(_Edge, frozen=True, tag="declared_output"):
    """A job is declared to make this."""

    evidence: Evidence


class DeclaredInputEdge(_Edge, frozen=True, tag="declared_input"):
    """A job is declared to read this."""

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
    """What something was made of. `opaque`, `sourceless` stand in answers about a column."""

    ask: Literal["trace"]
    rules: int
    head: Head
    root: str
    nodes: list[Node]
    edges: list[Edge]
    completeness: Completeness
    opaque: list[str] | UnsetType = UNSET
    sourceless: list[str] | UnsetType = UNSET


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
