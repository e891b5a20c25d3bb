"""The lineage of a store at a size: resolved where that is quick, else from the compiled index.

The index is a cache at a named (ledger, size, root, rules): a mapped base, kept under `cache/`, and
what came after it. All readers of a store in one process share it. A new head is caught up with;
one that a reader holds stays as it is. What does not name a beginning of the ledger asked for, or
is damaged, is not used; a store on which nothing can be kept is answered from memory.

Trusted? No: what it holds can be made again from the claims at any time.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import msgspec

from headwater.claims.model import Claim
from headwater.errors import CacheDamaged
from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Lineage
from headwater.graph.model import RULES
from headwater.graph.resolve import resolve, resolve_whole
from headwater.index.catching import TooMuch, catch_up
from headwater.index.index import Index
from headwater.ledger.checkpoint import Checkpoint
from headwater.store import Store
from headwater.store.sections import Held

INDEXED_ENTRIES_MIN = 200
"""Fewer entries are resolved faster than an index is opened."""
STORES_KEPT = 4
"""Of how many stores a process keeps the last indexes open."""
HEADS_KEPT = 3
"""Of how many heads of a store: questions that began before a commit end after it."""
NEW_SHARE = 0.3
"""With more new entries than this, to those before, all are compiled anew: it takes no longer."""
FORMAT = 3
"""Version of the sections of an index."""
NAME = "index.map"

_log = logging.getLogger("headwater.index")


class About(msgspec.Struct, array_like=True, frozen=True):
    """What an index is of."""

    format: int
    rules: int
    origin: str
    size: int
    root: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(About).decode


class _Kept:
    """The last indexes of each store that this process has opened, for all of its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[Path, _Heads] = OrderedDict()

    def index(self, store: Store, about: About) -> Index:
        """The index of a store at a head, made if it is not there."""
        with self._lock:
            heads = self._found.setdefault(store.location, _Heads())
            self._found.move_to_end(store.location)
            while len(self._found) > STORES_KEPT:
                self._found.popitem(last=False)
        return heads.index(store, about)


class _Heads:
    """The last indexes of one store, by what they are of."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[About, Index] = OrderedDict()

    def index(self, store: Store, about: About) -> Index:
        with self._lock:
            self._drop_damaged(store)
            found = self._found.get(about)
            if found is None:
                found = self._found[about] = self._make(store, about)
                while len(self._found) > HEADS_KEPT:
                    self._found.popitem(last=False)
            return found

    def _drop_damaged(self, store: Store) -> None:
        damaged = [about for about, index in self._found.items() if index.damaged]
        for about in damaged:
            del self._found[about]
        if damaged:
            _say_damaged(store)

    def _make(self, store: Store, about: About) -> Index:
        store.require_current()
        for held in sorted(self._found, key=lambda held: held.size, reverse=True):
            if _begins(store, held, about):
                caught = _caught_up(store, self._found[held], held, about)
                return _compiled(store, about) if caught is None else caught
        try:
            opened = _opened(store, about)
        except CacheDamaged:
            _say_damaged(store)
            opened = None
        return _compiled(store, about) if opened is None else opened


def _say_damaged(store: Store) -> None:
    _log.warning("the index of %s was damaged; it is made anew", store.location)


_kept = _Kept()


def lineage_at(store: Store, size: int, head: Checkpoint) -> Lineage:
    """The graph as known at ledger size `size`, to be asked."""
    if size == head.size >= INDEXED_ENTRIES_MIN:
        return _kept.index(store, About(FORMAT, RULES, head.origin, size, head.root))
    store.require_current()
    return Adjacency(resolve(store.claims(size), size))


def _begins(store: Store, held: About, about: About) -> bool:
    """Whether what one index is of is the beginning of what another shall be of."""
    if held.size > about.size or held.size < about.size * (1 - NEW_SHARE):
        return False
    root = about.root if held.size == about.size else store.root(held.size)
    return held == msgspec.structs.replace(about, size=held.size, root=root)


def _opened(store: Store, about: About) -> Index | None:
    """The index that is kept on disk, and what came after it."""
    found = store.open_sections(NAME)
    if found is None:
        return None
    try:
        held = _decode(found.about)
    except msgspec.DecodeError:
        return None
    if not _begins(store, held, about):
        return None
    return _caught_up(store, Index(found), held, about)


def _caught_up(store: Store, index: Index, held: About, about: About) -> Index | None:
    """An index that has caught up; None where it is no later to compile all anew."""
    if held == about:
        return index
    new: dict[int, list[Claim]] = {entry: [] for entry in range(held.size, about.size)}
    for claim in store.claims(about.size, start=held.size):
        new[claim.entry].append(claim)

    def fetch(entries: Iterable[int]) -> dict[int, tuple[Claim, ...]]:
        return store.claims_of(entries)

    try:
        return catch_up(index, fetch, {entry: tuple(said) for entry, said in new.items()})
    except TooMuch:
        _log.info("%d new entries touch so much that the index is made anew", len(new))
        return None


def _compiled(store: Store, about: About) -> Index:
    """An index that is made of everything, and kept on disk if that is possible."""
    from headwater.index.compiling import compile_graph

    made = compile_graph(*resolve_whole(store.claims(about.size), about.size))
    named = _encode(about)
    kept = store.save_sections(NAME, named, made)
    return Index((store.open_sections(NAME) if kept else None) or Held(named, made))
