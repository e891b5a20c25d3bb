"""Timelines of an index: which versions stand on a name, in order, without decoding one.

The base has them as flat rows; those of runs that were weighed again stand in the overlay, whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from headwater.graph.model import VersionNode
from headwater.graph.support import WriteSupport
from headwater.index.overlay import Overlay, Standing
from headwater.index.records import VersionRecord
from headwater.index.tables import Column, Relation, mark
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
        self, sections: Sections, overlay: Overlay, runs: Column, without: Container[int]
    ) -> None:
        self._rows = Relation(sections, "positions")
        self._stands = sections.whole("positions.stands").cast("q")
        self._marks = sections.whole("positions.marks").cast("Q")
        self._barriers = sections.whole("positions.barriers")
        self._overlay = overlay
        self._runs = runs
        self._without = without

    def newest_first(self, name: int, until: int) -> tuple[Iterator[At], Iterator[At]]:
        """What stands on a name by a time: in the base, and in the overlay."""
        start, end = self._row(name)
        end = bisect_right(self._stands, until, start, end)
        later = self._later(name, until)
        return self._base(range(end - 1, start - 1, -1)), self._counting(later)

    def barriers(self, name: int, until: int) -> tuple[Iterator[At], Iterator[At]]:
        """Of these the ones behind which reads by declared id do not look."""
        start, end = self._row(name)
        end = bisect_right(self._stands, until, start, end)
        places = (place for place in range(end - 1, start - 1, -1) if self._barriers[place])
        later = (item for item in self._later(name, until) if item.barrier)
        return self._base(places), self._counting(later)

    def declared(self, name: int, declared: str) -> Iterator[At]:
        """What stands on a name with a declared id, or one with its mark."""
        wanted = mark(declared)
        places = (place for place in range(*self._row(name)) if self._marks[place] == wanted)
        yield from self._base(places)
        later = self._overlay.positions.get(name, ())
        yield from self._counting(item for item in later if item.mark == wanted)

    def _row(self, name: int) -> tuple[int, int]:
        starts = self._rows.starts
        return (starts[name], starts[name + 1]) if name < len(starts) - 1 else (0, 0)

    def _later(self, name: int, until: int) -> Iterator[Standing]:
        row = self._overlay.positions.get(name, [])
        place = bisect_right(row, until, key=lambda item: item.stands)
        return (row[place] for place in range(place - 1, -1, -1))

    def _base(self, places: Iterable[int]) -> Iterator[At]:
        redone = self._overlay.redone
        for place in places:
            version = self._rows.targets[place]
            run = self._runs[version]
            if run not in redone and run not in self._without:
                yield At(self._stands[place], version)

    def _counting(self, row: Iterable[Standing]) -> Iterator[At]:
        for item in row:
            if self._runs[item.number] not in self._without:
                yield At(item.stands, item.number)
