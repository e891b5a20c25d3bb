"""What was resolved before: the part of a history that new claims do not touch.

`resolve` weighs all claims of a store. `catching up` (`headwater.index.catching`) weighs only those
of the runs that new claims can have changed, and asks here for what others left on timelines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from headwater.claims.model import Stated
from headwater.refs import Artifact, Job, Run, Version


class Held(NamedTuple):
    """A version, not attempted, as timelines need it: one of a run that is not weighed again.

    `key` is that run; `first` is when it first mentioned the version. Of its state changes only
    those count behind which reads by declared id do not look.
    """

    version: Version
    key: Run
    begins: int
    first: int
    declared: str | None
    digest: str | None
    carries: str
    lifecycles: frozenset[str]
    renames: tuple[tuple[Artifact, tuple[int, int]], ...]

    @property
    def artifact(self) -> Artifact:
        """The artifact that it is a version of."""
        return self.version.artifact

    @property
    def order(self) -> tuple[int, Run]:
        """(beginning, key): what *precedes* compares."""
        return self.begins, self.key

    @property
    def said_place(self) -> tuple[int, int]:
        """Where in its run it was said: other outputs come before RENAMEs of one time."""
        return min((place for _, place in self.renames), default=(self.first, -1))


class Placed(NamedTuple):
    """Where a version stands, and since when."""

    stands: int
    held: Held


class Past(Protocol):
    """What runs that are not weighed again left behind."""

    def names(self, name: Artifact) -> frozenset[Artifact]:
        """Every name of the artifact, itself among them, where all statements about it agree."""
        ...

    def job_type(self, job: Job) -> tuple[Stated, int, int] | None:
        """The newest statement of the job's type, its time and entry."""
        ...

    def standing(self, name: Artifact, until: int) -> Iterable[Iterator[Placed]]:
        """What stands on a timeline by a time, in some parts, each the newest first."""
        ...

    def declared(self, name: Artifact, declared: str) -> Iterable[Placed]:
        """What stands on a timeline with this declared id."""
        ...

    def with_digest(self, name: Artifact, digest: str) -> Iterable[Placed]:
        """What stands on a timeline with this content."""
        ...

    def barriers(self, name: Artifact, until: int) -> Iterable[Iterator[Placed]]:
        """The DROPs and CREATEs among what stands on a timeline by a time, likewise."""
        ...

    def ends(
        self, name: Artifact, below: tuple[int, Run]
    ) -> Iterable[tuple[Held, tuple[int, int]]]:
        """The versions whose RENAME took the name away, and where in their runs this was said.

        At least the newest ones whose order is less than `below`.
        """
        ...

    def names_below(self, directory: Artifact) -> Iterable[Artifact]:
        """At least the names with a timeline that lie below a directory's."""
        ...

    def open_writers(self, name: Artifact) -> Iterable[tuple[int, Run]]:
        """Runs without an end that write the name, and when they first said so."""
        ...
