"""What is counted, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from headwater.ingest import Receipt
from headwater.ingest.sharing import Commit

MEDIA_TYPE = CONTENT_TYPE_LATEST
UNMATCHED = "other"
"""The route of requests that no route took, whatever their address: it must not be a label."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_EVENTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The metrics of one service, in a registry of its own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "headwater_requests", "Requests.", ("method", "route", "status"), registry=registry
        )
        self._latency = Histogram(
            "headwater_request_seconds",
            "From the request's head to the end of the response.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._events = Counter(
            "headwater_events",
            "Events that were given, by receipt.",
            ("status",),
            registry=registry,
        )
        self._commits = Histogram(
            "headwater_commit_seconds",
            "From a group of events to their durable, signed head.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._group = Histogram(
            "headwater_commit_events", "Events of a commit.", buckets=_EVENTS, registry=registry
        )
        self._gauges = {
            name: Gauge(f"headwater_{name}", text, registry=registry)
            for name, text in (
                ("waiting_events", "Events that wait to be committed."),
                ("waiting_bytes", "Bytes of events that wait to be committed."),
                ("in_flight_bytes", "Bytes of bodies that are read or wait for receipts."),
                ("questions", "Questions that are answered or wait for it."),
                ("ledger_entries", "Entries of the ledger."),
                ("store_bytes", "Size of the database file."),
                ("ready", "1 while events are taken, else 0."),
            )
        }

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(method, route).observe(seconds)

    def receipts(self, receipts: Sequence[Receipt]) -> None:
        """Count what became of events."""
        for receipt in receipts:
            self._events.labels(receipt.status).inc()

    def commit(self, commit: Commit) -> None:
        """Count a commit."""
        self._commits.observe(commit.seconds)
        self._group.observe(commit.events)

    def expose(self, now: Iterable[tuple[str, float]]) -> bytes:
        """Write everything in Prometheus' text format, with what the gauges show now."""
        for name, value in now:
            self._gauges[name].set(value)
        return generate_latest(self._registry)
