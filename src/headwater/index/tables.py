"""Things by number and numbers by thing; rows of numbers by number.

Each stands on a mapped base that is never changed. What came later stands before it: new numbers
follow those of the base, and a row or record that changed is held in place of the base's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import cached_property
from hashlib import blake2b
from struct import calcsize
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

import msgspec

from headwater.store.sections import Sections

K = TypeVar("K", bound=tuple[Any, ...])
R = TypeVar("R")
Ordered = tuple[int, str, int]
"""A new thing in the order of references: its place in the base, its reference and its number."""
_MISSING: Any = object()
NOTHING: Mapping[int, Any] = MappingProxyType({})

_encode = msgspec.msgpack.Encoder().encode


def mark(thing: object) -> int:
    """A number of 64 bits by which an identity is looked up; equal ones may still differ."""
    return int.from_bytes(blake2b(_encode(thing), digest_size=8).digest(), "big")


class Blobs:
    """Byte strings by number."""

    def __init__(self, sections: Sections, name: str) -> None:
        self._sections = sections
        self._name = f"{name}.bytes"
        self._offsets_name = f"{name}.offsets"
        self._count = sections.length(self._offsets_name) // 8 - 1

    @cached_property
    def _offsets(self) -> memoryview:
        return self._sections.whole(self._offsets_name).cast("q")

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> memoryview:
        offsets = self._offsets
        return self._sections.part(self._name, offsets[number], offsets[number + 1])


class Table(Generic[R]):
    """Records by number; None where there is none, or not any more."""

    def __init__(
        self, sections: Sections, name: str, kind: Any, instead: Mapping[int, R | None]
    ) -> None:
        self._blobs = Blobs(sections, name)
        decoder: msgspec.msgpack.Decoder[R | None] = msgspec.msgpack.Decoder(kind | None)
        self._decode = decoder.decode
        self._instead = instead

    def __getitem__(self, number: int) -> R | None:
        found = self._instead.get(number, _MISSING)
        return self.base(number) if found is _MISSING else found

    def base(self, number: int) -> R | None:
        """The record that the base has."""
        return self._decode(self._blobs[number]) if number < len(self._blobs) else None

    def present(self, number: int) -> R:
        """The record of a thing that is there."""
        record = self[number]
        if record is None:
            raise KeyError(number)
        return record


class Identities(Generic[K]):
    """Things by number, and numbers by thing.

    Base numbers are in the order of references; new things are numbered behind them, and `rank`
    says where each stands in that order. `read` gives the thing with a base number.
    """

    def __init__(
        self,
        sections: Sections,
        name: str,
        read: Callable[[int], K],
        added: MutableMapping[K, int],
        places: list[int],
        order: list[Ordered],
    ) -> None:
        self._sections = sections
        self._name = name
        self._read = read
        self.base = sections.length(f"{name}.numbers") // 4
        self._added = added
        self._places = places
        self._order = order
        self._new = list(added)
        self._last: tuple[K, int] | None = None

    @cached_property
    def _marks(self) -> memoryview:
        return self._sections.whole(f"{self._name}.marks").cast("Q")

    @cached_property
    def _numbers(self) -> memoryview:
        return self._sections.whole(f"{self._name}.numbers").cast("i")

    def __len__(self) -> int:
        return self.base + len(self._new)

    def __getitem__(self, number: int) -> K:
        if number >= self.base:
            return self._new[number - self.base]
        thing = self._read(number)
        self._last = thing, number
        return thing

    def __iter__(self) -> Iterator[K]:
        return map(self.__getitem__, range(len(self)))

    @property
    def grown(self) -> bool:
        """Whether there are things behind the base."""
        return bool(self._new)

    def find(self, thing: K) -> int | None:
        """The number of a thing; None where it has none."""
        found = self._added.get(thing)
        if found is not None:
            return found
        last = self._last  # who asks about a thing mostly asks several things about it
        if last is not None and last[0] == thing:
            return last[1]
        wanted = mark(thing)
        place = bisect_left(self._marks, wanted)
        while place < self.base and self._marks[place] == wanted:
            number = self._numbers[place]
            if self._read(number) == thing:
                self._last = thing, number
                return number
            place += 1
        return None

    def add(self, thing: K) -> int:
        """The number of a thing, given to it if it has none."""
        found = self.find(thing)
        if found is None:
            found = self._added[thing] = len(self)
            reference = str(thing)
            self._places.append(self.place(reference))
            insort(self._order, (self._places[-1], reference, found))
            self._new.append(thing)
        return found

    def place(self, reference: str) -> int:
        """How many things of the base have a lesser reference."""
        return bisect_left(range(self.base), reference, key=lambda number: str(self._read(number)))

    def rank(self, number: int) -> int:
        """Where a thing stands in the order of references."""
        if not self._new:
            return number
        if number < self.base:
            return number + bisect_right(self._order, number, key=_place)
        place, thing = self._places[number - self.base], self._new[number - self.base]
        return place + bisect_left(self._order, (place, str(thing), number))

    def new_in_order(self) -> list[tuple[int, int]]:
        """Each new thing in the order of references: its place in the base, and its number."""
        return [(place, number) for place, _, number in self._order]

    def beginning(self, reference: str) -> Iterator[int]:
        """The numbers of the things whose reference begins so."""
        for number in range(self.place(reference), self.base):
            if not str(self._read(number)).startswith(reference):
                break
            yield number
        for number, thing in enumerate(self._new, self.base):
            if str(thing).startswith(reference):
                yield number


def _place(item: Ordered) -> int:
    return item[0]


class Calls:
    """Numbers by what their things may be called."""

    def __init__(self, sections: Sections, name: str, new: Mapping[str, Sequence[int]]) -> None:
        self._sections = sections
        self._name = f"{name}.called"
        self._new = new

    @cached_property
    def _marks(self) -> memoryview:
        return self._sections.whole(f"{self._name}.marks").cast("Q")

    @cached_property
    def _numbers(self) -> memoryview:
        return self._sections.whole(f"{self._name}.numbers").cast("i")

    def __getitem__(self, text: str) -> set[int]:
        wanted = mark(text)
        first = bisect_left(self._marks, wanted)
        base = self._numbers[first : bisect_right(self._marks, wanted, lo=first)]
        return {*base, *self._new.get(text, ())}


class Relation:
    """For each number a row of numbers."""

    def __init__(
        self, sections: Sections, name: str, instead: Mapping[int, Sequence[int]] = NOTHING
    ) -> None:
        self._sections = sections
        self._name = name
        self._rows = sections.length(f"{name}.starts") // 4 - 1
        self.instead = instead

    @cached_property
    def starts(self) -> memoryview:
        """Where the row of each number begins, and where the last one ends."""
        return self._sections.whole(f"{self._name}.starts").cast("i")

    @cached_property
    def targets(self) -> memoryview:
        """All rows, one behind the other."""
        return self._sections.whole(f"{self._name}.targets").cast("i")

    def __getitem__(self, number: int) -> Sequence[int]:
        found = self.instead.get(number)
        if found is not None:
            return found
        if number >= self._rows:
            return ()
        return self.targets[self.starts[number] : self.starts[number + 1]]

    def row(self, number: int) -> tuple[int, int]:
        """Where the row that the base has for a number begins and ends."""
        return (self.starts[number], self.starts[number + 1]) if number < self._rows else (0, 0)


class Values:
    """Numbers of a width, beside the targets of a relation; only what is asked for is read."""

    def __init__(self, sections: Sections, name: str, form: Literal["B", "i", "q", "Q"]) -> None:
        self._sections = sections
        self._name = name
        self._form = form
        self._bytes = calcsize(form)

    def part(self, start: int, end: int) -> Sequence[int]:
        """Those from one place up to another."""
        data = self._sections.part(self._name, start * self._bytes, end * self._bytes)
        return data.cast(self._form)


class Column:
    """For each number a number; `missing` where nothing is said."""

    def __init__(
        self,
        sections: Sections,
        name: str,
        instead: Mapping[int, int],
        *,
        form: str = "i",
        missing: int = -1,
    ) -> None:
        self._sections = sections
        self._name = name
        self._form = form
        self.instead = instead
        self.missing = missing

    @cached_property
    def base(self) -> memoryview:
        """What the base says, for each of its numbers."""
        return self._sections.whole(self._name).cast(self._form)  # type: ignore[call-overload, no-any-return]

    def __getitem__(self, number: int) -> int:
        found = self.instead.get(number)
        if found is not None:
            return found
        return self.base[number] if number < len(self.base) else self.missing
