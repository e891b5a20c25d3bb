"""A dictionary in layers is a dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.index import layers
from headwater.index.layers import Layers, copied, plain
from tests.graph.test_laws import laws

STEPS = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=20), max_size=12
)


@laws
@given(steps=STEPS)
def test_every_state_stays_what_it_was(steps: list[list[tuple[int, int]]]) -> None:
    """Each copy has what was put in before, in the order of a dictionary, whatever comes later."""
    states: list[tuple[Layers[int, int], dict[int, int]]] = []
    now: Layers[int, int] = Layers([], 0)
    meant: dict[int, int] = {}
    for step in steps:
        now, meant = now.copy(), meant.copy()
        for key, value in step:
            now[key] = value
            meant[key] = value
        states.append((now, meant))
    for held, expected in states:
        assert list(held.items()) == list(expected.items())
        assert len(held) == len(expected)
        assert [held.get(key) for key in range(41)] == [expected.get(key) for key in range(41)]
        assert [key in held for key in range(41)] == [key in expected for key in range(41)]
        assert dict(plain(held)) == expected
    for one, said in states:
        for other, told in states:
            differ = {key for key in said.keys() | told.keys() if said.get(key) != told.get(key)}
            assert differ <= one.apart(other)


def test_there_are_few_layers_and_copies_share_them() -> None:
    """What was put in long ago is looked for in a handful of layers, and is not copied again."""
    now: Layers[int, int] = Layers([], 0)
    for key in range(10_000):
        now = now.copy()
        now[key] = key
    assert len(now.layers) < 8
    after = now.copy()
    after[0] = -1
    assert after.apart(now) < {*range(100), *range(9_000, 10_000)}


def test_nothing_is_taken_out() -> None:
    """A key that is not there cannot be told from one that was taken away."""
    some = copied(dict.fromkeys(range(layers.SMALL), 0))
    with pytest.raises(TypeError, match="taken out"):
        del some[1]
    with pytest.raises(KeyError):
        some[-1]
