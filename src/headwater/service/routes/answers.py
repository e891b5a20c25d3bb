"""Questions: `GET /api/v1/trace`, `impact`, `paths`, `show`, `diff`, `search` and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from litestar import Request, Response, get
from litestar.params import QueryParameter

from headwater.query.documents import Document
from headwater.query.gateway import HITS, HITS_MAX, Gateway
from headwater.service import documents
from headwater.service.answering import answer
from headwater.service.limits import CURSOR_BYTES_MAX, PAGE_ITEMS, PAGE_ITEMS_MAX

AnyRequest = Request[Any, Any, Any]

_A_REFERENCE = "a name, version, run id or reference"
Ref = Annotated[str, QueryParameter(min_length=1, description=f"What it is about: {_A_REFERENCE}.")]
A = Annotated[str, QueryParameter(min_length=1, description=f"One of the two: {_A_REFERENCE}.")]
B = Annotated[str, QueryParameter(min_length=1, description=f"The other: {_A_REFERENCE}.")]
At = Annotated[
    str | None,
    QueryParameter(
        min_length=1, description="Answer as known then: a ledger size, or a time (UTC)."
    ),
]
Depth = Annotated[
    int | None, QueryParameter(ge=0, le=2**31 - 1, description="Follow at most so many runs.")
]
Columns = Annotated[bool, QueryParameter(description="Give the links between columns too.")]
Revisions = Annotated[
    Literal["carried", "all"],
    QueryParameter(description="Earlier states: only what is known to carry over, or all."),
]
WithFacets = Annotated[bool, QueryParameter(description="Give every facet of every node.")]
Limit = Annotated[
    int, QueryParameter(ge=1, le=PAGE_ITEMS_MAX, description="Nodes of a page, at most.")
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        max_length=CURSOR_BYTES_MAX,
        description="The page to go on with, as the one before it said; with equal parameters.",
    ),
]


class _How(NamedTuple):
    """How to walk, as parameters of the gateway and of the question."""

    depth: int | None
    columns: bool
    revisions: str
    facets: bool


async def _walk(
    request: AnyRequest,
    ask: Callable[..., Document],
    ref: str,
    at: str | None,
    how: _How,
    limit: int,
    cursor: str | None,
) -> Response[Any]:
    """Answer `trace` or `impact`, page by page."""
    walk = how._asdict()
    return await answer(
        request,
        {"ref": ref, "at": at, **walk},
        lambda gateway, place: ask(
            gateway, ref, at=place.at, limit=limit, start=place.start, **walk
        ),
        limit=limit,
        cursor=cursor,
    )


@get("/api/v1/trace", operation_id="trace", summary="What something was made of")
async def trace(
    request: AnyRequest,
    ref: Ref,
    depth: Depth = None,
    at: At = None,
    columns: Columns = False,
    revisions: Revisions = "carried",
    facets: WithFacets = False,
    limit: Limit = PAGE_ITEMS,
    cursor: Cursor = None,
) -> Response[documents.TraceAnswer]:
    """Everything that `ref` came from, version by version, down to the sources."""
    how = _How(depth, columns, revisions, facets)
    return await _walk(request, Gateway.trace, ref, at, how, limit, cursor)


@get("/api/v1/impact", operation_id="impact", summary="What was made of something")
async def impact(
    request: AnyRequest,
    ref: Ref,
    depth: Depth = None,
    at: At = None,
    columns: Columns = False,
    revisions: Revisions = "carried",
    facets: WithFacets = False,
    limit: Limit = PAGE_ITEMS,
    cursor: Cursor = None,
) -> Response[documents.ImpactAnswer]:
    """Everything that `ref` reached, with owners and counts."""
    how = _How(depth, columns, revisions, facets)
    return await _walk(request, Gateway.impact, ref, at, how, limit, cursor)


@get("/api/v1/paths", operation_id="paths", summary="How one thing reaches another")
async def paths(request: AnyRequest, a: A, b: B, at: At = None) -> Response[documents.PathsAnswer]:
    """The ways between two things, whichever of them came first; 404 if there is none."""
    return await answer(
        request,
        {"a": a, "b": b, "at": at},
        lambda gateway, place: gateway.paths(a, b, at=place.at),
    )


@get("/api/v1/show", operation_id="show", summary="The passport of one thing")
async def show(request: AnyRequest, ref: Ref, at: At = None) -> Response[documents.Shown]:
    """Everything about an artifact, version, run, job or column."""
    return await answer(
        request, {"ref": ref, "at": at}, lambda gateway, place: gateway.show(ref, at=place.at)
    )


@get("/api/v1/diff", operation_id="diff", summary="What changed between two things")
async def diff(request: AnyRequest, a: A, b: B, at: At = None) -> Response[documents.DiffAnswer]:
    """What differs between two versions, two runs, or two points in time (`@120`, or a time)."""
    return await answer(
        request,
        {"a": a, "b": b, "at": at},
        lambda gateway, place: gateway.diff(a, b, at=place.at),
    )


@get("/api/v1/why", operation_id="why", summary="What a link rests on")
async def why(request: AnyRequest, a: A, b: B, at: At = None) -> Response[documents.WhyAnswer]:
    """The claims that join two things, the rule that bound them, and the runner-up."""
    return await answer(
        request,
        {"a": a, "b": b, "at": at},
        lambda gateway, place: gateway.why(a, b, at=place.at),
    )


@get("/api/v1/search", operation_id="search", summary="Find things")
async def search(
    request: AnyRequest,
    text: Annotated[
        str, QueryParameter(min_length=1, description="Part of a name, an owner, a tag, a digest.")
    ],
    kind: Annotated[
        str | None, QueryParameter(min_length=1, description="Only things of this kind.")
    ] = None,
    at: At = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=HITS_MAX, description="Hits of a page, at most.")
    ] = HITS,
    cursor: Cursor = None,
) -> Response[documents.SearchAnswer]:
    """Artifacts, jobs and runs by name, owner, label, tag, description or digest."""
    return await answer(
        request,
        {"text": text, "kind": kind, "at": at},
        lambda gateway, place: gateway.search(
            text, kind=kind, limit=limit, start=place.start, at=place.at
        ),
        limit=limit,
        cursor=cursor,
    )


@get("/api/v1/overview", operation_id="overview", summary="What there is")
async def overview(
    request: AnyRequest,
    at: At = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=HITS_MAX, description="Things of each sort, at most.")
    ] = HITS,
) -> Response[documents.OverviewAnswer]:
    """How much there is of each kind, what was made and ran last, what needs attention."""
    return await answer(
        request,
        {"at": at, "limit": limit},
        lambda gateway, place: gateway.overview(limit=limit, at=place.at),
    )


HANDLERS = (trace, impact, paths, show, diff, why, search, overview)
