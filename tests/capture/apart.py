"""Libraries that are large, or exclude what other tests need: each has an environment of its own.

`make .venv/torch/.ready` makes it, of `tests/capture/torch.txt`. Where that cannot be done, the
tests are skipped; `HEADWATER_TORCH=required` makes a failure of it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.capture.conftest import environment
from tests.capture.test_launching import command

_ENVIRONMENTS = Path(__file__).parents[2] / ".venv"


def python(library: str) -> str:
    """Name the interpreter that has a library."""
    return str(_ENVIRONMENTS / library / "bin" / "python")


def needs(library: str) -> pytest.MarkDecorator:
    """Skip tests where the environment of a library is not there."""
    ready = _ENVIRONMENTS / library / ".ready"
    required = os.environ.get(f"HEADWATER_{library.upper()}") == "required"
    reason = f"{library} is not installed: make {ready.relative_to(_ENVIRONMENTS.parent)}"
    if required and not ready.exists():
        raise RuntimeError(f"HEADWATER_{library.upper()}=required, but {reason}")
    return pytest.mark.skipif(not ready.exists(), reason=reason)


def run(library: str, project: Path, code: str, name: str = "job.py") -> str:
    """Capture a script that uses the library; it complains about nothing. Gives its output."""
    (project / name).write_text(code)
    done = subprocess.run(
        command(python(library), name),
        cwd=project,
        env=environment(project.parent),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
