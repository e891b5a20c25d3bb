"""Pages of Marquez's lists: `limit` and `offset`, and how many there are in all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from headwater.errors import Forbidden, NotFound
from headwater.openlineage.times import iso
from headwater.query import recorded
from headwater.query.catalogue import Catalogue, Span
from headwater.query.documents import Document
from headwater.refs import Artifact, Job
from headwater.service.marquez import datasets, jobs

T = TypeVar("T")


class Page(NamedTuple):
    """Which part of a list is asked for."""

    limit: int
    offset: int

    def of(self, name: str, things: Sequence[T], make: Callable[[T], Document]) -> Document:
        """Make the page: only what is on it is made."""
        part = things[self.offset : self.offset + self.limit]
        return {name: [make(one) for one in part], "totalCount": len(things)}


def require_namespace(catalogue: Catalogue, namespace: str) -> None:
    """Raise `NotFound`, as Marquez words it, unless the namespace holds something."""
    if namespace not in catalogue.artifacts and namespace not in catalogue.jobs:
        raise NotFound(f"Namespace '{namespace}' not found.")


def require_dataset(catalogue: Catalogue, namespace: str, name: str) -> Artifact:
    """A dataset. Raises `NotFound`, as Marquez words it."""
    require_namespace(catalogue, namespace)
    if not catalogue.knows(Artifact(namespace, name)):
        raise NotFound(f"Dataset '{name}' not found.")
    return Artifact(namespace, name)


def require_job(catalogue: Catalogue, namespace: str, name: str) -> Job:
    """A job. Raises `NotFound`, as Marquez words it."""
    require_namespace(catalogue, namespace)
    if not catalogue.knows(Job(namespace, name)):
        raise NotFound(f"Job '{name}' not found.")
    return Job(namespace, name)


def namespace(catalogue: Catalogue, name: str) -> Document:
    """`Namespace` of Marquez's API. Nobody owns one here."""
    require_namespace(catalogue, name)
    span = catalogue.namespace_span(name)
    return {
        "name": name,
        "createdAt": iso(span.first),
        "updatedAt": iso(span.last),
        "ownerName": "anonymous",
        "description": None,
        "isHidden": False,
    }


def namespaces(catalogue: Catalogue, page: Page) -> Document:
    """`NamespaceList`."""
    return page.of("namespaces", catalogue.namespaces, lambda name: namespace(catalogue, name))


def source(catalogue: Catalogue, name: str) -> Document:
    """`Source` of Marquez's API: a namespace of datasets is one, and its own address."""
    if name not in catalogue.artifacts:
        raise NotFound(f"Source '{name}' not found.")
    span = catalogue.namespace_span(name)
    return {
        "type": (urlsplit(name).scheme if "://" in name else "").upper() or "UNKNOWN",
        "name": name,
        "createdAt": iso(span.first),
        "updatedAt": iso(span.last),
        "connectionUrl": name,
        "description": None,
    }


def sources(catalogue: Catalogue, page: Page) -> Document:
    """`SourceList`."""
    return page.of("sources", sorted(catalogue.artifacts), lambda name: source(catalogue, name))


def tags(catalogue: Catalogue, page: Page) -> Document:
    """`TagList`."""
    return page.of("tags", catalogue.tags(), lambda tag: {"name": tag, "description": None})


def dataset_list(catalogue: Catalogue, namespace_: str, page: Page) -> Document:
    """`DatasetList`."""
    require_namespace(catalogue, namespace_)
    found = catalogue.artifacts.get(namespace_, [])
    return page.of("datasets", found, lambda one: datasets.dataset(catalogue, one))


def job_list(catalogue: Catalogue, namespace_: str | None, page: Page) -> Document:
    """`JobList`, of one namespace or of all."""
    if namespace_ is None:
        found = list(catalogue.snapshot.lineage.jobs())
    else:
        require_namespace(catalogue, namespace_)
        found = catalogue.jobs.get(namespace_, [])
    return page.of("jobs", found, lambda one: jobs.job(catalogue, one))


def events(catalogue: Catalogue, page: Page, *, oldest_first: bool, span: Span) -> Document:
    """`LineageEventList`: by admission, of the entries admitted within `span`.

    `totalCount` and `offset` count entries; what is no event is left out of its page.
    """
    _require_all(catalogue)
    store, size = catalogue.snapshot.store, catalogue.snapshot.size
    first = min(store.size_at(span.first - 1), size)
    end = max(first, min(store.size_at(span.last - 1), size))
    return _events(catalogue, range(first, end), page, oldest_first=oldest_first)


def events_of(catalogue: Catalogue, namespace_: str, page: Page) -> Document:
    """`LineageEventList` of the jobs of a namespace, the newest first."""
    _require_all(catalogue)
    require_namespace(catalogue, namespace_)
    entries = recorded.entries_of_jobs(catalogue.snapshot, namespace_)
    return _events(catalogue, entries, page, oldest_first=False)


def _events(
    catalogue: Catalogue, entries: Sequence[int], page: Page, *, oldest_first: bool
) -> Document:
    ordered = entries if oldest_first else entries[::-1]
    part = ordered[page.offset : page.offset + page.limit]
    found = recorded.events(catalogue.snapshot, part)
    return {"events": [msgspec.Raw(body) for body in found], "totalCount": len(entries)}


def _require_all(catalogue: Catalogue) -> None:
    """Events come whole, with every name in them: for those who may read every namespace."""
    if "*" not in catalogue.snapshot.principal.read:
        raise Forbidden(
            "events show every namespace that they speak of",
            remedy="use a token that reads all namespaces (*), or ask for lineage",
        )
