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
        found = examine(program, TABLES, library, others, ordered=False).unsaid
        if found:
            wrong[program] = found
    assert wrong == {}
