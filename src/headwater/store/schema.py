"""The tables of a store on SQLite, and the numbered steps that lead to them.

Ledger tables are migrated by `STEPS`, never in place of one another; `PRAGMA user_version` is the
number of steps taken. The projection (`PROJECTION`) is never migrated: it is made again beside and
swapped (`rebuilding`), because the ledger is the truth and it is a pure function of that.

`seal` columns hold `sealing.seal` of their row: these rows say what no leaf says.
"""

from __future__ import annotations

import sqlite3

from headwater.errors import StoreError
from headwater.store.marking import second_of

APPLICATION_ID = 0x48576C31  # "HWl1", for file(1) and the curious
PAGE_BYTES = 4096
RULES = 2
"""Version of what `claims.project` makes of an entry; a store with another one is rebuilt."""

_FIRST = """
CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    secret BLOB NOT NULL,
    created INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;
CREATE TABLE ledger (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    seal BLOB NOT NULL
) STRICT;
CREATE TABLE entries (
    entry INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE parts (
    entry INTEGER NOT NULL REFERENCES entries,
    number INTEGER NOT NULL,
    salt BLOB,
    body BLOB,
    key TEXT,
    PRIMARY KEY (entry, number)
) STRICT;
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT;
CREATE TABLE receipts (
    mac BLOB PRIMARY KEY,
    entry INTEGER NOT NULL REFERENCES entries
) STRICT, WITHOUT ROWID;
CREATE TABLE actors (
    actor TEXT PRIMARY KEY,
    meaning TEXT UNIQUE,
    seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rejected (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    source TEXT,
    digest BLOB NOT NULL,
    length INTEGER NOT NULL,
    excerpt BLOB NOT NULL,
    problems TEXT NOT NULL,
    seal BLOB NOT NULL
) STRICT;
"""

_MARKS_BY_SECOND = """
ALTER TABLE receipts RENAME TO receipts_by_mac;
CREATE TABLE receipts (
    second INTEGER NOT NULL,
    mac BLOB NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries,
    PRIMARY KEY (second, mac)
) STRICT, WITHOUT ROWID;
INSERT INTO receipts
    SELECT second_of(body), mac, receipts_by_mac.entry FROM receipts_by_mac
    LEFT JOIN parts ON parts.entry = receipts_by_mac.entry AND number = 0
    ORDER BY receipts_by_mac.entry;
DROP TABLE receipts_by_mac;
"""

_ANSWERED = """
CREATE TABLE answered (
    size INTEGER PRIMARY KEY,
    seal BLOB NOT NULL
) STRICT;
"""

STEPS = (_FIRST, _MARKS_BY_SECOND, _ANSWERED)
"""Append only: a step that a released version took is never edited."""

PROJECTION = """
CREATE TABLE {claims} (
    entry INTEGER PRIMARY KEY,
    total INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
"""

BESIDE = "claims_beside"
"""Name of the table that a rebuild fills before it is swapped for `claims`."""

PROJECTION_STATE = """
CREATE TABLE projection (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    rules INTEGER NOT NULL,
    size INTEGER NOT NULL
) STRICT;
"""


def migrate(connection: sqlite3.Connection) -> int:
    """Take the steps that are missing, each in a transaction of its own; return how many.

    Raises `StoreError` when a newer Headwater has taken steps that this one does not know.
    """
    taken = check(connection)
    connection.create_function("second_of", 1, second_of, deterministic=True)
    for number in range(taken, len(STEPS)):
        script = f"BEGIN IMMEDIATE; {STEPS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        try:
            connection.executescript(script)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return len(STEPS) - taken


def check(connection: sqlite3.Connection) -> int:
    """Count the steps taken; `StoreError` when that is more than this version knows."""
    (taken,) = connection.execute("PRAGMA user_version").fetchone()
    if taken > len(STEPS):
        raise StoreError(
            f"the store's tables are of version {taken}; "
            f"this version of Headwater knows {len(STEPS)}",
            remedy="upgrade Headwater: pip install --upgrade 'headwater[server]'",
        )
    return int(taken)


def expected() -> set[tuple[str, str, str | None]]:
    """Everything that the schema of a sound store contains: (type, name, SQL)."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        connection.executescript(PROJECTION.format(claims="claims") + PROJECTION_STATE)
        return contents(connection)
    finally:
        connection.close()


def unfinished() -> set[tuple[str, str, str | None]]:
    """What a rebuild that was broken off leaves behind: (type, name, SQL)."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.executescript(PROJECTION.format(claims=BESIDE))
        return contents(connection)
    finally:
        connection.close()


def contents(connection: sqlite3.Connection) -> set[tuple[str, str, str | None]]:
    """Everything that the schema of this database contains: (type, name, SQL)."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    # A renamed table comes back with its name in quotes: the same table all the same.
    return {
        (kind, name, sql.replace(f'"{name}"', name) if sql else sql) for kind, name, sql in rows
    }
