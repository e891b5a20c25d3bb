"""Taking events: `POST /api/v1/lineage` and `/api/v1/lineage/batch`.

A receipt says that the event is durable, in the tree under a signed head, and visible to the next
question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, post
from litestar.params import QueryParameter

from headwater.errors import InvalidEvent, Problem
from headwater.ingest import Offer, Receipt
from headwater.ingest.receipts import ACCEPTED, DUPLICATE, ERASED, FORBIDDEN
from headwater.openlineage import stream
from headwater.openlineage.limits import DOCUMENT_EVENTS_MAX
from headwater.service import access, bodies, state
from headwater.service.access import Caller
from headwater.service.problems import Fault, Refusal
from headwater.service.replies import reply
from headwater.service.state import Service

AnyRequest = Request[Any, Any, Any]

ONE = "/api/v1/lineage"
"""Where one event is given."""
SMALL_BYTES = 256 * 1024
"""A batch up to this size is cut on the event loop; a larger one on a thread."""
SUCCESS, PARTIAL, FAILURE = "success", "partial_success", "failure"

Strict = Annotated[
    bool | None,
    QueryParameter(
        description="Reject what the OpenLineage schemas reject, or warn; default: as the service "
        "was started."
    ),
]
_NO_ARRAY = Problem(
    "$", "a batch is a JSON array of events; events line by line are application/x-ndjson"
)
_events = msgspec.json.Decoder(list[msgspec.Raw])


class Taken(msgspec.Struct, frozen=True):
    """A receipt: the entry that holds the event, and what its producer should know."""

    entry: int
    status: Literal["accepted", "duplicate"]
    warnings: list[str]


class Summary(msgspec.Struct, frozen=True):
    """How many events a batch had, and what became of them."""

    received: int
    successful: int
    failed: int
    retriable: int
    non_retriable: int


class FailedEvent(msgspec.Struct, frozen=True):
    """An event of a batch that was not taken: its place, from 0, and why."""

    index: int
    reason: str
    retriable: bool


class EventReceipt(msgspec.Struct, frozen=True):
    """What became of one event of a batch."""

    index: int
    entry: int | None
    status: Literal["accepted", "duplicate", "rejected", "erased", "forbidden"]
    warnings: list[str]
    problems: list[Fault]


class BatchTaken(msgspec.Struct, frozen=True, omit_defaults=True):
    """The response to a batch, as in the OpenLineage specification; `receipts` if asked for."""

    status: Literal["success", "partial_success", "failure"]
    summary: Summary
    failed_events: list[FailedEvent]
    receipts: list[EventReceipt] | msgspec.UnsetType = msgspec.UNSET


async def take(
    service: Service, caller: Caller, request: bodies.Incoming, strict: bool | None
) -> Receipt:
    """Read one event and offer it; the receipt says that it is in. Raises what refuses it."""
    reading = bodies.read(request, service.budget, service.limits, most=service.limits.event_bytes)
    async with reading as body:
        (receipt,) = await _offer(service, caller, [body], strict)
    if receipt.status not in {ACCEPTED, DUPLICATE}:
        raise _refusal(receipt)
    return receipt


def taken(receipt: Receipt) -> tuple[int, bytes, str]:
    """The response to an event that was taken: status, body, location."""
    said = Taken(receipt.entry or 0, receipt.status, list(receipt.warnings))  # type: ignore[arg-type]
    status = 201 if receipt.status == ACCEPTED else 200
    return status, msgspec.json.encode(said), f"/log/entry/{receipt.entry}"


@post(ONE, operation_id="postEvent", summary="Give one event", status_code=201)
async def take_event(request: AnyRequest, strict: Strict = None) -> Response[Taken]:
    """One OpenLineage Run, Job or Dataset event; 200 if its bytes are in the ledger already."""
    receipt = await take(state.of(request), access.caller(request), request, strict)
    status, body, location = taken(receipt)
    return reply(body, status=status, headers={"Location": location})


@post(
    "/api/v1/lineage/batch", operation_id="postBatch", summary="Give many events", status_code=200
)
async def take_batch(
    request: AnyRequest,
    strict: Strict = None,
    receipts: Annotated[
        bool, QueryParameter(description="Give the receipt of every event as well.")
    ] = False,
) -> Response[BatchTaken]:
    """A JSON array of events, or NDJSON. Good events of a bad batch are kept.

    An array that is no JSON is refused whole; NDJSON is taken line by line.
    """
    service = state.of(request)
    reading = bodies.read(
        request,
        service.budget,
        service.limits,
        most=service.limits.batch_bytes,
        types=bodies.JSON | bodies.NDJSON,
    )
    async with reading as body:
        lines = bodies.content_type(request) in bodies.NDJSON
        if len(body) <= SMALL_BYTES:
            events = _cut(body, lines)
        else:
            events = await asyncio.to_thread(_cut, body, lines)
        given = await _offer(service, access.caller(request), events, strict)
    return reply(_summarise(given, with_receipts=receipts))


async def _offer(
    service: Service, caller: Caller, events: Sequence[bytes], strict: bool | None
) -> Sequence[Receipt]:
    how = service.strict if strict is None else strict
    by = caller.principal.subject
    offers = [Offer(body, by, how, write=caller.write) for body in events]
    receipts = await asyncio.wrap_future(service.writer.offer(offers))
    service.metrics.receipts(receipts)
    return receipts


def _cut(body: bytes, lines: bool) -> list[bytes]:
    """Cut a batch into the bytes of its events; raises `InvalidEvent` for an array that is none."""
    if not lines:
        try:
            events = _events.decode(body)
        except (msgspec.MsgspecError, RecursionError):
            # The slow way says where it breaks off, or that only one event of it is at fault.
            if not body.lstrip(b" \t\r\n").startswith(b"["):
                raise InvalidEvent((_NO_ARRAY,)) from None
        else:
            if len(events) <= DOCUMENT_EVENTS_MAX:
                return [bytes(event) for event in events]
    return [piece.body for piece in stream.split(body)]


def _refusal(receipt: Receipt) -> Exception:
    if receipt.status == ERASED:
        return Refusal(
            410,
            f"these bytes were entry {receipt.entry}, and were erased",
            remedy="they are not taken again",
        )
    if receipt.status == FORBIDDEN:
        return Refusal(403, receipt.problems[0].message, problems=receipt.problems)
    return InvalidEvent(receipt.problems)


def _summarise(receipts: Sequence[Receipt], *, with_receipts: bool) -> BatchTaken:
    failed = [
        FailedEvent(receipt.index, _reason(receipt), retriable=False)
        for receipt in receipts
        if receipt.status not in {ACCEPTED, DUPLICATE}
    ]
    good = len(receipts) - len(failed)
    return BatchTaken(
        SUCCESS if not failed else PARTIAL if good else FAILURE,  # type: ignore[arg-type]
        Summary(len(receipts), good, len(failed), 0, len(failed)),
        failed,
        [
            EventReceipt(
                receipt.index,
                receipt.entry,
                receipt.status,  # type: ignore[arg-type]
                list(receipt.warnings),
                [Fault(*problem) for problem in receipt.problems],
            )
            for receipt in receipts
        ]
        if with_receipts
        else msgspec.UNSET,
    )


def _reason(receipt: Receipt) -> str:
    if receipt.status == ERASED:
        return f"these bytes were entry {receipt.entry}, and were erased"
    return "; ".join(str(problem) for problem in receipt.problems)


HANDLERS = (take_event, take_batch)
