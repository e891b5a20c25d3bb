"""The real command, in a process of its own, on a store of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Headwater = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def headwater(tmp_path: Path) -> Headwater:
    """Run `headwater` in `tmp_path`, with keys and heads kept below it."""
    home = tmp_path / "home"
    home.mkdir()
    place = tmp_path / "project"
    place.mkdir()
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("HEADWATER_")
    } | {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
    }

    def run(*words: str, given: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "headwater", *words],
            cwd=place,
            env=environ | more,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
