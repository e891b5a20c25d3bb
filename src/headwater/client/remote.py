"""Questions to a service over HTTP: standard library only."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from headwater import errors
from headwater.client import pages
from headwater.client.lineage import Lineage
from headwater.shipping.posting import TOKENS

TIMEOUT_SECONDS: Final = 60.0
PAGE_NODES: Final = 10_000
_PAGED: Final = frozenset({"trace", "impact"})


class Remote(Lineage):
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

    def close(self) -> None:
        """Nothing is held open."""

    def _answer(self, ask: str, **asked: Any) -> Any:
        return self._walk(ask, **asked) if ask in _PAGED else self._get(ask, **asked)

    def _prove(self, ref: str, **asked: Any) -> bytes:
        return self._fetch("prove", ref=ref, **asked)

    def _walk(self, ask: str, **asked: Any) -> dict[str, Any]:
        found = [self._get(ask, limit=PAGE_NODES, **asked)]
        while cursor := (found[-1]["completeness"].get("truncated") or {}).get("cursor"):
            found.append(self._get(ask, limit=PAGE_NODES, cursor=cursor, **asked))
        return pages.join(found, columns=asked["columns"])

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
