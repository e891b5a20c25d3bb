"""polars: a column changes with nothing but what is recorded of it, in programs made at random.

`HEADWATER_EXAMPLES` raises the number of programs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import headwater
from headwater.capture.adapters import polars as adapter
from headwater.capture.patching import Patches
from headwater.capture.quiet import quiet
from tests.capture.dependence import Given, Tables, changes, missing
from tests.capture.lineage import Output, recording
from tests.capture.polars_programs import (
    FAILURES,
    OTHERS,
    TABLES,
    Maker,
    collected,
    frames,
    scope,
)

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the tables, and polars observed."""
    made = tmp_path_factory.mktemp("polars")
    for name, frame in frames(TABLES).items():
        frame.write_parquet(made / f"{name}.parquet")
    patches = Patches()
    adapter.install(pl, patches)
    yield made
    patches.undo()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_a_column_changes_only_with_what_is_recorded(folder: Path, data: st.DataObject) -> None:
    """Of an output that is said to be known; eager and lazy frames, functions and SQL."""
    with quiet():
        lines = Maker(lambda some: data.draw(st.sampled_from(some))).make(4)
    found = captured(lines, folder)
    ordered = "JOIN" not in "".join(lines)
    told = changes(lambda tables: plain(lines, tables), TABLES, OTHERS, ordered=ordered)
    assert missing(told, found) == [], "\n".join(lines)


def captured(lines: list[str], folder: Path) -> dict[str, Output]:
    """What is recorded of a program."""

    def give(frame: Any, name: str) -> None:
        if isinstance(frame, pl.LazyFrame):
            frame.sink_parquet(folder / name)
        else:
            frame.write_parquet(folder / name)

    shutil.rmtree(folder / ".headwater", ignore_errors=True)
    with recording(folder) as found, headwater.run("job") as found.run:
        read = {name: pl.read_parquet(folder / f"{name}.parquet") for name in ("a", "b")}
        exec("\n".join(lines), scope(read) | {"give": give})  # noqa: S102 (of the test)
        return found.outputs()


def plain(lines: list[str], tables: Tables) -> Given | None:
    """What a program gives; None where it does not work on these tables."""
    given: Given = {}

    def give(frame: Any, name: str) -> None:
        given[name] = collected(frame).to_dict(as_series=False)

    with quiet():
        try:
            exec("\n".join(lines), scope(frames(tables)) | {"give": give})  # noqa: S102
        except FAILURES:
            return None
    return given
