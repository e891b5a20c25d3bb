"""Processes that are killed at any moment: nothing that was started is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headwater.capture.roll import RUN
from headwater.shipping.streams import streams
from tests.capture.conftest import environment

KILLS = 5 * int(os.environ.get("HEADWATER_KILLS", "0")) or 50
"""`make faults` has 1,000."""
LIFE_SECONDS_MAX = 0.08
"""Within it a process opens some hundred files."""

WORK = """
import os
os.write(1, b"begun\\n")
for number in range(1_000_000):
    name = f"{os.getpid()}-{number}"
    with open(name, "w") as file:
        file.write("x")
    os.write(1, name.encode() + b"\\n")
"""


@pytest.mark.slow
def test_what_was_started_is_never_lost(tmp_path: Path) -> None:
    """Killed with -9 in the middle of work, a process leaves its run and every file that it opened.

    What it told after opening a file was recorded before: all of that is in its events, the run is
    closed as inferred, and nothing in the spool is damaged. `HEADWATER_KILLS` is how often.
    """
    chance = random.Random(KILLS)  # noqa: S311
    folder = tmp_path / "work"
    folder.mkdir()
    told: dict[int, list[str]] = {}
    for _ in range(KILLS):
        pid, lines = killed(folder, after=chance.random() * LIFE_SECONDS_MAX)
        told[pid] = lines
        for name in lines:
            (folder / name).unlink()
    found = {int(one.stem.split("-")[1]): one for one in streams(tmp_path / "store" / "spool")}
    assert set(told) <= set(found)
    for pid, names in told.items():
        events = [json.loads(event) for event in found[pid].events(hash_files=False)]
        assert found[pid].damage == []
        assert [events[0]["eventType"], events[-1]["eventType"]] == ["START", "ABORT"]
        assert "headwater_inferred" in events[-1]["run"]["facets"]
        # A run with more than 2,000 datasets ends with several events.
        outputs = [one for event in events for one in event["outputs"]]
        written = {Path(one["name"]).name for one in outputs}
        assert set(names) <= written
        # What it was killed in the middle of may be there too.
        assert len(written) <= len(names) + 1


def killed(folder: Path, *, after: float) -> tuple[int, list[str]]:
    """Start a captured process and kill it; give its id and what it told before."""
    environ = environment(folder.parent, HEADWATER_STORE=str(folder.parent / "store"))
    with subprocess.Popen(
        [sys.executable, "-c", WORK], cwd=folder, env=environ | {RUN: "x"}, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        told = process.stdout.read().decode()
    assert process.returncode == -signal.SIGKILL
    return process.pid, told.splitlines()
