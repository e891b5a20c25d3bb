"""The lineage of a store at a size: resolved where that is quick, else from the compiled index.

The index is a cache at a named (ledger, size, root, rules), kept under `cache/` and mapped from
there. All readers of a store in one process share it. One that does not name exactly what is asked
for, or is damaged, is not used; a store on which nothing can be kept is answered from memory.

Trusted? No: what it holds can be made again from the claims at any time.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import msgspec

from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Lineage
from headwater.graph.model import RULES
from headwater.graph.resolve import resolve
from headwater.ledger.checkpoint import Checkpoint
from headwater.store import Store
from headwater.store.sections import Held

INDEXED_ENTRIES_MIN = 200
"""Fewer entries are resolved faster than an index is opened."""
STORES_KEPT = 4
"""Of how many stores a process keeps the last index open."""
FORMAT = 2
"""Version of the sections of an index."""
NAME = "index.map"


class About(msgspec.Struct, array_like=True, frozen=True):
    """What an index is of."""

    format: int
    rules: int
    origin: str
    size: int
    root: bytes


class _Kept:
    """The last index of each store that this process has opened, for all of its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[Path, tuple[About, Lineage]] = {}

    def index(self, store: Store, about: About) -> Lineage:
        with self._lock:
            held = self._found.get(store.location)
            if held is None or held[0] != about:
                self._found.pop(store.location, None)
                while len(self._found) >= STORES_KEPT:
                    self._found.pop(next(iter(self._found)))
                held = self._found[store.location] = about, _open(store, about)
            return held[1]


_kept = _Kept()
_encode = msgspec.msgpack.Encoder().encode


def lineage_at(store: Store, size: int, head: Checkpoint) -> Lineage:
    """The graph as known at ledger size `size`, to be asked."""
    if size == head.size >= INDEXED_ENTRIES_MIN:
        return _kept.index(store, About(FORMAT, RULES, head.origin, size, head.root))
    store.require_current()
    return Adjacency(resolve(store.claims(size), size))


def _open(store: Store, about: About) -> Lineage:
    from headwater.index.index import Index

    named = _encode(about)
    found = store.open_sections(NAME)
    if found is None or found.about != named:
        from headwater.index.compiling import compile_graph

        store.require_current()
        made = compile_graph(resolve(store.claims(about.size), about.size))
        kept = store.save_sections(NAME, named, made)
        found = (store.open_sections(NAME) if kept else None) or Held(named, made)
    return Index(found)
