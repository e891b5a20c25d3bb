"""Small events and stores for the tests: clocks that are held in the hand, and real bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from headwater.ingest import admit, admit_label
from headwater.ledger.statement import Statement
from headwater.store import Writer, open_store

SECOND_US = 1_000_000
START_US = 1_790_000_000 * SECOND_US


class Clock:
    """A clock that stands still until it is set or moved."""

    def __init__(self, at: int = START_US) -> None:
        """Start at `at`, in microseconds."""
        self.at = at

    def __call__(self) -> int:
        """Read the clock, in microseconds."""
        return self.at

    def move(self, seconds: float) -> None:
        """Move on, or back."""
        self.at += int(seconds * SECOND_US)


def event(number: int, *, size: int = 0) -> bytes:
    """Write a run event, different for each number, at least `size` bytes long."""
    body = {
        "eventTime": f"2026-09-01T10:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventType": ("START", "RUNNING", "COMPLETE")[number % 3],
        "producer": "https://example.com/tests",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"0193aaaa-0000-7000-8000-{number:012x}", "facets": {}},
        "job": {"namespace": "tests", "name": f"job{number % 7}"},
        "inputs": [{"namespace": "db", "name": f"in{number % 5}"}],
        "outputs": [{"namespace": "db", "name": f"out{number % 5}"}],
    }
    data = json.dumps(body)
    return (data[:-1] + " " * max(0, size - len(data)) + "}").encode()


def events(count: int, *, start: int = 0, size: int = 0) -> list[bytes]:
    """Write `count` different run events."""
    return [event(number, size=size) for number in range(start, start + count)]


def write(root: Path, *, now: Callable[[], int] | None = None) -> Writer:
    """Open the store at `root` for writing, making it where there is none."""
    if now is None:
        return open_store(root, mode="write", create=True)
    return open_store(root, mode="write", create=True, now=now)


def statement(store: Writer, size: int) -> Statement:
    """State something about the store at a size, as a bundle would."""
    return Statement(
        store.origin, size, store.root(size), 1, {"ask": "x"}, f"sha256:{'0' * 64}", (), ()
    )


def furnish(root: Path) -> None:
    """Make a store with something in every table, over several minutes and several opens."""
    clock = Clock()
    for opening in range(3):
        with write(root, now=clock) as store:
            for batch in range(4):
                first = 100 * opening + 10 * batch
                admit(store, [*events(9, start=first), b"{}", b'{"broken":'], by="ada")
                clock.move(25)
            admit_label(store, "artifact:db/in1", key="owner", value=f"team {opening}", by="ben")
            store.attest(statement(store, 5 + 40 * opening))
            clock.move(61)
