"""The shapes of answers, as types: what the reference of JSON answers says, and `--json` prints."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Head(TypedDict):
    """The ledger at the point that was asked about: its size, and its root in base64."""

    size: int
    root: str


class Named(TypedDict):
    """A name as OpenLineage has it; `kind` stands with artifacts."""

    namespace: str
    name: str
    kind: NotRequired[str]


class VersionFacts(TypedDict):
    """What tells a version from others: `ordinal` is the N of vN."""

    origin: Literal["run", "outside"]
    ordinal: int | None
    declared: str | None
    digest: str | None
    attempted: bool


class Node(TypedDict):
    """A version, run, job or column; which members it has depends on `kind`."""

    ref: str
    kind: str
    depth: int
    artifact: NotRequired[Named]
    version: NotRequired[Any]
    time: NotRequired[str | None]
    id: NotRequired[str]
    job: NotRequired[Named]
    state: NotRequired[str]
    started: NotRequired[str | None]
    ended: NotRequired[str | None]
    path: NotRequired[str]
    owners: NotRequired[list[str]]
    facets: NotRequired[dict[str, Any]]


Edge = TypedDict(
    "Edge",
    {
        "from": str,
        "to": str,
        "kind": str,
        "entries": list[int],
        "as": NotRequired[Named],
        "binding": NotRequired[str],
        "evidence": NotRequired[str],
        "exactness": NotRequired[str],
        "carries": NotRequired[str],
        "direct": NotRequired[bool],
        "transformation": NotRequired[str],
        "masking": NotRequired[bool],
    },
)
"""A link: `from` always depends on `to`."""


class Origins(TypedDict):
    """How many known sources, and the versions of unknown origin."""

    sources: int
    unknown: list[str]


class Completeness(TypedDict):
    """What an answer says about itself."""

    complete: bool
    truncated: dict[str, Any] | None
    redacted: dict[str, Any] | None
    erased: dict[str, Any] | None
    origins: NotRequired[Origins | None]
    revisions_left_out: NotRequired[int]
    open_writers: NotRequired[list[str]]
    capture_gaps: NotRequired[list[str]]
    conservative: NotRequired[int]


class Answer(TypedDict):
    """What every answer begins with."""

    ask: str
    rules: int
    head: Head


class Walk(Answer):
    """The answer of `trace` and `impact` (`counts` and `owners` are of `impact`).

    Of a column it has `opaque`, the columns at which nobody says how they went on; in `trace` also
    `sourceless`, those that are known to be made of none.
    """

    root: str
    nodes: list[Node]
    edges: list[Edge]
    completeness: Completeness
    counts: NotRequired[dict[str, Any]]
    owners: NotRequired[list[str]]
    opaque: NotRequired[list[str]]
    sourceless: NotRequired[list[str]]


class Paths(Walk):
    """The answer of `paths`: the ways from `root` to `to`, as lists of references."""

    to: str
    paths: list[list[str]]
    more: bool


class Passport(Answer):
    """The answer of `show`; further members depend on `kind`, and stand in the reference."""

    root: str
    kind: str
    facets: dict[str, Any]
    proofs: list[dict[str, Any]]
    warnings: list[str]


class Difference(Answer):
    """The answer of `diff`."""

    a: Any
    b: Any
    kind: str
    changes: list[dict[str, Any]]


class Hit(TypedDict):
    """Something that was found."""

    ref: str
    kind: str
    namespace: str
    name: str
    matched: dict[str, str]


class Hits(Answer):
    """The answer of `search`."""

    text: str
    hits: list[Hit]
    total: int


class Reasons(Answer):
    """The answer of `why`."""

    edges: list[dict[str, Any]]
