"""Opening: with its key, in the state that was signed, of a version that is known."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Literal

import pytest

from headwater.errors import LedgerConflict, NotFound, StoreError, StoreMissing, StoreReadOnly
from headwater.ingest import admit
from headwater.store import Writer, database, layout, open_store, outside, schema
from headwater.store.lock import holder
from headwater.store.verifying import verify
from tests.store.dying import spawn
from tests.store.making import events, write

MODES: tuple[Literal["read", "write"], ...] = ("read", "write")


def test_create_only_when_asked(root: Path) -> None:
    """Opening a store that is not there raises, and makes nothing."""
    for mode in MODES:
        with pytest.raises(StoreMissing):
            open_store(root, mode=mode)
    assert not root.exists()


def test_a_lost_database_is_not_replaced(root: Path) -> None:
    """Where there was a ledger, a writer that may create says so and begins no other."""
    with write(root) as store:
        admit(store, events(2))
    (root / layout.DATABASE).unlink()
    with pytest.raises(StoreError, match="there was a ledger here"):
        write(root)
    assert not (root / layout.DATABASE).exists()


def test_create_for_reading(root: Path) -> None:
    """A reader that may create gets an empty store."""
    with open_store(root, create=True) as store:
        assert (store.head().size, store.writable) == (0, False)


def test_reader_cannot_admit(root: Path) -> None:
    """A store that is open for reading refuses to admit."""
    with open_store(root, create=True) as store, pytest.raises(StoreReadOnly):
        admit(store, events(1))


def test_missing_key(root: Path, state_home: Path) -> None:
    """Without its key a store opens for reading, and for writing says where the key should be."""
    with write(root) as store:
        admit(store, events(2))
        key = outside.key_path(store.origin)
    key.unlink()
    with pytest.raises(StoreReadOnly, match=str(key)):
        write(root)
    with open_store(root) as reader:
        assert reader.head().size == 2


def test_foreign_key(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not the store's signs nothing."""
    write(root).close()
    with write(tmp_path / "other") as store:
        other = outside.key_path(store.origin)
    monkeypatch.setenv("HEADWATER_KEY", str(other))
    with pytest.raises(StoreReadOnly, match="is not the key"):
        write(root)


def test_open_key_file(root: Path) -> None:
    """A key that other users can read is refused."""
    with write(root) as store:
        key = outside.key_path(store.origin)
    key.chmod(0o644)
    with pytest.raises(StoreError, match="can be read by other users"):
        write(root)


def test_key_mode(store: Writer) -> None:
    """The signing key is for its owner alone."""
    assert outside.key_path(store.origin).stat().st_mode & 0o777 == 0o600


def test_chosen_places(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`HEADWATER_KEY` and `HEADWATER_HEAD` say where key and head are kept."""
    monkeypatch.setenv("HEADWATER_KEY", str(tmp_path / "k"))
    monkeypatch.setenv("HEADWATER_HEAD", str(tmp_path / "h"))
    with write(root) as store:
        admit(store, events(1))
        assert (tmp_path / "h").read_bytes() == store.signed_head()
    assert (tmp_path / "k").read_text().startswith("PRIVATE+KEY+headwater.local/")


def test_key_of_another_store(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new store never replaces a key that is there already."""
    monkeypatch.setenv("HEADWATER_KEY", str(tmp_path / "k"))
    write(tmp_path / "first").close()
    with pytest.raises(StoreError, match="another store"):
        write(root)
    assert not (root / layout.DATABASE).exists()


def test_rollback(root: Path, tmp_path: Path) -> None:
    """Yesterday's copy put back is refused by writers, told to readers and found by `verify`."""
    with write(root) as store:
        admit(store, events(5))
    yesterday = shutil.copytree(root, tmp_path / "yesterday")
    with write(root) as store:
        admit(store, events(5, start=5))
    shutil.rmtree(root)
    shutil.copytree(yesterday, root)
    with pytest.raises(LedgerConflict, match="rolled back") as caught:
        write(root)
    assert "put back the newest copy" in str(caught.value.remedy)
    with open_store(root) as reader:
        assert "rolled back" in reader.warnings[0]
    assert [one.kind for one in verify(root).differences] == ["rolled back"]


@pytest.mark.parametrize("further", [0, 3])
def test_fork(root: Path, tmp_path: Path, state_home: Path, further: int) -> None:
    """A store with another history under the same name and key is refused, and named a fork."""
    write(root).close()
    twin = shutil.copytree(root, tmp_path / "twin")
    memory = shutil.copytree(state_home, tmp_path / "memory")
    with write(root) as store:
        admit(store, events(5))
    shutil.rmtree(state_home)
    shutil.copytree(memory, state_home)
    with write(twin) as store:
        admit(store, events(5, start=50))
        kept = outside.load_head(store.origin)
        origin = store.origin
    assert kept is not None
    shutil.rmtree(state_home)
    shutil.copytree(memory, state_home)
    with write(root) as store:
        if further:
            admit(store, events(further, start=80))
    outside.save_head(origin, kept)
    with pytest.raises(LedgerConflict, match=r"forked|continues"):
        write(root)
    assert "forked" in [one.kind for one in verify(root).differences]


def test_lost_head(root: Path) -> None:
    """When no head was kept the writer goes on, and warns that a rollback cannot be noticed."""
    with write(root) as store:
        admit(store, events(2))
        outside.head_path(store.origin).unlink()
    with write(root) as store:
        assert "cannot be noticed" in store.warnings[0]


def test_head_of_another_store(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept head that belongs to another store is no reason to sign anything."""
    write(root).close()
    with write(tmp_path / "other") as store:
        head = outside.head_path(store.origin)
    monkeypatch.setenv("HEADWATER_HEAD", str(head))
    with pytest.raises(LedgerConflict, match="another store"):
        write(root)


@pytest.mark.parametrize("text", [b"nonsense", b""])
def test_unreadable_head(root: Path, text: bytes) -> None:
    """A kept head that cannot be read stops writers and warns readers."""
    with write(root) as store:
        path = outside.head_path(store.origin)
    path.write_bytes(text)
    with pytest.raises(LedgerConflict, match="cannot be read"):
        write(root)
    with open_store(root) as reader:
        assert "cannot be read" in reader.warnings[0]


def test_unsigned_head(root: Path) -> None:
    """A kept head whose signature does not hold stops writers."""
    with write(root) as store:
        path = outside.head_path(store.origin)
        text, _, tail = store.signed_head().rpartition(b" ")
    signature = bytearray(tail)
    signature[20] ^= 1
    path.write_bytes(text + b" " + bytes(signature))
    with pytest.raises(LedgerConflict, match=r"signature|cannot be read"):
        write(root)


def test_damaged_tree_is_not_built_on(root: Path) -> None:
    """A writer refuses a store whose nodes do not give the root that it had."""
    with write(root) as store:
        admit(store, events(4))
    connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
    connection.execute("UPDATE nodes SET hash = zeroblob(32) WHERE level = 2")
    connection.close()
    with pytest.raises(LedgerConflict, match="root"):
        write(root)


def test_damaged_database(root: Path) -> None:
    """A file that is no database gives a clear error that points to `verify`."""
    write(root).close()
    (root / "ledger.db").write_bytes(b"\x00" * 8192)
    for mode in MODES:
        with pytest.raises(StoreError) as caught:
            open_store(root, mode=mode)
        assert "verify" in str(caught.value.remedy)


def test_newer_tables(root: Path) -> None:
    """A store whose tables a newer version made is refused with the remedy."""
    write(root).close()
    connection = sqlite3.connect(root / "ledger.db")
    connection.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    connection.close()
    for mode in MODES:
        with pytest.raises(StoreError, match="this version of Headwater knows"):
            open_store(root, mode=mode)


def test_migration(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store made by an older version takes the steps that it lacks, and keeps what it has."""
    with write(root) as store:
        admit(store, events(3))
    step = "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO later VALUES (7);"
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    with write(root) as store:
        assert store.head().size == 3
        assert store._connection.execute("SELECT x FROM later").fetchall() == [(7,)]
    assert verify(root).sound


FIRST_VERSION = """
    ALTER TABLE receipts RENAME TO moved;
    CREATE TABLE receipts (
        mac BLOB PRIMARY KEY,
        entry INTEGER NOT NULL REFERENCES entries
    ) STRICT, WITHOUT ROWID;
    INSERT INTO receipts SELECT mac, entry FROM moved;
    DROP TABLE moved;
    DROP TABLE answered;
    DROP TABLE claims;
    CREATE TABLE claims (
        entry INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (entry, ordinal)
    ) STRICT;
    UPDATE projection SET rules = 1;
    PRAGMA user_version = 1;
"""
"""Turns the tables of a store into those that version 0.1.0 made."""


def test_migration_from_the_first_version(root: Path) -> None:
    """A store of the first version finds its repeats and claims again, once a writer had it."""
    with write(root) as store:
        admit(store, [*events(3), b'{"eventTime": 1}'])
        claims = list(store.claims(3))
    connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
    connection.executescript(FIRST_VERSION)
    connection.close()
    (root / layout.PAGES).unlink()
    with pytest.raises(StoreError, match="rules 1"):
        open_store(root)
    (difference,) = verify(root).differences
    assert "of version 1" in difference.detail
    with write(root) as store:
        assert list(store.claims(3)) == claims
        assert [receipt.entry for receipt in admit(store, events(3))] == [0, 1, 2]
    assert verify(root).sound


def test_failed_migration(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails leaves the store as it was."""
    write(root).close()
    step = "CREATE TABLE later (x INTEGER) STRICT; INSERT INTO nowhere VALUES (7);"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (*schema.STEPS, step))
        with pytest.raises(StoreError):
            write(root)
    connection = sqlite3.connect(root / "ledger.db")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
    connection.close()
    assert (version, "later" in names) == (len(schema.STEPS), False)


def test_refused_writer_leaves_no_trace(root: Path) -> None:
    """A writer that is refused leaves the name of the one that died, and the store as it was."""
    with write(root) as store:
        admit(store, events(10))
        key = outside.key_path(store.origin)
    spawn(root, "+_commit", 10, 10).communicate(timeout=60)
    dead = holder(root)
    key.rename(key.with_name("away"))
    with pytest.raises(StoreReadOnly):
        write(root)
    assert (holder(root), dead is None, verify(root).differences) == (dead, False, ())


def test_directory_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite can keep no index of its log, a store that nobody writes to is read."""
    with write(root) as store:
        admit(store, events(2))
    connect = database._connect

    def refuse(path: Path, mode: str, *, immutable: bool = False) -> sqlite3.Connection:
        if not immutable:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(path, mode, immutable=immutable)

    monkeypatch.setattr(database, "_connect", refuse)
    with open_store(root) as reader:
        assert reader.head().size == 2
    (root / "ledger.db-wal").write_bytes(b"unfinished")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(root)


def test_no_write_ahead_log(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where SQLite cannot keep a write-ahead log no store is made."""
    monkeypatch.setattr(database, "_connect", lambda *_: sqlite3.connect(":memory:"))
    with pytest.raises(StoreError, match="write-ahead log"):
        write(root)


def test_lost_identity(root: Path) -> None:
    """A store that has lost its identity, state or heads says so and points to `verify`."""
    for table in ("heads", "ledger", "store"):
        write(root).close()
        connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
        connection.execute(f"CREATE TABLE kept AS SELECT * FROM {table}")  # noqa: S608
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
        connection.close()
        if table == "heads":
            with open_store(root) as reader, pytest.raises(NotFound):
                reader.head()
        elif table == "ledger":
            with open_store(root) as reader:
                assert "lost its state" in reader.warnings[0]
        else:
            with pytest.raises(StoreError, match="lost its identity"):
                open_store(root)
        connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
        connection.execute(f"INSERT INTO {table} SELECT * FROM kept")  # noqa: S608
        connection.execute("DROP TABLE kept")
        connection.close()


def test_nonsense_for_a_key(root: Path) -> None:
    """A key file that holds no key signs nothing."""
    with write(root) as store:
        key = outside.key_path(store.origin)
    key.write_text("nonsense")
    with pytest.raises(StoreReadOnly, match="is not the key"):
        write(root)
