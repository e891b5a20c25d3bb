"""Timelines of an index: which versions stand on a name, in order, without decoding one.

The base has them as flat rows; those of runs that were weighed again stand in the overlay, whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from headwater.graph.model import VersionNode
from headwater.graph.support import WriteSupport
from headwater.index.overlay import Overlay, Standing
from headwater.index.records import VersionRecord
from headwater.index.tables import Column, Relation, Values, mark
from headwater.refs import Artifact, Version
from headwater.store.sections import Sections


class At(NamedTuple):
    """A version, by number, that stands on a name since a time."""

    stands: int
    version: int


def standings(
    version: Version, said: VersionNode | VersionRecord, support: WriteSupport, number: int
) -> Iterator[tuple[Artifact, Standing]]:
    """Every name on whose timeline a version stands, and where; nowhere if it is an attempt."""
    run, begins = version.run, said.begins
    if said.attempted or run is None or begins is None:
        return
    times = [(name, begins) for name in said.names or (version.artifact,)]
    times += said.joined
    for name, stands in times:
        yield (
            name,
            Standing(
                stands,
                begins,
                run,
                said.declared or "",
                version.artifact,
                number,
                0 if said.declared is None else mark(said.declared),
                bool(support.lifecycles),
            ),
        )


class Positions:
    """What stands on names, by number; but for what runs in `without` left there."""

    def __init__(
        self, sections: Sections, overlay: Overlay, runs: Column, without: Container[int] = ()
    ) -> None:
        self._rows = Relation(sections, "positions")
        self._versions = Values(sections, "positions.targets", "i")
        self._stands = Values(sections, "positions.stands", "q")
        self._barriers = Relation(sections, "positions.barriers")
        self._declared = Relation(sections, "positions.declared")
        self._marks = Values(sections, "positions.declared.marks", "Q")
        self._overlay = overlay
        self._runs = runs
        self._without = without

    def newest_first(self, name: int, until: int) -> tuple[Iterator[At], Iterator[At]]:
        """What stands on a name by a time: in the base, and in the overlay."""
        start, _ = row = self._rows.row(name)
        end = start + bisect_right(self._stands.part(*row), until)
        return self._base(start, end), self._counting(self._later(name, until))

    def barriers(self, name: int, until: int) -> tuple[Iterator[At], Iterator[At]]:
        """Of these the ones behind which reads by declared id do not look."""
        start, _ = row = self._rows.row(name)
        end = bisect_right(self._stands.part(*row), until)
        places = self._barriers[name]
        places = places[: bisect_left(places, end)]
        later = (item for item in self._later(name, until) if item.barrier)
        return self._at(start, reversed(places)), self._counting(later)

    def declared(self, name: int, declared: str) -> Iterator[At]:
        """What stands on a name with a declared id, or one with its mark."""
        wanted = mark(declared)
        row = self._declared.row(name)
        marks = self._marks.part(*row)
        first = bisect_left(marks, wanted)
        places = self._declared[name][first : bisect_right(marks, wanted, lo=first)]
        yield from self._at(self._rows.row(name)[0], places)
        later = self._overlay.positions.get(name, ())
        yield from self._counting(item for item in later if item.mark == wanted)

    def _later(self, name: int, until: int) -> Iterator[Standing]:
        row = self._overlay.positions.get(name, [])
        place = bisect_right(row, until, key=lambda item: item.stands)
        return (row[place] for place in range(place - 1, -1, -1))

    def _base(self, start: int, end: int) -> Iterator[At]:
        stands, versions = self._stands.part(start, end), self._versions.part(start, end)
        return filter(self._is_valid, map(At, reversed(stands), reversed(versions)))

    def _at(self, start: int, places: Iterable[int]) -> Iterator[At]:
        """What is at these places of the row that starts there."""
        for place in places:
            where = start + place, start + place + 1
            at = At(self._stands.part(*where)[0], self._versions.part(*where)[0])
            if self._is_valid(at):
                yield at

    def _is_valid(self, at: At) -> bool:
        run = self._runs[at.version]
        return run not in self._overlay.past_run and run not in self._without

    def _counting(self, row: Iterable[Standing]) -> Iterator[At]:
        for item in row:
            if self._runs[item.number] not in self._without:
                yield At(item.stands, item.number)
