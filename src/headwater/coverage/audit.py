"""What the operating system saw beside what was captured: how much is covered, every gap by name.

A read or write counts as captured where a run of the process that did it, or of one that started
it, has it: as the file, as a folder that it is in, or as a table of the database that it is. What a
file is called in the end is what a write has to be captured as.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from headwater.capture.location import SPOOL
from headwater.coverage import strace
from headwater.coverage.seen import READ, WRITE, File, Process, Watching
from headwater.shipping.streams import Stream, streams

_DATABASES: Final = ("sqlite", "duckdb")
_IN_C: Final = "in code that no adapter sees; headwater lint may show where"
_UNREACHED: Final = "no Python process that capture reaches"
_MOVED: Final = "moved afterwards by something that capture does not reach"


class Captured:
    """What was captured of the processes of a command, from their records in the spool."""

    def __init__(self, root: Path, since: frozenset[str]) -> None:
        """Read the records of processes in the spool of `root` that were not there before."""
        self.gaps: list[str] = []
        self.processes: set[int] = set()
        self._paths: dict[tuple[int, str], set[str]] = {}
        self._servers: set[tuple[int, str]] = set()
        for stream in streams(root / SPOOL):
            if stream.stem not in since:
                self._read(stream)

    def has(self, process: Process, role: str, names: Iterable[str]) -> bool:
        """Whether a file of one of these names was captured in a role, by a process or above it."""
        for one in process.lineage():
            paths = self._paths.get((one.pid, role), ())
            if any(folder in paths for name in names for folder in _upward(name)):
                return True
        return False

    def is_connected(self, process: Process, port: int) -> bool:
        """Whether tables behind a port were captured."""
        return any((one.pid, str(port)) in self._servers for one in process.lineage())

    def _read(self, stream: Stream) -> None:
        pid = int(stream.stem.split("-")[1])
        self.processes.add(pid)
        for event in map(json.loads, stream.events(hash_files=False)):
            gaps = event["run"]["facets"].get("headwater_capture", {}).get("gaps", ())
            self.gaps += [one for one in gaps if one not in self.gaps]
            for role, datasets in ((READ, event["inputs"]), (WRITE, event["outputs"])):
                for one in datasets:
                    self._note(pid, role, one["namespace"], one["name"])

    def _note(self, pid: int, role: str, namespace: str, name: str) -> None:
        scheme, _, rest = namespace.partition("://")
        if scheme == "file":
            self._paths.setdefault((pid, role), set()).add(name)
        elif scheme in _DATABASES:
            host, slash, path = rest.partition("/")
            self._paths.setdefault((pid, role), set()).add(slash + path if slash else host)
        else:
            self._servers.add((pid, rest.rpartition(":")[2]))


def begin(root: Path) -> frozenset[str]:
    """Note whose records are in a spool before a command is run."""
    return frozenset(one.stem for one in streams(root / SPOOL))


def examine(words: Sequence[str], trace: Path, root: Path, since: frozenset[str]) -> dict[str, Any]:
    """Compare the trace of a command with its records; the document that says what came of it."""
    watching = Watching()
    with trace.open(encoding="utf-8", errors="surrogateescape") as lines:
        watching.take(strace.calls(lines))
    captured = Captured(root, since)
    rows = [row for file in watching.files() for row in _rows(file, captured)]
    touched = {row["pid"] for row in rows} | {
        one.process.pid for one in watching.connections.values()
    }
    done = sum(row["captured"] for row in rows)
    return {
        "ask": "audit",
        "command": list(words),
        "percent": 100.0 if not rows else round(100 * done / len(rows), 1),
        "reads": _count(rows, READ),
        "writes": _count(rows, WRITE),
        "processes": {
            "started": len(watching.processes),
            "seen": len(touched),
            "captured": len(touched & captured.processes),
        },
        "files": rows,
        "connections": [
            {
                "kind": one.kind,
                "address": one.address,
                "port": one.port,
                "process": one.process.called(),
                "pid": one.process.pid,
                "captured": captured.is_connected(one.process, one.port),
            }
            for one in watching.connections.values()
        ],
        "gaps": captured.gaps + _blind(watching),
    }


def _rows(file: File, captured: Captured) -> Iterable[dict[str, Any]]:
    for role in (READ, WRITE):
        names = file.names if role == READ else file.names[-1:]
        for pid, process in sorted(file.by[role].items()):
            found = captured.has(process, role, names)
            yield {
                "role": role,
                "path": file.path,
                "process": process.called(),
                "pid": pid,
                "captured": found,
                "why": None if found else _why(file, role, process, captured),
            }


def _why(file: File, role: str, process: Process, captured: Captured) -> str:
    if process.pid not in captured.processes:
        return _UNREACHED
    if role == WRITE and captured.has(process, role, file.names):
        return f"{_MOVED}, from {file.names[0]}"
    return _IN_C


def _count(rows: list[dict[str, Any]], role: str) -> dict[str, int]:
    counts = Counter(row["captured"] for row in rows if row["role"] == role)
    return {"seen": counts.total(), "captured": counts[True]}


def _blind(watching: Watching) -> list[str]:
    names = sorted({one.called() for one in watching.uses_io_uring})
    return [f"{name} uses io_uring, which strace does not see" for name in names]


def _upward(path: str) -> list[str]:
    """A path and the folders that it is in."""
    found = [path]
    while (above := os.path.dirname(found[-1])) not in ("", "/", found[-1]):
        found.append(above)
    return found
