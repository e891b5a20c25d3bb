"""Cache files of a store: what can be made again, sealed so that damage reads as absence.

Trusted? No: a cache whose seal does not hold is not there. Caches are never consulted for truth.
"""

from __future__ import annotations

import contextlib
import hmac
from pathlib import Path

from headwater.errors import StoreError
from headwater.store import layout, sealing

SEAL_BYTES = 32
_DAMAGED = object()


def load(root: Path, secret: bytes, name: str) -> bytes | None:
    """Content of the cache `name`; None when it is not there or damaged."""
    found = _read(root, secret, name)
    return found if isinstance(found, bytes) else None


def save(root: Path, secret: bytes, name: str, data: bytes) -> bool:
    """Keep `data` under `name`, replacing what was there at once; whether that was possible.

    A cache that cannot be written (a directory for reading only, a full disk) is no error.
    """
    path = layout.inside(root, name, layout.CACHE)
    try:
        path.parent.mkdir(exist_ok=True)
        layout.write_durably(path, sealing.seal_file(secret, name, data) + data)
    except OSError:
        return False
    return True


def drop(root: Path) -> None:
    """Delete all caches. Raises `StoreError` where their folder is a link."""
    for path in _files(root):
        with contextlib.suppress(OSError):
            path.unlink()


def damaged(root: Path, secret: bytes) -> list[str]:
    """Names of the cache files whose seal does not hold."""
    return [path.name for path in _files(root) if _read(root, secret, path.name) is _DAMAGED]


def _read(root: Path, secret: bytes, name: str) -> object:
    try:
        data = layout.inside(root, name, layout.CACHE).read_bytes()
    except OSError:
        return None
    content = data[SEAL_BYTES:]
    sound = hmac.compare_digest(data[:SEAL_BYTES], sealing.seal_file(secret, name, content))
    return content if sound else _DAMAGED


def _files(root: Path) -> list[Path]:
    # Behind a link lie files of somebody else, or (`cache -> .`) the ledger itself.
    folder = layout.inside(root, layout.CACHE)
    if folder.is_symlink():
        raise StoreError(
            f"{folder} is a link, and what is in it would be taken for caches",
            remedy="remove the link; the folder is made again when it is needed",
        )
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    return [path for path in found if path.is_file() and not path.name.startswith(".")]
