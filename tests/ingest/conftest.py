"""A store of its own for every test of admission."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.store import Writer
from tests.store.making import Clock, write


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep keys and heads of this test in a directory of its own."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    for name in ("HEADWATER_KEY", "HEADWATER_HEAD", "HEADWATER_STORE"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Writer]:
    """An empty store, open for writing."""
    with write(tmp_path / ".headwater", now=clock) as writer:
        yield writer
