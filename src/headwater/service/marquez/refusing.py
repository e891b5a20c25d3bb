"""Marquez's own writes, which are refused and told where to go."""

from __future__ import annotations

from litestar import delete, post, put

from headwater.service.marquez.parameters import ALIKE, DATASET, JOB, NAMESPACE, RUN
from headwater.service.problems import Refusal

_WRITES = [
    NAMESPACE,
    DATASET,
    f"{DATASET}/tags/{{tag:str}}",
    f"{DATASET}/fields/{{field:str}}/tags/{{tag:str}}",
    JOB,
    f"{JOB}/tags/{{tag:str}}",
    f"{JOB}/runs",
    f"{RUN}/{{transition:str}}",
    "/api/v1/sources/{source:str}",
    "/api/v1/tags/{tag:str}",
]


@put(_WRITES, **ALIKE)
async def refuse_put() -> None:
    """Nothing is written here."""
    raise _unwritten()


@post(_WRITES, **ALIKE)
async def refuse_post() -> None:
    """Nothing is written here."""
    raise _unwritten()


@delete(_WRITES, **ALIKE)
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


HANDLERS = (
    refuse_put,
    refuse_post,
    refuse_delete,
)
