"""The token file: who may ask a service what, and write what.

A JSON array of tokens. A token is 256 random bits; the file has its SHA-256 only, so that who reads
the file cannot use it.

Trusted? Whoever writes the file decides who may read and write.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Literal

import msgspec

from headwater.errors import StoreError
from headwater.store import layout

TOKENS_MAX = 10_000
FILE_BYTES_MAX = 8 * 1024 * 1024
PREFIX = "hw_"

_HASHED = "sha256:"
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

    @property
    def digest(self) -> bytes:
        """The hash as bytes."""
        return bytes.fromhex(self.hash.removeprefix(_HASHED))


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
