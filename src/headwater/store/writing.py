"""A store as its one writer has it: the four durable steps of a commit.

    1  commit    entries, bodies, claims and tree nodes, in one transaction
    2  sign      the head of what is committed
    3  keep      that head outside the store
    4  publish   store the head; only now is anything acknowledged

Each step is durable before the next begins, so a process that dies in any gap leaves a store that
the next writer completes (`recovering`): nothing is signed that is not durable, and nothing is
acknowledged that the kept head does not cover.

Trusted? Whoever controls the writer can admit false entries, not change one that a kept head
covers.
"""

from __future__ import annotations

import errno
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from headwater.errors import LedgerConflict, NotFound, StoreError, StoreFull
from headwater.ledger import leaf, proof, tree
from headwater.ledger.checkpoint import Checkpoint, sign_checkpoint
from headwater.ledger.leaf import Leaf
from headwater.ledger.note import Signer, sign_note
from headwater.ledger.statement import Statement, format_statement
from headwater.store import caching, database, marking, outside, pages, rows, schema, sealing
from headwater.store.drafting import Draft, Earlier, Refusal
from headwater.store.lock import Lock
from headwater.store.marking import Mark
from headwater.store.projecting import Progress, project_again
from headwater.store.reading import REJECTED_KEPT, Store
from headwater.store.rows import Attested, Rejected, State

ACTOR_BYTES = 16
EXCERPT_BYTES_MAX = 4_096
MILLISECOND_US = 1_000
MINUTE_US = 60_000_000


class Writer(Store):
    """The one writer. Holds the lock until `close`; not for several threads."""

    writable = True

    def __init__(
        self,
        root: Path,
        connection: sqlite3.Connection,
        *,
        lock: Lock,
        signer: Signer,
        now: Callable[[], int],
        entropy: Callable[[int], bytes],
    ) -> None:
        """Take over as a new epoch; `now` gives microseconds UTC, `entropy` random bytes."""
        super().__init__(root, connection)
        self._lock = lock
        self._signer = signer
        self._now = now
        self._entropy = entropy
        self._stopped: str | None = None
        self._closed = False
        self._new_actors: dict[str, str] = {}
        pages.forget(root)
        self._state = rows.read_state(connection)
        self._frontier = self.frontier(self._state.size)
        self._last_at = self.at(self._state.size - 1) if self._state.size else 0
        with self._transaction():
            self._advance(self._state._replace(epoch=self._state.epoch + 1))

    @property
    def size(self) -> int:
        """Entries committed, and the index of the next one."""
        return self._state.size

    def close(self) -> None:
        """End: fold the log into the file, digest its pages, let the next writer in."""
        if self._closed:
            return
        self._closed = True
        try:
            whole = database.close_cleanly(self._connection, self._root)
            if whole and self._stopped is None:
                # Without digests `verify` says that it did not compare the pages.
                with suppress(OSError):
                    pages.record(self._root, schema.PAGE_BYTES)
        finally:
            if self._stopped is None:
                self._lock.release()
            else:
                self._lock.abandon()

    def frontier(self, size: int) -> tree.Frontier:
        """Read the frontier of the tree at this size; `NotFound` if nodes of it are missing."""
        return tree.Frontier(size, [self.node(*place) for place in proof.subtrees(size)])

    @property
    def stopped(self) -> str | None:
        """Why this writer writes no more; None while it does."""
        return self._stopped

    def moment(self, now: Callable[[], int] | None = None) -> tuple[int, str | None]:
        """Time for the next entries in microseconds, whole milliseconds; and a warning.

        It never decreases: a clock that stepped back is held at the last entry's time.
        """
        time = (now or self._now)() // MILLISECOND_US * MILLISECOND_US
        if time >= self._last_at:
            return time, None
        behind = (self._last_at - time) / 1_000_000
        return self._last_at, (
            f"the clock stands {behind:.3f} s before the last entry; the entry's time is held there"
        )

    def actor_for(self, meaning: str) -> str:
        """Give the opaque id of an actor; a new one is random and kept with its first entry."""
        row = self._connection.execute(
            "SELECT actor FROM actors WHERE meaning = ?", (meaning,)
        ).fetchone()
        if row is not None:
            return str(row[0])
        for actor, waiting in self._new_actors.items():
            if waiting == meaning:
                return actor
        actor = urlsafe_b64encode(self._entropy(ACTOR_BYTES)).decode().rstrip("=")
        self._new_actors[actor] = meaning
        return actor

    def mark(self, body: bytes) -> Mark:
        """Compute the mark by which equal bytes are found again."""
        return marking.mark(self._identity.secret, body)

    def earlier(self, marks: Sequence[Mark]) -> dict[Mark, Earlier]:
        """Find the entries that hold the bytes of these marks already; new ones are left out."""
        if not marks:
            return {}
        found = self._connection.execute(*rows.ask_receipts(marks)).fetchall()
        here = "SELECT entry, 1 FROM parts WHERE number = 0 AND body NOT NULL AND entry IN ({})"
        kept = dict(self._look_up(here, (entry for _, _, entry in found)))
        return {
            Mark(second, mac): Earlier(entry, entry not in kept) for second, mac, entry in found
        }

    def salt(self, entropy: Callable[[int], bytes] | None = None) -> bytes:
        """Draw a fresh salt for one part."""
        return (entropy or self._entropy)(leaf.SALT_BYTES)

    def commit(
        self, drafts: Sequence[Draft], *, at: int, refused: Sequence[Refusal] = ()
    ) -> Checkpoint:
        """Append these entries at `at` (see `moment`), and note what was refused.

        All of it or nothing, through all four steps; returns the signed head. The claims of
        `drafts` were made for indexes from `size` on. Raises `LedgerConflict` when another writer
        has taken over, `StoreFull` when the disk has no room, `StoreError` when it fails; after any
        of them this writer stays stopped.
        """
        self._require_going()
        if not drafts and not refused:
            return self.head()
        with self._stopping():
            self._commit(drafts, at, refused)
            return self.head() if not drafts else self.publish_head()

    def attest(self, statement: Statement) -> Attested:
        """Sign a statement about an answer, and keep the head of its size for good.

        The head is durable before anything signed leaves. Nothing is signed that this ledger does
        not bear out: raises `NotFound` for a size beyond it, `LedgerConflict` for another origin or
        root, and as `commit`.
        """
        self._require_going()
        if statement.size > self._state.size:
            raise NotFound(f"the ledger has no {statement.size} entries to state anything about")
        head = Checkpoint(self.origin, statement.size, self.root(statement.size))
        if (statement.origin, statement.root) != (head.origin, head.root):
            raise LedgerConflict(
                f"the statement is of another ledger than {self.location}, or of another root",
                remedy="ask again; headwater verify says whether the store holds",
            )
        with self._stopping(), self._transaction():
            kept = self._connection.execute(
                "SELECT note FROM heads WHERE size = ?", (head.size,)
            ).fetchone()
            signed = bytes(kept[0]) if kept else self._sign(head)
            self._connection.execute(
                "INSERT OR IGNORE INTO heads VALUES (?, ?)", (head.size, signed)
            )
            self._connection.execute(
                "INSERT OR IGNORE INTO answered VALUES (?, ?)",
                (head.size, rows.seal_answered(self._identity.secret, head.size)),
            )
        stated = sign_note(format_statement(statement), [self._signer])
        return Attested(self.verifier, signed, stated)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make all claims again, beside and then swapped, and drop the caches; how many claims."""
        count = project_again(self._connection, self.size, progress)
        caching.drop(self._root)
        return count

    def published(self) -> bool:
        """Whether the last stored head is of all that is committed."""
        row = self._connection.execute("SELECT max(size) FROM heads").fetchone()
        return bool(row[0] == self.size)

    def publish_head(self) -> Checkpoint:
        """Take steps 2 to 4 for what is committed: sign, keep outside, store. Returns the head."""
        head = Checkpoint(self.origin, self._state.size, self._state.root)
        signed = self._sign(head)
        self._keep(signed)
        self._publish(head, signed)
        return head

    def _commit(self, drafts: Sequence[Draft], at: int, refused: Sequence[Refusal]) -> None:
        grown = self._frontier.copy()
        with self._transaction():
            self._insert(drafts, at, grown)
            introduced = self._introduce({draft.by for draft in drafts})
            count = self._refuse(refused, at)
            self._advance(State(grown.size, grown.root(), self._state.epoch, count))
            if drafts:
                self._connection.execute("UPDATE projection SET size = ?", (grown.size,))
        self._frontier = grown
        for actor in introduced:
            del self._new_actors[actor]
        if drafts:
            self._last_at = at

    def _sign(self, head: Checkpoint) -> bytes:
        return sign_checkpoint(head, self._signer)

    def _keep(self, signed: bytes) -> None:
        outside.save_head(self.origin, signed)

    def _publish(self, head: Checkpoint, signed: bytes) -> None:
        """Store the head in place of the last, unless that ends a minute or left in a bundle."""
        row = self._connection.execute("SELECT max(size) FROM heads WHERE size > 0").fetchone()
        last = row[0]
        with self._transaction():
            if last and last < head.size and self._minute(last) == self._minute(head.size):
                self._connection.execute(
                    "DELETE FROM heads WHERE size = ? AND size NOT IN (SELECT size FROM answered)",
                    (last,),
                )
            self._connection.execute(
                "INSERT OR REPLACE INTO heads VALUES (?, ?)", (head.size, signed)
            )

    def _minute(self, size: int) -> int:
        return self.at(size - 1) // MINUTE_US

    def _insert(self, drafts: Sequence[Draft], at: int, grown: tree.Frontier) -> None:
        entries, parts, nodes, receipts, claims = [], [], [], [], []
        for index, draft in enumerate(drafts, start=grown.size):
            commitments = tuple(leaf.commit(salt, body) for salt, body in draft.parts)
            data = leaf.encode(Leaf(at, draft.by, draft.kind, commitments))
            completed = grown.append(tree.leaf_hash(data))
            entries.append((index, data, completed[0][2]))
            nodes += completed[1:]
            parts += [(index, number, *part, None) for number, part in enumerate(draft.parts)]
            receipts.append((*draft.mark, index))
            if draft.claims.total:
                claims.append((index, *draft.claims))
        for table, made in (
            ("entries", entries),
            ("parts", parts),
            ("nodes", nodes),
            ("receipts", receipts),
            ("claims", claims),
        ):
            rows.insert(self._connection, table, made)

    def _introduce(self, actors: set[str]) -> list[str]:
        """Keep what the new ones among these actors stand for; returns which are new."""
        new = sorted(actors & self._new_actors.keys())
        for actor in new:
            row = (actor, self._new_actors[actor])
            seal = sealing.seal(self._identity.secret, "actors", row)
            self._connection.execute("INSERT INTO actors VALUES (?, ?, ?)", (*row, seal))
        return new

    def _refuse(self, refused: Sequence[Refusal], at: int) -> int:
        """Keep the last rejected events; returns how many there were, ever."""
        number = self._state.rejected
        for refusal in refused:
            number += 1
            row = Rejected(
                number,
                at,
                refusal.source,
                sealing.digest(refusal.body),
                len(refusal.body),
                refusal.body[:EXCERPT_BYTES_MAX],
                refusal.problems,
            )
            self._connection.execute(
                "INSERT INTO rejected VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, row.seal(self._identity.secret)),
            )
        if refused:
            oldest = number - REJECTED_KEPT
            self._connection.execute("DELETE FROM rejected WHERE number <= ?", (oldest,))
        return number

    def _advance(self, state: State) -> None:
        """Move the ledger's state on, if it is still where this writer left it."""
        done = self._connection.execute(
            "UPDATE ledger SET size = ?, root = ?, epoch = ?, rejected = ?, seal = ?"
            " WHERE size = ? AND epoch = ?",
            (*state, state.seal(self._identity.secret), self._state.size, self._state.epoch),
        )
        if done.rowcount != 1:
            raise LedgerConflict(
                "another writer has taken over this store; nothing of this batch was written",
                remedy="end this process and send the events again",
            )
        self._state = state

    def _transaction(self) -> AbstractContextManager[None]:
        return database.transaction(self._connection)

    def _require_going(self) -> None:
        if self._stopped is not None:
            raise StoreError(
                f"this writer has stopped: {self._stopped}",
                remedy="open the store again; what was acknowledged is there",
            )

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Stop this writer for good where what is written in here fails."""
        try:
            yield
        except BaseException as error:
            # A failed fsync leaves unknown what is on disk (https://wiki.postgresql.org/wiki/Fsync_Errors),
            # so nothing more is written through this connection.
            self._stopped = str(error) or type(error).__name__
            if isinstance(error, (sqlite3.Error, OSError)):
                raise _failure(error) from error
            raise


def _failure(error: sqlite3.Error | OSError) -> StoreError:
    """Tell a disk without room, where a new writer can go on, from one that fails."""
    if isinstance(error, OSError):
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    else:
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    safe = "nothing of this batch was acknowledged, and giving it again is safe"
    if full:
        return StoreFull(
            f"the disk has no room for the store: {error}", remedy=f"make room; {safe}"
        )
    return StoreError(
        f"the store could not be written: {error}",
        remedy=f"check the disk and its permissions; {safe}",
    )
