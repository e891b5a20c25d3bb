"""What is known of objects that carry nothing of it."""

from __future__ import annotations

import gc

import numpy as np

from headwater.capture.beside import Beside


class Thing:
    """Something that can be referred to weakly."""


def test_an_object_is_known_as_long_as_it_lives() -> None:
    """By identity; what comes to lie in its place is another."""
    table: Beside[str] = Beside()
    one = Thing()
    table.put(one, "one")
    assert (table.get(one), table.get(Thing())) == ("one", None)
    del one
    gc.collect()
    assert [table.get(Thing()) for _ in range(100)] == [None] * 100
    assert table._known == {}


def test_it_is_forgotten_when_told_so() -> None:
    """None forgets; the newest counts."""
    table: Beside[str] = Beside()
    one = Thing()
    table.put(one, "before")
    table.put(one, "after")
    assert table.get(one) == "after"
    table.put(one, None)
    assert table.get(one) is None


def test_nothing_is_known_of_what_has_no_weak_references() -> None:
    """Numbers, lists and tuples."""
    table: Beside[str] = Beside()
    some: list[object] = [[1], (1,), 1.5]
    for one in some:
        table.put(one, "known")
    assert [table.get(one) for one in some] == [None] * 3


def test_a_view_is_known_by_its_array() -> None:
    """A view of a view too; a copy is another array."""
    table: Beside[str] = Beside()
    array = np.arange(12)
    table.put(array, "all")
    assert table.get(array[2:].reshape(2, 5)[:, ::2].T) == "all"
    assert table.get(array.copy()) is None


def test_a_new_view_lends_its_array_what_is_known() -> None:
    """So that views of it are known; but not if more is known of the array already."""
    table: Beside[str] = Beside()
    view = np.arange(12).reshape(3, 4)
    table.put_new(view, "new")
    assert table.get(view[1:]) == "new"
    array = np.arange(12)
    part = array[:3]
    table.put(array, "all")
    table.put_new(part, "part")
    assert (table.get(part), table.get(array[1:])) == ("part", "all")


def test_a_data_type_is_its_own_base() -> None:
    """Looking for what is behind it comes to an end."""
    assert Beside[str]().get(np.dtype("f8")) is None
