"""Search of a large store: from a table, mapped from disk, that is made once for a head.

It knows which things have a text in them, and in which field first; what a hit shows is read from
the things on the page, by the same words as a scan. Where the two disagree the table is not
believed.

Trusted? No: it is a cache under `cache/`, checked as it is read, and can be made again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.errors import StoreError
from headwater.graph.model import RULES
from headwater.index import opening
from headwater.index.arrays import artifacts_in_order, jobs_in_order, runs_in_order
from headwater.index.grams import BEGIN, END, Flags, Grams, Texts, TooLong, encode
from headwater.index.index import Index
from headwater.query.hits import Hit, hit
from headwater.query.indexing import (
    ARTIFACT,
    BY_VERSION,
    GRAMS,
    JOB,
    READ_THROUGH,
    RUN,
    Progress,
    make_postings,
)
from headwater.query.principal import Principal
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Run
from headwater.store.sections import Held, Sections

NAME = "search.map"
FORMAT = 2
"""Version of the sections of a table."""
MASKS_KEPT = 16
FEW_TEXTS = 64
NEVER = np.iinfo(np.int32).max

_texts = msgspec.msgpack.Decoder(list[str]).decode
_number = msgspec.msgpack.Decoder(int).decode
_encode = msgspec.msgpack.Encoder().encode
_lock = Lock()
_kept: WeakKeyDictionary[Index, Postings | None] = WeakKeyDictionary()


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

    `wanted` and `kind` are in lower case. The table of the snapshot's head is made where there is
    none, and again where it is damaged. All readers of an index in one process share it.
    """
    index = snapshot.lineage
    if not isinstance(index, Index):
        return None
    try:
        return _find(snapshot, index, wanted, kind, start, end, progress)
    except StoreError:
        with _lock:
            _kept.pop(index, None)
    return _find(snapshot, index, wanted, kind, start, end, progress)


def _find(
    snapshot: Snapshot,
    index: Index,
    wanted: str,
    kind: str | None,
    start: int,
    end: int,
    progress: Progress | None,
) -> tuple[int, list[Hit]] | None:
    with _lock:
        if index not in _kept:
            _kept[index] = _open(snapshot, index, progress)
        table = _kept[index]
    try:
        return None if table is None else table.find(snapshot, wanted, kind, start, end)
    except Doubtful:
        return None


def _open(snapshot: Snapshot, index: Index, progress: Progress | None) -> Postings | None:
    head = snapshot.head
    about = _encode((FORMAT, opening.FORMAT, RULES, head.origin, snapshot.size, head.root))
    store = snapshot.store
    found: Sections | None = store.open_sections(NAME)
    if found is None or found.about != about:
        try:
            made = make_postings(snapshot, index, progress)
        except TooLong:
            return None
        kept = store.save_sections(NAME, about, made)
        found = (store.open_sections(NAME) if kept else None) or Held(about, made)
    return Postings(found, index)


class Postings:
    """Things by what can be searched of them."""

    def __init__(self, sections: Sections, index: Index) -> None:
        self._sections = sections
        self._links = index.links
        self._type = self._array("things.type", np.int32)
        self._place = self._array("things.place", np.int32)
        self._order = {
            ARTIFACT: artifacts_in_order(index.links),
            JOB: jobs_in_order(index.links),
            RUN: runs_in_order(index.links),
        }
        self._kind = self._array("things.kind", np.int32)
        self._namespace = self._array("things.namespace", np.int32)
        self._name = self._array("things.name", np.int32)
        self._kinds = _texts(sections.whole("kinds"))
        self._spaces = _texts(sections.whole("spaces"))
        self._slashes = _number(sections.whole("slashes"))
        self._names = Grams(sections, "names")
        self._namespaces = Grams(sections, "namespaces")
        self._fields: dict[str, Texts] = {
            **{name: Grams(sections, name) for name in GRAMS},
            **{name: Texts(sections, name) for name in READ_THROUGH},
        }
        self._masks: dict[Principal, Flags | None] = {}

    def __len__(self) -> int:
        return len(self._type)

    def find(
        self, snapshot: Snapshot, wanted: str, kind: str | None, start: int, end: int
    ) -> tuple[int, list[Hit]]:
        """How many hits there are, and those from `start` to `end`. Raises `Doubtful`.

        `wanted` and `kind` are in lower case.
        """
        kept = self._kept(snapshot.principal, kind)
        total, hits = 0, []
        for field, flags in self._by_field(wanted):
            found = flags if kept is None else flags & kept
            count = int(np.count_nonzero(found))
            first, last = max(start - total, 0), min(end - total, count)
            if first < last:
                ordered = self._ordered(np.flatnonzero(found), wanted)
                hits += [
                    self._hit(snapshot, place, wanted, field, kind)
                    for place in ordered[first:last].tolist()
                ]
            total += count
        return total, hits

    def _by_field(self, wanted: str) -> Iterator[tuple[str, Flags]]:
        """The things that were found by each field, and by none before it."""
        needle = encode(wanted)
        having = {name: self._having(name, needle) for name in self._fields}
        names = self._named(wanted)
        owners = having["owner"] & ~names
        found = names | owners
        own = having["label"] & ~found & ~having["id"]
        found |= own
        tags = having["tag"] & ~found
        found |= tags
        descriptions = having["description"] & ~found
        found |= descriptions
        labels, digests = (having[name] & ~found for name in BY_VERSION)
        both = labels & digests
        if both.any():
            before = self._first("version_label", needle) < self._first("digest", needle)
            labels &= ~both | before
            digests &= ~both | ~before
        yield "name", names
        yield "owner", owners
        yield "label", own | labels
        yield "tag", tags
        yield "description", descriptions
        yield "digest", digests
        yield "id", having["id"]

    def _named(self, wanted: str) -> Flags:
        """Artifacts that have it in `<namespace>/<name>`, and jobs that have it in their name."""
        needle = encode(wanted)
        found: Flags = self._by_name(self._names.containing(needle)) & (self._type != RUN)
        found |= self._by_namespace(self._namespaces.containing(needle))
        for slash in re.finditer("/", wanted[: self._namespaces.longest]):
            ends = self._ending(encode(wanted[: slash.start()]))
            if ends.any():
                begins = self._names.containing(BEGIN + encode(wanted[slash.end() :]))
                found |= self._by_namespace(ends) & self._by_name(begins)
        return found

    def _ending(self, head: bytes) -> Flags:
        if not head:
            return np.ones(len(self._namespaces), dtype=np.bool_)
        return self._namespaces.containing(head + END)

    def _ordered(self, places: NDArray[np.int64], wanted: str) -> NDArray[np.int64]:
        """Things that are called so first, then those of which the last segment is."""
        needle = encode(wanted)
        whole = self._names.containing(BEGIN + needle + END)
        last = whole.copy()
        if not {"/", "."} & set(wanted):
            for before in (BEGIN, b"/", b"."):
                for slashes in range(self._slashes + 1):
                    last |= self._names.containing(before + needle + b"/" * slashes + END)
        if not last.any():
            return places
        names = self._name[places]
        far = 2 - last[names].astype(np.int8) - whole[names]
        return places[np.argsort(far, kind="stable")]

    def _hit(
        self, snapshot: Snapshot, place: int, wanted: str, field: str, kind: str | None
    ) -> Hit:
        thing = self._thing(place)
        found = hit(snapshot, thing, wanted)
        if found is None or found.field != field or kind not in (None, found.kind):
            raise Doubtful
        if isinstance(thing, Artifact) and not snapshot.principal.sees(thing):
            raise Doubtful
        return found

    def _thing(self, place: int) -> Artifact | Job | Run:
        type_ = int(self._type[place])
        number = int(self._order[type_][self._place[place]])
        if type_ == ARTIFACT:
            return self._links.artifacts[number]
        return self._links.jobs[number] if type_ == JOB else self._links.runs[number]

    def _kept(self, principal: Principal, kind: str | None) -> Flags | None:
        """The things that may be shown and are of the kind; None where all are."""
        mask = self._mask(principal)
        if kind is None:
            return mask
        if kind not in self._kinds:
            return np.zeros(len(self), dtype=np.bool_)
        same: Flags = self._kind == self._kinds.index(kind)
        return same if mask is None else same & mask

    def _mask(self, principal: Principal) -> Flags | None:
        with _lock:
            if principal not in self._masks:
                visible = np.array([*map(principal.reads, self._spaces), True], dtype=np.bool_)
                mask: Flags | None = None if visible.all() else visible[self._namespace]
                for old in [*islice(self._masks, max(0, len(self._masks) - MASKS_KEPT + 1))]:
                    del self._masks[old]
                self._masks[principal] = mask
            return self._masks[principal]

    def _having(self, field: str, needle: bytes) -> Flags:
        flags = np.zeros(len(self), dtype=np.bool_)
        flags[self._rows(field, needle, "things")] = True
        return flags

    def _first(self, field: str, needle: bytes) -> NDArray[np.int32]:
        """Where among what each thing has by its versions the needle comes first."""
        first = np.full(len(self), NEVER, dtype=np.int32)
        things, order = (self._rows(field, needle, part) for part in ("things", "order"))
        np.minimum.at(first, things, order)
        return first

    def _rows(self, field: str, needle: bytes, part: str) -> NDArray[np.int32]:
        """Things that have the needle in a text of the field, or where it comes among theirs."""
        texts = self._fields[field].containing(needle)
        numbers = np.flatnonzero(texts)
        if not len(numbers):
            return np.zeros(0, dtype=np.int32)
        starts = self._array(f"{field}.rows", np.int64)
        values = self._array(f"{field}.{part}", np.int32)
        if len(numbers) <= FEW_TEXTS:
            return np.concatenate([values[starts[at] : starts[at + 1]] for at in numbers])
        return values[np.repeat(texts, np.diff(starts))]

    def _by_name(self, names: Flags) -> Flags:
        return names[self._name] if names.any() else np.zeros(len(self), dtype=np.bool_)

    def _by_namespace(self, namespaces: Flags) -> Flags:
        if not namespaces.any():
            return np.zeros(len(self), dtype=np.bool_)
        found: Flags = np.append(namespaces, np.False_)[self._namespace]
        return found

    def _array(self, name: str, kind: Any) -> NDArray[Any]:
        return np.frombuffer(self._sections.whole(name), dtype=kind)
