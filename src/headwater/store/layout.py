"""Where a store lies, and what lies in it.

    .headwater/
    ├── format         the version of this layout, one line
    ├── ledger.db      ledger tables, bodies and claims (SQLite)
    ├── ledger.pages   digests of the pages of ledger.db, written when a writer closes
    ├── spool/         events that wait to be shipped
    ├── quarantine/    spool files that could not be read
    ├── cache/         what can be made again; safe to delete
    ├── writer.json    the lock of the one writer, and who holds it
    └── .gitignore     keeps all of it out of git

Trusted? Whoever can write here can destroy the store; what they change, `verify` finds.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from headwater.errors import StoreError, StoreMissing

DIRECTORY = ".headwater"
FORMAT = 1
FORMAT_LINE = "headwater store {}\n"
GITIGNORE = "*\n"
DATABASE = "ledger.db"
PAGES = "ledger.pages"
WRITER = "writer.json"
CACHE = "cache"
FOLDERS = ("spool", "quarantine", CACHE)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_FORMAT = re.compile(r"headwater store ([1-9][0-9]{0,8})\n")


def find(start: Path) -> Path | None:
    """Find the nearest `.headwater/` at or above `start`; None up to the file system's root."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / DIRECTORY).is_dir():
            return folder / DIRECTORY
    return None


def place(start: Path) -> Path:
    """Name the place for a new store: `.headwater` at the git root, else in `start` itself."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder / DIRECTORY
    return here / DIRECTORY


def locate(location: Path | str) -> Path:
    """Turn what a person gave as `--store` into the directory of the store.

    A project's folder stands for the `.headwater` in it. A URL raises `StoreError`: this version
    has SQLite only.
    """
    text = str(location)
    if "://" in text:
        scheme = text.partition("://")[0]
        what = "PostgreSQL" if scheme.startswith("postgres") else f"{scheme}://"
        raise StoreError(
            f"this version of Headwater keeps its store on SQLite only, not on {what}",
            remedy="give --store (or HEADWATER_STORE) a directory on a local disk",
        )
    path = Path(text).expanduser().absolute()
    if path.name != DIRECTORY and (path / DIRECTORY).is_dir():
        return path / DIRECTORY
    return path


def inside(root: Path, name: str, folder: str = "") -> Path:
    """Path of the file `name` in `root` (or in one `folder` of it), which it cannot leave.

    Raises `StoreError` for a name that is no plain file name, and for a link that leads outside.
    """
    if name not in {".gitignore", WRITER} and not _NAME.fullmatch(name):
        raise StoreError(f"{name!r} is no name for a file of a store")
    path = root / folder / name if folder else root / name
    real = root.resolve()
    if not path.resolve().is_relative_to(real):
        raise StoreError(
            f"{path} leads out of the store",
            remedy="replace the link by the file itself; a store is one directory",
        )
    return path


def furnish(root: Path) -> None:
    """Make the folders and the small files of a store, where they are missing."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, text in ((".gitignore", GITIGNORE), ("format", FORMAT_LINE.format(FORMAT))):
        path = inside(root, name)
        if not path.exists():
            write_durably(path, text.encode())


def check_format(root: Path) -> None:
    """Raise unless this version can read the layout of `root`.

    `StoreMissing` when there is no store, `StoreError` when a newer Headwater made it, or when the
    file `format` is not one that any version writes.
    """
    if not inside(root, DATABASE).is_file():
        raise StoreMissing(
            f"there is no store at {root}",
            remedy="import events to make one (headwater import PATH…), or give --store",
        )
    version = read_format(root)
    if version is None:
        raise StoreError(
            f"{root / 'format'} does not say which layout this store has",
            remedy=f"if nothing else is damaged (headwater verify), write "
            f"{FORMAT_LINE.format(FORMAT).strip()!r} into it",
        )
    if version > FORMAT:
        raise StoreError(
            f"{root} has layout {version}; this version of Headwater reads up to {FORMAT}",
            remedy="upgrade Headwater: pip install --upgrade 'headwater[server]'",
        )


def read_format(root: Path) -> int | None:
    """Read the layout's version; None when the file is missing or says anything else."""
    try:
        text = inside(root, "format").read_bytes().decode("ascii", errors="replace")
    except OSError:
        return None
    match = _FORMAT.fullmatch(text)
    return int(match[1]) if match else None


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace the file at `path` so that after a crash it holds the old bytes or the new ones.

    Written beside, fsynced, renamed, and the directory fsynced. Raises `OSError`.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        with open(descriptor, "wb", closefd=True) as file:  # noqa: PTH123 (mode set at creation)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def make_directory(path: Path, *, mode: int) -> None:
    """Make the directory `path` and those above it where they are missing, each durably."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for one in reversed(missing):
        one.mkdir(mode=mode, exist_ok=True)
        sync_directory(one.parent)


def sync_directory(path: Path) -> None:
    """Make renames and removals in the directory `path` durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
