"""What one thing is: its identity, and what is next to it."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from headwater.service.documents.graphs import (
    ArtifactName,
    Binding,
    Carries,
    ColumnNode,
    Evidence,
    Exactness,
    Facets,
    Head,
    JobNode,
    Labels,
    Name,
    Node,
    RunNode,
    VersionNode,
)


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
