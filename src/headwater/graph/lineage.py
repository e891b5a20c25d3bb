"""What answers ask of a resolved graph, whoever holds it.

Two hold to it: `Adjacency`, a graph in memory, which is the definition; and the compiled index, a
cache of the same graph that decodes only what an answer visits. Every sequence comes in an order
that depends on nothing but the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from headwater.graph.model import (
    ArtifactNode,
    ColumnDerived,
    Derived,
    JobNode,
    Label,
    Revised,
    RunNode,
    SameContent,
    Used,
    VersionNode,
)
from headwater.refs import Artifact, Job, Run, Version

CARRIED = "carried"
ALL = "all"

CUTS = (None, "depth", "nodes", "time")
"""What may cut an answer off. The later one is told: after it, one asks otherwise or goes on."""

Visible = Callable[[Artifact], bool]
"""Whether a reader may see an artifact. Hashed, so that what follows from it can be kept."""


def cut(before: str | None, reason: str) -> str:
    """Say what cut an answer off that was cut off already, or not yet, and now for this reason."""
    return reason if CUTS.index(reason) >= CUTS.index(before) else before or reason


def everything(_artifact: Artifact) -> bool:
    """Let a reader see all there is."""
    return True


class Declared(NamedTuple):
    """Static lineage: an outside version, the job that is said to make it, and what from."""

    version: Version
    job: Job
    source: Version


class Completeness(msgspec.Struct, kw_only=True):
    """What an answer leaves out and why. `truncated` is `depth`, `nodes`, `time` or None.

    What was redacted or left out is counted over the whole walk, the rest over what is shown.
    """

    complete: bool = True
    truncated: str | None = None
    redacted: int = 0
    sources: int = 0
    unknown: tuple[Version, ...] = ()
    revisions_left_out: int = 0
    open_writers: tuple[Run, ...] = ()
    capture_gaps: tuple[Run, ...] = ()
    conservative: int = 0


class Reach(msgspec.Struct, kw_only=True):
    """How much a whole walk came to, its root apart; whose all of it is, the root's among it.

    `kinds` counts artifacts by the kind of their versions.
    """

    versions: int
    runs: int
    kinds: dict[str, int]
    owners: tuple[str, ...]


class Answer(msgspec.Struct, kw_only=True):
    """The part of the graph that answers: versions, runs and jobs with their depths, and edges.

    Of a limited answer, the things in the asked window, and the edges between them and from or to
    things before the window, of which `before` has the depths. `reach` is of the whole walk.
    """

    root: Version | Run
    versions: dict[Version, int]
    runs: dict[Run, int]
    jobs: dict[Job, int]
    before: dict[Version | Run | Job, int]
    used: list[Used]
    generated: list[tuple[Version, Run]]
    derived: list[Derived]
    revised: list[Revised]
    same: list[SameContent]
    declared: list[Declared]
    completeness: Completeness
    reach: Reach | None = None


class Limits(NamedTuple):
    """How far an answer may go.

    Things are shown in the order of (depth, reference): `nodes` of them after the first `skip`.
    `deadline` is a reading of the monotonic clock, in seconds.
    """

    depth: int | None = None
    nodes: int | None = None
    deadline: float | None = None
    skip: int = 0


UNLIMITED = Limits()


class Lineage(Protocol):
    """A resolved graph, as known at some size of the ledger."""

    @property
    def damaged(self) -> bool:
        """Whether a part of it cannot be read, so that another one has to be made."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """Sentences about what is odd, sorted."""
        ...

    def version(self, version: Version) -> VersionNode | None:
        """The version's node; None where it is unknown."""
        ...

    def run(self, run: Run) -> RunNode | None:
        """The run's node; None where it is unknown."""
        ...

    def job(self, job: Job) -> JobNode | None:
        """The job's node; None where it is unknown."""
        ...

    def artifact(self, artifact: Artifact) -> ArtifactNode | None:
        """What is said of the artifact whatever its version; None where nothing is."""
        ...

    def labels(self, subject: str) -> Mapping[str, Label]:
        """What stands for each key of a subject, a canonical reference."""
        ...

    def entries_of(self, version: Version) -> tuple[int, ...]:
        """The entries that the version rests on, sorted.

        One of outside origin rests on those of its readers, of what derives from it and, where it
        is plain, of the jobs whose static lists name it.
        """
        ...

    def used_of(self, run: Run) -> Sequence[Used]:
        """What the run read."""
        ...

    def used_by(self, version: Version) -> Sequence[Used]:
        """Who read the version."""
        ...

    def derived_from(self, version: Version) -> Sequence[Derived]:
        """What the version came from."""
        ...

    def derived_to(self, version: Version) -> Sequence[Derived]:
        """What came from the version."""
        ...

    def columns_of(self, version: Version) -> Sequence[ColumnDerived]:
        """What the version's columns came from."""
        ...

    def columns_to(self, version: Version) -> Sequence[ColumnDerived]:
        """What came from the version's columns."""
        ...

    def revised(self, version: Version) -> Revised | None:
        """The state before the version."""
        ...

    def revised_by(self, version: Version) -> Sequence[Revised]:
        """The states that came after the version."""
        ...

    def same(self, version: Version) -> SameContent | None:
        """The run-made version that an outside one is a copy of."""
        ...

    def copies(self, version: Version) -> Sequence[SameContent]:
        """The outside versions that are copies of this one."""
        ...

    def made_by(self, run: Run) -> Sequence[Version]:
        """The versions that the run made, by reference."""
        ...

    def outside(self, artifact: Artifact) -> Sequence[Version]:
        """The artifact's versions of outside origin, by reference: the plain one comes first."""
        ...

    def standing(self, name: Artifact) -> Sequence[VersionNode]:
        """The run-made versions that carry a name, oldest first."""
        ...

    def current(self, name: Artifact, until: int) -> Version | None:
        """The newest run-made version, not attempted, that stood on a name at a time."""
        ...

    def runs_of(self, job: Job) -> Sequence[Run]:
        """The job's runs, the earliest first."""
        ...

    def children(self, run: Run) -> Sequence[Run]:
        """The runs that say they are part of this one, sorted."""
        ...

    def made_from(self, version: Version) -> Iterator[Declared]:
        """Static lineage behind an outside version that no content continues."""
        ...

    def made_into(self, version: Version) -> Iterator[Declared]:
        """The inverse of `made_from`."""
        ...

    def declaring(self, artifact: Artifact) -> Sequence[Job]:
        """The jobs whose static lists name the artifact, sorted."""
        ...

    def with_digest(self, digest: str) -> Sequence[VersionNode]:
        """The versions with this content, `<algorithm>:<value>`, by reference."""
        ...

    def artifacts(self) -> Iterable[Artifact]:
        """Every artifact that is known, sorted."""
        ...

    def jobs(self) -> Iterable[Job]:
        """Every job that is known, sorted."""
        ...

    def runs(self) -> Iterable[RunNode]:
        """Every run that is known, in no particular order."""
        ...

    def versions(self) -> Iterable[VersionNode]:
        """Every version that is known, in no particular order."""
        ...

    def artifacts_called(self, text: str) -> Iterable[Artifact]:
        """At least the artifacts that end in `text` as a whole segment, the case aside; sorted.

        What ends so is `<namespace>/<name>`; a segment begins after `.` or `/`.
        """
        ...

    def jobs_called(self, text: str) -> Iterable[Job]:
        """At least the jobs whose name ends so, sorted."""
        ...

    def runs_called(self, prefix: str) -> Iterable[Run]:
        """At least the runs whose id begins so, sorted."""
        ...

    def trace(
        self,
        root: Version | Run,
        *,
        revisions: str = CARRIED,
        limits: Limits = UNLIMITED,
        visible: Visible = everything,
    ) -> Answer:
        """Everything that `root` came from; a run came from what it read."""
        ...

    def impact(
        self,
        root: Version | Run,
        *,
        revisions: str = CARRIED,
        limits: Limits = UNLIMITED,
        visible: Visible = everything,
    ) -> Answer:
        """Everything that `root` reached, runs that only read it among it; a run, what it made."""
        ...
