"""Addresses that Marquez's clients use, made routable.

They write names into the path percent-encoded (`/namespaces/s3%3A%2F%2Flake/datasets`); a server
decodes the path before it is routed, and the slashes of a name would then look like those between
names. So these paths are routed as they were sent.

`GET /api/v1/search` is ours, with `text`, and Marquez's, with `q`: the parameter decides.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

SEARCH = "/api/v1/search"
SEARCH_BY_PATTERN = "/api/v1/search/pattern"
_NAMED = ("/api/v1/namespaces/", "/api/v1/sources/", "/api/v1/tags/", "/api/v1/events/")


class Routable:
    """An ASGI application whose Marquez addresses are routed as they were sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the path where that is needed."""
        if scope["type"] == ScopeType.HTTP:
            path = scope["path"]
            if path.startswith(_NAMED):
                scope["path"] = scope["raw_path"].decode("latin-1")
            elif path == SEARCH and _asks_by_pattern(scope["query_string"]):
                scope["path"] = SEARCH_BY_PATTERN
        await self.app(scope, receive, send)


def _asks_by_pattern(query: bytes) -> bool:
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=100)
    return "q" in given and "text" not in given
