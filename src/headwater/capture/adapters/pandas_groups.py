"""pandas: groups of rows, stretches of time, and windows that go over rows."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import objects
from headwater.capture.adapters import pandas_group_steps as steps
from headwater.capture.adapters.pandas_columns import Arguments, Named, Watched, apply
from headwater.capture.adapters.pandas_labels import called, has_columns, has_rows, listed
from headwater.capture.adapters.pandas_steps import obscured, opaque
from headwater.capture.origins import Step, held, remember

_AGGREGATIONS: Final = (
    "sum", "mean", "median", "min", "max", "count", "std", "var", "sem", "prod", "first", "last",
    "nunique", "size", "quantile", "any", "all", "skew", "idxmin", "idxmax", "agg", "aggregate",
    "ohlc",
)  # fmt: skip
_TRANSFORMS: Final = ("transform", "cumsum", "cumprod", "cummin", "cummax", "shift", "diff", "rank",
                      "ffill", "bfill", "pct_change")  # fmt: skip
_WINDOWS: Final = ("Rolling", "Expanding", "ExponentialMovingWindow", "Window")
_OF_WINDOWS: Final = (
    "sum", "mean", "median", "min", "max", "count", "std", "var", "sem", "skew", "kurt", "quantile",
    "rank", "first", "last", "nunique",
)  # fmt: skip


def watched(pandas: ModuleType) -> Watched:
    """List what is observed of groups, of resamplers and of windows."""
    from pandas.core import window
    from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy
    from pandas.core.groupby.indexing import GroupByNthSelector
    from pandas.core.resample import Resampler

    grouped = (DataFrameGroupBy, SeriesGroupBy)
    windows = tuple(getattr(window.rolling, name, None) or getattr(window, name)
                    for name in _WINDOWS)  # fmt: skip
    return (
        (grouped, _AGGREGATIONS, _aggregate),
        (grouped, _TRANSFORMS, _transform),
        (grouped, ("head", "tail"), _choose),
        ((GroupByNthSelector,), ("__call__", "__getitem__"), _choose_nth),
        (grouped, ("cumcount", "ngroup"), _number),
        (grouped, ("filter",), _filter),
        (grouped, ("apply",), apply),
        ((pandas.DataFrame, pandas.Series), ("groupby",), _group),
        ((DataFrameGroupBy,), ("__getitem__",), _select),
        ((pandas.DataFrame, pandas.Series), ("resample",), _resample),
        ((Resampler,), ("__getitem__",), _select),
        ((Resampler,), _AGGREGATIONS, _aggregate),
        ((Resampler,), ("ffill", "bfill", "nearest", "asfreq"), _transform),
        (windows, _OF_WINDOWS, _go_over),
    )


def _group(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is None:
        return
    by = args[1] if len(args) > 1 else kwargs.get("by")
    keys: list[steps.Key] = []
    others: list[Any] = []
    unknown = False
    from pandas import Grouper

    for one in [by] if isinstance(by, tuple) or has_rows(by) else listed(by):
        if isinstance(one, (str, int, tuple)):
            keys.append(str(one))
        elif isinstance(one, Grouper):
            keys.append((None,) if one.key is None else str(one.key))
        else:
            found = objects.bringing([one])
            unknown = unknown or not found
            keys += range(len(others), len(others) + len(found))
            others += found
    if by is None:
        keys += [(one,) for one in listed(kwargs.get("level", args[2] if len(args) > 2 else None))]
    remember(result, Step(steps.grouped, [origin, *others], keys, unknown))


def _select(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        names = [*map(str, listed(args[1]))]
        if not isinstance(args[1], str) or not vars(args[0]).get("as_index", True):
            names += _keys(args[0])  # which stay columns
        remember(result, Step(steps.selected, (origin,), names))


def _keys(grouped: Any) -> list[str]:
    return [str(one) for one in listed(vars(grouped).get("keys")) if isinstance(one, str)]


def _aggregate(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is None or not has_rows(result):
        return
    named = {name: _pair(one) for name, one in kwargs.items()}
    functions = [*args[1:2], *named.values()]
    renamed = {name: one[0] for name, one in named.items()
               if isinstance(one, tuple) and len(one) == 2}  # fmt: skip
    names = called(result)
    sized = names is None or ([*map(str, names)][-1:] == ["size"] and not renamed)
    step = Step(steps.aggregated, (origin,), names, _keys(args[0]), renamed, sized)
    remember(result, Step(opaque, (step,)) if any(map(_is_of_user, functions)) else step)


def _pair(one: Any) -> Any:
    """What a keyword names a column and a function by: pandas' `NamedAgg` is no pair since 3."""
    return (one.column, one.aggfunc) if type(one).__name__ == "NamedAgg" else one


def _is_of_user(function: Any) -> bool:
    """Whether a function is none of pandas' or numpy's: what else it looks at is not known."""
    if isinstance(function, (list, tuple)):
        return any(map(_is_of_user, function))
    if isinstance(function, dict):
        return any(map(_is_of_user, function.values()))
    return callable(function) and hasattr(function, "__code__")


def _transform(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        step = Step(steps.transformed, (origin,), called(result))
        of_user = any(map(_is_of_user, [*args[1:2], *kwargs.values()]))
        remember(result, Step(opaque, (step,)) if of_user else step)


def _choose(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None and has_rows(result):
        remember(result, Step(steps.ungrouped, (origin,), called(result)))


def _choose_nth(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows by their place in their groups; with `dropna`, of those that have values."""
    origin = held(args[0].groupby_object)
    if origin is not None:
        step = Step(steps.ungrouped, (origin,), called(result) if has_columns(result) else None)
        is_plain = len(args) < 3 and kwargs.get("dropna") is None
        remember(result, step if is_plain else Step(obscured, (step,)))


def _filter(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(opaque, (Step(steps.ungrouped, (origin,), None),)))


def _number(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.numbered, (origin,), called(result)))


def _resample(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows in groups by stretches of time, of a column or of the labels."""
    origin = held(args[0])
    if origin is not None:
        on = kwargs.get("on")
        key: steps.Key = (None,) if on is None else str(on)
        remember(result, Step(steps.grouped, (origin,), [key], False))


def _go_over(result: Any, args: Arguments, _: Named) -> None:
    """Of a window; what it goes over it holds itself."""
    window = args[0]
    origin = held(window.obj)
    if origin is None or not has_rows(result):
        return
    if hasattr(window, "_grouper") or getattr(window, "axis", 0) == 1:
        remember(result, Step(obscured, (origin,)))
        return
    on, width = getattr(window, "on", None), getattr(window, "window", None)
    is_by_time = on is not None or getattr(window, "times", None) is not None
    is_by_time = is_by_time or not (width is None or isinstance(width, int))
    by = None if not is_by_time else str(on) if on is not None else ""
    names = called(result) if has_columns(result) else None
    remember(result, Step(steps.windowed, (origin,), names, by))
