"""SHA-256 and SHA-1 of little, without `hashlib`: it loads OpenSSL, which takes 3 ms.

CPython brings modules of its own for both, as `random` uses one. They are two to eight times slower
than OpenSSL, so that they are for what is small; where they are missing, it is `hashlib` after all.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

LITTLE_BYTES_MAX: Final = 512 * 1024
"""What a process hashes so; from here on OpenSSL is quicker, its loading included."""

_MODULES: Final = {"sha256": "_sha2" if sys.version_info >= (3, 12) else "_sha256", "sha1": "_sha1"}

_hashed_bytes = 0
_found: Final[dict[str, Callable[..., Any] | None]] = {}
"""What makes each kind of digest without OpenSSL; None where there is no such module."""


def begin(size: int) -> Any:
    """Begin a SHA-256 of about `size` bytes: an object with `update` and `hexdigest`."""
    return _maker("sha256", size)()


def sha256(data: bytes) -> str:
    """SHA-256 of the bytes, as 64 lower-case hexadecimal digits."""
    return str(_maker("sha256", len(data))(data).hexdigest())


def sha1(data: bytes) -> bytes:
    """SHA-1 of the bytes, as 20 bytes. For names of git's."""
    return bytes(_maker("sha1", len(data))(data, usedforsecurity=False).digest())


def _maker(name: str, size: int) -> Callable[..., Any]:
    global _hashed_bytes
    _hashed_bytes += size
    if _hashed_bytes <= LITTLE_BYTES_MAX and "hashlib" not in sys.modules:
        if name not in _found:
            _found[name] = _import(name)
        made = _found[name]
        if made is not None:
            return made
    import hashlib

    return getattr(hashlib, name)  # type: ignore[no-any-return]


def _import(name: str) -> Callable[..., Any] | None:
    try:
        return getattr(__import__(_MODULES[name]), name, None)
    except ImportError:
        return None
