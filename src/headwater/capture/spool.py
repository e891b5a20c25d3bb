"""The spool: records of a process on disk, safe from the moment that `append` returns.

One process writes one segment after another, `<stem>.<number>.spool`, and nobody else writes them.
A record is one `os.write`:

    length   4 bytes, little-endian: bytes of the JSON
    crc32    4 bytes, little-endian: of the JSON
    JSON     an object in ASCII

The first record of a segment names its process and its format. A segment is locked (`flock`) while
its process may still write to it; a process is alive while one of its segments is locked. What a
process that dies leaves behind is whole but for its last record, which may be torn.

What was appended survives the death of the process, SIGKILL included. It is not fsynced: a loss of
power can take the last seconds.

Trusted? No. Whoever can write here can record falsehoods in this user's name.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

try:
    import fcntl
except ImportError:  # Windows: segments are written, and no process is ever taken for dead
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

FORMAT: Final = 1
SUFFIX: Final = ".spool"
HEADER_BYTES: Final = 8
RECORD_BYTES_MAX: Final = 1024 * 1024
"""JSON of one record. A longer one is not written, and counted as lost."""
SEGMENT_BYTES_MAX: Final = 8 * 1024 * 1024
"""A segment is closed, and the next begun, before it grows beyond."""

Record = dict[str, Any]

_NAME: Final = r"([0-9a-f]{16}-[0-9]+-[0-9a-f]{8})\.([0-9]{4,9})\.spool"
_encode = json.JSONEncoder(separators=(",", ":"), default=lambda value: plain(value)).encode


def frame(record: Record) -> bytes:
    """Write a record as it stands in a segment. Raises `ValueError` beyond `RECORD_BYTES_MAX`."""
    body = _encode(record).encode("ascii")
    if len(body) > RECORD_BYTES_MAX:
        raise ValueError(
            f"a record of {len(body):,} bytes; the limit is {RECORD_BYTES_MAX:,} (RECORD_BYTES_MAX)"
        )
    return len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body


def plain(value: object) -> object:
    """Make JSON of what is none: numbers of numpy and the like, paths, sets; else their `repr`."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) in (0, None):
        return item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return repr(value)[:1000]


class Segment:
    """A segment that this process writes. Not thread-safe: the recorder holds a lock."""

    def __init__(self, folder: str, stem: str, number: int) -> None:
        """Make the file, locked before anybody can see it under its name. Raises `OSError`."""
        name = f"{stem}.{number:04}{SUFFIX}"
        self.path = os.path.join(folder, name)
        self.stem = stem
        self.size = 0
        unseen = os.path.join(folder, f".{name}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(unseen, flags, 0o644)
        try:
            if _HAS_LOCKS:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.rename(unseen, self.path)
        except BaseException:
            self.close()
            with contextlib.suppress(OSError):
                os.unlink(unseen)
            raise

    def append(self, framed: bytes) -> None:
        """Write one framed record, whole or not at all. Raises `OSError`, on a full disk too."""
        written = os.write(self._descriptor, framed)
        if written != len(framed):
            # The disk is full. Half a record would hide all that comes behind it.
            os.ftruncate(self._descriptor, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)
        self.size += written

    def close(self) -> None:
        """Give up the file and its lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Held(NamedTuple):
    """A segment as a reader finds it: whose (`stem`), which in order, and where."""

    stem: str
    number: int
    path: str


def segments(folder: str) -> list[Held]:
    """List the segments in `folder`, processes by the time they began, each in its order."""
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(folder):
            match = re.fullmatch(_NAME, name)
            if match:
                found.append(Held(match[1], int(match[2]), os.path.join(folder, name)))
    return sorted(found)


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
    """One record, and the offset behind it."""

    record: Record
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
        yield Read(json.loads(body), start + place)
