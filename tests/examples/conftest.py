"""The flights example as modules: its scripts import each other by bare names."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"


@pytest.fixture
def flights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of the example by name, with `tmp_path` as the place of its files."""
    monkeypatch.setenv("FLIGHTS_HOME", str(tmp_path))
    monkeypatch.setenv("HEADWATER_STORE", str(tmp_path / ".headwater"))
    monkeypatch.setenv("HEADWATER_SHIP", "no")
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "test-host")
    monkeypatch.syspath_prepend(str(FLIGHTS))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(FLIGHTS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
