"""From a walk over numbers to an answer: what is shown, in order, and the edges between it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from headwater.graph.lineage import Answer, Completeness, Declared, Limits, Reach
from headwater.graph.model import Derived, Revised, SameContent, Used
from headwater.graph.traverse import account, led_to
from headwater.index.found import JOB, RUN, VERSION, Found, Place
from headwater.index.links import Links
from headwater.refs import Job, Run, Version

if TYPE_CHECKING:
    from headwater.index.index import Index


def answer(
    index: Index,
    root: Version | Run,
    found: Found,
    *,
    follows: frozenset[str],
    limits: Limits,
    upstream: bool,
) -> Answer:
    """Draw what a walk found, or the window of it that was asked for."""
    drawing = _Drawing(index, found, follows, limits)
    drawn = Answer(
        root=root,
        versions={drawing.version(place.number): place.depth for place in drawing.shown[VERSION]},
        runs={drawing.run(place.number): place.depth for place in drawing.shown[RUN]},
        jobs={drawing.job(place.number): place.depth for place in drawing.shown[JOB]},
        before={},
        used=list(drawing.used()),
        generated=list(drawing.generated()),
        derived=list(drawing.derived()),
        revised=list(drawing.revised()),
        same=list(drawing.same()),
        declared=list(drawing.declared()),
        completeness=Completeness(),
    )
    drawn.before = led_to(drawn, drawing.before)
    drawn.completeness = account(
        index,
        drawn,
        upstream=upstream,
        truncated=found.truncated,
        redacted=len(found.redacted),
        left_out=len(found.left_out),
    )
    return drawn


class _Drawing:
    """The things of a window and the edges between them, or from or to what stands before."""

    def __init__(self, index: Index, found: Found, follows: frozenset[str], limits: Limits) -> None:
        self._index = index
        self._links = index.links
        self._found = found
        self._follows = follows
        shown = found.window(limits)
        self.shown: dict[int, list[Place]] = {JOB: [], RUN: [], VERSION: []}
        for place in shown:
            self.shown[place.kind].append(place)
        self._first = shown[0] if shown and limits.skip else None
        self._last = shown[-1] if shown and len(shown) + limits.skip < len(found) else None
        self.before: dict[Version | Run | Job, int] = {}
        self.version = cache(self._links.versions.__getitem__)
        self.run = cache(self._links.runs.__getitem__)
        self.job = cache(self._links.jobs.__getitem__)

    def used(self) -> Iterator[Used]:
        for place in self.shown[RUN]:
            for edge, target in self._index.used_in(
                self.run(place.number), place.number, self.version
            ):
                if self._knows(VERSION, target):
                    yield edge
        for place in self._after(VERSION):
            for run in dict.fromkeys(self._links.used_by[place.number]):
                if self._met(RUN, run):
                    for edge, target in self._index.used_in(self.run(run), run, self.version):
                        if target == place.number:
                            yield edge

    def generated(self) -> Iterator[tuple[Version, Run]]:
        for place in self.shown[VERSION]:
            run = self._links.run_of(place.number)
            if run >= 0 and self._knows(RUN, run):
                yield self.version(place.number), self.run(run)
        for place in self._after(RUN):
            for version in self._links.made[place.number]:
                if self._met(VERSION, version):
                    yield self.version(version), self.run(place.number)

    def derived(self) -> Iterator[Derived]:
        for place in self.shown[VERSION]:
            if self._hopped(place.number):
                for edge, target in self._index.derived_in(
                    self.version(place.number), place.number, self.version
                ):
                    if self._knows(VERSION, target):
                        yield edge
        for place in self._after(VERSION):
            for other in self._links.derived_by[place.number]:
                if self._hopped(other) and self._met(VERSION, other):
                    for edge, target in self._index.derived_in(
                        self.version(other), other, self.version
                    ):
                        if target == place.number:
                            yield edge

    def revised(self) -> Iterator[Revised]:
        links = self._links
        for place in self.shown[VERSION]:
            before = links.revised(place.number)
            followed = before >= 0 and links.carries(place.number) in self._follows
            if followed and self._knows(VERSION, before):
                yield self._revised(place.number, before)
        for place in self._after(VERSION):
            for after in links.revised_by(place.number):
                if links.carries(after) in self._follows and self._met(VERSION, after):
                    yield self._revised(after, place.number)

    def same(self) -> Iterator[SameContent]:
        links = self._links
        for place in self.shown[VERSION]:
            original = links.same(place.number)
            if original >= 0 and self._knows(VERSION, original):
                yield SameContent(
                    version=self.version(place.number), original=self.version(original)
                )
        for place in self._after(VERSION):
            for copy in links.copies(place.number):
                if self._met(VERSION, copy):
                    yield SameContent(
                        version=self.version(copy), original=self.version(place.number)
                    )

    def declared(self) -> Iterator[Declared]:
        shown = {(kind, place.number) for kind, places in self.shown.items() for place in places}
        for static in self._found.static:
            ends = ((VERSION, static.version), (JOB, static.job), (VERSION, static.source))
            if not shown.isdisjoint(ends) and self._draws(ends):
                yield self._index.declared(static)

    def _revised(self, version: int, before: int) -> Revised:
        return Revised(
            version=self.version(version),
            before=self.version(before),
            carries=self._links.carries(version),
        )

    def _draws(self, ends: Iterable[tuple[int, int]]) -> bool:
        """Whether all of these are known by now; which stood before is noted."""
        places = [self._found.place(kind, number) for kind, number in ends]
        if any(place is None or self._is_later(place) for place in places):
            return False
        return all([self._knows(kind, number) for kind, number in ends])  # noqa: C419  (each is noted)

    def _hopped(self, version: int) -> bool:
        """Whether the walk went on through the run that made a version."""
        return self._found.place(RUN, self._links.run_of(version)) is not None

    def _knows(self, kind: int, number: int) -> bool:
        """Whether a thing is shown or stands before what is shown; that it did is noted."""
        place = self._found.place(kind, number)
        if place is None or self._is_later(place):
            return False
        if self._first is not None and place < self._first:
            self._note(place)
        return True

    def _is_later(self, place: Place) -> bool:
        return self._last is not None and place > self._last

    def _met(self, kind: int, number: int) -> bool:
        """Whether a thing stands before what is shown; that an edge may lead there is noted."""
        place = self._found.place(kind, number)
        if place is None or self._first is None or place >= self._first:
            return False
        self._note(place)
        return True

    def _note(self, place: Place) -> None:
        names: tuple[Callable[[int], Version | Run | Job], ...] = (self.job, self.run, self.version)
        self.before[names[place.kind](place.number)] = place.depth

    def _after(self, kind: int) -> list[Place]:
        """The shown things to which edges from before them may lead: none if none stands before."""
        return self.shown[kind] if self._first is not None else []


def reach(links: Links, found: Found, root_is_run: bool, root: int) -> Reach:
    """How much a walk came to, its root apart, and whose all of it is."""
    artifacts: dict[str, set[int]] = defaultdict(set)
    owners: set[int] = set()
    versions = runs = 0
    for version in found.versions_found():
        artifact = links.artifact_of(version)
        owners.update(links.owned[artifact])
        if root_is_run or version != root:
            versions += 1
            artifacts[links.kind_of(version)].add(artifact)
    runs = found.runs_found() - root_is_run
    return Reach(
        versions=versions,
        runs=runs,
        kinds={kind: len(numbers) for kind, numbers in artifacts.items()},
        owners=tuple(sorted(links.owners[owner] for owner in owners)),
    )
