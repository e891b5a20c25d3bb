"""Embedded admission, beside the same bytes put into a bare SQLite table, in turns.

In batches of 1, 100 and 512 events of 4 KB, into an empty store and into the large one; then where
the time goes.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import _measuring
import _stages
import _stores

from headwater.ingest import admit
from headwater.store import Writer

SIZES = (1, 100, 512)
ROUNDS = 7
EVENTS_A_ROUND = 2_048
LARGE_STORE = 1_000_000
GOAL = "≥ 3,000 events/s"


def main() -> None:
    """Measure and report."""
    figures: list[_measuring.Figure] = []
    for name, store in (
        ("empty store", _stores.empty("ingest")),
        ("large store", _stores.grown(LARGE_STORE)),
    ):
        bare = Bare(_stores.HOME / "bare.db")
        figures += compare(name, store, bare)
        if name == "large store":
            stages = profile(store, 100)
            size = store.size
        bare.close()
        store.close()
    figures += [_measuring.Figure(f"stage: {name}", (us,), "µs") for name, us in stages.items()]
    _measuring.report("ingest", figures, large_store=size, event_bytes=4_096)


class Bare:
    """The least that keeps these bytes as durably: one table, one transaction a batch."""

    def __init__(self, path: Path) -> None:
        """Begin with an empty file."""
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE bodies (entry INTEGER PRIMARY KEY, body BLOB)")

    def insert_all(self, batches: list[list[bytes]]) -> None:
        """Keep batches, one after the other."""
        for batch in batches:
            self._connection.execute("BEGIN IMMEDIATE")
            rows = ((body,) for body in batch)
            self._connection.executemany("INSERT INTO bodies (body) VALUES (?)", rows)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """End."""
        self._connection.close()


def admit_all(store: Writer, batches: list[list[bytes]]) -> None:
    """Admit batches, one after the other."""
    for batch in batches:
        admit(store, batch)


def compare(name: str, store: Writer, bare: Bare) -> list[_measuring.Figure]:
    """Events a second of us and of the bare table, in turns, for each size of a batch."""
    figures = []
    for size in SIZES:
        ours: list[float] = []
        cpu: list[float] = []
        limit: list[float] = []
        count = EVENTS_A_ROUND if size > 1 else EVENTS_A_ROUND // 16
        for _ in range(ROUNDS):
            batches = list(_stores.batches(store.size, count, size))
            began = process_time()
            ours.append(count / _measuring.seconds(partial(admit_all, store, batches)))
            cpu.append((process_time() - began) / count * 1e6)
            limit.append(count / _measuring.seconds(partial(bare.insert_all, batches)))
        ratios = tuple(one / other for one, other in zip(ours, limit, strict=True))
        goal = GOAL if size == 100 else None
        what = f"{name}, batches of {size}"
        figures += [
            _measuring.Figure(f"{what}: Headwater", tuple(ours), "events/s", goal),
            _measuring.Figure(f"{what}: bare SQLite table", tuple(limit), "events/s"),
            _measuring.Figure(f"{what}: Headwater beside bare SQLite", ratios, "×"),
            _measuring.Figure(f"{what}: CPU of Headwater an event", tuple(cpu), "µs"),
        ]
    return figures


def profile(store: Writer, size: int) -> dict[str, float]:
    """Microseconds an event of each stage, in batches of this size."""
    batches = list(_stores.batches(store.size, EVENTS_A_ROUND * 2, size))
    with _stages.timed() as spent:
        began = perf_counter()
        admit_all(store, batches)
        whole = perf_counter() - began
    return _stages.shares(spent, whole, EVENTS_A_ROUND * 2)


if __name__ == "__main__":
    main()
