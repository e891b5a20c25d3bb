"""`verify` finds every edited row and every flipped byte, and says which entry it is.

`HEADWATER_EXAMPLES` raises the number of edits and of flips.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import StoreMissing
from headwater.ingest import admit
from headwater.ledger.checkpoint import parse_checkpoint, sign_checkpoint
from headwater.ledger.note import Signer, parse_note
from headwater.ledger.tree import leaf_hash
from headwater.store import layout, open_store, outside, pages, rows, sharing
from headwater.store.verifying import Report, verify
from tests.store.making import events, write

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))
TABLES = (
    "store",
    "ledger",
    "entries",
    "parts",
    "nodes",
    "heads",
    "answered",
    "receipts",
    "actors",
    "rejected",
    "claims",
    "projection",
)


@pytest.fixture
def copy(full_store: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a sound store in another place, with its head and key where they were."""
    source, state = full_store
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    return Path(shutil.copytree(source, tmp_path / "copy"))


def edit(root: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Change rows as somebody with a SQLite shell would."""
    connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
    for statement, values in statements:
        connection.execute(statement, values)
    connection.close()


def dice(seed: int) -> random.Random:
    """Chance that falls the same way every time."""
    return random.Random(seed)  # noqa: S311


def kinds(report: Report) -> set[tuple[str, str, int | None]]:
    """What the report says, without the details."""
    return {(one.kind, one.place, one.index) for one in report.differences}


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Names of a table's columns."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def other(value: Any, chance: random.Random) -> Any:
    """Make a different value of the same type."""
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 7, 1000])
    if isinstance(value, bytes):
        if not value:
            return b"x"
        at = chance.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
    if isinstance(value, str):
        first = "z" if value.startswith("y") else "y"
        return value + "x" if chance.random() < 0.5 else first + value[1:]
    return "was null"


class Vandal:
    """Somebody with a SQLite shell who changes one row of one table, by chance."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        """Choose a table and a row of it."""
        self._connection = sqlite3.connect(root / "ledger.db", isolation_level=None)
        self._chance = chance
        self._table = chance.choice(TABLES)
        self._names = columns(self._connection, self._table)
        self._rows = self._connection.execute(f"SELECT * FROM {self._table}").fetchall()  # noqa: S608
        self._row = chance.choice(self._rows)

    def act(self) -> str:
        """Change, remove, insert or exchange; say what was done."""
        kind = self._chance.choice([self.change, self.change, self.remove, self.insert, self.swap])
        try:
            done = kind()
        except sqlite3.IntegrityError:
            done = ""
        while not done:
            try:
                done = self.change()
            except sqlite3.IntegrityError:
                continue
        self._connection.close()
        return f"{done} in {self._table}: {self._row}"

    def change(self) -> str:
        """Give one column of the row another value."""
        column = self._chance.choice(self._names)
        value = other(self._row[self._names.index(column)], self._chance)
        self._set(self._row, column, value)
        return f"{column} changed to {value!r}"

    def remove(self) -> str:
        """Delete the row."""
        self._connection.execute(f"DELETE FROM {self._table} WHERE {self._where()}", self._row)  # noqa: S608
        return "row removed"

    def insert(self) -> str:
        """Put in a row like it."""
        made = tuple(other(value, self._chance) for value in self._row)
        marks = ", ".join("?" * len(made))
        self._connection.execute(f"INSERT INTO {self._table} VALUES ({marks})", made)  # noqa: S608
        return f"row put in: {made}"

    def swap(self) -> str:
        """Exchange the contents of two rows in one column; nothing if they are equal."""
        column = "body" if self._table == "parts" else self._names[-1]
        place = self._names.index(column)
        second = self._chance.choice(self._rows)
        if second[place] == self._row[place]:
            return ""
        self._set(self._row, column, second[place])
        self._set(second, column, self._row[place])
        return f"{column} exchanged with {second}"

    def _set(self, row: tuple[Any, ...], column: str, value: Any) -> None:
        statement = f"UPDATE {self._table} SET {column} = ? WHERE {self._where()}"  # noqa: S608
        self._connection.execute(statement, (value, *row))

    def _where(self) -> str:
        return " AND ".join(f"{name} IS ?" for name in self._names)


def test_sound_store(copy: Path) -> None:
    """A copy of a sound store, in another place, has no differences and nothing unchecked."""
    report = verify(copy)
    assert (report.differences, report.not_checked) == ((), ())


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_row_edits(copy: Path, seed: int) -> None:
    """A row that is changed, removed, put in or exchanged is found by its content alone."""
    (copy / layout.PAGES).unlink()
    done = Vandal(copy, dice(seed)).act()
    assert not verify(copy).sound, done


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_byte_flips(copy: Path, seed: int) -> None:
    """A flipped bit anywhere in the database file is found."""
    chance = dice(seed)
    data = bytearray((copy / layout.DATABASE).read_bytes())
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    (copy / layout.DATABASE).write_bytes(data)
    assert not verify(copy).sound, at


EDITS = [
    ("UPDATE parts SET body = x'00' WHERE entry = 5", ("changed", "entry", 5)),
    ("UPDATE parts SET salt = zeroblob(16) WHERE entry = 5", ("changed", "entry", 5)),
    ("UPDATE parts SET salt = NULL, body = NULL WHERE entry = 5", ("missing", "entry", 5)),
    ("UPDATE parts SET number = 1 WHERE entry = 5", ("changed", "entry", 5)),
    ("UPDATE parts SET key = 'k' WHERE entry = 5", ("changed", "entry", 5)),
    ("DELETE FROM parts WHERE entry = 5", ("missing", "entry", 5)),
    ("UPDATE entries SET leaf = x'00' WHERE entry = 5", ("changed", "entry", 5)),
    ("UPDATE entries SET hash = zeroblob(32) WHERE entry = 5", ("changed", "entry", 5)),
    ("DELETE FROM entries WHERE entry = 5", ("missing", "entry", 5)),
    ("INSERT INTO entries VALUES (500, x'00', x'00')", ("inserted", "entry", 500)),
    ("INSERT INTO entries VALUES (-1, x'00', x'00')", ("inserted", "entry", -1)),
    ("DELETE FROM nodes WHERE level = 1 AND place = 2", ("missing", "entry", 4)),
    ("INSERT INTO nodes VALUES (40, 9, zeroblob(32))", ("inserted", "nodes", None)),
    ("DELETE FROM claims WHERE entry = 5", ("claims edited", "entry", 5)),
    ("UPDATE claims SET total = 9 WHERE entry = 5", ("claims edited", "entry", 5)),
    ("UPDATE claims SET body = x'90' WHERE entry = 5", ("claims edited", "entry", 5)),
    ("INSERT INTO claims VALUES (500, 0, x'7b7d')", ("inserted", "claims", None)),
    ("DELETE FROM receipts WHERE entry = 5", ("missing", "entry", 5)),
    ("UPDATE receipts SET entry = 6 WHERE entry = 5", ("changed", "entry", 5)),
    ("UPDATE receipts SET second = 7 WHERE entry = 5", ("missing", "entry", 5)),
    ("DELETE FROM heads WHERE size = 0", ("missing", "head", None)),
    ("DELETE FROM heads WHERE size = (SELECT max(size) FROM heads)", ("missing", "head", None)),
    ("UPDATE heads SET size = 3 WHERE size = 0", ("changed", "head", None)),
    ("DELETE FROM actors WHERE meaning = 'ada'", ("missing", "actors", None)),
    ("UPDATE actors SET meaning = 'eve' WHERE meaning = 'ada'", ("changed", "actors", None)),
    ("DELETE FROM rejected WHERE number = 2", ("missing", "rejected", None)),
    ("UPDATE rejected SET problems = '[]' WHERE number = 2", ("changed", "rejected", None)),
    ("UPDATE ledger SET epoch = 99", ("changed", "ledger", None)),
    ("UPDATE ledger SET size = size - 1", ("changed", "ledger", None)),
    ("DELETE FROM ledger", ("unreadable", "ledger", None)),
    ("UPDATE store SET secret = zeroblob(32)", ("changed", "store", None)),
    ("DELETE FROM store", ("unreadable", "ledger.db", None)),
    ("UPDATE projection SET rules = 7", ("changed", "projection", None)),
    ("CREATE INDEX mine ON entries (hash)", ("inserted", "schema", None)),
    ("DROP TABLE rejected", ("missing", "schema", None)),
    ("PRAGMA user_version = 9", ("changed", "ledger.db", None)),
]


@pytest.mark.parametrize(("statement", "expected"), EDITS, ids=[edit[0] for edit in EDITS])
def test_named_edits(copy: Path, statement: str, expected: tuple[str, str, int | None]) -> None:
    """Each kind of edit is named for what it is, at its entry or table."""
    (copy / layout.PAGES).unlink()
    edit(copy, (statement, ()))
    assert expected in kinds(verify(copy))


def test_exchanged_entries(copy: Path) -> None:
    """Two entries that changed places, bodies and all, are named as reordered."""
    edit(
        copy,
        ("CREATE TABLE x AS SELECT entry, leaf FROM entries WHERE entry IN (3, 4)", ()),
        (
            "UPDATE entries SET leaf = (SELECT leaf FROM x WHERE x.entry = 7 - entries.entry)"
            " WHERE entry IN (3, 4)",
            (),
        ),
        ("DROP TABLE x", ()),
    )
    reordered = {("reordered", "entry", 3), ("reordered", "entry", 4)}
    assert reordered <= kinds(verify(copy))


@pytest.mark.parametrize("name", ["format", ".gitignore", "writer.json", "ledger.pages"])
@pytest.mark.parametrize("seed", range(5))
def test_flips_in_the_other_files(copy: Path, name: str, seed: int) -> None:
    """A flipped bit in any other file of the store is found, and the file is named."""
    chance = dice(seed)
    data = bytearray((copy / name).read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    (copy / name).write_bytes(data)
    assert ("changed", name, None) in kinds(verify(copy))


def test_flipped_body_names_the_entry(copy: Path) -> None:
    """One byte flipped in the file, in the body of an event, leads to the name of its entry."""
    data = bytearray((copy / layout.DATABASE).read_bytes())
    connection = sqlite3.connect(copy / "ledger.db")
    (body,) = connection.execute("SELECT body FROM parts WHERE entry = 7").fetchone()
    connection.close()
    at = data.index(body) + 20
    data[at] ^= 1
    (copy / layout.DATABASE).write_bytes(data)
    assert ("changed", "entry", 7) in kinds(verify(copy))


def test_unreadable_page(copy: Path) -> None:
    """Behind a page that cannot be read, everything else is still checked."""
    connection = sqlite3.connect(copy / "ledger.db")
    (page,) = connection.execute(
        "SELECT pageno FROM dbstat WHERE name = 'parts' AND pagetype = 'leaf' LIMIT 1"
    ).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    data = bytearray((copy / layout.DATABASE).read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    (copy / layout.DATABASE).write_bytes(data)
    report = verify(copy)
    assert ("changed", f"page {page}", None) in kinds(report)
    assert any(kind == "unreadable" and place == "entry" for kind, place, _ in kinds(report))
    assert report.checked["leaves"] > 100


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 4080])
def test_no_database(copy: Path, content: bytes) -> None:
    """A file that is no database at all is a difference, not an error."""
    (copy / layout.DATABASE).write_bytes(content)
    assert not verify(copy).sound


def test_no_store(tmp_path: Path) -> None:
    """Where there is no store there is nothing to verify, and that is said."""
    with pytest.raises(StoreMissing):
        verify(tmp_path)


def test_signed_by_another_key(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store whose key and heads were replaced by consistent ones is named as re-signed."""
    connection = sqlite3.connect(copy / "ledger.db", isolation_level=None)
    identity = rows.read_identity(connection)
    forger = Signer.generate(identity.origin, b"\x07" * 32)
    forged = identity._replace(key=forger.verifier.encode())
    connection.execute("UPDATE store SET key = ?, seal = ?", (forged.key, forged.seal()))
    for size, signed in connection.execute("SELECT size, note FROM heads").fetchall():
        head = parse_checkpoint(parse_note(signed)[0])
        connection.execute(
            "UPDATE heads SET note = ? WHERE size = ?", (sign_checkpoint(head, forger), size)
        )
    connection.close()
    (copy / layout.PAGES).unlink()
    found = kinds(verify(copy))
    assert {("re-signed", "store", None), ("re-signed", "head", None)} <= found


def test_without_key_and_head(
    copy: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine a sound copy is sound, and it is said what could not be noticed there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(state_home))
    report = verify(copy)
    assert (report.sound, len(report.not_checked)) == (True, 2)


def test_changes_left_in_the_log(copy: Path, tmp_path: Path) -> None:
    """Changes that stand only in SQLite's log, made after a clean close, are found."""
    connection = sqlite3.connect(copy / "ledger.db", isolation_level=None)
    connection.execute("CREATE TABLE mine (x)")
    report = verify(copy)
    connection.close()
    assert ("inserted", "ledger.db-wal", None) in kinds(report)


def test_tree_only(copy: Path) -> None:
    """The tree alone is checked when that is asked, and the report says what was left out."""
    edit(copy, ("UPDATE claims SET body = x'00' WHERE entry = 5", ()))
    report = verify(copy, tree_only=True)
    assert (report.sound, "claims" in report.not_checked[0]) == (True, True)


@pytest.mark.parametrize("sample", [0, 10])
def test_sample(copy: Path, sample: int) -> None:
    """A sample checks that many entries' contents, and says how many it did not."""
    report = verify(copy, sample=sample)
    size = report.checked["leaves"]
    assert report.checked.get("receipts", 0) == sample
    assert f"of {size - sample} entries" in report.not_checked[0]


def test_whole_sample(copy: Path) -> None:
    """A sample that is no smaller than the ledger is the whole of it."""
    assert verify(copy, sample=10_000).not_checked == ()


@pytest.mark.parametrize("given", ["size", "head"])
def test_since(copy: Path, given: str) -> None:
    """From a size or a head on, only what came after it is checked, and so it is said."""
    with open_store(copy) as store:
        signed = store.heads()[2]
        size = int(signed.split(b"\n")[1])
        whole = store.head().size
    report = verify(copy, since=size if given == "size" else signed)
    assert (report.sound, report.checked["leaves"]) == (True, whole - size)
    assert f"entries before {size}" in report.not_checked[0]


def test_since_a_foreign_head(copy: Path) -> None:
    """A head that this ledger does not continue is a difference."""
    report = verify(copy, since=b"no head at all")
    assert ("changed", "head", None) in kinds(report)


def test_beside_a_writer(root: Path) -> None:
    """A store that is being written to verifies, and it is said that pages were not compared."""
    with write(root) as store:
        admit(store, events(5))
        report = verify(store)
    assert (report.differences, "a writer has the store open" in report.not_checked[0]) == (
        (),
        True,
    )


def test_large_files_have_no_digests(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit no page digests are written, and verification says so."""
    monkeypatch.setattr(pages, "FILE_BYTES_MAX", 10)
    write(root).close()
    assert "closed cleanly or is above" in verify(root).not_checked[0]


def test_longer_file(copy: Path) -> None:
    """Bytes put behind the database file, or taken off it, are found."""
    data = (copy / layout.DATABASE).read_bytes()
    for changed in (data + b"\x00" * 4096, data[:-4096]):
        (copy / layout.DATABASE).write_bytes(changed)
        assert any(place.startswith("page ") for _, place, _ in kinds(verify(copy)))


def test_progress(copy: Path) -> None:
    """Progress counts the entries, up to all of them."""
    seen: list[tuple[int, int]] = []
    verify(copy, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1][0] == seen[-1][1]


def test_difference_as_text(copy: Path) -> None:
    """A difference reads as a sentence that names the entry."""
    edit(copy, ("DELETE FROM receipts WHERE entry = 5", ()))
    assert "entry 5 missing: the mark that finds its repeats" in map(str, verify(copy).differences)


@pytest.fixture
def shared_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes to share the work, however small it is."""
    monkeypatch.setattr(sharing, "SHARED_ENTRIES_MIN", 0)
    monkeypatch.setattr(sharing, "CHUNK_ENTRIES", 16)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def test_shared_work(copy: Path, shared_work: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes check as much as one does."""
    seen: list[tuple[int, int]] = []
    report = verify(copy, progress=lambda done, of: seen.append((done, of)))
    monkeypatch.setattr(sharing, "SHARED_ENTRIES_MIN", 10**9)
    assert (report, seen[-1][0]) == (verify(copy), seen[-1][1])


def test_shared_work_on_damage(copy: Path, shared_work: None) -> None:
    """What one of several processes finds is named as one process names it."""
    edit(copy, ("UPDATE claims SET body = x'00' WHERE entry = 100", ()))
    assert ("claims edited", "entry", 100) in kinds(verify(copy))


@pytest.mark.parametrize(("first", "end"), [(0, 50), (37, 90)])
def test_a_share(copy: Path, first: int, end: int) -> None:
    """A share compares its range, of any beginning."""
    report = sharing.compare_share(copy, first, end).report()
    assert (report.sound, report.checked["receipts"]) == (True, end - first)


def test_share_as_a_process(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A share prints how far it is and what it checked; its exit code says whether it is sound."""
    assert sharing.main(str(copy), "0", "50") == 0
    *done, checked = capsys.readouterr().out.split("\n")[:-1]
    assert (done, json.loads(checked)["receipts"]) == (["50"], 50)
    edit(copy, ("DELETE FROM receipts WHERE entry = 5", ()))
    assert sharing.main(str(copy), "0", "50") == 1


def test_lost_share(copy: Path, shared_work: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a process cannot do its share, one process does it all."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert verify(copy).differences == ()


def retype(root: Path, table: str) -> None:
    """Take the types off a table, as bytes written past SQLite would."""
    edit(
        root,
        ("PRAGMA writable_schema = ON", ()),
        ("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = ?", (table,)),
    )


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("parts", "UPDATE parts SET body = 'text' WHERE entry = 5"),
        ("entries", "UPDATE entries SET leaf = 'text' WHERE entry = 5"),
        ("entries", "UPDATE entries SET hash = 7 WHERE entry = 5"),
    ],
)
def test_cells_of_another_type(copy: Path, table: str, statement: str) -> None:
    """A cell of a type that its column cannot have is named at its entry."""
    retype(copy, table)
    edit(copy, (statement, ()))
    assert ("unreadable", "entry", 5) in kinds(verify(copy))


def test_leaf_that_is_no_leaf(copy: Path) -> None:
    """A leaf of another form, its hash and nodes made to fit, is still named."""
    edit(
        copy,
        ("UPDATE entries SET leaf = x'7b7d', hash = ? WHERE entry = 5", (leaf_hash(b"{}"),)),
    )
    assert ("changed", "entry", 5) in kinds(verify(copy))


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [(b"PRIVATE+KEY+nonsense", 0o600, "changed"), (None, 0o644, None)],
)
def test_our_own_key(root: Path, content: bytes | None, mode: int, expected: str | None) -> None:
    """A key of ours that cannot be read or trusted is said, and the rest is checked."""
    with write(root) as store:
        admit(store, events(2))
        path = outside.key_path(store.origin)
    path.write_bytes(content or path.read_bytes())
    path.chmod(mode)
    report = verify(root)
    assert [one.kind for one in report.differences] == ([expected] if expected else [])
    assert len(report.not_checked) == (0 if expected else 1)
