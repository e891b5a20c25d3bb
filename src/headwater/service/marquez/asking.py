"""Marquez's questions: lineage, column lineage, search, and the events themselves."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from litestar import Response, get
from litestar.params import QueryParameter

from headwater.openlineage.times import microseconds
from headwater.query.catalogue import Catalogue, Span
from headwater.query.documents import Document
from headwater.service.marquez import graphs, listing, names, searching
from headwater.service.marquez.addresses import SEARCH_BY_PATTERN
from headwater.service.marquez.answering import answer
from headwater.service.marquez.listing import Page
from headwater.service.marquez.parameters import (
    ALIKE,
    LIST_ITEMS,
    AnyRequest,
    Limit,
    Name,
    Offset,
)
from headwater.service.problems import Refusal

DEPTH_MAX = 10_000
"""Jobs, or fields, each way."""
SEARCH_CHARS_MAX = 4_096

Depth = Annotated[int, QueryParameter(ge=0, le=DEPTH_MAX)]
NodeId = Annotated[str, QueryParameter(name="nodeId", min_length=1)]


@get("/api/v1/lineage", **ALIKE)
async def get_lineage(request: AnyRequest, node_id: NodeId, depth: Depth = 20) -> Response[Any]:
    """What a dataset or job comes from and reaches."""

    def make(found: Catalogue) -> Document:
        return graphs.lineage(found, names.find_node(found, node_id), depth=depth)

    return await answer(request, make)


@get("/api/v1/column-lineage", **ALIKE)
async def get_column_lineage(
    request: AnyRequest,
    node_id: NodeId,
    depth: Depth = 20,
    downstream: Annotated[bool, QueryParameter(name="withDownstream")] = False,
) -> Response[Any]:
    """What fields come from, and reach."""

    def make(found: Catalogue) -> Document:
        roots = names.find_columns(found, node_id)
        return graphs.column_lineage(found, roots, depth=depth, downstream=downstream)

    return await answer(request, make)


@get(SEARCH_BY_PATTERN, **ALIKE)
async def search(
    request: AnyRequest,
    q: Annotated[str, QueryParameter(min_length=1, max_length=SEARCH_CHARS_MAX)],
    only: Annotated[str | None, QueryParameter(name="filter")] = None,
    sort: Annotated[str, QueryParameter()] = "name",
    namespace: Annotated[str | None, QueryParameter()] = None,
    limit: Limit = 10,
) -> Response[Any]:
    """Datasets and jobs whose names match."""
    kinds = {None: None, "dataset": "DATASET", "job": "JOB"}
    orders = {"name": False, "update_at": True, "updated_at": True}
    kind, order = only.lower() if only else None, sort.lower()
    if kind not in kinds:
        raise Refusal(400, f"filter: {only!r} is neither dataset nor job")
    if order not in orders:
        raise Refusal(400, f"sort: {sort!r} is neither name nor update_at")
    return await answer(
        request,
        lambda found: searching.search(
            found,
            q,
            only=kinds[kind],
            by_time=orders[order],
            namespace=namespace,
            limit=limit,
        ),
    )


@get(["/api/v1/events/lineage", "/api/v1/events"], **ALIKE)
async def list_events(
    request: AnyRequest,
    before: Annotated[str, QueryParameter()] = "9999-01-01T00:00:00Z",
    after: Annotated[str, QueryParameter()] = "1970-01-01T00:00:00Z",
    order: Annotated[str, QueryParameter(name="sortDirection")] = "desc",
    limit: Limit = LIST_ITEMS,
    offset: Offset = 0,
) -> Response[Any]:
    """The events, as they came."""
    if order.lower() not in ("asc", "desc"):
        raise Refusal(400, f"sortDirection: {order!r} is neither asc nor desc")
    span = Span(_moment("after", after), _moment("before", before))
    oldest_first = order.lower() == "asc"
    return await answer(
        request,
        lambda found: listing.events(
            found, Page(limit, offset), oldest_first=oldest_first, span=span
        ),
    )


@get("/api/v1/events/{namespace:path}", **ALIKE)
async def list_events_of(
    request: AnyRequest, namespace: Name, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """The events about the jobs of a namespace, whose slashes the Python client does not encode."""
    name, page = unquote(namespace.removeprefix("/")), Page(limit, offset)
    return await answer(request, lambda found: listing.events_of(found, name, page))


def _moment(name: str, text: str) -> int:
    """Read a time, µs UTC. A `+` that a client did not encode came as a space."""
    try:
        return microseconds(text.replace(" ", "+"))[0]
    except ValueError:
        raise Refusal(400, f"{name}: {text!r} is no time") from None


HANDLERS = (
    get_lineage,
    get_column_lineage,
    search,
    list_events,
    list_events_of,
)
