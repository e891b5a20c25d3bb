"""Walks over whole arrays: breadth first in compiled code, depths level by level.

Only steps that count a hop: scipy finds the order, in which levels are contiguous. Where steps that
count nothing (a revision that carries, same content) are among what is reached, levels are widened
one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
UNREACHED, HIDDEN = -1, -2
LEVELS_MAX = 2_000
"""Levels that are found one by one; where there are more, they are narrow."""
WIDE = 64
"""From so many things on a level is stepped from as an array."""


class Rows(NamedTuple):
    """For each number a row of numbers, flat."""

    starts: Ints
    targets: Ints

    def of(self, numbers: Ints) -> Ints:
        """All rows of these numbers, one after the other."""
        starts = self.starts[numbers]
        counts = self.starts[numbers + 1] - starts
        ends = np.cumsum(counts)
        places = np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)
        places += np.repeat(starts - (ends - counts), counts)
        return self.targets[places]


def depths(
    hops: Rows,
    free: Rows | None,
    starts: Ints,
    hidden: Bools | None = None,
    passable: Rows | None = None,
) -> Ints:
    """In how many hops each number is reached from the nearest of the starts; -1 where it is not.

    Steps along `free` count nothing. Hidden numbers are neither reached nor passed; `passable` is
    what `without` made of the hops and them, where that was kept.
    """
    if passable is None:
        passable = hops if hidden is None else without(hops, hidden)
    found = _levels(passable, starts)[: len(hops.starts) - 1]
    if free is None or not np.diff(free.starts)[found >= 0].any():
        return found
    return _Widening(hops, free, hidden).walk(starts)


def without(rows: Rows, hidden: Bools) -> Rows:
    """Lead every step to a hidden number into a blind end instead."""
    count = len(rows.starts) - 1
    leads = np.arange(count, dtype=np.int32)
    leads[hidden] = count
    targets = leads.take(rows.targets, mode="clip")  # one pass, without a look at each bound
    return Rows(np.append(rows.starts, rows.starts[-1]), targets)


def invert(rows: Rows, count: int) -> Rows:
    """The rows the other way round, for `count` numbers; each in ascending order."""
    owners = np.repeat(np.arange(len(rows.starts) - 1, dtype=np.int32), np.diff(rows.starts))
    order = np.argsort(rows.targets, kind="stable")
    starts = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows.targets, minlength=count), out=starts[1:])
    return Rows(starts, owners[order])


def _levels(rows: Rows, starts: Ints) -> Ints:
    count = len(rows.starts) - 1
    if not len(starts):
        return np.full(count, UNREACHED, dtype=np.int32)
    start, below = int(starts[0]), 0
    if len(starts) > 1:  # a root above all of them, one hop away
        start, below = count, 1
        targets = np.concatenate((rows.targets, starts))
        rows = Rows(np.append(rows.starts, np.int32(len(targets))), targets)
    graph = csr_array(
        (np.broadcast_to(np.float64(1), len(rows.targets)), rows.targets, rows.starts),
        shape=(len(rows.starts) - 1,) * 2,
    )
    order, predecessors = breadth_first_order(graph, start)
    levels = _depths_in(order, predecessors) - below
    found = np.full(len(rows.starts) - 1, UNREACHED, dtype=np.int32)
    found[order] = levels
    return found[:count]


def _depths_in(order: Ints, predecessors: Ints) -> Ints:
    """Depths along a breadth-first order: levels are contiguous, predecessors never step back."""
    count = len(order)
    places = np.empty(len(predecessors), dtype=np.int32)
    places[order] = np.arange(count, dtype=np.int32)
    above = places[predecessors[order[1:]]]  # of all but the first
    bends = np.flatnonzero(above != np.arange(count - 1, dtype=np.int32)) + 1
    levels = np.zeros(count, dtype=np.int32)
    first, end, depth = 0, 1, 0
    for _ in range(LEVELS_MAX):
        if end - first == 1:  # while each comes from the one just before it, levels are of one
            bend = int(np.searchsorted(bends, first, side="right"))
            straight = int(bends[bend]) if bend < len(bends) else count
            levels[first:straight] = np.arange(depth, depth + straight - first, dtype=np.int32)
            depth += straight - 1 - first
            first = straight - 1
            end = 1 + int(np.searchsorted(above, first))
        levels[first:end] = depth
        if end >= count:
            return levels
        first, end, depth = end, 1 + int(np.searchsorted(above, end)), depth + 1
    known = levels[:first].tolist()
    for place in above[first - 1 :].tolist():
        known.append(known[place] + 1)
    return np.array(known, dtype=np.int32)


class _Widening:
    """Level by level: first along the steps that are free, then one hop on."""

    def __init__(self, hops: Rows, free: Rows, hidden: Bools | None) -> None:
        self._hops = hops
        self._free = free
        count = len(hops.starts) - 1
        self.found: Ints = np.full(count, UNREACHED, dtype=np.int32)
        if hidden is not None:
            self.found[hidden] = HIDDEN
        self._seen = np.empty(count, dtype=np.int32)
        self._cells = self.found.data

    def walk(self, starts: Ints) -> Ints:
        """Depths from these starts."""
        level, depth = self._enter(starts, 0), 0
        while len(level):
            level = self._spread(level, depth)
            level = self._step(self._hops, level, depth + 1)
            depth += 1
        self.found[self.found == HIDDEN] = UNREACHED
        return self.found

    def _spread(self, level: Ints, depth: int) -> Ints:
        waves = [level]
        while len(waves[-1]) >= WIDE:
            waves.append(self._step(self._free, waves[-1], depth))
        narrow = waves[-1].tolist()
        starts, targets = self._free.starts.data, self._free.targets.data
        for number in narrow:
            narrow += self._new(targets[starts[number] : starts[number + 1]], depth)
        return np.concatenate((*waves[:-1], np.array(narrow, dtype=np.int32)))

    def _step(self, rows: Rows, level: Ints, depth: int) -> Ints:
        if len(level) >= WIDE:
            return self._enter(rows.of(level), depth)
        starts, targets = rows.starts.data, rows.targets.data
        reached: list[int] = []
        for number in level.tolist():
            reached += self._new(targets[starts[number] : starts[number + 1]], depth)
        return np.array(reached, dtype=np.int32)

    def _new(self, targets: memoryview, depth: int) -> list[int]:
        cells = self._cells
        new = []
        for target in targets:
            if cells[target] == UNREACHED:
                cells[target] = depth
                new.append(target)
        return new

    def _enter(self, reached: Ints, depth: int) -> Ints:
        """Of what was reached, what is new, each once."""
        new: Ints = reached[self.found[reached] == UNREACHED]
        order = np.arange(len(new), dtype=np.int32)
        self._seen[new] = order
        new = new[self._seen[new] == order]
        self.found[new] = depth
        return new
