"""The one writer of a store: a `flock`, and who holds it.

The lock is on `writer.json` itself, which its holder fills with `{"pid", "boot", "url"}` and
empties again (`{}`) when it ends. A lock dies with its process, so a filled file that nobody locks
names a writer that ended in the middle; it is never a reason to wait.

Trusted? No: whoever controls the file can stop writers, not make two write. A commit also names
its epoch, so that a writer whose lock was broken stops at its next commit.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

from headwater.errors import StoreBusy
from headwater.store import layout

WAIT_SECONDS = 5.0
POLL_SECONDS = 0.02
HOLDER_BYTES_MAX = 4096
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
IDLE = b"{}\n"


class Holder(NamedTuple):
    """Who holds, or held, the writer's lock; `url` is where a service takes events."""

    pid: int
    boot: str | None
    url: str | None


class Lock:
    """The writer's lock, held from construction until `release`."""

    def __init__(self, root: Path, *, url: str | None = None, wait: float = WAIT_SECONDS) -> None:
        """Take the lock, waiting up to `wait` seconds for a short writer.

        Raises `StoreBusy` naming the holder: at once when it is a service, else after the wait.
        """
        path = layout.inside(root, layout.WRITER)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(path, flags, 0o644)
        try:
            _acquire(self._descriptor, root, wait)
            self._before = os.pread(self._descriptor, HOLDER_BYTES_MAX, 0)
            holder = {"pid": os.getpid(), "boot": boot_id(), "url": url}
            _write(self._descriptor, json.dumps(holder).encode() + b"\n")
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Empty the file and let the next writer in."""
        if self._descriptor >= 0:
            _write(self._descriptor, IDLE)
            self.abandon()

    def withdraw(self) -> None:
        """Let the next writer in, leaving the file as it was found: nothing was written."""
        if self._descriptor >= 0:
            _write(self._descriptor, self._before or IDLE)
            self.abandon()

    def abandon(self) -> None:
        """Let the next writer in, leaving the file as a dead process would."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def holder(root: Path) -> Holder | None:
    """Name who stands in `writer.json`, be it alive or not; None when nobody does."""
    try:
        text = layout.inside(root, layout.WRITER).read_bytes()[:HOLDER_BYTES_MAX]
        fields = json.loads(text)
        return Holder(int(fields["pid"]), fields.get("boot"), fields.get("url"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def locked(root: Path) -> bool:
    """Whether some process holds the lock now."""
    try:
        descriptor = os.open(layout.inside(root, layout.WRITER), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def boot_id() -> str | None:
    """Name this boot of the machine, so that a pid of an earlier one is not taken for alive."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return None


def _acquire(descriptor: int, root: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = holder(root)
            if (who is not None and who.url is not None) or time.monotonic() >= deadline:
                raise _busy(root, who, wait) from None
            time.sleep(POLL_SECONDS)
        else:
            return


def _busy(root: Path, who: Holder | None, wait: float) -> StoreBusy:
    if who is None:
        return StoreBusy(
            f"another process is writing to {root}",
            remedy="try again when it has ended; nothing was written",
        )
    if who.url is not None:
        return StoreBusy(
            f"{root} is written by the service at {who.url} (pid {who.pid})",
            remedy=f"send the events there, or stop the service (kill {who.pid})",
        )
    return StoreBusy(
        f"process {who.pid} is writing to {root} and did not end within {wait:g} s",
        remedy="try again when it has ended; nothing was written",
    )


def _write(descriptor: int, data: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, data, 0)
