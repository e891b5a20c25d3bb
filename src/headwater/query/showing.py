"""`show`: the passport of one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from headwater.claims.model import Claim, Described, Mentioned, Observed, Stated
from headwater.graph.model import ColumnDerived, Used, VersionNode
from headwater.openlineage.times import iso
from headwater.query.documents import (
    Document,
    artifact_document,
    column_document,
    facet_values,
    job_document,
    run_document,
    version_document,
)
from headwater.query.principal import Principal
from headwater.query.schemas import Schemas
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Column, Job, Run, Version


def show_version(snapshot: Snapshot, version: Version) -> Document:
    """Identity, made by, from, used by, names, revision, facets and their history, proofs."""
    lineage = snapshot.lineage
    node = snapshot.node(version)
    run = snapshot.run(version.run) if version.run is not None else None
    revised = lineage.revised(version)
    entries = {*lineage.entries_of(version), *(run.entries if run else ())}
    return {
        "root": str(version),
        "kind": "version",
        "node": version_document(node),
        "artifact": artifact_document(version.artifact, node.kind),
        "made_by": None if run is None else run_document(run),
        "from": _sources(snapshot, version),
        "used_by": [
            {
                "ref": str(used.run),
                "as": _as(snapshot, used),
                "binding": used.binding,
                "exactness": used.exactness,
            }
            for used in sorted(
                lineage.used_by(version), key=lambda used: (used.time, used.run, used.named)
            )
        ],
        "names": [
            {"namespace": name.namespace, "name": name.name}
            for name in node.names
            if name != version.artifact and snapshot.principal.sees(name)
        ],
        "revises": None
        if revised is None or not snapshot.principal.sees(revised.before.artifact)
        else {"ref": str(revised.before), "carries": revised.carries},
        **_about(snapshot, version.artifact, version),
        "facets": facet_values(snapshot, node.facets),
        "columns": columns_of(snapshot, version),
        "history": _history(snapshot, version, entries),
        "proofs": _proofs(snapshot, entries),
        "warnings": _warnings(snapshot, version),
    }


def show_artifact(snapshot: Snapshot, artifact: Artifact) -> Document:
    """Every version, and what is said whatever the version."""
    lineage = snapshot.lineage
    node = lineage.artifact(artifact)
    every = [*snapshot.versions(artifact), *map(snapshot.node, lineage.outside(artifact))]
    nodes = [item for item in every if snapshot.principal.sees(item.version.artifact)]
    kind = (node.kind if node else None) or next((item.kind for item in nodes if item.kind), None)
    readers: dict[Run, int] = {}
    for used in (used for item in nodes for used in lineage.used_by(item.version)):
        readers[used.run] = min(used.time, readers.get(used.run, used.time))
    return {
        "root": str(artifact),
        "kind": "artifact",
        "artifact": artifact_document(artifact, kind),
        "source": node.source if node else False,
        "versions": [_version_summary(item) for item in reversed(nodes)],
        "used_by": [
            {"ref": str(run)} for run in sorted(readers, key=lambda run: (readers[run], run))
        ],
        **_about(snapshot, artifact),
        "facets": facet_values(snapshot, node.facets if node else {}),
        "proofs": _proofs(snapshot, node.entries if node else ()),
        "warnings": [],
    }


def show_run(snapshot: Snapshot, run: Run) -> Document:
    """State, inputs, outputs, and what it is part of."""
    lineage = snapshot.lineage
    node = snapshot.run(run)
    sees = snapshot.principal.sees
    facets = {**node.job_facets, **node.facets}
    return {
        "root": str(run),
        "kind": "run",
        "node": run_document(node),
        "inputs": [
            {
                "ref": str(used.version),
                "as": _as(snapshot, used),
                "binding": used.binding,
                "exactness": used.exactness,
                "evidence": used.evidence,
            }
            for used in sorted(lineage.used_of(run), key=lambda used: str(used.version))
            if sees(used.version.artifact)
        ],
        "outputs": [
            version_document(snapshot.node(version))
            for version in lineage.made_by(run)
            if sees(version.artifact)
        ],
        "labels": snapshot.labels(run) | snapshot.labels(run.job),
        "parents": [str(parent) for parent in node.parents],
        "children": sorted(map(str, lineage.children(run))),
        "facets": facet_values(snapshot, facets),
        "proofs": _proofs(snapshot, node.entries),
        "warnings": _telling(snapshot, {str(run)}),
    }


def show_job(snapshot: Snapshot, job: Job) -> Document:
    """Its runs, newest first, and its static lists."""
    node = snapshot.job(job)
    return {
        "root": str(job),
        "kind": "job",
        "node": job_document(job),
        "labels": snapshot.labels(job),
        "runs": [
            run_document(snapshot.run(run)) for run in reversed(snapshot.lineage.runs_of(job))
        ],
        "declared_inputs": _list(node.inputs, snapshot.principal),
        "declared_outputs": _list(node.outputs, snapshot.principal),
        "facets": facet_values(snapshot, node.facets),
        "proofs": _proofs(
            snapshot, (*node.entries, *(facet.entry for facet in node.facets.values()))
        ),
        "warnings": [],
    }


def show_column(snapshot: Snapshot, column: Column) -> Document:
    """One column: what it came from and what it reached, one hop each side."""
    version = column.version
    sees = snapshot.principal.sees
    sources = (
        edge
        for edge in snapshot.lineage.columns_of(version)
        if edge.column == column and sees(edge.source.version.artifact)
    )
    uses = (
        edge
        for edge in snapshot.lineage.columns_to(version)
        if edge.source == column and sees(edge.column.version.artifact)
    )
    return {
        "root": str(column),
        "kind": "column",
        "node": column_document(column),
        "labels": snapshot.labels(column),
        "artifact": artifact_document(column.version.artifact, snapshot.node(column.version).kind),
        "from": _column_links((edge.source, edge) for edge in sources),
        "used_by": _column_links((edge.column, edge) for edge in uses),
        "facets": {},
        "proofs": _proofs(snapshot, snapshot.lineage.entries_of(version)),
        "warnings": [],
    }


def _as(snapshot: Snapshot, used: Used) -> Document:
    named = snapshot.told(used.named)
    return {"namespace": named.namespace, "name": named.name}


def _column_links(ends: Iterable[tuple[Column, ColumnDerived]]) -> list[Document]:
    links = [
        {
            "ref": str(column),
            "direct": edge.direct,
            "transformation": edge.kind,
            "masking": edge.masking,
        }
        for column, edge in ends
    ]
    return sorted(links, key=lambda link: tuple(map(str, link.values())))


def _list(artifacts: tuple[Artifact, ...] | None, reader: Principal) -> list[str] | None:
    if artifacts is None:
        return None
    return [str(artifact) for artifact in artifacts if reader.sees(artifact)]


def _sources(snapshot: Snapshot, version: Version) -> list[Document]:
    lineage = snapshot.lineage
    found = [
        {
            "ref": str(edge.source),
            "kind": "derived",
            "exactness": edge.exactness,
            "evidence": edge.evidence,
        }
        for edge in lineage.derived_from(version)
        if snapshot.principal.sees(edge.source.artifact)
    ]
    same = lineage.same(version)
    if same is not None and snapshot.principal.sees(same.original.artifact):
        found.append(
            {
                "ref": str(same.original),
                "kind": "same_content",
                "exactness": "exact",
                "evidence": "inferred",
            }
        )
    found += [
        {
            "ref": str(declared.source),
            "kind": "declared",
            "exactness": "conservative",
            "evidence": "declared",
        }
        for declared in lineage.made_from(version)
        if snapshot.principal.sees(declared.source.artifact)
    ]
    return sorted(found, key=lambda item: (item["kind"], item["ref"]))


def _about(snapshot: Snapshot, artifact: Artifact, version: Version | None = None) -> Document:
    node = snapshot.lineage.artifact(artifact)
    labels = snapshot.labels(artifact)
    if version is not None:
        labels |= snapshot.labels(version)
    return {
        "owners": list(node.owners) if node else [],
        "labels": labels,
        "description": snapshot.secrecy.redact(node.description) if node else None,
    }


def _version_summary(node: VersionNode) -> Document:
    return {
        "ref": str(node.version),
        "ordinal": node.ordinal,
        "declared": node.declared,
        "time": None if node.begins is None else iso(node.begins),
        "digest": node.digest,
        "attempted": node.attempted,
        "run": None if node.version.run is None else str(node.version.run),
    }


def columns_of(snapshot: Snapshot, version: Version) -> list[str]:
    """The columns of a version that its schema or column lineage names, sorted."""
    told = {edge.column.path for edge in snapshot.lineage.columns_of(version)}
    return sorted(told.union(Schemas(snapshot).of(version)))


def _history(snapshot: Snapshot, version: Version, entries: Iterable[int]) -> list[Document]:
    """Every statement about every facet of the version, in order."""
    found = []
    for entry in sorted(entries):
        for claim in snapshot.store.claims(entry + 1, start=entry):
            for name, stated, time in _statements(claim, version):
                found.append(
                    {"facet": name, "time": iso(time), "entry": entry, "digest": stated.digest}
                )
    return sorted(found, key=lambda item: (item["facet"], item["time"], item["entry"]))


def _statements(claim: Claim, version: Version) -> Iterable[tuple[str, Stated, int]]:
    facets: Mapping[str, Stated] = {}
    match claim:
        case Mentioned() if claim.artifact == version.artifact:
            if version.outside or (claim.run == version.run and claim.role == "output"):
                facets = claim.facets
        case Described() if claim.artifact == version.artifact:
            facets = claim.facets
        case Observed() if claim.run == version.run:
            facets = {**claim.job_facets, **claim.facets}
        case _:
            pass
    for name, stated in facets.items():
        yield name, stated, claim.time


def _proofs(snapshot: Snapshot, entries: Iterable[int]) -> list[Document]:
    found = []
    for index in sorted(set(entries)):
        entry = snapshot.store.entry(index)
        kind = snapshot.store.kinds([index]).get(index, "")
        found.append(
            {
                "entry": index,
                "leaf_hash": entry.leaf_hash.hex(),
                "at": iso(snapshot.store.at(index)),
                "kind": kind,
            }
        )
    return found


def _warnings(snapshot: Snapshot, version: Version) -> list[str]:
    about = {str(version.artifact), *([str(version.run)] if version.run else [])}
    return _telling(snapshot, about)


def _telling(snapshot: Snapshot, about: set[str]) -> list[str]:
    """The warnings that name one of these, and nothing that the reader may not see."""
    return [
        text
        for text in snapshot.lineage.warnings
        if any(name in text for name in about) and not snapshot.secrecy.tells(text)
    ]
