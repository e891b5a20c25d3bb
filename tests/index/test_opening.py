"""The index of a store: kept, mapped, caught up with, and made anew where it must be."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from headwater.index import catching, compiling, opening
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


def test_a_reader_keeps_its_snapshot(root: Path) -> None:
    """Asked at the size that it began with, a gateway says the same while events come in."""
    with open_store(root) as store:
        gateway = Gateway(store)
        before = gateway.impact("t0")
        tell(root, SIZE, SIZE + 3)
        assert Gateway(store).impact("t0")["counts"]["runs"] == SIZE + 3
        assert gateway.impact("t0", at=str(SIZE)) == before


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
        monkeypatch.setattr(opening, "catch_up", refuse)
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
    path = root / "cache" / opening.NAME
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
        found = store.open_sections(opening.NAME)
        assert found is not None
        about = msgspec.structs.replace(opening._decode(found.about), root=bytes(32), size=3)
        held = {name: found.whole(name) for name in ("owners", "kinds")}
        for named in (msgspec.msgpack.encode(about), b"nonsense"):
            assert store.save_sections(opening.NAME, named, held)
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
