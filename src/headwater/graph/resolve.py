"""`resolve`: from a set of claims to the version graph. Pure; the order of claims is nothing to it.

Each step is a module of this room and cites its rule: accumulation and states (`gather`), names
and timelines (`names`, `timelines`), versions (`writes`), reads and their binding (`reads`,
`binding`), derivation (`derivation`, `columns`), revision (`revision`), and what lies outside
(`outside`). `docs/explanation/resolution.md` says how each rule is read.

Trusted? It decides every answer; the tests hold it to a naive oracle on generated histories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from headwater.claims.model import Claim
from headwater.graph import outside
from headwater.graph.columns import column_edges
from headwater.graph.labels import standing
from headwater.graph.model import ArtifactNode, Graph, JobNode, VersionNode
from headwater.graph.nodes import artifact_node, made_node, ordinals, run_node
from headwater.graph.support import Support
from headwater.graph.weigh import Weighed, contradiction
from headwater.refs import Artifact, Version


def resolve(claims: Iterable[Claim], size: int) -> Graph:
    """Resolve the claims of the first `size` entries. Equal sets give equal graphs."""
    return resolve_whole(claims, size)[0]


def resolve_whole(claims: Iterable[Claim], size: int) -> tuple[Graph, Support]:
    """The graph, and what one has to know besides to catch up with further entries."""
    weighed = Weighed(claims)
    gathered, derivation = weighed.gathered, weighed.derivation
    artifacts = _Artifacts(weighed)
    jobs = outside.static_jobs(gathered)
    counted = ordinals(gathered)
    versions = _Versions(weighed, artifacts, counted)
    versions.add_outside(jobs)
    small = outside.small_contents(gathered)
    graph = Graph(
        size=size,
        versions=versions.nodes,
        runs={run: run_node(said, weighed.writes) for run, said in gathered.runs.items()},
        jobs={job.job: job for job in jobs},
        artifacts=artifacts.nodes,
        used=derivation.used,
        derived=derivation.derived(),
        columns=column_edges(derivation),
        revised=weighed.revised,
        same=outside.same_content(weighed.writes, derivation.reached, versions.digests, small),
        labels=artifacts.labels,
        warnings=tuple(sorted({
            *(sentence for said in derivation.warnings.values() for sentence in said),
            *(sentence for run in gathered.runs.values() for sentence in contradiction(run)),
        })),
    )  # fmt: skip
    return graph, Support(weighed, graph, counted, small)


class _Artifacts:
    """What is said about each artifact whatever its version."""

    def __init__(self, weighed: Weighed) -> None:
        self._gathered = weighed.gathered
        said = self._gathered.labels
        self.labels = {subject: standing(labels) for subject, labels in said.items()}
        self.nodes: dict[Artifact, ArtifactNode] = {}
        for artifact in self._gathered.artifact_entries:
            self.node(artifact)

    def node(self, artifact: Artifact) -> ArtifactNode:
        """The artifact's node, made on first sight."""
        found = self.nodes.get(artifact)
        if found is None:
            labels = self.labels.get(str(artifact), {}) if self.labels else {}
            found = self.nodes[artifact] = artifact_node(self._gathered, artifact, labels)
        return found


class _Versions:
    """The nodes of versions, run-made and outside."""

    def __init__(
        self, weighed: Weighed, artifacts: _Artifacts, counted: dict[Version, int]
    ) -> None:
        self._artifacts = artifacts
        self._derivation = weighed.derivation
        self.digests = outside.outside_digests(self._derivation.reached)
        self.nodes: dict[Version, VersionNode] = {}
        for made_by in weighed.writes.of_run.values():
            for made in made_by:
                node = made_node(made, weighed.timelines, self._derivation)
                artifact = artifacts.node(made.artifact)
                node.kind = node.kind or artifact.kind
                node.source = artifact.source
                node.ordinal = counted.get(made.version)
                self.nodes[made.version] = node

    def add_outside(self, jobs: list[JobNode]) -> None:
        """Add every outside version to which a read binds or that a static list names."""
        entries: dict[Version, set[int]] = defaultdict(set)
        for edge in self._derivation.used:
            if edge.version.outside:
                entries[edge.version].update(edge.entries)
        for sources in self._derivation.sources.values():
            for source in sources:
                if source.version.outside:
                    entries[source.version].update(source.entries)
        for job in jobs:
            for artifact in (*(job.inputs or ()), *(job.outputs or ())):
                entries[Version(artifact)].update(job.entries)
        for version, said_in in entries.items():
            self.nodes[version] = self._outside(version, tuple(sorted(said_in)))

    def _outside(self, version: Version, entries: tuple[int, ...]) -> VersionNode:
        artifact = self._artifacts.node(version.artifact)
        return VersionNode(
            version=version,
            names=(version.artifact,),
            declared=version.declared,
            digest=self.digests.get(version),
            kind=artifact.kind,
            source=artifact.source,
            facets=artifact.facets,
            entries=entries,
        )
