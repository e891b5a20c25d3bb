"""The resolved graph. `from` always depends on `to`.

Equality of graphs is equality of what `Graph.facts` returns: ordinals, entry numbers and paths into
events describe the admission, not the graph.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from headwater.refs import Artifact, Column, Job, Run, Version

RULES = 3
"""Version of the rules of resolution. Every answer names it."""
UNKNOWN_KIND = "dataset"
"""What an artifact counts as while nobody says its kind."""


class Facet(msgspec.Struct, frozen=True, array_like=True):
    """Where a facet's value stands: ledger entry and path in the event; `digest` is its SHA-256."""

    time: int
    digest: str
    entry: int
    path: tuple[str | int, ...]


class Label(msgspec.Struct, frozen=True, array_like=True):
    """What stands for one key of one subject: its values, the newest time, the entries."""

    values: tuple[str, ...]
    time: int
    entries: tuple[int, ...]


class VersionNode(msgspec.Struct, kw_only=True):
    """One state of an artifact. Times in microseconds; `begins` is None for outside origin.

    `names` are those it has from its beginning on, `joined` those that it got later, and when.
    `sourceless` are columns that are known to come from none.
    """

    version: Version
    names: tuple[Artifact, ...]
    joined: tuple[tuple[Artifact, int], ...] = ()
    begins: int | None = None
    attempted: bool = False
    open: bool = False
    declared: str | None = None
    digest: str | None = None
    size: int | None = None
    kind: str | None = None
    lifecycle: str | None = None
    source: bool = False
    origin_known: bool = False
    ordinal: int | None = None
    facets: dict[str, Facet] = {}
    entries: tuple[int, ...] = ()
    sourceless: tuple[str, ...] = ()

    @property
    def every_name(self) -> tuple[Artifact, ...]:
        """Every name on whose timeline it stands."""
        return tuple(dict.fromkeys((*self.names, *(name for name, _ in self.joined))))

    def stands(self, name: Artifact, until: int) -> int | None:
        """Since when, at `until`, it stands on the timeline of a name; None where it does not."""
        since = [time for joined, time in self.joined if joined == name]
        if name in self.names and self.begins is not None:
            since.append(self.begins)
        return max((time for time in since if time <= until), default=None)


class RunNode(msgspec.Struct, kw_only=True):
    """One execution of a job. `ended` is None while it is open."""

    run: Run
    state: str
    started: int
    ended: int | None = None
    parents: tuple[Run, ...] = ()
    followed: tuple[Run, ...] = ()
    actor: str | None = None
    code: str | None = None
    nominal: tuple[str, str | None] | None = None
    gaps: int = 0
    known: bool = True
    facets: dict[str, Facet] = {}
    job_facets: dict[str, Facet] = {}
    entries: tuple[int, ...] = ()


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """A run read a version. `named` is the name as the reader said it, `binding` the rule."""

    run: Run
    version: Version
    named: Artifact
    binding: str
    evidence: str
    exactness: str
    time: int
    candidates: tuple[Version, ...] = ()
    open_writers: tuple[Run, ...] = ()
    digest: str | None = None
    warning: str | None = None
    facets: dict[str, Facet] = {}
    entries: tuple[int, ...] = ()


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """A version came from a version."""

    version: Version
    source: Version
    evidence: str
    exactness: str
    entries: tuple[int, ...] = ()


class ColumnDerived(msgspec.Struct, frozen=True, kw_only=True):
    """A column (or, with path `*`, the version as a whole) came from a column."""

    column: Column
    source: Column
    direct: bool
    kind: str
    masking: bool
    entries: tuple[int, ...] = ()


class Revised(msgspec.Struct, frozen=True, kw_only=True):
    """The state before a write, and whether it carries over: `all`, `none` or `unknown`."""

    version: Version
    before: Version
    carries: str


class SameContent(msgspec.Struct, frozen=True, kw_only=True):
    """A version of outside origin has the bytes of this earlier run-made one."""

    version: Version
    original: Version


class JobNode(msgspec.Struct, kw_only=True):
    """A job: its static lists (None: nothing said) and facets."""

    job: Job
    inputs: tuple[Artifact, ...] | None = None
    outputs: tuple[Artifact, ...] | None = None
    facets: dict[str, Facet] = {}
    entries: tuple[int, ...] = ()


class ArtifactNode(msgspec.Struct, kw_only=True):
    """An artifact: what is said about it whatever its version."""

    artifact: Artifact
    kind: str | None = None
    source: bool = False
    owners: tuple[str, ...] = ()
    description: str | None = None
    facets: dict[str, Facet] = {}
    entries: tuple[int, ...] = ()


class Graph(msgspec.Struct, kw_only=True):
    """Everything that `resolve` made of a set of claims.

    `revised` has at most one edge a version; `same` likewise. `labels` are by canonical reference
    and key, `warnings` are sentences.
    """

    size: int
    versions: dict[Version, VersionNode]
    runs: dict[Run, RunNode]
    jobs: dict[Job, JobNode]
    artifacts: dict[Artifact, ArtifactNode]
    used: list[Used]
    derived: list[Derived]
    columns: list[ColumnDerived]
    revised: dict[Version, Revised]
    same: dict[Version, SameContent]
    labels: dict[str, dict[str, Label]]
    warnings: tuple[str, ...] = ()

    def facts(self) -> Iterator[tuple[object, ...]]:
        """Yield the graph as plain tuples, without anything that tells how it was admitted."""
        for node in self.versions.values():
            said = (
                node.declared,
                node.digest,
                node.kind,
                node.source,
                node.origin_known,
                node.joined,
                node.sourceless,
            )
            state = (node.begins, node.attempted, node.open, node.names)
            yield ("version", node.version, *state, *said)
        for run in self.runs.values():
            yield ("run", run.run, run.state, run.started, run.ended, run.parents, run.followed)
        for used in self.used:
            yield ("used", used.run, used.version, used.named, used.binding, used.evidence,
                   used.exactness, used.candidates, used.open_writers)  # fmt: skip
        for edge in self.derived:
            yield ("derived", edge.version, edge.source, edge.evidence, edge.exactness)
        for column in self.columns:
            yield ("column", column.column, column.source, column.direct, column.kind,
                   column.masking)  # fmt: skip
        for revised in self.revised.values():
            yield ("revised", revised.version, revised.before, revised.carries)
        for same in self.same.values():
            yield ("same_content", same.version, same.original)
        for job in self.jobs.values():
            yield ("job", job.job, job.inputs, job.outputs)
        for artifact in self.artifacts.values():
            yield ("artifact", artifact.artifact, artifact.kind, artifact.source)
