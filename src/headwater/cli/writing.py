"""Writing to the store, or, while a service holds it, through that service.

Both take the same and give the same back, so that a command need not know which it is.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from headwater.cli import opening
from headwater.cli.terminal import Terminal
from headwater.errors import HeadwaterError, Problem, StoreBusy, StoreError

if TYPE_CHECKING:
    from headwater.ingest import Receipt
    from headwater.store import Writer

TOKEN = "HEADWATER_TOKEN"  # noqa: S105 - the variable's name
TIMEOUT_SECONDS = 120.0
BUSY_SECONDS_MAX = 60.0
"""How long a service that answers 503 is asked again."""


class Writing(Protocol):
    """Where a command writes."""

    def admit(
        self, bodies: Sequence[bytes], *, sources: Sequence[str], strict: bool
    ) -> Sequence[Receipt]:
        """Admit events, as `ingest.admit`."""
        ...

    def label(self, subject: str, *, key: str, value: str) -> int | None:
        """Label a thing; gives the entry."""
        ...

    def size(self) -> int:
        """Count the entries of the ledger."""
        ...


@contextmanager
def writing(where: str, terminal: Terminal, *, create: bool) -> Iterator[Writing]:
    """Open the store for writing; made where there is none, if `create`.

    Raises as `open_store`, but not `StoreBusy` where a service that has the store takes events.
    """
    from headwater.store import locate, open_store
    from headwater.store.lock import holder

    try:
        store = open_store(where, mode="write", create=create)
    except StoreBusy:
        found = holder(locate(where))
        if found is None or found.url is None:
            raise
        terminal.say(f"headwater: the service at {found.url} has the store, and takes it")
        yield _Remote(found.url)
        return
    with store:
        opening.warn(store.warnings, terminal)
        yield _Embedded(store)


class _Embedded:
    def __init__(self, store: Writer) -> None:
        self._store = store

    def admit(
        self, bodies: Sequence[bytes], *, sources: Sequence[str], strict: bool
    ) -> Sequence[Receipt]:
        from headwater.ingest import admit

        return admit(self._store, bodies, strict=strict, sources=sources)

    def label(self, subject: str, *, key: str, value: str) -> int | None:
        from headwater.ingest import admit_label

        return admit_label(self._store, subject, key=key, value=value).entry

    def size(self) -> int:
        return self._store.head().size


class _Remote:
    """A service, by its URL; `HEADWATER_TOKEN` is the token that it may want."""

    def __init__(self, url: str) -> None:
        self._url = url

    def admit(
        self,
        bodies: Sequence[bytes],
        *,
        sources: Sequence[str],  # noqa: ARG002 - file names are nothing to the service
        strict: bool,
    ) -> Sequence[Receipt]:
        """Send what can stand on a line together, the rest alone."""
        from headwater.ingest import Receipt

        receipts: dict[int, Receipt] = {}
        lines = [place for place, body in enumerate(bodies) if _is_line(body)]
        if lines:
            query = urlencode({"strict": str(strict).lower(), "receipts": "true"})
            _, answer = self._send(
                f"/api/v1/lineage/batch?{query}",
                b"\n".join(bodies[place] for place in lines),
                "application/x-ndjson",
            )
            for place, one in zip(lines, answer["receipts"], strict=True):
                problems = tuple(Problem(p["path"], p["message"]) for p in one["problems"])
                receipts[place] = Receipt(
                    place, one["entry"], _known(one["status"]), tuple(one["warnings"]), problems
                )
        for place, body in enumerate(bodies):
            if place not in receipts:
                receipts[place] = self._admit_one(place, body, strict=strict)
        return [receipts[place] for place in range(len(bodies))]

    def _admit_one(self, place: int, body: bytes, *, strict: bool) -> Receipt:
        from headwater.ingest import Receipt

        query = urlencode({"strict": str(strict).lower()})
        status, answer = self._send(
            f"/api/v1/lineage?{query}", body, "application/json", refused=(403, 410, 413, 422)
        )
        if status in {200, 201}:
            return Receipt(place, answer["entry"], answer["status"], tuple(answer["warnings"]))
        said = answer.get("problems") or [{"path": "$", "message": answer["detail"]}]
        problems = tuple(Problem(one["path"], one["message"]) for one in said)
        return Receipt(place, None, "rejected", problems=problems)

    def label(self, subject: str, *, key: str, value: str) -> int | None:
        body = json.dumps({"ref": subject, "key": key, "value": value}).encode()
        _, answer = self._send("/api/v1/label", body, "application/json")
        entry: int = answer["entry"]
        return entry

    def size(self) -> int:
        with self._open(Request(f"{self._url}/log/checkpoint")) as response:  # noqa: S310
            return int(response.read().split(b"\n")[1])

    def _send(
        self, path: str, body: bytes, kind: str, *, refused: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        """Post, and post again while the service is busy; statuses in `refused` are answers."""
        headers = {"Content-Type": kind, "Content-Encoding": "gzip", "User-Agent": "headwater"}
        request = Request(  # noqa: S310 - the URL is the store's own
            self._url + path, gzip.compress(body, 1), headers, method="POST"
        )
        until = time.monotonic() + BUSY_SECONDS_MAX
        while True:
            try:
                with self._open(request) as response:
                    return response.status, json.load(response)
            except HTTPError as error:
                with error:
                    said = _problem(error)
                if error.code in refused:
                    return error.code, said
                if error.code != 503 or time.monotonic() > until:
                    raise _failure(self._url, error, said) from error
                time.sleep(float(error.headers.get("Retry-After") or 1))

    def _open(self, request: Request) -> Any:
        token = os.environ.get(TOKEN)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            return urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
        except HTTPError:
            raise
        except (URLError, HTTPException, OSError) as error:
            raise StoreError(
                f"the service at {self._url}, which has the store, cannot be reached: "
                f"{getattr(error, 'reason', None) or error}",
                remedy="what was taken stays; the same again goes on where it stopped",
            ) from error


def _is_line(body: bytes) -> bool:
    """Whether the service reads these bytes as one event of NDJSON."""
    return body.startswith(b"{") and b"\n" not in body


def _known(status: str) -> str:
    """Give the receipt's status as imports count it: what may not be written is rejected."""
    return "rejected" if status == "forbidden" else status


def _problem(error: HTTPError) -> dict[str, Any]:
    try:
        said = json.load(error)
    except (OSError, HTTPException, ValueError):
        said = None
    return said if isinstance(said, dict) else {"detail": str(error.reason)}


def _failure(url: str, error: HTTPError, said: dict[str, Any]) -> HeadwaterError:
    wants_token = error.code in {401, 403}
    return StoreError(
        f"the service at {url} answers {error.code}: {said.get('detail')}",
        remedy=f"set {TOKEN} to a token that may write this" if wants_token else said.get("remedy"),
    )
