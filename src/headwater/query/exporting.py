"""The events behind an answer, as they came: what `export --format openlineage` writes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from headwater.claims.project import OPENLINEAGE_KINDS
from headwater.graph.traverse import Answer
from headwater.openlineage.times import iso
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Run

PRODUCER = "https://github.com/headwater-lineage/headwater"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"
_POLICY_SCHEMA = "https://headwater.dev/schemas/headwater_policy-1-0.json"
_POLICY_KEYS = frozenset({"source", "domain", "sensitivity"})


def events(snapshot: Snapshot, answer: Answer) -> Iterator[bytes]:
    """Every event that bears on the versions of an answer, in ledger order, then its labels.

    These are the events of its runs, of the runs that enclose them or are within them, of every
    run that wrote one of its artifacts (they decide what a reader found), and the static events of
    its artifacts and jobs.
    """
    artifacts = {version.artifact for version in answer.versions}
    entries = _of_runs(snapshot, answer, artifacts)
    for artifact in artifacts:
        entries |= _static(snapshot, artifact)
    for job in answer.jobs:
        entries.update(snapshot.graph.jobs[job].entries)
    bodies = snapshot.store.bodies(entries)
    kinds = snapshot.store.kinds(entries)
    for index in sorted(bodies):
        if kinds.get(index) in OPENLINEAGE_KINDS:
            yield bodies[index]
    for artifact in sorted(artifacts):
        yield from _labels(snapshot, artifact)


def _of_runs(snapshot: Snapshot, answer: Answer, artifacts: set[Artifact]) -> set[int]:
    graph = snapshot.graph
    runs: set[Run] = set(answer.runs)
    for artifact in artifacts:
        runs |= {made.version.run for made in snapshot.versions(artifact) if made.version.run}
    runs |= {run for used in answer.used for run in used.open_writers}
    known = {*runs}
    queue = list(runs)
    children: dict[Run, list[Run]] = {}
    for run_node in graph.runs.values():
        for parent in run_node.parents:
            children.setdefault(parent, []).append(run_node.run)
    while queue:
        run = queue.pop()
        node = graph.runs.get(run)
        around = [*(node.parents if node else ()), *children.get(run, ())]
        for other in around:
            if other not in known:
                known.add(other)
                queue.append(other)
    return {entry for run in known if run in graph.runs for entry in graph.runs[run].entries}


def _static(snapshot: Snapshot, artifact: Artifact) -> set[int]:
    """Entries about an artifact that are no run events."""
    node = snapshot.graph.artifacts.get(artifact)
    if node is None:
        return set()
    kinds = snapshot.store.kinds(node.entries)
    return {entry for entry, kind in kinds.items() if kind != "openlineage.run"}


def _labels(snapshot: Snapshot, artifact: Artifact) -> Iterator[bytes]:
    node = snapshot.graph.artifacts.get(artifact)
    said = node.labels if node else {}
    policy: dict[str, object] = {key: said[key] for key in sorted(_POLICY_KEYS & said.keys())}
    if "source" in policy:
        policy["source"] = str(policy["source"]).lower() in {"true", "yes", "1"}
    if policy:
        facet = {"_producer": PRODUCER, "_schemaURL": _POLICY_SCHEMA, **policy}
        yield msgspec.json.encode(
            {
                "eventTime": iso(snapshot.store.at(snapshot.size - 1)),
                "producer": PRODUCER,
                "schemaURL": _SCHEMA,
                "dataset": {
                    "namespace": artifact.namespace,
                    "name": artifact.name,
                    "facets": {"headwater_policy": facet},
                },
            }
        )
