"""Pipelines of users, in processes of their own, and what their spools hold."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.capture import segments
from headwater.shipping.streams import streams
from tests.postgres import running

Script = Callable[..., "subprocess.CompletedProcess[str]"]
Launch = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """The environment of a process that knows no other store, key, parent or service."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HEADWATER_", "OPENLINEAGE_", "GITHUB_", "CI"))
    }
    return kept | {
        "HOME": str(tmp_path / "home"),
        "XDG_STATE_HOME": str(tmp_path / "home" / "state"),
        "HEADWATER_FILE_NAMESPACE": "host",
        "HEADWATER_SHIP": "no",
        **more,
    }


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database on a PostgreSQL of our own, with a password in it."""
    with running() as url:
        yield url


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder for a pipeline, with two files to read."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.csv").write_text("x\n1\n")
    (folder / "b.csv").write_text("y\n2\n")
    return folder


@pytest.fixture
def script(tmp_path: Path, project: Path) -> Script:
    """Run a script in the project, in a process of its own."""

    def run(
        code: str, *words: str, name: str = "pipeline.py", **more: str
    ) -> subprocess.CompletedProcess[str]:
        (project / name).write_text(code)
        return subprocess.run(
            [sys.executable, name, *words],
            cwd=project,
            env=environment(tmp_path, **more),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def launch(tmp_path: Path, project: Path) -> Launch:
    """Capture a script in the project; it has to work and to print nothing on standard error."""

    def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
        (project / "job.py").write_text(textwrap.dedent(code))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "headwater",
                "run",
                "--",
                *(words or (sys.executable, "job.py")),
            ],
            cwd=project,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        )
        assert done.stderr == ""
        return done

    return run


def records(project: Path) -> list[dict[str, Any]]:
    """Everything in the spool of a project."""
    held = segments.held(str(project / ".headwater" / "spool"))
    found = [list(segments.read(one.path)) for one in held]
    return [one.record for some in found for one in some if isinstance(one, segments.Read)]


def events(project: Path) -> list[dict[str, Any]]:
    """What the spool of a project says in OpenLineage."""
    import json

    folder = project / ".headwater" / "spool"
    return [json.loads(event) for stream in streams(folder) for event in stream.events()]


def last(project: Path, job: str) -> dict[str, Any]:
    """The last event of a job."""
    return [one for one in events(project) if one["job"]["name"] == job][-1]


def names(datasets: list[dict[str, Any]]) -> list[str]:
    """The last parts of the names of datasets."""
    return [one["name"].rpartition("/")[2] for one in datasets]


def came_from(project: Path, job: str = "job") -> dict[str, list[str] | None]:
    """What each output of a job came from, whichever process wrote it; None: not stated."""
    found: dict[str, list[str] | None] = {}
    for event in events(project):
        if event["job"]["name"] == job and event["eventType"] != "START":
            for one in event["outputs"]:
                stated = one["facets"].get("lineage")
                (name,) = names([one])
                if stated is not None:
                    found[name] = None if "_deleted" in stated else names(stated["inputs"])
                else:
                    found.setdefault(name, None)
    return found


def gaps(project: Path) -> list[str]:
    """All gaps of all runs."""
    return [
        gap
        for one in events(project)
        for gap in one["run"]["facets"].get("headwater_capture", {}).get("gaps", ())
    ]
