"""`verify`: everything that a store holds, derived again from stored bytes and compared.

Trusted? Whoever controls it can hide any change from this machine; a verifier of somebody else's,
with the ledger and a head kept elsewhere, finds it all the same.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

from headwater.errors import HeadwaterError, InvalidNote, StoreError
from headwater.ledger.note import Signer
from headwater.ledger.verify import CHANGED, MISSING, RE_SIGNED
from headwater.store import database, inspecting, layout, lock, outside, rows, schema
from headwater.store.comparing import Comparison
from headwater.store.inspecting import Frame, attempt
from headwater.store.projecting import Progress
from headwater.store.reading import Store
from headwater.store.report import Difference, Findings, Report
from headwater.store.sharing import Shares

__all__ = ["Difference", "Report", "verify"]


def verify(
    store: Store | Path | str,
    *,
    tree_only: bool = False,
    sample: int | None = None,
    since: int | bytes | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a store, however damaged; every difference is in the report, never an exception.

    `tree_only` leaves out parts, claims and SQLite's own structures. `sample` checks the contents
    of that many entries, chosen at random. `since`, a size or a signed head, checks what came after
    it. `progress` is called with (entries done, entries in all). The database is only read. Raises
    `StoreError` when there is no store at all.
    """
    root = store.location if isinstance(store, Store) else layout.locate(store)
    if not (root / layout.DATABASE).is_file():
        layout.check_format(root)
    findings = Findings()
    attempt(findings, "files", lambda: inspecting.inspect_files(root, findings))
    if not tree_only:
        attempt(findings, layout.PAGES, lambda: inspecting.inspect_pages(root, findings))

    def database_part() -> None:
        connection = database.connect_reader(root)
        try:
            connection.execute("PRAGMA cell_size_check = ON")
            _require_tables(connection)
            _verify_database(connection, root, findings, tree_only, sample, since, progress)
        finally:
            connection.close()

    attempt(findings, layout.DATABASE, database_part)
    return findings.report()


def _require_tables(connection: sqlite3.Connection) -> None:
    """Raise unless the ledger's tables are those of this version, or damaged beyond saying so."""
    (taken,) = connection.execute("PRAGMA user_version").fetchone()
    if taken < len(schema.STEPS):
        raise StoreError(
            f"its tables are of version {taken}, and this version of Headwater checks those of "
            f"version {len(schema.STEPS)}; headwater rebuild brings them up to date"
        )


def _verify_database(
    connection: sqlite3.Connection,
    root: Path,
    findings: Findings,
    tree_only: bool,
    sample: int | None,
    since: int | bytes | None,
    progress: Progress | None,
) -> None:
    if not tree_only:
        inspecting.inspect_structure(connection, root, findings)
    kept = _read_kept(connection)
    with database.transaction(connection, kind="DEFERRED"):
        frame = inspecting.read_frame(connection, findings)
        attempt(findings, "rows", lambda: inspecting.inspect_rows(connection, frame, findings))
    begin = _beginning(since, frame, findings)
    contents = _choose(findings, begin, frame.state.size, tree_only=tree_only, sample=sample)
    comparison = None
    if contents is _everything:
        comparison = _compare_shared(connection, root, frame, findings, begin, progress)
    if comparison is None:
        comparison = Comparison(
            connection, frame, findings, begin=begin, contents=contents, tree_only=tree_only
        )
        attempt(findings, "entries", partial(comparison.run, progress))
    attempt(findings, "heads", comparison.compare_heads)
    attempt(findings, "head", lambda: _compare_last(root, frame, findings))
    attempt(findings, "kept head", lambda: _compare_kept(comparison, frame, kept, findings))
    attempt(findings, "key", lambda: _compare_key(frame, findings))
    if isinstance(since, bytes):
        findings.take(comparison.check.head(since))
    if frame.sealed:
        attempt(
            findings,
            "cache",
            lambda: inspecting.inspect_caches(root, frame.identity.secret, findings),
        )


def _compare_shared(
    connection: sqlite3.Connection,
    root: Path,
    frame: Frame,
    findings: Findings,
    begin: int,
    progress: Progress | None,
) -> Comparison | None:
    """Compare in several processes; None when that is not worth it, or found anything at all."""
    shares = Shares(root, begin, frame.state.size)
    if not shares:
        return None
    own = Findings()
    # Meanwhile the tree is followed as a whole, here: the shares know only their own ranges.
    comparison = Comparison(connection, frame, own, begin=begin, contents=lambda _: False)
    attempt(own, "entries", comparison.run)
    checked = shares.finish(progress)
    if checked is None or own.differences:
        return None
    for what in ("leaves", "parts", "claims", "receipts"):
        findings.count(what, checked[what])
    comparison.report_to(findings)
    return comparison


def _everything(_: int) -> bool:
    return True


def _beginning(since: int | bytes | None, frame: Frame, findings: Findings) -> int:
    if since is None:
        return 0
    if isinstance(since, bytes):
        lines = since.split(b"\n")
        since = int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else 0
    if since > frame.state.size:
        detail = f"its entries from {frame.state.size} to {since - 1}: there are {frame.state.size}"
        findings.add(MISSING, "ledger", f"{detail}, and what came after {since} was asked for")
    begin = max(0, min(since, frame.state.size))
    findings.not_checked.append(f"entries before {begin}: only that the tree continues them")
    return begin


def _choose(
    findings: Findings, begin: int, size: int, *, tree_only: bool, sample: int | None
) -> Callable[[int], bool]:
    """Say of which entries the contents are checked, and note of which they are not."""
    if tree_only:
        findings.not_checked.append(
            "parts, claims, receipts, which heads were kept, the database's own structures"
        )
        return lambda _: False
    if sample is None or sample >= size - begin:
        return _everything
    chosen = set(random.SystemRandom().sample(range(begin, size), max(0, sample)))
    findings.not_checked.append(
        f"parts, claims and receipts of {size - begin - len(chosen)} entries outside the sample"
    )
    return chosen.__contains__


def _compare_last(root: Path, frame: Frame, findings: Findings) -> None:
    """Check that what is committed is covered by a signed head, unless that is being done."""
    size = frame.heads[-1][0] if frame.heads else 0
    if size >= frame.state.size:
        return
    if lock.locked(root) or lock.holder(root) is not None:
        findings.not_checked.append(
            f"entries {size} to {frame.state.size - 1} against a signed head: their writer has "
            "not signed them yet"
        )
    else:
        findings.add(MISSING, "head", f"none was signed for {frame.state.size} entries")


def _read_kept(connection: sqlite3.Connection) -> bytes | HeadwaterError | None:
    """Read the kept head, before anything else: beside a writer, the store is then not behind.

    Returns the error where there is one that cannot be read, and None where there is none.
    """
    try:
        return outside.load_head(rows.read_identity(connection).origin)
    except HeadwaterError as error:
        return error
    except sqlite3.Error:
        return None  # the inspection of the rows says what is wrong


def _compare_kept(
    comparison: Comparison,
    frame: Frame,
    kept: bytes | HeadwaterError | None,
    findings: Findings,
) -> None:
    if isinstance(kept, HeadwaterError):
        findings.not_checked.append(f"whether the store was rolled back: {kept.message}")
        return
    if kept is None:
        path = outside.head_path(frame.identity.origin)
        findings.not_checked.append(
            f"whether the store was rolled back: no head of it is kept in {path}"
        )
        return
    findings.take(comparison.check.kept_head(kept))
    findings.count("kept heads")


def _compare_key(frame: Frame, findings: Findings) -> None:
    try:
        data = outside.load_key(frame.identity.origin)
    except StoreError as error:
        findings.not_checked.append(f"the store's key against our own: {error.message}")
        return
    if data is None:
        findings.not_checked.append(
            "whether the key in the store is the one it was made with: the signing key is not here"
        )
        return
    try:
        own = Signer.decode(data.decode().strip()).verifier.encode()
    except (HeadwaterError, InvalidNote, UnicodeDecodeError):
        findings.add(CHANGED, "key", "the signing key beside the kept head cannot be read")
        return
    if own != frame.identity.key:
        findings.add(RE_SIGNED, "store", f"its heads are checked with a key that is not {own}")
