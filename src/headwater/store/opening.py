"""Opening a store: for reading by anybody, for writing by one process at a time."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, overload

from headwater.errors import LedgerConflict, StoreError, StoreReadOnly
from headwater.store import (
    creating,
    database,
    filesystems,
    layout,
    pages,
    projecting,
    recovering,
    rows,
    schema,
)
from headwater.store.lock import WAIT_SECONDS, Lock
from headwater.store.reading import Store
from headwater.store.writing import Writer


def _clock() -> int:
    return time.time_ns() // 1_000


@overload
def open_store(
    location: Path | str,
    *,
    mode: Literal["read"] = ...,
    create: bool = ...,
    now: Callable[[], int] = ...,
    entropy: Callable[[int], bytes] = ...,
    url: str | None = ...,
    wait: float = ...,
) -> Store: ...
@overload
def open_store(
    location: Path | str,
    *,
    mode: Literal["write"],
    create: bool = ...,
    now: Callable[[], int] = ...,
    entropy: Callable[[int], bytes] = ...,
    url: str | None = ...,
    wait: float = ...,
) -> Writer: ...
def open_store(
    location: Path | str,
    *,
    mode: Literal["read", "write"] = "read",
    create: bool = False,
    now: Callable[[], int] = _clock,
    entropy: Callable[[int], bytes] = os.urandom,
    url: str | None = None,
    wait: float = WAIT_SECONDS,
) -> Store:
    """Open the store in `location`: its own directory, or a folder with `.headwater/` in it.

    `create` makes it where there is none (with its key, outside). `now` gives microseconds UTC,
    `entropy` that many random bytes. A service gives the `url` where it takes events; others wait
    up to `wait` seconds for the writer's lock.

    Raises `StoreMissing`, `StoreBusy` (another process writes), `StoreReadOnly` (no signing key
    here), `LedgerConflict` (rolled back or forked, for a writer; a reader finds it in `warnings`),
    and `StoreError` for a network file system, a newer layout, a damaged database.
    """
    root = layout.locate(location)
    filesystems.refuse_network(root)
    missing = not (root / layout.DATABASE).exists()
    if missing and not create:
        layout.check_format(root)
    try:
        if mode == "read" and not missing:
            return _open_reader(root)
        writer = _open_writer(root, create=create, now=now, entropy=entropy, url=url, wait=wait)
        if mode == "write":
            return writer
        writer.close()
        return _open_reader(root)
    except sqlite3.Error as error:
        raise StoreError(
            f"the database of {root} cannot be used: {error}",
            remedy="headwater verify says what can still be read",
        ) from error


def _open_reader(root: Path) -> Store:
    layout.check_format(root)
    connection = database.connect_reader(root)
    try:
        schema.check(connection)
        store = Store(root, connection)
        store.require_current()
        store.warnings = recovering.warn_reader(store)
    except BaseException:
        connection.close()
        raise
    return store


def _open_writer(
    root: Path,
    *,
    create: bool,
    now: Callable[[], int],
    entropy: Callable[[int], bytes],
    url: str | None,
    wait: float,
) -> Writer:
    lock = _lock(root, create=create, url=url, wait=wait)
    connection: sqlite3.Connection | None = None
    try:
        if create and not layout.inside(root, layout.DATABASE).exists():
            layout.furnish(root)
            creating.create(root, now=now, entropy=entropy)
        layout.check_format(root)
        connection = database.connect_writer(root)
        return _take_over(root, connection, lock=lock, now=now, entropy=entropy)
    except BaseException:
        if connection is not None:
            connection.close()
        lock.withdraw()
        raise


def _lock(root: Path, *, create: bool, url: str | None, wait: float) -> Lock:
    try:
        if create:
            root.mkdir(parents=True, exist_ok=True)
        return Lock(root, url=url, wait=wait)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(
            f"{error.filename or root} is no directory, and a store is one",
            remedy="give --store (or HEADWATER_STORE) a directory",
        ) from error
    except OSError as error:
        raise StoreReadOnly(
            f"{root} cannot be written: {error.strerror or error}",
            remedy="check its permissions; traces and verify need none to write",
        ) from error


def _take_over(
    root: Path,
    connection: sqlite3.Connection,
    *,
    lock: Lock,
    now: Callable[[], int],
    entropy: Callable[[int], bytes],
) -> Writer:
    """Check everything that can be checked before the first write, then finish the last commit."""
    schema.check(connection)
    store = Store(root, connection)
    signer = recovering.load_signer(store)
    state = rows.read_state(connection)
    if store.root(state.size) != state.root:
        raise LedgerConflict(
            f"the tree of {root} does not have the root that its {state.size} entries had",
            remedy="headwater verify says what was changed; put back a sound copy",
        )
    warning = recovering.require_continuity(store, signer, state.size)
    pages.forget(root)
    schema.migrate(connection)
    projecting.discard_unfinished(connection)
    writer = Writer(root, connection, lock=lock, signer=signer, now=now, entropy=entropy)
    writer.warnings = (warning,) if warning else ()
    if not writer.current:
        writer.rebuild()
    kept = recovering.load_kept(writer)
    if kept is None or kept.head.size != state.size or not writer.published():
        writer.publish_head()
    return writer
