"""What nobody takes: rejected events and unreadable spool files, kept with the reason.

    quarantine/events.ndjson      {"at", "reason", "event"} a line: events rejected for good
    quarantine/<segment>          a segment that is damaged, as it is
    quarantine/segments.ndjson    {"at", "reason", "segment"} a line

Nothing here is ever removed by Headwater. Once the cause is gone, `headwater import` takes what is
in `events.ndjson`: see `events`.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from headwater.capture.location import QUARANTINE
from headwater.openlineage.times import iso

EVENTS: Final = "events.ndjson"
SEGMENTS: Final = "segments.ndjson"


class Kept(NamedTuple):
    """Something in quarantine: since when, why, and what (the event's or the file's name)."""

    at: str
    reason: str
    what: str


def keep_event(root: Path, event: bytes, reason: str) -> None:
    """Keep an event that was rejected."""
    _append(root / QUARANTINE / EVENTS, {"reason": reason, "event": event.decode()})


def keep_segment(root: Path, segment: Path, reason: str) -> None:
    """Keep a copy of a damaged segment."""
    copy = root / QUARANTINE / segment.name
    if copy.exists():
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    beside = copy.with_suffix(".new")
    shutil.copyfile(segment, beside)
    beside.replace(copy)
    _append(root / QUARANTINE / SEGMENTS, {"reason": reason, "segment": segment.name})


def kept(root: Path) -> Iterator[Kept]:
    """List what is in quarantine."""
    for name, member in ((EVENTS, "event"), (SEGMENTS, "segment")):
        try:
            lines = (root / QUARANTINE / name).read_text("utf-8").splitlines()
        except OSError:
            continue
        for line in lines:
            try:
                found = json.loads(line)
                yield Kept(str(found["at"]), str(found["reason"]), str(found[member]))
            except (ValueError, KeyError, TypeError):
                yield Kept("", "this line cannot be read", line[:200])


def _append(path: Path, members: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"at": iso(time.time_ns() // 1_000), **members}) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
