"""Delivery to a service that takes OpenLineage over HTTP: gzipped NDJSON, or event by event.

`POST <url>/api/v1/lineage/batch` takes many at once. A service that has no such route (Marquez, and
most others) gets each event by itself at `POST <url>/api/v1/lineage`.

Trusted? No: it can claim to have taken what it dropped. A receipt of Headwater's own service means
that the event is in its ledger.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from headwater.shipping.receipts import ACCEPTED, DUPLICATE, REJECTED, Receipt, Undelivered

BATCH: Final = "/api/v1/lineage/batch"
SINGLE: Final = "/api/v1/lineage"
TOKENS: Final = ("HEADWATER_TOKEN", "OPENLINEAGE_API_KEY")
TIMEOUT_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024
_NO_SUCH_ROUTE: Final = (404, 405, 501)
_NOT_THE_EVENTS: Final = (401, 403, 404, 405, 407, 408, 421, 425, 429, 451, 501)
"""Client errors that are about who asks, where and when, and not about what was sent."""


class Service:
    """A service, by its URL."""

    def __init__(
        self, url: str, *, token: str | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Name it. Raises `Undelivered` for what is no http(s) URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Undelivered(
                f"{url!r} is no http:// or https:// URL",
                remedy="set HEADWATER_URL (or OPENLINEAGE_URL) to where the service listens",
                lasting=True,
            )
        self._url = url.rstrip("/")
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._token = token
        self._timeout = timeout
        self._has_batch = True

    @classmethod
    def of_environment(cls, url: str) -> Service:
        """Name it, with the token that the environment has for it."""
        return cls(url, token=next((os.environ[n] for n in TOKENS if os.environ.get(n)), None))

    def deliver(self, events: Sequence[bytes]) -> list[Receipt]:
        """Deliver events; one receipt each, in order.

        What is rejected as a whole is halved until the event that is to blame stands alone. Raises
        `Undelivered` when the service cannot be reached, is busy, or does not let us in.
        """
        if not events:
            return []
        if self._has_batch:
            try:
                answer = self._post(
                    f"{BATCH}?receipts=true", b"\n".join(events) + b"\n", "application/x-ndjson"
                )
            except _Refused as refused:
                if refused.status in _NO_SUCH_ROUTE:
                    self._has_batch = False
                elif len(events) > 1:
                    middle = len(events) // 2
                    return [*self.deliver(events[:middle]), *self.deliver(events[middle:])]
                else:
                    return [Receipt(REJECTED, refused.reason)]
            else:
                return self._receipts(events, answer)
        return [self._deliver_one(event) for event in events]

    def _deliver_one(self, event: bytes) -> Receipt:
        try:
            answer = self._post(SINGLE, event, "application/json")
        except _Refused as refused:
            if refused.status in _NOT_THE_EVENTS:
                raise self._lasting(refused) from refused
            return Receipt(REJECTED, refused.reason)
        status = answer.get("status") if isinstance(answer, dict) else None
        return Receipt(DUPLICATE if status == DUPLICATE else ACCEPTED)

    def _receipts(self, events: Sequence[bytes], answer: Any) -> list[Receipt]:
        failed = answer.get("failed_events") if isinstance(answer, dict) else None
        told = answer.get("receipts") if isinstance(answer, dict) else None
        receipts = [Receipt(ACCEPTED)] * len(events)
        for one in told or ():
            if one.get("status") == DUPLICATE:
                receipts[int(one["index"])] = Receipt(DUPLICATE)
        for one in failed or ():
            if one.get("retriable"):
                raise Undelivered(f"{self._shown} asks to send again: {one.get('reason')}")
            receipts[int(one["index"])] = Receipt(REJECTED, str(one.get("reason", "rejected")))
        return receipts

    def _post(self, route: str, body: bytes, kind: str) -> Any:
        headers = {
            "Content-Type": kind,
            "Content-Encoding": "gzip",
            "Accept": "application/json",
            "User-Agent": "headwater",
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(  # noqa: S310 - the scheme was looked at
            self._url + route, gzip.compress(body, 6, mtime=0), headers, method="POST"
        )
        try:
            with urlopen(request, timeout=self._timeout) as response:  # noqa: S310
                return _decode(response.read(ANSWER_BYTES_MAX))
        except HTTPError as error:
            with error:
                raise self._failure(error, route) from error
        except (URLError, HTTPException, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise Undelivered(
                f"{self._shown} cannot be reached: {reason}",
                remedy="the events stay in the spool; headwater ship sends them later",
            ) from error

    def _failure(self, error: HTTPError, route: str) -> Exception:
        reason = _reason(error)
        retry_after = error.headers.get("Retry-After", "")
        refused = _Refused(error.code, reason)
        if error.code >= 500 and error.code != 501:
            seconds = float(retry_after) if retry_after.isdigit() else None
            return Undelivered(f"{self._shown} answers {error.code}: {reason}", retry_after=seconds)
        if error.code in (408, 425, 429):
            seconds = float(retry_after) if retry_after.isdigit() else None
            return Undelivered(f"{self._shown} is busy: {reason}", retry_after=seconds)
        if error.code in _NOT_THE_EVENTS and not (
            route.startswith(BATCH) and error.code in _NO_SUCH_ROUTE
        ):
            return self._lasting(refused)
        return refused

    def _lasting(self, refused: _Refused) -> Undelivered:
        remedy = {
            401: f"set a token that may write: {TOKENS[0]}",
            403: f"the token in {TOKENS[0]} may not write this job's events",
            404: "check the URL: no OpenLineage is taken there",
        }.get(refused.status, "check the URL and what stands between")
        return Undelivered(
            f"{self._shown} answers {refused.status}: {refused.reason}", remedy=remedy, lasting=True
        )


class _Refused(Exception):
    """A client error: what was sent is not taken."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


def _reason(error: HTTPError) -> str:
    try:
        text = error.read(ANSWER_BYTES_MAX)
    except (OSError, HTTPException):
        return str(error.reason)
    said = _decode(text)
    if isinstance(said, dict):
        problems = said.get("problems") or said.get("errors")
        words = said.get("detail") or said.get("title") or said.get("message")
        listed = "; ".join(
            f"{one.get('path')}: {one.get('message')}" if isinstance(one, dict) else str(one)
            for one in problems or ()
        )
        return listed or str(words or error.reason)
    return str(error.reason)


def _decode(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
