"""How Marquez names things: node ids, and UUIDs for versions.

`dataset:NAMESPACE:NAME` · `job:NAMESPACE:NAME` · `datasetField:NAMESPACE:NAME:FIELD`, each with
`#VERSION` after it where a version is meant. Nothing in them is escaped, so that an id may be read
in several ways: what is recorded decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

from headwater.errors import NotFound
from headwater.query.catalogue import Catalogue
from headwater.refs import Artifact, Column, Job, Version

VERSIONS = UUID("3f0c5f6e-2b0e-5d3c-9b7c-6f7c1a4f2d51")
"""The namespace in which a version's canonical reference becomes a UUID (RFC 9562 §5.5)."""


def dataset_node(namespace: str, name: str) -> str:
    """The node of a dataset."""
    return f"dataset:{namespace}:{name}"


def job_node(namespace: str, name: str) -> str:
    """The node of a job."""
    return f"job:{namespace}:{name}"


def field_node(artifact: Artifact, field: str) -> str:
    """The node of a dataset's field."""
    return f"datasetField:{artifact.namespace}:{artifact.name}:{field}"


def version_id(ref: str) -> str:
    """The UUID of a dataset's version, from its canonical reference."""
    return str(uuid5(VERSIONS, ref))


def job_version_id(ref: str, code: str | None) -> str:
    """The UUID of a job at one state of its code."""
    return str(uuid5(VERSIONS, f"{ref}@{code or ''}"))


def find_version(catalogue: Catalogue, artifact: Artifact, uuid: str) -> Version:
    """The version that has this UUID. Raises `NotFound`."""
    for version in catalogue.versions(artifact):
        if version_id(str(version)) == uuid.lower():
            return version
    raise NotFound(f"Dataset version '{uuid}' not found.")


def find_node(catalogue: Catalogue, text: str) -> Artifact | Job:
    """Read the id of a dataset or job. Raises `NotFound`."""
    kind, _, body = text.partition(":")
    if kind == "dataset":
        for namespace, name in _splits(body):
            if catalogue.knows(Artifact(namespace, name)):
                return Artifact(namespace, name)
    if kind == "job":
        for namespace, name in _splits(body):
            if catalogue.knows(Job(namespace, name)):
                return Job(namespace, name)
    raise _no_node(text)


def find_columns(catalogue: Catalogue, text: str) -> list[Column]:
    """The columns that the id of a dataset, field or job means. Raises `NotFound`."""
    body, _, uuid = text.rpartition("#")
    if not body or not _is_uuid(uuid):
        body, uuid = text, ""
    if body.startswith("datasetField:"):
        for dataset, field in _splits(body.partition(":")[2]):
            try:
                artifact = find_node(catalogue, f"dataset:{dataset}")
            except NotFound:
                continue
            version = _version(catalogue, artifact, uuid)
            if Column(version, field) in catalogue.columnflow.columns(version):
                return [Column(version, field)]
        raise _no_node(text)
    node = find_node(catalogue, body)
    if isinstance(node, Job):
        return catalogue.columnflow.written(node)
    return catalogue.columnflow.columns(_version(catalogue, node, uuid))


def _version(catalogue: Catalogue, node: Artifact | Job, uuid: str) -> Version:
    artifact = Artifact(node.namespace, node.name)
    return find_version(catalogue, artifact, uuid) if uuid else catalogue.snapshot.latest(artifact)


def _no_node(text: str) -> NotFound:
    return NotFound(f"Node '{text}' not found.")


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Every way to cut at a colon, the longest beginning first: namespaces hold most of them."""
    place = len(text)
    while (place := text.rfind(":", 0, place)) != -1:
        yield text[:place], text[place + 1 :]
