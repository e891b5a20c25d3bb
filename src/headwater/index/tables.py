"""Things by number and numbers by thing; rows of numbers by number.

Each stands on a mapped base that is never changed. What came later stands before it: new numbers
follow those of the base, and a row or record that changed is held in place of the base's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import msgspec

from headwater.store.sections import Sections

K = TypeVar("K", bound=tuple[Any, ...])
R = TypeVar("R")

_encode = msgspec.msgpack.Encoder().encode


def mark(thing: object) -> int:
    """A number of 64 bits by which an identity is looked up; equal ones may still differ."""
    return int.from_bytes(blake2b(_encode(thing), digest_size=8).digest(), "big")


class Blobs:
    """Byte strings by number."""

    def __init__(self, sections: Sections, name: str) -> None:
        self._sections = sections
        self._name = f"{name}.bytes"
        self._offsets = sections.whole(f"{name}.offsets").cast("q")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: int) -> memoryview:
        offsets = self._offsets
        return self._sections.part(self._name, offsets[number], offsets[number + 1])


class Table(Generic[R]):
    """Records by number."""

    def __init__(self, sections: Sections, name: str, kind: Any) -> None:
        self._blobs = Blobs(sections, name)
        self._decode: Callable[[memoryview], R] = msgspec.msgpack.Decoder(kind).decode
        self.count = len(self._blobs)
        self.instead: dict[int, R] = {}

    def __getitem__(self, number: int) -> R:
        found = self.instead.get(number)
        return self._decode(self._blobs[number]) if found is None else found


class Identities(Generic[K]):
    """Things by number, and numbers by thing.

    Base numbers are in the order of references. `read` gives the thing with a base number.
    """

    def __init__(self, sections: Sections, name: str, read: Callable[[int], K]) -> None:
        self._marks = sections.whole(f"{name}.marks").cast("Q")
        self._numbers = sections.whole(f"{name}.numbers").cast("i")
        self._read = read
        self._new: list[K] = []
        self._new_numbers: dict[K, int] = {}
        self.base = len(self._marks)

    def __len__(self) -> int:
        return self.base + len(self._new)

    def __getitem__(self, number: int) -> K:
        return self._read(number) if number < self.base else self._new[number - self.base]

    def find(self, thing: K) -> int | None:
        """The number of a thing; None where it has none."""
        found = self._new_numbers.get(thing)
        if found is not None:
            return found
        wanted = mark(thing)
        place = bisect_left(self._marks, wanted)
        while place < self.base and self._marks[place] == wanted:
            number = self._numbers[place]
            if self._read(number) == thing:
                return number
            place += 1
        return None

    def __iter__(self) -> Iterator[K]:
        return map(self.__getitem__, range(len(self)))


class Calls:
    """Numbers by what their things may be called."""

    def __init__(self, sections: Sections, name: str) -> None:
        self._marks = sections.whole(f"{name}.called.marks").cast("Q")
        self._numbers = sections.whole(f"{name}.called.numbers").cast("i")

    def __getitem__(self, text: str) -> set[int]:
        wanted = mark(text)
        first = bisect_left(self._marks, wanted)
        return set(self._numbers[first : bisect_right(self._marks, wanted, lo=first)])


class Relation:
    """For each number a row of numbers."""

    def __init__(self, sections: Sections, name: str) -> None:
        self.starts = sections.whole(f"{name}.starts").cast("i")
        self.targets = sections.whole(f"{name}.targets").cast("i")
        self._rows = len(self.starts) - 1
        self.instead: dict[int, Sequence[int]] = {}

    def __getitem__(self, number: int) -> Sequence[int]:
        found = self.instead.get(number)
        if found is not None:
            return found
        if number >= self._rows:
            return ()
        return self.targets[self.starts[number] : self.starts[number + 1]]
