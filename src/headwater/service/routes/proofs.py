"""Proof bundles: `GET /api/v1/prove`, an answer that anybody can check without this service."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from headwater.evidence.bundle import bundle, state
from headwater.query.gateway import Gateway
from headwater.query.grounds import Grounds
from headwater.service import access, answering
from headwater.service import state as services
from headwater.service.answering import Answered
from headwater.service.documents import Completeness, Counts, Edge, Head, Node
from headwater.service.routes.answers import At, Columns, Depth, Ref, Revisions


class BundlePart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of an entry: bytes and salt in base64, or why they are withheld."""

    bytes: str | msgspec.UnsetType = msgspec.UNSET
    salt: str | msgspec.UnsetType = msgspec.UNSET
    withheld: Literal["erased", "hidden"] | msgspec.UnsetType = msgspec.UNSET


class BundleEntry(msgspec.Struct, frozen=True):
    """One entry: a C2SP tlog-proof up to its head, with the leaf as `extra`, and its parts."""

    parts: list[BundlePart]
    proof: str


class ProvedAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer of `trace` or of `impact`, which alone has counts and owners."""

    ask: Literal["trace", "impact"]
    rules: int
    head: Head
    root: str
    nodes: list[Node]
    edges: list[Edge]
    completeness: Completeness
    counts: Counts | msgspec.UnsetType = msgspec.UNSET
    owners: list[str] | msgspec.UnsetType = msgspec.UNSET
    opaque: list[str] | msgspec.UnsetType = msgspec.UNSET
    sourceless: list[str] | msgspec.UnsetType = msgspec.UNSET


class Bundle(msgspec.Struct, frozen=True):
    """A proof bundle. Keep it byte for byte: written in any other way it is not whole."""

    answer: ProvedAnswer
    checkpoint: str
    entries: list[BundleEntry]
    format: str
    key: str
    statement: str


@get("/api/v1/prove", operation_id="prove", summary="An answer that anybody can check")
async def prove(
    request: Request[Any, Any, Any],
    ref: Ref,
    ask: Annotated[
        Literal["trace", "impact"], QueryParameter(description="What is asked and proved.")
    ] = "trace",
    depth: Depth = None,
    at: At = None,
    columns: Columns = False,
    revisions: Revisions = "carried",
) -> Response[Bundle]:
    """The whole answer of `trace` or `impact` as a proof bundle, signed by the ledger."""
    service, reader = services.of(request), access.caller(request).principal
    walk: dict[str, Any] = {"ask": ask, "depth": depth, "columns": columns, "revisions": revisions}
    asked = answering.canonical(request.scope["path"], {"ref": ref, "at": at, **walk}, reader.read)
    known = answering.known_tags(request)

    def work(gateway: Gateway) -> tuple[str, Grounds | None]:
        size = gateway.size(at)
        tag = answering.tag(asked, service.origin, size, 0, None)
        if tag in known or "*" in known:
            return tag, None
        return tag, gateway.prove(ref, at=str(size), **walk)

    tag, grounds = await service.readers.ask(reader, work)
    if grounds is None:
        return answering.respond(Answered(tag, None))
    stated = state(grounds)
    attested = await asyncio.wrap_future(service.writer.call(lambda writer: writer.attest(stated)))
    body = await service.readers.read(lambda _: bundle(grounds, attested))
    return answering.respond(Answered(tag, body))


HANDLERS = (prove,)
