"""The resolved graph as a cache at a named (size, root, rules). Never consulted for truth.

A small store resolves faster than a cache is read; from `CACHED_ENTRIES_MIN` on the graph at the
head is kept under `cache/`, and dropped or replaced at will.

Trusted? No: a cache that does not name exactly what was asked for is not used.
"""

from __future__ import annotations

import msgspec

from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Lineage
from headwater.graph.model import RULES, Graph
from headwater.graph.resolve import resolve
from headwater.ledger.checkpoint import Checkpoint
from headwater.store.reading import Store

CACHED_ENTRIES_MIN = 200
_NAME = "graph"


class _Cached(msgspec.Struct, array_like=True):
    size: int
    root: bytes
    rules: int
    graph: msgspec.Raw


_decoder = msgspec.msgpack.Decoder(_Cached)
_graphs = msgspec.msgpack.Decoder(Graph)
_encoder = msgspec.msgpack.Encoder()


def lineage_at(store: Store, size: int, head: Checkpoint) -> Lineage:
    """The graph as known at ledger size `size`, to be asked."""
    return Adjacency(_graph_at(store, size, head))


def _graph_at(store: Store, size: int, head: Checkpoint) -> Graph:
    keeps = size == head.size >= CACHED_ENTRIES_MIN
    if keeps:
        found = _load(store, head)
        if found is not None:
            return found
    store.require_current()
    graph = resolve(store.claims(size), size)
    if keeps:
        content = msgspec.Raw(_encoder.encode(graph))
        store.save_cache(_NAME, _encoder.encode(_Cached(size, head.root, RULES, content)))
    return graph


def _load(store: Store, head: Checkpoint) -> Graph | None:
    data = store.load_cache(_NAME)
    if data is None:
        return None
    try:
        cached = _decoder.decode(data)
        if (cached.size, cached.root, cached.rules) != (head.size, head.root, RULES):
            return None
        return _graphs.decode(cached.graph)
    except msgspec.MsgspecError:
        return None
