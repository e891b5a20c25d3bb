"""OpenAPI 3.1 of the service, made from the handlers and the types that they answer with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme

from headwater import __version__
from headwater.service import access, bodies, problems
from headwater.service.replies import reply
from headwater.service.routes.labels import Label

Handlers = Sequence[HTTPRouteHandler | ASGIRouteHandler]
Document = dict[str, Any]

TITLE = "Headwater"
_PROBLEM = "#/components/schemas/Problem"
_EVENT = {
    "type": "object",
    "description": "A Run, Job or Dataset event of OpenLineage core 2-0-2.",
    "externalDocs": {"url": "https://openlineage.io/spec/2-0-2/OpenLineage.json"},
}
_REFUSALS = {
    "400": "The request cannot be read.",
    "401": "A token is wanted, or this one is not known.",
    "403": "The token does not cover this.",
    "404": "There is nothing of this name.",
    "405": "The address does not take this method.",
    "408": "The body did not come in time.",
    "409": "Several things answer to this reference.",
    "410": "It was there once: erased bytes, or a cursor of older rules.",
    "413": "A documented limit of size was reached.",
    "415": "The body is of another type or encoding.",
    "421": "The Host header names another machine.",
    "422": "The event is not valid; every problem is listed, with its JSON path.",
    "431": "The head of the request is too large.",
    "500": "A defect.",
    "503": "Busy, or the store cannot be used; `Retry-After` says when to try again.",
    "507": "The disk is full; nothing was lost.",
}
_ALL = ("400", "401", "403", "405", "408", "410", "421", "431", "500", "503")
_READS = (*_ALL, "404", "409")
_WRITES = (*_ALL, "404", "409", "413", "415", "422", "507")
_HEADERS: Document = {
    "ETag": {"description": "Equal while the answer is.", "schema": {"type": "string"}},
    "Headwater-Rules": {
        "description": "Version of the rules of resolution.",
        "schema": {"type": "string"},
    },
}


def route(handlers: Handlers) -> HTTPRouteHandler:
    """Make the route that gives the description of these handlers."""

    @cache
    def described() -> bytes:
        return msgspec.json.encode(describe(handlers))

    @get("/schema/openapi.json", summary="This description", opt={access.OPEN: True})
    async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:  # noqa: ARG001
        return reply(described(), headers={"Cache-Control": "no-cache"})

    return openapi


def describe(handlers: Handlers) -> Document:
    """Write the OpenAPI document of these handlers."""
    app = Litestar(
        list(handlers),
        openapi_config=OpenAPIConfig(
            title=TITLE,
            version=__version__,
            summary="Lineage and provenance for AI pipelines: exact to the version, provable.",
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
            use_handler_docstrings=True,
            components=Components(
                security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}
            ),
        ),
        logging_config=None,
    )
    document: Document = app.openapi_schema.to_schema()
    schemas = document["components"]["schemas"]
    schemas |= msgspec.json.schema_components(
        [problems.Problem, Label], ref_template="#/components/schemas/{name}"
    )[1]
    options = {
        handler.operation_id: handler.opt
        for handler in handlers
        if isinstance(handler, HTTPRouteHandler)
    }
    for operation in _operations(document):
        _finish(operation, open_to_all=bool(options[operation["operationId"]].get(access.OPEN)))
    return document


def _operations(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        yield from (operation for operation in path.values() if isinstance(operation, dict))


def _finish(operation: Document, *, open_to_all: bool) -> None:
    """Correct and add what the framework cannot know."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        for name in ("allowEmptyValue", "allowReserved", "deprecated"):
            parameter.pop(name, None)
    writes = operation["operationId"] in _BODIES
    if writes:
        operation["requestBody"] = _BODIES[operation["operationId"]]
    if not open_to_all:
        operation["security"] = [{}, {"token": []}]
    responses = operation["responses"]
    for status in [status for status in responses if status >= "400"]:
        del responses[status]
    if operation["operationId"] == "postEvent":
        responses["200"] = {**responses["201"], "description": "These bytes are an entry already."}
    if operation["operationId"] in _ANSWERS:
        responses["200"]["headers"] = _HEADERS
        responses["304"] = {"description": "The answer is as it was.", "headers": _HEADERS}
    if operation["operationId"] == "readyz":
        responses["503"] = {**responses["200"], "description": "Events are not taken, and why."}
    reads = (*_READS, "413", "507") if operation["operationId"] in _LARGE else _READS
    for status in _WRITES if writes else reads:
        responses.setdefault(
            status,
            {
                "description": _REFUSALS[status],
                "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}},
            },
        )


def _without_null(schema: Document) -> Document:
    """A parameter is absent or has a value; null cannot be written in a query."""
    kinds = [kind for kind in schema.get("oneOf", ()) if kind != {"type": "null"}]
    if not kinds:
        return schema
    rest = {name: value for name, value in schema.items() if name != "oneOf"}
    return {**kinds[0], **rest}


def _body(*contents: tuple[str, Document]) -> Document:
    return {"required": True, "content": {kind: {"schema": schema} for kind, schema in contents}}


_ANSWERS = frozenset(
    {"trace", "impact", "paths", "show", "diff", "why", "search", "overview", "prove"}
)
_LARGE = frozenset({"prove"})
"""Operations that may be refused because the answer would be too large."""
_BODIES = {
    "postEvent": _body(("application/json", _EVENT)),
    "postBatch": _body(
        ("application/json", {"type": "array", "items": _EVENT}),
        *((kind, {"type": "string"}) for kind in sorted(bodies.NDJSON)),
    ),
    "postLabel": _body(("application/json", {"$ref": "#/components/schemas/Label"})),
}
