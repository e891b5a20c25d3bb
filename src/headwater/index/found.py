"""Where a walk has been, by number, and in which order it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from headwater.graph.lineage import Limits, cut
from headwater.index.links import Links, Static

JOB, RUN, VERSION = 0, 1, 2
"""Kinds of things, in the order of their references."""


class Place(NamedTuple):
    """Where a thing stands in an answer: by depth, kind and rank, which is by reference."""

    depth: int
    kind: int
    rank: int
    number: int


class Found(Protocol):
    """What a walk found."""

    static: list[Static]
    truncated: str | None

    @property
    def redacted(self) -> Collection[int]:
        """Versions that are not shown to this reader."""
        ...

    @property
    def left_out(self) -> Collection[object]:
        """Revisions of which nobody knows whether they carry over."""
        ...

    def __len__(self) -> int:
        """How many things were found."""
        ...

    def place(self, kind: int, number: int) -> Place | None:
        """Where a thing stands; None where it was not found."""
        ...

    def window(self, limits: Limits) -> list[Place]:
        """What to show, in order; that things are left out behind it is noted."""
        ...

    def versions_found(self) -> Iterable[int]:
        """Every version."""
        ...

    def runs_found(self) -> int:
        """How many runs."""
        ...


class Steps:
    """What a walk found step by step."""

    def __init__(self, links: Links) -> None:
        self._ranks = links.jobs.rank, links.runs.rank, links.versions.rank
        self.versions: dict[int, int] = {}
        self.runs: dict[int, int] = {}
        self.jobs: dict[int, int] = {}
        self.static: list[Static] = []
        self.left_out: set[tuple[int, int]] = set()
        self.redacted: set[int] = set()
        self.truncated: str | None = None

    def __len__(self) -> int:
        return len(self.versions) + len(self.runs) + len(self.jobs)

    def cut(self, reason: str) -> None:
        """Note that something was cut off."""
        self.truncated = cut(self.truncated, reason)

    def place(self, kind: int, number: int) -> Place | None:
        """See `Found`; so for what follows."""
        depth = (self.jobs, self.runs, self.versions)[kind].get(number)
        return None if depth is None else Place(depth, kind, self._ranks[kind](number), number)

    def window(self, limits: Limits) -> list[Place]:
        """See `Found`."""
        every = [
            Place(depth, kind, self._ranks[kind](number), number)
            for kind, depths in ((JOB, self.jobs), (RUN, self.runs), (VERSION, self.versions))
            for number, depth in depths.items()
        ]
        every.sort()
        end = len(every) if limits.nodes is None else limits.skip + limits.nodes
        if end < len(every):
            self.cut("nodes")
        return every[limits.skip : end]

    def versions_found(self) -> Iterable[int]:
        """See `Found`."""
        return self.versions

    def runs_found(self) -> int:
        """See `Found`."""
        return len(self.runs)
