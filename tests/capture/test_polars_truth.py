"""polars: a column changes with nothing but what is recorded of it, in programs made at random.

`HEADWATER_EXAMPLES` raises the number of programs.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.capture.perturbing import examine
from tests.capture.polars_programs import POLARS, TABLES, Maker, others

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_a_column_changes_only_with_what_is_recorded(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    """Of an output that is said to be known; eager and lazy frames, functions and SQL."""
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    program = "\n".join(Maker(lambda some: data.draw(st.sampled_from(some))).make(4))
    found = examine(program, TABLES, POLARS, others, ordered="JOIN" not in program)
    assert found.unsaid | found.silent == set(), program
