"""What a store holds, by namespace: namespaces, artifacts, jobs, their runs and versions.

The lists are of identities, in a fixed order, so that a page is a slice; a document is made of what
is on the page alone. Artifacts that the principal may not see are nowhere in it; jobs and runs are
shown to everybody, as `search` and `show` do, without what they read and wrote there.

Trusted? It shows what `Snapshot` and `Principal` let through, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from headwater.errors import NotFound
from headwater.graph.model import UNKNOWN_KIND, Facet, RunNode, VersionNode
from headwater.openlineage.times import iso
from headwater.query.columnflow import Columnflow
from headwater.query.dataflow import Dataflow
from headwater.query.documents import (
    Document,
    facet_values,
    run_document,
    version_document,
)
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Run, Version


class Span(NamedTuple):
    """When something was first and last heard of: event times, µs UTC."""

    first: int
    last: int


class Catalogue:
    """Lists and documents, as one principal sees them at one point in time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._lineage = snapshot.lineage

    @cached_property
    def namespaces(self) -> list[str]:
        """Every namespace that holds an artifact or a job, sorted."""
        return sorted({*self.artifacts, *self.jobs})

    @cached_property
    def artifacts(self) -> dict[str, list[Artifact]]:
        """The artifacts of each namespace, sorted by name."""
        found: dict[str, list[Artifact]] = {}
        for artifact in self.snapshot.artifacts:
            found.setdefault(artifact.namespace, []).append(artifact)
        return found

    @cached_property
    def jobs(self) -> dict[str, list[Job]]:
        """The jobs of each namespace, sorted by name."""
        found: dict[str, list[Job]] = {}
        for job in self._lineage.jobs():
            found.setdefault(job.namespace, []).append(job)
        return found

    @cached_property
    def dataflow(self) -> Dataflow:
        """Which jobs read and write what."""
        return Dataflow(self.snapshot)

    @cached_property
    def columnflow(self) -> Columnflow:
        """Columns and the links between them."""
        return Columnflow(self.snapshot)

    def knows(self, thing: Artifact | Job) -> bool:
        """Whether there is such an artifact or job."""
        if isinstance(thing, Job):
            return self._lineage.job(thing) is not None
        return thing in self._visible

    @cached_property
    def _visible(self) -> frozenset[Artifact]:
        return frozenset(self.snapshot.artifacts)

    def versions(self, artifact: Artifact) -> list[Version]:
        """The versions that stand on a name, run-made ones first, the newest first."""
        made = [node.version for node in reversed(self.snapshot.versions(artifact))]
        return [*made, *self._lineage.outside(artifact)]

    def runs(self, job: Job) -> list[Run]:
        """The runs of a job, the newest first."""
        return [*reversed(self._lineage.runs_of(job))]

    def runs_with_id(self, run_id: str) -> list[Run]:
        """The runs that have this id, the earliest first: several jobs may share one."""
        wanted = run_id.lower()
        found = [run for run in self._lineage.runs_called(wanted) if run.id == wanted]
        return sorted(found, key=lambda run: (self.snapshot.run(run).started, run))

    def require(self, thing: Artifact | Job) -> None:
        """Raise `NotFound` unless there is such an artifact or job."""
        if not self.knows(thing):
            kind = "job" if isinstance(thing, Job) else "artifact"
            raise NotFound(f"there is no {kind} {thing.name!r} in {thing.namespace!r}")

    def artifact(self, artifact: Artifact) -> Document:
        """One artifact as it is now: kind, facets, labels, newest version. Raises `NotFound`."""
        self.require(artifact)
        node = self._lineage.artifact(artifact)
        newest = self.snapshot.node(self.snapshot.latest(artifact))
        known = (newest.kind, node.kind if node else None)
        made = reversed(self.snapshot.versions(artifact))
        span = self.span(artifact)
        facets: dict[str, Facet] = (node.facets if node else {}) | newest.facets
        return {
            "ref": str(artifact),
            "kind": next((kind for kind in known if kind), UNKNOWN_KIND),
            "namespace": artifact.namespace,
            "name": artifact.name,
            "first": iso(span.first),
            "last": iso(span.last),
            "written": next(
                (iso(one.begins) for one in made if one.begins is not None and not one.attempted),
                None,
            ),
            "description": self._description(artifact),
            "labels": self.snapshot.labels(artifact),
            "latest": version_document(newest) | {"lifecycle": newest.lifecycle},
            "facets": facet_values(self.snapshot, facets),
        }

    def version(self, version: Version) -> Document:
        """One version: its facets, and the run that made it. Raises `NotFound`."""
        self.require(version.artifact)
        node = self.snapshot.node(version)
        run = None if version.run is None else self._lineage.run(version.run)
        return version_document(node) | {
            "time": iso(self._begins(node)),
            "lifecycle": node.lifecycle,
            "labels": self.snapshot.labels(version.artifact) | self.snapshot.labels(version),
            "description": self._description(version.artifact),
            "facets": facet_values(self.snapshot, node.facets),
            "made_by": None if run is None else self.run(run.run),
        }

    def job(self, job: Job) -> Document:
        """One job: what it reads and writes now, its newest run, its facets. Raises `NotFound`."""
        self.require(job)
        runs = self.runs(job)
        span = self.span(job)
        facets = dict(self.snapshot.job(job).facets)
        if runs:
            facets |= self.snapshot.run(runs[0]).job_facets
        return {
            "ref": str(job),
            "namespace": job.namespace,
            "name": job.name,
            "first": iso(span.first),
            "last": iso(span.last),
            "inputs": _named(self.dataflow.reads(job)),
            "outputs": _named(self.dataflow.writes(job)),
            "parents": self._parents(runs[0]) if runs else [],
            "labels": self.snapshot.labels(job),
            "facets": facet_values(self.snapshot, facets),
            "latest": self.run(runs[0]) if runs else None,
        }

    def run(self, run: Run) -> Document:
        """One run: state, times, facets, the versions that it read and made. Raises `NotFound`."""
        node = self.snapshot.run(run)
        sees = self.snapshot.principal.sees
        read = sorted(self._lineage.used_of(run), key=lambda used: str(used.version))
        return run_document(node) | {
            "last": iso(_last(node)),
            "inputs": [
                _of_version(used.version) | {"facets": facet_values(self.snapshot, used.facets)}
                for used in read
                if sees(used.version.artifact)
            ],
            "outputs": [
                _of_version(version)
                for version in self._lineage.made_by(run)
                if sees(version.artifact)
            ],
            "facets": facet_values(self.snapshot, node.facets),
        }

    def job_facets(self, run: Run) -> Document:
        """What a run says of its job."""
        return facet_values(self.snapshot, self.snapshot.run(run).job_facets)

    def tags(self) -> list[str]:
        """Every tag that a label of an artifact or a `tags` facet gives, sorted."""
        found: set[str] = set()
        for artifact in self.snapshot.artifacts:
            found.update(self.snapshot.labels(artifact).get("tag", ()))
            node = self._lineage.artifact(artifact)
            if node is not None and "tags" in node.facets:
                facets = facet_values(self.snapshot, {"tags": node.facets["tags"]})
                found.update(tag for _, tag in tags_of(facets))
        return sorted(found)

    def span(self, thing: Artifact | Job) -> Span:
        """When an artifact or a job was first and last heard of."""
        times = [*(self._job_times(thing) if isinstance(thing, Job) else self._times(thing))]
        if not times:  # it is only named in a static list: nothing dates it but its entry
            about = (
                self.snapshot.job(thing)
                if isinstance(thing, Job)
                else self.snapshot.node(Version(thing))
            )
            times = [self.snapshot.store.at(entry) for entry in about.entries[:1]]
        return Span(min(times, default=0), max(times, default=0))

    def namespace_span(self, namespace: str) -> Span:
        """When something of a namespace was first and last heard of. Raises `NotFound`."""
        things = [*self.artifacts.get(namespace, ()), *self.jobs.get(namespace, ())]
        if not things:
            raise NotFound(f"there is no namespace {namespace!r}")
        spans = [self.span(thing) for thing in things]
        return Span(min(span.first for span in spans), max(span.last for span in spans))

    def _times(self, artifact: Artifact) -> Iterator[int]:
        nodes = self.snapshot.versions(artifact)
        yield from (node.begins for node in nodes if node.begins is not None)
        for version in self.versions(artifact):
            yield from (used.time for used in self._lineage.used_by(version))
        about = self._lineage.artifact(artifact)
        yield from (facet.time for facet in (about.facets.values() if about else ()))

    def _job_times(self, job: Job) -> Iterator[int]:
        for run in self._lineage.runs_of(job):
            node = self.snapshot.run(run)
            yield from (node.started, _last(node))
        yield from (facet.time for facet in self.snapshot.job(job).facets.values())

    def _begins(self, node: VersionNode) -> int:
        return self.span(node.version.artifact).first if node.begins is None else node.begins

    def _description(self, artifact: Artifact) -> str | None:
        node = self._lineage.artifact(artifact)
        return self.snapshot.secrecy.redact(node.description) if node else None

    def _parents(self, run: Run) -> list[Document]:
        """The jobs around the newest run, the nearest first."""
        return [
            {"namespace": parent.namespace, "name": parent.name}
            for parent in self.snapshot.run(run).parents
        ]


def tags_of(facets: Document) -> list[tuple[str | None, str]]:
    """Read the tags of a `tags` facet: (field, None for the whole; key or key=value)."""
    value = facets.get("tags")
    said = value.get("tags") if isinstance(value, dict) else None
    found = []
    for tag in said if isinstance(said, list) else ():
        if isinstance(tag, dict) and isinstance(tag.get("key"), str):
            worth = tag.get("value")
            plain = worth in (None, "", "true", True)
            field = tag.get("field")
            text = tag["key"] if plain else f"{tag['key']}={worth}"
            found.append((field if isinstance(field, str) else None, text))
    return found


def _last(node: RunNode) -> int:
    return node.started if node.ended is None else node.ended


def _named(artifacts: Iterable[Artifact]) -> list[Document]:
    return [{"namespace": one.namespace, "name": one.name} for one in artifacts]


def _of_version(version: Version) -> Document:
    artifact = version.artifact
    return {"ref": str(version), "namespace": artifact.namespace, "name": artifact.name}
