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
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.errors import StoreError
from headwater.graph.model import RULES
from headwater.index import opening
from headwater.index.grams import BEGIN, END, Flags, Grams, Texts, TooLong, encode
from headwater.index.index import Index
from headwater.query.fields import Field, Things, both, either, read_array, slice_of, without
from headwater.query.hits import Hit, hit
from headwater.query.indexing import (
    ARTIFACT,
    BY_VERSION,
    FIELDS,
    JOB,
    READ_THROUGH,
    RUN,
    SINGLE,
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
        self._links = index.links
        self._type = read_array(sections, "things.type", np.int32)
        self._number = read_array(sections, "things.number", np.int32)
        self._kind = read_array(sections, "things.kind", np.int32)
        self._namespace = read_array(sections, "things.namespace", np.int32)
        self._kinds = _texts(sections.whole("kinds"))
        self._spaces = _texts(sections.whole("spaces"))
        self._slashes = _number(sections.whole("slashes"))
        self._namespaces = Grams(sections, "namespaces")
        self._fields = {
            name: Field(
                sections,
                name,
                (Texts if name in READ_THROUGH else Grams)(sections, name),
                len(self),
                single=name in SINGLE,
            )
            for name in FIELDS
        }
        self._named_by_it = self._type != RUN
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
            found = flags if kept is None else both(flags, kept)
            if found is None:
                continue
            count = int(np.count_nonzero(found))
            first, last = max(start - total, 0), min(end - total, count)
            if first < last:
                hits += [
                    self._hit(snapshot, place, wanted, field, kind)
                    for place in self._in_order(found, wanted, first, last)
                ]
            total += count
        return total, hits

    def _by_field(self, wanted: str) -> Iterator[tuple[str, Flags | None]]:
        """The things that were found by each field, and by none before it."""
        needle = encode(wanted)
        ids = self._fields["id"].having(needle)
        found: Flags | None = None
        groups: dict[str, Flags | None] = {}
        for field in ("name", "owner", "label", "tag", "description"):
            flags = self._named(wanted) if field == "name" else self._fields[field].having(needle)
            if field == "label":
                flags = without(flags, ids)
            groups[field] = flags = without(flags, found)
            found = flags if found is None else found | flags if flags is not None else found
        late, digests = (without(self._fields[name].having(needle), found) for name in BY_VERSION)
        if late is not None and digests is not None:
            by_label, by_digest = (self._fields[name].first(needle) for name in BY_VERSION)
            late, digests = (
                without(late, by_digest < by_label),
                without(digests, by_label < by_digest),
            )
        groups["label"] = either(late, groups["label"])
        yield from groups.items()
        yield "digest", digests
        yield "id", ids

    def _named(self, wanted: str) -> Flags | None:
        """Artifacts that have it in `<namespace>/<name>`, and jobs that have it in their name."""
        needle, names = encode(wanted), self._fields["name"]
        found = both(names.having(needle), self._named_by_it)
        found = either(found, self._in_namespaces(self._namespaces.numbers(needle)))
        for slash in re.finditer("/", wanted[: self._namespaces.longest]):
            head, tail = wanted[: slash.start()], wanted[slash.end() :]
            if head:
                ending = self._namespaces.numbers(encode(head) + END)
            else:
                ending = np.arange(len(self._namespaces))
            begun = names.having(BEGIN + encode(tail)) if len(ending) else None
            if begun is not None:
                found = either(found, both(begun, self._in_namespaces(ending)))
        return found

    def _in_namespaces(self, numbers: NDArray[np.int64]) -> Flags | None:
        """The artifacts of these namespaces."""
        if not len(numbers):
            return None
        chosen = np.zeros(len(self._namespaces) + 1, dtype=np.bool_)
        chosen[numbers] = True
        found: Flags = chosen[self._namespace]
        return found

    def _in_order(self, found: Flags, wanted: str, first: int, end: int) -> list[int]:
        """Places of hits: things that are called so, those of which the last segment is, others.

        Takes the flags apart.
        """
        places: list[int] = []
        before = 0
        for things in self._close(wanted):
            close = np.unique(things[found[things]])
            found[close] = False
            places += close[max(first - before, 0) : max(end - before, 0)].tolist()
            before += len(close)
        places += slice_of(found, max(first - before, 0), max(end - before, 0)).tolist()
        return places

    def _close(self, wanted: str) -> Iterator[Things]:
        """Things that are called so; then those of which the last segment of the name is."""
        needle, names = encode(wanted), self._fields["name"]
        yield names.things(BEGIN + needle + END)
        if not {"/", "."} & set(wanted):
            yield np.concatenate(
                [
                    names.things(before + needle + b"/" * slashes + END)
                    for before in (BEGIN, b"/", b".")
                    for slashes in range(self._slashes + 1)
                ]
            )

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
        number = int(self._number[place])
        match int(self._type[place]):
            case type_ if type_ == ARTIFACT:
                return self._links.artifacts[number]
            case type_ if type_ == JOB:
                return self._links.jobs[number]
        return self._links.runs[number]

    def _kept(self, principal: Principal, kind: str | None) -> Flags | None:
        """The things that may be shown and are of the kind; None where all are."""
        mask = self._mask(principal)
        if kind is None:
            return mask
        number = self._kinds.index(kind) if kind in self._kinds else -1
        same: Flags = self._kind == number
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
