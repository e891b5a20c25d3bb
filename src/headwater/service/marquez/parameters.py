"""What Marquez's routes have in common: their parameters, addresses and options."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request
from litestar.exceptions import HTTPException
from litestar.params import PathParameter, QueryParameter

from headwater.service import access
from headwater.service.marquez.answering import refuse

AnyRequest = Request[Any, Any, Any]

LIST_ITEMS_MAX = 10_000
"""Items of one page."""
LIST_ITEMS = 100

Name = Annotated[str, PathParameter()]
"""Percent-encoded until a route decodes it."""
Limit = Annotated[int, QueryParameter(ge=0, le=LIST_ITEMS_MAX)]
Offset = Annotated[int, QueryParameter(ge=0, le=2**53)]

NAMESPACE = "/api/v1/namespaces/{namespace:str}"
DATASET = f"{NAMESPACE}/datasets/{{dataset:str}}"
JOB = f"{NAMESPACE}/jobs/{{job:str}}"
RUN = "/api/v1/jobs/runs/{run_id:str}"

ALIKE: dict[str, Any] = {
    "include_in_schema": False,
    "opt": {access.ANY_QUERY: True},
    "exception_handlers": {HTTPException: refuse, Exception: refuse},
}
"""Options of every route: not in our own description, unknown parameters ignored, errors in both
forms."""
