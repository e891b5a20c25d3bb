"""A leaf: what one entry says for ever, as RFC 8785 JSON.

    {"at":"2026-11-22T15:26:16.123Z","by":"<22>","kind":"openlineage.run","parts":["<43>"],"v":1}

`by` and `parts` are base64url without padding (RFC 4648 §5) of 128 and 256 bits. A leaf holds
nothing that may have to be erased: contents are only in salted commitments, so that destroying
bytes and salt erases a content and leaves every proof valid.

Trusted? Whoever controls it can make one entry read as another; the tree still fixes its bytes.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from headwater.canonical import sha256
from headwater.errors import InvalidLeaf

LEAF_BYTES_MAX = 65_535
"""An entry bundle gives a leaf's length in two bytes (C2SP tlog-tiles, "Log entries")."""
KIND_CHARS_MAX = 64
SALT_BYTES = 16
COMMITMENT_BYTES = 32

_DOMAIN = b"headwater/part/v1\x00"
_DATE_CHARS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ACTOR = r"[A-Za-z0-9_-]{21}[AQgw]"
_COMMITMENT = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_KIND = rf"[a-z][a-z0-9._-]{{0,{KIND_CHARS_MAX - 1}}}"
_AT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"

# No string in a leaf can need an escape and the keys stand sorted, so that the RFC 8785 form is a
# regular language: what this pattern takes, and a date that exists, is exactly what `encode` writes
# (the last character of a base64url string has no spare bit set). One match is ten times as fast as
# parsing, writing again and comparing.
_FORM = re.compile(
    rf'{{"at":"({_AT})","by":"({_ACTOR})","kind":"({_KIND})",'
    rf'"parts":\[((?:"{_COMMITMENT}"(?:,"{_COMMITMENT}")*)?)\],"v":1}}'.encode()
)
_ACTOR_FORM = re.compile(_ACTOR)
_KIND_FORM = re.compile(_KIND)


class Leaf(NamedTuple):
    """One entry: when (µs since 1970, UTC), by whom (opaque id), of what kind, over which parts.

    The bytes keep `at` to the millisecond; `decode` gives a whole number of milliseconds.
    """

    at: int
    by: str
    kind: str
    parts: tuple[bytes, ...]


def encode(leaf: Leaf) -> bytes:
    """Write a leaf as RFC 8785 JSON; what is finer than a millisecond in `at` is cut off.

    Raises `InvalidLeaf` for a value that has no place in a leaf, and beyond `LEAF_BYTES_MAX`.
    """
    opening = _open(leaf.at, leaf.by, leaf.kind)
    if any(len(part) != COMMITMENT_BYTES for part in leaf.parts):
        raise InvalidLeaf(f"a commitment has {COMMITMENT_BYTES} bytes")
    parts = b",".join([b'"%b"' % urlsafe_b64encode(part)[:-1] for part in leaf.parts])
    data = b'%b[%b],"v":1}' % (opening, parts)
    if len(data) > LEAF_BYTES_MAX:
        raise InvalidLeaf(f"a leaf of {len(data)} bytes; the limit is {LEAF_BYTES_MAX}")
    return data


def decode(data: bytes) -> Leaf:
    """Read a leaf, strictly: raises `InvalidLeaf` unless `encode(decode(data)) == data`."""
    at, by, kind, parts = _match(data).groups()
    return Leaf(
        at=(datetime.fromisoformat(at.decode()) - _EPOCH) // _MICROSECOND,
        by=by.decode(),
        kind=kind.decode(),
        # Each commitment stands between quotes, so every second piece is one.
        parts=tuple(urlsafe_b64decode(part + b"=") for part in parts.split(b'"')[1::2]),
    )


@lru_cache(maxsize=64)
def _open(at: int, by: str, kind: str) -> bytes:
    """Write a leaf up to its parts: the same for all that one actor gives in one commit."""
    try:
        time = (_EPOCH + timedelta(milliseconds=at // 1000)).replace(tzinfo=None)
    except OverflowError:
        raise InvalidLeaf(f"{at} µs is outside the years 1 to 9999") from None
    if not _ACTOR_FORM.fullmatch(by):
        raise InvalidLeaf(f"{by!r} is no actor id: base64url of 128 bits, 22 characters")
    if not _KIND_FORM.fullmatch(kind):
        raise InvalidLeaf(f"{kind!r} is no kind: a-z, then a-z 0-9 . _ -, {KIND_CHARS_MAX}")
    stated = time.isoformat(timespec="milliseconds")
    return f'{{"at":"{stated}Z","by":"{by}","kind":"{kind}","parts":'.encode()


def read_time(data: bytes) -> bytes:
    """Check a leaf as `decode` does, and return only its time, as written.

    Times that are written alike can be compared as they are. This is several times as fast, for
    those who read every leaf of a ledger. Raises `InvalidLeaf`.
    """
    return _match(data)[1]


def commit(salt: bytes, data: bytes) -> bytes:
    """Commit to the bytes of a part: SHA-256("headwater/part/v1" || 0x00 || salt || bytes).

    The salt has 16 bytes, so that the three pieces cannot be cut differently; `InvalidLeaf` if not.
    """
    if len(salt) != SALT_BYTES:
        raise InvalidLeaf(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(_DOMAIN + salt + data)


def _match(data: bytes) -> re.Match[bytes]:
    if len(data) > LEAF_BYTES_MAX:
        raise InvalidLeaf(f"a leaf of {len(data)} bytes; the limit is {LEAF_BYTES_MAX}")
    form = _FORM.fullmatch(data)
    if form is None:
        raise InvalidLeaf("bytes that are not the canonical form of a leaf of version 1")
    if not _is_date(form[1][:_DATE_CHARS]):
        raise InvalidLeaf(f"a leaf with a date that does not exist: {form[1].decode()}")
    return form


@lru_cache(maxsize=1024)
def _is_date(text: bytes) -> bool:
    try:
        date.fromisoformat(text.decode())
    except ValueError:
        return False
    return True
