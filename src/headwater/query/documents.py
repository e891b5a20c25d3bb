"""Answers as JSON documents: the contract of `surface.md`, byte-deterministic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from headwater.errors import InvalidReference
from headwater.graph.column_walk import Carried, ColumnAnswer
from headwater.graph.lineage import Answer, Completeness
from headwater.graph.model import (
    UNKNOWN_KIND,
    ColumnDerived,
    Derived,
    Facet,
    Revised,
    RunNode,
    SameContent,
    Used,
    VersionNode,
)
from headwater.openlineage.times import iso
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Column, Job, Run, Version, parse
from headwater.store import Store

Document = dict[str, Any]

_json = msgspec.json.Decoder()


def artifact_document(artifact: Artifact, kind: str | None) -> Document:
    """`{kind, namespace, name}`."""
    return {
        "kind": kind or UNKNOWN_KIND,
        "namespace": artifact.namespace,
        "name": artifact.name,
    }


def version_document(node: VersionNode) -> Document:
    """One version as a node, without depth and facets."""
    begins = node.begins
    return {
        "ref": str(node.version),
        "kind": "version",
        "artifact": artifact_document(node.version.artifact, node.kind),
        "version": {
            "origin": "outside" if node.version.outside else "run",
            "ordinal": node.ordinal,
            "declared": node.declared,
            "digest": node.digest,
            "attempted": node.attempted,
        },
        "time": None if begins is None else iso(begins),
    }


def run_document(node: RunNode) -> Document:
    """One run as a node, without depth and facets."""
    document: Document = {
        "ref": str(node.run),
        "kind": "run",
        "id": node.run.id,
        "job": {"namespace": node.run.namespace, "name": node.run.name},
        "state": node.state,
        "started": iso(node.started),
        "ended": None if node.ended is None else iso(node.ended),
        "part_of": [str(parent) for parent in node.parents],
        "actor": node.actor,
        "code": node.code,
    }
    if node.nominal is not None:
        document["interval"] = {"start": node.nominal[0], "end": node.nominal[1]}
    return document


def job_document(job: Job) -> Document:
    """One job as a node."""
    return {
        "ref": str(job),
        "kind": "job",
        "job": {"namespace": job.namespace, "name": job.name},
    }


def column_document(column: Column) -> Document:
    """One column as a node."""
    return {
        "ref": str(column),
        "kind": "column",
        "version": str(column.version),
        "path": column.path,
    }


def used_document(edge: Used, snapshot: Snapshot) -> Document:
    """One `used` edge."""
    named = snapshot.told(edge.named)
    document = _edge("used", edge.run, edge.version, edge.entries)
    document |= {
        "as": {"namespace": named.namespace, "name": named.name},
        "binding": edge.binding,
        "evidence": edge.evidence,
        "exactness": edge.exactness,
    }
    candidates = [one for one in edge.candidates if snapshot.sees(one.artifact)]
    if candidates:
        document["candidates"] = [str(version) for version in candidates]
    if edge.warning is not None:
        document["warning"] = snapshot.secrecy.redact(edge.warning)
    return document


def derived_document(edge: Derived) -> Document:
    """One `derived` edge between versions."""
    document = _edge("derived", edge.version, edge.source, edge.entries)
    return document | {"evidence": edge.evidence, "exactness": edge.exactness}


def column_edge_document(edge: ColumnDerived) -> Document:
    """One `derived` edge between columns."""
    document = _edge("derived", edge.column, edge.source, edge.entries)
    return document | {
        "direct": edge.direct,
        "transformation": edge.kind,
        "masking": edge.masking,
    }


def carried_document(edge: Carried, snapshot: Snapshot) -> Document:
    """One `revised` or `same_content` edge between columns of one name."""
    ends = (edge.column,) if edge.kind == "revised" else (edge.column, edge.source)
    entries = {one for end in ends for one in snapshot.lineage.entries_of(end.version)}
    document = _edge(edge.kind, edge.column, edge.source, sorted(entries))
    return document | ({"carries": "all"} if edge.kind == "revised" else {"evidence": "inferred"})


def revised_document(edge: Revised, snapshot: Snapshot) -> Document:
    """One `revised` edge."""
    entries = snapshot.lineage.entries_of(edge.version)
    return _edge("revised", edge.version, edge.before, entries) | {"carries": edge.carries}


def same_document(edge: SameContent, snapshot: Snapshot) -> Document:
    """One `same_content` edge."""
    ends = (edge.version, edge.original)
    entries = {entry for version in ends for entry in snapshot.lineage.entries_of(version)}
    return _edge("same_content", edge.version, edge.original, sorted(entries)) | {
        "evidence": "inferred"
    }


def completeness_document(state: Completeness) -> Document:
    """The full account of what an answer leaves out."""
    return {
        "complete": state.complete,
        "truncated": _truncated(state.truncated),
        "redacted": None if not state.redacted else {"how": "hidden", "count": state.redacted},
        "erased": None,
        "origins": {
            "sources": state.sources,
            "unknown": [str(version) for version in state.unknown],
        },
        "revisions_left_out": state.revisions_left_out,
        "open_writers": [str(run) for run in state.open_writers],
        "capture_gaps": [str(run) for run in state.capture_gaps],
        "conservative": state.conservative,
    }  # fmt: skip


def column_completeness(answer: ColumnAnswer) -> Document:
    """What an answer about a column leaves out: columns of which nothing is said."""
    return completeness_document(
        Completeness(complete=not answer.opaque and not answer.cut, truncated=answer.cut)
    ) | {"opaque": len(answer.opaque)}


def _truncated(reason: str | None) -> Document | None:
    return None if reason is None else {"reason": reason, "cursor": None}


def answer_document(
    snapshot: Snapshot, answer: Answer, header: Document, *, facets: bool = False
) -> Document:
    """The whole answer: nodes and edges sorted by (depth, ref)."""
    nodes = [
        *(version_document(snapshot.node(version)) | {"depth": depth}
          for version, depth in answer.versions.items()),
        *(run_document(snapshot.run(run)) | {"depth": depth}
          for run, depth in answer.runs.items()),
        *(job_document(job) | {"depth": depth} for job, depth in answer.jobs.items()),
    ]  # fmt: skip
    depths = {str(thing): depth for thing, depth in answer.before.items()}
    depths |= {node["ref"]: node["depth"] for node in nodes}
    edges = [
        *(used_document(edge, snapshot) for edge in answer.used),
        *(_edge("generated", version, run, snapshot.lineage.entries_of(version))
          for version, run in answer.generated),
        *(derived_document(edge) for edge in answer.derived),
        *(revised_document(edge, snapshot) for edge in answer.revised),
        *(same_document(edge, snapshot) for edge in answer.same),
        *_declared_documents(answer, snapshot),
    ]  # fmt: skip
    if facets:
        _add_facets(snapshot, answer, nodes)
    return header | {
        "root": str(answer.root),
        "nodes": sorted_nodes(nodes),
        "edges": sorted_edges(edges, depths),
        "completeness": completeness_document(answer.completeness),
    }


def with_nodes(snapshot: Snapshot, document: Document) -> Document:
    """Add the node of every version, run and job that a document mentions, sorted by reference."""
    found: dict[str, Document] = {}
    for text in sorted(set(_references(document))):
        with suppress(InvalidReference):
            reference = parse(text)
            if isinstance(reference, Version):
                found[text] = version_document(snapshot.node(reference))
            elif isinstance(reference, Run):
                run = snapshot.lineage.run(reference)
                if run is not None:
                    found[text] = run_document(run)
    return document | {"nodes": list(found.values())}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(("version:", "run:")):
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def sorted_nodes(nodes: Iterable[Document]) -> list[Document]:
    """Nodes in the order of the contract."""
    return sorted(nodes, key=lambda node: (node["depth"], node["ref"]))


def sorted_edges(edges: Iterable[Document], depths: Mapping[str, int]) -> list[Document]:
    """Edges in the order of the contract: by the depth of their nearer end, then by reference."""

    def place(edge: Document) -> tuple[object, ...]:
        nearer = min(depths.get(edge["from"], 0), depths.get(edge["to"], 0))
        rest = {key: value for key, value in edge.items() if key != "entries"}
        return nearer, edge["from"], edge["to"], edge["kind"], msgspec.json.encode(rest)

    return sorted(edges, key=place)


def facet_values(snapshot: Snapshot, facets: Mapping[str, Facet]) -> Document:
    """The facets' values as they came, without what names what the principal may not see."""
    values = stored_values(snapshot, facets)
    return {name: snapshot.secrecy.redact(value) for name, value in values.items()}


def stored_values(snapshot: Snapshot, facets: Mapping[str, Facet]) -> Document:
    """The facets' values as they came, whoever asks, found in the bytes of their entries."""
    events = decoded_bodies(snapshot.store, {facet.entry for facet in facets.values()})
    return facets_in(events, facets)


def decoded_bodies(store: Store, entries: Iterable[int]) -> dict[int, Any]:
    """The events of these entries as JSON; those whose bytes are erased are left out."""
    return {entry: _json.decode(body) for entry, body in store.bodies(entries).items()}


def facets_in(events: Mapping[int, Any], facets: Mapping[str, Facet]) -> Document:
    """The facets' values in these events, by entry. Facets of other events are left out."""
    return {
        name: _at_path(events[facet.entry], facet.path)
        for name, facet in sorted(facets.items())
        if facet.entry in events
    }


def _at_path(value: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        value = value[step]
    return value


def _add_facets(snapshot: Snapshot, answer: Answer, nodes: list[Document]) -> None:
    by_ref = {node["ref"]: node for node in nodes}
    for version in answer.versions:
        by_ref[str(version)]["facets"] = facet_values(snapshot, snapshot.node(version).facets)
    for run in answer.runs:
        node = snapshot.run(run)
        by_ref[str(run)]["facets"] = facet_values(snapshot, node.job_facets | node.facets)


def _declared_documents(answer: Answer, snapshot: Snapshot) -> Iterable[Document]:
    said = {}
    for declared in answer.declared:
        entries = snapshot.job(declared.job).entries
        for kind, start, end in (
            ("declared", declared.version, declared.source),
            ("declared_output", declared.version, declared.job),
            ("declared_input", declared.job, declared.source),
        ):
            said[kind, str(start), str(end)] = _edge(kind, start, end, entries) | {
                "evidence": "declared"
            }
    return said.values()


def _edge(
    kind: str,
    start: Version | Run | Job | Column,
    end: Version | Run | Job | Column,
    entries: Iterable[int],
) -> Document:
    return {"from": str(start), "to": str(end), "kind": kind, "entries": list(entries)}
