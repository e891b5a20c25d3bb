"""The edges of an index by number: what walks step along."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from headwater.graph.model import UNKNOWN_KIND, Facet
from headwater.index.endings import canonical
from headwater.index.overlay import Overlay
from headwater.index.records import (
    FACETS,
    ArtifactRecord,
    JobRecord,
    RunRecord,
    VersionRecord,
)
from headwater.index.tables import Blobs, Calls, Column, Identities, Ordered, Relation, Table
from headwater.refs import Artifact, Job, Run, Version
from headwater.store.sections import Sections

CARRIES = ("none", "all", "unknown")
"""What a version carries over of the state before it, in the order of its numbers."""

_artifact = msgspec.msgpack.Decoder(Artifact).decode
_job = msgspec.msgpack.Decoder(Job).decode
GONE = -2
"""The kind of an artifact that is not there: a name that was only looked for."""

_texts = msgspec.msgpack.Decoder(list[str]).decode
_run = msgspec.msgpack.Decoder(Run).decode


class Static(NamedTuple):
    """Static lineage by number: an outside version, a job, and what it is from."""

    version: int
    job: int
    source: int


class Columns(NamedTuple):
    """What is known of every version, one number each; -1 for none. `kind` is its own."""

    artifact: Column
    run: Column
    kind: Column
    before: Column
    original: Column
    carries: Column


class Links:
    """Things by number, their records, and the rows of numbers between them.

    Those of `overlay` stand in place of those in the sections.
    """

    def __init__(self, sections: Sections, overlay: Overlay | None = None) -> None:
        self._sections = sections
        self.overlay = over = Overlay() if overlay is None else overlay
        keys = {name: Blobs(sections, f"{name}.keys") for name in ("artifacts", "jobs", "runs")}
        self.artifact = Table(sections, "artifacts", ArtifactRecord, over.artifact)
        self.entries: Table[tuple[int, ...]] = Table(
            sections, "artifacts.entries", tuple[int, ...], over.entries
        )
        self.job = Table(sections, "jobs", JobRecord, over.job)
        self.run = Table(sections, "runs", RunRecord, over.run)
        self.version = Table(sections, "versions", VersionRecord, over.version)
        self.artifacts: Identities[Artifact] = Identities(
            sections, "artifacts", lambda number: _artifact(keys["artifacts"][number]),
            over.artifacts, *self._places("artifacts"),
        )  # fmt: skip
        self.jobs: Identities[Job] = Identities(
            sections, "jobs", lambda number: _job(keys["jobs"][number]),
            over.jobs, *self._places("jobs"),
        )  # fmt: skip
        self.runs: Identities[Run] = Identities(
            sections, "runs", lambda number: _run(keys["runs"][number]),
            over.runs, *self._places("runs"),
        )  # fmt: skip
        self.versions: Identities[Version] = Identities(
            sections, "versions", self._version, over.versions, *self._places("versions")
        )
        self.used, self.used_by = self._both("used")
        self.derived, self.derived_by = self._both("derived")
        self.columns, self.columns_by = self._both("columns")
        self.made = self.relation("runs.made")
        self.children = self.relation("runs.children")
        self.executed = self.relation("jobs.runs")
        self.outside = self.relation("artifacts.outside")
        self.standing = self.relation("artifacts.standing")
        self.takers = self.relation("jobs.inputs")
        self.makers = self.relation("jobs.outputs")
        self.owned = self.relation("artifacts.owners")
        self.owners = [*_texts(sections.whole("owners")), *over.owners]
        self._artifacts_called = Calls(sections, "artifacts", over.called.get("artifacts", {}))
        self._jobs_called = Calls(sections, "jobs", over.called.get("jobs", {}))
        self.kinds = [*_texts(sections.whole("kinds")), *over.kinds]
        self.artifact_kind = self._column("artifacts.kind")
        self.columns_of = Columns(
            artifact=self._column("versions.artifact"),
            run=self._column("versions.run"),
            kind=self._column("versions.kind"),
            before=self._column("revised.before"),
            original=self._column("same.before"),
            carries=self._column("versions.carries", form="B", missing=0),
        )
        self._after = self.relation("revised.after")
        self._copies = self.relation("same.after")

    def relation(self, name: str) -> Relation:
        """The rows with a name."""
        return Relation(self._sections, name, self.overlay.rows.setdefault(name, {}))

    def job_facets(self, number: int) -> dict[str, Facet]:
        """Where the facets of a job stand; none where it is not known."""
        record = self.job[number]
        return {} if record is None else FACETS.unpack(record.facets)

    def artifact_of(self, version: int) -> int:
        """The artifact that this is a version of."""
        return self.columns_of.artifact[version]

    def run_of(self, version: int) -> int:
        """The run that made a version; -1 for one of outside origin."""
        return self.columns_of.run[version]

    def kind_of(self, version: int) -> str:
        """What kind this version is of: as its own run tells, else as anybody does."""
        kind = self.columns_of.kind[version]
        if kind < 0:
            kind = self.artifact_kind[self.artifact_of(version)]
        return UNKNOWN_KIND if kind < 0 else self.kinds[kind]

    def revised(self, version: int) -> int:
        """The state before; -1 for none."""
        return self.columns_of.before[version]

    def carries(self, version: int) -> str:
        """What a version carries over of the state before."""
        return CARRIES[self.columns_of.carries[version]]

    def revised_by(self, version: int) -> Sequence[int]:
        """The states after."""
        return self._after[version]

    def same(self, version: int) -> int:
        """The original of an outside version; -1 for none."""
        return self.columns_of.original[version]

    def copies(self, version: int) -> Sequence[int]:
        """The outside versions with this one's content."""
        return self._copies[version]

    def static_from(self, version: int) -> Iterator[Static]:
        """Static lineage behind an outside version that no content continues."""
        if self.run_of(version) >= 0 or self.same(version) >= 0:
            return
        for job in self.makers[self.artifact_of(version)]:
            for name in self.job.present(job).inputs or ():
                source = self.versions.find(Version(name))
                if source is not None:
                    yield Static(version, job, source)

    def static_to(self, version: int) -> Iterator[Static]:
        """The inverse."""
        takers = () if self.run_of(version) >= 0 else self.takers[self.artifact_of(version)]
        if not len(takers) or self.version.present(version).identity != (None, None):
            return
        for job in takers:
            for name in self.job.present(job).outputs or ():
                artifact = self.artifacts.find(name)
                for made in () if artifact is None else self.outside[artifact]:
                    if self.same(made) < 0:
                        yield Static(made, job, version)

    def artifacts_called(self, text: str) -> Iterator[Artifact]:
        """The artifacts that `text` may name, and perhaps others."""
        return map(self.artifacts.__getitem__, self._artifacts_called[canonical(text)])

    def jobs_called(self, text: str) -> Iterator[Job]:
        """The jobs that `text` may name, and perhaps others."""
        return map(self.jobs.__getitem__, self._jobs_called[canonical(text)])

    def runs_called(self, prefix: str) -> Iterator[Run]:
        """The runs whose id begins so."""
        runs = self.runs
        ids = range(runs.base)
        place = bisect_left(ids, prefix, key=lambda number: runs[number].id)
        while place < runs.base and runs[place].id.startswith(prefix):
            yield runs[place]
            place += 1
        yield from (run for run in self.overlay.runs if run.id.startswith(prefix))

    def _version(self, number: int) -> Version:
        record = self.version.base(number)
        declared, digest = (None, None) if record is None else record.identity
        run = self.columns_of.run[number]
        return Version(
            self.artifacts[self.columns_of.artifact[number]],
            None if run < 0 else self.runs[run],
            declared,
            digest,
        )

    def _both(self, name: str) -> tuple[Relation, Relation]:
        return self.relation(name), self.relation(f"{name}.by")

    def _column(self, name: str, *, form: str = "i", missing: int = -1) -> Column:
        instead = self.overlay.columns.setdefault(name, {})
        return Column(self._sections, name, instead, form=form, missing=missing)

    def _places(self, name: str) -> tuple[list[int], list[Ordered]]:
        overlay = self.overlay
        return overlay.places.setdefault(name, []), overlay.order.setdefault(name, [])
