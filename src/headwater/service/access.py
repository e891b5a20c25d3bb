"""Who asks, and what they may do.

Without tokens the service listens on this machine alone and everybody who reaches it is the person
at the machine. With a token file every request has to bring a token, but for what is open to all.

Trusted? Whoever writes the token file decides who may read and write.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from headwater.errors import Forbidden, StoreError, Unauthenticated
from headwater.query import tokens
from headwater.query.principal import Principal

LOOK_SECONDS = 1.0
"""How old what is known of the token file may be."""
OPEN = "open"
"""Option of a route that anybody may ask."""
ANY_QUERY = "any_query"
"""Option of a route that takes parameters which it does not know, as those it stands in for do."""
LEDGER = "ledger"
"""Option of a route that shows the ledger whole: for auditors."""


class Caller(msgspec.Struct, frozen=True):
    """Who asks: what answers may show them, what they may write, whether the ledger is theirs."""

    principal: Principal
    write: tuple[str, ...] = ()
    auditor: bool = False


EVERYBODY = Caller(Principal("local", ("*",)), ("*",), auditor=True)
"""Who reaches a service that listens on this machine alone."""


class Tokens:
    """The tokens of a file, which is read again when it has changed."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises `StoreError` when it cannot be read or is not one of tokens."""
        self._path = path
        self._looked = 0.0
        self._state: tuple[int, int, int] | None = None
        self._callers: dict[bytes, Caller] = {}
        self._read_again()

    def find(self, token: str) -> Caller:
        """Say whose token this is. Raises `Unauthenticated`, or `StoreError` as construction."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._read_again()
        given = tokens.digest(token)
        found: Caller | None = None
        for known, caller in self._callers.items():  # all of them, so that time tells nothing
            if hmac.compare_digest(given, known):
                found = caller
        if found is None:
            raise Unauthenticated("this token is not known here")
        return found

    def _read_again(self) -> None:
        try:
            about = self._path.stat()
            state = (about.st_mtime_ns, about.st_size, about.st_ino)
            if state != self._state:
                self._callers = {
                    token.digest: Caller(
                        Principal(token.subject, token.read), token.write, token.role == "auditor"
                    )
                    for token in tokens.load(self._path)
                }
                self._state = state
        except OSError as error:
            # Whom the file no longer names must not get in, so nobody does.
            self._callers, self._state = {}, None
            raise StoreError(
                f"the token file {self._path} cannot be read: {error.strerror}",
                remedy="check its permissions",
            ) from error
        except StoreError:
            self._callers, self._state = {}, None
            raise
        self._looked = time.monotonic()


async def require_caller(
    connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler
) -> None:
    """Find out who asks, and whether they may ask this. Raises `Unauthenticated`, `Forbidden`."""
    known: Tokens | None = connection.app.state.service.tokens
    if route.opt.get(OPEN):
        return
    found = identify(known, connection.headers)
    if route.opt.get(LEDGER) and not found.auditor:
        raise Forbidden(
            f"{found.principal.subject} may not read the ledger itself",
            remedy="that takes a token whose role is auditor",
        )
    connection.scope["state"]["caller"] = found


def identify(known: Tokens | None, headers: Mapping[str, str]) -> Caller:
    """Say who asks. Raises `Unauthenticated`."""
    return EVERYBODY if known is None else known.find(_bearer(headers))


def caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who asks, as `require_caller` found."""
    found: Caller = connection.scope["state"]["caller"]
    return found


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated(
            "this service wants a token", remedy="send Authorization: Bearer TOKEN"
        )
    return token.strip()
