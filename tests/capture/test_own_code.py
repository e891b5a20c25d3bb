"""Code of the program's own that libraries call, and data among settings of estimators."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from headwater.capture import objects, own_code, settings
from headwater.capture.origins import Origin, read, remember

TABLE = read(("file", "/table.csv"), ["k"])


class Table:
    """Something whose origin is known."""


table = Table()
remember(table, TABLE)
NAMES = ["x", "z"]
CHANGED = ["x"]
CHANGED.append("z")
LOADED = json.loads('{"a": 1}')
PATTERN = re.compile("x")


def uses_it() -> object:
    """By name."""
    return table


def of_default(it: object = table) -> object:
    """As a default."""
    return it


def _closed() -> Callable[[], object]:
    it = table
    return lambda: it


class Joins:
    """A class with a method that does."""

    COLUMNS = ("x", "z")

    def transform(self) -> object:
        """Call what does."""
        return uses_it(), self.COLUMNS


class Holds:
    """A class whose objects hold it."""

    def __init__(self) -> None:
        self.it = table


REACHING: dict[str, Any] = {
    "global": uses_it,
    "called": lambda: uses_it(),
    "default": of_default,
    "closure": _closed(),
    "partial": functools.partial(print, table, uses_it),
    "class": Joins,
    "method": Joins().transform,
    "object": Holds(),
    "listed": [uses_it],
}


@pytest.mark.parametrize("how", REACHING)
def test_data_that_code_can_reach_is_found(how: str) -> None:
    """Whichever way it is referred to."""
    assert TABLE in own_code.reached([REACHING[how]])


PLAIN: dict[str, Any] = {
    "constants of the module": lambda: (NAMES, PATTERN, re),
    "constants of a class": lambda: Joins.COLUMNS,
    "functions of libraries": json.loads,
    "nothing": lambda x: x + 1,
}


@pytest.mark.parametrize("what", PLAIN)
def test_what_is_written_in_the_program_is_no_data(what: str) -> None:
    """Of code that refers to nothing else, everything is known."""
    assert [one for one in own_code.reached([PLAIN[what]]) if one != TABLE] == []


@pytest.mark.parametrize("code", [lambda: LOADED, lambda: CHANGED])
def test_lists_that_were_computed_may_be_of_anything(code: Callable[[], object]) -> None:
    """They are not as they are written in the module, if they are at all."""
    assert objects.UNKNOWN in own_code.reached([code])


class Estimator:
    """An estimator as libraries have them."""

    def __init__(self, **params: Any) -> None:
        vars(self).update(params)

    def get_params(self) -> dict[str, Any]:
        """Give the settings."""
        return vars(self)


Estimator.__module__ = "json"  # a library's


def origin(**params: Any) -> Origin | None:
    """What the settings bring along."""
    found = settings.inside(Estimator(**params), labels={f"c{i}" for i in range(500)})
    return None if found is None else found.origin((), learned=False)


def test_numbers_and_texts_among_the_settings_are_no_data() -> None:
    """Nor are lists of a few of them, names of columns, and what was learned."""
    columns = [f"c{i}" for i in range(300)]
    step = Estimator(alpha=0.5, betas=[0.1, 0.2], columns=columns, coef_=table, _x=table)
    assert origin(steps=[("one", step)], cv=3, scoring=json.loads) is None


def test_data_among_the_settings_is_brought_along() -> None:
    """In estimators within, in lists, and for code of the program's own."""
    came = TABLE._replace(columns=None)
    assert origin(steps=[("one", Estimator(table=table))]) == came
    assert origin(func=uses_it) == came
    assert origin(func=uses_it, n_jobs=2) == came._replace(opaque=True)


@pytest.mark.parametrize(
    "params", [{"stop_words": ["the"]}, {"weights": list(range(101))}, {"f": lambda: LOADED}]
)
def test_what_may_have_been_read_makes_it_unknown(params: dict[str, Any]) -> None:
    """Words to leave out, long lists, and what code has from somewhere."""
    found = origin(**params)
    assert found is not None
    assert found.opaque
