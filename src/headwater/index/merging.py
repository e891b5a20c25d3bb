"""A new base from an index: its base and what came after it, written as one.

What `compiling` would write of the whole graph comes of it, without resolving anything: numbers are
given anew in the order of references, rows and records are copied, those that came later in place
of those before. It takes what copying takes.

Trusted? It decides answers on a large store; the tests hold it to `compiling`, section by section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.graph.model import Label
from headwater.index.arrays import column_of, rows_of
from headwater.index.closure import Bools, Ints, Rows, invert
from headwater.index.index import Index
from headwater.index.layers import plain
from headwater.index.links import GONE
from headwater.index.numbering import NONE, Numbering, in_rows, owners_of
from headwater.index.tables import Column, mark
from headwater.index.timelines import Left

_encode = msgspec.msgpack.Encoder().encode
_counts = msgspec.msgpack.Decoder(dict[str, int]).decode
_entries = msgspec.msgpack.Decoder(dict[str, tuple[int, ...]]).decode
_labels = msgspec.msgpack.Decoder(dict[str, dict[str, Label]]).decode


def merge(index: Index) -> dict[str, memoryview]:
    """The sections of a base that says what the index says.

    Raises `CacheDamaged` where the base cannot be read, `Dangling` where its parts do not agree.
    """
    return _Merger(index).sections


class _Merger:
    def __init__(self, index: Index) -> None:
        self.index = index
        self.base = base = index.sections
        self.links = links = index.links
        self.overlay = overlay = index.overlay
        self.sections: dict[str, memoryview] = {}
        left = Left(index)
        here = self._here("artifacts", overlay.artifact, len(links.artifacts))
        self.gone = ~here
        self.artifacts = Numbering(base, "artifacts", links.artifacts, here | left.asked)
        self.jobs = Numbering(base, "jobs", links.jobs, np.ones(len(links.jobs), dtype=bool))
        count = len(links.runs)
        enclosing = np.diff(rows_of(links.children, count).starts) > 0
        here = self._here("runs", overlay.run, count)
        self.runs = Numbering(base, "runs", links.runs, here | enclosing)
        here = self._here("versions", overlay.version, len(links.versions))
        self.versions = Numbering(base, "versions", links.versions, here)
        self._identities()
        self._records()
        self._columns()
        self._rows()
        self._digests()
        self._sums()
        for name, array in left.sections(self.artifacts, self.runs, self.versions):
            self._array(name, array)

    def _here(self, name: str, later: Mapping[int, object], count: int) -> Bools:
        """Which things have a record; that of none is one byte."""
        offsets = np.frombuffer(self.base.whole(f"{name}.offsets"), dtype=np.int64)
        found = np.zeros(count, dtype=bool)
        found[: len(offsets) - 1] = np.diff(offsets) > 1
        for number, record in plain(later).items():
            found[number] = record is not None
        return found

    def _identities(self) -> None:
        for things in (self.artifacts, self.jobs, self.runs, self.versions):
            marks, numbers = things.marks()
            self._array(f"{things.name}.marks", marks)
            self._array(f"{things.name}.numbers", numbers)
            if things is not self.versions:
                self._blobs(f"{things.name}.keys", *things.keys())
        for things in (self.artifacts, self.jobs):
            self._called(things)

    def _called(self, things: Numbering) -> None:
        new = self.overlay.called.get(things.name, {})
        pairs = [(mark(text), number) for text, numbers in new.items() for number in numbers]
        name = f"{things.name}.called"
        base = np.frombuffer(self.base.whole(f"{name}.marks"), dtype=np.uint64)
        numbers = np.frombuffer(self.base.whole(f"{name}.numbers"), dtype=np.int32)
        marks = np.append(base, np.array([text for text, _ in pairs], dtype=np.uint64))
        numbers = things.new[np.append(numbers, np.array([n for _, n in pairs], dtype=np.int32))]
        marks, numbers = marks[numbers != NONE], numbers[numbers != NONE]
        order = np.lexsort((numbers, marks))
        self._array(f"{name}.marks", marks[order])
        self._array(f"{name}.numbers", numbers[order])

    def _records(self) -> None:
        over = self.overlay
        for things, name, instead in (
            (self.artifacts, "artifacts", over.artifact),
            (self.artifacts, "artifacts.entries", self._unless_gone(over.entries)),
            (self.artifacts, "past.artifacts", self._unless_gone(over.past_artifact)),
            (self.jobs, "jobs", over.job),
            (self.jobs, "past.jobs", over.past_job),
            (self.runs, "runs", over.run),
            (self.runs, "past.runs", over.past_run),
            (self.versions, "versions", over.version),
            (self.versions, "past.versions", over.past_version),
        ):
            self._blobs(name, *things.blobs(name, plain(instead)))

    def _unless_gone(self, said: Mapping[int, object]) -> Mapping[int, object]:
        return {number: None if self.gone[number] else one for number, one in plain(said).items()}

    def _columns(self) -> None:
        columns, count = self.links.columns_of, len(self.links.versions)

        def of(column: Column, kind: type[np.generic] = np.int32) -> NDArray[Any]:
            return column_of(column, count, kind)[self.versions.order]

        self.artifact = self.artifacts.there(of(columns.artifact))
        self.run = self.runs.new[of(columns.run)]
        self._array("versions.artifact", self.artifact)
        self._array("versions.run", self.run)
        self._array("versions.carries", of(columns.carries, np.uint8))
        for name, column in (("revised", columns.before), ("same", columns.original)):
            before = self.versions.new[of(column)]
            after = np.flatnonzero(before != NONE)
            self._array(f"{name}.before", before)
            self._pair(f"{name}.after", in_rows(before[after], after, len(self.versions)))
        numbers = np.arange(len(self.versions), dtype=np.int32)
        made = self.run != NONE
        outside = in_rows(self.artifact[~made], numbers[~made], len(self.artifacts))
        self._pair("artifacts.outside", outside)
        self._pair("runs.made", in_rows(self.run[made], numbers[made], len(self.runs)))
        kind = column_of(self.links.artifact_kind, len(self.links.artifacts))
        kind = np.where(self.gone, GONE, kind)[self.artifacts.order]
        own = of(columns.kind)
        kinds = _first_met(np.append(kind, own), len(self.links.kinds))
        self._array("artifacts.kind", np.where(kind < 0, kind, kinds.new[np.maximum(kind, NONE)]))
        self._array("versions.kind", np.where(own < 0, own, kinds.new[own]))
        self.sections["kinds"] = _packed([self.links.kinds[kind] for kind in kinds.order])

    def _rows(self) -> None:
        links, artifacts, jobs, runs = self.links, self.artifacts, self.jobs, self.runs
        versions = self.versions
        for name, relation, owners in (
            ("used", links.used, runs),
            ("derived", links.derived, versions),
            ("columns", links.columns, versions),
        ):
            rows = owners.rows(relation, versions)
            self._pair(name, rows)
            self._pair(f"{name}.by", invert(rows, len(versions)))
        self._pair("runs.children", runs.rows(links.children, runs))
        self._pair("jobs.runs", jobs.rows(links.executed, runs))
        self._pair("artifacts.standing", artifacts.rows(links.standing, versions))
        self._pair("artifacts.ended", artifacts.rows(links.relation("artifacts.ended"), versions))
        for name, relation, targets in (
            ("jobs.inputs", links.takers, jobs),
            ("jobs.outputs", links.makers, jobs),
            ("artifacts.unended", links.relation("artifacts.unended"), runs),
        ):
            rows = artifacts.rows(relation, targets)
            order = np.lexsort((rows.targets, owners_of(rows)))
            self._pair(name, Rows(rows.starts, rows.targets[order]))
        held = rows_of(links.owned, len(links.artifacts))
        said = held.of(artifacts.order)
        owned = _first_met(said, len(links.owners))
        starts = np.zeros(len(artifacts) + 1, dtype=np.int32)
        np.cumsum(np.diff(held.starts)[artifacts.order], out=starts[1:])
        self._pair("artifacts.owners", Rows(starts, owned.new[said]))
        self.sections["owners"] = _packed([links.owners[owner] for owner in owned.order])

    def _digests(self) -> None:
        """The versions with each content that any has, in the order of marks."""
        rows = list(self._with_digest())
        rows.sort(key=lambda row: row[0])
        counts = np.array([len(numbers) for _, numbers in rows], dtype=np.int64)
        starts = np.zeros(len(rows) + 1, dtype=np.int32)
        np.cumsum(counts, out=starts[1:])
        every = np.fromiter((number for _, row in rows for number in row), dtype=np.int32)
        self._array("digests.marks", np.array([text for text, _ in rows], dtype=np.uint64))
        self._pair("digests.versions", Rows(starts, self.versions.there(every)))

    def _with_digest(self) -> Iterator[tuple[int, list[int]]]:
        later = {mark(digest): (digest, row) for digest, row in plain(self.overlay.digests).items()}
        marks = self.base.whole("digests.marks").cast("Q")
        starts = self.base.whole("digests.versions.starts").cast("i")
        targets = self.base.whole("digests.versions.targets").cast("i")
        for place, text in enumerate(marks):
            row = targets[starts[place] : starts[place + 1]].tolist()
            if text in later:
                record = self.links.version.base(row[0])
                if record is None or record.digest == later[text][0]:
                    continue
            yield text, row
        yield from ((text, row) for text, (_, row) in later.items() if row)

    def _sums(self) -> None:
        over, base = self.overlay, self.base
        for name, more in (("warnings", over.warnings), ("past.small", over.small)):
            counts = _counts(base.whole(name))
            for said, count in more.items():
                counts[said] = counts.get(said, 0) + count
            self.sections[name] = _packed({said: count for said, count in counts.items() if count})
        labels = _labels(base.whole("labels"))
        self.sections["labels"] = _packed({**labels, **plain(over.labels)})
        labelled = _entries(base.whole("past.labelled"))
        self.sections["past.labelled"] = _packed({**labelled, **plain(over.labelled)})

    def _array(self, name: str, array: NDArray[Any]) -> None:
        self.sections[name] = np.ascontiguousarray(array).data

    def _pair(self, name: str, rows: Rows) -> None:
        self._array(f"{name}.starts", rows.starts)
        self._array(f"{name}.targets", rows.targets)

    def _blobs(self, name: str, data: bytearray, offsets: NDArray[np.int64]) -> None:
        self.sections[f"{name}.bytes"] = memoryview(data)
        self._array(f"{name}.offsets", offsets)


class _Met:
    """Small numbers in the order in which they are met first."""

    def __init__(self, order: list[int], new: Ints) -> None:
        self.order = order
        self.new = new


def _first_met(numbers: NDArray[Any], count: int) -> _Met:
    """Of those that are not negative."""
    values, places = np.unique(numbers[numbers >= 0], return_index=True)
    order = values[np.argsort(places)]
    new = np.full(count + 1, NONE, dtype=np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    return _Met(order.tolist(), new)


def _packed(said: object) -> memoryview:
    return memoryview(_encode(said))
