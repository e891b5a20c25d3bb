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


def test_remarks_are_about_benchmarks(maker: ModuleType) -> None:
    """What the page says of its own accord is about figures that it shows."""
    assert set(maker.REMARKS) <= {path.stem for path in RESULTS}
