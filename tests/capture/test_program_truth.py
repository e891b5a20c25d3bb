"""DuckDB and Arrow: a column changes with nothing but what is recorded of it.

In programs made at random, of which `HEADWATER_EXAMPLES` raises the number.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.capture import arrow_programs, duckdb_programs
from tests.capture.duckdb_programs import TABLES, others
from tests.capture.perturbing import Library, examine

PROGRAMS = int(os.environ.get("HEADWATER_EXAMPLES", "60"))


LIBRARIES: dict[str, tuple[Callable[[random.Random], Any], Library, int]] = {
    "duckdb": (duckdb_programs.Maker, duckdb_programs.DUCKDB, PROGRAMS // 4),
    "arrow": (arrow_programs.Maker, arrow_programs.ARROW, PROGRAMS),
}
"""What writes programs of a library, how they are run, and how many."""


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_column_changes_only_with_what_is_recorded(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """SQL, relations and frames that it reads; tables, functions, data sets, joins and groups."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    maker, library, programs = LIBRARIES[name]
    wrong = {}
    for seed in range(programs):
        program = maker(random.Random(seed)).make(4)  # noqa: S311
        # Joins and groups come in no certain order.
        found = examine(program, TABLES, library, others, ordered=False)
        if found.unsaid or found.silent:
            wrong[program] = found.unsaid | found.silent
    assert wrong == {}


ARROW_EXACT = {
    "o = a.filter(pc.is_in(a['k'], value_set=b['k']))": ["a.parquet", "b.parquet"],
    "o = a.filter(pc.is_in(a['k'], value_set=pa.array([1, 2])))": ["a.parquet"],
    "o = a.filter(pc.equal(a['s'], b['s'][0]))": ["a.parquet", "b.parquet"],
    "o = a.filter(pc.greater(a['x'], pa.scalar(1.0)))": ["a.parquet"],
    "o = a.take([0, 1])": ["a.parquet"],
    "o = a.append_column('z', pa.array([1, 2, 3, 4, 5, 6]))": ["a.parquet"],
}
ARROW_UNKNOWN = (
    "o = a.filter(pc.is_in(a['k'], value_set=pa.array(b['k'].to_pylist())))",
    "o = a.filter(pc.greater(a['x'], next(iter(b['y']))))",
    "o = a.take(b['k'].to_pylist())",
)


def said_of_arrow(monkeypatch: pytest.MonkeyPatch, statements: str) -> list[str] | None:
    """What an output came from, of which nothing is left out."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    end = 'pq.write_table(o, f"{d}/o.parquet")'
    program = "\n".join([*arrow_programs.READS, statements, end])
    found = examine(program, TABLES, arrow_programs.ARROW, others, ordered=False)
    assert found.unsaid | found.silent == set()
    return found.said["o.parquet"].inputs


@pytest.mark.parametrize("statements", ARROW_EXACT)
def test_what_functions_of_arrow_are_given_is_exact(
    monkeypatch: pytest.MonkeyPatch, statements: str
) -> None:
    """Values of columns, sets to look for, and what the program writes out."""
    assert said_of_arrow(monkeypatch, statements) == ARROW_EXACT[statements]


@pytest.mark.parametrize("statements", ARROW_UNKNOWN)
def test_nothing_exact_is_said_of_what_came_by_values_of_unknown_origin(
    monkeypatch: pytest.MonkeyPatch, statements: str
) -> None:
    """Lists that were computed, and values that were drawn one by one."""
    assert said_of_arrow(monkeypatch, statements) is None
