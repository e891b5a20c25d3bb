"""Large stores for the benchmarks: made once, used by all that follow, and grown as they go on.

They lie under `.bench/` with their keys and heads, so that nothing is left in anybody's home. `make
clean` removes them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import _events

from headwater.ingest import admit
from headwater.store import Writer, open_store

HOME: Final = Path(__file__).resolve().parent.parent / ".bench"
EVENT_STORED_BYTES: Final = 10_000
BARE_STORED_BYTES: Final = 3_000
"""What a store takes for one of these events, with room to spare for its log."""
CHUNK: Final = 10_000
BATCH: Final = 512


def keep_keys_here() -> None:
    """Keep keys and heads of this process, and of those it starts, under `.bench/`."""
    os.environ["XDG_STATE_HOME"] = str(HOME / "state")
    for name in ("HEADWATER_KEY", "HEADWATER_HEAD", "HEADWATER_STORE"):
        os.environ.pop(name, None)


def empty(name: str) -> Writer:
    """A new store under this name; what was there before is gone."""
    keep_keys_here()
    place = HOME / name
    shutil.rmtree(place, ignore_errors=True)
    return open_store(place, mode="write", create=True)


def kept(name: str) -> Writer:
    """The store under this name, as an earlier benchmark left it."""
    keep_keys_here()
    return open_store(HOME / name, mode="write")


def grown(size: int) -> Writer:
    """A store with at least so many events: the one of an earlier benchmark, or made now."""
    keep_keys_here()
    store = open_store(HOME / "grown", mode="write", create=True)
    require_room(size - store.size)
    for start in range(store.size, size, CHUNK):
        for some in batches(start, min(CHUNK, size - start), BATCH):
            admit(store, some)
        print(f"  made {store.size:,} of {size:,} events", file=sys.stderr)
    return store


def batches(start: int, count: int, batch: int, *, bare: bool = False) -> Iterator[list[bytes]]:
    """Write `count` events from number `start` on, in batches."""
    for first in range(start, start + count, batch):
        yield list(_events.events(min(batch, start + count - first), start=first, bare=bare))


def require_room(events: int, *, bare: bool = False) -> None:
    """End the benchmark, and say so, where the disk has no room for so many more events."""
    HOME.mkdir(exist_ok=True)
    each = BARE_STORED_BYTES if bare else EVENT_STORED_BYTES
    needed, free = events * each, shutil.disk_usage(HOME).free
    if needed > free - (1 << 30):
        print(f"  SKIPPED: {events:,} events need {needed >> 30} GiB, {free >> 30} GiB are free")
        sys.exit(0)
