"""What an index keeps for catching up: supports of things, counts, and the footprints of runs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from functools import cached_property
from typing import NamedTuple

import msgspec

from headwater.graph.footprints import NEVER
from headwater.graph.model import Facet
from headwater.graph.support import ArtifactSupport, OutsideSupport, RunSupport, WriteSupport
from headwater.index.overlay import Overlay
from headwater.index.tables import Relation, Table, Values
from headwater.store.sections import Sections

BLOCK = 256
"""Of so many footprints in a row the earliest beginning is kept, so that they are passed over."""

_counts = msgspec.msgpack.Decoder(dict[str, int]).decode
_entries = msgspec.msgpack.Decoder(dict[str, tuple[int, ...]]).decode


class Look(NamedTuple):
    """A run looked at a name's timeline, from `first` to `last`."""

    run: int
    first: int
    last: int


class Supports:
    """By number, as `graph.support` has it. What `overlay` has stands in place of the base's."""

    def __init__(self, sections: Sections, overlay: Overlay) -> None:
        self._sections = sections
        self._overlay = over = overlay
        self.artifacts = Table(sections, "past.artifacts", ArtifactSupport, over.past_artifact)
        self.jobs: Table[dict[str, Facet]] = Table(
            sections, "past.jobs", dict[str, Facet], over.past_job
        )
        self.runs = Table(sections, "past.runs", RunSupport, over.past_run)
        self.versions: Table[WriteSupport | OutsideSupport] = Table(
            sections, "past.versions", WriteSupport | OutsideSupport, over.past_version
        )
        self.ended = Relation(
            sections, "artifacts.ended", over.rows.setdefault("artifacts.ended", {})
        )
        self.unended = Relation(
            sections, "artifacts.unended", over.rows.setdefault("artifacts.unended", {})
        )
        self._spans = Relation(sections, "spans")
        self._looking = Values(sections, "spans.targets", "i")
        self._first = Values(sections, "spans.first", "q")
        self._last = Values(sections, "spans.last", "q")
        self._least = Values(sections, "spans.least", "q")
        self._keys = Relation(sections, "keys")
        self._seeking = Values(sections, "keys.targets", "i")
        self._marks = Values(sections, "keys.marks", "Q")

    def looks(self, name: int, since: int = NEVER) -> Iterator[Look]:
        """Who looked at this name's timeline, and at which part of it: of those that end later."""
        start, end = self._spans.row(name)
        yield from self._kept(start + bisect_left(self._last.part(start, end), since), end)
        for run, (first, last) in self._overlay.spans.get(name, {}).items():
            if last >= since:
                yield Look(run, first, last)

    def looks_at(self, name: int, times: Sequence[int]) -> Iterator[Look]:
        """Who looked at a part of this name's timeline in which one of these times is, sorted."""

        def within(first: int, last: int) -> bool:
            place = bisect_left(times, first)
            return place < len(times) and times[place] <= last

        start, end = self._spans.row(name)
        lasts = self._last.part(start, end)
        later = start + bisect_left(lasts, times[0])
        for block in range(later // BLOCK, -(-end // BLOCK) if later < end else 0):
            one, other = max(later, block * BLOCK), min(end, (block + 1) * BLOCK)
            if within(self._least.part(block, block + 1)[0], lasts[other - 1 - start]):
                for look in self._kept(one, other):
                    if within(look.first, look.last):
                        yield look
        for run, (first, last) in self._overlay.spans.get(name, {}).items():
            if within(first, last):
                yield Look(run, first, last)

    def seeks(self, name: int) -> Iterator[int]:
        """Which runs sought anything on this name's timeline by what it is."""
        yield from self._sought(*self._keys.row(name))
        yield from self._overlay.keys.get(name, {})

    def seeks_for(self, name: int, marks: Set[int]) -> Iterator[int]:
        """Which runs sought something with one of these marks of keys."""
        start, end = self._keys.row(name)
        every = self._marks.part(start, end)
        for mark in marks:
            first = bisect_left(every, mark)
            yield from self._sought(start + first, start + bisect_right(every, mark, lo=first))
        for run, sought in self._overlay.keys.get(name, {}).items():
            if not marks.isdisjoint(sought):
                yield run

    def _kept(self, start: int, end: int) -> Iterator[Look]:
        """The base's at these places, but of runs that were weighed again."""
        parts = (values.part(start, end) for values in (self._looking, self._first, self._last))
        for look in map(Look, *parts):
            if look.run not in self._overlay.past_run:
                yield look

    def _sought(self, start: int, end: int) -> Iterator[int]:
        runs = self._seeking.part(start, end)
        return (run for run in runs if run not in self._overlay.past_run)

    def is_small(self, digest: str) -> bool:
        """Whether anybody states this content with a size too small to mean anything."""
        return self._small.get(digest, 0) + self._overlay.small.get(digest, 0) > 0

    def labelled(self, subject: str) -> tuple[int, ...]:
        """The entries of all labels of a subject."""
        found = self._overlay.labelled.get(subject)
        return self._labelled.get(subject, ()) if found is None else found

    @cached_property
    def _small(self) -> dict[str, int]:
        return _counts(self._sections.whole("past.small"))

    @cached_property
    def _labelled(self) -> dict[str, tuple[int, ...]]:
        return _entries(self._sections.whole("past.labelled"))
