"""Events in few words."""

from __future__ import annotations

from typing import Any

PRODUCER = "https://example.com/tests"


def dataset(name: str, **facets: Any) -> dict[str, Any]:
    """A dataset in the namespace `db`; `namespace=` names another, the rest are facets."""
    namespace = facets.pop("namespace", "db")
    return {"namespace": namespace, "name": name, "facets": facets}


def source(name: str, **facets: Any) -> dict[str, Any]:
    """A dataset whose origin is outside and known."""
    return dataset(name, headwater_policy={"source": True}, **facets)


def complete(
    number: int,
    at: str,
    job: str,
    reads: list[Any] | None = None,
    writes: list[Any] | None = None,
    **facets: Any,
) -> dict[str, Any]:
    """A COMPLETE event on 2026-05-04 of the run with this number; bare names are datasets."""
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-05-04T{at}:00Z",
        "run": {"runId": f"{number:08x}-0000-4000-8000-000000000000", "facets": facets},
        "job": {"namespace": "cron", "name": job},
        "inputs": [dataset(item) if isinstance(item, str) else item for item in reads or []],
        "outputs": [dataset(item) if isinstance(item, str) else item for item in writes or []],
    }


def start(*args: Any, **facets: Any) -> dict[str, Any]:
    """The same as a START event."""
    return {**complete(*args, **facets), "eventType": "START"}


def names(document: dict[str, Any]) -> list[str]:
    """The artifacts of an answer's versions, sorted."""
    return sorted(
        node["artifact"]["name"] for node in document["nodes"] if node["kind"] == "version"
    )


def edges(document: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """The ends of the edges of one kind, as (last part of from, last part of to)."""
    return [(edge["from"], edge["to"]) for edge in document["edges"] if edge["kind"] == kind]


def chain() -> list[dict[str, Any]]:
    """Orders (a source) → staging → mart, and twice on the second hop."""
    mart = dataset("mart.orders", lifecycleStateChange={"lifecycleStateChange": "OVERWRITE"})
    return [
        complete(1, "01:00", "extract", [source("shop.orders")], ["staging.orders"]),
        complete(2, "02:00", "build", ["staging.orders"], [mart]),
        complete(3, "03:00", "build", ["staging.orders"], [mart]),
    ]
