"""The spool: records of a process on disk, safe from the moment that `append` returns.

One process writes one segment after another, `<stem>.<number>.spool`, and nobody else writes them.
A record is one `os.write`:

    length   4 bytes, little-endian: bytes of the JSON
    crc32    4 bytes, little-endian: of the JSON
    JSON     an object in ASCII

The first record of a segment names its process and its format. A segment is locked (`flock`) while
its process may still write to it; a process is alive while one of its segments is locked. What a
process that dies leaves behind is whole but for its last record, which may be torn.

Its descriptor is one that programs do not count on: theirs are numbered as without us. A program
may close it all the same, as daemons close all that they find open, and the number may be of a
file of the program's then. So each record is written only where the file ends at which this one is
to end, and once a second the file is looked at: whether it is this one, and still there.

Where nothing can be appended, an empty file beside the segments says so (`LOSS`), until it can be:
a full disk has room for that.

What was appended survives the death of the process, SIGKILL included. It is not fsynced: a loss of
power can take the last seconds.

Trusted? No. Whoever can write here can record falsehoods in this user's name.
"""

from __future__ import annotations

import errno
import os
import zlib

from headwater.capture.encoding import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, TypeAlias


try:
    import fcntl
except ImportError:  # Windows: segments are written, and no process is ever taken for dead
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

FORMAT: Final = 1
SUFFIX: Final = ".spool"
LOSS: Final = ".lost"
"""An empty file `<stem>.<errno>.lost` says that some records of a process could not be written."""
HEADER_BYTES: Final = 8
RECORD_BYTES_MAX: Final = 1024 * 1024
"""JSON of one record. A longer one is not written, and counted as lost."""
SEGMENT_BYTES_MAX: Final = 8 * 1024 * 1024
"""A segment is closed, and the next begun, before it grows beyond."""
DESCRIPTOR_MIN: Final = 512
"""Descriptors are numbered from here on, where the limit of open files lets them."""


Record: TypeAlias = "dict[str, Any]"


def frame(record: Record) -> bytes:
    """Write a record as it stands in a segment. Raises `ValueError` beyond `RECORD_BYTES_MAX`."""
    return framed(encode(record))


def framed(text: str) -> bytes:
    """Write the JSON of a record as it stands in a segment. Raises `ValueError` as `frame` does."""
    body = text.encode("ascii")
    if len(body) > RECORD_BYTES_MAX:
        raise ValueError(
            f"a record of {len(body):,} bytes; the limit is {RECORD_BYTES_MAX:,} (RECORD_BYTES_MAX)"
        )
    return enclosed(body)


def enclosed(body: bytes) -> bytes:
    """Put before the JSON of a record what stands before it in a segment."""
    return len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body


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
        self._descriptor = _out_of_the_way(os.open(unseen, flags, 0o644))
        self.is_removed = False
        """Whether somebody has removed the file, as `is_open` found."""
        found = os.fstat(self._descriptor)
        self._file = (found.st_ino, found.st_dev)
        try:
            if _HAS_LOCKS:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.rename(unseen, self.path)
        except BaseException:
            self.close()
            try:
                os.unlink(unseen)
            except OSError:
                pass  # it was renamed by then
            raise

    def is_at_its_end(self) -> bool:
        """Whether the descriptor is where the last record ended, as one of another file hardly is.

        To look at the file itself costs more than to write to it: a file that was looked at gets
        exact times at its next write (Linux), and its inode is written with it.
        """
        try:
            return os.lseek(self._descriptor, 0, os.SEEK_CUR) == self.size
        except OSError:
            return False

    def is_open(self) -> bool:
        """Whether the descriptor is still of this file: the program may have closed it."""
        try:
            found = os.fstat(self._descriptor)
        except OSError:
            return False
        self.is_removed = not found.st_nlink
        return (found.st_ino, found.st_dev) == self._file

    def append(self, data: bytes) -> None:
        """Write one framed record, whole or not at all. Raises `OSError`, on a full disk too.

        To be called where `is_at_its_end` or `is_open` has just said so.
        """
        written = os.write(self._descriptor, data)
        if written != len(data):
            # The disk is full. Half a record would hide all that comes behind it.
            os.ftruncate(self._descriptor, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)
        self.size += written

    def close(self) -> None:
        """Give up the file and its lock."""
        if self.is_open():
            os.close(self._descriptor)
        self._descriptor = -1


def _out_of_the_way(descriptor: int) -> int:
    """Give a file a number at which no program expects one of its own."""
    if not _HAS_LOCKS:
        return descriptor
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, DESCRIPTOR_MIN)
    except OSError:  # fewer files may be open
        return descriptor
    os.close(descriptor)
    return moved
