"""How fast a ledger is verified, beside hashing alone: by the clock, and by a second of one core.

`--tree` over the large store; everything (parts, claims made again, repeats) over a stretch of it,
in one process. `headwater verify` shares that out among the cores.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import _measuring
import _stores

from headwater.ledger.tree import leaf_hash, root_of
from headwater.store import database, sharing
from headwater.store.verifying import verify

LARGE_STORE = 1_000_000
WHOLE_ENTRIES = 50_000
HASHED_LEAVES = 200_000
ROUNDS = 3


def main() -> None:
    """Measure in turns, and report."""
    with _stores.grown(LARGE_STORE) as store:
        root, size = store.location, store.size
    leaves = read_leaves(root)
    cases: dict[str, tuple[int, Callable[[], object], str, str | None]] = {
        "headwater verify --tree": (size, partial(follow, root, size), "leaves/s", "≥ 200,000"),
        "everything, claims included": (
            WHOLE_ENTRIES, partial(compare, root), "entries/s", "≥ 10,000",
        ),
        "limit: hash leaves and tree, in memory": (
            len(leaves), lambda: root_of(map(leaf_hash, leaves)), "leaves/s", None,
        ),
    }  # fmt: skip
    wall: dict[str, list[float]] = {name: [] for name in cases}
    cpu: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (count, act, _, _) in cases.items():
            began, began_cpu = perf_counter(), process_time()
            act()
            wall[name].append(count / (perf_counter() - began))
            cpu[name].append(count / (process_time() - began_cpu))
    figures = []
    for name, (_, _, unit, goal) in cases.items():
        figures += [
            _measuring.Figure(name, tuple(wall[name]), unit),
            _measuring.Figure(f"{name}, of one core", tuple(cpu[name]), unit, goal),
        ]
    _measuring.report("verification", figures, entries=size, entries_whole=WHOLE_ENTRIES)


def read_leaves(root: Path) -> list[bytes]:
    """The first leaves of a store."""
    connection = database.connect_reader(root)
    query = "SELECT leaf FROM entries LIMIT ?"
    leaves = [leaf for (leaf,) in connection.execute(query, (HASHED_LEAVES,))]
    connection.close()
    return leaves


def follow(root: Path, size: int) -> None:
    """Follow all leaves and the tree."""
    report = verify(root, tree_only=True)
    assert report.sound, report.differences
    assert report.checked["leaves"] == size


def compare(root: Path) -> None:
    """Compare everything about the first entries, as each process of a large `verify` does."""
    report = sharing.compare_share(root, 0, WHOLE_ENTRIES).report()
    assert report.sound, report.differences


if __name__ == "__main__":
    main()
