"""The lineage of a store at a size: resolved where that is quick, else from the compiled index.

The index is a cache at a named (ledger, size, root, rules). All readers of a store in one process
share it. A new head is caught up with; an index that a reader holds stays as it is. When much came
after the mapped base, a new one is made aside, while questions are answered from the old. What does
not name a beginning of the ledger asked for, or is damaged, is not used; a store on which nothing
can be kept is answered from memory.

Trusted? No: what it holds can be made again from the claims at any time.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path
from threading import Lock, Thread
from time import monotonic

from headwater.errors import CacheDamaged, HeadwaterError
from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Lineage
from headwater.graph.resolve import resolve
from headwater.index.collecting import uncollected
from headwater.index.index import Index
from headwater.index.keeping import (
    FORMAT,
    NAME,
    About,
    about,
    begins,
    caught_up,
    compiled,
    merged,
    opened,
    save_later,
)
from headwater.ledger.checkpoint import Checkpoint
from headwater.store import Store, open_store

__all__ = ["FORMAT", "INDEXED_ENTRIES_MIN", "NAME", "lineage_at"]

INDEXED_ENTRIES_MIN = 200
"""Fewer entries are resolved faster than an index is opened."""
STORES_KEPT = 4
"""Of how many stores a process keeps the last indexes open."""
HEADS_KEPT = 4
"""Of how many heads of a store: questions and pages that began before a commit go on after it."""
SAVED_SECONDS_MIN = 0.1
"""So much catching up is kept on disk, so that no other process has to do it."""
LATER_THINGS_MIN = 50_000
LATER_SHARE = 0.1
"""With more things than both after the base, to those in it, a new base is made aside."""
AT_ONCE_FACTOR = 3
"""With so many times more, it is made before the next answer: then nobody made it aside.

A process that begins makes it without that, so that those after it have less to read.
"""
BEHIND_ENTRIES_MAX = 200
"""A base that was made aside catches up to within so many entries before it is used."""

_log = logging.getLogger("headwater.index")


class _Kept:
    """The last indexes of each store that this process has opened, for all of its threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[Path, _Heads] = OrderedDict()

    def index(self, store: Store, wanted: About) -> Index:
        """The index of a store at a head, made if it is not there."""
        with self._lock:
            heads = self._found.setdefault(store.location, _Heads())
            self._found.move_to_end(store.location)
            while len(self._found) > STORES_KEPT:
                self._found.popitem(last=False)
        return heads.index(store, wanted)

    def at_hand(self, store: Store, size: int, head: Checkpoint) -> Index | None:
        """The index of a store at an earlier head, if it is still kept."""
        with self._lock:
            heads = self._found.get(store.location)
        found = None if heads is None else heads.at_hand(size)
        if found is None or found[0] != about(head, size, store.root(size)):
            return None
        return None if found[1].damaged else found[1]


class _Heads:
    """The last indexes of one store, by what they are of."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[About, Index] = OrderedDict()
        self._made = 0
        self._unsaved = 0.0
        self._saving: Thread | None = None
        self._compacting: Thread | None = None

    def index(self, store: Store, wanted: About) -> Index:
        with self._lock:
            self._drop_damaged(store)
            found = self._found.get(wanted)
            if found is None:
                found = self._make(store, wanted)
                self._made += 1
                self._keep(wanted, found)
                self._go_on(store, wanted, found)
            return found

    def at_hand(self, size: int) -> tuple[About, Index] | None:
        with self._lock:
            return next((item for item in self._found.items() if item[0].size == size), None)

    def _keep(self, of: About, index: Index) -> None:
        for earlier in self._found.values():
            earlier.forget_arrays()
        self._found[of] = index
        while len(self._found) > HEADS_KEPT:
            self._found.popitem(last=False)

    def _drop_damaged(self, store: Store) -> None:
        damaged = [held for held, index in self._found.items() if index.damaged]
        for held in damaged:
            del self._found[held]
        if damaged:
            _say_damaged(store)

    def _make(self, store: Store, wanted: About) -> Index:
        store.require_current()
        start = self._nearest(store, wanted)
        if start is None:
            return compiled(store, wanted)
        held, index = start
        if held != wanted:
            began = monotonic()
            found = caught_up(store, index, held, wanted)
            if found is None:
                return compiled(store, wanted)
            index = found
            self._unsaved += monotonic() - began
        factor = AT_ONCE_FACTOR if self._made else 1
        return merged(store, index, wanted) if _is_much(index, factor) else index

    def _nearest(self, store: Store, wanted: About) -> tuple[About, Index] | None:
        """The index to go on from: the newest at hand, else that on disk."""
        for held in sorted(self._found, key=lambda held: held.size, reverse=True):
            if begins(store, held, wanted):
                return held, self._found[held]
        try:
            return opened(store, wanted)
        except CacheDamaged:
            _say_damaged(store)
            return None

    def _go_on(self, store: Store, of: About, index: Index) -> None:
        """What is done aside: keeping what came after the base, and making a new base.

        The latter in a process that has met several heads, and so will last.
        """
        if self._made > 1 and _is_much(index, 1) and not _is_alive(self._compacting):
            self._compacting = Thread(
                target=self._compact, args=(store.location, of, index),
                name="headwater-index", daemon=True,
            )  # fmt: skip
            self._compacting.start()
        elif (
            index.overlay.things
            and self._unsaved > SAVED_SECONDS_MIN
            and not _is_alive(self._saving)
        ):
            self._unsaved = 0.0
            self._saving = Thread(
                target=_save, args=(store, index, of), name="headwater-index-later"
            )
            self._saving.start()

    def _compact(self, location: Path, made: About, index: Index) -> None:
        """Make a new base, let it catch up with what came meanwhile, and use it from then on."""
        try:
            with open_store(location) as store:
                index = merged(store, index, made)
                while (head := store.head()).size - made.size > BEHIND_ENTRIES_MAX:
                    wanted = about(head, head.size)
                    index = caught_up(store, index, made, wanted) or compiled(store, wanted)
                    made = wanted
        except HeadwaterError as error:
            _log.warning("no new base of the index of %s could be made: %s", location, error)
            return
        with self._lock:
            self._found.clear()
            self._keep(made, index)


def _save(store: Store, index: Index, of: About) -> None:
    try:
        save_later(store, index, of)
    except HeadwaterError as error:
        _log.warning("what came after the base of an index was not kept: %s", error)


def _is_much(index: Index, factor: int) -> bool:
    """Whether so much came after the base that a new one should be made."""
    links = index.links
    base = links.artifacts.base + links.jobs.base + links.runs.base + links.versions.base
    return index.overlay.things > factor * max(LATER_THINGS_MIN, int(base * LATER_SHARE))


def _is_alive(thread: Thread | None) -> bool:
    return thread is not None and thread.is_alive()


def _say_damaged(store: Store) -> None:
    _log.warning("the index of %s was damaged; it is made anew", store.location)


_kept = _Kept()


def lineage_at(store: Store, size: int, head: Checkpoint) -> Lineage:
    """The graph as known at ledger size `size`, to be asked."""
    if size == head.size >= INDEXED_ENTRIES_MIN:
        return _kept.index(store, about(head, size))
    store.require_current()
    at_hand = _kept.at_hand(store, size, head)
    if at_hand is not None:
        return at_hand
    with uncollected():
        return Adjacency(resolve(store.claims(size), size))
