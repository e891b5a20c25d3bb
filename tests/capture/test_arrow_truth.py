"""Arrow: a column changes with nothing but what is recorded of it, in programs made at random.

`HEADWATER_EXAMPLES` raises the number of programs.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.capture.arrow_programs import ARROW, Maker
from tests.capture.duckdb_programs import TABLES, others
from tests.capture.perturbing import examine

PROGRAMS = int(os.environ.get("HEADWATER_EXAMPLES", "60"))


def test_a_column_changes_only_with_what_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an output that is said to be known: tables, functions, data sets, joins, groups."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    wrong = {}
    for seed in range(PROGRAMS):
        program = Maker(random.Random(seed)).make(4)  # noqa: S311
        # Joins and groups come in no certain order.
        found = examine(program, TABLES, ARROW, others, ordered=False).unsaid
        if found:
            wrong[program] = found
    assert wrong == {}
