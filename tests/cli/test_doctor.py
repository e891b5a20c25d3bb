"""`headwater doctor` on capture: adapters, and what the last runs could not see."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from headwater.capture import spool
from headwater.capture.spool import Segment, frame
from headwater.cli import capturing
from tests.cli.conftest import Headwater


def report(headwater: Headwater, **more: str) -> dict[str, Any]:
    """What it says as a document."""
    return dict(json.loads(headwater("doctor", "--json", **more).stdout))


def test_each_library_that_is_installed_is_listed(headwater: Headwater) -> None:
    """With its version, and whether its adapter knows that."""
    found = {one["module"]: one for one in report(headwater)["adapters"]}
    assert found["pandas"]["supported"] is True
    assert found["pandas"]["version"].startswith("3.")
    assert found["pandas"]["problem"] is None
    assert "pandas 3." in headwater("doctor").stdout


def test_a_version_that_is_not_known_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The adapter would be taken out."""
    monkeypatch.setattr("headwater.capture.adapters.numpy.SUPPORTED", ((1, 24), (1, 25)))
    (numpy,) = (one for one in capturing.adapters() if one.module == "numpy")
    assert numpy.supported is False
    assert numpy.problem == f"version {numpy.version} is not known"


def test_a_broken_adapter_of_others_is_named(headwater: Headwater, tmp_path: Path) -> None:
    """An entry point that leads nowhere, or to no adapter, is listed with the reason."""
    info = tmp_path / "plugins" / "plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[headwater.adapters]\nsomewhere = nowhere_at_all\nelsewhere = empty_adapter\n"
    )
    (tmp_path / "plugins" / "empty_adapter.py").write_text("")
    path = {"PYTHONPATH": str(tmp_path / "plugins")}
    found = {one["module"]: one["problem"] for one in report(headwater, **path)["adapters"]}
    assert found["somewhere"] == "ModuleNotFoundError: No module named 'nowhere_at_all'"
    assert found["elsewhere"] == "it has no function `install`"
    assert "somewhere is not captured by nowhere_at_all" in headwater("doctor", **path).stdout


BROKEN = """
SUPPORTED = ((0, 1), (0, 2))
def install(module, patches):
    raise LookupError("no such function")
"""


def test_every_warning_of_the_last_runs_is_shown(headwater: Headwater, tmp_path: Path) -> None:
    """Not the first alone, which is the one that the program printed."""
    project = tmp_path / "project"
    (project / "one.py").write_text('__version__ = "0.3"')
    (project / "two.py").write_text('__version__ = "0.1"')
    (project / "broken.py").write_text(BROKEN)
    (project / "job.py").write_text("import one, two\nopen('x.txt', 'w').write('1')")
    done = headwater(
        "run", "--", sys.executable, "job.py",
        HEADWATER_ADAPTERS="one=broken,two=broken", HEADWATER_SHIP="no", PYTHONPATH=str(project),
    )  # fmt: skip
    assert done.stderr.count("not all lineage is recorded") == 1
    headwater("ship")
    (run,) = report(headwater)["store"]["gaps"]
    assert (run["job"], run["gaps"]) == (
        "job",
        [
            "one is not captured: version 0.3 is not known (from 0.1, before 0.2)",
            "two is not captured: LookupError('no such function')",
        ],
    )
    shown = headwater("doctor").stdout
    assert all(gap in shown for gap in run["gaps"])


def test_what_was_dropped_is_shown_with_the_reason(headwater: Headwater, tmp_path: Path) -> None:
    """By doctor, and by the status of shipping."""
    root = tmp_path / "project" / ".headwater"
    (root / "spool").mkdir(parents=True)
    segment = Segment(str(root / "spool"), "0000000000000001-1-00000000", 0)
    segment.append(frame({"k": "process", "v": spool.FORMAT, "at": 1, "pid": 1}))
    segment.append(frame({"k": "lost", "at": 2, "n": 7, "why": "No space left on device"}))
    segment.close()
    said = "7 records: No space left on device"
    assert report(headwater)["store"]["dropped"] == [said]
    assert f"Dropped: {said}" in headwater("ship", "--status").stdout


def test_packages_are_those_that_the_extra_needs() -> None:
    """The list is the metadata's, without Headwater itself."""
    assert {"msgspec", "litestar", "sqlglot", "uvicorn"} <= set(capturing.packages("server"))
    assert "headwater" not in capturing.packages("mcp")
