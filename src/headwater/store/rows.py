"""The rows of a store as records, and how they are sealed.

Trusted? No: rows are read here as they stand; `verifying` says whether they hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from headwater.errors import StoreError
from headwater.store import sealing
from headwater.store.marking import Mark

INSERTED_ROWS_MAX = 256


class Identity(NamedTuple):
    """Who a store is: its origin, the verifier key of its heads, its secret, when it was made."""

    origin: str
    key: str
    secret: bytes
    created: int

    def seal(self) -> bytes:
        """Seal of this row."""
        return sealing.seal(self.secret, "store", tuple(self))


class State(NamedTuple):
    """Where the ledger stands: size, root, the writer's epoch, how many events were rejected."""

    size: int
    root: bytes
    epoch: int
    rejected: int

    def seal(self, secret: bytes) -> bytes:
        """Seal of this row."""
        return sealing.seal(secret, "ledger", tuple(self))


class Attested(NamedTuple):
    """What a ledger signed about an answer: its verifier key, the head, the statement, as notes."""

    key: str
    head: bytes
    statement: bytes


class Part(NamedTuple):
    """One part of an entry: salt and bytes (None once erased), and the key that sealed them."""

    number: int
    salt: bytes | None
    body: bytes | None
    key: str | None


class Entry(msgspec.Struct, frozen=True):
    """One entry of the ledger, as stored."""

    index: int
    leaf: bytes
    leaf_hash: bytes
    parts: tuple[Part, ...]


class Rejected(NamedTuple):
    """An event that was not admitted. `at` is in microseconds; `problems` are JSON path and text.

    `source` says where it came from (`file:line`) when that was known; `length` is in bytes,
    `digest` the SHA-256 of all of them, `excerpt` the first.
    """

    number: int
    at: int
    source: str | None
    digest: bytes
    length: int
    excerpt: bytes
    problems: str

    def seal(self, secret: bytes) -> bytes:
        """Seal of this row."""
        return sealing.seal(secret, "rejected", tuple(self))


def seal_answered(secret: bytes, size: int) -> bytes:
    """Seal of the row that says that a bundle left with the head of this size."""
    return sealing.seal(secret, "answered", (size,))


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, many with one statement.

    A statement lets other threads run when it begins and when it ends, and is waited for by as many
    as there are. Lengths are powers of two, so that few statements are ever prepared.
    """
    first = 0
    while first < len(rows):
        count = min(INSERTED_ROWS_MAX, 1 << (len(rows) - first).bit_length() - 1)
        some = rows[first : first + count]
        values = ", ".join(["(" + ", ".join("?" * len(some[0])) + ")"] * count)
        statement = f"INSERT INTO {table} VALUES {values}"  # noqa: S608
        connection.execute(statement, tuple(chain.from_iterable(some)))
        first += count


def ask_receipts(marks: Sequence[Mark]) -> tuple[str, tuple[object, ...]]:
    """Write the statement that finds (second, mac, entry) of these marks, and what goes into it.

    As many are asked for as the next power of two, so that few statements are ever prepared.
    """
    count = 1 << (len(marks) - 1).bit_length()
    values = ", ".join(["(?, ?)"] * count)
    statement = (
        f"WITH asked (second, mac) AS (VALUES {values})"  # noqa: S608
        " SELECT second, mac, entry FROM asked CROSS JOIN receipts USING (second, mac)"
    )
    asked = [*marks, *[marks[-1]] * (count - len(marks))]
    return statement, tuple(chain.from_iterable(asked))


def read_identity(connection: sqlite3.Connection) -> Identity:
    """Read who the store is; `StoreError` when it does not say."""
    row = connection.execute("SELECT origin, key, secret, created FROM store").fetchone()
    if row is None:
        raise StoreError("the store has lost its identity", remedy="headwater verify says more")
    return Identity(*row)


def read_state(connection: sqlite3.Connection) -> State:
    """Read where the ledger stands; `StoreError` when it does not say."""
    row = connection.execute("SELECT size, root, epoch, rejected FROM ledger").fetchone()
    if row is None:
        raise StoreError("the ledger has lost its state", remedy="headwater verify says more")
    return State(*row)
