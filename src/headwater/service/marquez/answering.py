"""From a request to a response in Marquez's form, errors included.

Marquez answers errors with `code` and `message`; they stand in the problem details beside ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response

from headwater.graph.model import RULES
from headwater.query.catalogue import Catalogue
from headwater.query.documents import Document
from headwater.query.gateway import Gateway
from headwater.service import access, problems, state
from headwater.service.answering import RULES_HEADER
from headwater.service.replies import reply

SIZE_HEADER = "Headwater-Size"
"""The ledger size that an answer was given at."""

AnyRequest = Request[Any, Any, Any]


async def answer(request: AnyRequest, make: Callable[[Catalogue], Document]) -> Response[Any]:
    """Answer with what `make` makes of the catalogue that the caller sees."""

    def work(gateway: Gateway) -> tuple[int, bytes]:
        catalogue = gateway.catalogue()
        return catalogue.snapshot.size, msgspec.json.encode(make(catalogue))

    size, body = await state.of(request).readers.ask(access.caller(request).principal, work)
    return reply(body, headers={SIZE_HEADER: str(size), RULES_HEADER: str(RULES)})


def refuse(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Turn whatever was raised into problem details that Marquez's clients read too."""
    response = problems.answer(request, error)
    problem = msgspec.json.decode(response.content)
    response.content = msgspec.json.encode(
        problem | {"code": problem["status"], "message": problem["detail"]}
    )
    return response
