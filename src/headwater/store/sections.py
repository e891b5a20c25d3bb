"""Cache files that are mapped into memory and read in parts, each part checked when it is touched.

    seal       32 bytes, keyed, over the header
    length      8 bytes, big-endian, of the header
    header     msgpack: what it is about, where each section lies, SHA-256 of every chunk
    sections   each from a multiple of `ALIGNMENT_BYTES` on

A cold command thus pays for what it visits, and nothing that is damaged is ever used.

Trusted? No: what its seal or a digest does not hold is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from headwater.errors import CacheDamaged
from headwater.store import layout, sealing

ALIGNMENT_BYTES = 64
CHUNK_BYTES = 65_536
SEAL_BYTES = 32
LENGTH_BYTES = 8


class _Header(msgspec.Struct, array_like=True):
    about: bytes
    places: dict[str, tuple[int, int]]
    digests: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Header)


class Sections(Protocol):
    """Named byte strings."""

    about: bytes

    @property
    def damaged(self) -> bool:
        """Whether a part was found to be damaged: nothing of it is to be used any more."""
        ...

    def length(self, name: str) -> int:
        """How many bytes a section has."""
        ...

    def whole(self, name: str) -> memoryview:
        """All bytes of a section. Raises `CacheDamaged` where they are damaged."""
        ...

    def part(self, name: str, start: int, end: int) -> memoryview:
        """Bytes of a section from `start` to `end`. Raises `CacheDamaged` where not as written."""
        ...


class Held:
    """Sections in memory: what could not be kept."""

    damaged = False

    def __init__(self, about: bytes, sections: Mapping[str, memoryview]) -> None:
        self.about = about
        self._sections = {
            name: content.cast("B") if content.nbytes else memoryview(b"")
            for name, content in sections.items()
        }

    def length(self, name: str) -> int:
        """See `Sections`; so for what follows."""
        return self._sections[name].nbytes

    def whole(self, name: str) -> memoryview:
        """See `Sections`."""
        return self._sections[name]

    def part(self, name: str, start: int, end: int) -> memoryview:
        """See `Sections`."""
        return self._sections[name][start:end]


class Mapped:
    """A mapped file. Parts that were checked once are not checked again."""

    def __init__(self, path: Path, secret: bytes) -> None:
        """Map the file. Raises `OSError` where there is none, `ValueError` for a false seal."""
        self._path = path
        self.damaged = False
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start = SEAL_BYTES + LENGTH_BYTES
        length = int.from_bytes(self._map[SEAL_BYTES:start], "big")
        header = self._map[start : start + length]
        seal = sealing.seal_file(secret, path.name, header)
        if not hmac.compare_digest(self._map[:SEAL_BYTES], seal):
            raise ValueError(path.name)
        decoded = _decoder.decode(header)
        self.about = decoded.about
        self._places = decoded.places
        self._digests = decoded.digests
        self._data = memoryview(self._map)[_aligned(start + length) :]
        self._checked = bytearray(len(decoded.digests) // hashlib.sha256().digest_size)

    def length(self, name: str) -> int:
        """See `Sections`."""
        return self._places[name][1]

    def whole(self, name: str) -> memoryview:
        """See `Sections`."""
        return self.part(name, 0, self.length(name))

    def part(self, name: str, start: int, end: int) -> memoryview:
        """See `Sections`."""
        offset, _ = self._places[name]
        start, end = start + offset, end + offset
        for chunk in range(start // CHUNK_BYTES, -(-end // CHUNK_BYTES)):
            if not self._checked[chunk]:
                self._check(chunk)
        return self._data[start:end]

    def sound(self) -> bool:
        """Whether every byte is as it was written."""
        return all(self._holds(chunk) for chunk in range(len(self._checked)))

    def _check(self, chunk: int) -> None:
        if not self._holds(chunk):
            self.damaged = True
            with contextlib.suppress(OSError):
                self._path.unlink()
            raise CacheDamaged(
                f"the cache {self._path} was damaged and has been dropped",
                remedy="ask again: it is made anew",
            )
        self._checked[chunk] = 1

    def _holds(self, chunk: int) -> bool:
        size = hashlib.sha256().digest_size
        data = self._data[chunk * CHUNK_BYTES : (chunk + 1) * CHUNK_BYTES]
        return hashlib.sha256(data).digest() == self._digests[chunk * size : (chunk + 1) * size]


def write(path: Path, secret: bytes, about: bytes, sections: Mapping[str, memoryview]) -> None:
    """Replace the file at `path` at once. Raises `OSError`."""
    places: dict[str, tuple[int, int]] = {}
    data = bytearray()
    for name, content in sections.items():
        data += bytes(_aligned(len(data)) - len(data))
        places[name] = (len(data), content.nbytes)
        if content.nbytes:
            data += content.cast("B")
    chunks = range(0, len(data), CHUNK_BYTES)
    view = memoryview(data)
    digests = b"".join(
        hashlib.sha256(view[first : first + CHUNK_BYTES]).digest() for first in chunks
    )
    header = _encoder.encode(_Header(about, places, digests))
    start = (
        sealing.seal_file(secret, path.name, header)
        + len(header).to_bytes(LENGTH_BYTES, "big")
        + header
    )
    start += bytes(_aligned(len(start)) - len(start))
    layout.write_durably(path, start + view)


def _aligned(place: int) -> int:
    return -(-place // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
