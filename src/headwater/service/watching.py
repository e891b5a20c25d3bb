"""Around every request: its log line, its metrics, and whether it was meant for us.

A service that listens on this machine alone, without tokens, answers to names of this machine only:
else a web page could have its own name point here and read the answers (DNS rebinding).
"""

from __future__ import annotations

import logging
import time
from typing import Any, cast

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from headwater.service import problems
from headwater.service.measuring import UNMATCHED
from headwater.service.problems import Refusal
from headwater.service.state import Service

_log = logging.getLogger("headwater.access")


class Watched:
    """An ASGI application, watched."""

    def __init__(self, app: ASGIApp, service: Service, hosts: frozenset[str] | None) -> None:
        self.app = app
        self._service = service
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, and note how it went."""
        if scope["type"] != ScopeType.HTTP:  # the lifespan
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_SAFETY]
            await send(message)

        method = str(scope["method"])
        # The server leaves the body out of what is answered to GET (RFC 9110 §9.3.2).
        inner = cast(Scope, {**scope, "method": "GET"}) if method == "HEAD" else scope
        try:
            if self._hosts is not None and (refused := self._refuse(scope)):
                await _respond(refused, watch)
            else:
                await self.app(inner, receive, watch)
        finally:
            seconds = time.perf_counter() - began
            route = inner.get("path_template") or UNMATCHED
            self._service.metrics.request(method, str(route), status, seconds)
            _note(inner, method, status, seconds)

    def _refuse(self, scope: Scope) -> Refusal | None:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode(
            "latin-1"
        )
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if name.lower() in (self._hosts or ()):
            return None
        return Refusal(
            421,
            f"this service answers to names of this machine only, and {name!r} is none",
            remedy="to serve others, start it with --tokens",
        )


_SAFETY = [(b"x-content-type-options", b"nosniff")]


async def _respond(refused: Refusal, send: Any) -> None:
    problem, _ = problems.explain(refused)
    body = msgspec.json.encode(problem)
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _note(scope: Scope, method: str, status: int, seconds: float) -> None:
    """Log a request: never its query, headers or body, which may hold what is nobody's business."""
    if not _log.isEnabledFor(logging.INFO):
        return
    client = scope.get("client")
    found = scope.get("state", {}).get("caller")
    _log.info(
        "request",
        extra={
            "fields": {
                "method": method,
                "path": scope["path"],
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
                "client": client[0] if client else None,
                "subject": found.principal.subject if found else None,
            }
        },
    )
