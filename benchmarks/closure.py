"""Everything a version came from, in layered lineage of one million edges and of ten.

Kernel: from a number to the depth of everything behind it, over the mapped rows, without a mask and
with one by time and permission (a tenth of all versions hidden); beside scipy's breadth-first order
on the bare arrays, which gives no depths, and a recursive query on SQLite. Then the same as an
answer: its first hundred nodes with their edges, all of what is behind them walked, in process.
Ten million edges with HEADWATER_BENCH_LARGE=1.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial

import _layered
import _measuring
import numpy as np
from _layered import Layered
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from headwater.graph.lineage import CARRIED, UNLIMITED, Limits, everything
from headwater.index.closure import Rows, depths, without
from headwater.index.index import FOLLOWS, Index
from headwater.index.wide import Wide

ROUNDS = 9
HIDDEN_SHARE = 0.1
SMALL = Layered(versions=100_000, reads=10)
LARGE = Layered(versions=1_000_000, reads=10)


def main() -> None:
    """Measure and report."""
    figures: list[_measuring.Figure] = []
    facts: dict[str, object] = {}
    sizes = [SMALL, LARGE] if os.environ.get("HEADWATER_BENCH_LARGE") else [SMALL]
    for told in sizes:
        label = f"{told.edges / 1e6:.0f} M edges"
        index = Index(_layered.kept(told))
        wide = Wide(index.links)
        root = told.versions - 1
        facts[f"{label}: versions reached"] = int(
            np.count_nonzero(depths(wide.derived, None, _starts(root), None) >= 0)
        )
        cases = dict(_cases(told, index, wide, root))
        for what, samples in _measuring.alternate(cases, rounds=ROUNDS).items():
            figures.append(_measuring.Figure(f"{label}, {what}", samples, goal=_goal(told, what)))
        memory = (_row_bytes(wide) / told.edges,)
        figures.append(_measuring.Figure(f"{label}, memory of an edge", memory, "B", "≤ 20 B"))
        if told is SMALL:
            figures.append(_recursive(told, wide.derived, root, label))
    _measuring.report("closure", figures, packages=("numpy", "scipy"), **facts)


def _cases(
    told: Layered, index: Index, wide: Wide, root: int
) -> Iterator[tuple[str, Callable[[], object]]]:
    hidden = np.random.default_rng(1).random(told.versions) < HIDDEN_SHARE
    hidden[root] = False
    yield "kernel", partial(depths, wide.derived, None, _starts(root), None)
    yield (
        "kernel, masked",
        partial(depths, wide.derived, None, _starts(root), hidden, without(wide.derived, hidden)),
    )
    yield (
        "kernel, mask seen for the first time",
        partial(depths, wide.derived, None, _starts(root), hidden),
    )
    yield "scipy, order alone", partial(_bare, wide.derived, root)
    yield "walk with runs and flags", partial(
        wide.sweep, [root], None, follows=FOLLOWS[CARRIED], limits=UNLIMITED, visible=everything,
        upstream=True,
    )  # fmt: skip
    yield "answer, first 100 nodes", partial(index.trace, told.top, limits=Limits(nodes=100))


def _goal(told: Layered, what: str) -> str | None:
    if what.startswith("kernel"):
        return "p50 ≤ 150 ms" if told is LARGE else "≤ 40 ms"
    return None


def _starts(root: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([root], dtype=np.int32)


def _bare(rows: Rows, root: int) -> object:
    ones = np.ones(len(rows.targets))
    graph = csr_array((ones, rows.targets, rows.starts), shape=(len(rows.starts) - 1,) * 2)
    return breadth_first_order(graph, root)


def _recursive(told: Layered, rows: Rows, root: int, label: str) -> _measuring.Figure:
    """The same by SQL: each pair once, the index on what is looked up."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(
            "CREATE TABLE edge (start INTEGER, end INTEGER, PRIMARY KEY (start, end)) WITHOUT ROWID"
        )
        owners = np.repeat(np.arange(told.versions), np.diff(rows.starts))
        pairs = zip(owners.tolist(), rows.targets.tolist(), strict=True)
        connection.executemany("INSERT OR IGNORE INTO edge VALUES (?, ?)", pairs)
        query = (
            "WITH RECURSIVE up(n) AS (VALUES (?) UNION SELECT end FROM edge JOIN up ON start = n)"
            " SELECT count(*) FROM up"
        )
        run = lambda: connection.execute(query, (root,)).fetchone()  # noqa: E731
        samples = _measuring.alternate({"sql": run}, rounds=3)["sql"]
    return _measuring.Figure(f"{label}, recursive query on SQLite, no depths", samples)


def _row_bytes(wide: Wide) -> int:
    """The rows of derivations and reads, both ways: as many reads as derivations."""
    every = (wide.derived, wide.derived_by, wide.used, wide.used_by)
    return sum(part.nbytes for rows in every for part in rows) // 2


if __name__ == "__main__":
    main()
