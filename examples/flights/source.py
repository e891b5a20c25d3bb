"""Which code a step ran: the commit of its checkout, and whether the tree differed from it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

GIT_SECONDS_MAX = 10


class Code(NamedTuple):
    """`state` for `headwater_code`; `location` for `sourceCodeLocation`, None without a remote."""

    state: dict[str, Any]
    location: dict[str, str] | None


def describe(script: Path) -> Code:
    """Ask git about the checkout that holds `script`; without one, name the script alone."""
    folder = script.resolve().parent
    commit = _git(folder, "rev-parse", "HEAD")
    top = _git(folder, "rev-parse", "--show-toplevel")
    if not commit or not top:
        return Code({"entryPoint": script.name}, None)
    entry = script.resolve().relative_to(Path(top).resolve()).as_posix()
    difference = _git(folder, "diff", "HEAD") or ""
    state: dict[str, Any] = {"commit": commit, "dirty": bool(difference), "entryPoint": entry}
    if difference:
        state["diffDigest"] = hashlib.sha256(difference.encode()).hexdigest()
    remote = _git(folder, "remote", "get-url", "origin") or ""
    # A remote can hold a password, and a path is no URL: only a bare public address is written.
    if not remote.startswith("https://") or "@" in remote:
        return Code(state, None)
    url = f"{remote.removesuffix('.git')}/blob/{commit}/{entry}"
    location = {"type": "git", "url": url, "repoUrl": remote, "path": entry, "version": commit}
    return Code(state, location)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=GIT_SECONDS_MAX,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()
