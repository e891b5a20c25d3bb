"""The application: which routes there are, and what surrounds all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.types import ASGIApp

from headwater.service import access, description, problems
from headwater.service.marquez import routes as marquez_routes
from headwater.service.marquez.addresses import Routable
from headwater.service.problems import Refusal
from headwater.service.routes import answers, events, health, labels, log, page, proofs
from headwater.service.state import Service
from headwater.service.taking import Taking
from headwater.service.watching import Watched

MODULES = (events, labels, answers, proofs, log, health, marquez_routes, page)
"""Every module of routes; a new one is listed here."""

_HANDLED = frozenset({"request", "scope", "state", "headers", "cookies", "query", "body", "data"})


def handlers() -> list[HTTPRouteHandler | ASGIRouteHandler]:
    """List every route."""
    return [handler for module in MODULES for handler in module.HANDLERS]


def build(
    service: Service, *, hosts: frozenset[str] | None = None, agents: bool = False
) -> ASGIApp:
    """Make the application for a service. Only these `hosts` are answered to, if given.

    With `agents` it answers them too, for which `headwater[mcp]` has to be installed.
    """
    routes = handlers()
    wings = []
    if agents:
        from headwater.service.agents import Agents

        wings.append(Agents(service))
    app = Litestar(
        [*routes, description.route(routes), *(wing.route() for wing in wings)],
        exception_handlers={HTTPException: problems.answer, Exception: problems.answer},
        guards=[access.require_caller, require_known_parameters],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # bodies are read in `bodies`, with limits of their own
        lifespan=[_lifespan(service), *(wing.lifespan for wing in wings)],
    )
    app.state.service = service
    return Watched(Taking(Routable(app), service), service, hosts)


async def require_known_parameters(
    connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler
) -> None:
    """Refuse what would be ignored in silence: parameters that are unknown or given twice."""
    if route.opt.get(access.ANY_QUERY) or not connection.scope["query_string"]:
        return
    known = route.parsed_fn_signature.parameters.keys() - _HANDLED
    known -= connection.scope["path_params"].keys()
    for name in dict.fromkeys(connection.query_params.keys()):
        if name not in known:
            takes = ", ".join(sorted(known)) or "none"
            raise Refusal(400, f"{name}: there is no such parameter; this address takes {takes}")
        if len(connection.query_params.getall(name)) > 1:
            raise Refusal(400, f"{name}: is given more than once")


def _lifespan(service: Service) -> Callable[[Litestar], Any]:
    """At the end finish everything that was taken, then close the store."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await asyncio.to_thread(service.readers.close)
            await asyncio.to_thread(service.writer.close)  # last, so that it can fold the log

    return lifespan
