"""A store beside a script that records into it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headwater.client import delivering
from tests.capture.conftest import environment
from tests.capture.test_runs import TRAIN


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store of a project that a script recorded into, with its key below `tmp_path`."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("HEADWATER_STORE", raising=False)
    monkeypatch.delenv("OPENLINEAGE_URL", raising=False)
    return tmp_path / ".headwater"


def record(root: Path, code: str = TRAIN) -> None:
    """Run a script beside the store."""
    project = root.parent
    (project / "a.csv").write_text("x\n1\n")
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True)


def ship(root: Path) -> dict[str, int]:
    """Ship, and give the counts."""
    tally = delivering.ship(root)
    assert tally is not None
    return tally.counts
