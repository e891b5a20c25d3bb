"""pandas: operations on several frames, and on groups of rows."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from headwater.capture import objects, origins
from headwater.capture.adapters.pandas_columns import (
    NONE,
    Arguments,
    Named,
    Watched,
    apply,
    fields_of,
    index_names,
    listed,
    names_of,
    through,
)
from headwater.capture.origins import (
    AGGREGATION,
    GROUP_BY,
    JOIN,
    TRANSFORMATION,
    Field,
    Origin,
    recall,
    remember,
)

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
    left, right = given.get("left"), given.get("right")
    one, other = recall(left), recall(right)
    if one is None and other is None:
        return
    whole = _all([left, right])
    names = (names_of(left), names_of(right), names_of(result))
    if given.get("how") == "cross":
        keys: tuple[list[Any], list[Any]] = ([], [])
    else:
        common = [name for name in names[0] or () if name in (names[1] or ())]
        on = listed(given.get("on")) or ([] if given.get("left_on") is not None else common)
        keys = (listed(given.get("left_on")) or on, listed(given.get("right_on")) or on)
    remember(result, _beside(whole, (one, other), names, keys,
                             given.get("suffixes", ("_x", "_y"))))  # fmt: skip


def _join(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("left", "right", "on", "how", "lsuffix", "rsuffix")
    given = dict(zip(order, args, strict=False)) | kwargs
    right = given.get("right", given.get("other"))
    if isinstance(right, (list, tuple)):
        _concat(result, ([args[0], *right],), {})
        return
    one, other = recall(args[0]), recall(right)
    if one is None and other is None:
        return
    names = (names_of(args[0]), names_of(right), names_of(result))
    suffixes = (given.get("lsuffix", ""), given.get("rsuffix", ""))
    keys = (listed(given.get("on")), index_names(right))
    remember(result, _beside(_all([args[0], right]), (one, other), names, keys, suffixes))


def _all(some: list[Any]) -> Origin:
    """What comes of several objects; empty ones add nothing, whatever they are."""
    full = [one for one in some if one is not None and len(one)]
    whole = origins.merge(*map(recall, some))
    return whole._replace(opaque=True) if None in map(recall, full) else whole


def _beside(
    whole: Origin,
    sides: tuple[Origin | None, Origin | None],
    names: tuple[list[str] | None, list[str] | None, list[str] | None],
    keys: tuple[list[str], list[str]],
    suffixes: Any,
) -> Origin:
    """Put two frames side by side: each column from its side, equal keys from both."""
    left, right, made = names
    if made is None or left is None or right is None or whole.columns is None:
        return whole._replace(columns=None)
    empty = Origin(columns={})
    one, other = (side or empty for side in sides)
    a, b = one.columns or {}, other.columns or {}
    shared = {x for x, y in zip(*keys, strict=False) if x == y} & set(left) & set(right)
    twice = (set(left) & set(right)) - shared
    columns: dict[str, frozenset[Field]] = {}
    for name in left:
        called = f"{name}{suffixes[0] or ''}" if name in twice else name
        columns[called] = a.get(name, NONE) | (b.get(name, NONE) if name in shared else NONE)
    for name in right:
        called = f"{name}{suffixes[1] or ''}" if name in twice else name
        if name not in shared:
            columns[called] = b.get(name, NONE)
    joined = one.of(keys[0], JOIN) | other.of(keys[1], JOIN)
    return whole._replace(columns={n: columns.get(n, NONE) for n in made}).shape(joined)


def _concat(result: Any, args: Arguments, kwargs: Named) -> None:
    objs = args[0] if args else kwargs.get("objs", ())
    if not isinstance(objs, (list, tuple, Mapping)):
        return  # an iterator is used up
    some = list(objs.values()) if isinstance(objs, Mapping) else list(objs)
    if not any(recall(one) is not None for one in some):
        return
    whole = _all(some)
    names = names_of(result)
    remember(result, whole if names is None else whole.keep([*names, *index_names(result)]))


def _group(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is None:
        return
    by = listed(args[1] if len(args) > 1 else kwargs.get("by"))
    keys = [one for one in by if isinstance(one, str)]
    others = [one for one in by if not isinstance(one, str)]
    series = frozenset().union(*(fields_of(one, GROUP_BY) for one in others))
    made = origins.joined(origin, objects.brought(others))
    if any(callable(one) for one in others):
        made = made._replace(opaque=True)
    remember(result, made.shape(origin.of(keys, GROUP_BY) | series))


def _select_group(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        remember(result, origin.keep([*listed(args[1]), *_keys(args[0])]))


def _keys(grouped: Any) -> list[str]:
    return [str(one) for one in listed(getattr(grouped, "keys", None)) if isinstance(one, str)]


def _aggregate(result: Any, args: Arguments, kwargs: Named) -> None:
    grouped = args[0]
    origin = recall(grouped)
    if origin is None:
        return
    names = names_of(result)
    if origin.columns is None or names is None:
        remember(result, origin._replace(columns=None))
        return
    keys = _keys(grouped)
    columns = {key: origin.columns.get(key, NONE) for key in keys}
    renamed = {name: one[0] for name, one in kwargs.items()
               if isinstance(one, tuple) and len(one) == 2}  # fmt: skip
    selected = [name for name in origin.columns if name not in keys]
    for name in names:
        if name in columns and name not in renamed:
            continue
        source = str(renamed.get(name, name))
        known = [source] if source in origin.columns else _of_several(name, selected)
        columns[name] = origin.of(known, AGGREGATION)
    remember(result, origin._replace(columns=columns))


def _of_several(name: str, selected: list[str]) -> list[str]:
    """Of which columns one of `agg(['mean', 'max'])` is: `('x', 'mean')` of x, others of all."""
    found = [one for one in selected if name.startswith(f"('{one}',")]
    return found or selected


def _transform(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        names = names_of(result)
        made = origin if names is None else origin.keep(names)
        remember(result, through(made, TRANSFORMATION))
