"""`resolve`: from a set of claims to the version graph. Pure; the order of claims is nothing to it.

Each step is a module of this room and cites its rule: accumulation and states (`gather`), names
and timelines (`names`, `timelines`), versions (`writes`), reads and their binding (`reads`,
`binding`), derivation (`derivation`, `columns`), revision (`revision`), and what lies outside
(`outside`). `docs/explanation/resolution.md` says how each rule is read.

Trusted? It decides every answer; the tests hold it to a naive oracle on generated histories.
"""

from __future__ import annotations

from collections.abc import Iterable

from headwater.claims.model import Claim
from headwater.claims.reading import run_of
from headwater.graph import outside
from headwater.graph.binding import Binding
from headwater.graph.columns import column_edges
from headwater.graph.derivation import Derivation
from headwater.graph.gather import Gathered, RunSaid, Statements
from headwater.graph.labels import standing
from headwater.graph.model import ArtifactNode, Facet, Graph, JobNode, RunNode, VersionNode
from headwater.graph.names import Names
from headwater.graph.reads import Reads
from headwater.graph.revision import carries, revisions
from headwater.graph.timelines import Timelines
from headwater.graph.writes import Made, Writes, kind_text
from headwater.refs import Artifact, Run, Version


def resolve(claims: Iterable[Claim], size: int) -> Graph:
    """Resolve the claims of the first `size` entries. Equal sets give equal graphs."""
    gathered = Gathered(claims)
    names = Names(gathered)
    writes = Writes(gathered, names)
    reads = Reads(gathered, writes, names)
    artifacts = _Artifacts(gathered)
    for made in (made for made_by in writes.of_run.values() for made in made_by):
        made.carries = carries(made, reads)
    timelines = Timelines(writes, names)
    derivation = Derivation(gathered, writes, reads, Binding(gathered, writes, timelines))
    jobs = outside.static_jobs(gathered)
    versions = _Versions(gathered, writes, timelines, derivation, artifacts)
    versions.add_outside(jobs)
    return Graph(
        size=size,
        versions=versions.nodes,
        runs={run: _run_node(said, writes) for run, said in gathered.runs.items()},
        jobs={job.job: job for job in jobs},
        artifacts=artifacts.nodes,
        used=derivation.used,
        derived=derivation.derived(),
        columns=column_edges(derivation),
        revised=revisions(writes, timelines),
        same=outside.same_content(gathered, writes, derivation.reached, versions.digests),
        labels=artifacts.labels,
        warnings=tuple(sorted({*derivation.warnings, *_contradictions(gathered)})),
    )


class _Artifacts:
    """What is said about each artifact whatever its version."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self.labels = {subject: standing(said) for subject, said in gathered.labels.items()}
        self.nodes: dict[Artifact, ArtifactNode] = {}
        for artifact in gathered.artifact_entries:
            self.node(artifact)

    def node(self, artifact: Artifact) -> ArtifactNode:
        """The artifact's node, made on first sight."""
        found = self.nodes.get(artifact)
        if found is None:
            found = self.nodes[artifact] = self._make(artifact)
        return found

    def kind_of(self, made: Made) -> str | None:
        """The kind as the version's own run states it, else as anybody does."""
        return made.kind or self.node(made.artifact).kind

    def _make(self, artifact: Artifact) -> ArtifactNode:
        gathered = self._gathered
        facets = gathered.artifact_facets.get(artifact) or Statements()
        ownership = facets.read("ownership")
        described = facets.read("documentation")
        owners = {owner.name for owner in (ownership.owners if ownership else None) or ()}
        owner = self.labels.get(str(artifact), {}).get("owner")
        owners.update(owner.values if owner is not None else ())
        return ArtifactNode(
            artifact=artifact,
            kind=kind_text(facets.read("headwater_kind"), facets.read("datasetType")),
            source=outside.is_source(gathered, artifact),
            owners=tuple(sorted(owners)),
            description=described.description if described else None,
            facets=facets.facets(),
            entries=tuple(sorted(gathered.artifact_entries.get(artifact, ()))),
        )


class _Versions:
    """The nodes of versions, run-made and outside."""

    def __init__(
        self,
        gathered: Gathered,
        writes: Writes,
        timelines: Timelines,
        derivation: Derivation,
        artifacts: _Artifacts,
    ) -> None:
        self._artifacts = artifacts
        self._derivation = derivation
        self.digests = outside.outside_digests(derivation.reached)
        ordinals = _ordinals(gathered)
        self.nodes: dict[Version, VersionNode] = {}
        for made_by in writes.of_run.values():
            for made in made_by:
                version = made.version
                self.nodes[version] = VersionNode(
                    version=version,
                    names=tuple(sorted(made.names)),
                    joined=tuple(sorted(timelines.joined.get(version, ()))),
                    begins=made.begins,
                    attempted=made.attempted,
                    open=made.open,
                    declared=made.declared,
                    digest=made.digest,
                    size=made.size,
                    kind=artifacts.kind_of(made),
                    lifecycle=made.lifecycle,
                    source=artifacts.node(made.artifact).source,
                    origin_known=made.run.run in derivation.names_input
                    or version in derivation.known_none
                    or version in derivation.taken,
                    ordinal=ordinals.get(version),
                    facets=_facets(made),
                    entries=tuple(
                        sorted(
                            {item.entry for said in (made, *made.shown) for item in said.mentions}
                        )
                    ),
                )

    def add_outside(self, jobs: list[JobNode]) -> None:
        """Add every outside version to which a read binds or that a static list names."""
        for edge in self._derivation.used:
            if edge.version.outside:
                self._outside(edge.version, edge.entries)
        for sources in self._derivation.sources.values():
            for source in sources:
                if source.version.outside:
                    self._outside(source.version, tuple(source.entries))
        for job in jobs:
            for artifact in (*(job.inputs or ()), *(job.outputs or ())):
                self._outside(Version(artifact), job.entries)

    def _outside(self, version: Version, entries: tuple[int, ...]) -> None:
        node = self.nodes.get(version)
        if node is not None:
            node.entries = tuple(sorted({*node.entries, *entries}))
            return
        artifact = self._artifacts.node(version.artifact)
        self.nodes[version] = VersionNode(
            version=version,
            names=(version.artifact,),
            declared=version.declared,
            digest=self.digests.get(version),
            kind=artifact.kind,
            source=artifact.source,
            facets=artifact.facets,
            entries=entries,
        )


def _facets(made: Made) -> dict[str, Facet]:
    """What is shown on a version: what its mentions say, else its run's others, else a summary."""
    every = Statements()
    for said in (*(summary.facets for summary in reversed(made.shown)), made.fallback, made.facets):
        every.newest |= said.newest
    return every.facets()


def _ordinals(gathered: Gathered) -> dict[Version, int]:
    """`vN`: counted at the entry that first claims a version. A label of this store only."""
    counts: dict[Artifact, int] = {}
    ordinals: dict[Version, int] = {}
    outputs = [mention for mention in gathered.mentions if mention.role == "output"]
    for mention in sorted(outputs, key=lambda mention: (mention.entry, mention.place)):
        declared = None
        stated = Statements()
        stated.add(mention.facets, mention.time, mention.entry)
        facet = stated.read("version")
        if facet is not None and facet.dataset_version:
            declared = facet.dataset_version
        version = Version(mention.artifact, mention.run, declared)
        if version not in ordinals:
            counts[mention.artifact] = counts.get(mention.artifact, 0) + 1
            ordinals[version] = counts[mention.artifact]
    return ordinals


def _run_node(said: RunSaid, writes: Writes) -> RunNode:
    actor = said.facets.read("headwater_actor")
    nominal = said.facets.read("nominalTime")
    capture = said.facets.read("headwater_capture")
    return RunNode(
        run=said.run,
        state=said.state,
        started=said.started,
        ended=said.ended,
        parents=writes.enclosing.parents(said.run),
        followed=_followed(said),
        actor=actor.subject if actor else None,
        code=_code(said),
        nominal=(nominal.nominal_start_time, nominal.nominal_end_time) if nominal else None,
        gaps=len(capture.gaps or ()) if capture else 0,
        facets=said.facets.facets(),
        job_facets=said.job_facets.facets(),
        entries=tuple(sorted(said.entries)),
    )


def _code(said: RunSaid) -> str | None:
    """The state of the job's code: the job version, as far as anybody tells it."""
    code = said.facets.read("headwater_code") or said.job_facets.read("headwater_code")
    if code is not None and code.commit:
        return f"{code.commit}+{code.diff_digest or 'dirty'}" if code.dirty else str(code.commit)
    location = said.job_facets.read("sourceCodeLocation")
    if location is not None and location.version:
        return str(location.version)
    for name in ("sourceCode", "sql"):
        stated = said.job_facets.said(name)
        if stated is not None:
            return f"sha256:{stated.digest}"
    return None


def _followed(said: RunSaid) -> tuple[Run, ...]:
    facet = said.facets.read("jobDependencies")
    found = set()
    for item in (facet.upstream if facet else None) or ():
        if item.run is not None:
            found.add(run_of(item))
    return tuple(sorted(found))


def _contradictions(gathered: Gathered) -> list[str]:
    return [
        f"{said.run} ended more than once, and differently; it counts as {said.state}"
        for said in gathered.runs.values()
        if said.contradicted
    ]
