"""What differs, what is found, how much there is, and why."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from headwater.service.documents.graphs import Edge, Head, Node, RunNode, VersionNode


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
