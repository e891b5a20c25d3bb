"""A resolved graph's edges by both ends: the `Lineage` that is the definition, all in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from headwater.graph import traverse
from headwater.graph.lineage import (
    CARRIED,
    UNLIMITED,
    Answer,
    Declared,
    Limits,
    Visible,
    everything,
)
from headwater.graph.model import (
    ArtifactNode,
    ColumnDerived,
    Derived,
    Graph,
    JobNode,
    Label,
    Revised,
    RunNode,
    SameContent,
    Used,
    VersionNode,
)
from headwater.refs import Artifact, Job, Run, Version


class Adjacency:
    """A graph's edges by both ends. A cache of the graph, nothing more."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.damaged = False
        self._derived_from: dict[Version, list[Derived]] = defaultdict(list)
        self._derived_to: dict[Version, list[Derived]] = defaultdict(list)
        for edge in graph.derived:
            self._derived_from[edge.version].append(edge)
            self._derived_to[edge.source].append(edge)
        self._used_by: dict[Version, list[Used]] = defaultdict(list)
        self._used_of: dict[Run, list[Used]] = defaultdict(list)
        for used in graph.used:
            self._used_by[used.version].append(used)
            self._used_of[used.run].append(used)
        self._revised_by: dict[Version, list[Revised]] = defaultdict(list)
        for revised in graph.revised.values():
            self._revised_by[revised.before].append(revised)
        self._copies: dict[Version, list[SameContent]] = defaultdict(list)
        for same in graph.same.values():
            self._copies[same.original].append(same)
        self._outside: dict[Artifact, list[Version]] = defaultdict(list)
        self._made_by: dict[Run, list[Version]] = defaultdict(list)
        for version in graph.versions:
            if version.run is None:
                self._outside[version.artifact].append(version)
            else:
                self._made_by[version.run].append(version)
        self._makers: dict[Artifact, list[Job]] = defaultdict(list)
        self._takers: dict[Artifact, list[Job]] = defaultdict(list)
        for job in graph.jobs.values():
            for artifact in job.outputs or ():
                self._makers[artifact].append(job.job)
            for artifact in job.inputs or ():
                self._takers[artifact].append(job.job)

    @property
    def warnings(self) -> Sequence[str]:
        return self.graph.warnings

    def version(self, version: Version) -> VersionNode | None:
        return self.graph.versions.get(version)

    def run(self, run: Run) -> RunNode | None:
        return self.graph.runs.get(run)

    def job(self, job: Job) -> JobNode | None:
        return self.graph.jobs.get(job)

    def artifact(self, artifact: Artifact) -> ArtifactNode | None:
        return self.graph.artifacts.get(artifact)

    def labels(self, subject: str) -> Mapping[str, Label]:
        return self.graph.labels.get(subject, {})

    def entries_of(self, version: Version) -> tuple[int, ...]:
        node = self.graph.versions.get(version)
        if node is None:
            return ()
        if version.run is not None:
            return node.entries
        found = {entry for used in self.used_by(version) for entry in used.entries}
        found.update(entry for edge in self.derived_to(version) for entry in edge.entries)
        if version == Version(version.artifact):
            for job in self.declaring(version.artifact):
                found.update(self.graph.jobs[job].entries)
        return tuple(sorted(found))

    def used_of(self, run: Run) -> Sequence[Used]:
        return self._used_of.get(run, ())

    def used_by(self, version: Version) -> Sequence[Used]:
        return self._used_by.get(version, ())

    def derived_from(self, version: Version) -> Sequence[Derived]:
        return self._derived_from.get(version, ())

    def derived_to(self, version: Version) -> Sequence[Derived]:
        return self._derived_to.get(version, ())

    def columns_of(self, version: Version) -> Sequence[ColumnDerived]:
        return self._columns[0].get(version, ())

    def columns_to(self, version: Version) -> Sequence[ColumnDerived]:
        return self._columns[1].get(version, ())

    def revised(self, version: Version) -> Revised | None:
        return self.graph.revised.get(version)

    def revised_by(self, version: Version) -> Sequence[Revised]:
        return self._revised_by.get(version, ())

    def same(self, version: Version) -> SameContent | None:
        return self.graph.same.get(version)

    def copies(self, version: Version) -> Sequence[SameContent]:
        return self._copies.get(version, ())

    def made_by(self, run: Run) -> Sequence[Version]:
        return sorted(self._made_by.get(run, ()), key=str)

    def outside(self, artifact: Artifact) -> Sequence[Version]:
        return sorted(self._outside.get(artifact, ()), key=str)

    def standing(self, name: Artifact) -> Sequence[VersionNode]:
        return self._standing.get(name, ())

    def current(self, name: Artifact, until: int) -> Version | None:
        standing = [
            (since, node.begins or 0, *_tie(node.version), node.version)
            for node in self.standing(name)
            if not node.attempted and (since := node.stands(name, until)) is not None
        ]
        return max(standing)[-1] if standing else None

    def runs_of(self, job: Job) -> Sequence[Run]:
        return self._runs_of.get(job, ())

    def children(self, run: Run) -> Sequence[Run]:
        return self._children.get(run, ())

    def made_from(self, version: Version) -> Iterator[Declared]:
        if not version.outside or version in self.graph.same:
            return
        for job in self._makers.get(version.artifact, ()):
            for artifact in self.graph.jobs[job].inputs or ():
                yield Declared(version, job, Version(artifact))

    def made_into(self, version: Version) -> Iterator[Declared]:
        if version != Version(version.artifact):
            return
        for job in self._takers.get(version.artifact, ()):
            for artifact in self.graph.jobs[job].outputs or ():
                for made in self._outside.get(artifact, ()):
                    if made not in self.graph.same:
                        yield Declared(made, job, version)

    def declaring(self, artifact: Artifact) -> Sequence[Job]:
        return sorted({*self._makers.get(artifact, ()), *self._takers.get(artifact, ())})

    def with_digest(self, digest: str) -> Sequence[VersionNode]:
        return self._with_digest.get(digest, ())

    def artifacts(self) -> Iterable[Artifact]:
        return self._artifacts

    def jobs(self) -> Iterable[Job]:
        return sorted(self.graph.jobs)

    def runs(self) -> Iterable[RunNode]:
        return self.graph.runs.values()

    def versions(self) -> Iterable[VersionNode]:
        return self.graph.versions.values()

    def artifacts_called(self, text: str) -> Iterable[Artifact]:  # noqa: ARG002  (at least)
        return self._artifacts

    def jobs_called(self, text: str) -> Iterable[Job]:  # noqa: ARG002
        return self.jobs()

    def runs_called(self, prefix: str) -> Iterable[Run]:  # noqa: ARG002
        return sorted(self.graph.runs)

    def trace(
        self,
        root: Version | Run,
        *,
        revisions: str = CARRIED,
        limits: Limits = UNLIMITED,
        visible: Visible = everything,
    ) -> Answer:
        return traverse.trace(self, root, revisions=revisions, limits=limits, visible=visible)

    def impact(
        self,
        root: Version | Run,
        *,
        revisions: str = CARRIED,
        limits: Limits = UNLIMITED,
        visible: Visible = everything,
    ) -> Answer:
        return traverse.impact(self, root, revisions=revisions, limits=limits, visible=visible)

    @cached_property
    def _columns(
        self,
    ) -> tuple[dict[Version, list[ColumnDerived]], dict[Version, list[ColumnDerived]]]:
        of: dict[Version, list[ColumnDerived]] = defaultdict(list)
        to: dict[Version, list[ColumnDerived]] = defaultdict(list)
        for edge in self.graph.columns:
            of[edge.column.version].append(edge)
            to[edge.source.version].append(edge)
        return of, to

    @cached_property
    def _standing(self) -> dict[Artifact, list[VersionNode]]:
        found: dict[Artifact, list[VersionNode]] = defaultdict(list)
        for node in sorted(self.graph.versions.values(), key=age):
            for name in node.every_name if not node.version.outside else ():
                found[name].append(node)
        return found

    @cached_property
    def _artifacts(self) -> tuple[Artifact, ...]:
        known = {*self.graph.artifacts, *(version.artifact for version in self.graph.versions)}
        return tuple(sorted(known))

    @cached_property
    def _with_digest(self) -> dict[str, list[VersionNode]]:
        found: dict[str, list[VersionNode]] = defaultdict(list)
        for node in self.graph.versions.values():
            if node.digest is not None:
                found[node.digest].append(node)
        return {digest: sorted(nodes, key=_reference) for digest, nodes in found.items()}

    @cached_property
    def _runs_of(self) -> dict[Job, list[Run]]:
        found: dict[Job, list[Run]] = defaultdict(list)
        for node in sorted(self.graph.runs.values(), key=lambda node: (node.started, node.run)):
            found[node.run.job].append(node.run)
        return found

    @cached_property
    def _children(self) -> dict[Run, list[Run]]:
        found: dict[Run, list[Run]] = defaultdict(list)
        for run in sorted(self.graph.runs):
            for parent in self.graph.runs[run].parents:
                found[parent].append(run)
        return found


def age(node: VersionNode) -> tuple[object, ...]:
    """Which of two run-made versions on a name is shown first."""
    version = node.version
    return node.begins or 0, version.run or (), node.ordinal or 0, version.artifact


def _tie(version: Version) -> tuple[tuple[str, ...], str, Artifact]:
    return version.run or (), version.declared or "", version.artifact


def _reference(node: VersionNode) -> str:
    return str(node.version)
