"""What every route works with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar.connection import ASGIConnection

from headwater.ingest import SharedWriter
from headwater.service.access import Tokens
from headwater.service.bodies import Budget
from headwater.service.cursors import Cursors
from headwater.service.limits import Limits
from headwater.service.measuring import Metrics
from headwater.service.readers import Readers


class Service:
    """One store, served: its writer, its readers, who may use them, and what is counted."""

    def __init__(
        self,
        *,
        writer: SharedWriter,
        readers: Readers,
        cursors: Cursors,
        origin: str,
        location: Path,
        tokens: Tokens | None,
        metrics: Metrics,
        limits: Limits,
        strict: bool,
    ) -> None:
        self.writer = writer
        self.readers = readers
        self.cursors = cursors
        self.origin = origin
        self.location = location
        self.tokens = tokens
        self.metrics = metrics
        self.limits = limits
        self.strict = strict
        self.budget = Budget(limits.in_flight_bytes)


def of(connection: ASGIConnection[Any, Any, Any, Any]) -> Service:
    """The service that a request came to."""
    service: Service = connection.app.state.service
    return service
