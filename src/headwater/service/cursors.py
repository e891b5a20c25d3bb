"""Cursors: where the next page begins, sealed so that nobody can make one up.

A cursor holds the digest of the question (route, parameters, what the asker may see), the size and
the rules that it was answered at, and a place. It is good only for the same question by somebody
who sees the same, and goes on at the same size, so that pages never mix two states of the ledger.

    base64url(MessagePack [1, digest16, size, rules, place] || HMAC16)

Trusted? No: what is not sealed by this store is refused.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from headwater.graph.model import RULES
from headwater.service.problems import Refusal

PURPOSE = "cursor"
VERSION = 1
DIGEST_BYTES = 16


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the answer to a question, at a ledger size, by some rules."""

    version: int
    question: bytes
    size: int
    rules: int
    place: int


_decoder = msgspec.msgpack.Decoder(Cursor)


def digest(question: bytes) -> bytes:
    """Digest of a question in its canonical form."""
    return hashlib.sha256(question).digest()[:DIGEST_BYTES]


class Cursors:
    """Seals cursors and opens them again, with a key that only this store can give."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, question: bytes, *, size: int, place: int) -> str:
        """Write a cursor."""
        data = msgspec.msgpack.encode(Cursor(VERSION, digest(question), size, RULES, place))
        return urlsafe_b64encode(data + self._code(data)).rstrip(b"=").decode()

    def open(self, text: str, question: bytes) -> Cursor:
        """Read a cursor for this question. Raises `Refusal`: 400, or 410 by other rules."""
        cursor = self._unseal(text)
        if cursor is None:
            raise Refusal(400, "cursor: this is none of ours")
        if cursor.question != digest(question):
            raise Refusal(
                400,
                "cursor: it belongs to another question",
                remedy="repeat every parameter but limit as they were when the cursor was given",
            )
        if (cursor.version, cursor.rules) != (VERSION, RULES):
            raise Refusal(
                410,
                f"cursor: it was given by rules {cursor.rules}, and these are rules {RULES}",
                remedy="begin again without a cursor",
            )
        return cursor

    def _unseal(self, text: str) -> Cursor | None:
        try:
            raw = text.encode("ascii")
            data = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
        except ValueError:
            return None
        data, code = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
        return _decoder.decode(data) if hmac.compare_digest(code, self._code(data)) else None

    def _code(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")[:DIGEST_BYTES]
