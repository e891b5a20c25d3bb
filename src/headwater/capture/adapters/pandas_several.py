"""pandas: operations on several frames, and on groups of rows."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from headwater.capture import objects
from headwater.capture.adapters import pandas_steps as steps
from headwater.capture.adapters.pandas_columns import Arguments, Named, Watched, apply
from headwater.capture.adapters.pandas_labels import called, index_called, listed
from headwater.capture.origins import Origin, Step, held, remember

_AGGREGATIONS: Final = (
    "sum", "mean", "median", "min", "max", "count", "std", "var", "sem", "prod", "first", "last",
    "nunique", "size", "quantile", "any", "all", "skew", "idxmin", "idxmax", "agg", "aggregate",
)  # fmt: skip
_TRANSFORMS: Final = ("transform", "cumsum", "cumprod", "cummin", "cummax", "shift", "diff", "rank",
                      "ffill", "bfill", "pct_change", "cumcount", "ngroup")  # fmt: skip


def watched(pandas: ModuleType) -> Watched:
    """List what is observed of several frames and of groups."""
    from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy

    frame, grouped = pandas.DataFrame, (DataFrameGroupBy, SeriesGroupBy)
    return (
        (grouped, _AGGREGATIONS, _aggregate),
        (grouped, _TRANSFORMS, _transform),
        (grouped, ("apply",), apply),
        ((frame,), ("groupby",), _group),
        ((frame, pandas), ("merge",), _merge),
        ((frame,), ("join",), _join),
        ((pandas,), ("concat",), _concat),
        ((DataFrameGroupBy,), ("__getitem__",), _select_group),
    )


def _merge(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("left", "right", "how", "on", "left_on", "right_on")
    given = dict(zip(order, args, strict=False)) | kwargs
    on = listed(given.get("on"))
    keys = (listed(given.get("left_on")) or on, listed(given.get("right_on")) or on)
    by_index = given.get("left_index") or given.get("right_index")
    by_common = given.get("how") != "cross" and not by_index and not any(keys)
    suffixes = given.get("suffixes", ("_x", "_y"))
    _beside(result, given.get("left"), given.get("right"), None if by_common else keys, suffixes)


def _join(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("left", "right", "on", "how", "lsuffix", "rsuffix")
    given = dict(zip(order, args, strict=False)) | kwargs
    right = given.get("right", given.get("other"))
    if isinstance(right, (list, tuple)):
        _concat(result, ([args[0], *right],), {})
        return
    keys = (listed(given.get("on")), [one for one in index_called(right) if one is not None])
    suffixes = (given.get("lsuffix", ""), given.get("rsuffix", ""))
    _beside(result, args[0], right, keys, suffixes)


def _beside(result: Any, left: Any, right: Any, keys: Any, suffixes: Any) -> None:
    parts, unknown = _all([left, right])
    if parts:
        known = (held(left) is not None, held(right) is not None)
        names = (called(left), called(right), called(result))
        remember(result, Step(steps.beside, parts, known, names, keys, suffixes, unknown))


def _all(some: list[Any]) -> tuple[list[Origin | Step], bool]:
    """What several objects are of, and whether of one nobody knows; empty ones add nothing."""
    known, unknown = [], False
    for one in some:
        origin = held(one)
        if origin is not None:
            known.append(origin)
        elif one is not None and len(one):
            unknown = True
    return known, unknown


def _concat(result: Any, args: Arguments, kwargs: Named) -> None:
    objs = args[0] if args else kwargs.get("objs", ())
    if not isinstance(objs, (list, tuple, Mapping)):
        return  # an iterator is used up
    parts, unknown = _all(list(objs.values()) if isinstance(objs, Mapping) else list(objs))
    if parts:
        said = (called(result), index_called(result), unknown)
        remember(result, Step(steps.concatenated, parts, *said))


def _group(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is None:
        return
    by = listed(args[1] if len(args) > 1 else kwargs.get("by"))
    keys = [one for one in by if isinstance(one, str)]
    others = [one for one in by if not isinstance(one, str)]
    parts = [origin, *objects.bringing(others)]
    remember(result, Step(steps.grouped, parts, keys, any(map(callable, others))))


def _select_group(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.selected, (origin,), [*listed(args[1]), *_keys(args[0])]))


def _keys(grouped: Any) -> list[str]:
    return [str(one) for one in listed(getattr(grouped, "keys", None)) if isinstance(one, str)]


def _aggregate(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        renamed = {name: one[0] for name, one in kwargs.items()
                   if isinstance(one, tuple) and len(one) == 2}  # fmt: skip
        said = (called(result), _keys(args[0]), renamed)
        remember(result, Step(steps.aggregated, (origin,), *said))


def _transform(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.transformed, (origin,), called(result)))
