"""The table by which a large store is searched: things by what can be searched of them.

Things are numbered by place, in the order in which hits of one field come.

Trusted? No: it is a cache under `cache/`, checked as it is read, and can be made again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from threading import Lock

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.index.grams import BEGIN, END, Flags, Grams, Texts, encode
from headwater.index.index import Index
from headwater.query.fields import Field, Things, both, either, read_array, without
from headwater.query.indexing import (
    BY_VERSION,
    FIELDS,
    READ_THROUGH,
)
from headwater.query.principal import Principal
from headwater.query.tail import ARTIFACT, JOB, RUN, Key, Tail
from headwater.refs import Artifact, Job, Run
from headwater.store.sections import Sections

MASKS_KEPT = 16

_texts = msgspec.msgpack.Decoder(list[str]).decode
_number = msgspec.msgpack.Decoder(int).decode
_NO_THINGS: Things = np.zeros(0, dtype=np.int32)


class Postings:
    """Things by what can be searched of them."""

    def __init__(self, sections: Sections, index: Index) -> None:
        self._sections = sections
        self._links = index.links
        self._type = read_array(sections, "things.type", np.uint8)
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
            )
            for name in FIELDS
        }
        self._masks: dict[Principal, Flags | None] = {}
        self._lock = Lock()
        self.tail: Tail | None = None

    def __len__(self) -> int:
        return len(self._type)

    @property
    def artifacts(self) -> Flags:
        """Which of the things are artifacts."""
        flags: Flags = self._type == ARTIFACT
        return flags

    def by_field(self, wanted: str) -> Iterator[tuple[str, Flags | None]]:
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
        found = both(names.having(needle), self._type != RUN)
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
        found: Flags = chosen[self._column("namespace")]
        return found

    def close(self, wanted: str) -> Iterator[Things]:
        """Things that are called so; then those of which the last segment of the name is."""
        needle, names = encode(wanted), self._fields["name"]
        yield names.things(BEGIN + needle + END)
        segments = [
            before + needle + b"/" * slashes + END
            for before in (BEGIN, b"/", b".")
            for slashes in range(self._slashes + 1)
        ]
        one = not {"/", "."} & set(wanted)
        yield np.concatenate([*map(names.things, segments if one else segments[:0]), _NO_THINGS])

    def near(self, name: str, most: int) -> Iterator[Artifact | Job]:
        """Artifacts and jobs of so many names that are most like this one."""
        places = self._fields["name"].near(BEGIN + encode(name.lower()) + END, most)
        for place in np.unique(places[self._type[places] != RUN]).tolist():
            thing = self.thing(place)
            if not isinstance(thing, Run):
                yield thing

    def thing(self, place: int) -> Artifact | Job | Run:
        """The thing that stands at a place."""
        (number,) = self._sections.part("things.number", place * 4, place * 4 + 4).cast("i")
        type_ = int(self._type[place])
        if type_ == ARTIFACT:
            return self._links.artifacts[number]
        return self._links.jobs[number] if type_ == JOB else self._links.runs[number]

    def before(self, thing: Artifact | Job | Run) -> int:
        """How many things come before this one, which need not be among them."""
        length = np.int32(len(thing.name.lower()))
        places = range(
            int(np.searchsorted(self._column("length"), length)),
            int(np.searchsorted(self._column("length"), length, side="right")),
        )
        return places.start + bisect_left(
            places, str(thing), key=lambda place: str(self.thing(place))
        )

    def flags(self, things: Iterable[Key]) -> Flags | None:
        """Flags of these things, as far as they are here."""
        flags = np.zeros(len(self), dtype=np.bool_)
        for type_, number in things:
            places = self._places[type_]
            if number < len(places) and places[number] >= 0:
                flags[places[number]] = True
        return flags if flags.any() else None

    @cached_property
    def _places(self) -> dict[int, Things]:
        """Where the things of a type stand, by number."""
        found: dict[int, Things] = {}
        for type_, things in (
            (ARTIFACT, self._links.artifacts),
            (JOB, self._links.jobs),
            (RUN, self._links.runs),
        ):
            here = np.flatnonzero(self._type == type_).astype(np.int32)
            found[type_] = np.full(len(things), -1, dtype=np.int32)
            found[type_][self._column("number")[here]] = here
        return found

    def kept(self, principal: Principal, kind: str | None) -> Flags | None:
        """The things that may be shown and are of the kind; None where all are."""
        mask = self._mask(principal)
        if kind is None:
            return mask
        number = self._kinds.index(kind) if kind in self._kinds else -1
        same: Flags = self._column("kind") == number
        return same if mask is None else same & mask

    def _mask(self, principal: Principal) -> Flags | None:
        with self._lock:
            if principal not in self._masks:
                visible = np.array([*map(principal.reads, self._spaces), True], dtype=np.bool_)
                mask: Flags | None = None if visible.all() else visible[self._column("namespace")]
                for old in [*islice(self._masks, max(0, len(self._masks) - MASKS_KEPT + 1))]:
                    del self._masks[old]
                self._masks[principal] = mask
            return self._masks[principal]

    def _column(self, name: str) -> Things:
        """What is said of every thing."""
        return read_array(self._sections, f"things.{name}", np.int32)
