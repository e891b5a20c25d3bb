"""Where a pipeline's records go: the store that is meant, or the place where it will be made.

The same place as the commands of Headwater take: `HEADWATER_STORE`, else the nearest `.headwater/`
at or above the working directory, else `.headwater/` at the git root, else here.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTORY = ".headwater"
SPOOL = "spool"
QUARANTINE = "quarantine"
GITIGNORE = "*\n"


def store() -> str:
    """Name the directory of the store; it need not be there yet."""
    named = os.environ.get("HEADWATER_STORE", "")
    if named and "://" not in named:
        path = os.path.abspath(os.path.expanduser(named))
        inner = os.path.join(path, DIRECTORY)
        is_project = os.path.basename(path) != DIRECTORY and os.path.isdir(inner)
        return inner if is_project else path
    here = os.getcwd()
    for folder in upward(here):
        if os.path.isdir(os.path.join(folder, DIRECTORY)):
            return os.path.join(folder, DIRECTORY)
    return os.path.join(project(here), DIRECTORY)


def project(start: str) -> str:
    """Name the folder of the project that `start` is in: the git root, else `start`."""
    for folder in upward(start):
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
    return start


def upward(start: str) -> Iterator[str]:
    """Give `start` and the folders that it is in."""
    folder = start
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def furnish(root: str) -> str:
    """Make the spool of a store, and keep git out of it; give the spool. Raises `OSError`."""
    spool = os.path.join(root, SPOOL)
    os.makedirs(spool, exist_ok=True)
    ignore = os.path.join(root, ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w", encoding="ascii") as file:
            file.write(GITIGNORE)
    return spool
