"""Marquez's lists: namespaces, sources, tags, datasets, jobs, their versions and runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import unquote

from litestar import Response, get
from litestar.params import QueryParameter

from headwater.errors import NotFound
from headwater.query.catalogue import Catalogue
from headwater.query.documents import Document
from headwater.refs import Run
from headwater.service.marquez import datasets, jobs, listing, names
from headwater.service.marquez.answering import answer
from headwater.service.marquez.listing import Page
from headwater.service.marquez.parameters import (
    ALIKE,
    DATASET,
    JOB,
    LIST_ITEMS,
    NAMESPACE,
    RUN,
    AnyRequest,
    Limit,
    Name,
    Offset,
)


@get("/api/v1/namespaces", **ALIKE)
async def list_namespaces(
    request: AnyRequest, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """Every namespace."""
    return await answer(request, lambda found: listing.namespaces(found, Page(limit, offset)))


@get(NAMESPACE, **ALIKE)
async def get_namespace(request: AnyRequest, namespace: Name) -> Response[Any]:
    """One namespace."""
    return await answer(request, lambda found: listing.namespace(found, unquote(namespace)))


@get("/api/v1/sources", **ALIKE)
async def list_sources(
    request: AnyRequest, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """Every source."""
    return await answer(request, lambda found: listing.sources(found, Page(limit, offset)))


@get("/api/v1/sources/{source:str}", **ALIKE)
async def get_source(request: AnyRequest, source: Name) -> Response[Any]:
    """One source."""
    return await answer(request, lambda found: listing.source(found, unquote(source)))


@get("/api/v1/tags", **ALIKE)
async def list_tags(
    request: AnyRequest, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """Every tag."""
    return await answer(request, lambda found: listing.tags(found, Page(limit, offset)))


@get(f"{NAMESPACE}/datasets", **ALIKE)
async def list_datasets(
    request: AnyRequest, namespace: Name, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """The datasets of a namespace."""
    page = Page(limit, offset)
    return await answer(
        request, lambda found: listing.dataset_list(found, unquote(namespace), page)
    )


@get(DATASET, **ALIKE)
async def get_dataset(request: AnyRequest, namespace: Name, dataset: Name) -> Response[Any]:
    """One dataset."""

    def make(found: Catalogue) -> Document:
        one = listing.require_dataset(found, unquote(namespace), unquote(dataset))
        return datasets.dataset(found, one)

    return await answer(request, make)


@get(f"{DATASET}/versions", **ALIKE)
async def list_dataset_versions(
    request: AnyRequest,
    namespace: Name,
    dataset: Name,
    limit: Limit = LIST_ITEMS,
    offset: Offset = 0,
) -> Response[Any]:
    """The versions of a dataset, the newest first."""

    def make(found: Catalogue) -> Document:
        one = listing.require_dataset(found, unquote(namespace), unquote(dataset))
        return Page(limit, offset).of(
            "versions", found.versions(one), lambda each: datasets.version(found, each)
        )

    return await answer(request, make)


@get(f"{DATASET}/versions/{{version:str}}", **ALIKE)
async def get_dataset_version(
    request: AnyRequest, namespace: Name, dataset: Name, version: Name
) -> Response[Any]:
    """One version of a dataset."""

    def make(found: Catalogue) -> Document:
        one = listing.require_dataset(found, unquote(namespace), unquote(dataset))
        return datasets.version(found, names.find_version(found, one, unquote(version)))

    return await answer(request, make)


@get("/api/v1/jobs", **ALIKE)
async def list_all_jobs(
    request: AnyRequest, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """The jobs of all namespaces."""
    return await answer(request, lambda found: listing.job_list(found, None, Page(limit, offset)))


@get(f"{NAMESPACE}/jobs", **ALIKE)
async def list_jobs(
    request: AnyRequest, namespace: Name, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """The jobs of a namespace."""
    page = Page(limit, offset)
    return await answer(request, lambda found: listing.job_list(found, unquote(namespace), page))


@get(JOB, **ALIKE)
async def get_job(request: AnyRequest, namespace: Name, job: Name) -> Response[Any]:
    """One job."""

    def make(found: Catalogue) -> Document:
        return jobs.job(found, listing.require_job(found, unquote(namespace), unquote(job)))

    return await answer(request, make)


@get(f"{JOB}/versions", **ALIKE)
async def list_job_versions(
    request: AnyRequest, namespace: Name, job: Name, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """The versions of a job, the newest first."""

    def make(found: Catalogue) -> Document:
        one = listing.require_job(found, unquote(namespace), unquote(job))
        return Page(limit, offset).of("versions", jobs.versions(found, one), lambda each: each)

    return await answer(request, make)


@get(f"{JOB}/versions/{{version:str}}", **ALIKE)
async def get_job_version(
    request: AnyRequest, namespace: Name, job: Name, version: Name
) -> Response[Any]:
    """One version of a job."""

    def make(found: Catalogue) -> Document:
        one = listing.require_job(found, unquote(namespace), unquote(job))
        return jobs.find_version(found, one, unquote(version))

    return await answer(request, make)


@get(f"{JOB}/runs", **ALIKE)
async def list_job_runs(
    request: AnyRequest, namespace: Name, job: Name, limit: Limit = LIST_ITEMS, offset: Offset = 0
) -> Response[Any]:
    """The runs of a job, the newest first."""

    def make(found: Catalogue) -> Document:
        one = listing.require_job(found, unquote(namespace), unquote(job))
        return Page(limit, offset).of(
            "runs", found.runs(one), lambda each: jobs.run(found.run(each))
        )

    return await answer(request, make)


@get(RUN, **ALIKE)
async def get_run(request: AnyRequest, run_id: Name) -> Response[Any]:
    """One run."""
    return await answer(request, lambda found: jobs.run(found.run(_run(found, run_id))))


@get(f"{RUN}/facets", **ALIKE)
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


def _run(found: Catalogue, run_id: str) -> Run:
    """A run by its id; of several that share it, the one that began first."""
    runs = found.runs_with_id(run_id)
    if not runs:
        raise NotFound(f"Run '{run_id}' not found.")
    return runs[0]


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
)
