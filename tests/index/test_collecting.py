"""Doing without the collector of cycles for a while."""

from __future__ import annotations

import gc

import pytest

from headwater.index.collecting import uncollected


def test_the_collector_rests_and_goes_on() -> None:
    """It is off within, and on after, whatever happens."""
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="within"), uncollected():
        raise ValueError("within")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    """Whoever turned it off before decides when it goes on."""
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
