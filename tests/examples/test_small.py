"""The small examples do what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.capture.conftest import environment

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(tmp_path: Path, *command: str) -> str:
    """Run an example in a folder of its own, and give what it prints."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_hello_lineage_traces_its_model(tmp_path: Path) -> None:
    """Twenty lines of code print the model, its run and the file that it was made of."""
    text = (EXAMPLES / "hello_lineage.py").read_text()
    assert len([line for line in text.splitlines()[1:] if line.strip()]) <= 20
    printed = run(tmp_path, str(EXAMPLES / "hello_lineage.py")).splitlines()
    kinds = [line.partition(" ")[0] for line in printed]
    assert kinds == ["version", "run", "version"]
    assert "delay.json" in printed[0]
    assert "flights.csv" in printed[2]


def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    """Its cells, one after the other, print where the model came from and what changed."""
    notebook = json.loads((EXAMPLES / "lineage.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells)
    script = tmp_path / "cells.py"
    script.write_text("\n".join("".join(cell["source"]) for cell in cells))
    printed = run(tmp_path, str(script))
    assert "['model.json', 'features.json', 'flights.csv'] complete" in printed
    assert "per" in printed
