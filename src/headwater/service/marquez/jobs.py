"""Jobs, their versions and their runs as Marquez writes them."""

from __future__ import annotations

from typing import Any

from headwater.errors import NotFound
from headwater.openlineage.times import iso, microseconds
from headwater.query.catalogue import Catalogue
from headwater.query.documents import Document
from headwater.refs import Job
from headwater.service.marquez.names import job_version_id, version_id

STATES = {"OPEN": "RUNNING", "COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}
LATEST_RUNS = 10
"""Runs in `latestRuns` of a job."""
_PROCESSING = {"STREAMING": "STREAM", "SERVICE": "SERVICE"}


def job(catalogue: Catalogue, one: Job) -> Document:
    """`Job` of Marquez's API."""
    found = catalogue.job(one)
    runs = [run(catalogue.run(each)) for each in catalogue.runs(one)[:LATEST_RUNS]]
    code = found["latest"]["code"] if found["latest"] else None
    return {
        **node(found),
        "latestRuns": runs,
        "facets": found["facets"],
        "currentVersion": job_version_id(found["ref"], code),
        "labels": [f"{key}={value}" for key, values in sorted(found["labels"].items())
                   for value in values if key != "tag"],
        "tags": sorted(found["labels"].get("tag", ())),
    }  # fmt: skip


def node(found: Document) -> Document:
    """What a job has in a list and in a graph alike."""
    parent = next(
        (one["name"] for one in found["parents"] if one["namespace"] == found["namespace"]), None
    )
    name = found["name"]
    return {
        "id": {"namespace": found["namespace"], "name": name},
        "type": _type(found["facets"]),
        "name": name,
        "simpleName": name.removeprefix(f"{parent}.") if parent else name,
        "parentJobName": parent,
        "createdAt": found["first"],
        "updatedAt": found["last"],
        "namespace": found["namespace"],
        "inputs": found["inputs"],
        "outputs": found["outputs"],
        "location": _member(found["facets"], "sourceCodeLocation", "url"),
        "description": _member(found["facets"], "documentation", "description"),
        "latestRun": None if found["latest"] is None else run(found["latest"]),
    }


def run(found: Document) -> Document:
    """`Run` of Marquez's API."""
    ended = found["ended"]
    interval = found.get("interval") or {}
    job_ref = str(Job(found["job"]["namespace"], found["job"]["name"]))
    return {
        "id": found["id"],
        "createdAt": found["started"],
        "updatedAt": found["last"],
        "nominalStartTime": _instant(interval.get("start")),
        "nominalEndTime": _instant(interval.get("end")),
        "state": STATES[found["state"]],
        "startedAt": found["started"],
        "endedAt": ended,
        "durationMs": None if ended is None else _milliseconds(found["started"], ended),
        "args": {},
        "jobVersion": {**found["job"], "version": job_version_id(job_ref, found["code"])},
        "inputDatasetVersions": [
            {"datasetVersionId": _version(one), "facets": one["facets"]} for one in found["inputs"]
        ],
        "outputDatasetVersions": [
            {"datasetVersionId": _version(one), "facets": {}} for one in found["outputs"]
        ],
        "facets": found["facets"],
    }


def versions(catalogue: Catalogue, one: Job) -> list[Document]:
    """Every `JobVersion` of Marquez's API, the newest first: a state of the code is one."""
    found = catalogue.job(one)
    ref = str(one)
    runs = catalogue.runs(one)
    codes: dict[str | None, list[Any]] = {}
    for each in runs:
        codes.setdefault(catalogue.snapshot.run(each).code, []).append(each)
    if not codes:
        codes[None] = []
    return [
        _job_version(catalogue, found, job_version_id(ref, code), made)
        for code, made in codes.items()
    ]


def find_version(catalogue: Catalogue, one: Job, uuid: str) -> Document:
    """The `JobVersion` that has this UUID. Raises `NotFound`."""
    for each in versions(catalogue, one):
        if each["version"] == uuid.lower():
            return each
    raise NotFound(f"Job version '{uuid}' not found.")


def _job_version(catalogue: Catalogue, found: Document, uuid: str, runs: list[Any]) -> Document:
    newest = catalogue.run(runs[0]) if runs else None
    first = catalogue.run(runs[-1]) if runs else None
    inputs, outputs = found["inputs"], found["outputs"]
    if newest is not None:
        inputs, outputs = _datasets(newest["inputs"]), _datasets(newest["outputs"])
    return {
        "id": {"namespace": found["namespace"], "name": found["name"], "version": uuid},
        "name": found["name"],
        "createdAt": first["started"] if first else found["first"],
        "version": uuid,
        "namespace": found["namespace"],
        "location": _member(found["facets"], "sourceCodeLocation", "url"),
        "inputs": inputs,
        "outputs": outputs,
        "latestRun": None if newest is None else run(newest),
    }


def _datasets(versions_: list[Document]) -> list[Document]:
    named = dict.fromkeys((one["namespace"], one["name"]) for one in versions_)
    return [{"namespace": namespace, "name": name} for namespace, name in named]


def _version(found: Document) -> Document:
    return {
        "namespace": found["namespace"],
        "name": found["name"],
        "version": version_id(found["ref"]),
    }


def _type(facets: Document) -> str:
    return _PROCESSING.get(str(_member(facets, "jobType", "processingType")).upper(), "BATCH")


def _member(facets: Document, facet: str, name: str) -> str | None:
    value = facets.get(facet)
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _instant(text: str | None) -> str | None:
    """A time as a producer wrote it, in UTC; None for what is no time."""
    try:
        return None if text is None else iso(microseconds(text)[0])
    except ValueError:
        return None


def _milliseconds(start: str, end: str) -> int:
    return (microseconds(end)[0] - microseconds(start)[0]) // 1_000
