"""Handing over: who starts a shipper, and who need not."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

import pytest

from headwater.capture import handover
from headwater.shipping.shipping import turn


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The shippers that are started, by their store."""
    found: list[str] = []

    def start(_path: str, words: list[str], _environ: dict[str, str], **_: object) -> int:
        found.append(words[-1])
        return 1

    monkeypatch.setattr(os, "posix_spawn", start)
    monkeypatch.setattr(os, "waitpid", lambda pid, options: (pid, 0))
    monkeypatch.delenv(handover.SHIP, raising=False)
    monkeypatch.setenv("HEADWATER_URL", "http://127.0.0.1:9")
    return found


def test_a_shipper_is_started_beside_one_that_works(tmp_path: Path, started: list[str]) -> None:
    """It waits for its turn: the one that works may have passed what was recorded since."""
    with turn(tmp_path):
        handover.now(str(tmp_path))
    assert started == [str(tmp_path)]


def test_none_is_started_where_one_waits(tmp_path: Path, started: list[str]) -> None:
    """That one takes what was recorded by now."""
    with turn(tmp_path), (tmp_path / "spool" / handover.NEXT).open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        handover.now(str(tmp_path))
        assert started == []
    handover.now(str(tmp_path))
    assert started == [str(tmp_path)]


def test_the_first_shipper_of_a_store_is_started(tmp_path: Path, started: list[str]) -> None:
    """There nobody has taken turns yet."""
    handover.now(str(tmp_path / "new"))
    assert started == [str(tmp_path / "new")]


def test_who_is_started_has_the_place_of_who_is_next_from_then_on(tmp_path: Path) -> None:
    """Not only when it has got so far as to take it: until then others would start theirs."""
    (tmp_path / "spool").mkdir()
    place = handover._place(str(tmp_path))
    assert place is not None
    program = "print(os.path.samestat(os.fstat(9), os.stat('spool/ship.next')))"
    shown = spawned(program, handover._only(place), tmp_path)
    os.close(place)
    assert shown == "True\n"


def test_a_shipper_holds_nothing_that_the_program_had_open(tmp_path: Path) -> None:
    """Who reads a pipe of the program to its end waits for the program, and for no shipper."""
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        program = f"print(os.path.exists('/proc/self/fd/{writing}'))"
        assert spawned(program, handover._only(-1), tmp_path) == "False\n"
    finally:
        os.close(reading)
        os.close(writing)


def test_who_is_next_lets_a_while_pass_after_the_last_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends meanwhile is shipped with it; whoever asks for shipping by hand need not wait."""
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    for expected in (0, 1):
        (tmp_path / "spool").mkdir(exist_ok=True)
        place = handover._place(str(tmp_path))
        monkeypatch.setenv(handover.PLACE, str(place))
        with turn(tmp_path, wait=1.0) as ours:
            assert ours
            assert len(paused) == expected
    with turn(tmp_path, wait=1.0) as ours:
        assert (ours, len(paused)) == (True, 1)
    assert 0 < paused[0] <= handover.EVERY_SECONDS


def spawned(program: str, actions: list[tuple[int, ...]], folder: Path) -> str:
    """What a program prints that is started as a shipper is."""
    shown = folder / "shown"
    opened = (os.POSIX_SPAWN_OPEN, 1, str(shown), os.O_WRONLY | os.O_CREAT, 0o644)
    words = [sys.executable, "-S", "-c", f"import os; os.chdir({str(folder)!r}); {program}"]
    os.waitpid(os.posix_spawn(sys.executable, words, {}, file_actions=[*actions, opened]), 0)
    return shown.read_text()
