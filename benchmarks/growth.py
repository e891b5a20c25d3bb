"""Whether admission costs the same however large a store is: the curve up to a million events.

    python benchmarks/growth.py [--events 10000000]

Events go in in batches of 100; the store is kept for the benchmarks that follow.
HEADWATER_BENCH_LARGE=1 goes on to ten million.
"""

from __future__ import annotations

import argparse
import resource
from time import perf_counter, process_time

import _measuring
import _stores

from headwater.ingest import admit
from headwater.store import Writer

BATCH = 100
POINTS = 20


def main() -> None:
    """Grow the store and report each stretch of the way."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=10_000_000 if _stores.LARGE else 1_000_000)
    count = options.parse_args().events
    _stores.require_room(count)
    store = _stores.empty("grown")
    stretches = [measure(store, count // POINTS) for _ in range(POINTS)]
    size = store.stats()["bytes"]
    store.close()
    figures = [
        _measuring.Figure(
            f"admission up to {end:,} events, batches of {BATCH}", (rate,), "events/s"
        )
        for end, rate, _ in stretches
    ]
    figures.append(
        _measuring.Figure(
            "CPU an event, stretch by stretch", tuple(cpu for _, _, cpu in stretches), "µs"
        )
    )
    first, last = stretches[1][2], stretches[-1][2]
    figures.append(
        _measuring.Figure(
            "CPU an event at the end, beside the second stretch", (last / first,), "×", "flat"
        )
    )
    figures.append(
        _measuring.Figure(
            "greatest memory of the process",
            (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,),
            "MiB",
        )
    )
    _measuring.report("growth", figures, events=count, batch=BATCH, bytes_an_event=size // count)


def measure(store: Writer, count: int) -> tuple[int, float, float]:
    """Admit so many more; the size then, events a second, and µs of CPU an event."""
    wall = cpu = 0.0
    goal = store.size + count
    while store.size < goal:
        some = list(_stores.batches(store.size, min(_stores.CHUNK, goal - store.size), BATCH))
        began, began_cpu = perf_counter(), process_time()
        for batch in some:
            admit(store, batch)
        wall += perf_counter() - began
        cpu += process_time() - began_cpu
    rate, us = count / wall, cpu / count * 1e6
    print(f"  {store.size:>10,} events: {rate:,.0f}/s, {us:.0f} µs of CPU each", flush=True)
    return store.size, rate, us


if __name__ == "__main__":
    main()
