"""Timelines of an index as whole arrays, for a new base: what stands on them, and who looked there.

What the base has of runs that were weighed again is left out; what the overlay has is put in place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.index.arrays import column_of
from headwater.index.closure import Ints, Rows
from headwater.index.index import Index
from headwater.index.layers import plain
from headwater.index.numbering import NONE, Numbering, in_rows, owners_of
from headwater.index.overlay import Standing
from headwater.index.supports import BLOCK
from headwater.refs import Artifact, Run

Longs = NDArray[np.int64]
Marks = NDArray[np.uint64]


class Left:
    """What runs left on timelines. `asked` are the names at which any looked, by old number."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._base = index.sections
        self._overlay = index.overlay
        count = len(index.links.runs)
        self._redone = np.zeros(count + 1, dtype=bool)
        self._redone[list(index.overlay.past_run)] = True
        self._spans = self._all_spans()
        self._keys = self._all_keys()
        self.asked = np.zeros(len(index.links.artifacts), dtype=bool)
        for names in (self._spans[0], self._keys[0]):
            self.asked[names] = True

    def sections(
        self, artifacts: Numbering, runs: Numbering, versions: Numbering
    ) -> Iterator[tuple[str, NDArray[Any]]]:
        """As `compiling` writes them. Raises `Dangling`."""
        yield from self._positions(artifacts, versions)
        name, run, first, last = self._spans
        name, run = artifacts.there(name), runs.there(run)
        order = np.lexsort((first, run, last, name))
        yield from _rows("spans", in_rows(name[order], run[order], len(artifacts)))
        first = first[order]
        yield "spans.first", first
        yield "spans.last", last[order]
        yield "spans.least", least(first)
        name, run, marks = self._keys
        name, run = artifacts.there(name), runs.there(run)
        order = np.lexsort((run, marks, name))
        yield from _rows("keys", in_rows(name[order], run[order], len(artifacts)))
        yield "keys.marks", marks[order]

    def _all_spans(self) -> tuple[Ints, Ints, Longs, Longs]:
        """Name, run, first and last of each."""
        name, run, kept = self._held("spans")
        later = [
            (name, run, first, last)
            for name, by_run in plain(self._overlay.spans).items()
            for run, (first, last) in by_run.items()
        ]
        first = self._values("spans.first", np.int64)[kept]
        last = self._values("spans.last", np.int64)[kept]
        return (
            np.append(name, _column(later, 0, np.int32)),
            np.append(run, _column(later, 1, np.int32)),
            np.append(first, _column(later, 2, np.int64)),
            np.append(last, _column(later, 3, np.int64)),
        )

    def _all_keys(self) -> tuple[Ints, Ints, Marks]:
        """Name, run and mark of each."""
        name, run, kept = self._held("keys")
        later = [
            (name, run, mark)
            for name, by_run in plain(self._overlay.keys).items()
            for run, marks in by_run.items()
            for mark in marks
        ]
        marks = self._values("keys.marks", np.uint64)[kept]
        return (
            np.append(name, _column(later, 0, np.int32)),
            np.append(run, _column(later, 1, np.int32)),
            np.append(marks, _column(later, 2, np.uint64)),
        )

    def _held(self, name: str) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Name and run of what the base has, and where it still holds."""
        rows = self._base_rows(name)
        kept = ~self._redone[rows.targets]
        return owners_of(rows)[kept], rows.targets[kept], kept

    def _positions(
        self, artifacts: Numbering, versions: Numbering
    ) -> Iterator[tuple[str, NDArray[Any]]]:
        rows = self._base_rows("positions")
        runs = column_of(self._index.links.columns_of.run, len(self._index.links.versions))
        names = artifacts.new[owners_of(rows)]
        kept = ~self._redone[runs[rows.targets]] & (names != NONE)
        names, numbers = names[kept], rows.targets[kept]
        stands = self._values("positions.stands", np.int64)[kept]
        marks, barriers = (array[kept] for array in self._said(rows))
        items: list[tuple[int, Standing]] = []
        places: list[int] = []
        for old in sorted(self._overlay.positions, key=lambda old: artifacts.new[old]):
            name = int(artifacts.new[old])
            if name == NONE:
                continue
            start, end = np.searchsorted(names, (name, name + 1)).tolist()
            for item in self._overlay.positions[old]:
                items.append((name, item))
                places.append(start + self._place(item, stands[start:end], numbers[start:end]))
        into = np.array(places, dtype=np.int64)
        later = [item for _, item in items]
        names = np.insert(names, into, [name for name, _ in items])
        numbers = np.insert(numbers, into, [item.number for item in later])
        stands = np.insert(stands, into, [item.stands for item in later])
        marks = np.insert(marks, into, np.array([item.mark for item in later], dtype=np.uint64))
        barriers = np.insert(barriers, into, [item.barrier for item in later])
        yield from _rows("positions", in_rows(names, versions.there(numbers), len(artifacts)))
        yield "positions.stands", stands
        yield from places_of(names, marks, barriers, len(artifacts))

    def _place(self, item: Standing, stands: Longs, numbers: Ints) -> int:
        """Where one belongs among what the base has on its name."""
        first = int(np.searchsorted(stands, item.stands, "left"))
        end = int(np.searchsorted(stands, item.stands, "right"))
        return first + bisect_left(numbers[first:end].tolist(), item[1:5], key=self._age)

    def _age(self, number: int) -> tuple[int, Run, str, Artifact]:
        links, version = self._index.links, self._index.links.versions[number]
        record, run = links.version.base(number), version.run
        if record is None or run is None:
            raise TypeError(f"{version} stands nowhere")
        return record.begins or 0, run, record.declared or "", version.artifact

    def _said(self, rows: Rows) -> tuple[Marks, NDArray[np.bool_]]:
        """Of what the base has: the mark of its declared id, and whether it is a barrier."""
        marks = np.zeros(len(rows.targets), dtype=np.uint64)
        declared = self._base_rows("positions.declared")
        places = rows.starts[owners_of(declared)] + declared.targets
        marks[places] = self._values("positions.declared.marks", np.uint64)
        barriers = np.zeros(len(rows.targets), dtype=bool)
        barred = self._base_rows("positions.barriers")
        barriers[rows.starts[owners_of(barred)] + barred.targets] = True
        return marks, barriers

    def _base_rows(self, name: str) -> Rows:
        return Rows(
            self._values(f"{name}.starts", np.int32), self._values(f"{name}.targets", np.int32)
        )

    def _values(self, name: str, kind: type[np.generic]) -> NDArray[Any]:
        return np.frombuffer(self._base.whole(name), dtype=kind)


def least(first: Longs) -> Longs:
    """Of every so many footprints in a row the earliest beginning."""
    found: Longs = (
        np.minimum.reduceat(first, np.arange(0, len(first), BLOCK)) if len(first) else first
    )
    return found


def places_of(
    names: NDArray[Any], marks: Marks, barriers: NDArray[np.bool_], count: int
) -> Iterator[tuple[str, NDArray[Any]]]:
    """Where in each row of positions barriers are, and those with a declared id, by its mark."""
    starts = np.searchsorted(names, np.arange(count))
    places = np.arange(len(names)) - starts[names]
    barred = np.flatnonzero(barriers)
    yield from _rows("positions.barriers", in_rows(names[barred], places[barred], count))
    declared = np.flatnonzero(marks)
    declared = declared[np.lexsort((places[declared], marks[declared], names[declared]))]
    yield from _rows("positions.declared", in_rows(names[declared], places[declared], count))
    yield "positions.declared.marks", marks[declared]


def _rows(name: str, rows: Rows) -> Iterator[tuple[str, NDArray[Any]]]:
    yield f"{name}.starts", rows.starts
    yield f"{name}.targets", rows.targets


def _column(rows: Sequence[tuple[int, ...]], place: int, kind: type[np.generic]) -> NDArray[Any]:
    return np.array([row[place] for row in rows], dtype=kind)
