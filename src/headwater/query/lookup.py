"""Search of a large store: from a table, mapped from disk, and from what came after it.

The table is made once for the base of an index. It knows which things have a text in them, and in
which field first; what a hit shows is read from the things on the page, by the same words as a
scan. Where the two disagree the table is not believed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import chain
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.errors import CacheDamaged
from headwater.index.collecting import uncollected
from headwater.index.grams import Flags, TooLong
from headwater.index.index import Index
from headwater.index.tables import Identities
from headwater.query.fields import both, slice_of, without
from headwater.query.hits import Hit, hit
from headwater.query.indexing import (
    Progress,
    make_postings,
)
from headwater.query.postings import Postings
from headwater.query.scanning import last_segment
from headwater.query.snapshot import Snapshot
from headwater.query.tail import Later, Tail, tail_of
from headwater.refs import Artifact, Job, Run
from headwater.store import Store
from headwater.store.sections import Held, Sections

T = TypeVar("T", Artifact, Job)

NAME = "search.map"
FORMAT = 5
"""Version of the sections of a table."""

TABLES_KEPT = 4
"""How many tables a process keeps open."""

_encode = msgspec.msgpack.Encoder().encode
_lock = Lock()
_tables: OrderedDict[int, tuple[Sections, Postings | None]] = OrderedDict()
_tails: WeakKeyDictionary[Index, tuple[Tail, Flags | None]] = WeakKeyDictionary()


class Doubtful(Exception):
    """What the table says of a thing is not what the thing says."""


def find(
    snapshot: Snapshot,
    wanted: str,
    kind: str | None,
    start: int,
    end: int,
    progress: Progress | None = None,
) -> tuple[int, list[Hit]] | None:
    """How many hits there are, and those from `start` to `end`; None where no table can say.

    `wanted` and `kind` are in lower case. The table of the base of the snapshot's index is made
    where there is none, and again where it is damaged. All readers of a base in one process share
    it.
    """
    index = snapshot.whole
    if not isinstance(index, Index):
        return None
    for _ in range(2):
        try:
            table = _table(snapshot, index.sections, progress)
            if table is None:
                return None
            return _Question(table, snapshot, index, wanted, kind).page(start, end)
        except Doubtful:
            return None
        except CacheDamaged:
            if index.damaged:
                raise
            with _lock:
                _tables.pop(id(index.sections), None)
    return None


def near(snapshot: Snapshot, name: str, most: int) -> list[Artifact | Job] | None:
    """Artifacts and jobs that the principal may see and of which the name is like this one.

    Of the table, and all that are newer. None where no table is at hand: none is made for it.
    """
    index = snapshot.whole
    if not isinstance(index, Index):
        return None
    with _lock:
        _, table = _tables.get(id(index.sections)) or (None, None)
    if table is None:
        found = _kept(snapshot.store, index.sections)
        if found is None:
            return None
        table = Postings(found, Index(index.sections))
    links = index.links
    newer: list[Artifact | Job] = [*_newer(links.artifacts, most), *_newer(links.jobs, most)]
    lineage = snapshot.lineage
    return [
        thing
        for thing in chain(table.near(name, most), newer)
        if snapshot.sees(thing) and (isinstance(thing, Job) or lineage.artifact(thing) is not None)
    ]


def _newer(things: Identities[T], most: int) -> list[T]:
    """The first of what is not in a base."""
    return [things[number] for number in range(things.base, min(len(things), things.base + most))]


def _kept(store: Store, base: Sections) -> Sections | None:
    """The table of a base on disk."""
    found: Sections | None = store.open_sections(NAME)
    return found if found is not None and found.about == _encode((FORMAT, base.about)) else None


def _table(snapshot: Snapshot, base: Sections, progress: Progress | None) -> Postings | None:
    """The table of a base: one of the last that were asked."""
    with _lock:
        _, table = _tables.get(id(base)) or (base, _open(snapshot, base, progress))
        _tables[id(base)] = base, table
        _tables.move_to_end(id(base))
        while len(_tables) > TABLES_KEPT:
            _tables.popitem(last=False)
        return table


def _open(snapshot: Snapshot, base: Sections, progress: Progress | None) -> Postings | None:
    about = _encode((FORMAT, base.about))
    store, index = snapshot.store, Index(base)
    found = _kept(store, base)
    if found is None:
        try:
            with uncollected():
                made = make_postings(snapshot.of(index), index, progress)
        except TooLong:
            return None
        kept = store.save_sections(NAME, about, made)
        found = (store.open_sections(NAME) if kept else None) or Held(about, made)
    return Postings(found, index)


class _Question:
    """What is looked for, in a table and in what came after it."""

    def __init__(
        self, table: Postings, snapshot: Snapshot, index: Index, wanted: str, kind: str | None
    ) -> None:
        self._table = table
        self._snapshot = snapshot
        self._wanted = wanted
        self._kind = kind
        tail, self._changed = _tail(table, snapshot, index)
        self._later: dict[str, list[Later]] = {}
        for later in filter(None, tail.things.values()):
            field = later.found_by(wanted)
            if field is None or kind not in (None, later.kind):
                continue
            if snapshot.sees(later.thing):
                self._later.setdefault(field, []).append(later)

    def page(self, start: int, end: int) -> tuple[int, list[Hit]]:
        """How many hits there are, and those from `start` to `end`. Raises `Doubtful`."""
        kept = self._table.kept(self._snapshot.principal, self._kind)
        total, hits = 0, []
        for field, flags in self._table.by_field(self._wanted):
            found = without(flags if kept is None else both(flags, kept), self._changed)
            found = self._shown(found)
            later = self._later.get(field, [])
            count = len(later) + (0 if found is None else int(np.count_nonzero(found)))
            first, last = max(start - total, 0), min(end - total, count)
            if first < last:
                things = self._in_order(found, later, first, last)
                hits += [self._hit(thing, field) for thing in things]
            total += count
        return total, hits

    def _shown(self, found: Flags | None) -> Flags | None:
        """Without the jobs and runs that the principal may not see: looked at one by one."""
        if found is None or self._snapshot.lineage is self._snapshot.whole:
            return found
        shown = found.copy()
        for place in np.flatnonzero(found & ~self._table.artifacts).tolist():
            shown[place] = self._snapshot.sees(self._table.thing(place))
        return shown

    def _in_order(
        self, found: Flags | None, later: list[Later], first: int, end: int
    ) -> list[Artifact | Job | Run]:
        """Things that are called so, those of which the last segment is, others; a slice of them.

        Takes the flags apart.
        """
        wanted, groups = self._wanted, ([], [], [])  # type: tuple[str, tuple[list[Later], ...]]
        for one in later:
            name = one.thing.name.lower()
            groups[0 if name == wanted else 1 if last_segment(name) == wanted else 2].append(one)
        flags = np.zeros(len(self._table), dtype=np.bool_) if found is None else found
        things: list[Artifact | Job | Run] = []
        before = 0
        for near, group in zip(self._table.close(wanted), groups[:2], strict=True):
            close = np.unique(near[flags[near]]).astype(np.int64)
            flags[close] = False
            rank = partial(np.searchsorted, close)
            window = max(first - before, 0), max(end - before, 0)
            things += self._merged(group, lambda a, b: close[a:b], rank, *window)  # noqa: B023
            before += len(close) + len(group)
        window = max(first - before, 0), max(end - before, 0)
        return things + self._merged(
            groups[2], partial(slice_of, flags), lambda place: np.count_nonzero(flags[:place]),
            *window,
        )  # fmt: skip

    def _merged(
        self,
        later: list[Later],
        places: Callable[[int, int], NDArray[np.int64]],
        rank: Callable[[int], Any],
        first: int,
        end: int,
    ) -> list[Artifact | Job | Run]:
        """A slice of what the table has and what came later, in one order.

        `places` gives a slice of what the table has, `rank` how much of it is before a place.
        """
        if first >= end:
            return []
        table = self._table
        things = sorted(
            (one.thing for one in later), key=lambda thing: (len(thing.name.lower()), str(thing))
        )
        at = {int(rank(table.before(thing))) + more: thing for more, thing in enumerate(things)}
        low, high = (limit - sum(place < limit for place in at) for limit in (first, end))
        rest = iter(places(low, high).tolist())
        merged: list[Artifact | Job | Run] = []
        for position in range(first, end):
            if position in at:
                merged.append(at[position])
            elif (place := next(rest, None)) is not None:
                merged.append(table.thing(place))
        return merged

    def _hit(self, thing: Artifact | Job | Run, field: str) -> Hit:
        found = hit(self._snapshot, thing, self._wanted)
        if found is None or found.field != field or self._kind not in (None, found.kind):
            raise Doubtful
        if isinstance(thing, Artifact) and not self._snapshot.sees(thing):
            raise Doubtful
        return found


def _tail(table: Postings, snapshot: Snapshot, index: Index) -> tuple[Tail, Flags | None]:
    """What came after the table's base, and which of the table's things it takes the place of."""
    with _lock:
        if index not in _tails:
            tail = tail_of(snapshot, index, table.tail)
            table.tail = tail
            _tails[index] = tail, table.flags(tail.things)
        return _tails[index]
