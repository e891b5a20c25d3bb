"""What every test of a store needs: keys and kept heads that are not the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.store import Writer
from tests.store.making import Clock, furnish, write


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
def root(tmp_path: Path) -> Path:
    """Where the store of this test lies."""
    return tmp_path / "project" / ".headwater"


@pytest.fixture
def store(root: Path, clock: Clock) -> Iterator[Writer]:
    """An empty store, open for writing."""
    with write(root, now=clock) as writer:
        yield writer


@pytest.fixture(scope="session")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A closed store with something in every table, and its state home; to be copied, not used."""
    place = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(place / "state"))
        furnish(place / ".headwater")
    return place / ".headwater", place / "state"
