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

_hashed_bytes = 0


def begin(size: int) -> Any:
    """Begin a SHA-256 of about `size` bytes: an object with `update` and `hexdigest`."""
    return _find("sha256", ("_sha2", "_sha256"), size)()


def sha256(data: bytes) -> str:
    """SHA-256 of the bytes, as 64 lower-case hexadecimal digits."""
    return str(_find("sha256", ("_sha2", "_sha256"), len(data))(data).hexdigest())


def sha1(data: bytes) -> bytes:
    """SHA-1 of the bytes, as 20 bytes. For names of git's."""
    return bytes(_find("sha1", ("_sha1",), len(data))(data, usedforsecurity=False).digest())


def _find(name: str, modules: tuple[str, ...], size: int) -> Callable[..., Any]:
    global _hashed_bytes
    _hashed_bytes += size
    if _hashed_bytes <= LITTLE_BYTES_MAX and "hashlib" not in sys.modules:
        for module in modules:
            try:
                return getattr(__import__(module), name)  # type: ignore[no-any-return]
            except (ImportError, AttributeError):
                continue
    import hashlib

    return getattr(hashlib, name)  # type: ignore[no-any-return]
