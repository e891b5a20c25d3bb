"""Which jobs read and write which artifacts: lineage between jobs and artifacts, without versions.

A job reads and writes what its newest run did that read or wrote anything; one that never ran, what
static lineage says. So the graph is of how things are wired now, as catalogues draw it. What is
exact to the version is `trace` and `impact`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from headwater.errors import LimitExceeded
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Version

DATAFLOW_NODES_MAX = 20_000
"""Jobs and artifacts of one answer."""


class _Wires(NamedTuple):
    reads: list[Artifact]
    writes: list[Artifact]


class Around(NamedTuple):
    """What lies around a job or an artifact, both ways."""

    jobs: set[Job]
    artifacts: set[Artifact]


class Dataflow:
    """The graph of jobs and artifacts, as one principal sees it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._lineage = snapshot.lineage
        self._sees = snapshot.principal.sees
        self._wires: dict[Job, _Wires] = {}

    def reads(self, job: Job) -> list[Artifact]:
        """What a job reads, sorted."""
        return self._wired(job).reads

    def writes(self, job: Job) -> list[Artifact]:
        """What a job writes, sorted."""
        return self._wired(job).writes

    def readers(self, artifact: Artifact) -> list[Job]:
        """The jobs that read an artifact, sorted."""
        jobs = {
            used.run.job
            for version in self._versions(artifact)
            for used in self._lineage.used_by(version)
        }
        return [job for job in self._or_declared(jobs, artifact) if artifact in self.reads(job)]

    def writers(self, artifact: Artifact) -> list[Job]:
        """The jobs that write an artifact, sorted."""
        runs = (version.run for version in self._versions(artifact))
        jobs = {run.job for run in runs if run is not None}
        return [job for job in self._or_declared(jobs, artifact) if artifact in self.writes(job)]

    def around(self, node: Job | Artifact, *, depth: int) -> Around:
        """Everything that `node` comes from and reaches, through at most `depth` jobs each way.

        Raises `LimitExceeded` beyond `DATAFLOW_NODES_MAX`.
        """
        roots: set[Job | Artifact] = {node}
        if isinstance(node, Artifact):  # what stands on the name may have another of its own
            standing = self._lineage.standing(node)
            roots.update(
                one.version.artifact for one in standing if self._sees(one.version.artifact)
            )
        found = Around(set(), set())
        self._follow(roots, self.writers, self.reads, depth, found)
        self._follow(roots, self.readers, self.writes, depth, found)
        return found

    def _follow(
        self,
        roots: set[Job | Artifact],
        jobs: Callable[[Artifact], Iterable[Job]],
        artifacts: Callable[[Job], Iterable[Artifact]],
        depth: int,
        found: Around,
    ) -> None:
        seen = set(roots)
        queue: deque[tuple[Job | Artifact, int]] = deque((root, 0) for root in roots)
        while queue:
            one, hops = queue.popleft()
            if isinstance(one, Job):
                found.jobs.add(one)
                following: Iterable[Job | Artifact] = artifacts(one)
            else:
                found.artifacts.add(one)
                following = jobs(one) if hops < depth else ()
            for other in following:
                if other not in seen:
                    seen.add(other)
                    queue.append((other, hops + isinstance(other, Job)))
            if len(found.jobs) + len(found.artifacts) > DATAFLOW_NODES_MAX:
                raise LimitExceeded(
                    f"more than {DATAFLOW_NODES_MAX:,} jobs and artifacts lie around this",
                    remedy="ask with a smaller depth",
                )

    def _versions(self, artifact: Artifact) -> list[Version]:
        """The artifact's own versions; others may stand on its name."""
        made = (node.version for node in self._lineage.standing(artifact))
        own = [version for version in made if version.artifact == artifact]
        return [*own, *self._lineage.outside(artifact)]

    def _or_declared(self, jobs: set[Job], artifact: Artifact) -> list[Job]:
        return sorted(jobs.union(self._lineage.declaring(artifact)))

    def _wired(self, job: Job) -> _Wires:
        if job not in self._wires:
            reads, writes = self._newest(job)
            self._wires[job] = _Wires(
                sorted(filter(self._sees, reads)), sorted(filter(self._sees, writes))
            )
        return self._wires[job]

    def _newest(self, job: Job) -> tuple[set[Artifact], set[Artifact]]:
        for run in reversed(self._lineage.runs_of(job)):
            reads = {used.version.artifact for used in self._lineage.used_of(run)}
            writes = {version.artifact for version in self._lineage.made_by(run)}
            if reads or writes:
                return reads, writes
        node = self._lineage.job(job)
        return set((node and node.inputs) or ()), set((node and node.outputs) or ())
