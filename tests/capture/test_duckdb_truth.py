"""DuckDB: a column changes with nothing but what is recorded of it, in programs made at random.

`HEADWATER_EXAMPLES` raises the number of programs.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.capture.duckdb_programs import DUCKDB, TABLES, Maker, others
from tests.capture.perturbing import examine

PROGRAMS = int(os.environ.get("HEADWATER_EXAMPLES", "60")) // 4


def test_a_column_changes_only_with_what_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an output that is said to be known: SQL, relations, frames that SQL reads, files."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    wrong = {}
    for seed in range(PROGRAMS):
        program = Maker(random.Random(seed)).make(4)  # noqa: S311
        found = examine(program, TABLES, DUCKDB, others, ordered=False).unsaid
        if found:
            wrong[program] = found
    assert wrong == {}
