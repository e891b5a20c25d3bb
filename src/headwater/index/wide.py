"""Walks that find more than some thousands of versions: arrays as a whole, from first to last."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from headwater.graph.lineage import Limits, Visible, cut, everything
from headwater.index.arrays import column_of, ranks_of, rows_of
from headwater.index.closure import UNREACHED, Bools, Ints, Rows, depths, invert, without
from headwater.index.found import JOB, RUN, VERSION, Place
from headwater.index.links import CARRIES, Links, Static
from headwater.index.tables import Identities

MASKS_KEPT = 8
"""For how many readers it is kept which versions are hidden from them."""


class Way(NamedTuple):
    """One direction: steps that count a hop, and those that count nothing."""

    hops: Rows
    free: Rows | None


class Wide:
    """The edges of an index as arrays. What is made for a first walk serves the next."""

    def __init__(self, links: Links) -> None:
        self.links = links
        versions, runs = len(links.versions), len(links.runs)
        self.used, self.used_by = rows_of(links.used, runs), rows_of(links.used_by, versions)
        self.derived = rows_of(links.derived, versions)
        self.derived_by = rows_of(links.derived_by, versions)
        self.runs = column_of(links.columns_of.run, versions)
        self.before = column_of(links.columns_of.before, versions)
        self.original = column_of(links.columns_of.original, versions)
        self.carries = column_of(links.columns_of.carries, versions, np.uint8)
        self._ways: dict[tuple[bool, frozenset[str]], Way] = {}
        self._hidden: dict[Visible, Bools] = {}
        self._open: dict[tuple[Visible, bool], Rows] = {}

    def sweep(
        self,
        start: Iterable[int],
        root: int | None,
        *,
        follows: frozenset[str],
        limits: Limits,
        visible: Visible,
        upstream: bool,
    ) -> Swept:
        """What these versions came from, or reached; `root` is the run that was asked for."""
        hidden = self.hidden_from(visible)
        starts = np.unique(np.fromiter(start, dtype=np.int32))
        if hidden is not None:
            starts = starts[~hidden[starts]]
        way = self.way(follows, upstream=upstream)
        passable = (
            None if hidden is None else self._passable(way, visible, hidden, upstream=upstream)
        )
        found = depths(way.hops, way.free, starts, hidden, passable)
        if limits.depth is not None:
            found[found > limits.depth] = UNREACHED
        swept = Swept(self, found, limits)
        if root is not None:
            swept.runs[root] = 0
        swept.look_back(way, hidden, follows, upstream=upstream)
        return swept

    def way(self, follows: frozenset[str], *, upstream: bool) -> Way:
        """The steps in one direction, made once."""
        key = upstream, follows
        if key not in self._ways:
            free = self._free(follows)
            if free is not None and not upstream:
                free = invert(free, len(self.runs))
            self._ways[key] = Way(self._up if upstream else self._down, free)
        return self._ways[key]

    def hidden_from(self, visible: Visible) -> Bools | None:
        """Which versions a reader may not see; None for one who may see all."""
        if visible is everything:
            return None
        if visible not in self._hidden:
            seen = np.fromiter(map(visible, self.links.artifacts), dtype=np.bool_)
            while len(self._hidden) >= MASKS_KEPT:
                self._hidden.pop(next(iter(self._hidden)))
            artifacts = column_of(self.links.columns_of.artifact, len(self.links.versions))
            self._hidden[visible] = ~seen[artifacts]
        hidden = self._hidden[visible]
        return hidden if hidden.any() else None

    def _passable(self, way: Way, visible: Visible, hidden: Bools, *, upstream: bool) -> Rows:
        """The hops that a reader may make, kept for those who asked last."""
        key = visible, upstream
        if key not in self._open:
            while len(self._open) >= MASKS_KEPT:
                self._open.pop(next(iter(self._open)))
            self._open[key] = without(way.hops, hidden)
        return self._open[key]

    @cached_property
    def static(self) -> list[Static]:
        """All static lineage, by version."""
        links = self.links
        made = np.flatnonzero(np.diff(rows_of(links.makers, len(links.artifacts)).starts))
        return [
            static
            for artifact in made.tolist()
            for version in links.outside[artifact]
            for static in links.static_from(version)
        ]

    @cached_property
    def _up(self) -> Rows:
        return self._with_static(self.derived, "version", "source")

    @cached_property
    def _down(self) -> Rows:
        return self._with_static(self.derived_by, "source", "version")

    def _with_static(self, rows: Rows, start: str, end: str) -> Rows:
        if not self.static:
            return rows
        owners = np.repeat(np.arange(len(rows.starts) - 1, dtype=np.int32), np.diff(rows.starts))
        more = [
            np.fromiter((getattr(s, side) for s in self.static), np.int32) for side in (start, end)
        ]
        owners = np.concatenate((owners, more[0]))
        order = np.argsort(owners, kind="stable")
        starts = np.zeros(len(rows.starts), dtype=np.int32)
        np.cumsum(np.bincount(owners, minlength=len(starts) - 1), out=starts[1:])
        return Rows(starts, np.concatenate((rows.targets, more[1]))[order])

    def _free(self, follows: frozenset[str]) -> Rows | None:
        followed = np.isin(self.carries, [CARRIES.index(item) for item in follows])
        after = np.where(followed & (self.before >= 0), self.before, self.original)
        starts = np.zeros(len(after) + 1, dtype=np.int32)
        np.cumsum(after >= 0, out=starts[1:])
        return Rows(starts, after[after >= 0]) if starts[-1] else None


class Swept:
    """What a sweep found. As `Found` has it."""

    def __init__(self, wide: Wide, found: Ints, limits: Limits) -> None:
        self._wide = wide
        self._limit = limits.depth
        links = wide.links
        self._things: tuple[Identities[Any], ...] = links.jobs, links.runs, links.versions
        self.versions = found
        self.runs = np.full(len(wide.links.runs), UNREACHED, dtype=np.int32)
        self.jobs: dict[int, int] = {}
        self.static: list[Static] = []
        self.left_out: Collection[object] = ()
        self.redacted: Collection[int] = ()
        self.truncated: str | None = None
        self._met = np.flatnonzero(found >= 0).astype(np.int32)

    def look_back(
        self, way: Way, hidden: Bools | None, follows: frozenset[str], *, upstream: bool
    ) -> None:
        """From the versions found, find runs and jobs, and what was cut or left out."""
        hopping = self._met
        if self._limit is not None:
            at_end = self.versions[self._met] >= self._limit
            hopping = self._met[~at_end]
            self._cut_at(self._met[at_end], upstream=upstream)
        if upstream:
            self._pass_runs(self._wide.runs[hopping], self.versions[hopping])
        else:
            self._pass_readers(hopping)
        self._pass_jobs(upstream=upstream)
        if hidden is not None:
            reached = [way.hops.of(hopping)]
            if way.free is not None:
                reached.append(way.free.of(self._met))
            every = np.concatenate(reached)
            self.redacted = np.unique(every[hidden[every]]).tolist()
        if "unknown" not in follows:
            self._leave_out(upstream=upstream)

    def __len__(self) -> int:
        return len(self._met) + int(np.count_nonzero(self.runs >= 0)) + len(self.jobs)

    def place(self, kind: int, number: int) -> Place | None:
        """See `Found`; so for what follows."""
        if kind == JOB:
            depth = self.jobs.get(number, UNREACHED)
        elif number < 0:
            return None
        else:
            depth = int((self.runs if kind == RUN else self.versions)[number])
        return None if depth < 0 else Place(depth, kind, self._rank(kind, number), number)

    def window(self, limits: Limits) -> list[Place]:
        """See `Found`."""
        jobs = np.array(sorted(self.jobs), dtype=np.int32)
        runs = np.flatnonzero(self.runs >= 0).astype(np.int32)
        numbers = np.concatenate((jobs, runs, self._met))
        found = np.concatenate((
            np.array([self.jobs[job] for job in jobs.tolist()], dtype=np.int32),
            self.runs[runs], self.versions[self._met],
        ))  # fmt: skip
        kinds = np.repeat(np.array((JOB, RUN, VERSION)), (len(jobs), len(runs), len(self._met)))
        end = len(numbers) if limits.nodes is None else limits.skip + limits.nodes
        if end < len(numbers):
            self.truncated = cut(self.truncated, "nodes")
        ranks = np.concatenate([
            ranks_of(things)[part]
            for things, part in zip(self._things, (jobs, runs, self._met), strict=True)
        ])  # fmt: skip
        order = np.argsort(found, kind="stable")
        if any(things.grown for things in self._things):
            order = np.lexsort((ranks, kinds, found))
        order = order[limits.skip : end]
        shown = zip(*(part[order].tolist() for part in (found, kinds, ranks, numbers)), strict=True)
        return [Place(*item) for item in shown]

    def _rank(self, kind: int, number: int) -> int:
        return self._things[kind].rank(number)

    def versions_found(self) -> Ints:
        """See `Found`."""
        return self._met

    def runs_found(self) -> int:
        """See `Found`."""
        return int(np.count_nonzero(self.runs >= 0))

    def _cut_at(self, ends: Ints, *, upstream: bool) -> None:
        """Whether there is a hop beyond the asked depth."""
        wide = self._wide
        if upstream:
            more = bool((wide.runs[ends] >= 0).any())
        else:
            more = any(np.diff(rows.starts)[ends].any() for rows in (wide.derived_by, wide.used_by))
        beyond = {static[0 if upstream else 2] for static in wide.static}
        if more or not beyond.isdisjoint(ends.tolist() if beyond else ()):
            self.truncated = "depth"

    def _pass_runs(self, runs: Ints, hops: Ints) -> None:
        made = runs >= 0
        nearest = np.where(self.runs >= 0, self.runs, np.iinfo(np.int32).max)
        np.minimum.at(nearest, runs[made], hops[made] + 1)
        self.runs = np.where(nearest == np.iinfo(np.int32).max, UNREACHED, nearest)

    def _pass_readers(self, hopping: Ints) -> None:
        wide = self._wide
        hops = self.versions[hopping]
        for rows, runs in ((wide.used_by, None), (wide.derived_by, wide.runs)):
            reached = rows.of(hopping)
            counts = np.diff(rows.starts)[hopping]
            self._pass_runs(reached if runs is None else runs[reached], np.repeat(hops, counts))

    def _pass_jobs(self, *, upstream: bool) -> None:
        for static in self._wide.static:
            hops = int(self.versions[static.version if upstream else static.source])
            if hops >= 0 and (self._limit is None or hops < self._limit):
                self.jobs[static.job] = min(hops + 1, self.jobs.get(static.job, hops + 1))
                self.static.append(static)

    def _leave_out(self, *, upstream: bool) -> None:
        wide = self._wide
        unsure = (wide.carries == CARRIES.index("unknown")) & (wide.before >= 0)
        reached = self.versions >= 0
        if upstream:
            self.left_out = np.flatnonzero(unsure & reached & ~reached[wide.before])
        else:
            self.left_out = np.flatnonzero(unsure & ~reached & reached[wide.before])
