"""Lineage and column lineage as Marquez draws them: nodes that hold their edges.

An edge runs from `origin` to `destination`, the way the data went: a dataset to the job that reads
it, a job to the dataset that it writes, a field to the field that is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from headwater.graph.model import ColumnDerived
from headwater.query.catalogue import Catalogue
from headwater.query.documents import Document
from headwater.refs import Artifact, Column, Job
from headwater.service.marquez import datasets, jobs
from headwater.service.marquez.names import dataset_node, field_node, job_node, version_id


def lineage(catalogue: Catalogue, node: Artifact | Job, *, depth: int) -> Document:
    """`LineageGraph`: what a dataset or job comes from and reaches, and what lies between."""
    around = catalogue.dataflow.around(node, depth=depth)
    flow: set[tuple[str, str]] = set()
    for job in around.jobs:
        reads, writes = catalogue.dataflow.reads(job), catalogue.dataflow.writes(job)
        flow |= {(dataset_node(*one), job_node(*job)) for one in reads if one in around.artifacts}
        flow |= {(job_node(*job), dataset_node(*one)) for one in writes if one in around.artifacts}
    nodes = {
        dataset_node(*one): ("DATASET", datasets.node(catalogue.artifact(one)))
        for one in around.artifacts
    } | {job_node(*one): ("JOB", _job(catalogue, one)) for one in around.jobs}
    return _graph(nodes, flow)


def column_lineage(
    catalogue: Catalogue, roots: list[Column], *, depth: int, downstream: bool
) -> Document:
    """`ColumnLineageGraph`: the fields that fields come from and, if asked for, reach."""
    edges = catalogue.columnflow.edges(roots, depth=depth, downstream=downstream)
    nodes: dict[str, tuple[str, Document]] = {}
    flow: set[tuple[str, str]] = set()
    inputs: dict[Column, list[ColumnDerived]] = {}
    for edge in edges:
        inputs.setdefault(edge.column, []).append(edge)
        inputs.setdefault(edge.source, [])
        flow.add((_field(edge.source), _field(edge.column)))
    for column in sorted(inputs, key=lambda one: _age(catalogue, one)):
        data = _field_data(catalogue, column, inputs[column])
        known = nodes.get(_field(column))
        # Several versions of a dataset are one node here, which has the inputs of all of them and
        # names the newest.
        if known is not None:
            data["inputFields"] = _distinct([*known[1]["inputFields"], *data["inputFields"]])
        nodes[_field(column)] = ("DATASET_FIELD", data)
    return _graph(nodes, flow)


def _graph(nodes: dict[str, tuple[str, Document]], flow: set[tuple[str, str]]) -> Document:
    into: dict[str, list[Document]] = {}
    out: dict[str, list[Document]] = {}
    for origin, destination in sorted(flow):
        edge = {"origin": origin, "destination": destination}
        out.setdefault(origin, []).append(edge)
        into.setdefault(destination, []).append(edge)
    return {
        "graph": [
            {
                "id": name,
                "type": kind,
                "data": data,
                "inEdges": into.get(name, []),
                "outEdges": out.get(name, []),
            }
            for name, (kind, data) in sorted(nodes.items())
        ]
    }


def _job(catalogue: Catalogue, job: Job) -> Document:
    return jobs.node(catalogue.job(job)) | {"parentJobUuid": None}


def _age(catalogue: Catalogue, column: Column) -> tuple[int, str]:
    return catalogue.snapshot.node(column.version).begins or 0, str(column)


def _field(column: Column) -> str:
    return field_node(column.version.artifact, column.path)


def _field_data(catalogue: Catalogue, column: Column, edges: Iterable[ColumnDerived]) -> Document:
    artifact = column.version.artifact
    return {
        "namespace": artifact.namespace,
        "dataset": artifact.name,
        "datasetVersion": version_id(str(column.version)),
        "field": column.path,
        "fieldType": catalogue.columnflow.type_of(column) or "",
        "transformationDescription": None,
        "transformationType": None,
        "inputFields": _distinct(_input_field(edge) for edge in edges),
    }


def _input_field(edge: ColumnDerived) -> Document:
    artifact = edge.source.version.artifact
    kind = edge.kind.replace("_", " ")
    return {
        "namespace": artifact.namespace,
        "dataset": artifact.name,
        "datasetVersion": version_id(str(edge.source.version)),
        "field": edge.source.path,
        "transformationDescription": kind if edge.direct else f"indirect: {kind}",
        "transformationType": "MASKED" if edge.masking else edge.kind.upper(),
    }


def _distinct(found: Iterable[Document]) -> list[Document]:
    kept = {tuple(one.items()): one for one in found}
    return [kept[key] for key in sorted(kept)]
