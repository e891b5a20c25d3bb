"""The index of a store: kept, mapped, caught up with, and made anew where it must be."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from headwater.index import catching, compiling, keeping, opening
from headwater.index.index import Index
from headwater.ingest import admit
from headwater.query.gateway import Gateway
from headwater.store import Store, open_store, sections
from tests.query.telling import PRODUCER, complete

SIZE = 40


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A store of some events, answered from an index."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)
    monkeypatch.setattr(opening, "_kept", opening._Kept())
    tell(tmp_path / "store", 0, SIZE)
    yield tmp_path / "store"


def tell(root: Path, start: int, end: int) -> None:
    """Admit runs that each read what the one before wrote."""
    events = [
        complete(number, f"{number // 60:02}:{number % 60:02}", f"job{number % 5}",
                 [f"t{number}"], [f"t{number + 1}"])
        for number in range(start, end)
    ]  # fmt: skip
    with open_store(root, mode="write", create=True) as store:
        admit(store, [msgspec.json.encode({"producer": PRODUCER, **event}) for event in events])


def nodes(store: Store, ref: str) -> int:
    """How many nodes an answer has."""
    return len(Gateway(store).trace(ref)["nodes"])


def begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process that has opened no index yet."""
    monkeypatch.setattr(opening, "_kept", opening._Kept())


def refuse(*_: Any) -> Any:
    """Stand in for what must not be called."""
    raise AssertionError


def test_new_events_are_caught_up_with(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question after new events is answered from the index before and them alone."""
    with open_store(root) as store:
        assert nodes(store, f"t{SIZE}") == 2 * SIZE + 1
        monkeypatch.setattr(compiling, "compile_graph", refuse)
        tell(root, SIZE, SIZE + 3)
        assert nodes(store, f"t{SIZE + 3}") == 2 * (SIZE + 3) + 1


def test_a_new_process_catches_up_with_what_is_on_disk(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mapped base is used whatever was admitted since."""
    with open_store(root) as store:
        nodes(store, "t1")
    tell(root, SIZE, SIZE + 3)
    begin_anew(monkeypatch)
    monkeypatch.setattr(compiling, "compile_graph", refuse)
    with open_store(root) as store:
        assert nodes(store, f"t{SIZE + 3}") == 2 * (SIZE + 3) + 1


def test_a_reader_keeps_its_snapshot(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked at the size that it began with, a gateway says the same while events come in."""
    with open_store(root) as store:
        gateway = Gateway(store)
        before = gateway.impact("t0")
        tell(root, SIZE, SIZE + 3)
        assert Gateway(store).impact("t0")["counts"]["runs"] == SIZE + 3
        assert gateway.impact("t0", at=str(SIZE)) == before
        with monkeypatch.context() as patch:
            patch.setattr(opening, "resolve", refuse)
            assert Gateway(store).impact("t0", at=str(SIZE)) == before
        begin_anew(monkeypatch)
        assert Gateway(store).impact("t0", at=str(SIZE)) == before


def test_too_much_is_made_anew(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where new events touch more runs than the limit, everything is compiled, and it is said."""
    with open_store(root) as store:
        nodes(store, "t1")
        monkeypatch.setattr(catching, "RUNS_MIN", 1)
        monkeypatch.setattr(catching, "RUNS_SHARE", 0)
        caplog.set_level(logging.INFO, "headwater.index")
        tell(root, SIZE, SIZE + 3)
        assert nodes(store, f"t{SIZE + 3}") == 2 * (SIZE + 3) + 1
    assert [record.message for record in caplog.records] == [
        "3 new entries touch so much that the index is made anew"
    ]


def test_many_new_events_are_compiled(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More new events than old ones are not caught up with."""
    with open_store(root) as store:
        nodes(store, "t1")
        monkeypatch.setattr(catching, "catch_up", refuse)
        tell(root, SIZE, 2 * SIZE + 1)
        assert nodes(store, f"t{2 * SIZE}") == 4 * SIZE + 1


def untouched(gateway: Gateway) -> list[int]:
    """Where in the file of an index lies what nobody has read yet."""
    lineage = gateway._snapshot(None).lineage
    assert isinstance(lineage, Index)
    mapped = lineage.sections
    assert isinstance(mapped, sections.Mapped)
    start = len(mapped._map) - len(mapped._data)
    chunks = enumerate(mapped._checked)
    return [start + chunk * sections.CHUNK_BYTES for chunk, checked in chunks if not checked]


def damage(path: Path, places: list[int]) -> None:
    """Change these bytes of a file in place, under whoever has mapped it."""
    with path.open("r+b") as file:
        for place in places:
            file.seek(place)
            byte = file.read(1)
            file.seek(place)
            file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("opened", [False, True])
def test_a_damaged_index_is_made_anew(
    root: Path, opened: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process notices it, though it is in use, drops it, says so, and answers from a new one."""
    monkeypatch.setattr(sections, "CHUNK_BYTES", 256)
    with open_store(root) as store:
        nodes(store, "t1")
    begin_anew(monkeypatch)
    path = root / "cache" / keeping.NAME
    sound = path.read_bytes()
    with open_store(root) as store:
        gateway = Gateway(store)
        if opened:
            gateway.show("t2")
            damage(path, untouched(gateway))
        else:
            damage(path, [len(sound) // 2])
        assert len(gateway.trace(f"t{SIZE}")["nodes"]) == 2 * SIZE + 1
        assert len(gateway.impact("t0")["nodes"]) == 2 * SIZE + 1
    assert path.read_bytes() == sound
    assert [record.message for record in caplog.records] == [
        f"the index of {root} was damaged; it is made anew"
    ]


def test_an_index_of_another_ledger_is_not_used(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is on disk only that is used which is of a beginning of this ledger."""
    with open_store(root) as store:
        nodes(store, "t1")
        found = store.open_sections(keeping.NAME)
        assert found is not None
        about = msgspec.structs.replace(keeping._decode(found.about), root=bytes(32), size=3)
        held = {name: found.whole(name) for name in ("owners", "kinds")}
        for named in (msgspec.msgpack.encode(about), b"nonsense"):
            assert store.save_sections(keeping.NAME, named, held)
            begin_anew(monkeypatch)
            assert nodes(store, "t1") == 3


def test_few_stores_are_kept(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The indexes of the stores that were asked last stay open."""
    monkeypatch.setattr(opening, "STORES_KEPT", 1)
    tell(tmp_path / "other", 0, 2)
    with open_store(root) as store, open_store(tmp_path / "other") as other:
        lineage = Gateway(store)._snapshot(None).lineage
        assert isinstance(lineage, Index)
        assert Gateway(store)._snapshot(None).lineage is lineage
        nodes(other, "t1")
        assert Gateway(store)._snapshot(None).lineage is not lineage


def heads(root: Path) -> opening._Heads:
    """What is kept of a store."""
    return opening._kept._found[root]


def test_what_was_caught_up_with_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process goes on from it; on another base, or damaged, it is not used."""
    monkeypatch.setattr(opening, "SAVED_SECONDS_MIN", 0)
    with open_store(root) as store:
        nodes(store, "t1")
        base = (root / "cache" / keeping.NAME).read_bytes()
        tell(root, SIZE, SIZE + 3)
        whole = nodes(store, f"t{SIZE + 3}")
        saving = heads(root)._saving
        assert saving is not None
        saving.join()
        later = root / "cache" / keeping.LATER
        kept = later.read_bytes()

        begin_anew(monkeypatch)
        with monkeypatch.context() as patch:
            patch.setattr(catching, "catch_up", refuse)
            assert nodes(store, f"t{SIZE + 3}") == whole

        damage(later, [len(kept) - 1])
        begin_anew(monkeypatch)
        assert nodes(store, f"t{SIZE + 3}") == whole
        assert (root / "cache" / keeping.NAME).read_bytes() != base

        later.write_bytes(kept)  # of the base before
        begin_anew(monkeypatch)
        monkeypatch.setattr(keeping, "_decode_overlay", refuse)
        assert nodes(store, f"t{SIZE + 3}") == whole


def test_a_new_base_is_made_aside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When much came after the base, the next answers stand on one into which it is merged."""
    monkeypatch.setattr(opening, "LATER_SHARE", 0)
    monkeypatch.setattr(opening, "LATER_THINGS_MIN", 1)
    monkeypatch.setattr(opening, "AT_ONCE_FACTOR", 1_000)
    with open_store(root) as store:
        before = Gateway(store)
        whole = before.impact("t0")
        monkeypatch.setattr(compiling, "compile_graph", refuse)
        tell(root, SIZE, SIZE + 3)
        nodes(store, f"t{SIZE + 3}")
        compacting = heads(root)._compacting
        assert compacting is not None
        compacting.join()
        (index,) = heads(root)._found.values()
        assert index.overlay.things == 0
        assert before.impact("t0", at=str(SIZE)) == whole
        assert nodes(store, f"t{SIZE + 3}") == 2 * (SIZE + 3) + 1
        assert Gateway(store)._snapshot(None).lineage is index


def test_a_base_that_nobody_made_aside_is_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends sooner than the thread that makes a base makes it at last itself."""
    monkeypatch.setattr(opening._Heads, "_go_on", lambda *_: None)
    with open_store(root) as store:
        nodes(store, "t1")
        tell(root, SIZE, SIZE + 3)
        nodes(store, "t1")
        monkeypatch.setattr(opening, "LATER_SHARE", 0)
        monkeypatch.setattr(opening, "LATER_THINGS_MIN", 1)
        tell(root, SIZE + 3, SIZE + 4)
        lineage = Gateway(store)._snapshot(None).lineage
        assert isinstance(lineage, Index)
        assert lineage.overlay.things == 0


def test_a_base_that_cannot_be_made_aside_is_said(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Questions are answered from what there is."""
    with open_store(root) as store:
        head = store.head()
        of = keeping.about(head, head.size)
        index = opening._kept.index(store, of)
    opening._Heads()._compact(root / "nowhere", of, index)
    (record,) = caplog.records
    assert record.message.startswith("no new base of the index of")


def test_an_index_that_does_not_agree_is_made_anew(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that names a version which is gone is no part of a new base, and it is said."""
    with open_store(root) as store:
        head = store.head()
        of = keeping.about(head, head.size)
        index = opening._kept.index(store, of)
        expected = Gateway(store).impact("t0")
        used = next(row[0] for run in range(SIZE) if len(row := index.links.used[run]))
        index.overlay.version[used] = None
        assert keeping.merged(store, index, of).overlay.things == 0
        opening._kept._found.clear()
        assert Gateway(store).impact("t0") == expected
    (record,) = caplog.records
    assert record.message == "the index does not agree about its versions; it is made anew"


def test_questions_are_answered_while_events_come_in(root: Path) -> None:
    """Threads ask, each with a store of its own, while another admits: every answer is whole."""
    wrong: list[object] = []

    def ask() -> None:
        with open_store(root) as store:
            for _ in range(15):
                document = Gateway(store).trace("t1")
                size = document["head"]["size"]
                reached = Gateway(store).impact("t0", at=str(size))["counts"]["runs"]
                if reached != size or len(document["nodes"]) != 3:
                    wrong.append((size, reached))

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(SIZE, SIZE + 12):
        tell(root, number, number + 1)
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_cannot_be_kept_is_said(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A link in place of the file is not followed."""
    with open_store(root) as store:
        head = store.head()
        index = opening._kept.index(store, keeping.about(head, head.size))
        (root / "cache" / keeping.LATER).symlink_to(root.parent / "elsewhere")
        opening._save(store, index, keeping.about(head, head.size))
    (record,) = caplog.records
    assert record.message.startswith("what came after the base of an index was not kept")


def test_a_long_compile_is_said_before(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where there are many entries, the log says that they are compiled, before they are."""
    monkeypatch.setattr(keeping, "SAID_ENTRIES_MIN", SIZE)
    caplog.set_level(logging.INFO, "headwater.index")
    with open_store(root) as store:
        monkeypatch.setattr(keeping, "resolve_whole", refuse)
        with pytest.raises(AssertionError):
            nodes(store, "t1")
    assert [record.message for record in caplog.records] == [
        f"making the index of {SIZE} entries: once, and some time"
    ]
