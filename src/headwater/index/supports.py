"""What an index keeps for catching up: supports of things, counts, and the footprints of runs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import msgspec

from headwater.graph.footprints import NEVER
from headwater.graph.model import Facet
from headwater.graph.support import ArtifactSupport, OutsideSupport, RunSupport, WriteSupport
from headwater.index.overlay import Overlay
from headwater.index.tables import Relation, Table, Values
from headwater.store.sections import Sections

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
        self._keys = Relation(sections, "keys")
        self._seeking = Values(sections, "keys.targets", "i")
        self._marks = Values(sections, "keys.marks", "Q")

    def looks(self, name: int, since: int = NEVER) -> Iterator[Look]:
        """Who looked at this name's timeline, and at which part of it: of those that end later."""
        redone = self._overlay.redone
        start, end = self._spans.row(name)
        lasts = self._last.part(start, end)
        start += bisect_left(lasts, since)
        parts = (values.part(start, end) for values in (self._looking, self._first, self._last))
        for run, first, last in zip(*parts, strict=True):
            if run not in redone:
                yield Look(run, first, last)
        for run, (first, last) in self._overlay.spans.get(name, {}).items():
            if last >= since:
                yield Look(run, first, last)

    def seeks(self, name: int) -> Iterator[tuple[int, int]]:
        """Which runs sought what on this name's timeline, by the mark of a key."""
        redone = self._overlay.redone
        row = self._keys.row(name)
        for run, mark in zip(self._seeking.part(*row), self._marks.part(*row), strict=True):
            if run not in redone:
                yield run, mark
        for run, marks in self._overlay.keys.get(name, {}).items():
            for mark in marks:
                yield run, mark

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
