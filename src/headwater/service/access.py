"""Who asks, and what they may do.

Without tokens the service listens on this machine alone and everybody who reaches it is the person
at the machine. With a token file every request has to bring a token, but for what is open to all.

A token is 256 random bits; the file has its SHA-256 only, so that who reads the file cannot use it.

Trusted? Whoever writes the token file decides who may read and write.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
import time
from pathlib import Path
from typing import Any, Literal

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from headwater.errors import Forbidden, StoreError, Unauthenticated
from headwater.query.principal import LOCAL, Principal
from headwater.store import layout

TOKENS_MAX = 10_000
FILE_BYTES_MAX = 8 * 1024 * 1024
LOOK_SECONDS = 1.0
"""How old what is known of the token file may be."""
PREFIX = "hw_"
OPEN = "open"
"""Option of a route that anybody may ask."""
ANY_QUERY = "any_query"
"""Option of a route that takes parameters which it does not know, as those it stands in for do."""
LEDGER = "ledger"
"""Option of a route that shows the ledger whole: for auditors."""

_HASH = re.compile(r"sha256:[0-9a-f]{64}")

Role = Literal["member", "auditor"]


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One token of the file.

    `hash` is `sha256:` and 64 hex digits; `subject` names who has it, and becomes the actor of what
    they send. `read` are the namespaces (globs) that answers may show, `write` the namespaces of
    jobs that events may be about. An `auditor` may also read the ledger whole.
    """

    hash: str
    subject: str
    role: Role = "member"
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()


class Caller(msgspec.Struct, frozen=True):
    """Who asks: what answers may show them, what they may write, whether the ledger is theirs."""

    principal: Principal
    write: tuple[str, ...] = ()
    auditor: bool = False


EVERYBODY = Caller(LOCAL, ("*",), auditor=True)
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
        given = digest(token)
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
                    bytes.fromhex(token.hash.removeprefix("sha256:")): Caller(
                        Principal(token.subject, token.read), token.write, token.role == "auditor"
                    )
                    for token in load(self._path)
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


def load(path: Path) -> list[Token]:
    """Read a token file: a JSON array of tokens. Raises `StoreError` unless it is one."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        data = file.read(FILE_BYTES_MAX + 1)
    if stat.S_IMODE(mode) & 0o022:
        raise StoreError(
            f"{path} can be written by other users, who could let themselves in",
            remedy=f"chmod 600 {path}",
        )
    if len(data) > FILE_BYTES_MAX:
        raise StoreError(f"{path} has more than {FILE_BYTES_MAX:,} bytes")
    try:
        tokens = msgspec.json.decode(data, type=list[Token])
    except msgspec.MsgspecError as error:
        raise _no_tokens(path, str(error)) from None
    for token in tokens:
        if not _HASH.fullmatch(token.hash):
            raise _no_tokens(path, "a hash is `sha256:` and 64 hex digits")
        if not token.subject:
            raise _no_tokens(path, "a token has no subject")
    if len(tokens) > TOKENS_MAX:
        raise StoreError(f"{path} has more than {TOKENS_MAX:,} tokens")
    return tokens


def _no_tokens(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} is no token file: {why}", remedy="headwater token --help says how to make one"
    )


def create(
    subject: str, *, role: Role, read: tuple[str, ...], write: tuple[str, ...]
) -> tuple[str, Token]:
    """Make a token: the secret, to be told to its owner once, and what the file keeps of it."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, Token(f"sha256:{digest(secret).hex()}", subject, role, read, write)


def add(path: Path, token: Token) -> None:
    """Add a token to the file, which is made where there is none, readable by its owner alone."""
    tokens = load(path) if path.exists() else []
    lines = [json.dumps(msgspec.to_builtins(one)) for one in (*tokens, token)]
    data = "[\n  " + ",\n  ".join(lines) + "\n]\n"
    layout.write_durably(path, data.encode(), mode=0o600)


def digest(token: str) -> bytes:
    """SHA-256 of a token: it has 256 random bits, so that nothing slower is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def require_caller(connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
    """Find out who asks, and whether they may ask this. Raises `Unauthenticated`, `Forbidden`."""
    tokens: Tokens | None = connection.app.state.service.tokens
    if route.opt.get(OPEN):
        return
    found = EVERYBODY if tokens is None else tokens.find(_bearer(connection))
    if route.opt.get(LEDGER) and not found.auditor:
        raise Forbidden(
            f"{found.principal.subject} may not read the ledger itself",
            remedy="that takes a token whose role is auditor",
        )
    connection.scope["state"]["caller"] = found


def caller(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who asks, as `require_caller` found."""
    found: Caller = connection.scope["state"]["caller"]
    return found


def _bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated(
            "this service wants a token", remedy="send Authorization: Bearer TOKEN"
        )
    return token.strip()
