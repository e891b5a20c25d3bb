"""Events to build tests on: a plain one, and changes to it."""

from __future__ import annotations

import json
from typing import Any

NOW = 1_798_761_600_000_000  # 2027-01-01T00:00:00Z
URL = "https://example.org/schema.json"
RUN_ID = "0193b0a4-7b1e-7a3c-8f00-3f6d3b8d2a11"


def facet(**members: object) -> dict[str, object]:
    """Return a facet with what every facet has."""
    return {"_producer": "https://example.org/producer", "_schemaURL": URL, **members}


def dataset(name: str = "orders", **members: object) -> dict[str, object]:
    """Return a dataset."""
    return {"namespace": "postgres://db", "name": name, **members}


def run_event(**changes: object) -> dict[str, Any]:
    """Return a run event that nothing is wrong with; a change to None leaves a member out."""
    event: dict[str, Any] = {
        "eventTime": "2026-11-01T09:30:00Z",
        "eventType": "COMPLETE",
        "producer": "https://example.org/producer",
        "schemaURL": URL,
        "run": {"runId": RUN_ID},
        "job": {"namespace": "jobs", "name": "load"},
        "inputs": [],
        "outputs": [],
        **changes,
    }
    return {key: value for key, value in event.items() if value is not None}


def job_event(**changes: object) -> dict[str, Any]:
    """Return a job event."""
    return run_event(**{"run": None, "eventType": None, **changes})


def dataset_event(**changes: object) -> dict[str, Any]:
    """Return a dataset event."""
    members = {"job": None, "inputs": None, "outputs": None, "dataset": dataset(), **changes}
    return job_event(**members)


def dump(event: object) -> bytes:
    """Write an event as a producer would."""
    return json.dumps(event, separators=(",", ":")).encode()
