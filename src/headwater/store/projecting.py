"""Making the claims again from the ledger: beside, then swapped in one transaction.

Readers see the old claims until the swap and the new ones after it. Nothing of the ledger changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from headwater.claims import model
from headwater.claims.project import project
from headwater.errors import InvalidLeaf, StoreError
from headwater.ledger import leaf
from headwater.store import database, rows, schema

CHUNK_ENTRIES = 512

Progress = Callable[[int, int], None]
"""Called with (entries done, entries in all)."""


class Claims(NamedTuple):
    """The claims of one entry as they are stored: how many, and their bytes. None has no row."""

    total: int
    body: bytes


NO_CLAIMS = Claims(0, b"")


def project_again(
    connection: sqlite3.Connection, size: int, progress: Progress | None = None
) -> int:
    """Fill a new table from the first `size` entries and swap it in; return how many claims.

    Raises `StoreError` for an entry whose bytes are damaged; then the old claims stay.
    """
    discard_unfinished(connection)
    connection.executescript(schema.PROJECTION.format(claims=schema.BESIDE))
    count = 0
    try:
        for first in range(0, size, CHUNK_ENTRIES):
            with database.transaction(connection):
                count += _fill(connection, first, min(first + CHUNK_ENTRIES, size))
            if progress is not None:
                progress(min(first + CHUNK_ENTRIES, size), size)
        with database.transaction(connection):
            connection.execute("DROP TABLE IF EXISTS claims")
            connection.execute(f"ALTER TABLE {schema.BESIDE} RENAME TO claims")
            connection.execute("DELETE FROM projection")
            connection.execute("INSERT INTO projection VALUES (1, ?, ?)", (schema.RULES, size))
    except BaseException:
        with suppress(sqlite3.Error):
            discard_unfinished(connection)
        raise
    return count


def discard_unfinished(connection: sqlite3.Connection) -> None:
    """Drop what a rebuild left that was broken off."""
    connection.execute(f"DROP TABLE IF EXISTS {schema.BESIDE}")


def claims_of(index: int, kind: str, body: bytes | None, *, at: int) -> Claims:
    """Make the claims of one entry as they are stored; an erased entry claims nothing."""
    claims = () if body is None else project(index, kind, body, at=at)
    return Claims(len(claims), model.encode(claims)) if claims else NO_CLAIMS


def _fill(connection: sqlite3.Connection, first: int, end: int) -> int:
    found = connection.execute(
        "SELECT entries.entry, leaf, body FROM entries LEFT JOIN parts"
        " ON parts.entry = entries.entry AND parts.number = 0"
        " WHERE entries.entry >= ? AND entries.entry < ? ORDER BY entries.entry",
        (first, end),
    ).fetchall()
    made: list[tuple[int, int, bytes]] = []
    for index, data, body in found:
        try:
            stated = leaf.decode(data)
            claims = claims_of(index, stated.kind, body, at=stated.at)
        except (InvalidLeaf, ValueError, TypeError) as error:
            raise StoreError(
                f"no claims can be made from entry {index}: {error}",
                remedy="headwater verify says what is damaged; the claims are as they were",
            ) from error
        if claims.total:
            made.append((index, *claims))
    rows.insert(connection, schema.BESIDE, made)
    return sum(total for _, total, _ in made)
