"""What waits in a spool, since when, what could not be written to it, and why nobody takes it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from headwater.capture import segments
from headwater.capture.location import SPOOL
from headwater.capture.segments import Read
from headwater.errors import HeadwaterError
from headwater.openlineage.times import iso
from headwater.shipping.streams import Stream, loss, losses, streams

REFUSED: Final = "ship.refused"
"""In the spool: why the last shipping delivered nothing, and since when that is so."""


class Process(NamedTuple):
    """What waits of one process; `job` is that of the first event which does."""

    pid: int
    began: str
    recording: bool
    events: int
    bytes: int
    job: str


class Refused(NamedTuple):
    """Why nobody took events, since when none did, and when that was tried last."""

    since: str
    at: str
    reason: str
    remedy: str


class Status(NamedTuple):
    """What waits in a spool: process by process, and what of it cannot be read."""

    processes: list[Process]
    damage: list[str]

    def counts(self) -> dict[str, int]:
        """Count `events` and `bytes`, of `processes`, of which `running` still go on."""
        return {
            "events": sum(one.events for one in self.processes),
            "processes": sum(bool(one.events) for one in self.processes),
            "running": sum(one.recording for one in self.processes),
            "bytes": sum(one.bytes for one in self.processes),
        }


def look(root: Path) -> Status:
    """Look at all that is in the spool of the store `root`."""
    found = streams(root / SPOOL)
    processes = [_process(root / SPOOL, one) for one in found]
    return Status(processes, [each.reason for one in found for each in one.damage])


def _process(folder: Path, stream: Stream) -> Process:
    began, pid, _ = stream.stem.split("-")
    events, job = 0, ""
    for event in stream.events(hash_files=False):
        events += 1
        job = job or str(json.loads(event)["job"]["name"])
    size = sum(_size(path) for path in folder.glob(f"{stream.stem}.*"))
    at = iso(int(began, 16) // 1_000)
    return Process(int(pid), at, not stream.dead, events, size, job)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it was shipped meanwhile
        return 0


def dropped(root: Path) -> list[str]:
    """Tell what processes in a spool could not write to it, how much of it, and why.

    Once their records are shipped, these are gaps of their runs.
    """
    found = [f"{loss(path)} (process {path.name.split('-')[1]})" for path in losses(root / SPOOL)]
    for each in segments.held(str(root / SPOOL)):
        with suppress(FileNotFoundError):  # it was shipped meanwhile
            records = [one.record for one in segments.read(each.path) if isinstance(one, Read)]
            found += [_lost(one) for one in records if one["k"] == "lost"]
    return found


def _lost(record: dict[str, Any]) -> str:
    return str(record.get("what") or f"{record['n']:,} records: {record['why']}")


@contextmanager
def noting(root: Path) -> Iterator[None]:
    """Note why what the block does fails to deliver; once it does not, that is forgotten.

    Pipelines start shipping where nobody sees what it says.
    """
    path = root / SPOOL / REFUSED
    try:
        yield
    except (HeadwaterError, OSError) as error:
        reason, remedy = str(error), ""
        if isinstance(error, HeadwaterError):
            reason, remedy = error.message, error.remedy or ""
        now = iso(time.time_ns() // 1_000)
        before = refused(root)
        said = Refused(before.since if before else now, now, reason, remedy)
        with suppress(OSError):
            path.write_text(json.dumps(said._asdict()))
        raise
    path.unlink(missing_ok=True)


def refused(root: Path) -> Refused | None:
    """Tell why nobody takes what is in the spool; None where the last shipping delivered it."""
    try:
        return Refused(**json.loads((root / SPOOL / REFUSED).read_text()))
    except (OSError, ValueError, TypeError):
        return None
