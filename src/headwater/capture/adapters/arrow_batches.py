"""Parts that Arrow hands out one by one: batches of files and data sets, columns of tables.

What gives them is known as a whole; here each part is known when it is given.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import getattr_static
from types import ModuleType
from typing import Any, Final

from headwater.capture.adapters.arrow_sources import names
from headwater.capture.dressing import with_defaults
from headwater.capture.origins import Origin, recall, remember
from headwater.capture.patching import Patches
from headwater.capture.quiet import busy
from headwater.capture.watching import generating, leave_frame_out, watched

_HANDING: Final = ("to_batches", "iter_batches", "scan_batches")

Arguments = tuple[Any, ...]
Named = dict[str, Any]
Tell = Callable[[int, Any], None]
"""(number of a part, the part)."""


def install_columns(pyarrow: ModuleType, patches: Patches) -> None:
    """Observe what gives the columns of tables and batches, each of which is of one column."""
    for owner in (pyarrow.Table, pyarrow.RecordBatch):
        patches.replace(owner, "columns", _Observed(getattr_static(owner, "columns")))
        patches.replace(owner, "itercolumns", _handing(owner.itercolumns, _each_column))


class _Observed:
    """An attribute that is computed in C, as it looked before; `_columns` is told what it gives."""

    def __init__(self, original: Any) -> None:
        self.__name__, self.__qualname__ = original.__name__, original.__qualname__
        self.__doc__ = original.__doc__
        self._give = watched(
            functools.wraps(original)(lambda whole: original.__get__(whole)), _columns
        )

    def __get__(self, whole: object, _: object = None) -> Any:
        return self if whole is None else self._give(whole)


def hand_out(owner: type, patches: Patches) -> None:
    """Have the batches known that methods of a class give, whose results are known already."""
    for name in _HANDING:
        if name in vars(owner):
            patches.replace(owner, name, _handing(vars(owner)[name], _each_batch))


def _handing(
    original: Callable[..., Any], each: Callable[[Any, Any], tuple[Origin | None, Tell]]
) -> Callable[..., Any]:
    """Give a function whose iterator tells of each part that the iterator of `original` gives."""

    @functools.wraps(original)
    def hand(*args: Any, **kwargs: Any) -> Any:
        try:
            parts = original(*args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            raise
        if busy() or not hasattr(parts, "__next__"):
            return parts
        origin, tell = each(args[0], parts)
        if origin is None:
            return parts
        made = generating(lambda: parts, lambda number, one, *_: tell(number, one))()
        remember(made, origin)
        return made

    return with_defaults(hand, original)


def _each_batch(_: Any, parts: Any) -> tuple[Origin | None, Tell]:
    origin = recall(parts)

    def tell(_: int, batch: Any) -> None:
        known = names(batch)
        remember(batch, origin if origin is None or known is None else origin.keep(known))

    return origin, tell


def _each_column(table: Any, _: Any) -> tuple[Origin | None, Tell]:
    origin, known = recall(table), names(table)

    def tell(number: int, column: Any) -> None:
        remember(column, _of(origin, None if known is None else known[number]))

    return origin, tell


def _of(origin: Origin | None, name: str | None) -> Origin | None:
    return origin if origin is None or name is None else origin.keep([name])


def _columns(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        known = names(args[0])
        for number, column in enumerate(result):
            remember(column, _of(origin, None if known is None else known[number]))
