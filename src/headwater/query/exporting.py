"""The events behind an answer, as they came: what `export --format openlineage` writes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from headwater.claims.model import Observed
from headwater.claims.project import OPENLINEAGE_KINDS
from headwater.graph.lineage import Answer
from headwater.graph.model import RunNode
from headwater.openlineage.times import iso
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Run

PRODUCER = "urn:headwater:export"
_CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
_SPEC = "https://openlineage.io/spec/facets"
_SCHEMAS = {
    "ownership": f"{_SPEC}/1-0-1/OwnershipDatasetFacet.json#/$defs/OwnershipDatasetFacet",
    "tags": f"{_SPEC}/1-0-0/TagsDatasetFacet.json#/$defs/TagsDatasetFacet",
    "headwater_policy": "urn:headwater:schemas:headwater_policy-1-0.json",
}
_POLICY_KEYS = frozenset({"domain", "sensitivity"})


def events(snapshot: Snapshot, answer: Answer) -> Iterator[bytes]:
    """Every event that bears on the versions of an answer, in ledger order, then its labels.

    These are the events of its runs, of every run that speaks of one of its artifacts under any
    name (they decide what a reader found), of the runs around and within them, and the static
    events of its artifacts and jobs. Labels under other keys have no OpenLineage form and stay
    behind.
    """
    artifacts = {version.artifact for version in answer.versions}
    entries = _entries(snapshot, answer, artifacts)
    bodies = snapshot.store.bodies(entries)
    kinds = snapshot.store.kinds(entries)
    for index in sorted(bodies):
        if kinds.get(index) in OPENLINEAGE_KINDS:
            yield bodies[index]
    for artifact in sorted(artifacts):
        yield from _labels(snapshot, artifact)


def _entries(snapshot: Snapshot, answer: Answer, artifacts: set[Artifact]) -> set[int]:
    lineage = snapshot.lineage
    nodes = [snapshot.node(version) for version in answer.versions]
    names = {*artifacts, *(used.named for used in answer.used)}
    names.update(*(node.names for node in nodes))
    # A version of outside origin may rest on a `lineage` facet alone, which mentions no artifact.
    about = {entry for item in answer.versions for entry in lineage.entries_of(item)}
    for artifact in filter(None, map(lineage.artifact, names)):
        about.update(artifact.entries)
    speaking = {
        claim.run
        for entry in about
        for claim in snapshot.store.claims(entry + 1, start=entry)
        if isinstance(claim, Observed)
    }
    runs = _with_family(snapshot, {*answer.runs, *speaking})
    declaring = (job for name in names for job in lineage.declaring(name))
    jobs = {*answer.jobs, *(node.run.job for node in runs), *declaring}
    known = list(filter(None, map(lineage.job, jobs)))
    # Another run of the job may have said what all of its runs are: STREAMING, say.
    facets = {facet.entry for job in known for facet in job.facets.values()}
    return about.union(facets, *(node.entries for node in runs), *(job.entries for job in known))


def _with_family(snapshot: Snapshot, runs: set[Run]) -> list[RunNode]:
    """These runs, those that enclose them and those within them, as far as they were seen."""
    lineage = snapshot.lineage
    seen = {*runs}
    queue = list(runs)
    found = []
    while queue:
        run = queue.pop()
        node = lineage.run(run)
        if node is not None:
            found.append(node)
        for other in (*(node.parents if node else ()), *lineage.children(run)):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return found


def _labels(snapshot: Snapshot, artifact: Artifact) -> Iterator[bytes]:
    """What people said of an artifact, as one DatasetEvent at the time when they last did.

    A facet replaces the older one of its name whole, so each is written whole: with the owners that
    events named, and with all of the policy.
    """
    said = snapshot.lineage.labels(str(artifact))
    node = snapshot.lineage.artifact(artifact)
    facets: dict[str, dict[str, object]] = {}
    if "owner" in said and node is not None:
        facets["ownership"] = {"owners": [{"name": name} for name in node.owners]}
    if "tag" in said:
        names = said["tag"].values
        facets["tags"] = {
            "tags": [{"key": name, "value": "true", "source": "USER"} for name in names]
        }
    policy: dict[str, object] = {
        key: label.values[0] for key, label in said.items() if key in _POLICY_KEYS
    }
    if "source" in said and node is not None:
        policy["source"] = node.source
    if policy:
        facets["headwater_policy"] = policy
    for name, facet in facets.items():
        facet |= {"_producer": PRODUCER, "_schemaURL": _SCHEMAS[name]}
    if facets:
        yield _dataset_event(artifact, max(label.time for label in said.values()), facets)


def _dataset_event(artifact: Artifact, time: int, facets: dict[str, dict[str, object]]) -> bytes:
    return msgspec.json.encode(
        {
            "eventTime": iso(time),
            "producer": PRODUCER,
            "schemaURL": f"{_CORE}#/$defs/DatasetEvent",
            "dataset": {
                "namespace": artifact.namespace,
                "name": artifact.name,
                "facets": facets,
            },
        }
    )
