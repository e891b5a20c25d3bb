"""One field of a table: its texts, each once, and the things that have them.

Sets of things are flags, one for each thing; None stands for the empty set, so that what was not
found costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.index.grams import Flags, Grams, Texts
from headwater.store.sections import Sections

FEW_TEXTS = 64
SOME_TEXTS = 1_024
BLOCK_THINGS = 65_536
NEVER = np.iinfo(np.int32).max
Things = NDArray[np.int32]
_NOTHING: Things = np.zeros(0, dtype=np.int32)


class Field:
    """Texts and who has them."""

    def __init__(self, sections: Sections, name: str, texts: Texts, count: int) -> None:
        self.texts = texts
        self._count = count
        self._sections = sections
        self._name = name

    def having(self, needle: bytes) -> Flags | None:
        """The things that have the needle in a text."""
        frequent = self.texts.frequent(needle)
        if frequent is not None:
            return frequent
        numbers = self.texts.numbers(needle)
        if not len(numbers):
            return None
        flags = np.zeros(self._count, dtype=np.bool_)
        for things in self._chosen(numbers, "things"):
            flags[things] = True
        return flags

    def things(self, needle: bytes) -> Things:
        """The same as numbers; one that has several such texts may come several times."""
        frequent = self.texts.frequent(needle)
        if frequent is not None:
            return np.flatnonzero(frequent).astype(np.int32)
        return self._all(self.texts.numbers(needle), "things")

    def near(self, text: bytes, most: int) -> Things:
        """The things of so many texts that are most like this one."""
        assert isinstance(self.texts, Grams)  # noqa: S101
        return self._all(self.texts.near(text, most), "things")

    def first(self, needle: bytes) -> Things:
        """Where, of what each thing has, the needle comes first; `NEVER` where it does not."""
        first = np.full(self._count, NEVER, dtype=np.int32)
        numbers = self.texts.numbers(needle)
        np.minimum.at(first, self._all(numbers, "things"), self._all(numbers, "order"))
        return first

    def _all(self, numbers: NDArray[np.int64], part: str) -> Things:
        return np.concatenate([_NOTHING, *self._chosen(numbers, part)])

    def _chosen(self, numbers: NDArray[np.int64], part: str) -> Iterator[Things]:
        """What a part has in the rows of these texts, in pieces."""
        if len(numbers) <= FEW_TEXTS:
            yield from (self._row(number, part) for number in numbers.tolist())
            return
        values: Things = self._array(part, np.int32)
        rows = self._rows
        if len(numbers) <= SOME_TEXTS:
            bounds = zip(rows[numbers].tolist(), rows[numbers + 1].tolist(), strict=True)
            yield from (values[first:end] for first, end in bounds)
            return
        starts = rows[numbers]
        counts = rows[numbers + 1] - starts
        if counts.max() > 1:
            before = np.cumsum(counts) - counts
            starts = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
        yield values if len(starts) == len(values) else values[starts]

    def _row(self, number: int, part: str) -> Things:
        """The row of one text, read without the others."""
        name = f"{self._name}.rows"
        bounds = self._sections.part(name, number * 8, number * 8 + 16).cast("q")
        row = self._sections.part(f"{self._name}.{part}", bounds[0] * 4, bounds[1] * 4)
        return np.frombuffer(row, dtype=np.int32)

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        return self._array("rows", np.int64)

    def _array(self, part: str, kind: Any) -> NDArray[Any]:
        return read_array(self._sections, f"{self._name}.{part}", kind)


def either(one: Flags | None, other: Flags | None) -> Flags | None:
    """Both sets together; the first may be changed by it."""
    if one is None or other is None:
        return other if one is None else one
    return np.logical_or(one, other, out=one)


def both(one: Flags | None, other: Flags | None) -> Flags | None:
    """What is in both; the first may be changed by it."""
    return None if one is None or other is None else np.logical_and(one, other, out=one)


def without(one: Flags | None, other: Flags | None) -> Flags | None:
    """What is in the first alone; it may be changed by it."""
    return one if one is None or other is None else np.greater(one, other, out=one)


def slice_of(flags: Flags, first: int, end: int) -> NDArray[np.int64]:
    """Numbers of the things that are the `first` to the `end`-th of the set."""
    found = [np.zeros(0, dtype=np.int64)]
    before = 0
    for start in range(0, len(flags), BLOCK_THINGS):
        block = flags[start : start + BLOCK_THINGS]
        count = int(np.count_nonzero(block))
        low, high = max(first - before, 0), min(end - before, count)
        if low < high:
            found.append(np.flatnonzero(block)[low:high] + start)
        before += count
        if before >= end:
            break
    return np.concatenate(found)


def read_array(sections: Sections, name: str, kind: Any) -> NDArray[Any]:
    """A section as numbers."""
    return np.frombuffer(sections.whole(name), dtype=kind)
