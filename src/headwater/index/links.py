"""The edges of an index by number: what walks step along."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from headwater.index.endings import canonical
from headwater.index.records import ArtifactRecord, JobRecord, RunRecord, VersionRecord
from headwater.index.tables import Blobs, Calls, Identities, Relation, Table
from headwater.refs import Artifact, Job, Run, Version
from headwater.store.sections import Sections

CARRIES = ("none", "all", "unknown")
"""What a version carries over of the state before it, in the order of its numbers."""

_artifact = msgspec.msgpack.Decoder(Artifact).decode
_job = msgspec.msgpack.Decoder(Job).decode
_texts = msgspec.msgpack.Decoder(list[str]).decode
_run = msgspec.msgpack.Decoder(Run).decode


class Static(NamedTuple):
    """Static lineage by number: an outside version, a job, and what it is from."""

    version: int
    job: int
    source: int


class Columns(NamedTuple):
    """What is known of every version, one number each; -1 for none."""

    artifact: memoryview
    run: memoryview
    kind: memoryview
    before: memoryview
    original: memoryview
    carries: memoryview


class Links:
    """Things by number, their records, and the rows of numbers between them."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections
        keys = {name: Blobs(sections, f"{name}.keys") for name in ("artifacts", "jobs", "runs")}
        self.artifacts: Identities[Artifact] = Identities(
            sections, "artifacts", lambda number: _artifact(keys["artifacts"][number])
        )
        self.jobs: Identities[Job] = Identities(
            sections, "jobs", lambda number: _job(keys["jobs"][number])
        )
        self.runs: Identities[Run] = Identities(
            sections, "runs", lambda number: _run(keys["runs"][number])
        )
        self.versions: Identities[Version] = Identities(sections, "versions", self._version)
        self.artifact: Table[ArtifactRecord] = Table(sections, "artifacts", ArtifactRecord)
        self.job: Table[JobRecord] = Table(sections, "jobs", JobRecord)
        self.run: Table[RunRecord | None] = Table(sections, "runs", RunRecord | None)
        self.version: Table[VersionRecord] = Table(sections, "versions", VersionRecord)
        self.used, self.used_by = self._both("used")
        self.derived, self.derived_by = self._both("derived")
        self.columns, self.columns_by = self._both("columns")
        self.made = Relation(sections, "runs.made")
        self.children = Relation(sections, "runs.children")
        self.executed = Relation(sections, "jobs.runs")
        self.outside = Relation(sections, "artifacts.outside")
        self.standing = Relation(sections, "artifacts.standing")
        self.takers = Relation(sections, "jobs.inputs")
        self.makers = Relation(sections, "jobs.outputs")
        self.owned = Relation(sections, "artifacts.owners")
        self.owners = _texts(sections.whole("owners"))
        self._artifacts_called = Calls(sections, "artifacts")
        self._jobs_called = Calls(sections, "jobs")
        self.kinds = _texts(sections.whole("kinds"))
        self.columns_of = Columns(
            artifact=sections.whole("versions.artifact").cast("i"),
            run=sections.whole("versions.run").cast("i"),
            kind=sections.whole("versions.kind").cast("i"),
            before=sections.whole("revised.before").cast("i"),
            original=sections.whole("same.before").cast("i"),
            carries=sections.whole("versions.carries"),
        )
        self._after = Relation(sections, "revised.after")
        self._copies = Relation(sections, "same.after")

    def artifact_of(self, version: int) -> int:
        """The artifact that this is a version of."""
        return self.columns_of.artifact[version]

    def run_of(self, version: int) -> int:
        """The run that made a version; -1 for one of outside origin."""
        return self.columns_of.run[version]

    def kind_of(self, version: int) -> str:
        """What kind of artifact this version is one of."""
        return self.kinds[self.columns_of.kind[version]]

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
            for name in self.job[job].inputs or ():
                source = self.versions.find(Version(name))
                if source is not None:
                    yield Static(version, job, source)

    def static_to(self, version: int) -> Iterator[Static]:
        """The inverse."""
        takers = () if self.run_of(version) >= 0 else self.takers[self.artifact_of(version)]
        if not len(takers) or self.version[version].identity != (None, None):
            return
        for job in takers:
            for name in self.job[job].outputs or ():
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
        place = bisect_left(range(len(self.runs)), prefix, key=lambda number: self.runs[number].id)
        while place < len(self.runs) and self.runs[place].id.startswith(prefix):
            yield self.runs[place]
            place += 1

    def _version(self, number: int) -> Version:
        declared, digest = self.version[number].identity
        run = self.columns_of.run[number]
        return Version(
            self.artifacts[self.columns_of.artifact[number]],
            None if run < 0 else self.runs[run],
            declared,
            digest,
        )

    def _both(self, name: str) -> tuple[Relation, Relation]:
        return Relation(self._sections, name), Relation(self._sections, f"{name}.by")
