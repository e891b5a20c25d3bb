"""Digests that the shipper took for a process, kept before an event with them is given.

Appended to `<stem>.digests`, a line of JSON each: which of those that were put off, in the order in
which they were asked for, and the digest. A file may be another by the next time, and the event may
not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from headwater.capture import digests


class Settled:
    """The digests of one process that were settled, by their place among all of them."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        """How many were asked for so far."""
        self._path = path
        self._known: dict[int, digests.Digest] = {}
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        self._is_torn = bool(data) and not data.endswith(b"\n")
        for line in data.splitlines():
            try:
                place, digest = json.loads(line)
                self._known[place] = digest
            except (ValueError, TypeError):
                continue  # whoever wrote it died at that; no event with it was given

    def settle(self, path: str, put_off: digests.Digest) -> digests.Digest:
        """Give the next digest; taken now, if it was not before. Raises `OSError`."""
        place, self.count = self.count, self.count + 1
        if place not in self._known:
            self._known[place] = digests.settle(path, put_off)
            line = f"{json.dumps([place, self._known[place]])}\n"
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(descriptor, f"{chr(10) * self._is_torn}{line}".encode("ascii"))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._is_torn = False
        return self._known[place]

    def forget(self) -> None:
        """Take away what was settled so far: what came of it is kept elsewhere."""
        self._known.clear()
        self._path.unlink(missing_ok=True)
