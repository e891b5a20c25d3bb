"""The page of figures says what was measured."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

RESULTS = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The program that writes the page."""
    spec = importlib.util.spec_from_file_location("_page", ROOT / "benchmarks" / "_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_and_results_agree(maker: ModuleType) -> None:
    """The page is what the committed figures make, to the letter."""
    assert maker.PAGE.read_text() == maker.render()


@pytest.mark.parametrize("path", RESULTS, ids=[path.stem for path in RESULTS])
def test_results_come_from_a_benchmark(path: Path) -> None:
    """Every file of figures names its benchmark, which is there, its machine and its samples."""
    result = json.loads(path.read_text())
    assert result["benchmark"] == path.stem
    assert (ROOT / "benchmarks" / f"{path.stem}.py").is_file()
    assert result["machine"]["cores"] > 0
    assert all(figure["samples"] for figure in result["figures"])


@pytest.mark.parametrize(
    ("goal", "median", "p95", "met"),
    [
        ("≤ 10 ms", 10.0, 20.0, True),
        ("≤ 10 ms", 10.1, 20.0, False),
        ("< 50 ms", 50.0, 50.0, False),
        ("≥ 3,000 events/s", 2_999.0, 4_000.0, False),
        ("≥ 3,000 events/s", 3_000.0, 4_000.0, True),
        ("p95 ≤ 0.1 ms", 0.01, 0.2, False),
        ("p50 ≤ 0.1 ms", 0.1, 0.2, True),
        ("flat", 1.0, 1.0, None),
        (None, 1.0, 1.0, None),
    ],
)
def test_a_goal_is_compared(
    maker: ModuleType, goal: str | None, median: float, p95: float, met: bool | None
) -> None:
    """A figure is compared with its goal as the goal says: by its median or p95, from one side."""
    figure = {"what": "x", "unit": "ms", "goal": goal, "median": median, "p95": p95}
    assert maker._met(figure) is met


def test_what_misses_its_goal_is_listed(maker: ModuleType) -> None:
    """Each figure that misses its goal stands at the beginning of the page, with both."""
    figure = {"what": "a read", "unit": "µs", "goal": "≤ 10 µs", "median": 12.0, "p95": 13.0}
    said = maker._goals([("A start, and an end", {"figures": [figure, {**figure, "median": 9.0}]})])
    assert "Of 2 figures that have a goal, 1 meet it" in said
    assert "| [A start, and an end](#a-start-and-an-end) | a read | 12 µs | ≤ 10 µs |" in said


def test_remarks_are_about_benchmarks(maker: ModuleType) -> None:
    """What the page says of its own accord is about figures that it shows."""
    assert set(maker.REMARKS) <= {path.stem for path in RESULTS}
