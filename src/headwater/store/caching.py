"""Cache files of a store: what can be made again, sealed so that damage reads as absence.

Trusted? No: a cache whose seal does not hold is not there. Caches are never consulted for truth.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from headwater.errors import StoreError
from headwater.store import layout
from headwater.store.sections import Mapped, write


def open_sections(root: Path, secret: bytes, name: str) -> Mapped | None:
    """Map the cache `name`; None when it is not there or its seal does not hold."""
    try:
        return Mapped(layout.inside(root, name, layout.CACHE), secret)
    except (OSError, ValueError):
        return None


def save_sections(
    root: Path, secret: bytes, name: str, about: bytes, sections: Mapping[str, memoryview]
) -> bool:
    """Keep sections under `name`, replacing what was there at once; whether that was possible.

    A cache that cannot be written (a directory for reading only, a full disk) is no error.
    """
    path = layout.inside(root, name, layout.CACHE)
    try:
        path.parent.mkdir(exist_ok=True)
        write(path, secret, about, sections)
    except OSError:
        return False
    return True


def drop(root: Path) -> None:
    """Delete all caches. Raises `StoreError` where their folder is a link."""
    for path in _files(root):
        with contextlib.suppress(OSError):
            path.unlink()


def damaged(root: Path, secret: bytes) -> list[str]:
    """Names of the cache files that are not as they were written."""
    return [path.name for path in _files(root) if not _sound(root, secret, path.name)]


def _sound(root: Path, secret: bytes, name: str) -> bool:
    found = open_sections(root, secret, name)
    return found is not None and found.sound()


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
