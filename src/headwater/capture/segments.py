"""Segments as a reader finds them: whose, whether their process lives, and what is in them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from headwater.capture.spool import HEADER_BYTES, RECORD_BYTES_MAX, Record

try:
    import fcntl
except ImportError:  # Windows: segments are written, and no process is ever taken for dead
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

_NAME: Final = r"([0-9a-f]{16}-[0-9]+-[0-9a-f]{8})\.([0-9]{4,9})\.spool"


class Held(NamedTuple):
    """A segment as a reader finds it: whose (`stem`), which in order, and where."""

    stem: str
    number: int
    path: str


def held(folder: str) -> list[Held]:
    """List the segments in `folder`, processes by the time they began, each in its order."""
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(folder):
            match = re.fullmatch(_NAME, name)
            if match:
                found.append(Held(match[1], int(match[2]), os.path.join(folder, name)))
    return sorted(found)


def by_process(folder: str) -> dict[str, list[int]]:
    """List the numbers of the segments in `folder` by their stems, as `held` orders them."""
    found: dict[str, list[int]] = {}
    for one in held(folder):
        found.setdefault(one.stem, []).append(one.number)
    return found


def is_live(path: str) -> bool:
    """Whether the process of a segment may still write to it. A file that is gone is not live."""
    if not _HAS_LOCKS:
        return True
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class Read(NamedTuple):
    """One record, its JSON, and the offset behind it."""

    record: Record
    body: bytes
    end: int


class Torn(NamedTuple):
    """Bytes at which reading stops: from `start` to the end of the file, and why.

    `torn` says that they are the beginning of one record, which a process that dies leaves; the
    rest is damage.
    """

    start: int
    reason: str
    torn: bool


def read(path: str, start: int = 0) -> Iterator[Read | Torn]:
    """Read the records of a segment from `start` on, up to the first that is not whole.

    That one, if there is any, comes last as `Torn`. Of a segment that is still written it may be a
    record on its way. Raises `OSError`.
    """
    with open(path, "rb") as file:
        file.seek(start)
        data = file.read()
    yield from records(data, start)


def records(data: bytes, start: int = 0) -> Iterator[Read | Torn]:
    """Read the records in the bytes of a segment from `start` on, as `read` does."""
    place = 0
    while place < len(data):
        rest = len(data) - place - HEADER_BYTES
        length = int.from_bytes(data[place : place + 4], "little")
        if rest >= 0 and length > RECORD_BYTES_MAX:
            yield Torn(start + place, f"no record is {length:,} bytes long", torn=False)
            return
        if length > rest:
            yield Torn(start + place, "its last record is cut short", torn=True)
            return
        body = data[place + HEADER_BYTES : place + HEADER_BYTES + length]
        if zlib.crc32(body) != int.from_bytes(data[place + 4 : place + 8], "little"):
            yield Torn(start + place, "a record does not have its checksum", torn=length == rest)
            return
        place += HEADER_BYTES + length
        yield Read(json.loads(body), body, start + place)
