"""The segments of one process as one stream of records, and how far it was delivered.

Beside its segments a process has, in the spool, `<stem>.cursor` (how many of its events were
delivered) and `<stem>.digests` (what the shipper hashed for it). Both are written here alone. The
cursor only saves work: without it the same events are given again, and found to be there already.
The digests are kept before an event with them is given, so that it never changes.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from headwater.capture import digests, segments
from headwater.capture.spool import Record
from headwater.shipping import quarantine
from headwater.shipping.translating import Translator


class Stream:
    """What one process recorded, from where the last look ended."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.stem = stem
        self.delivered = _read_cursor(folder / f"{stem}.cursor")
        self._folder = folder
        self._translator = Translator()
        self._number = 0
        self._offset = 0
        self._given = 0
        self._put_off = 0
        self._digests = _Digests(folder / f"{stem}.digests")
        self.dead = False
        self.damage: str | None = None

    def events(self, *, hash_files: bool = True) -> Iterator[bytes]:
        """Give the events that were not delivered yet, as far as the process has got.

        Without `hash_files`, digests that were put off stay so: for looking, not for delivering.
        """
        # First whether it lives, then what it wrote: so nothing is missed of one that just died.
        held = [one for one in segments.held(str(self._folder)) if one.stem == self.stem]
        dead = not any(segments.is_live(one.path) for one in held)
        for one in held:
            if one.number < self._number:
                continue
            if one.number > self._number:
                self._number, self._offset = one.number, 0
            for record in self._records(Path(one.path), last=one is held[-1] and not dead):
                yield from self._undelivered(record, hash_files=hash_files)
        if dead and not self.dead:
            self.dead = True
            for event in self._translator.close():
                yield from self._count(event)

    def confirm(self, delivered: int) -> None:
        """Remember that so many more events were delivered, or are in quarantine."""
        self.delivered += delivered
        path = self._folder / f"{self.stem}.cursor"
        beside = path.with_suffix(".cursor-new")
        beside.write_text(json.dumps({"events": self.delivered}))
        beside.replace(path)

    def remove(self) -> None:
        """Take the files of a process away that has ended and was delivered whole.

        The cursor goes last: a shipper that dies here begins with nothing, not from the start.
        """
        for one in segments.held(str(self._folder)):
            if one.stem == self.stem:
                Path(one.path).unlink(missing_ok=True)
        for suffix in ("digests", "cursor"):
            (self._folder / f"{self.stem}.{suffix}").unlink(missing_ok=True)

    def _records(self, path: Path, *, last: bool) -> Iterator[Record]:
        try:
            for found in segments.read(str(path), self._offset):
                if isinstance(found, segments.Torn):
                    if not last:
                        self._cut(path, found)
                    return
                self._offset = found.end
                yield found.record
        except FileNotFoundError:
            return

    def _cut(self, path: Path, found: segments.Torn) -> None:
        if found.torn:
            return  # what a process leaves that dies in the middle of a record
        self.damage = f"{path.name}: {found.reason} at byte {found.start:,}"
        quarantine.keep_segment(self._folder.parent, path, self.damage)

    def _undelivered(self, record: Record, *, hash_files: bool) -> Iterator[bytes]:
        if hash_files and "later" in (record.get("digest") or {}):
            settled = self._digests.settle(self._put_off, record["path"], record["digest"])
            record = {**record, "digest": settled}
            self._put_off += 1
        for event in self._translator.translate(record):
            yield from self._count(event)

    def _count(self, event: bytes) -> Iterator[bytes]:
        self._given += 1
        if self._given > self.delivered:
            yield event


def streams(folder: Path) -> list[Stream]:
    """Find the processes that have something in the spool, in the order in which they began."""
    stems = (stem for stem, _ in groupby(segments.held(str(folder)), key=lambda one: one.stem))
    return [Stream(folder, stem) for stem in stems]


class _Digests:
    """What was hashed for one process, in the order in which it was asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: list[dict[str, Any]] = []
        with contextlib.suppress(FileNotFoundError):
            for line in path.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    self._known.append(json.loads(line))

    def settle(self, place: int, path: str, put_off: digests.Digest) -> digests.Digest:
        if place == len(self._known):
            self._known.append(digests.settle(path, put_off))
            text = "".join(f"{json.dumps(one)}\n" for one in self._known)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        return self._known[place]


def _read_cursor(path: Path) -> int:
    try:
        return int(json.loads(path.read_text())["events"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
