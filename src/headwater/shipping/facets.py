"""The facets that recorded runs are told in, and the versions of OpenLineage's schemas."""

from __future__ import annotations

import json
import math
from typing import Any, Final

PRODUCER: Final = "https://headwater.dev/capture"
CORE: Final = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_SPEC: Final = "https://openlineage.io/spec/facets"
_OURS: Final = "https://headwater.dev/schemas"
_SCHEMAS: Final = {
    "columnLineage": f"{_SPEC}/1-2-0/ColumnLineageDatasetFacet.json",
    "datasetType": f"{_SPEC}/1-0-1/DatasetTypeDatasetFacet.json",
    "documentation": f"{_SPEC}/1-1-0/DocumentationJobFacet.json",
    "environmentVariables": f"{_SPEC}/1-0-0/EnvironmentVariablesRunFacet.json",
    "errorMessage": f"{_SPEC}/1-0-1/ErrorMessageRunFacet.json",
    "executionParameters": f"{_SPEC}/1-0-0/ExecutionParametersRunFacet.json",
    "headwater_features": f"{_OURS}/headwater_features-1-1.json",
    "inputStatistics": f"{_SPEC}/1-0-0/InputStatisticsInputDatasetFacet.json",
    "jobType": f"{_SPEC}/2-0-4/JobTypeJobFacet.json",
    "lifecycleStateChange": f"{_SPEC}/1-0-1/LifecycleStateChangeDatasetFacet.json",
    "lineage": f"{_SPEC}/1-0-0/LineageFacet.json#/$defs/LineageDatasetFacet",
    "outputStatistics": f"{_SPEC}/1-0-2/OutputStatisticsOutputDatasetFacet.json",
    "ownership": f"{_SPEC}/1-0-1/OwnershipDatasetFacet.json",
    "parent": f"{_SPEC}/1-2-0/ParentRunFacet.json",
    "processing_engine": f"{_SPEC}/1-1-1/ProcessingEngineRunFacet.json",
    "schema": f"{_SPEC}/1-2-0/SchemaDatasetFacet.json",
    "sourceCodeLocation": f"{_SPEC}/1-1-0/SourceCodeLocationJobFacet.json",
    "sql": f"{_SPEC}/1-1-0/SQLJobFacet.json",
    "version": f"{_SPEC}/1-0-1/DatasetVersionDatasetFacet.json",
}
_OF_JOBS: Final = {"ownership": f"{_SPEC}/1-0-1/OwnershipJobFacet.json"}

_DATASET_TYPES: Final = frozenset({"TABLE", "VIEW", "FILE", "TOPIC", "STREAM", "MODEL"})
_TABLES: Final = (
    "sqlite", "duckdb", "postgres", "mysql", "redshift", "snowflake", "bigquery", "mssql", "oracle",
)  # fmt: skip
# Values of the column go into these; all other kinds only decide which values there are.
_DIRECT: Final = frozenset({"IDENTITY", "TRANSFORMATION", "AGGREGATION"})

Facets = dict[str, dict[str, Any]]


def facet(name: str, /, **body: Any) -> Facets:
    """Write one facet, with the two members that every facet must have."""
    schema = _SCHEMAS.get(name, f"{_OURS}/{name}-1-0.json")
    return {name: {"_producer": PRODUCER, "_schemaURL": schema, **finite(body)}}


def job_facet(name: str, /, **body: Any) -> Facets:
    """Write one facet of a job."""
    written = facet(name, **body)
    written[name]["_schemaURL"] = _OF_JOBS.get(name, written[name]["_schemaURL"])
    return written


def dataset_facets(namespace: str, said: dict[str, Any]) -> Facets:
    """Write what was said of a dataset in either role."""
    found: Facets = {}
    kind = str(said.get("kind") or _kind(namespace)).upper()
    if kind in _DATASET_TYPES:
        found |= facet("datasetType", datasetType=kind)
    elif kind:
        found |= facet("headwater_kind", kind=kind)
    if said.get("schema") is not None:
        fields = [
            {"name": str(n)} | ({} if t is None else {"type": str(t)})
            for n, t in said["schema"].items()
        ]
        found |= facet("schema", fields=fields)
    if said.get("change") is not None:
        found |= _state_change(said["change"], said.get("previous"))
    if said.get("owner") is not None:
        found |= facet("ownership", owners=[{"name": said["owner"]}])
    if said.get("source") is not None:
        found |= facet("headwater_policy", source=said["source"])
    if said.get("version") is not None:
        found |= facet("version", datasetVersion=said["version"])
    if said.get("metrics") is not None:
        found |= facet("headwater_training", metrics=metrics(said["metrics"]))
    for name, body in (said.get("facets") or {}).items():
        found |= facet(name, **{**found.get(name, {}), **measured(name, body)})
    return found


def output_facets(said: dict[str, Any], digest: dict[str, Any] | None) -> Facets:
    """Write what was said of a write."""
    found: Facets = {}
    counts = {"rowCount": said.get("rows"), "size": (digest or {}).get("size")}
    counts = {name: value for name, value in counts.items() if value is not None}
    if counts:
        found |= facet("outputStatistics", **counts)
    if said.get("mode") is not None:
        found |= facet("headwater_write", mode=said["mode"])
    return found


def input_facets(said: dict[str, Any], *, own: bool) -> Facets:
    """Write what was said of a read; `own`: the run reads what it wrote itself."""
    found = facet("headwater_read", own=True) if own else {}
    if said.get("rows") is not None:
        found |= facet("inputStatistics", rowCount=said["rows"])
    return found


def column_lineage(
    columns: dict[str, list[list[Any]]] | None, shaped_by: list[list[Any]] | None
) -> Facets:
    """Write which columns an output's columns came from, and which shaped all of it."""
    if columns is None and shaped_by is None:
        return {}
    fields = {
        name: {"inputFields": [_origin(*one) for one in origins]}
        for name, origins in (columns or {}).items()
    }
    return facet("columnLineage", fields=fields, dataset=[_origin(*one) for one in shaped_by or ()])


def parameters(values: dict[str, Any]) -> Facets:
    """Write parameters: text as it is, anything else as JSON; the schema wants text."""
    said = [
        {"key": str(key), "value": value if isinstance(value, str) else json.dumps(finite(value))}
        for key, value in values.items()
    ]
    return facet("executionParameters", parameters=said)


def metrics(values: dict[str, Any]) -> dict[str, Any]:
    """Write metrics: numbers as they are, anything else as an object with its value."""
    return {
        str(name): value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        else value
        if isinstance(value, (dict, list))
        else {"value": finite(value)}
        for name, value in values.items()
    }


def measured(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Write the body of a facet that users gave, its metrics as schemas want them."""
    if name == "headwater_training" and isinstance(body.get("metrics"), dict):
        return {**body, "metrics": metrics(body["metrics"])}
    return body


def finite(value: Any) -> Any:
    """Write NaN and infinities as text: JSON has none (RFC 8259 §6)."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return value


def is_table(namespace: str) -> bool:
    """Whether what a namespace holds are tables."""
    return namespace.partition("://")[0] in _TABLES


def _kind(namespace: str) -> str:
    if namespace.startswith("file://"):
        return "file"
    return "table" if is_table(namespace) else ""


def _state_change(change: str, previous: list[str] | None) -> Facets:
    if previous is None:
        return facet("lifecycleStateChange", lifecycleStateChange=change)
    before = {"namespace": previous[0], "name": previous[1]}
    return facet("lifecycleStateChange", lifecycleStateChange=change, previousIdentifier=before)


def _origin(
    namespace: str, name: str, column: str, how: str, masking: bool = False
) -> dict[str, Any]:
    kind = "DIRECT" if how in _DIRECT else "INDIRECT"
    transformation = {"type": kind, "subtype": how, "masking": masking}
    return {
        "namespace": namespace,
        "name": name,
        "field": column,
        "transformations": [transformation],
    }
