"""Marquez's routes: `GET` of namespaces, sources, tags, datasets, jobs, runs, lineage and events.

Names in paths stay percent-encoded until here (`addresses`). What would write is refused and told
where to go. None of them is in our OpenAPI description: Marquez has its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import unquote

from litestar import Request, Response, delete, get, post, put
from litestar.exceptions import HTTPException
from litestar.params import PathParameter, QueryParameter

from headwater.errors import NotFound
from headwater.openlineage.times import microseconds
from headwater.query.catalogue import Catalogue, Span
from headwater.query.documents import Document
from headwater.refs import Run
from headwater.service import access
from headwater.service.marquez import datasets, graphs, jobs, listing, names, searching
from headwater.service.marquez.addresses import SEARCH_BY_PATTERN
from headwater.service.marquez.answering import answer, refuse
from headwater.service.marquez.listing import Page
from headwater.service.problems import Refusal

AnyRequest = Request[Any, Any, Any]

LIST_ITEMS_MAX = 10_000
"""Items of one page."""
DEPTH_MAX = 10_000
SEARCH_CHARS_MAX = 4_096

Name = Annotated[str, PathParameter()]
Limit = Annotated[int, QueryParameter(ge=0, le=LIST_ITEMS_MAX)]
Offset = Annotated[int, QueryParameter(ge=0, le=2**53)]
Depth = Annotated[int, QueryParameter(ge=0, le=DEPTH_MAX)]
NodeId = Annotated[str, QueryParameter(name="nodeId", min_length=1)]

_ALIKE: dict[str, Any] = {
    "include_in_schema": False,
    "opt": {access.ANY_QUERY: True},
    "exception_handlers": {HTTPException: refuse, Exception: refuse},
}
_NAMESPACE = "/api/v1/namespaces/{namespace:str}"
_DATASET = f"{_NAMESPACE}/datasets/{{dataset:str}}"
_JOB = f"{_NAMESPACE}/jobs/{{job:str}}"
_RUN = "/api/v1/jobs/runs/{run_id:str}"


@get("/api/v1/namespaces", **_ALIKE)
async def list_namespaces(
    request: AnyRequest, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """Every namespace."""
    return await answer(request, lambda found: listing.namespaces(found, Page(limit, offset)))


@get(_NAMESPACE, **_ALIKE)
async def get_namespace(request: AnyRequest, namespace: Name) -> Response[Any]:
    """One namespace."""
    return await answer(request, lambda found: listing.namespace(found, unquote(namespace)))


@get("/api/v1/sources", **_ALIKE)
async def list_sources(
    request: AnyRequest, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """Every source."""
    return await answer(request, lambda found: listing.sources(found, Page(limit, offset)))


@get("/api/v1/sources/{source:str}", **_ALIKE)
async def get_source(request: AnyRequest, source: Name) -> Response[Any]:
    """One source."""
    return await answer(request, lambda found: listing.source(found, unquote(source)))


@get("/api/v1/tags", **_ALIKE)
async def list_tags(request: AnyRequest, limit: Limit = 100, offset: Offset = 0) -> Response[Any]:
    """Every tag."""
    return await answer(request, lambda found: listing.tags(found, Page(limit, offset)))


@get(f"{_NAMESPACE}/datasets", **_ALIKE)
async def list_datasets(
    request: AnyRequest, namespace: Name, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The datasets of a namespace."""
    page = Page(limit, offset)
    return await answer(
        request, lambda found: listing.dataset_list(found, unquote(namespace), page)
    )


@get(_DATASET, **_ALIKE)
async def get_dataset(request: AnyRequest, namespace: Name, dataset: Name) -> Response[Any]:
    """One dataset."""

    def make(found: Catalogue) -> Document:
        one = listing.require_dataset(found, unquote(namespace), unquote(dataset))
        return datasets.dataset(found, one)

    return await answer(request, make)


@get(f"{_DATASET}/versions", **_ALIKE)
async def list_dataset_versions(
    request: AnyRequest, namespace: Name, dataset: Name, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The versions of a dataset, the newest first."""

    def make(found: Catalogue) -> Document:
        one = listing.require_dataset(found, unquote(namespace), unquote(dataset))
        return Page(limit, offset).of(
            "versions", found.versions(one), lambda each: datasets.version(found, each)
        )

    return await answer(request, make)


@get(f"{_DATASET}/versions/{{version:str}}", **_ALIKE)
async def get_dataset_version(
    request: AnyRequest, namespace: Name, dataset: Name, version: Name
) -> Response[Any]:
    """One version of a dataset."""

    def make(found: Catalogue) -> Document:
        one = listing.require_dataset(found, unquote(namespace), unquote(dataset))
        return datasets.version(found, names.find_version(found, one, unquote(version)))

    return await answer(request, make)


@get("/api/v1/jobs", **_ALIKE)
async def list_all_jobs(
    request: AnyRequest, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The jobs of all namespaces."""
    return await answer(request, lambda found: listing.job_list(found, None, Page(limit, offset)))


@get(f"{_NAMESPACE}/jobs", **_ALIKE)
async def list_jobs(
    request: AnyRequest, namespace: Name, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The jobs of a namespace."""
    page = Page(limit, offset)
    return await answer(request, lambda found: listing.job_list(found, unquote(namespace), page))


@get(_JOB, **_ALIKE)
async def get_job(request: AnyRequest, namespace: Name, job: Name) -> Response[Any]:
    """One job."""

    def make(found: Catalogue) -> Document:
        return jobs.job(found, listing.require_job(found, unquote(namespace), unquote(job)))

    return await answer(request, make)


@get(f"{_JOB}/versions", **_ALIKE)
async def list_job_versions(
    request: AnyRequest, namespace: Name, job: Name, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The versions of a job, the newest first."""

    def make(found: Catalogue) -> Document:
        one = listing.require_job(found, unquote(namespace), unquote(job))
        return Page(limit, offset).of("versions", jobs.versions(found, one), lambda each: each)

    return await answer(request, make)


@get(f"{_JOB}/versions/{{version:str}}", **_ALIKE)
async def get_job_version(
    request: AnyRequest, namespace: Name, job: Name, version: Name
) -> Response[Any]:
    """One version of a job."""

    def make(found: Catalogue) -> Document:
        one = listing.require_job(found, unquote(namespace), unquote(job))
        return jobs.find_version(found, one, unquote(version))

    return await answer(request, make)


@get(f"{_JOB}/runs", **_ALIKE)
async def list_job_runs(
    request: AnyRequest, namespace: Name, job: Name, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The runs of a job, the newest first."""

    def make(found: Catalogue) -> Document:
        one = listing.require_job(found, unquote(namespace), unquote(job))
        return Page(limit, offset).of(
            "runs", found.runs(one), lambda each: jobs.run(found.run(each))
        )

    return await answer(request, make)


@get(_RUN, **_ALIKE)
async def get_run(request: AnyRequest, run_id: Name) -> Response[Any]:
    """One run."""
    return await answer(request, lambda found: jobs.run(found.run(_run(found, run_id))))


@get(f"{_RUN}/facets", **_ALIKE)
async def get_run_facets(
    request: AnyRequest,
    run_id: Name,
    kind: Annotated[Literal["run", "job"], QueryParameter(name="type")],
) -> Response[Any]:
    """The facets of a run, or of its job."""

    def make(found: Catalogue) -> Document:
        run = _run(found, run_id)
        facets = found.job_facets(run) if kind == "job" else found.run(run)["facets"]
        return {"runId": run.id, "facets": facets}

    return await answer(request, make)


@get("/api/v1/lineage", **_ALIKE)
async def get_lineage(request: AnyRequest, node_id: NodeId, depth: Depth = 20) -> Response[Any]:
    """What a dataset or job comes from and reaches."""

    def make(found: Catalogue) -> Document:
        return graphs.lineage(found, names.find_node(found, node_id), depth=depth)

    return await answer(request, make)


@get("/api/v1/column-lineage", **_ALIKE)
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


@get(SEARCH_BY_PATTERN, **_ALIKE)
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


@get(["/api/v1/events/lineage", "/api/v1/events"], **_ALIKE)
async def list_events(
    request: AnyRequest,
    before: Annotated[str, QueryParameter()] = "9999-01-01T00:00:00Z",
    after: Annotated[str, QueryParameter()] = "1970-01-01T00:00:00Z",
    order: Annotated[str, QueryParameter(name="sortDirection")] = "desc",
    limit: Limit = 100,
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


@get("/api/v1/events/{namespace:path}", **_ALIKE)
async def list_events_of(
    request: AnyRequest, namespace: Name, limit: Limit = 100, offset: Offset = 0
) -> Response[Any]:
    """The events about the jobs of a namespace, whose slashes the Python client does not encode."""
    name, page = unquote(namespace.removeprefix("/")), Page(limit, offset)
    return await answer(request, lambda found: listing.events_of(found, name, page))


_WRITES = [
    _NAMESPACE,
    _DATASET,
    f"{_DATASET}/tags/{{tag:str}}",
    f"{_DATASET}/fields/{{field:str}}/tags/{{tag:str}}",
    _JOB,
    f"{_JOB}/tags/{{tag:str}}",
    f"{_JOB}/runs",
    f"{_RUN}/{{transition:str}}",
    "/api/v1/sources/{source:str}",
    "/api/v1/tags/{tag:str}",
]


@put(_WRITES, **_ALIKE)
async def refuse_put() -> None:
    """Nothing is written here."""
    raise _unwritten()


@post(_WRITES, **_ALIKE)
async def refuse_post() -> None:
    """Nothing is written here."""
    raise _unwritten()


@delete(_WRITES, **_ALIKE)
async def refuse_delete() -> None:
    """Nothing is deleted here."""
    raise _unwritten()


def _unwritten() -> Refusal:
    return Refusal(
        405,
        "Marquez's own write API is not served: lineage is what events say",
        remedy="send OpenLineage events to POST /api/v1/lineage; owners, tags and other labels go "
        "to POST /api/v1/labels",
        headers={"Allow": "GET, HEAD"},
    )


def _run(found: Catalogue, run_id: str) -> Run:
    """A run by its id; of several that share it, the one that began first."""
    runs = found.runs_with_id(run_id)
    if not runs:
        raise NotFound(f"Run '{run_id}' not found.")
    return runs[0]


def _moment(name: str, text: str) -> int:
    """Read a time, µs UTC. A `+` that a client did not encode came as a space."""
    try:
        return microseconds(text.replace(" ", "+"))[0]
    except ValueError:
        raise Refusal(400, f"{name}: {text!r} is no time") from None


HANDLERS = (
    list_namespaces,
    get_namespace,
    list_sources,
    get_source,
    list_tags,
    list_datasets,
    get_dataset,
    list_dataset_versions,
    get_dataset_version,
    list_all_jobs,
    list_jobs,
    get_job,
    list_job_versions,
    get_job_version,
    list_job_runs,
    get_run,
    get_run_facets,
    get_lineage,
    get_column_lineage,
    search,
    list_events,
    list_events_of,
    refuse_put,
    refuse_post,
    refuse_delete,
)
