"""Walks of other shapes: three hops, a chain of 100,000 versions, a hub with a million readers.

Each is walked from its number over mapped or bare rows, beside scipy's breadth-first order alone
and, for the chain, a recursive query on SQLite. Then an answer that must not depend on how much
else there is: twenty jobs, one after another, among a thousand of them and among fifty thousand.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from functools import partial

import _layered
import _measuring
import numpy as np
from _layered import JOBS, Layered
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from headwater.graph.lineage import CARRIED, Limits
from headwater.index.closure import Rows, depths, invert
from headwater.index.index import FOLLOWS, Index
from headwater.index.walking import Walker

CHAIN = 100_000
SPOKES = 1_000_000
ROUNDS = 9
HOPS = 3
ASKED = 2_000
MANY = Layered(versions=100_000, reads=1)
FEW = Layered(versions=1_000, reads=1)
TWENTY = 20


def main() -> None:
    """Measure and report."""
    figures = [*_chain(), *_hub(), _three_hops(), *_catalogue()]
    _measuring.report("walks", figures, packages=("numpy", "scipy"))


def _chain() -> list[_measuring.Figure]:
    numbers = np.arange(CHAIN, dtype=np.int32)
    rows = Rows(np.append(np.int32(0), numbers), numbers[: CHAIN - 1])
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE edge (start INTEGER PRIMARY KEY, end INTEGER)")
        pairs = zip(range(1, CHAIN), range(CHAIN - 1), strict=True)
        connection.executemany("INSERT INTO edge VALUES (?, ?)", pairs)
        query = (
            "WITH RECURSIVE up(n) AS (VALUES (?) UNION SELECT end FROM edge JOIN up ON start = n)"
            " SELECT count(*) FROM up"
        )
        assert int(depths(rows, None, numbers[-1:]).max()) == CHAIN - 1
        cases: dict[str, Callable[[], object]] = {
            "depths": partial(depths, rows, None, numbers[-1:]),
            "scipy, order alone": partial(_bare, rows, CHAIN - 1),
            "recursive query on SQLite": lambda: connection.execute(query, (CHAIN - 1,)).fetchone(),
        }
        return _figures("chain of 100,000 versions", cases, {"depths": "≤ 5 ms"})


def _hub() -> list[_measuring.Figure]:
    numbers = np.arange(SPOKES + 1, dtype=np.int32)
    starts = np.append(np.int32(0), np.maximum(numbers - 1, 0)).astype(np.int32)
    starts = np.append(starts[1:], np.int32(SPOKES))
    up = Rows(starts, np.zeros(SPOKES, dtype=np.int32))
    down = invert(up, SPOKES + 1)
    hub = np.zeros(1, dtype=np.int32)
    assert int((depths(down, None, hub) == 1).sum()) == SPOKES
    cases: dict[str, Callable[[], object]] = {
        "everything reached": partial(depths, down, None, hub),
        "scipy, order alone": partial(_bare, down, 0),
    }
    return _figures("hub of 1,000,000", cases, {})


def _three_hops() -> _measuring.Figure:
    """Each from another version."""
    told = Layered(versions=100_000, reads=2)
    index = Index(_layered.kept(told))
    draw = random.Random(5)  # noqa: S311  (no secret)
    roots = [draw.randrange(told.versions) for _ in range(ASKED)]
    limits = Limits(depth=HOPS)
    samples = []
    for root in roots:
        walker = Walker(index.links, FOLLOWS[CARRIED], limits, lambda _: True, most=told.versions)
        samples.append(_measuring.seconds(partial(walker.trace, [root], None)) * 1_000)
    return _measuring.Figure("three hops, 15 versions", tuple(samples), goal="p95 ≤ 0.1 ms")


def _catalogue() -> list[_measuring.Figure]:
    cases: dict[str, Callable[[], object]] = {}
    for told in (FEW, MANY):
        index = Index(_layered.kept(told))
        ask = partial(index.trace, told.top, limits=Limits(depth=TWENTY - 1))
        assert len(ask().versions) == TWENTY
        jobs = min(told.versions, JOBS)
        cases[f"in {told.versions:,} versions of {jobs:,} jobs"] = ask
    few, many = _figures("lineage of 20 jobs", cases, {})
    ratios = tuple(ours / other for ours, other in zip(many.samples, few.samples, strict=True))
    beside = _measuring.Figure("lineage of 20 jobs, in many beside in few", ratios, "×", "≤ 1.1 ×")
    return [few, many, beside]


def _figures(
    label: str, cases: dict[str, Callable[[], object]], goals: dict[str, str]
) -> list[_measuring.Figure]:
    return [
        _measuring.Figure(f"{label}, {what}", samples, goal=goals.get(what))
        for what, samples in _measuring.alternate(cases, rounds=ROUNDS).items()
    ]


def _bare(rows: Rows, root: int) -> object:
    ones = np.ones(len(rows.targets))
    graph = csr_array((ones, rows.targets, rows.starts), shape=(len(rows.starts) - 1,) * 2)
    return breadth_first_order(graph, root)


if __name__ == "__main__":
    main()
