"""One event a request, taken before the framework: producers post each of them so.

Routing, binding parameters and making a response take a framework longer than an event takes us. So
a plain `POST /api/v1/lineage` is answered here, by the same functions as its route: that one is
what OpenAPI describes, and takes whatever has a query or anything else out of the ordinary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from headwater.service import access, problems
from headwater.service.replies import JSON
from headwater.service.routes import events
from headwater.service.state import Service

_HOST = re.compile(rb"[0-9A-Za-z.:\[\]_-]*")


class _Request(NamedTuple):
    headers: Mapping[str, str]
    receive: Receive


class Taking:
    """An ASGI application behind somebody who takes single events."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a plain event; pass anything else on."""
        if scope["type"] == ScopeType.HTTP and scope["path"] == events.ONE:
            headers = _plain(scope)
            if headers is not None:
                await self._take(scope, _Request(headers, receive), send)
                return
        await self.app(scope, receive, send)

    async def _take(self, scope: HTTPScope, request: _Request, send: Send) -> None:
        service = self._service
        scope["path_template"] = events.ONE
        try:
            caller = access.identify(service.tokens, request.headers)
            scope["state"]["caller"] = caller
            receipt = await events.take(service, caller, request, None)
        except Exception as error:
            await problems.send_problem(error, send)
            return
        status, body, location = events.taken(receipt)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", JSON.encode()),
                    (b"location", location.encode()),
                    (b"content-length", b"%d" % len(body)),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _plain(scope: HTTPScope) -> dict[str, str] | None:
    """The headers of a request by name, the first of each; None for what is not plain."""
    if scope["method"] != "POST" or scope["query_string"] or scope.get("root_path"):
        return None
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"host" and not _HOST.fullmatch(value):
            return None
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return headers
