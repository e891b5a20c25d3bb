"""Search as Marquez does it: a pattern in the names of datasets and jobs.

`%` stands for any characters, `_` for one, the case is nothing (SQL's ILIKE, with `%` around).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.openlineage.times import iso
from headwater.query.catalogue import Catalogue
from headwater.query.documents import Document
from headwater.refs import Artifact, Job
from headwater.service.marquez.names import dataset_node, job_node


def search(
    catalogue: Catalogue,
    pattern: str,
    *,
    only: str | None,
    by_time: bool,
    namespace: str | None,
    limit: int,
) -> Document:
    """`SearchResults`: `only` is `DATASET` or `JOB`, the newest come first with `by_time`."""
    like = _Like(pattern)
    found = [
        thing
        for thing in _things(catalogue, only)
        if (namespace is None or thing.namespace == namespace) and like.matches(thing.name)
    ]
    found.sort(key=lambda thing: (thing.name, thing.namespace))
    if by_time:
        found.sort(key=lambda thing: -catalogue.span(thing).last)
    results = [_result(catalogue, thing) for thing in found[:limit]]
    return {"totalCount": len(results), "results": results}


def _things(catalogue: Catalogue, only: str | None) -> Iterator[Artifact | Job]:
    if only != "JOB":
        yield from catalogue.snapshot.artifacts
    if only != "DATASET":
        yield from catalogue.snapshot.lineage.jobs()


def _result(catalogue: Catalogue, thing: Artifact | Job) -> Document:
    job = isinstance(thing, Job)
    return {
        "type": "JOB" if job else "DATASET",
        "name": thing.name,
        "updatedAt": iso(catalogue.span(thing).last),
        "namespace": thing.namespace,
        "nodeId": job_node(*thing) if job else dataset_node(*thing),
    }


class _Like:
    """A pattern, matched piece by piece from the left.

    So it is never slower than its length times the name's, whatever the pattern.
    """

    def __init__(self, pattern: str) -> None:
        self._pieces = [
            re.compile(re.escape(piece).replace("_", "."), re.IGNORECASE | re.DOTALL)
            for piece in pattern.split("%")
            if piece
        ]

    def matches(self, name: str) -> bool:
        place = 0
        for piece in self._pieces:
            found = piece.search(name, place)
            if found is None:
                return False
            place = found.end()
        return True
