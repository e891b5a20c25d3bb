"""Connections to `ledger.db`, for the writer, for readers and for those who inspect damage.

Durability: WAL with `synchronous=FULL`, so that a COMMIT that returned has been fsynced. Readers
see one snapshot a statement and hold none in between; they take no lock that stops the writer.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from headwater.errors import StoreError
from headwater.store import layout, schema

BUSY_MILLISECONDS = 5_000
CHECKPOINT_PAGES = 4_000
CACHE_KIBIBYTES = 16_000


def connect_writer(root: Path, *, name: str = layout.DATABASE) -> sqlite3.Connection:
    """Open the database for writing; the caller holds the writer's lock."""
    connection = _connect(layout.inside(root, name), "rwc")
    connection.execute(f"PRAGMA page_size = {schema.PAGE_BYTES}")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        connection.close()
        raise StoreError(
            f"SQLite cannot keep a write-ahead log beside {root / name} (it offers {mode!r})",
            remedy="keep the store on a local disk",
        )
    for pragma in (
        "synchronous = FULL",
        "fullfsync = ON",  # macOS: fsync alone leaves the drive's own cache
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"cache_size = -{CACHE_KIBIBYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def connect_reader(root: Path) -> sqlite3.Connection:
    """Open the database for reading only; it changes no byte of the database file.

    Raises `StoreError` when it cannot be opened. Where the directory is not writable, so that
    SQLite can keep no index of the log there, a store that nobody writes to opens all the same.
    """
    path = layout.inside(root, layout.DATABASE)
    try:
        try:
            connection = _connect_and_look(path)
        except sqlite3.OperationalError:
            if _log_bytes(root):
                raise
            connection = _connect_and_look(path, immutable=True)
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"{path} cannot be opened: {error}", remedy="check the permissions of the store"
        ) from error
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    return connection


def close_cleanly(connection: sqlite3.Connection, root: Path) -> bool:
    """Fold the log into the file and close; whether the file alone now holds everything."""
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    return not _log_bytes(root)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, *, kind: str = "IMMEDIATE") -> Iterator[None]:
    """All or nothing; on return it is durable."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _connect_and_look(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    """Connect for reading; SQLite opens the file only at the first statement."""
    connection = _connect(path, "ro", immutable=immutable)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str, *, immutable: bool = False) -> sqlite3.Connection:
    uri = f"file:{quote(str(path))}?mode={mode}{'&immutable=1' if immutable else ''}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    return connection


def _log_bytes(root: Path) -> int:
    try:
        return layout.inside(root, f"{layout.DATABASE}-wal").stat().st_size
    except FileNotFoundError:
        return 0
