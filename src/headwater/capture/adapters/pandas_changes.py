"""pandas: frames that are changed in place, and methods that take data besides their own.

What such data came from is added. Of what is of unknown origin (a list, an array that was computed)
nobody knows what else came in, and nothing exact is said any more. Python's own numbers and texts
count as written in the program.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import objects, origins
from headwater.capture.adapters.pandas_columns import (
    NONE,
    Arguments,
    Named,
    Watched,
    chosen,
    column_of,
    fields_of,
    is_mask,
    listed,
    names_of,
    through,
)
from headwater.capture.origins import (
    CONDITIONAL,
    IDENTITY,
    TRANSFORMATION,
    Origin,
    recall,
    remember,
)

_TAKING: Final = (
    "isin", "fillna", "where", "mask", "clip", "replace", "combine_first", "combine", "dot",
    "__matmul__", "corrwith", "corr", "cov", "between", "case_when", "reindex_like",
)  # fmt: skip
"""Methods that may be given data besides their own."""


def watched(pandas: ModuleType) -> Watched:
    """List what changes a frame or a series, or brings something into it."""
    from pandas.core import indexing

    frame, series = pandas.DataFrame, pandas.Series
    places = (indexing._LocationIndexer, indexing._ScalarAccessIndexer)
    return (
        ((frame,), ("__setitem__",), _put),
        ((series,), ("__setitem__",), _put_into_series),
        ((frame,), ("insert",), _insert),
        (places[:1], ("__getitem__",), _take_at),
        (places, ("__setitem__",), _put_at),
        ((frame, series), ("_update_inplace",), _replace),
        ((frame, series), ("update",), _update),
        ((frame, series), _TAKING, _take_more),
    )


def _put(_: Any, args: Arguments, _kwargs: Named) -> None:
    frame, key, value = args[:3]
    if is_mask(key) or not isinstance(key, (str, int, list)):
        _change(frame, None, [key, value])
    else:
        _set(frame, key, value)


def _insert(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "loc", "column", "value"), args, strict=False)) | kwargs
    _set(given["self"], given["column"], given["value"])


def _set(frame: Any, key: Any, value: Any) -> None:
    """Whole columns are put into a frame, new or in the place of what was there."""
    origin, more = recall(frame), objects.brought([value])
    keys = listed(key)
    if origin is None:
        if not more.sources:
            return
        others = set(names_of(frame) or ()) - set(map(str, keys))
        origin = Origin(columns=dict.fromkeys(names_of(frame) or (), NONE), opaque=bool(others))
    for name in keys:
        origin = origin.put(name, column_of(more, name))
    remember(frame, origins.joined(origin, more))


def _put_into_series(_: Any, args: Arguments, _kwargs: Named) -> None:
    _change(args[0], names_of(args[0]), [*args[1:3]])


def _put_at(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Some rows, of a column or of all; `at` and `iat` are given row and column apart."""
    frame, key, value = args[0].obj, args[1], args[2]
    parts = key if isinstance(key, tuple) else (key,)
    last = parts[-1]
    label = len(parts) == 2 and isinstance(last, (str, list)) and not is_mask(last)
    names = [str(one) for one in listed(last)] if label else None
    _change(frame, names if hasattr(frame, "columns") else names_of(frame), [*parts, value])


def _change(thing: Any, names: list[str] | None, given: list[Any]) -> None:
    """A value, the last given, is put among others: in these columns, or nobody knows in which.

    Before it stand the masks and labels that choose where.
    """
    *places, value = given
    masks = [one for one in places if is_mask(one)]
    more = objects.brought([*masks, value])
    origin = recall(thing)
    if origin is None:
        if not more.sources:
            return
        origin = Origin(opaque=True)
    made = origins.joined(origin, more)
    if names is None or origin.columns is None:
        untouched = not more.sources and not more.opaque
        remember(thing, made if untouched else made._replace(columns=None))
        return
    came = objects.brought([value])
    by = frozenset().union(*(fields_of(one, CONDITIONAL) for one in masks))
    for name in names:
        made = made.put(name, origin.of([name], IDENTITY) | column_of(came, name) | by)
    remember(thing, made)


def _take_at(result: Any, args: Arguments, _: Named) -> None:
    """Rows and columns by `loc` and `iloc`; the mask may come from elsewhere."""
    frame, key = args[0].obj, args[1]
    origin = recall(frame)
    if origin is not None:
        rows = key[0] if isinstance(key, tuple) and key else key
        made = chosen(result, origin, rows, frame)
        if not is_mask(rows) and not isinstance(rows, tuple):
            made = origins.joined(made, objects.brought([rows]))  # their numbers or labels
        remember(result, made)


def _replace(_: Any, args: Arguments, kwargs: Named) -> None:
    """What an operation in place made takes the place of what was there."""
    thing = args[0]
    origin, made = recall(thing), args[1] if len(args) > 1 else kwargs.get("result")
    if origin is None or made is thing:
        return
    found = recall(made)
    if found is None:
        found = through(origin, TRANSFORMATION)
    remember(thing, found)


def before_that(args: Arguments, _: Named) -> list[str] | None:
    """Tell what the columns are called while that is being changed."""
    return names_of(args[0]) if recall(args[0]) is not None else None


def call_otherwise(_: Any, args: Arguments, kwargs: Named) -> None:
    """Columns are called otherwise, by place."""
    before, after = kwargs["__before__"], names_of(args[0])
    origin = recall(args[0])
    if origin is None or before is None or before == after:
        return
    if after is None or len(after) != len(before) or len(set(before)) < len(before):
        remember(args[0], origin._replace(columns=None))
    else:
        remember(args[0], origin.rename(dict(zip(before, after, strict=True))))


def _update(_: Any, args: Arguments, kwargs: Named) -> None:
    other = args[1] if len(args) > 1 else kwargs.get("other")
    names = names_of(other) if hasattr(other, "columns") else names_of(args[0])
    _change(args[0], names, [other])


def _take_more(result: Any, args: Arguments, kwargs: Named) -> None:
    """Of its own values and of what it is given; conditions shape a column, other data make it."""
    subject, given = args[0], [*args[1:], *kwargs.values()]
    origin = recall(subject)
    more = objects.brought(given)
    target = subject if kwargs.get("inplace") is True else result
    if origin is None:
        if more.sources:
            remember(target, more._replace(columns=None, opaque=True))
        return
    columns = through(origin, TRANSFORMATION).columns
    if columns is not None:
        columns = {**dict.fromkeys(names_of(target) or (), NONE), **columns}
    for one in given:
        found = recall(one)
        if found is not None and columns is not None:
            how = CONDITIONAL if is_mask(one) else TRANSFORMATION
            columns = {
                name: fields | origins.through(column_of(found, name), how)
                for name, fields in columns.items()
            }
    remember(target, origins.joined(origin, more)._replace(columns=columns))
