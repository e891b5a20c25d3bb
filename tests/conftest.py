"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STARTERS = frozenset({"serve", "served", "run", "script", "headwater"})
"""The fixtures that start a service or a process."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that starts a service or a process is slow."""
    for item in items:
        if isinstance(item, pytest.Function) and not STARTERS.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the public vectors and golden data: beside the checkout, or HEADWATER_SHARED."""
    path = Path(os.environ.get("HEADWATER_SHARED") or ROOT.parent / "shared")
    if not path.is_dir():
        pytest.skip(f"the shared vectors and data are not beside the checkout: {path}")
    return path
