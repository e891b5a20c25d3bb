"""Questions to a service over HTTP: standard library only."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from headwater import errors
from headwater.client import pages
from headwater.shipping.posting import TOKENS

if TYPE_CHECKING:
    from headwater.client.documents import Difference, Hits, Passport, Paths, Reasons, Walk
    from headwater.client.lineage import Ask, Revisions

Ref = str | os.PathLike[str]

TIMEOUT_SECONDS: Final = 60.0
PAGE_NODES: Final = 10_000


class Remote:
    """`Lineage` of a service. Long answers are fetched page by page, all of one ledger size."""

    def __init__(
        self, url: str, *, token: str | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Name the service; nothing is asked yet."""
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = timeout

    @classmethod
    def of_environment(cls, url: str) -> Remote:
        """Name it, with the token that the environment has for it."""
        return cls(url, token=next((os.environ[n] for n in TOKENS if os.environ.get(n)), None))

    def trace(
        self,
        ref: Ref,
        *,
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: Revisions = "carried",
        facets: bool = False,
    ) -> Walk:
        """See `Lineage`."""
        asked = {"depth": depth, "at": at, "columns": columns, "revisions": revisions}
        return self._walk("trace", ref=os.fspath(ref), facets=facets, **asked)

    def impact(
        self,
        ref: Ref,
        *,
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: Revisions = "carried",
        facets: bool = False,
    ) -> Walk:
        """See `Lineage`."""
        asked = {"depth": depth, "at": at, "columns": columns, "revisions": revisions}
        return self._walk("impact", ref=os.fspath(ref), facets=facets, **asked)

    def paths(self, a: Ref, b: Ref, *, at: str | None = None) -> Paths:
        """See `Lineage`."""
        return cast("Paths", self._get("paths", a=os.fspath(a), b=os.fspath(b), at=at))

    def show(self, ref: Ref, *, at: str | None = None) -> Passport:
        """See `Lineage`."""
        return cast("Passport", self._get("show", ref=os.fspath(ref), at=at))

    def diff(self, a: Ref, b: Ref, *, at: str | None = None) -> Difference:
        """See `Lineage`."""
        return cast("Difference", self._get("diff", a=os.fspath(a), b=os.fspath(b), at=at))

    def search(
        self, text: str, *, kind: str | None = None, limit: int = 20, at: str | None = None
    ) -> Hits:
        """See `Lineage`."""
        return cast("Hits", self._get("search", text=text, kind=kind, limit=limit, at=at))

    def why(self, a: Ref, b: Ref, *, at: str | None = None) -> Reasons:
        """See `Lineage`."""
        return cast("Reasons", self._get("why", a=os.fspath(a), b=os.fspath(b), at=at))

    def prove(
        self,
        ref: Ref,
        *,
        ask: Ask = "trace",
        depth: int | None = None,
        at: str | None = None,
        columns: bool = False,
        revisions: Revisions = "carried",
    ) -> bytes:
        """See `Lineage`."""
        asked = {"ask": ask, "depth": depth, "at": at, "columns": columns, "revisions": revisions}
        return self._fetch("prove", ref=os.fspath(ref), **asked)

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _walk(self, ask: str, **asked: Any) -> Walk:
        found = [self._get(ask, limit=PAGE_NODES, **asked)]
        while cursor := (found[-1]["completeness"].get("truncated") or {}).get("cursor"):
            found.append(self._get(ask, limit=PAGE_NODES, cursor=cursor, **asked))
        return cast("Walk", pages.join(found, columns=asked["columns"]))

    def _get(self, route: str, **asked: Any) -> dict[str, Any]:
        data = self._fetch(route, **asked)
        try:
            answer: dict[str, Any] = json.loads(data)
        except ValueError as error:
            raise self._unheard(error) from error
        return answer

    def _fetch(self, route: str, **asked: Any) -> bytes:
        said = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in asked.items()
            if value is not None
        }
        headers = {"Accept": "application/json", "User-Agent": "headwater"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(f"{self._url}/api/v1/{route}?{urlencode(said)}", headers=headers)  # noqa: S310
        try:
            with urlopen(request, timeout=self._timeout) as response:  # noqa: S310
                data: bytes = response.read()
        except HTTPError as error:
            with error:
                raise _error(error) from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise self._unheard(error) from error
        return data

    def _unheard(self, error: Exception) -> errors.StoreError:
        reason = getattr(error, "reason", None) or error
        return errors.StoreError(
            f"{self._url} cannot be asked: {reason}",
            remedy="is the service running there? headwater serve starts one",
        )


def _error(error: HTTPError) -> errors.HeadwaterError:
    """Make of a problem document (RFC 9457) the error that the embedded store would raise."""
    try:
        said = json.loads(error.read())
    except (OSError, HTTPException, ValueError):
        said = {}
    message = str(said.get("detail") or said.get("title") or f"{error.code} {error.reason}")
    remedy = said.get("remedy")
    name = said.get("error")
    if name == "NotFound" or error.code == 404:
        found: errors.HeadwaterError = errors.NotFound(
            message, nearest=tuple(said.get("nearest") or ())
        )
    elif name == "Ambiguous":
        found = errors.Ambiguous(message, candidates=tuple(said.get("candidates") or ()))
    elif name == "LimitExceeded":
        found = errors.LimitExceeded(message)
    elif name == "InvalidReference" or error.code == 400:
        found = errors.InvalidReference(message)
    else:
        found = errors.StoreError(message)
    found.remedy = remedy
    return found
