"""A catalogue to search: a million names, with owners, tags and descriptions.

Names are made of words, as in warehouses and lakes: `schema.domain_word_word_number`, and paths of
partitions. Each run writes five of them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import _stores

from headwater.ingest import admit
from headwater.store import Store, open_store

NAMES: Final = 1_000_000
NAMES_OF_A_RUN: Final = 5
RUNS_OF_A_JOB: Final = 100
COMMON: Final = "orders"
COMMON_SHARE: Final = 0.2
BATCH: Final = 512
_PRODUCER: Final = "https://example.com/benchmarks"
_SPACES: Final = ("postgres://warehouse:5432", "s3://lake", "hive://metastore:9083", "file://build")
_TEAMS: Final = tuple(f"team-{number:03}" for number in range(200))


class Entry(NamedTuple):
    """One name, and what is said of it."""

    namespace: str
    name: str
    owner: str
    tag: str
    description: str


def entries(count: int = NAMES) -> Iterator[Entry]:
    """Make `count` names, always the same."""
    draw = random.Random(4)  # noqa: S311
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(draw.choices(letters, k=draw.randint(3, 10))) for _ in range(20_000)]
    domains = words[:300]
    for number in range(count):
        noun = COMMON if draw.random() < COMMON_SHARE else draw.choice(words)
        domain, detail = draw.choice(domains), draw.choice(words)
        space = _SPACES[number % len(_SPACES)]
        dotted = f"{domain}.{noun}_{detail}_{number:07}"
        path = f"{domain}/{noun}/{detail}/part-{number:07}.parquet"
        yield Entry(
            space,
            path if number % 3 == 2 else dotted,
            draw.choice(_TEAMS),
            draw.choice(words[:500]),
            f"{detail.capitalize()} of {noun}, by {domain}: {' '.join(draw.choices(words, k=4))}",
        )


def kept(count: int = NAMES) -> Store:
    """A store with these names: of an earlier benchmark, or made now."""
    _stores.keep_keys_here()
    place = _stores.HOME / f"catalogue_{count}"
    runs = count // NAMES_OF_A_RUN
    with open_store(place, mode="write", create=True) as store:
        _stores.require_room(runs - store.size)
        done, batch = store.size, []
        for number, event in enumerate(_events(count)):
            if number >= done:
                batch.append(event)
            if len(batch) == BATCH or (batch and number == runs - 1):
                admit(store, batch)
                batch = []
    return open_store(place)


def _events(count: int) -> Iterator[bytes]:
    some: list[dict[str, Any]] = []
    for number, entry in enumerate(entries(count)):
        some.append(_dataset(entry))
        if len(some) == NAMES_OF_A_RUN:
            run = number // NAMES_OF_A_RUN
            minutes, second = divmod(run, 60)
            hours, minute = divmod(minutes, 60)
            days, hour = divmod(hours, 24)
            event = {
                "eventType": "COMPLETE",
                "eventTime": f"2026-01-{1 + days:02}T{hour:02}:{minute:02}:{second:02}Z",
                "producer": _PRODUCER,
                "run": {"runId": f"0193a1b2-c3d4-7000-8000-{run:012x}"},
                "job": {"namespace": "batch", "name": f"load_{run // RUNS_OF_A_JOB:05}"},
                "outputs": some,
            }
            yield json.dumps(event).encode()
            some = []


def _dataset(entry: Entry) -> dict[str, Any]:
    facets: dict[str, dict[str, Any]] = {
        "ownership": {"owners": [{"name": entry.owner}]},
        "tags": {"tags": [{"key": "about", "value": entry.tag}]},
        "documentation": {"description": entry.description},
    }
    said = {name: {"_producer": _PRODUCER, "_schemaURL": f"{_PRODUCER}#{name}", **facet}
            for name, facet in facets.items()}  # fmt: skip
    return {"namespace": entry.namespace, "name": entry.name, "facets": said}
