"""RFC 8785 JSON (JCS) for what we write ourselves, and SHA-256.

Producers' bytes never go through here: they are kept and hashed as they came, and RFC 8785 cannot
hold all of them anyway (it refuses integers beyond 2**53 - 1, such as 64-bit snapshot ids).

Trusted? Whoever controls it can make two different values look equal wherever digests are compared.
"""

from __future__ import annotations

import hashlib
from typing import Any, cast

import rfc8785


def encode(value: object) -> bytes:
    """Write a JSON value (None, bool, int, float, str, list, tuple, dict) in its one form.

    Raises `ValueError` for what has no RFC 8785 form: other types, keys that are no strings, NaN
    and infinities, integers beyond 2**53 - 1 (§3.2.2.3), lone surrogates (§3.2.2.2), and nesting
    deeper than the interpreter's stack.
    """
    try:
        return rfc8785.dumps(cast("Any", value))
    except RecursionError:
        raise ValueError("nested too deeply for RFC 8785 JSON") from None


def sha256(data: bytes) -> bytes:
    """SHA-256 of the bytes, as 32 bytes."""
    return hashlib.sha256(data).digest()


def digest(data: bytes) -> str:
    """SHA-256 of the bytes, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
