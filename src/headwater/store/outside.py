"""What is kept outside a store: the signing key and the last signed head.

They lie in `$XDG_STATE_HOME/headwater/<origin>/` (default `~/.local/state`), as `key` and `head`,
or where `HEADWATER_KEY` and `HEADWATER_HEAD` say. A store that is rolled back or replaced disagrees
with the head that was kept here, which is all that can tell.

Trusted? Whoever has the key can sign another history; whoever can also write the head can hide it
from this machine, not from anyone else who kept a head.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from headwater.errors import StoreError
from headwater.store import layout

KEY_FILE = "key"
HEAD_FILE = "head"
KEY_MODE = 0o600
FILE_BYTES_MAX = 64 * 1024
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def directory(origin: str) -> Path:
    """Name the directory outside the store that belongs to `origin`.

    Raises `StoreError` for an origin that could lead anywhere else: it comes out of the store.
    """
    if not _ORIGIN.fullmatch(origin) or ".." in origin:
        raise StoreError(
            f"{origin!r} cannot be the origin of a store", remedy="check it: headwater verify"
        )
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"  # noqa: PTH117
    return base / "headwater" / origin


def key_path(origin: str) -> Path:
    """Where the signing key of `origin` lies."""
    return _chosen("HEADWATER_KEY") or directory(origin) / KEY_FILE


def head_path(origin: str) -> Path:
    """Where the last signed head of `origin` is kept."""
    return _chosen("HEADWATER_HEAD") or directory(origin) / HEAD_FILE


def load_key(origin: str) -> bytes | None:
    """Content of the key file; None when there is none.

    Raises `StoreError` when others may read it: then it proves nothing any more.
    """
    path = key_path(origin)
    data = _read(path)
    if data is not None and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise StoreError(
            f"the signing key {path} can be read by other users",
            remedy=f"chmod 600 {path} (and start a new key if somebody may have copied it)",
        )
    return data


def save_key(origin: str, data: bytes) -> None:
    """Keep the signing key of a new store; raise `StoreError` rather than replace one."""
    path = key_path(origin)
    try:
        layout.make_directory(path.parent, mode=0o700)
    except OSError as error:
        raise _unwritable(path, error) from error
    if path.exists():
        raise StoreError(
            f"{path} is the signing key of another store",
            remedy="unset HEADWATER_KEY to let each store have its own, or name another file",
        )
    try:
        layout.write_durably(path, data, mode=KEY_MODE)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the store's signing key cannot be kept at {path}: {error.strerror or error}",
        remedy="name a directory that can be written by XDG_STATE_HOME, or a file by HEADWATER_KEY "
        "and one by HEADWATER_HEAD",
    )


def load_head(origin: str) -> bytes | None:
    """Read the signed note that was kept last; None when none was."""
    return _read(head_path(origin))


def save_head(origin: str, note: bytes) -> None:
    """Keep a signed head: durable when this returns."""
    path = head_path(origin)
    layout.make_directory(path.parent, mode=0o700)
    layout.write_durably(path, note)


def _chosen(variable: str) -> Path | None:
    value = os.environ.get(variable)
    return Path(value).expanduser().absolute() if value else None


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror}", remedy="check its permissions"
        ) from error
