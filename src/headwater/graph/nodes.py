"""The nodes of the graph, from what was gathered and weighed about each thing."""

from __future__ import annotations

from collections.abc import Mapping

from headwater.claims.model import Mentioned
from headwater.claims.reading import facet_of, run_of
from headwater.graph import outside
from headwater.graph.columns import sourceless
from headwater.graph.derivation import Derivation
from headwater.graph.gather import Gathered, RunSaid, Statements
from headwater.graph.model import ArtifactNode, Facet, Label, RunNode, VersionNode
from headwater.graph.timelines import Timelines
from headwater.graph.writes import Made, Writes, kind_text
from headwater.refs import Artifact, Run, Version


def artifact_node(
    gathered: Gathered, artifact: Artifact, labels: Mapping[str, Label]
) -> ArtifactNode:
    """What is said of an artifact whatever its version; `labels` are its own, by key."""
    facets = gathered.artifact_facets.get(artifact) or Statements()
    ownership = facets.read("ownership")
    described = facets.read("documentation")
    owners = {owner.name for owner in (ownership.owners if ownership else None) or ()}
    owner = labels.get("owner")
    owners.update(owner.values if owner is not None else ())
    return ArtifactNode(
        artifact=artifact,
        kind=kind_text(facets.read("headwater_kind"), facets.read("datasetType")),
        source=outside.is_source(gathered, artifact, labels.get("source")),
        owners=tuple(sorted(owners)),
        description=described.description if described else None,
        facets=facets.facets(),
        entries=tuple(sorted(gathered.artifact_entries.get(artifact, ()))),
    )


def made_node(made: Made, timelines: Timelines, derivation: Derivation) -> VersionNode:
    """A run-made version as its own run tells it: without ordinal or what its artifact says."""
    version = made.version
    return VersionNode(
        version=version,
        names=tuple(sorted(made.names)),
        joined=tuple(sorted(timelines.joined.get(version, ()))),
        begins=made.begins,
        attempted=made.attempted,
        open=made.open,
        declared=made.declared,
        digest=made.digest,
        size=made.size,
        kind=made.kind,
        lifecycle=made.lifecycle,
        origin_known=made.run.run in derivation.names_input
        or version in derivation.known_none
        or version in derivation.taken,
        facets=_facets(made),
        entries=made.said_in
        if not made.shown
        else tuple(sorted({entry for said in (made, *made.shown) for entry in said.said_in})),
        sourceless=sourceless(derivation.statements[version]),
    )


def _facets(made: Made) -> dict[str, Facet]:
    """What is shown on a version: what its mentions say, else its run's others, else a summary."""
    if made.fallback is made.facets and not made.shown:
        return made.facets.facets()
    every = Statements()
    for said in (*(summary.facets for summary in reversed(made.shown)), made.fallback, made.facets):
        every.newest |= said.newest
    return every.facets()


def ordinals(gathered: Gathered) -> dict[Version, int]:
    """`vN`: counted at the entry that first claims a version. A label of this store only."""
    counts: dict[Artifact, int] = {}
    found: dict[Version, int] = {}
    outputs = [mention for mention in gathered.mentions if mention.role == "output"]
    for mention in sorted(outputs, key=lambda mention: (mention.entry, mention.place)):
        version = claimed_version(mention)
        if version not in found:
            counts[mention.artifact] = counts.get(mention.artifact, 0) + 1
            found[version] = counts[mention.artifact]
    return found


def claimed_version(mention: Mentioned) -> Version:
    """The version that a mention as output claims, whatever becomes of it."""
    facet = facet_of(mention, "version")
    declared = None if facet is None else facet.dataset_version or None
    return Version(mention.artifact, mention.run, declared)


def run_node(said: RunSaid, writes: Writes) -> RunNode:
    """What was said of a run."""
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
