"""Handing over: who starts a shipper, and who need not."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from headwater.capture import handover
from headwater.shipping.shipping import turn


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The shippers that are started, by their store."""
    found: list[str] = []

    def start(_path: str, words: list[str], _environ: dict[str, str]) -> int:
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
