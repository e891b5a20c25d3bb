"""Many texts, and which of them have a given one in them.

A text is UTF-8 between a byte that begins it and two that end it, none of which UTF-8 has:
`BEGIN` + text is found where a text begins with it, text + `END` where one ends with it. All lie
one behind the other. Every three bytes that occur lead to the places where they do. What many have
in their texts (`FREQUENT_SHARE`), whatever its length, has a bit for each of those who have texts.

Trusted? Its file is checked by `store.sections`; the tests hold it to Python's `in`.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from headwater.store.sections import Sections

T = TypeVar("T")

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

BEGIN, END = b"\xfe", b"\xff"
GRAM_BYTES = 3
TEXTS_BYTES_MAX = 1 << 31
"""Bytes of all texts of one table. What has more is not made; the texts are scanned."""
FREQUENT_SHARE = 1 / 16
FREQUENT_MIN = 1_024
FREQUENT_MAX = 512
"""Strings that have bits: 64 bytes for each that has texts, at most."""
READ_FREQUENT_MAX = 48
"""The same of texts that are read through: their characters, and few more."""
PLACE_BYTES = 4
FEW_OWNERS = 64
FEW_PLACES = 2_048
"""So many places are compared one by one, so that no more of the file is touched."""
NEAR_PLACES_MAX = 200_000
STRIDE_BITS = 5
"""Of every 32nd byte is known which text it belongs to."""
SCAN_BYTES = 1 << 20


class TooLong(Exception):
    """The texts are more than a table can hold."""


class Having(NamedTuple):
    """Who has each text: numbers below `size`, from `starts[text]` to `starts[text + 1]`."""

    starts: NDArray[np.int64]
    who: NDArray[np.int32]
    size: int


def compile_texts(
    name: str, texts: Iterable[str], having: Having | None = None, *, grams: bool = True
) -> dict[str, memoryview]:
    """Write texts down as sections; without `grams` they are read through for what is not frequent.

    What is frequent has flags for each that has a text, or for each text. Raises `TooLong`.
    """
    data = bytearray()
    lengths: list[int] = []
    for text in texts:
        before = len(data)
        data += BEGIN
        data += encode(text)
        data += END + END
        lengths.append(len(data) - before)
        if len(data) > TEXTS_BYTES_MAX:
            raise TooLong
    starts = np.zeros(len(lengths) + 1, dtype=np.uint32)
    np.cumsum(np.array(lengths, dtype=np.uint32), out=starts[1:])
    strides = np.arange(0, len(data), 1 << STRIDE_BITS, dtype=np.uint32)
    owners = (np.searchsorted(starts, strides, side="right") - 1).astype(np.uint32)
    found: dict[str, NDArray[Any]] = {
        "bytes": np.frombuffer(bytes(data), dtype=np.uint8),
        "starts": starts,
        "owners": owners,
    }
    found["alphabet"] = np.bincount(found["bytes"], minlength=256) > 0
    found["longest"] = np.array([max(lengths, default=0)], dtype=np.int64)
    if having is None:
        each = np.arange(len(lengths) + 1, dtype=np.int64)
        having = Having(each, each[:-1].astype(np.int32), len(lengths))
    alphabet = np.flatnonzero(found["alphabet"])
    frequent = _frequent(found["bytes"], starts, owners, alphabet, having)
    bits = dict(islice(frequent, FREQUENT_MAX if grams else READ_FREQUENT_MAX))
    spelt = b"".join(gram + END + BEGIN for gram in bits)
    found["frequent"] = np.frombuffer(spelt, dtype=np.uint8)
    found["bits"] = np.concatenate([*bits.values(), np.zeros(0, np.uint8)])
    found["flags"] = np.array([having.size], dtype=np.int64)
    if grams:
        found |= _grams(found["bytes"])
    return {f"{name}.{part}": np.ascontiguousarray(array).data for part, array in found.items()}


def encode(text: str) -> bytes:
    """UTF-8, of anything that a string may hold."""
    return text.encode("utf-8", "surrogatepass")


class Texts:
    """Texts by number, to be asked what is in them."""

    def __init__(self, sections: Sections, name: str) -> None:
        self._sections = sections
        self._name = name
        self._alphabet = self._array("alphabet", np.bool_)
        self._count = sections.length(f"{name}.starts") // PLACE_BYTES - 1
        self._bytes = sections.length(f"{name}.bytes")
        self.longest = int(self._array("longest", np.int64)[0])
        self._flags = int(self._array("flags", np.int64)[0])
        spelt = bytes(self._array("frequent", np.uint8)).split(END + BEGIN)[:-1]
        self._frequent = {gram: number for number, gram in enumerate(spelt)}

    def __len__(self) -> int:
        return self._count

    def numbers(self, needle: bytes) -> Places:
        """The numbers of the texts that have the needle in them, sorted."""
        if not needle or len(needle) > self.longest or not self._spells(needle):
            return np.zeros(0, dtype=np.int64)
        places = self._places(needle)
        if len(places) <= FEW_OWNERS:
            return np.unique(np.array([*map(self._owner, places.tolist())], dtype=np.int64))
        owners = _owners(places, self._array("starts", np.uint32), self._array("owners", np.uint32))
        if len(places) <= FEW_PLACES:
            return np.unique(owners)
        flags = np.zeros(len(self), dtype=np.bool_)
        flags[owners] = True
        return np.flatnonzero(flags)

    def frequent(self, needle: bytes) -> Flags | None:
        """Say of each that has texts (or of each text) whether it has the needle, if many do."""
        number = self._frequent.get(needle)
        if number is None:
            return None
        width = -(-self._flags // 8)
        bits = self._sections.part(f"{self._name}.bits", number * width, (number + 1) * width)
        packed = np.frombuffer(bits, dtype=np.uint8)
        return np.unpackbits(packed, count=self._flags).view(np.bool_)

    def _spells(self, needle: bytes) -> bool:
        return bool(self._alphabet[list(needle)].all())

    def _places(self, needle: bytes) -> Places:
        """Where the needle is, by reading everything."""
        data = self._array("bytes", np.uint8)
        found = []
        for first in range(0, len(data) - len(needle) + 1, SCAN_BYTES):
            part = data[first : first + SCAN_BYTES + len(needle) - 1]
            likely = part[: len(part) - len(needle) + 1] == needle[0]
            if len(needle) > 1:
                likely &= part[1 : len(part) - len(needle) + 2] == needle[1]
            found.append(np.flatnonzero(likely) + first)
        places = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        return _agreeing(data, places, needle, range(2, len(needle)))

    def _owner(self, place: int) -> int:
        """The number of the text in which a place is, read without the rest."""
        owner = self._one("owners", place >> STRIDE_BITS)
        while self._one("starts", owner + 1) <= place:
            owner += 1
        return owner

    def _one(self, part: str, number: int) -> int:
        first = number * PLACE_BYTES
        data = self._sections.part(f"{self._name}.{part}", first, first + PLACE_BYTES)
        return int.from_bytes(data, sys.byteorder)

    def _array(self, part: str, kind: Any) -> NDArray[Any]:
        return np.frombuffer(self._sections.whole(f"{self._name}.{part}"), dtype=kind)


class Grams(Texts):
    """Texts with a way in by every three bytes."""

    def __init__(self, sections: Sections, name: str) -> None:
        super().__init__(sections, name)
        self._codes = self._array("codes", np.uint32)
        self._bounds = self._array("bounds", np.uint32)

    def near(self, text: bytes, most: int) -> Places:
        """So many texts that share the most of every three bytes, those of like length first.

        What is everywhere tells little: of the bytes that lead to the fewest places, as many count
        as lead to `NEAR_PLACES_MAX`, but one at least.
        """
        grams = {text[at : at + GRAM_BYTES] for at in range(len(text) - GRAM_BYTES + 1)}
        ranges = sorted((self._range(gram) for gram in grams), key=lambda row: row[1] - row[0])
        starts, owners = self._array("starts", np.uint32), self._array("owners", np.uint32)
        sharing = [np.zeros(0, dtype=np.int64)]
        places = 0
        for first, end in ranges:
            places += end - first
            if places > NEAR_PLACES_MAX and len(sharing) > 1:
                break
            if first < end:
                sharing.append(np.unique(_owners(self._occurrences(first, end), starts, owners)))
        numbers, votes = np.unique(np.concatenate(sharing), return_counts=True)
        lengths = starts[numbers + 1].astype(np.int64) - starts[numbers]
        unlike = np.abs(lengths - len(text))
        return numbers[np.lexsort((numbers, unlike, -votes))[:most]]

    def _places(self, needle: bytes) -> Places:
        if len(needle) <= GRAM_BYTES:
            return self._occurrences(*self._range(needle))
        ranges = [
            (self._range(needle[at : at + GRAM_BYTES]), at)
            for at in range(len(needle) - GRAM_BYTES + 1)
        ]
        (first, end), at = min(ranges, key=lambda found: found[0][1] - found[0][0])
        places = self._occurrences(first, end) - at
        others = [*range(at), *range(at + GRAM_BYTES, len(needle))]
        if len(places) <= FEW_PLACES:
            return self._compared(places, needle)
        return _agreeing(self._array("bytes", np.uint8), places, needle, others)

    def _range(self, gram: bytes) -> tuple[int, int]:
        """From where to where the places of what begins with up to three bytes are."""
        short = GRAM_BYTES - len(gram)
        low = int.from_bytes(gram, "big") << 8 * short
        first = np.searchsorted(self._codes, np.uint32(low))
        end = np.searchsorted(self._codes, np.uint32(low + (1 << 8 * short)))
        return int(self._bounds[first]), int(self._bounds[end])

    def _occurrences(self, first: int, end: int) -> Places:
        name = f"{self._name}.places"
        part = self._sections.part(name, first * PLACE_BYTES, end * PLACE_BYTES)
        return np.frombuffer(part, dtype=np.uint32).astype(np.int64)

    def _compared(self, places: Places, needle: bytes) -> Places:
        name = f"{self._name}.bytes"
        last = self._bytes - len(needle)
        kept = [
            place
            for place in places.tolist()
            if 0 <= place <= last
            and self._sections.part(name, place, place + len(needle)) == needle
        ]
        return np.array(kept, dtype=np.int64)


def _agreeing(
    data: NDArray[np.uint8], places: Places, needle: bytes, others: Iterable[int]
) -> Places:
    """The places at which these bytes of the needle stand too."""
    places = places[(places >= 0) & (places <= len(data) - len(needle))]
    for at in others:
        same = data[at:].take(places) == needle[at]
        if not same.all():
            places = places[same]
    return places


def _owners(places: Places, starts: NDArray[np.uint32], owners: NDArray[np.uint32]) -> Places:
    """The numbers of the texts in which these places are."""
    found: Places = owners[places >> STRIDE_BITS].astype(np.int64)
    while True:
        later = starts[found + 1] <= places
        if not later.any():
            return found
        found += later


def _grams(data: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
    count = max(0, len(data) - GRAM_BYTES + 1)
    keys = np.arange(count, dtype=np.uint64)
    for at in range(GRAM_BYTES):
        shift = np.uint64(32 + 8 * (GRAM_BYTES - 1 - at))
        keys |= data[at : at + count].astype(np.uint64) << shift
    keys.sort()
    places = keys.astype(np.uint32)
    codes = (keys >> np.uint64(32)).astype(np.uint32)
    del keys
    firsts = np.flatnonzero(np.diff(codes, prepend=np.uint32(0xFFFFFFFF)))
    bounds = np.append(firsts, len(codes)).astype(np.uint32)
    return {"codes": codes[firsts], "bounds": bounds, "places": places}


def _frequent(
    data: NDArray[np.uint8],
    starts: NDArray[np.uint32],
    owners: NDArray[np.uint32],
    alphabet: Places,
    having: Having,
) -> Iterator[tuple[bytes, NDArray[np.uint8]]]:
    """What many have, the shorter first, with a bit for each that has texts, packed."""
    least = max(FREQUENT_MIN, int(having.size * FREQUENT_SHARE))
    weights = np.diff(having.starts)
    heaviest = int(weights.max(initial=0))
    waiting: deque[tuple[bytes, Places]] = deque()
    firsts = ((bytes([byte]), np.flatnonzero(data == byte)) for byte in alphabet.tolist())
    for gram, where in chain(firsts, _emptied(waiting)):
        if gram == END or END in gram[:-1]:
            continue
        if len(where) * heaviest < least:
            continue
        texts = _owners(where, starts, owners)
        chosen = np.zeros(len(starts) - 1, dtype=np.bool_)
        chosen[texts] = True
        flags = np.zeros(having.size, dtype=np.bool_)
        flags[having.who[np.repeat(chosen, weights)]] = True
        if np.count_nonzero(flags) < least:
            continue
        yield gram, np.packbits(flags)
        following = data.take(where + len(gram), mode="clip")
        counts: Sequence[float] = np.bincount(following, weights[texts], minlength=256).tolist()
        waiting.extend(
            (gram + bytes([byte]), where[following == byte])
            for byte, times in enumerate(counts)
            if times >= least
        )


def _emptied(waiting: deque[T]) -> Iterator[T]:
    while waiting:
        yield waiting.popleft()
