"""What goes wrong, as RFC 9457 problem details: `application/problem+json` on every error.

`error` is the name of the error in `headwater.errors`, so that a client can raise the same; where
HTTP itself is the matter, there is none.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import Send

from headwater import errors
from headwater.errors import HeadwaterError
from headwater.service.limits import RETRY_SECONDS

MEDIA_TYPE = "application/problem+json"
STATUSES: dict[type[HeadwaterError], int] = {
    errors.InvalidEvent: 422,
    errors.InvalidReference: 400,
    errors.NotFound: 404,
    errors.Ambiguous: 409,
    errors.StoreFull: 507,
    errors.StoreError: 503,
    errors.Overloaded: 503,
    errors.LimitExceeded: 413,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.HeadwaterError: 500,
}
"""Error → status; the nearest class above an error counts."""

_RETRIED = frozenset({503, 507})
_log = logging.getLogger("headwater.service")


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with an event: a JSON path, and what is wrong there."""

    path: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What went wrong (RFC 9457), with every fault of an event, and what to do next."""

    type: str
    title: str
    status: int
    detail: str
    error: str | None = None
    remedy: str | None = None
    problems: list[Fault] = []
    nearest: list[str] = []
    candidates: list[str] = []


class Refusal(HeadwaterError):
    """A request that HTTP has a status for and `headwater.errors` no name."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        remedy: str | None = None,
        problems: tuple[errors.Problem, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.status = status
        self.problems = problems
        self.headers = headers or {}


def answer(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Turn whatever was raised into a response."""
    problem, headers = _told(error)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


async def send_problem(error: Exception, send: Send) -> None:
    """Answer with whatever was raised."""
    problem, headers = _told(error)
    body = msgspec.json.encode(problem)
    said = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **headers}
    lines = [(name.lower().encode(), value.encode()) for name, value in said.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": lines})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _told(error: Exception) -> tuple[Problem, dict[str, str]]:
    """Describe an error, and log what should not have happened."""
    problem, headers = explain(error)
    if problem.status >= 500 and problem.status not in _RETRIED:
        _log.error("a request failed", exc_info=error)
    return problem, headers


def explain(error: Exception) -> tuple[Problem, dict[str, str]]:
    """Describe an error: the problem, and headers that belong to it."""
    if isinstance(error, Refusal):
        return _describe(error, error.status), _headers(error.status) | error.headers
    if isinstance(error, HeadwaterError):
        status = next(STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)
        return _describe(error, status, name=type(error).__name__), _headers(status)
    if isinstance(error, HTTPException):
        detail = ", ".join(_sentences(error)) or HTTPStatus(error.status_code).description
        refusal = Refusal(error.status_code, detail)
        headers = {name.title(): value for name, value in (error.headers or {}).items()}
        if "Allow" in headers:
            headers["Allow"] = headers["Allow"].replace("GET", "GET, HEAD")
        return _describe(refusal, error.status_code), headers
    return _describe(Refusal(500, "this should not have happened; the log says more"), 500), {}


def _describe(error: HeadwaterError, status: int, *, name: str | None = None) -> Problem:
    title = _words(name) if name else HTTPStatus(status).phrase
    kind = title.lower().replace(" ", "-").replace("'", "")
    return Problem(
        type=f"urn:headwater:problem:{kind}",
        title=title,
        status=status,
        detail=error.message,
        error=name,
        remedy=error.remedy,
        problems=[Fault(*problem) for problem in getattr(error, "problems", ())],
        nearest=list(getattr(error, "nearest", ())),
        candidates=list(getattr(error, "candidates", ())),
    )


def _headers(status: int) -> dict[str, str]:
    if status in _RETRIED:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"WWW-Authenticate": 'Bearer realm="headwater"'} if status == 401 else {}


def _sentences(error: HTTPException) -> Iterator[str]:
    """Say what the framework found wrong: parameters, each with its name."""
    if isinstance(error.extra, list) and error.extra:
        for fault in error.extra:
            if isinstance(fault, dict):
                yield f"{fault.get('key', 'request')}: {fault.get('message', 'is not valid')}"
    elif error.status_code == 404:
        yield "there is nothing at this address"
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("allow", "")
        yield f"this address takes {allowed}" if allowed else "this method is not taken here"
    else:
        yield error.detail


def _words(name: str) -> str:
    return " ".join(re.findall(r"[A-Z][a-z]+", name)).capitalize()
