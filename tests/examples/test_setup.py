"""What a fresh machine needs: the lock, the Makefile, and a base without dependencies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """Pretend to be an interpreter that is too old."""
    script = tmp_path / "python3.9"
    script.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 || exit 1\n')
    script.chmod(0o755)
    return script


def headwater(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with nothing but the standard library to import from."""
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); "
        f"from headwater.cli import main; sys.exit(main({list(words)!r}))"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start], capture_output=True, check=False, text=True
    )


def test_the_base_has_no_dependencies() -> None:
    """`pip install headwater` installs nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == []


def test_the_command_starts_without_any_package() -> None:
    """The base gives the `headwater` command: help needs the standard library only."""
    done = headwater("--help")
    assert (done.returncode, "trace" in done.stdout) == (0, True)


def test_a_command_that_needs_the_extra_says_how_to_install_it(tmp_path: Path) -> None:
    """In the base, a command of the server part ends with the line that installs it."""
    events = tmp_path / "events.ndjson"
    events.write_text("{}\n")
    done = headwater("import", str(events), "--store", str(tmp_path / "store"))
    assert (done.returncode, "pip install 'headwater[server]'" in done.stderr) == (2, True)


def test_the_lock_has_every_dependency_with_a_hash() -> None:
    """What pyproject.toml asks for is in the lock at one version, and hashed: else `make lock`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *settings["project"]["optional-dependencies"]["server"],
        *(one for group in settings["dependency-groups"].values() for one in group),
    ]
    names = {re.split(r"[\[<>=!~; ]", one)[0].lower() for one in asked}
    entry = re.compile(r"^([a-z0-9-]+)==\S+.*\\\n +--hash=sha256:", re.MULTILINE)
    assert names - set(entry.findall(LOCK.read_text())) == set()


def test_the_lock_names_no_host() -> None:
    """The lock is good on any machine: it holds no index, URL or path of the one it was made on."""
    assert re.findall(r"https?:|file:|--index|--find-links|@ ", LOCK.read_text()) == []


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_refuses_an_old_python(old_python: Path, tmp_path: Path) -> None:
    """With a Python before 3.11, make ends with what it needs and how to name another."""
    done = subprocess.run(
        ["make", "test", f"PYTHON={old_python}", f"VENV={tmp_path / 'venv'}"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": ""},
        text=True,
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "is Python 3.9.2. Name another: make PYTHON=python3.12 test" in done.stderr
