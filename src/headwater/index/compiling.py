"""From a resolved graph to the sections of an index: numbers in place of names, flat rows.

Numbers are given in the order of references, so that to sort by number is to sort by reference.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.graph.adjacency import age
from headwater.graph.model import ColumnDerived, Derived, Graph, Used
from headwater.graph.support import Support
from headwater.index import records
from headwater.index.closure import Ints, Rows, invert
from headwater.index.endings import endings
from headwater.index.links import CARRIES, GONE
from headwater.index.positions import standings
from headwater.index.tables import mark
from headwater.index.timelines import least, places_of
from headwater.refs import Artifact, Run, Version

T = TypeVar("T", bound=tuple[Any, ...])

NONE = -1

_encode = msgspec.msgpack.Encoder().encode


def compile_graph(graph: Graph, support: Support) -> dict[str, memoryview]:
    """Write the graph down as named sections, with what it takes to catch up."""
    return _Compiler(graph, support).sections


class _Compiler:
    def __init__(self, graph: Graph, support: Support) -> None:
        self.graph = graph
        self.support = support
        self.sections: dict[str, memoryview] = {}
        self.kinds: dict[str, int] = {}
        sought = (name for _, name in self._sought())
        looked = (name for spans in support.footprints.spans.values() for name in spans)
        self.artifacts = self._number("artifacts", {*graph.artifacts, *looked, *sought})
        self.jobs = self._number("jobs", graph.jobs)
        parents = (parent for node in graph.runs.values() for parent in node.parents)
        self.runs = self._number("runs", {*graph.runs, *parents})
        self.versions = self._number("versions", graph.versions)
        self.nodes = [graph.versions[version] for version in self.versions]
        self.writes = [support.writes.get(version) for version in self.versions]
        self._artifacts()
        self._jobs()
        self._runs()
        self._versions()
        self._names()
        self._labels()
        self._past()
        self._positions()
        self._footprints()

    def _number(self, name: str, things: Iterable[T]) -> dict[T, int]:
        numbers = {thing: number for number, thing in enumerate(sorted(things, key=str))}
        marks = _marks(numbers)
        order = np.argsort(marks, kind="stable")
        self._array(f"{name}.marks", marks[order])
        self._array(f"{name}.numbers", order.astype(np.int32))
        return numbers

    def _artifacts(self) -> None:
        numbers, nodes = self.artifacts, self.graph.artifacts
        self._keys("artifacts", numbers)
        self._called("artifacts", numbers)
        known = [nodes.get(item) for item in numbers]
        self._blobs("artifacts", (node and records.record_artifact(node) for node in known))
        self._blobs("artifacts.entries", (node and node.entries for node in known))
        kinds = [self._kind(node.kind) if node else GONE for node in known]
        self._array("artifacts.kind", np.array(kinds, dtype=np.int32))
        owners: dict[str, int] = {}
        self._rows("artifacts.owners", (
            [owners.setdefault(owner, len(owners)) for owner in (node.owners if node else ())]
            for node in known
        ))  # fmt: skip
        self.sections["owners"] = memoryview(_encode(list(owners)))
        for side in ("inputs", "outputs"):
            pairs = [
                (numbers[name], self.jobs[job.job])
                for job in self.graph.jobs.values()
                for name in getattr(job, side) or ()
                if name in numbers
            ]
            self._pairs(f"jobs.{side}", sorted(pairs), len(numbers))

    def _jobs(self) -> None:
        self._keys("jobs", self.jobs)
        self._called("jobs", self.jobs)
        self._blobs("jobs", (records.record_job(self.graph.jobs[job]) for job in self.jobs))
        runs = sorted(self.graph.runs.values(), key=lambda node: (node.started, node.run))
        pairs = [(self.jobs[node.run.job], self.runs[node.run]) for node in runs]
        self._pairs("jobs.runs", pairs, len(self.jobs))

    def _runs(self) -> None:
        numbers, known = self.runs, self.graph.runs
        used: dict[Run, list[Used]] = defaultdict(list)
        for edge in self.graph.used:
            used[edge.run].append(edge)
        self._keys("runs", numbers)
        self._blobs("runs", (
            records.record_run(known[run], used.get(run, [])) if run in known else None
            for run in numbers
        ))  # fmt: skip
        versions = self.versions
        reads = ([versions[edge.version] for edge in used.get(run, ())] for run in numbers)
        self._relation("used", reads, len(versions))
        children = [
            (numbers[parent], numbers[run])
            for run in sorted(known)
            for parent in known[run].parents
        ]
        self._pairs("runs.children", children, len(numbers))

    def _versions(self) -> None:
        graph, numbers = self.graph, self.versions
        derived: dict[Version, list[Derived]] = defaultdict(list)
        for edge in graph.derived:
            derived[edge.version].append(edge)
        columns: dict[Version, list[ColumnDerived]] = defaultdict(list)
        for column in graph.columns:
            columns[column.column.version].append(column)
        self._blobs("versions", (
            records.record_version(node, derived.get(node.version, ()),
                                   columns.get(node.version, ()), kind=said.kind if said else None)
            for node, said in zip(self.nodes, self.writes, strict=True)
        ))  # fmt: skip
        sources = ([numbers[edge.source] for edge in derived.get(item, ())] for item in numbers)
        self._relation("derived", sources, len(numbers))
        fields = ([numbers[edge.source.version] for edge in columns.get(item, ())]
                  for item in numbers)  # fmt: skip
        self._relation("columns", fields, len(numbers))
        self._columns_of_versions()
        before = {item: edge.before for item, edge in graph.revised.items()}
        original = {item: edge.original for item, edge in graph.same.items()}
        for name, further in (("revised", before), ("same", original)):
            after = [numbers[further[item]] if item in further else NONE for item in numbers]
            self._array(f"{name}.before", np.array(after, dtype=np.int32))
            pairs = [(end, start) for start, end in enumerate(after) if end != NONE]
            self._pairs(f"{name}.after", pairs, len(numbers))
        outside = [
            (self.artifacts[item.artifact], numbers[item]) for item in numbers if item.outside
        ]
        self._pairs("artifacts.outside", outside, len(self.artifacts))
        made = [(self.runs[item.run], numbers[item]) for item in numbers if item.run]
        self._pairs("runs.made", made, len(self.runs))

    def _columns_of_versions(self) -> None:
        graph, numbers = self.graph, self.versions
        count = len(numbers)
        artifacts = (self.artifacts[item.artifact] for item in numbers)
        self._array("versions.artifact", np.fromiter(artifacts, np.int32, count=count))
        runs = (self.runs[item.run] if item.run else NONE for item in numbers)
        self._array("versions.run", np.fromiter(runs, np.int32, count=count))
        carries = (
            CARRIES.index(graph.revised[item].carries) if item in graph.revised else 0
            for item in numbers
        )
        self._array("versions.carries", np.fromiter(carries, np.uint8, count=count))
        told = (self._kind(said.kind if said else None) for said in self.writes)
        self._array("versions.kind", np.fromiter(told, np.int32, count=count))
        self.sections["kinds"] = memoryview(_encode(list(self.kinds)))
        digests: dict[str, list[int]] = defaultdict(list)
        for number, node in enumerate(self.nodes):
            if node.digest is not None:
                digests[node.digest].append(number)
        order = sorted(digests, key=mark)
        self._array("digests.marks", _marks(order))
        self._rows("digests.versions", (digests[digest] for digest in order))

    def _names(self) -> None:
        """Which versions stand on each name, oldest first."""
        nodes = self.nodes
        made = (number for number, node in enumerate(nodes) if not node.version.outside)
        pairs = [
            (self.artifacts[name], number)
            for number in sorted(made, key=lambda number: age(nodes[number]))
            for name in nodes[number].every_name
            if name in self.artifacts
        ]
        self._pairs("artifacts.standing", pairs, len(self.artifacts))

    def _labels(self) -> None:
        self.sections["labels"] = memoryview(_encode(self.graph.labels))
        self.sections["warnings"] = memoryview(_encode(self.support.warnings))

    def _past(self) -> None:
        """What it takes to catch up, by number; see `graph.support`."""
        said = self.support
        self._blobs("past.artifacts", map(said.artifacts.get, self.artifacts))
        self._blobs("past.jobs", map(said.deleted_of_jobs.get, self.jobs))
        self._blobs("past.runs", map(said.runs.get, self.runs))
        self._blobs("past.versions", (
            write or said.outside.get(version)
            for version, write in zip(self.versions, self.writes, strict=True)
        ))  # fmt: skip
        self.sections["past.small"] = memoryview(_encode(said.small))
        self.sections["past.labelled"] = memoryview(_encode(said.labelled))
        took = [self.graph.versions[item] for item, write in said.writes.items() if write.renames]
        ended = [
            (self.artifacts[name], self.versions[node.version])
            for node in sorted(took, key=age)
            for name, _ in said.writes[node.version].renames
            if name in self.artifacts
        ]
        self._pairs("artifacts.ended", ended, len(self.artifacts))
        unended = [
            (self.artifacts[name], number)
            for run, number in self.runs.items()
            if run in said.runs
            for name, _ in said.runs[run].unended
        ]
        self._pairs("artifacts.unended", unended, len(self.artifacts))

    def _positions(self) -> None:
        """What stands on each name, in the order of timelines, with what reads look for."""
        places = sorted(
            (self.artifacts[name], *place)
            for number, (node, write) in enumerate(zip(self.nodes, self.writes, strict=True))
            if write
            for name, place in standings(node.version, node, write, number)
            if name in self.artifacts
        )
        self._pairs("positions", [(item[0], item[6]) for item in places], len(self.artifacts))
        self._array("positions.stands", np.array([item[1] for item in places], dtype=np.int64))
        names = np.array([item[0] for item in places], dtype=np.int32)
        marks = np.array([item[7] for item in places], dtype=np.uint64)
        barriers = np.array([item[8] for item in places], dtype=bool)
        for name, found in places_of(names, marks, barriers, len(self.artifacts)):
            self._array(name, found)

    def _footprints(self) -> None:
        """By name which runs looked at which part of its timeline, or sought what on it."""
        spans = [
            (self.artifacts[name], span.last, self.runs[run], span.first)
            for run, by_name in self.support.footprints.spans.items()
            for name, span in by_name.items()
        ]
        spans.sort()
        self._pairs("spans", [(item[0], item[2]) for item in spans], len(self.artifacts))
        for place, name in ((3, "spans.first"), (1, "spans.last")):
            self._array(name, np.array([item[place] for item in spans], dtype=np.int64))
        self._array("spans.least", least(np.array([item[3] for item in spans], dtype=np.int64)))
        keys = sorted((self.artifacts[name], mark(key), self.runs[run])
                      for (run, key), name in self._sought())  # fmt: skip
        self._pairs("keys", [(item[0], item[2]) for item in keys], len(self.artifacts))
        self._array("keys.marks", np.array([item[1] for item in keys], dtype=np.uint64))

    def _sought(self) -> Iterator[tuple[tuple[Run, str], Artifact]]:
        for run, keys in self.support.footprints.keys.items():
            for name, key in keys:
                yield (run, key), name

    def _kind(self, kind: str | None) -> int:
        return NONE if kind is None else self.kinds.setdefault(kind, len(self.kinds))

    def _keys(self, name: str, things: Iterable[tuple[Any, ...]]) -> None:
        self._blobs(f"{name}.keys", things)

    def _called(self, name: str, numbers: Mapping[T, int]) -> None:
        """Numbers by what their things may be called."""
        counts = array("i")

        def texts() -> Iterator[str]:
            for thing in numbers:
                own = {*endings(thing)}
                counts.append(len(own))
                yield from own

        marks = _marks(texts())
        things = np.repeat(np.arange(len(numbers), dtype=np.int32), counts)
        order = np.argsort(marks, kind="stable")
        self._array(f"{name}.called.marks", marks[order])
        self._array(f"{name}.called.numbers", things[order])

    def _array(self, name: str, array: NDArray[Any]) -> None:
        self.sections[name] = np.ascontiguousarray(array).data

    def _blobs(self, name: str, things: Iterable[object]) -> None:
        data = bytearray()
        offsets = [0]
        for thing in things:
            data += _encode(thing)
            offsets.append(len(data))
        self.sections[f"{name}.bytes"] = memoryview(data)
        self._array(f"{name}.offsets", np.array(offsets, dtype=np.int64))

    def _rows(self, name: str, rows: Iterable[list[int]]) -> tuple[Ints, Ints]:
        ends, flat = array("i", [0]), array("i")
        for row in rows:
            flat.fromlist(row)
            ends.append(len(flat))
        starts, targets = (np.array(values, dtype=np.int32) for values in (ends, flat))
        self._array(f"{name}.starts", starts)
        self._array(f"{name}.targets", targets)
        return starts, targets

    def _relation(self, name: str, rows: Iterable[list[int]], size: int) -> None:
        """A relation and its inverse, `name.by`."""
        starts, targets = self._rows(name, rows)
        inverse = invert(Rows(starts, targets), size)
        self._array(f"{name}.by.starts", inverse.starts)
        self._array(f"{name}.by.targets", inverse.targets)

    def _pairs(self, name: str, pairs: Sequence[tuple[int, int]], size: int) -> None:
        """A relation from its pairs; rows keep the order in which they come."""
        owners = np.fromiter((pair[0] for pair in pairs), dtype=np.int64, count=len(pairs))
        targets = np.fromiter((pair[1] for pair in pairs), dtype=np.int32, count=len(pairs))
        order = np.argsort(owners, kind="stable")
        starts = np.zeros(size + 1, dtype=np.int32)
        np.cumsum(np.bincount(owners, minlength=size), out=starts[1:])
        self._array(f"{name}.starts", starts)
        self._array(f"{name}.targets", targets[order])


def _marks(things: Iterable[object]) -> NDArray[np.uint64]:
    """The `mark` of each."""
    digests = b"".join([blake2b(_encode(thing), digest_size=8).digest() for thing in things])
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)
