"""The state of a git checkout, read from its files: no process is started.

Told: the commit that is checked out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

FILE_BYTES_MAX: Final = 16 * 1024 * 1024
"""The most of any one file of git's that is read."""
SYMREFS_MAX: Final = 5

_ID: Final = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def describe(project: Path) -> tuple[dict[str, Any], list[str]]:
    """Tell the commit of the checkout at `project`, and what could not be told, in words."""
    places = _places(project)
    if places is None:
        return {}, []
    commit = _resolve(*places, b"HEAD")
    if commit is None:
        return {}, ["the commit of this checkout cannot be read"]
    return {"commit": commit}, []


def _places(project: Path) -> tuple[Path, Path] | None:
    """Find the folder of this checkout and that which all checkouts of the repository share."""
    git = project / ".git"
    if git.is_file():  # a worktree or a submodule
        text = _read(git) or b""
        if not text.startswith(b"gitdir: "):
            return None
        git = project / text[8:].strip().decode("utf-8", "surrogateescape")
    if not git.is_dir():
        return None
    common = _read(git / "commondir")
    if common is None:
        return git, git
    return git, git / common.strip().decode("utf-8", "surrogateescape")


def _resolve(git: Path, common: Path, name: bytes) -> str | None:
    for _ in range(SYMREFS_MAX):
        path = name.decode("utf-8", "surrogateescape")
        text = _read(git / path) or _read(common / path)
        if text is None:
            return _packed(common, name)
        text = text.strip()
        if _ID.fullmatch(text):
            return text.decode()
        if not text.startswith(b"ref: "):
            return None
        name = text[5:].strip()
        if b".." in name or name.startswith(b"/"):
            return None
    return None


def _packed(common: Path, name: bytes) -> str | None:
    for line in (_read(common / "packed-refs") or b"").splitlines():
        value, _, ref = line.partition(b" ")
        if ref == name and _ID.fullmatch(value):
            return value.decode()
    return None


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        return None
    return data if len(data) <= FILE_BYTES_MAX else None
