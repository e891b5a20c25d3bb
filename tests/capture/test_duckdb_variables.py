"""Variables of the program that SQL of DuckDB may read by name."""

from __future__ import annotations

import weakref
from typing import Any

from headwater.capture.adapters.duckdb_connections import Known
from headwater.capture.adapters.duckdb_variables import read


class Thing:
    """Something that can be referred to weakly."""


def test_looking_for_variables_keeps_none_alive() -> None:
    """CPython up to 3.12 keeps a copy of a function's locals for whoever asks for all of them."""

    def tell(name: str) -> Any:  # as far above as who executes a statement
        return read(Known(), [name], {})

    def program() -> object:
        thing = Thing()
        gone = weakref.ref(thing)
        assert tell("stored") == ({}, {})
        del thing
        return gone()

    assert program() is None
