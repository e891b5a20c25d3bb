"""The tools for agents at `/mcp`: the Model Context Protocol, for whoever a token lets in.

Each request stands alone and is answered as JSON. Needs `headwater[mcp]`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

from litestar import Litestar, asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request

from headwater.mcp.http import BODY_BYTES_MAX, PATH
from headwater.mcp.server import Answered, Context, Question, make_server
from headwater.service.access import Caller
from headwater.service.problems import Refusal
from headwater.service.state import Service


class Agents:
    """The protocol's endpoint in a service."""

    def __init__(self, service: Service) -> None:
        async def ask(context: Context, question: Question) -> Answered:
            request = cast(Request, context.request)
            caller: Caller = request.scope["state"]["caller"]
            return await service.readers.ask(caller.principal, question)

        self._manager = StreamableHTTPSessionManager(
            make_server(ask),
            json_response=True,
            stateless=True,
            max_request_body_size=BODY_BYTES_MAX,
        )

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """Serve while the service does."""
        async with self._manager.run():
            yield

    def route(self) -> ASGIRouteHandler:
        """Make the route."""

        @asgi(PATH, copy_scope=True)
        async def agents(scope: Scope, receive: Receive, send: Send) -> None:
            _require_same_origin(scope)
            await self._manager.handle_request(scope, receive, send)  # type: ignore[arg-type]

        return agents


def _require_same_origin(scope: Scope) -> None:
    """Refuse what a page of another origin sends, as the protocol wants it."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is not None:
        host = urlsplit(origin.decode("latin-1")).netloc
        if host.encode("latin-1").lower() != headers.get(b"host", b"").lower():
            raise Refusal(403, "pages of other origins are not answered")
