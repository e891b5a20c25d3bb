"""Layered lineage as an index: each version is made by a run of its own from the layer below.

Written straight into the sections of an index, because resolving the events behind ten million
edges takes longer than all that is measured here. Tests hold the index to the graph; here is only
how fast it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import _events
import _stores
import msgspec
import numpy as np

from headwater.graph.model import RULES
from headwater.index import keeping, opening, records
from headwater.index.closure import Rows, invert
from headwater.index.endings import endings
from headwater.index.tables import mark
from headwater.ingest import admit
from headwater.refs import Artifact, Run, Version
from headwater.store import open_store
from headwater.store.sections import Mapped, write

_encode = msgspec.msgpack.Encoder().encode
NONE = -1
JOBS = 50_000
SECRET = b"benchmarks".ljust(32)
START_US = 1_790_000_000_000_000
STEP_US = 1_000_000


class Layered(NamedTuple):
    """So many versions in so many layers, each but the lowest from `reads` of the layer below."""

    versions: int
    reads: int
    layers: int = 100

    @property
    def edges(self) -> int:
        """Derivations: as many reads stand beside them."""
        return self.reads * (self.versions - self.versions // self.layers)

    @property
    def top(self) -> Version:
        """A version of the highest layer."""
        return self.version(self.versions - 1)

    def artifact(self, number: int) -> Artifact:
        """The artifact with a number; numbers are in the order of names."""
        layer = number // (self.versions // self.layers)
        return Artifact("lake", f"layer{layer:05}.table_{number:08}")

    def run(self, number: int) -> Run:
        """The run that made it."""
        return Run(f"{number:08x}-0000-4000-8000-000000000000", "batch", f"make_{number % JOBS:05}")

    def version(self, number: int) -> Version:
        """The version itself."""
        return Version(self.artifact(number), self.run(number))

    def rows(self) -> Rows:
        """What each version derives from."""
        width = self.versions // self.layers
        counts = np.full(self.versions, self.reads, dtype=np.int64)
        counts[:width] = 0
        starts = np.zeros(self.versions + 1, dtype=np.int32)
        np.cumsum(counts, out=starts[1:])
        owners = np.repeat(np.arange(self.versions, dtype=np.int64), counts)
        draw = np.random.default_rng(7).integers(0, width, size=len(owners))
        return Rows(starts, ((owners // width - 1) * width + draw).astype(np.int32))

    def sections(self) -> dict[str, memoryview]:
        """The whole index."""
        made = _Sections(self)
        return made.found


class _Sections:
    def __init__(self, told: Layered) -> None:
        self.found: dict[str, memoryview] = {}
        count, rows = told.versions, told.rows()
        jobs = sorted({told.run(number).job for number in range(min(count, JOBS))}, key=str)
        self._things("artifacts", map(told.artifact, range(count)), count)
        self._things("runs", map(told.run, range(count)), count)
        self._things("jobs", jobs, len(jobs))
        self._marks("versions", map(told.version, range(count)), count)
        self._called("artifacts", map(told.artifact, range(count)))
        self._called("jobs", jobs)
        self._records(told, rows, len(jobs))
        everyone = np.arange(count, dtype=np.int32)
        one = Rows(np.arange(count + 1, dtype=np.int32), everyone)
        for name in ("artifacts.standing", "runs.made", "positions"):
            self._rows(name, one)
        begins = START_US + np.arange(count, dtype=np.int64) * STEP_US
        self._array("positions.stands", begins)
        for name in ("used", "derived"):
            self._rows(name, rows)
            self._rows(f"{name}.by", invert(rows, count))
        self._rows("jobs.runs", invert(Rows(one.starts, everyone % JOBS), len(jobs)))
        for name, size in (("columns", count), ("columns.by", count), ("runs.children", count),
                           ("artifacts.outside", count), ("jobs.inputs", count),
                           ("jobs.outputs", count), ("artifacts.owners", count),
                           ("positions.barriers", count), ("positions.declared", count),
                           ("revised.after", count), ("same.after", count),
                           ("digests.versions", 0)):  # fmt: skip
            self._rows(name, Rows(np.zeros(size + 1, np.int32), np.zeros(0, np.int32)))
        for name in ("digests.marks", "positions.declared.marks"):
            self._array(name, np.zeros(0, np.uint64))
        self._array("versions.artifact", everyone)
        self._array("versions.run", everyone)
        self._array("versions.kind", np.zeros(count, np.int32))
        self._array("artifacts.kind", np.zeros(count, np.int32))
        self._array("versions.carries", np.zeros(count, np.uint8))
        self._array("revised.before", np.full(count, NONE, np.int32))
        self._array("same.before", np.full(count, NONE, np.int32))
        for name, value in (("owners", []), ("kinds", ["table"]), ("labels", {}), ("warnings", {})):
            self.found[name] = memoryview(_encode(value))

    def _records(self, told: Layered, rows: Rows, jobs: int) -> None:
        nothing = msgspec.Raw(_encode({}))
        artifact = records.ArtifactRecord(
            kind="table", source=False, owners=(), description=None, facets=nothing,
        )  # fmt: skip
        job = records.JobRecord(inputs=None, outputs=None, facets=nothing, entries=())
        said = records.UsedSaid(None, "as_of", "captured", "exact", START_US, (), (), None, None,
                                nothing, (0,))  # fmt: skip
        derived = records.DerivedSaid("captured", "exact", (0,))
        counts = np.diff(rows.starts).tolist()
        kinds = {
            count: (records.USED.pack([said] * count), records.DERIVED.pack([derived] * count))
            for count in set(counts)
        }
        none = records.COLUMNS.pack([])

        def run(number: int) -> records.RunRecord:
            begins = START_US + number * STEP_US
            return records.RunRecord(
                state="COMPLETE", started=begins, ended=begins, parents=(), followed=(),
                actor=None, code=None, nominal=None, gaps=0, known=True, facets=nothing,
                job_facets=nothing, entries=(number,), used=kinds[counts[number]][0],
            )  # fmt: skip

        def version(number: int) -> records.VersionRecord:
            return records.VersionRecord(
                identity=(None, None), names=None, joined=(), begins=START_US + number * STEP_US,
                attempted=False, open=False, declared=None, digest=None, size=None, kind="table",
                lifecycle=None, origin_known=True, ordinal=1, sourceless=(), facets=nothing,
                entries=(number,), derived=kinds[counts[number]][1], columns=none,
            )  # fmt: skip

        self._blobs("artifacts", (artifact for _ in range(told.versions)))
        self._blobs("artifacts.entries", ((0,) for _ in range(told.versions)))
        self._blobs("jobs", (job for _ in range(jobs)))
        self._blobs("runs", map(run, range(told.versions)))
        self._blobs("versions", map(version, range(told.versions)))

    def _things(self, name: str, things: Iterable[tuple[Any, ...]], count: int) -> None:
        every = list(things)
        self._blobs(f"{name}.keys", every)
        self._marks(name, every, count)

    def _marks(self, name: str, things: Iterable[object], count: int) -> None:
        marks = np.fromiter(map(mark, things), np.uint64, count=count)
        order = np.argsort(marks, kind="stable")
        self._array(f"{name}.marks", marks[order])
        self._array(f"{name}.numbers", order.astype(np.int32))

    def _called(self, name: str, things: Iterable[tuple[Any, ...]]) -> None:
        found = [(mark(text), number) for number, thing in enumerate(things)
                 for text in set(endings(thing))]  # fmt: skip
        marks = np.array([text for text, _ in found], dtype=np.uint64)
        order = np.argsort(marks, kind="stable")
        self._array(f"{name}.called.marks", marks[order])
        numbers = np.array([number for _, number in found], dtype=np.int32)
        self._array(f"{name}.called.numbers", numbers[order])

    def _blobs(self, name: str, things: Iterable[object]) -> None:
        data = bytearray()
        offsets = [0]
        for thing in things:
            data += _encode(thing)
            offsets.append(len(data))
        self.found[f"{name}.bytes"] = memoryview(data)
        self._array(f"{name}.offsets", np.array(offsets, dtype=np.int64))

    def _rows(self, name: str, rows: Rows) -> None:
        self._array(f"{name}.starts", rows.starts)
        self._array(f"{name}.targets", rows.targets)

    def _array(self, name: str, array: Any) -> None:
        self.found[name] = np.ascontiguousarray(array).data


def kept(told: Layered) -> Mapped:
    """The index, mapped: from an earlier benchmark, or made now."""
    _stores.HOME.mkdir(parents=True, exist_ok=True)
    path = _stores.HOME / f"layered_{told.versions}_{told.reads}_{told.layers}_5.map"
    if not path.exists():
        write(path, SECRET, b"", told.sections())
    return Mapped(path, SECRET)


def stored(told: Layered) -> Path:
    """A store that is answered from this index: it is said to be of some events under a head.

    Of an earlier benchmark, or made now.
    """
    _stores.keep_keys_here()
    place = _stores.HOME / f"layered_store_{told.versions}_{told.reads}_{told.layers}_5"
    with open_store(place, mode="write", create=True) as store:
        if store.size < opening.INDEXED_ENTRIES_MIN:
            admit(store, list(_events.events(opening.INDEXED_ENTRIES_MIN, bare=True)))
        head = store.head()
        about = _encode(keeping.About(keeping.FORMAT, RULES, head.origin, head.size, head.root))
        found = store.open_sections(keeping.NAME)
        if found is None or found.about != about:
            assert store.save_sections(keeping.NAME, about, told.sections())
    return place
