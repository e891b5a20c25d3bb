"""What of a store can be checked row by row or file by file, beside the entries themselves.

Everything here expects damage: rows may be gone, of another type, or unreadable.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from headwater.errors import HeadwaterError
from headwater.ledger.verify import CHANGED, INSERTED, MISSING
from headwater.store import caching, layout, lock, pages, rows, schema, sealing
from headwater.store.reading import REJECTED_KEPT
from headwater.store.report import UNREADABLE, Findings
from headwater.store.rows import Identity, Rejected, State

INTEGRITY_MESSAGES_MAX = 100
PAGES_NAMED_MAX = 100
SPARE_ROWS_MAX = 100


class Frame(NamedTuple):
    """What is read of the store first, in one snapshot; `sealed` says whether the secret holds."""

    identity: Identity
    state: State  # with an empty root where the stored one cannot be believed
    sealed: bool
    heads: list[tuple[int, bytes]]
    answered: set[int]
    actors: dict[str, str | None]
    spare: list[tuple[Any, ...]]
    """Entries beyond the size, or before 0: index, leaf, hash."""


def attempt(findings: Findings, place: str, action: Callable[[], None]) -> None:
    """Do one part of the inspection; what it stumbles over is a difference, never an error."""
    try:
        action()
    except HeadwaterError as error:
        findings.add(UNREADABLE, place, error.message)
    except Exception as error:  # noqa: BLE001, RUF100 (a damaged row can raise anything)
        findings.add(UNREADABLE, place, f"{type(error).__name__}: {error}")


def inspect_files(root: Path, findings: Findings) -> None:
    """Check the small files: each has one form, whenever nobody writes."""
    if layout.read_format(root) is None:
        findings.add(CHANGED, "format", "it does not say which layout this store has")
    path = root / ".gitignore"
    if not path.is_file() or path.read_bytes() != layout.GITIGNORE.encode():
        findings.add(CHANGED, ".gitignore", f"it is not {layout.GITIGNORE!r}")
    writer = root / layout.WRITER
    if not lock.locked(root) and writer.exists() and writer.read_bytes() != lock.IDLE:
        who = lock.holder(root)
        if who is None:
            findings.add(CHANGED, layout.WRITER, "it names no writer and is not empty")
        else:
            findings.not_checked.append(
                f"the writer {who.pid} ended without closing: what it left will be completed by "
                "the next one"
            )
    findings.count("files", 3)


def inspect_pages(root: Path, findings: Findings) -> None:
    """Compare every page of the database with the digests of the last clean close."""
    try:
        known = pages.read(root)
    except ValueError as error:
        findings.add(CHANGED, layout.PAGES, str(error))
        return
    if known is None or lock.locked(root):
        findings.not_checked.append(
            "the pages of ledger.db, byte for byte: "
            + (
                "a writer has the store open"
                if lock.locked(root)
                else f"there is no {layout.PAGES}; the store was not closed cleanly or is above "
                f"{pages.FILE_BYTES_MAX >> 30} GiB"
            )
        )
        return
    log = root / f"{layout.DATABASE}-wal"
    if log.exists() and os.stat(log).st_size:  # noqa: PTH116
        findings.add(INSERTED, log.name, "it holds changes that no writer of Headwater made")
    wrong = list(pages.compare(root, known))
    for number in wrong[:PAGES_NAMED_MAX]:
        findings.add(CHANGED, f"page {number}", "ledger.db is not as it was closed")
    if len(wrong) > PAGES_NAMED_MAX:
        rest = len(wrong) - PAGES_NAMED_MAX
        findings.add(CHANGED, "ledger.db", f"{rest} further pages are not as they were closed")
    findings.count("pages", len(known.digests))


def inspect_structure(connection: sqlite3.Connection, root: Path, findings: Findings) -> None:
    """Have SQLite check its own structures, and compare the schema with the one we make."""

    def integrity() -> None:
        query = f"PRAGMA integrity_check({INTEGRITY_MESSAGES_MAX})"
        for (message,) in connection.execute(query).fetchall():
            if message != "ok":
                findings.add(CHANGED, "ledger.db", message)

    def tables() -> None:
        found, expected = schema.contents(connection), schema.expected()
        if found & schema.unfinished() == schema.unfinished():
            found -= schema.unfinished()
            findings.not_checked.append(
                f"the table {schema.BESIDE}, which a rebuild is filling or left unfinished: the "
                "next writer drops it"
            )
        for kind, name, _ in sorted(expected - found, key=str):
            findings.add(MISSING, "schema", f"the {kind} {name} as this version makes it")
        for kind, name, _ in sorted(found - expected, key=str):
            findings.add(INSERTED, "schema", f"the {kind} {name}, which is not ours")
        for pragma, right in (
            ("user_version", len(schema.STEPS)),
            ("application_id", schema.APPLICATION_ID),
        ):
            (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
            if value != right:
                findings.add(CHANGED, "ledger.db", f"its {pragma} is {value}, not {right}")

    attempt(findings, "ledger.db", integrity)
    attempt(findings, "ledger.db", lambda: _inspect_length(connection, root, findings))
    attempt(findings, "schema", tables)


def _inspect_length(connection: sqlite3.Connection, root: Path, findings: Findings) -> None:
    """Check that nothing stands behind the last page, where SQLite does not look."""
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    rest = (root / layout.DATABASE).stat().st_size - count * size
    log = root / f"{layout.DATABASE}-wal"
    # Beside a writer, or with pages in the log, the file may have any length.
    if rest > 0 and not lock.locked(root) and not (log.exists() and log.stat().st_size):
        findings.add(INSERTED, "ledger.db", f"{rest} bytes behind its last page")


def read_frame(connection: sqlite3.Connection, findings: Findings) -> Frame:
    """Read the rows that say what the rest must be, and check their seals.

    Only a store that does not say who it is cannot be checked any further, and raises.
    """
    identity = rows.read_identity(connection)
    (seal,) = connection.execute("SELECT seal FROM store").fetchone()
    sealed = hmac.compare_digest(seal, identity.seal())
    if not sealed:
        findings.add(CHANGED, "store", "origin, key, secret or time of making were edited")
        findings.not_checked.append("seals of rows and marks of duplicates: their key was edited")
    heads: list[tuple[int, bytes]] = []
    answered: set[int] = set()
    actors: dict[str, str | None] = {}
    states: list[State] = []

    def read_heads() -> None:
        heads.extend(connection.execute("SELECT size, note FROM heads ORDER BY size").fetchall())

    def read_answered() -> None:
        for size, seal in connection.execute("SELECT size, seal FROM answered").fetchall():
            right = rows.seal_answered(identity.secret, size)
            if sealed and not hmac.compare_digest(seal, right):
                detail = f"the row that keeps the head of {size} entries was put in or edited"
                findings.add(CHANGED, "answered", detail)
            answered.add(size)
            findings.count("answered")

    def read_actors() -> None:
        actors.update(connection.execute("SELECT actor, meaning FROM actors").fetchall())

    def read_state() -> None:
        state = rows.read_state(connection)
        (found,) = connection.execute("SELECT seal FROM ledger").fetchone()
        if sealed and not hmac.compare_digest(found, state.seal(identity.secret)):
            findings.add(CHANGED, "ledger", "size, root, epoch or the count of rejected events")
        else:
            states.append(state)

    attempt(findings, "heads", read_heads)
    attempt(findings, "answered", read_answered)
    attempt(findings, "actors", read_actors)
    attempt(findings, "ledger", read_state)
    if not states:
        # The counters cannot be believed; the last head says how many entries there should be.
        size = heads[-1][0] if heads else 0
        states.append(State(size, b"", 0, 0))
    spare: list[tuple[Any, ...]] = []

    def read_spare() -> None:
        query = "SELECT entry, leaf, hash FROM entries WHERE entry < 0 OR entry >= ? LIMIT ?"
        size = states[0].size
        spare.extend(connection.execute(query, (size, SPARE_ROWS_MAX)).fetchall())

    attempt(findings, "entries", read_spare)
    return Frame(identity, states[0], sealed, heads, answered, actors, spare)


def inspect_rows(connection: sqlite3.Connection, frame: Frame, findings: Findings) -> None:
    """Check the sealed rows, the projection's own row, and that no table has rows to spare."""
    attempt(findings, "rejected", lambda: _inspect_rejected(connection, frame, findings))
    attempt(findings, "actors", lambda: _inspect_actors(connection, frame, findings))
    attempt(findings, "projection", lambda: _inspect_projection(connection, frame, findings))
    for table in ("parts", "claims", "receipts", "nodes"):
        attempt(findings, table, partial(_inspect_spare, connection, table, frame, findings))


def inspect_caches(root: Path, secret: bytes, findings: Findings) -> None:
    """Check the seals of the cache files."""
    for name in caching.damaged(root, secret):
        findings.add(CHANGED, f"cache/{name}", "its seal does not hold; it is not used")


def _inspect_rejected(connection: sqlite3.Connection, frame: Frame, findings: Findings) -> None:
    if not frame.sealed or not frame.state.root:
        return
    last = frame.state.rejected
    wanted = set(range(max(0, last - REJECTED_KEPT) + 1, last + 1))
    query = (
        "SELECT number, at, source, digest, length, excerpt, problems, seal FROM rejected"
        " ORDER BY number"
    )
    for *cells, seal in connection.execute(query).fetchall():
        row = Rejected(*cells)
        if row.number not in wanted:
            findings.add(INSERTED, "rejected", f"row {row.number}, which was never kept")
        elif not hmac.compare_digest(seal, row.seal(frame.identity.secret)):
            findings.add(CHANGED, "rejected", f"row {row.number} was edited")
        wanted.discard(row.number)
        findings.count("rejected")
    for number in sorted(wanted):
        findings.add(MISSING, "rejected", f"row {number} is gone")


def _inspect_actors(connection: sqlite3.Connection, frame: Frame, findings: Findings) -> None:
    if not frame.sealed:
        return
    for actor, meaning, seal in connection.execute("SELECT * FROM actors").fetchall():
        right = sealing.seal(frame.identity.secret, "actors", (actor, meaning))
        if not hmac.compare_digest(seal, right):
            findings.add(CHANGED, "actors", f"{actor} was given another meaning, or put in")
        findings.count("actors")


def _inspect_projection(connection: sqlite3.Connection, frame: Frame, findings: Findings) -> None:
    found = connection.execute("SELECT one, rules, size FROM projection").fetchall()
    right = (1, schema.RULES, frame.state.size)
    if found != [right]:
        findings.add(CHANGED, "projection", f"it says {found}, not {right}: headwater rebuild")


def _inspect_spare(
    connection: sqlite3.Connection, table: str, frame: Frame, findings: Findings
) -> None:
    size = frame.state.size
    if table == "nodes":
        query = "SELECT level, place FROM nodes WHERE level < 1 OR level > 62 OR place < 0"
        query += " OR place >= (? >> level) LIMIT 100"
        for level, place in connection.execute(query, (size,)).fetchall():
            findings.add(INSERTED, "nodes", f"node {place} of level {level}, over no whole subtree")
        return
    query = f"SELECT entry FROM {table} WHERE entry < 0 OR entry >= ? LIMIT 100"  # noqa: S608
    for (index,) in connection.execute(query, (size,)).fetchall():
        findings.add(INSERTED, table, f"a row for entry {index}, which does not exist")
    if table == "receipts":
        (count,) = connection.execute("SELECT count(*) FROM receipts").fetchone()
        if count != size:
            findings.add(CHANGED, table, f"{count} receipts for {size} entries")
