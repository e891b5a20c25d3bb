"""Whether admission costs the same however large a store is: the curve up to a million events.

Events of 4 KB go in in batches of 100. After each tenth of the way the same number goes into a
small store beside it, so that the ratio tells what growth costs and not what else the machine does.
"""

from __future__ import annotations

import resource
from time import perf_counter, process_time

import _measuring
import _stores

from headwater.ingest import admit
from headwater.store import Writer

EVENTS = 1_000_000
BATCH = 100
POINTS = 10
COMPARED_EVENTS = 5_000
"""Of each stretch, its last events are compared with as many in the small store."""


def draw_curve(name: str, store_name: str, count: int, *, bare: bool = False) -> None:
    """Grow a store of this name and report each stretch of the way."""
    _stores.require_room(count, bare=bare)
    figures: list[_measuring.Figure] = []
    ratios: list[float] = []
    with _stores.empty(store_name) as store, _stores.empty(f"{store_name}_small") as small:
        for point in range(1, POINTS + 1):
            target = count * point // POINTS
            grow(store, target - store.size - COMPARED_EVENTS, bare=bare)
            rate, cpu = grow(store, COMPARED_EVENTS, bare=bare)
            other_rate, other_cpu = grow(small, COMPARED_EVENTS, bare=bare)
            ratios.append(cpu / other_cpu)
            figures += [
                _measuring.Figure(f"at {store.size:,} events", (rate,), "events/s"),
                _measuring.Figure(f"at {store.size:,} events: CPU an event", (cpu,), "µs"),
            ]
            print(
                f"  {store.size:>10,} events: {rate:,.0f}/s, {cpu:.0f} µs of CPU each;"
                f" small store {other_rate:,.0f}/s, {other_cpu:.0f} µs",
                flush=True,
            )
        size = store.stats()["bytes"]
    what = "CPU an event, beside a small store at the same moment"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures += [
        _measuring.Figure(what, tuple(ratios), "×", "flat"),
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
