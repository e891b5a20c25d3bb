"""The facets that the steps write, in the versions of OpenLineage's schemas given here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PRODUCER = "https://headwater.dev/examples/flights/0.1.0"
SPEC = "https://openlineage.io/spec/facets"
OURS = "https://headwater.dev/schemas"
# Values of the column go into these; all other kinds only decide which values there are.
DIRECT = frozenset({"IDENTITY", "TRANSFORMATION", "AGGREGATION"})
# Facet name → file of its schema and the definition in it, in the versions that are written here.
SCHEMAS = {
    "columnLineage": f"{SPEC}/1-2-0/ColumnLineageDatasetFacet.json",
    "datasetType": f"{SPEC}/1-0-1/DatasetTypeDatasetFacet.json",
    "documentation": f"{SPEC}/1-1-0/DocumentationJobFacet.json",
    "errorMessage": f"{SPEC}/1-0-1/ErrorMessageRunFacet.json",
    "executionParameters": f"{SPEC}/1-0-0/ExecutionParametersRunFacet.json",
    "inputStatistics": f"{SPEC}/1-0-0/InputStatisticsInputDatasetFacet.json",
    "jobType": f"{SPEC}/2-0-4/JobTypeJobFacet.json",
    "lifecycleStateChange": f"{SPEC}/1-0-1/LifecycleStateChangeDatasetFacet.json",
    "lineage": f"{SPEC}/1-0-0/LineageFacet.json#/$defs/LineageDatasetFacet",
    "outputStatistics": f"{SPEC}/1-0-2/OutputStatisticsOutputDatasetFacet.json",
    "ownership": f"{SPEC}/1-0-1/OwnershipDatasetFacet.json",
    "parent": f"{SPEC}/1-2-0/ParentRunFacet.json",
    "processing_engine": f"{SPEC}/1-1-1/ProcessingEngineRunFacet.json",
    "schema": f"{SPEC}/1-2-0/SchemaDatasetFacet.json",
    "sourceCodeLocation": f"{SPEC}/1-1-0/SourceCodeLocationJobFacet.json",
    "sql": f"{SPEC}/1-1-0/SQLJobFacet.json",
}


def facet(name: str, /, **body: Any) -> dict[str, Any]:
    """Write one facet, with the two members that every facet must have."""
    schema = SCHEMAS.get(name, f"{OURS}/{name}-1-0.json")
    return {name: {"_producer": PRODUCER, "_schemaURL": schema, **body}}


def digest(path: Path) -> dict[str, Any]:
    """Hash a file: the body of `headwater_digest`."""
    with path.open("rb") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
    return {"algorithm": "sha256", "value": value, "size": path.stat().st_size, "of": "bytes"}


def fields(fields: Mapping[str, str]) -> dict[str, Any]:
    """Write column → type as a `schema` facet."""
    return facet("schema", fields=[{"name": name, "type": kind} for name, kind in fields.items()])


def column(identity: dict[str, str], name: str, subtype: str) -> dict[str, Any]:
    """Write one origin of an output's column, as `columnLineage` has it."""
    kind = "DIRECT" if subtype in DIRECT else "INDIRECT"
    transformation = {"type": kind, "subtype": subtype, "masking": False}
    return {**identity, "field": name, "transformations": [transformation]}
