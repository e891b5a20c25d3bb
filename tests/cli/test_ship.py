"""`headwater ship`, and commands that take in what waits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.capture.conftest import environment
from tests.capture.test_runs import TRAIN
from tests.cli.conftest import Headwater


@pytest.fixture
def recorded(headwater: Headwater, tmp_path: Path) -> None:
    """A program that recorded into the store that the command takes."""
    project = tmp_path / "project"
    (project / "a.csv").write_text("x\n1\n")
    subprocess.run(
        [sys.executable, "-c", TRAIN], cwd=project, env=environment(tmp_path), check=True
    )


@pytest.mark.usefixtures("recorded")
def test_status_says_what_waits_and_ship_sends_it(headwater: Headwater) -> None:
    """Before, all of it waits; after, nothing; the document has the counts."""
    shown = headwater("ship", "--status").stdout.splitlines()
    assert shown[0].startswith("4 events wait; ")
    assert shown[1].split()[:3] == ["4", "events", "train"]
    assert headwater("ship").stdout == "4 accepted, 0 duplicate, 0 rejected.\n"
    status = json.loads(headwater("ship", "--status", "--json").stdout)
    assert status["waiting"] == {"events": 0, "processes": 0, "running": 0, "bytes": 0}
    assert status["processes"] == []


@pytest.mark.usefixtures("recorded")
def test_a_question_takes_in_what_waits(headwater: Headwater) -> None:
    """Whoever asks right after the program has its lineage in the answer."""
    done = headwater("trace", "model.bin")
    assert "a.csv" in done.stdout
    assert done.stderr == ""


@pytest.mark.usefixtures("recorded")
def test_doctor_says_what_waits(headwater: Headwater) -> None:
    """What waits, and what is in quarantine."""
    report = json.loads(headwater("doctor", "--json").stdout)
    assert (report["store"]["pending"]["events"], report["store"]["quarantined"]) == (4, [])
    assert any("headwater ship" in one for one in report["suggestions"])


@pytest.mark.usefixtures("recorded")
def test_a_service_that_is_down_ends_with_the_remedy(headwater: Headwater) -> None:
    """Exit code 3, one message, and everything waits on."""
    done = headwater("ship", HEADWATER_URL="http://127.0.0.1:9")
    assert done.returncode == 3
    assert "headwater ship sends them later" in done.stderr
    assert headwater("ship", "--status").stdout.startswith("4 events wait; ")


@pytest.mark.usefixtures("recorded")
def test_status_says_why_nobody_takes_what_waits(headwater: Headwater) -> None:
    """What shipping said last, which pipelines start where nobody sees it; until it succeeds."""
    headwater("ship", HEADWATER_URL="http://127.0.0.1:9")
    first = json.loads(headwater("ship", "--status", "--json").stdout)["refused"]
    headwater("ship", HEADWATER_URL="http://127.0.0.1:9")
    again = json.loads(headwater("ship", "--status", "--json").stdout)["refused"]
    assert (again["since"], again["at"] > first["at"]) == (first["since"], True)
    assert "http://127.0.0.1:9 cannot be reached" in headwater("ship", "--status").stdout
    headwater("ship")
    assert "cannot be reached" not in headwater("ship", "--status").stdout
