"""Whether admission costs the same however large a store is: the curve up to a million events.

Events of 4 KB go in in batches of 100. After each tenth of the way the same number goes into a
small store beside it, so that the ratio tells what growth costs and not what else the machine does.
"""

from __future__ import annotations

import json
import resource
from time import perf_counter, process_time
from typing import NamedTuple

import _measuring
import _stores

from headwater.ingest import admit
from headwater.store import Writer

EVENTS = 1_000_000
BATCH = 100
POINTS = 10
COMPARED_EVENTS = 5_000
"""Of each stretch, its last events are compared with as many in the small store."""


class Point(NamedTuple):
    """How admission went at a size, in the large store and in the small one beside it."""

    size: int
    rate: float
    cpu: float
    small_rate: float
    small_cpu: float

    def figures(self) -> list[_measuring.Figure]:
        """The lines of the report."""
        return [
            _measuring.Figure(f"at {self.size:,} events", (self.rate,), "events/s"),
            _measuring.Figure(f"at {self.size:,} events: CPU an event", (self.cpu,), "µs"),
        ]


def draw_curve(name: str, store_name: str, count: int, *, bare: bool = False) -> None:
    """Grow a store of this name and report each stretch of the way.

    One that was broken off is gone on with: its points are kept beside the store.
    """
    notes = _stores.HOME / f"{store_name}.json"
    points = [Point(*point) for point in json.loads(notes.read_text())] if notes.exists() else []
    opened = _stores.kept if points else _stores.empty
    with opened(store_name) as store, opened(f"{store_name}_small") as small:
        _stores.require_room(count - store.size, bare=bare)
        for number in range(len(points) + 1, POINTS + 1):
            target = count * number // POINTS
            if store.size < target - COMPARED_EVENTS:
                grow(store, target - store.size - COMPARED_EVENTS, bare=bare)
            measured = (
                grow(store, COMPARED_EVENTS, bare=bare), grow(small, COMPARED_EVENTS, bare=bare)
            )  # fmt: skip
            point = Point(store.size, *measured[0], *measured[1])
            points.append(point)
            notes.write_text(json.dumps(points))
            print(
                f"  {point.size:>10,} events: {point.rate:,.0f}/s, {point.cpu:.0f} µs of CPU each;"
                f" small store {point.small_rate:,.0f}/s, {point.small_cpu:.0f} µs",
                flush=True,
            )
        size = store.stats()["bytes"]
    notes.unlink()
    what = "CPU an event, beside a small store at the same moment"
    ratios = tuple(point.cpu / point.small_cpu for point in points)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = [
        *(figure for point in points for figure in point.figures()),
        _measuring.Figure(what, ratios, "×", "flat"),
        _measuring.Figure("greatest memory of the process", (memory,), "MiB"),
    ]
    _measuring.report(name, figures, events=count, batch=BATCH, bytes_an_event=size // count)


def grow(store: Writer, count: int, *, bare: bool) -> tuple[float, float]:
    """Admit so many more; events a second, and microseconds of CPU an event."""
    wall = cpu = 0.0
    goal = store.size + count
    while store.size < goal:
        some = min(_stores.CHUNK, goal - store.size)
        batches = list(_stores.batches(store.size, some, BATCH, bare=bare))
        began, began_cpu = perf_counter(), process_time()
        for batch in batches:
            admit(store, batch)
        wall += perf_counter() - began
        cpu += process_time() - began_cpu
    return count / wall, cpu / count * 1e6


if __name__ == "__main__":
    draw_curve("growth", "grown", EVENTS)
