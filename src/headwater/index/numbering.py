"""Numbers given anew in the order of references: what has one moves along with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.index.arrays import ranks_of, rows_of
from headwater.index.closure import Bools, Ints, Rows
from headwater.index.tables import Identities, Relation, mark
from headwater.store.sections import Sections

NONE = -1

_encode = msgspec.msgpack.Encoder().encode


class Dangling(Exception):
    """Something that is still there refers to a thing that is not."""


class Numbering:
    """Those of some things that are kept, in order; all others have none any more."""

    def __init__(self, sections: Sections, name: str, things: Identities[Any], kept: Bools) -> None:
        self._sections = sections
        self.name = name
        self.things = things
        every = np.empty(len(things), dtype=np.int32)
        every[ranks_of(things)] = np.arange(len(things), dtype=np.int32)
        self.order = every[kept[every]]
        """The old number of each new one."""
        self.new = np.full(len(things) + 1, NONE, dtype=np.int32)
        """The new number of each old one; that of -1, which is none, is none."""
        self.new[self.order] = np.arange(len(self.order), dtype=np.int32)

    def __len__(self) -> int:
        return len(self.order)

    def there(self, numbers: Ints) -> Ints:
        """The new numbers of things that have to be there. Raises `Dangling`."""
        found: Ints = self.new[numbers]
        if len(found) and found.min() < 0:
            raise Dangling(self.name)
        return found

    def marks(self) -> tuple[NDArray[np.uint64], Ints]:
        """The marks of all things, sorted, and the number that belongs to each."""
        every = np.empty(len(self.things), dtype=np.uint64)
        numbers = np.frombuffer(self._sections.whole(f"{self.name}.numbers"), dtype=np.int32)
        every[numbers] = np.frombuffer(self._sections.whole(f"{self.name}.marks"), dtype=np.uint64)
        for number in range(self.things.base, len(self.things)):
            every[number] = mark(self.things[number])
        marks = every[self.order]
        order = np.argsort(marks, kind="stable")
        return marks[order], order.astype(np.int32)

    def keys(self) -> tuple[bytearray, NDArray[np.int64]]:
        """Every thing, encoded, and where each begins."""
        new = range(self.things.base, len(self.things))
        return self.blobs(f"{self.name}.keys", {number: self.things[number] for number in new})

    def blobs(
        self, name: str, instead: Mapping[int, object]
    ) -> tuple[bytearray, NDArray[np.int64]]:
        """Encoded records of all things, those `instead` of the base's, and where each begins."""
        base = np.frombuffer(self._sections.whole(f"{name}.offsets"), dtype=np.int64)
        later = self.order >= len(base) - 1
        later |= np.isin(self.order, np.fromiter(instead, dtype=np.int64, count=len(instead)))
        own = [_encode(instead.get(number)) for number in self.order[later].tolist()]
        before = np.flatnonzero(~later)
        old = self.order[before]
        lengths = np.empty(len(self.order), dtype=np.int64)
        lengths[before] = base[old + 1] - base[old]
        lengths[later] = np.fromiter(map(len, own), dtype=np.int64, count=len(own))
        offsets = np.zeros(len(self.order) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        data = bytearray(int(offsets[-1]))
        for place, blob in zip(np.flatnonzero(later).tolist(), own, strict=True):
            data[offsets[place] : offsets[place + 1]] = blob
        for first, last in _stretches(before, old):
            start, end = base[self.order[first]], base[self.order[last] + 1]
            part = self._sections.part(f"{name}.bytes", int(start), int(end))
            data[offsets[first] : offsets[last + 1]] = part
        return data, offsets

    def rows(self, relation: Relation, targets: Numbering) -> Rows:
        """What a relation of these things has in each row. Raises `Dangling`."""
        held = rows_of(relation, len(self.things))
        starts = np.zeros(len(self.order) + 1, dtype=np.int32)
        np.cumsum(np.diff(held.starts)[self.order], out=starts[1:])
        return Rows(starts, targets.there(held.of(self.order)))


def in_rows(owners: NDArray[Any], targets: NDArray[Any], count: int) -> Rows:
    """Pairs as rows, each in the order in which its pairs come."""
    order = np.argsort(owners, kind="stable")
    starts = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(owners, minlength=count), out=starts[1:])
    return Rows(starts, targets[order].astype(np.int32))


def owners_of(rows: Rows) -> Ints:
    """To which row each target belongs."""
    return np.repeat(np.arange(len(rows.starts) - 1, dtype=np.int32), np.diff(rows.starts))


def _stretches(places: NDArray[np.int64], old: Ints) -> list[tuple[int, int]]:
    """First and last of places that follow one another, as do the old numbers at them."""
    if not len(places):
        return []
    cuts = np.flatnonzero((np.diff(places) != 1) | (np.diff(old) != 1))
    firsts = places[np.append(0, cuts + 1)]
    lasts = places[np.append(cuts, len(places) - 1)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
