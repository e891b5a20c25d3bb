"""Where a pipeline's records go: the store that is meant, or the place where it will be made.

The same place as the commands of Headwater take: `HEADWATER_STORE`, else the nearest `.headwater/`
at or above the working directory, else `.headwater/` at the git root, else here.
"""

from __future__ import annotations

import os
from pathlib import Path

DIRECTORY = ".headwater"
SPOOL = "spool"
QUARANTINE = "quarantine"
GITIGNORE = "*\n"


def store() -> Path:
    """Name the directory of the store; it need not be there yet."""
    named = os.environ.get("HEADWATER_STORE", "")
    here = Path.cwd()
    if named and "://" not in named:
        path = Path(named).expanduser().absolute()
        inner = path / DIRECTORY
        return inner if path.name != DIRECTORY and inner.is_dir() else path
    folders = (here, *here.parents)
    for folder in folders:
        if (folder / DIRECTORY).is_dir():
            return folder / DIRECTORY
    return project(here) / DIRECTORY


def project(start: Path) -> Path:
    """Name the folder of the project that `start` is in: the git root, else `start`."""
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start


def furnish(root: Path) -> Path:
    """Make the spool of a store, and keep git out of it; give the spool. Raises `OSError`."""
    spool = root / SPOOL
    spool.mkdir(parents=True, exist_ok=True)
    ignore = root / ".gitignore"
    if not ignore.exists():
        ignore.write_text(GITIGNORE)
    return spool
