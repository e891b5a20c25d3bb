"""Events that come late, for an artifact with 100,000 versions that was read 300,000 times.

Every run writes the same name, or reads it as it stands at that time. A late write is a version in
the middle: reads that were bound to the one before bind to it. A late read binds in the middle.
How long it takes from the event until a question about one version is answered again, the index
being caught up with; beside making all of it anew, once. Then the same question by name.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import _measuring
import _stores

from headwater.graph.resolve import resolve_whole
from headwater.index.compiling import compile_graph
from headwater.ingest import admit
from headwater.query.gateway import Gateway
from headwater.refs import Artifact, Run, Version
from headwater.store import Store, open_store

VERSIONS = 100_000
READS_OF_EACH = 3
LATE = 4
BATCH = 512
SECONDS_BETWEEN = 8
"""From one version to the next."""
_PRODUCER = "https://example.com/benchmarks"


def main() -> None:
    """Measure and report."""
    place = make()
    draw = random.Random(6)  # noqa: S311  (no secret)
    samples: dict[str, list[float]] = {"write": [], "read": []}
    with open_store(place, mode="write") as writer, open_store(place) as store:
        gateway = Gateway(store)
        print("  making the index, unless it is there", file=sys.stderr)
        ask(gateway)
        for _ in range(LATE):
            for kind, taken in samples.items():
                second = draw.randrange(VERSIONS * SECONDS_BETWEEN)
                admit(writer, [event(writer.size, second, reads=kind == "read")])
                taken.append(_measuring.seconds(partial(ask, gateway)) * 1_000)
        by_name = partial(gateway.trace, "lake::hot", limit=10)
        named = _measuring.alternate({"named": by_name}, rounds=3)["named"]
        anew = _measuring.seconds(partial(make_anew, store)) * 1_000
        size = store.head().size
    figures = [
        _measuring.Figure(f"a late {kind}, until a question is answered", tuple(taken))
        for kind, taken in samples.items()
    ]
    figures.append(_measuring.Figure("the index made anew", (anew,)))
    figures.append(_measuring.Figure("the newest of all versions, by name", named))
    _measuring.report("late", figures, packages=("numpy",), entries=size)


def make() -> Path:
    """The store: of an earlier time, or made now."""
    _stores.keep_keys_here()
    place = _stores.HOME / f"hot_{VERSIONS}_{READS_OF_EACH}"
    count = VERSIONS * (1 + READS_OF_EACH)
    with open_store(place, mode="write", create=True) as store:
        _stores.require_room(count - store.size, bare=True)
        waiting = islice(events(), store.size, None)
        while batch := list(islice(waiting, BATCH)):
            admit(store, batch)
    return place


def events() -> Iterator[bytes]:
    """A write, and its reads behind it, in the order of their times."""
    for number in range(VERSIONS * (1 + READS_OF_EACH)):
        version, read = divmod(number, 1 + READS_OF_EACH)
        second = version * SECONDS_BETWEEN + 2 * read
        yield event(number, second, reads=bool(read))


def event(number: int, second: int, *, reads: bool) -> bytes:
    """Run `number`, COMPLETE at a second: it reads the name, and writes another, or writes it."""
    time = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    hot = {"namespace": "lake", "name": "hot"}
    own = {"namespace": "lake", "name": f"out_{number % 1_000:03}"}
    told: dict[str, Any] = {
        "eventType": "COMPLETE",
        "eventTime": time.isoformat(),
        "producer": _PRODUCER,
        "run": {"runId": run_id(number)},
        "job": {"namespace": "batch", "name": "read" if reads else "write"},
        "inputs": [hot] if reads else [],
        "outputs": [own] if reads else [hot],
    }
    return json.dumps(told).encode()


def ask(gateway: Gateway) -> object:
    """What the first version came from, at the newest head."""
    first = Run(run_id(0), "batch", "write")
    return gateway.trace(str(Version(Artifact("lake", "hot"), first)), limit=10)


def run_id(number: int) -> str:
    """The id of a run."""
    return f"0193a1b2-c3d4-7000-8000-{number:012x}"


def make_anew(store: Store) -> object:
    """Resolve everything, and compile it."""
    size = store.head().size
    return compile_graph(*resolve_whole(store.claims(size), size))


if __name__ == "__main__":
    main()
