"""A store as its readers see it.

Every method reads one snapshot and ends it before it returns, so that no reader ever holds up the
writer. The ledger only grows: what was read at a size stays true at that size.

Trusted? No: readers take rows as they stand; `verifying` says whether they hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from headwater.claims import model
from headwater.claims.model import Claim
from headwater.errors import NotFound, StoreError
from headwater.ledger import leaf, note, proof, tile
from headwater.ledger.checkpoint import Checkpoint, parse_checkpoint
from headwater.store import caching, database, layout, rows, schema, sealing
from headwater.store.rows import Entry, Identity, Part, Rejected
from headwater.store.sections import Sections

CLAIM_ENTRIES = 2_048
"""Entries whose claims are fetched at a time: one snapshot each, over within milliseconds."""
LOOKUP_ROWS_MAX = 500
REJECTED_KEPT = 1_000


class Store:
    """One ledger and what was made of it, open for reading. Not for several threads."""

    writable = False

    def __init__(
        self, root: Path, connection: sqlite3.Connection, *, warnings: tuple[str, ...] = ()
    ) -> None:
        """Read who the store is. `warnings` are for the person who opened it."""
        self._root = root
        self._connection = connection
        self._identity: Identity = rows.read_identity(connection)
        self.warnings = warnings

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End. A reader leaves the store as it was."""
        self._connection.close()

    @property
    def location(self) -> Path:
        """The directory of the store."""
        return self._root

    @property
    def origin(self) -> str:
        """The name of this ledger in its heads."""
        return self._identity.origin

    @property
    def verifier(self) -> str:
        """The key that its heads are checked with, as a C2SP verifier key."""
        return self._identity.key

    def head(self) -> Checkpoint:
        """Read the last signed head: what answers name. Entries beyond it are not published."""
        return parse_checkpoint(note.parse_note(self.signed_head())[0])

    def signed_head(self) -> bytes:
        """Read the last signed head as a note, byte for byte."""
        query = "SELECT note FROM heads ORDER BY size DESC LIMIT 1"
        row = self._connection.execute(query).fetchone()
        if row is None:
            raise NotFound("the store has no signed head")
        return bytes(row[0])

    def committed(self) -> int:
        """Count the entries that are durable; the last of them may not be published yet."""
        return rows.read_state(self._connection).size

    def heads(self) -> list[bytes]:
        """Every stored head as a note, oldest first."""
        query = "SELECT note FROM heads ORDER BY size"
        return [signed for (signed,) in self._connection.execute(query).fetchall()]

    def at(self, index: int) -> int:
        """When the entry was admitted, in microseconds UTC; `NotFound` if there is none."""
        row = self._connection.execute(
            "SELECT leaf FROM entries WHERE entry = ?", (index,)
        ).fetchone()
        if row is None:
            raise NotFound(f"the ledger has no entry {index}")
        return leaf.decode(row[0]).at

    def size_at(self, at_us: int) -> int:
        """How many entries were admitted at or before `at_us` (microseconds UTC)."""
        low, high = 0, self.head().size
        while low < high:  # `at` never decreases with the index
            middle = (low + high) // 2
            if self.at(middle) <= at_us:
                low = middle + 1
            else:
                high = middle
        return low

    def claims(self, size: int, *, start: int = 0) -> Iterator[Claim]:
        """Read the claims of entries from `start` up to `size`, exclusive, in entry order.

        Raises `StoreError` at one that is damaged.
        """
        query = "SELECT entry, body FROM claims WHERE entry >= ? AND entry < ? ORDER BY entry"
        for first in range(start, size, CLAIM_ENTRIES):
            bounds = (first, min(first + CLAIM_ENTRIES, size))
            for entry, body in self._connection.execute(query, bounds).fetchall():
                yield from _claims(entry, body)

    def claims_of(self, indexes: Iterable[int]) -> dict[int, tuple[Claim, ...]]:
        """Read the claims of these entries; entries without any are left out.

        Raises `StoreError` at one that is damaged.
        """
        query = "SELECT entry, body FROM claims WHERE entry IN ({})"
        return {entry: _claims(entry, body) for entry, body in self._look_up(query, indexes)}

    def bodies(self, indexes: Iterable[int]) -> dict[int, bytes]:
        """Part 0 of these entries, byte for byte. Entries without one, or erased, are left out."""
        query = "SELECT entry, body FROM parts WHERE number = 0 AND body NOT NULL AND entry IN ({})"
        return dict(self._look_up(query, indexes))

    def kinds(self, indexes: Iterable[int]) -> dict[int, str]:
        """Read the kinds of these entries; entries that are not there are left out."""
        query = "SELECT entry, leaf FROM entries WHERE entry IN ({})"
        return {index: leaf.decode(data).kind for index, data in self._look_up(query, indexes)}

    def entry(self, index: int) -> Entry:
        """One entry, as stored; `NotFound` if there is none."""
        with database.transaction(self._connection, kind="DEFERRED"):
            row = self._connection.execute(
                "SELECT leaf, hash FROM entries WHERE entry = ?", (index,)
            ).fetchone()
            parts = self._connection.execute(
                "SELECT number, salt, body, key FROM parts WHERE entry = ? ORDER BY number",
                (index,),
            ).fetchall()
        if row is None:
            raise NotFound(f"the ledger has no entry {index}")
        return Entry(index, row[0], row[1], tuple(Part(*part) for part in parts))

    def leaves(self, begin: int, end: int) -> list[bytes]:
        """Read the leaves of the entries from `begin` to `end`; `NotFound` unless all are there."""
        query = "SELECT leaf FROM entries WHERE entry >= ? AND entry < ? ORDER BY entry"
        found = [bytes(data) for (data,) in self._connection.execute(query, (begin, end))]
        if len(found) != end - begin:
            raise NotFound(f"the ledger has no entries {begin} to {end}")
        return found

    def actor(self, identity: str) -> str | None:
        """Say what an opaque actor id stands for; None when unknown or erased."""
        row = self._connection.execute(
            "SELECT meaning FROM actors WHERE actor = ?", (identity,)
        ).fetchone()
        return row[0] if row else None

    def root(self, size: int) -> bytes:
        """Compute the root that the tree had at this size."""
        return proof.root_at(size, self.node)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Prove that the entry is in the tree of this size: hashes from the leaf up."""
        return proof.inclusion_path(index, size, self.node)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Prove that the tree of size `old` is the beginning of that of size `new`."""
        return proof.consistency_path(old, new, self.node)

    def tile(self, level: int, n: int, width: int = tile.TILE_HASHES) -> bytes:
        """Write tile `n` of a tile level, its first `width` hashes, as C2SP tlog-tiles has it."""
        return tile.tile_hashes(level, n, width, self.node)

    def node(self, level: int, place: int) -> bytes:
        """Read the hash of a complete node; `NotFound` if the tree has none there."""
        key: tuple[int, ...]
        if level == 0:
            query, key = "SELECT hash FROM entries WHERE entry = ?", (place,)
        else:
            query, key = "SELECT hash FROM nodes WHERE level = ? AND place = ?", (level, place)
        row = self._connection.execute(query, key).fetchone()
        if row is None:
            raise NotFound(f"the tree has no complete node {place} at level {level}")
        return bytes(row[0])

    def rejected(self, limit: int = REJECTED_KEPT) -> list[Rejected]:
        """Read the newest rejected events, newest first; the last 1,000 are kept."""
        found = self._connection.execute(
            "SELECT number, at, source, digest, length, excerpt, problems FROM rejected"
            " ORDER BY number DESC LIMIT ?",
            (limit,),
        ).fetchall()
        return [Rejected(*row) for row in found]

    def stats(self) -> dict[str, int]:
        """Count for `doctor`: entries, claims, heads, actors, ever rejected, bytes of the file."""
        state = rows.read_state(self._connection)
        counts = {
            table: int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
            for table in ("heads", "actors")
        }
        query = "SELECT coalesce(sum(total), 0) FROM claims"
        counts["claims"] = int(self._connection.execute(query).fetchone()[0])
        return {
            "entries": state.size,
            **counts,
            "rejected": state.rejected,
            "bytes": self.file_bytes(),
            "rules": self.rules(),
        }

    def file_bytes(self) -> int:
        """Size of the database file."""
        return (self._root / layout.DATABASE).stat().st_size

    def rules(self) -> int:
        """Read the version of the rules by which the claims were made."""
        row = self._connection.execute("SELECT rules FROM projection").fetchone()
        return int(row[0]) if row else 0

    @property
    def current(self) -> bool:
        """Whether the claims were made by this version's rules."""
        return self.rules() == schema.RULES

    def require_current(self) -> None:
        """Raise `StoreError` unless the claims were made by this version's rules."""
        if not self.current:
            raise StoreError(
                f"the claims of {self._root} were made by rules {self.rules()}; "
                f"this version has rules {schema.RULES}",
                remedy="make them again: headwater rebuild",
            )

    def authenticate(self, purpose: str, data: bytes) -> bytes:
        """Give a code, 32 bytes, that only holders of the store's secret can make for `data`."""
        return sealing.seal(self._identity.secret, purpose, (data,))

    def open_sections(self, name: str) -> Sections | None:
        """Map a cache file of sections; None when it is not there or its seal does not hold."""
        return caching.open_sections(self._root, self._identity.secret, name)

    def save_sections(self, name: str, about: bytes, sections: Mapping[str, memoryview]) -> bool:
        """Replace a cache file of sections at once; False where that is not possible."""
        return caching.save_sections(self._root, self._identity.secret, name, about, sections)

    def _look_up(self, query: str, indexes: Iterable[int]) -> list[tuple[int, bytes]]:
        wanted: Sequence[int] = sorted(set(indexes))
        found: list[tuple[int, bytes]] = []
        for first in range(0, len(wanted), LOOKUP_ROWS_MAX):
            some = wanted[first : first + LOOKUP_ROWS_MAX]
            marks = ",".join("?" * len(some))
            found += self._connection.execute(query.format(marks), some).fetchall()
        return found


def _claims(entry: int, body: bytes) -> tuple[Claim, ...]:
    try:
        return model.decode(body)
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"the claims of entry {entry} are damaged: {error}",
            remedy="headwater verify says what else is; headwater rebuild makes claims again",
        ) from error
