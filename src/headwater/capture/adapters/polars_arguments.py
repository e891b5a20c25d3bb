"""What polars is called with: arguments without rows, and what stands in their place later.

Functions of the user are taken out before polars plans anything, for it would call them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from headwater.capture.origins import FILTER, TRANSFORMATION, Origin

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method (or `pl.` and a function), and its arguments."""
_EXPRESSIONS: Final = ("Expr", "Then", "ChainedThen")
_FILTERING: Final = frozenset({"filter", "remove"})


class Unfollowed(Exception):
    """An argument that may hold anything: a function, an iterator, an array."""


class Input:
    """The place of a frame or column among the inputs of a step."""

    __slots__ = ("at", "kind", "name")

    def __init__(self, at: int, name: str | None = None, kind: Any = None) -> None:
        self.at = at
        self.name = name
        self.kind = kind


def fill(value: Any, twin: Callable[[Input], Any]) -> Any:
    """Put frames and columns without rows in the place of those that were held."""
    if isinstance(value, Input):
        return twin(value)
    if type(value) in (list, tuple):
        return type(value)(fill(one, twin) for one in value)
    if isinstance(value, dict):
        return {key: fill(one, twin) for key, one in value.items()}
    return value


class Own:
    """What polars cannot plan without rows or without calling the user: columns put beside it."""

    def __init__(self, schema: dict[str, Any] | None) -> None:
        self.columns: dict[str, Origin] = {}
        self._schema = schema or {}
        self._functions: dict[str, list[str]] = {}
        self._conditions: list[str] = []
        self._filters: list[Origin] = []
        self._is_condition = False

    def without(
        self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Replace functions of the user by columns of nothing."""
        self._is_condition = method in _FILTERING
        return tuple(self._replaced(one) for one in args), {
            key: self._replaced(one, key) for key, one in kwargs.items()
        }

    def _replaced(self, value: Any, key: str | None = None) -> Any:
        if type(value) in (list, tuple):
            return type(value)(self._replaced(one) for one in value)
        if type(value).__name__ not in _EXPRESSIONS:
            return value
        if "python_udf" not in str(value):
            return value
        import polars

        if self._is_condition:
            self._conditions += value.meta.root_names()
            return polars.lit(True)
        if value.meta.has_multiple_outputs():
            raise Unfollowed
        name = key or value.meta.output_name()
        self._functions[name] = value.meta.root_names()
        return polars.lit(None, dtype=self._schema.get(name)).alias(name)

    def literal(self, series: Any) -> Origin | None:
        """Give the origin of a series in the plan: an argument, or put into an expression."""
        found = self.columns.get(series.name())
        return in_expression(series) if found is None else found

    def added(self, found: Origin, before: Origin) -> Origin:
        """Say what was left out of the plan, made of what was there before."""
        for name, named in self._functions.items():
            fields = before.of(named, TRANSFORMATION)
            found = found._replace(opaque=True)
            if found.columns is not None and name in found.columns:
                found = found.put(name, fields)
        if self._conditions:
            found = found._replace(opaque=True).shape(before.of(self._conditions, FILTER))
        return found


_uses_functions = False


def function_made(*_: Any) -> None:
    """Know that there are expressions with functions of the user in this process."""
    global _uses_functions
    _uses_functions = True


def uses_functions() -> bool:
    """Whether expressions with functions of the user were made in this process."""
    return _uses_functions


literals: dict[tuple[str, int], Origin] = {}
"""Origins of series that programs put into expressions, by name and length."""


lists: dict[tuple[Any, ...], bool] = {}
"""Lists that programs look values up in, and whether they are written out where that is said."""


def is_written(value: Any) -> bool:
    """Whether a list in a plan, or a series that was made of one, is written out in the program.

    One of the same values that was computed, too, would be the same list there.
    """
    listed = value if isinstance(value, list) else value.to_list()
    try:
        return lists.get(tuple(listed), False)
    except TypeError:  # lists in lists
        return False


def in_expression(series: Any) -> Origin | None:
    """Give the origin of a series that a program put into an expression."""
    return literals.get(look(series))


def look(series: Any) -> tuple[str, int]:
    """By what a series in a plan is known again; its type may have been made another."""
    return series.name(), series.len()


def roots_of(args: tuple[Any, ...], kwargs: dict[str, Any], roots: dict[str, list[str]]) -> None:
    """Note the columns that go into each output, as expressions say it by themselves."""
    for one in _expressions(args):
        if not one.meta.has_multiple_outputs():
            roots[one.meta.output_name()] = one.meta.root_names()
    for name, one in kwargs.items():
        if type(one).__name__ in _EXPRESSIONS:
            roots[name] = one.meta.root_names()


def _expressions(args: tuple[Any, ...]) -> Iterator[Any]:
    for one in args:
        if isinstance(one, (list, tuple)):
            yield from _expressions(tuple(one))
        elif type(one).__name__ in _EXPRESSIONS:
            yield one
