"""Datasets and their versions as Marquez writes them."""

from __future__ import annotations

from typing import Any

from headwater.query.catalogue import Catalogue, tags_of
from headwater.query.documents import Document
from headwater.refs import Artifact, Version
from headwater.service.marquez.jobs import run
from headwater.service.marquez.names import version_id

STREAMS = frozenset({"topic", "stream"})


def dataset(catalogue: Catalogue, artifact: Artifact) -> Document:
    """`Dataset` of Marquez's API."""
    found = catalogue.artifact(artifact)
    return {
        **node(found),
        "currentVersion": version_id(found["latest"]["ref"]),
        "columnLineage": _column_lineage(catalogue, found["facets"]),
        "facets": found["facets"],
        "deleted": found["latest"]["lifecycle"] == "DROP",
    }


def node(found: Document) -> Document:
    """What a dataset has in a list and in a graph alike."""
    return {
        "id": {"namespace": found["namespace"], "name": found["name"]},
        "type": _type(found["kind"]),
        "name": found["name"],
        "physicalName": found["name"],
        "createdAt": found["first"],
        "updatedAt": found["last"],
        "namespace": found["namespace"],
        "sourceName": found["namespace"],
        "fields": _fields(found["facets"]),
        "tags": _tags(found),
        "lastModifiedAt": found["written"],
        "lastLifecycleState": found["latest"]["lifecycle"] or "",
        "description": found["description"],
    }


def version(catalogue: Catalogue, one: Version) -> Document:
    """`DatasetVersion` of Marquez's API."""
    found = catalogue.version(one)
    artifact = found["artifact"]
    uuid = version_id(found["ref"])
    return {
        "id": {"namespace": artifact["namespace"], "name": artifact["name"], "version": uuid},
        "type": _type(artifact["kind"]),
        "name": artifact["name"],
        "physicalName": artifact["name"],
        "createdAt": found["time"],
        "version": uuid,
        "namespace": artifact["namespace"],
        "sourceName": artifact["namespace"],
        "fields": _fields(found["facets"]),
        "tags": _tags(found),
        "lifecycleState": found["lifecycle"] or "",
        "description": found["description"],
        "createdByRun": None if found["made_by"] is None else run(found["made_by"]),
        "facets": found["facets"],
    }


def _type(kind: str) -> str:
    return "STREAM" if kind in STREAMS else "DB_TABLE"


def _tags(found: Document) -> list[str]:
    whole = {tag for field, tag in tags_of(found["facets"]) if field is None}
    return sorted(whole.union(found["labels"].get("tag", ())))


def _fields(facets: Document) -> list[Document]:
    """The fields of the `schema` facet, as far as they have names."""
    schema = facets.get("schema")
    said = schema.get("fields") if isinstance(schema, dict) else None
    tags = tags_of(facets)
    return [
        {
            "name": field["name"],
            "type": _text(field.get("type")),
            "tags": sorted(tag for of, tag in tags if of == field["name"]),
            "description": _text(field.get("description")),
        }
        for field in (said if isinstance(said, list) else ())
        if isinstance(field, dict) and isinstance(field.get("name"), str)
    ]


def _column_lineage(catalogue: Catalogue, facets: Document) -> list[Document] | None:
    """The `columnLineage` facet by field, as far as the caller sees; None where it says nothing."""
    facet = facets.get("columnLineage")
    fields = facet.get("fields") if isinstance(facet, dict) else None
    if not isinstance(fields, dict) or not fields:
        return None
    return [
        {
            "name": name,
            "inputFields": [
                {
                    "namespace": source.get("namespace"),
                    "dataset": source.get("name"),
                    "field": source.get("field"),
                    "transformationDescription": said.get("transformationDescription"),
                    "transformationType": said.get("transformationType"),
                }
                for source in said.get("inputFields") or ()
                if isinstance(source, dict) and _sees(catalogue, source)
            ],
        }
        for name, said in sorted(fields.items())
        if isinstance(said, dict)
    ]


def _sees(catalogue: Catalogue, source: Document) -> bool:
    return catalogue.knows(Artifact(str(source.get("namespace")), str(source.get("name"))))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
