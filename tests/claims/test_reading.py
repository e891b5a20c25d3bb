"""Reading facets of claims."""

from __future__ import annotations

import json

import pytest

from headwater.claims.model import Stated
from headwater.claims.reading import VALUE_CHARS_KEPT_MAX, value_of


@pytest.mark.parametrize("length", [VALUE_CHARS_KEPT_MAX, VALUE_CHARS_KEPT_MAX + 1])
def test_values_of_any_length_are_read(length: int) -> None:
    """A value is read the same whether it is short enough to be kept or not, and again."""
    rest = length - len(json.dumps({"description": ""}))
    value = json.dumps({"description": "x" * rest})
    assert len(value) == length
    stated = Stated("", ("outputs", 0, "facets", "documentation"), value)
    for _ in range(2):
        assert value_of(stated).description == "x" * rest
