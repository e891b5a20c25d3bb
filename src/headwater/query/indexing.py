"""Making the table by which a large store is searched, from what `searchable` says of each thing.

Things come in the order in which hits of one field do: by the length of the name, then by
reference. Each field has its texts, each text once, and for every text the things that have it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from operator import itemgetter
from sys import intern
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.graph.model import Facet
from headwater.index.grams import Having, compile_texts
from headwater.index.index import Index
from headwater.index.links import GONE
from headwater.query import searchable
from headwater.query.documents import decoded_bodies, facets_in
from headwater.query.searchable import Said
from headwater.query.snapshot import Snapshot
from headwater.query.tail import ARTIFACT, JOB, RUN

FIELDS: Final = (
    *("name", "owner", "label", "tag", "description", "version_label"),
    *("digest", "id"),
)
READ_THROUGH: Final = ("digest", "id")
"""Random digits, in which every three bytes would be everywhere."""
BY_VERSION: Final = ("version_label", "digest")
"""Found in the order of versions: whichever comes first says what a thing was found by."""
CHUNK: Final = 2_048

Progress = Callable[[int, int], None]
Array = NDArray[Any]

_encode = msgspec.msgpack.Encoder().encode


def make_postings(
    snapshot: Snapshot, index: Index, progress: Progress | None = None
) -> dict[str, memoryview]:
    """Write the table of all things as sections. Raises `TooLong`.

    The index is a mapped base without anything that came after it, and the snapshot's.
    """
    return _Maker(snapshot, index, progress).sections()


class _Field:
    """Texts, each once, and who has them."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}
        self.rows = array("i")
        self.things = array("i")
        self.order = array("i")

    def add(self, text: str, thing: int, order: int) -> None:
        self.rows.append(self.texts.setdefault(text, len(self.texts)))
        self.things.append(thing)
        self.order.append(order)


class _Maker:
    def __init__(self, snapshot: Snapshot, index: Index, progress: Progress | None) -> None:
        self._snapshot = snapshot
        self._index = index
        self._progress = progress
        self._links = index.links
        self._fields = {name: _Field() for name in FIELDS}
        self._namespaces: dict[str, int] = {}
        self._kinds: dict[str, int] = {}
        self._columns: dict[str, array[int]] = {
            name: array("i") for name in ("type", "number", "kind", "namespace", "length")
        }
        self._done = 0

    def sections(self) -> dict[str, memoryview]:
        self._artifacts()
        for number, job in enumerate(self._links.jobs):
            self._thing(JOB, number, "job", None, job.name)
            self._say(searchable.of_job(self._snapshot, job))
        for number, run in enumerate(self._links.runs):
            if self._links.run[number] is not None:
                self._thing(RUN, number, "run", None, run.name)
                self._say(searchable.of_run(self._snapshot, run))
        self._say_how_far()
        return dict(self._written())

    def _artifacts(self) -> None:
        snapshot, tags = self._snapshot, self._tags()
        for number, artifact in enumerate(self._links.artifacts):
            if self._links.artifact_kind[number] == GONE:
                continue
            known = searchable.known(snapshot, artifact)
            self._thing(ARTIFACT, number, known.kind, artifact.namespace, artifact.name)
            had = tags.get(number, ())
            self._say(searchable.of_artifact(snapshot, known, lambda _: had))  # noqa: B023
            self._say(searchable.of_versions(snapshot, known), by_version=True)

    def _tags(self) -> dict[int, tuple[str, ...]]:
        """The tags of every artifact by its number, each event read once."""
        said: list[tuple[int, int, str, Facet]] = []
        for number, artifact in enumerate(self._links.artifacts):
            node = self._index.artifact(artifact)
            for name, facet in searchable.tagging(node).items() if node else ():
                said.append((facet.entry, number, name, facet))
        said.sort(key=itemgetter(0))
        found: dict[tuple[int, str], tuple[str, ...]] = {}
        for first in range(0, len(said), CHUNK):
            some = said[first : first + CHUNK]
            events = decoded_bodies(self._snapshot.store, {entry for entry, *_ in some})
            for _, number, name, facet in some:
                value = facets_in(events, {name: facet}).get(name)
                found[number, name] = tuple(map(intern, searchable.tags_in(value)))
        tags: dict[int, tuple[str, ...]] = {}
        for (number, _), values in sorted(found.items()):
            tags[number] = tags.get(number, ()) + values
        return tags

    def _thing(self, type_: int, number: int, kind: str, namespace: str | None, name: str) -> None:
        lowered = name.lower()
        kinds, spaces = self._kinds, self._namespaces
        said = {
            "type": type_,
            "number": number,
            "kind": kinds.setdefault(kind, len(kinds)),
            "namespace": -1 if namespace is None else spaces.setdefault(namespace, len(spaces)),
            "length": len(lowered),
        }
        for column, value in said.items():
            self._columns[column].append(value)
        self._fields["name"].add(lowered, self._done, 0)
        self._done += 1
        if self._done % CHUNK == 0:
            self._say_how_far()

    def _say_how_far(self) -> None:
        links = self._links
        if self._progress is not None:
            self._progress(self._done, len(links.artifacts) + len(links.jobs) + len(links.runs))

    def _say(self, said: Iterator[Said], *, by_version: bool = False) -> None:
        thing = self._done - 1
        for order, one in enumerate(said):
            if one.field != "name":
                field = "version_label" if by_version and one.field == "label" else one.field
                self._fields[field].add(one.text, thing, order)

    def _written(self) -> Iterator[tuple[str, memoryview]]:
        columns: dict[str, Array] = {name: _array(values) for name, values in self._columns.items()}
        # Types and numbers come in the order of references already.
        order = np.argsort(columns["length"], kind="stable")
        columns["type"] = columns["type"].astype(np.uint8)
        for name, column in columns.items():
            yield f"things.{name}", np.ascontiguousarray(column[order]).data
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        yield "kinds", memoryview(_encode(list(self._kinds)))
        yield "spaces", memoryview(_encode(list(self._namespaces)))
        names = self._fields["name"].texts
        slashes = max((len(name) - len(name.rstrip("/")) for name in names), default=0)
        yield "slashes", memoryview(_encode(slashes))
        lowered = (namespace.lower() for namespace in self._namespaces)
        yield from compile_texts("namespaces", lowered).items()
        for name, field in self._fields.items():
            yield from _written(name, field, place)


def _written(name: str, field: _Field, place: Array) -> Iterator[tuple[str, memoryview]]:
    """The texts of a field, and which things have each, in the order in which things come."""
    texts, things = _array(field.rows), place[_array(field.things)]
    order = np.lexsort((things, texts))
    starts = np.zeros(len(field.texts) + 1, dtype=np.int64)
    np.cumsum(np.bincount(texts, minlength=len(field.texts)), out=starts[1:])
    having = Having(starts, np.ascontiguousarray(things[order]), len(place))
    yield f"{name}.rows", having.starts.data
    yield f"{name}.things", having.who.data
    yield from compile_texts(name, field.texts, having, grams=name not in READ_THROUGH).items()
    if name in BY_VERSION:
        yield f"{name}.order", np.ascontiguousarray(_array(field.order)[order]).data


def _array(values: array[int]) -> NDArray[np.int32]:
    return np.frombuffer(values, dtype=np.int32) if values else np.zeros(0, dtype=np.int32)
