"""How the service is: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, Response, get

from headwater.service import access, measuring, state
from headwater.service.replies import reply
from headwater.store import Store

AnyRequest = Request[Any, Any, Any]

_UNCACHED = {"Cache-Control": "no-store"}


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"]


class Readiness(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether events are taken, and if not, why."""

    status: Literal["ready", "not ready"]
    reason: str | None = None
    remedy: str | None = None


@get("/healthz", operation_id="healthz", summary="Whether the process answers",
     opt={access.OPEN: True})  # fmt: skip
async def healthz(request: AnyRequest) -> Response[Health]:  # noqa: ARG001
    """Always 200 while the process can answer at all."""
    return reply(Health("ok"), headers=_UNCACHED)


@get("/readyz", operation_id="readyz", summary="Whether events are taken",
     opt={access.OPEN: True})  # fmt: skip
async def readyz(request: AnyRequest) -> Response[Readiness]:
    """200 while events are taken, 503 with the reason while they are not."""
    failure = state.of(request).writer.failure
    if failure is None:
        return reply(Readiness("ready"), headers=_UNCACHED)
    unready = Readiness("not ready", failure.message, failure.remedy)
    return reply(unready, status=503, headers=_UNCACHED)


@get("/metrics", operation_id="metrics", media_type="text/plain", summary="For Prometheus")
async def metrics(request: AnyRequest) -> Response[str]:
    """Requests, latencies, events by receipt, commits, what waits, the size of the ledger."""
    service = state.of(request)
    waiting = service.writer.waiting
    size, used = await service.readers.read(_sizes)
    now = {
        "waiting_events": waiting.events,
        "waiting_bytes": waiting.bytes,
        "in_flight_bytes": service.budget.taken,
        "questions": service.readers.asked,
        "ledger_entries": size,
        "store_bytes": used,
        "ready": service.writer.failure is None,
    }
    return reply(
        service.metrics.expose(now.items()), media_type=measuring.MEDIA_TYPE, headers=_UNCACHED
    )


def _sizes(store: Store) -> tuple[int, int]:
    return store.head().size, store.file_bytes()


HANDLERS = (healthz, readyz, metrics)
