"""JSON of records: as the standard library writes it."""

from __future__ import annotations

import json
import sys
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.capture import encoding

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    PLAIN | st.binary() | st.sets(st.integers()),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers() | st.booleans() | st.none(), inner)
    ),
    max_leaves=20,
)


class Text(str):
    """A text of a class of its own, which shows itself otherwise."""

    def __repr__(self) -> str:
        return "?"


def by_json(value: object) -> str:
    """What the standard library makes of it."""
    return json.JSONEncoder(separators=(",", ":"), default=encoding.plain).encode(value)


@pytest.fixture
def without_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that has not imported `json`."""
    monkeypatch.delitem(sys.modules, "json")


@given(value=VALUES)
def test_a_value_is_written_as_json_writes_it(value: Any) -> None:
    """To the byte, whatever the value is."""
    assert encoding.encode(value) == by_json(value)


@given(text=st.text(st.characters()))
def test_a_text_is_written_as_json_writes_it(text: str) -> None:
    """Surrogates and what is beyond the basic plane too."""
    assert encoding.quote(text) == json.dumps(text)


@pytest.mark.parametrize("value", [True, Text("a"), PurePosixPath("a/b"), {1.5: 2}, "\ud800"])
@pytest.mark.usefixtures("without_json")
def test_json_is_not_imported_for_a_record(value: object) -> None:
    """Not for values that JSON does not have either."""
    assert encoding.encode(value) == by_json(value)
    assert "json" not in sys.modules


@pytest.mark.usefixtures("without_json")
def test_a_key_that_is_no_text_is_refused() -> None:
    """As by `json`."""
    with pytest.raises(TypeError, match="tuple"):
        encoding.encode({(1, 2): 3})
