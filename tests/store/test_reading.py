"""What readers see: heads, claims, bytes, proofs, counts, caches."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from headwater.claims import project
from headwater.errors import NotFound, StoreError, StoreReadOnly
from headwater.ingest import admit, admit_label
from headwater.ledger import leaf, proof, tree
from headwater.ledger.checkpoint import open_checkpoint
from headwater.ledger.note import Verifier
from headwater.store import Store, Writer, layout, open_store, reading, rebuild, schema
from headwater.store.verifying import verify
from tests.store.dying import spawn
from tests.store.making import SECOND_US, START_US, Clock, event, events, write


def test_location_and_origin(store: Writer, root: Path) -> None:
    """A store knows where it lies and how its ledger is called."""
    assert (store.location, store.origin[:16]) == (root, "headwater.local/")


def test_signed_head(store: Writer) -> None:
    """The head is signed by the store's key, over the root of its leaves."""
    admit(store, events(5))
    head = open_checkpoint(store.signed_head(), [Verifier.decode(store.verifier)])
    leaves = [tree.leaf_hash(store.entry(index).leaf) for index in range(5)]
    assert (head, head.root) == (store.head(), tree.root_of(leaves))


def test_empty_store(store: Writer) -> None:
    """A new store has a signed head of no entries."""
    assert (store.head().size, store.head().root) == (0, tree.EMPTY_ROOT)


def test_entry(store: Writer, clock: Clock) -> None:
    """An entry's leaf names time, kind and the commitment to its bytes as they came."""
    body = event(1)
    admit(store, [body])
    entry = store.entry(0)
    (part,) = entry.parts
    stated = leaf.decode(entry.leaf)
    assert (stated.at, stated.kind, part.body) == (clock.at, "openlineage.run", body)
    assert stated.parts == (leaf.commit(part.salt or b"", body),)


def test_bodies(store: Writer) -> None:
    """Bodies come back byte for byte, and unknown entries are left out."""
    bodies = events(4)
    admit(store, bodies)
    assert store.bodies([3, 1, 99]) == {1: bodies[1], 3: bodies[3]}


def test_many_bodies(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """More bodies than one statement can name are read in several."""
    monkeypatch.setattr(reading, "LOOKUP_ROWS_MAX", 2)
    bodies = events(5)
    admit(store, bodies)
    assert store.bodies(range(5)) == dict(enumerate(bodies))


def test_kinds(store: Writer) -> None:
    """Kinds are those of the leaves."""
    admit(store, events(1))
    admit_label(store, "artifact:a/b", key="owner", value="x")
    assert store.kinds([0, 1, 2]) == {0: "openlineage.run", 1: "governance.label"}


def test_claims(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims come in entry order, up to a size, whatever the chunks they are read in."""
    monkeypatch.setattr(reading, "CLAIM_ENTRIES", 2)
    bodies = events(5)
    admit(store, bodies)
    expected = [
        claim
        for index in range(1, 4)
        for claim in project.project(index, "openlineage.run", bodies[index], at=0)
    ]
    assert list(store.claims(4, start=1)) == expected


def test_size_at(root: Path, clock: Clock) -> None:
    """A time maps to the number of entries admitted at or before it."""
    with write(root, now=clock) as store:
        for number in range(3):
            admit(store, events(2, start=2 * number))
            clock.move(10)
        sizes = [store.size_at(START_US + second * SECOND_US) for second in (-1, 0, 10, 19, 99)]
    assert sizes == [0, 2, 4, 4, 6]


def test_at_of_no_entry(store: Writer) -> None:
    """The time of an entry that does not exist is not found."""
    with pytest.raises(NotFound):
        store.at(0)


def test_unknown_entry(store: Writer) -> None:
    """An entry that does not exist is not found."""
    with pytest.raises(NotFound):
        store.entry(0)


@pytest.mark.parametrize("size", [1, 2, 7, 11])
def test_inclusion(store: Writer, size: int) -> None:
    """Every entry is provably in the tree of every later size."""
    admit(store, events(11))
    for index in range(size):
        hash_ = tree.leaf_hash(store.entry(index).leaf)
        path = store.inclusion(index, size)
        proof.verify_inclusion(hash_, index, size, path, store.root(size))


@pytest.mark.parametrize("old", [1, 4, 7, 11])
def test_consistency(store: Writer, old: int) -> None:
    """Every earlier tree is provably the beginning of the later one."""
    admit(store, events(11))
    proof.verify_consistency(old, store.root(old), 11, store.root(11), store.consistency(old, 11))


def test_tile(store: Writer) -> None:
    """A tile of level 0 is the hashes of its leaves."""
    admit(store, events(3))
    assert store.tile(0, 0, 3) == b"".join(store.entry(index).leaf_hash for index in range(3))


def test_missing_tile(store: Writer) -> None:
    """A tile beyond the tree is not found, at any level."""
    for level in (0, 1):
        with pytest.raises(NotFound):
            store.tile(level, 0, 1)


def test_actor(store: Writer) -> None:
    """A leaf names its actor by an opaque id; what that means is kept apart."""
    admit(store, events(1), by="ada@example.com")
    identity = leaf.decode(store.entry(0).leaf).by
    assert (store.actor(identity), store.actor("nobody")) == ("ada@example.com", None)


def test_same_actor(store: Writer) -> None:
    """An actor keeps its id."""
    for number in range(2):
        admit(store, [event(number)], by="ada")
    assert leaf.decode(store.entry(0).leaf).by == leaf.decode(store.entry(1).leaf).by


def test_idle_actor(store: Writer) -> None:
    """An actor whose events were all refused leaves no trace."""
    admit(store, [b"{}"], by="ada")
    assert store.stats()["actors"] == 0


def test_stats(store: Writer) -> None:
    """Counts are those of the tables."""
    admit(store, [*events(2), b"{}"])
    stats = store.stats()
    assert [stats[name] for name in ("entries", "claims", "actors", "rejected")] == [2, 6, 1, 1]


PARTS = {"one": memoryview(b"data" * 40_000), "two": memoryview(b""), "three": memoryview(b"end")}


def test_cache(store: Writer) -> None:
    """A cache gives back the sections that were kept, whole and in parts."""
    assert store.open_sections("graph.map") is None
    assert store.save_sections("graph.map", b"of this", PARTS)
    found = store.open_sections("graph.map")
    assert found is not None
    assert found.about == b"of this"
    assert {name: found.whole(name) for name in PARTS} == PARTS
    assert bytes(found.part("one", 70_001, 70_004)) == b"ata"


def test_damaged_cache(store: Writer, root: Path) -> None:
    """A section that was changed is not given, only the sound ones are; `verify` names the file."""
    store.save_sections("graph.map", b"", PARTS)
    path = root / "cache" / "graph.map"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    found = store.open_sections("graph.map")
    assert found is not None
    assert bytes(found.part("one", 0, 4)) == b"data"
    assert [one.place for one in verify(store).differences] == ["cache/graph.map"]
    with pytest.raises(StoreError, match="dropped"):
        found.whole("three")
    assert store.open_sections("graph.map") is None


@pytest.mark.parametrize("place", [0, 35, 41])
def test_cache_with_another_header(store: Writer, root: Path, place: int) -> None:
    """A cache whose seal, length or header was changed is none."""
    store.save_sections("graph.map", b"", PARTS)
    path = root / "cache" / "graph.map"
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert store.open_sections("graph.map") is None


def test_renamed_cache(store: Writer, root: Path) -> None:
    """A cache under another name is none: its seal covers the name."""
    store.save_sections("one", b"", PARTS)
    (root / "cache" / "one").rename(root / "cache" / "two")
    assert store.open_sections("two") is None


def test_cache_on_a_read_only_disk(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that cannot be written is no error."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(layout, "write_durably", refuse)
        assert not store.save_sections("graph.map", b"", PARTS)


@pytest.mark.parametrize("name", ["../format", "a/b", "", ".hidden", "x" * 129])
def test_cache_names(store: Writer, name: str) -> None:
    """A cache's name cannot lead out of its folder."""
    with pytest.raises(StoreError):
        store.save_sections(name, b"", PARTS)


def test_linked_cache(store: Writer, root: Path, tmp_path: Path) -> None:
    """A link that leads out of the store is not followed."""
    (root / "cache" / "away").symlink_to(tmp_path / "target")
    with pytest.raises(StoreError, match="leads out"):
        store.save_sections("away", b"", PARTS)


def test_a_cache_folder_that_leads_out(root: Path, tmp_path: Path) -> None:
    """Where the folder of caches is a link, nothing behind it is read, written or deleted."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "precious").write_text("not ours")
    with write(root) as store:
        admit(store, events(3))
        (root / layout.CACHE).rmdir()
        (root / layout.CACHE).symlink_to(away)
        for use in (
            lambda: rebuild(store),
            lambda: store.open_sections("graph.map"),
            lambda: store.save_sections("graph.map", b"", PARTS),
        ):
            with pytest.raises(StoreError, match="leads out"):
                use()
    assert [path.name for path in away.iterdir()] == ["precious"]
    assert ("unreadable", "cache") in {(one.kind, one.place) for one in verify(root).differences}


def test_a_cache_folder_that_is_the_store(root: Path) -> None:
    """Where the folder of caches is a link to the store, a rebuild deletes nothing of the store."""
    with write(root) as store:
        admit(store, events(3))
        (root / layout.CACHE).rmdir()
        (root / layout.CACHE).symlink_to(".")
        with pytest.raises(StoreError, match="is a link"):
            rebuild(store)
    assert (root / layout.DATABASE).is_file()
    (root / layout.CACHE).unlink()
    assert verify(root).differences == ()


def test_rebuild(root: Path) -> None:
    """Claims made again from the ledger are the ones that were there, and caches are gone."""
    seen: list[tuple[int, int]] = []
    with write(root) as store:
        admit(store, events(5))
        admit_label(store, "artifact:a/b", key="owner", value="x")
        before = list(store.claims(6))
        store.save_sections("graph.map", b"", PARTS)
        assert rebuild(store, lambda done, of: seen.append((done, of))) == len(before)
        assert (list(store.claims(6)), store.open_sections("graph.map")) == (before, None)
    assert (seen, verify(root).differences) == ([(6, 6)], ())


def test_rebuild_repairs(root: Path) -> None:
    """Edited claims are found, and made right by a rebuild."""
    with write(root) as store:
        admit(store, events(3))
        store._connection.execute("UPDATE claims SET body = x'7b7d' WHERE entry = 1")
        (difference,) = verify(store).differences
        assert (difference.kind, difference.index) == ("claims edited", 1)
        rebuild(store)
        assert verify(store).sound


def test_rebuild_beside_a_reader(root: Path) -> None:
    """A reader that stays open over a rebuild reads the same claims."""
    with write(root) as store:
        admit(store, events(3))
        with open_store(root) as reader:
            before = list(reader.claims(3))
            rebuild(store)
            assert list(reader.claims(3)) == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE",
        "INSERT INTO CLAIMS_BESIDE",
        "COMMIT",
        "DROP TABLE IF EXISTS CLAIMS",
        "ALTER TABLE",
        "DELETE FROM PROJECTION",
    ],
)
def test_death_in_a_rebuild(root: Path, statement: str) -> None:
    """A rebuild that is killed changes nothing for anybody, and the next writer clears it away."""
    with write(root) as store:
        admit(store, events(20))
        before = list(store.claims(20))
    process = spawn(root, statement, 0, 0)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert verify(root).differences == ()
    with open_store(root) as reader:
        assert list(reader.claims(20)) == before
    write(root).close()
    assert (verify(root).differences, verify(root).not_checked) == ((), ())


def test_rebuild_needs_the_writer(root: Path) -> None:
    """A reader cannot rebuild."""
    with open_store(root, create=True) as store, pytest.raises(StoreReadOnly):
        rebuild(store)


def test_other_rules(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims by other rules are refused to readers, and made again by the next writer."""
    with write(root) as store:
        admit(store, events(3))
    monkeypatch.setattr(schema, "RULES", schema.RULES + 1)
    with pytest.raises(StoreError, match="rules") as caught:
        open_store(root)
    assert "headwater rebuild" in str(caught.value.remedy)
    with write(root) as writer:
        assert (writer.rules(), writer.stats()["claims"]) == (schema.RULES, 9)
    with open_store(root) as reader:
        assert isinstance(reader, Store)


def test_read_only_directory(root: Path) -> None:
    """A store whose directory cannot be written to is read all the same."""
    with write(root) as store:
        admit(store, events(3))
    for path in (root, *root.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with open_store(root) as reader:
            assert len(list(reader.claims(3))) == 9
        assert verify(root).sound
    finally:
        for path in (root, *root.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_reader_changes_nothing(root: Path) -> None:
    """Reading leaves every byte of the database as it was."""
    with write(root) as store:
        admit(store, events(3))
    before = (root / layout.DATABASE).read_bytes()
    with open_store(root) as reader:
        list(reader.claims(3))
    assert (root / layout.DATABASE).read_bytes() == before
