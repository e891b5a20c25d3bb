"""From a question to a response: asked of the gateway, with its ETag, and cut into pages.

Every answer is pinned to a ledger size before it is asked for, so that its `ETag` is known without
the answer: equal question, size, rules and reader's scope mean equal bytes.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from litestar import Request, Response

from headwater import __version__
from headwater.graph.model import RULES
from headwater.query.documents import Document
from headwater.query.gateway import Gateway
from headwater.service import access, state
from headwater.service.replies import reply

RULES_HEADER = "Headwater-Rules"
_TIME = "time"


class Place(NamedTuple):
    """Where in the ledger and in the answer to ask: `at` is a size, `start` counts nodes."""

    at: str
    start: int


Question = Callable[[Gateway, Place], Document]


class Answered(NamedTuple):
    """The bytes of an answer, None for who has them already, and its entity tag if it has one."""

    etag: str | None
    body: bytes | None


async def answer(
    request: Request[Any, Any, Any],
    parameters: Mapping[str, Any],
    question: Question,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Response[Any]:
    """Answer a question, or say 304 to who has the answer already.

    `parameters` are those that decide about the answer, `at` among them where the route has it.
    Raises what the gateway raises, and `Refusal` for a cursor that is no good.
    """
    service, reader = state.of(request), access.caller(request).principal
    known = known_tags(request)
    asked = canonical(request.scope["path"], parameters, reader.read)

    def work(gateway: Gateway) -> Answered:
        if cursor is None:
            size, start = gateway.size(parameters.get("at")), 0
        else:
            opened = service.cursors.open(cursor, asked)
            size, start = opened.size, opened.place
        etag = tag(asked, service.origin, size, start, limit)
        if etag in known or "*" in known:
            return Answered(etag, None)
        document = question(gateway, Place(str(size), start))
        _seal(document, lambda place: service.cursors.seal(asked, size=size, place=place))
        # Cut off by the clock, it may say more the next time.
        stable = _reason(document) != _TIME
        return Answered(etag if stable else None, msgspec.json.encode(document))

    return respond(await service.readers.ask(reader, work))


def respond(answered: Answered) -> Response[Any]:
    """Make the response of an answer, or 304 of one that whoever asked has already."""
    headers = {
        RULES_HEADER: str(RULES),
        "Cache-Control": "private, no-cache" if answered.etag else "no-store",
        "Vary": "Authorization",
    }
    if answered.etag:
        headers["ETag"] = answered.etag
    if answered.body is None:
        return Response(None, status_code=304, headers=headers)
    return reply(answered.body, headers=headers)


class _Seal(Protocol):
    def __call__(self, place: int, /) -> str: ...


def _seal(document: Document, seal: _Seal) -> None:
    """Put sealed cursors where the gateway gave places."""
    for holder in (document, (document.get("completeness") or {}).get("truncated")):
        if holder and holder.get("cursor") is not None:
            holder["cursor"] = seal(int(holder["cursor"]))


def _reason(document: Document) -> str | None:
    truncated = (document.get("completeness") or {}).get("truncated")
    reason: str | None = truncated["reason"] if isinstance(truncated, dict) else None
    return reason


def canonical(path: str, parameters: Mapping[str, Any], read: tuple[str, ...]) -> bytes:
    """Write a question in its one form: route, parameters that are given, what the asker sees."""
    asked = {name: value for name, value in sorted(parameters.items()) if value is not None}
    return msgspec.json.encode([path, asked, read])


def tag(asked: bytes, origin: str, size: int, start: int, limit: int | None) -> str:
    """Make the entity tag of the answer to a question at a size, from a place on."""
    parts = (asked, origin.encode(), b"%d %d %d %d" % (size, RULES, start, limit or 0))
    whole = b"\x00".join((*parts, __version__.encode()))
    return '"' + urlsafe_b64encode(hashlib.sha256(whole).digest()[:18]).decode() + '"'


def known_tags(request: Request[Any, Any, Any]) -> frozenset[str]:
    """The entity tags of `If-None-Match`, compared weakly (RFC 9110 §13.1.2)."""
    text = request.headers.get("if-none-match", "")
    return frozenset(tag.strip().removeprefix("W/") for tag in text.split(",") if tag.strip())
