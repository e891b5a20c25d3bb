"""pandas: columns through operations on one frame or series.

What is observed takes note of names and arguments, and leaves the rest for later (`pandas_steps`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from headwater.capture import contents, objects, rows
from headwater.capture.adapters import pandas_steps as steps
from headwater.capture.adapters.pandas_labels import (
    are_called_alike,
    called,
    first_called,
    has_columns,
    index_called,
    is_mask,
    listed,
    names_of,
)
from headwater.capture.origins import (
    AGGREGATION,
    SORT,
    TRANSFORMATION,
    Origin,
    Step,
    held,
    remember,
)
from headwater.capture.watching import Observer

_KEEPING: Final = frozenset({
    None, "copy", "take", "align", "asof", "reindex", "sort_index", "sort_values", "rename",
    "rename_axis", "set_axis", "squeeze", "to_frame", "reset_index", "explode", "append", "concat",
})  # fmt: skip
"""Words given to `__finalize__` by operations that leave every value of a column as it was."""
_RESHAPING: Final = ("pivot", "pivot_table", "melt", "stack", "unstack", "transpose", "describe")
_NUMBERS: Final = (
    "sum", "mean", "median", "min", "max", "std", "var", "sem", "prod", "skew", "kurt", "nunique",
    "count", "quantile",
)  # fmt: skip
"""Methods by which a series becomes a number."""
_CONVERTING: Final = ("to_datetime", "to_numeric", "to_timedelta", "cut", "qcut")

Arguments = tuple[Any, ...]
Named = dict[str, Any]
Watched = tuple[tuple[tuple[Any, ...], tuple[str, ...], Observer], ...]
"""Owners, names of their functions, and what observes them."""


def watched(pandas: ModuleType) -> Watched:
    """List what is observed of a frame or a series alone."""
    from pandas.core.generic import NDFrame

    frame, series = pandas.DataFrame, pandas.Series
    both = (frame, series)
    return (
        (both, ("_arith_method", "_cmp_method", "_logical_method"), _operate),
        (both, ("apply", "map", "transform", "agg", "aggregate"), apply),
        (both, ("to_numpy", "values"), _take_array),
        (both, ("__init__",), _build),
        ((frame,), _RESHAPING, _forget_columns),
        ((NDFrame,), ("__finalize__",), _finalize),
        ((frame,), ("__getitem__",), _select),
        ((frame,), ("__delitem__",), _delete),
        ((frame,), ("rename",), _rename),
        ((series,), ("rename",), _rename_series),
        ((frame,), ("dropna", "drop_duplicates"), _drop_rows),
        (both, ("reset_index", "set_index"), _index),
        ((frame,), ("sort_values",), _sort),
        (both, ("sample",), _sample),
        ((series,), _NUMBERS, _reduce),
        ((pandas,), ("get_dummies",), _forget_columns),
        ((pandas,), _CONVERTING, _convert),
    )


def _build(_: Any, args: Arguments, kwargs: Named) -> None:
    """A frame of arrays or columns that are known came from them."""
    data = args[1] if len(args) > 1 else kwargs.get("data")
    if data is None:
        return
    if isinstance(data, dict):
        _build_of_columns(args[0], data)
        return
    if not hasattr(type(data), "__array__") and rows.origin_of(data) is not None:
        _kept(args[0], rows.as_columns(data, names_of(args[0])))
        return
    origin = held(data)
    if origin is not None:
        _kept(args[0], origin)
        if hasattr(data, "__array_interface__"):
            contents.share(args[0], data)


def _kept(frame: Any, origin: Origin | Step | None) -> None:
    if origin is not None:
        remember(frame, Step(steps.kept, (origin,), called(frame), ()))


def _build_of_columns(frame: Any, data: Mapping[Any, Any]) -> None:
    parts: list[Origin | Step] = []
    places: list[int | None] = []
    unknown = False
    for value in data.values():
        origin = None if type(value) in objects.PLAIN else held(value)
        if origin is not None:
            places.append(len(parts))
            parts.append(origin)
        else:
            places.append(None)
            unknown = unknown or (hasattr(value, "__len__") and not isinstance(value, str))
    if parts:
        remember(frame, Step(steps.built, parts, [*data], places, unknown))


def _finalize(_: Any, args: Arguments, kwargs: Named) -> None:
    """Follow what pandas itself says to have come of what."""
    other = args[1] if len(args) > 1 else kwargs.get("other")
    origin = held(other)
    if origin is None:
        return
    made = args[0]
    method = args[2] if len(args) > 2 else kwargs.get("method", kwargs.get("name"))
    if method in _RESHAPING:
        remember(made, Step(steps.by_dataset, (origin,)))
    elif held(made) is None:
        if not are_called_alike(made, other):
            origin = Step(steps.kept, (origin,), called(made), index_called(made))
        keeps = method in _KEEPING
        remember(made, origin if keeps else Step(steps.gone_through, (origin,), TRANSFORMATION))


def _select(result: Any, args: Arguments, _: Named) -> None:
    """Columns by name; rows by a mask, which may come from elsewhere."""
    frame, key = args[0], args[1]
    origin = held(frame)
    if origin is None:
        return
    framed = has_columns(result)
    if type(key) is str and not framed:
        remember(result, Step(steps.column, (origin,), key))
    elif framed and is_mask(key):
        remember(result, Step(steps.filtered, (origin, held(key) or objects.UNKNOWN)))
    else:
        choose(result, origin, key, frame, brings=False)


def _delete(_: Any, args: Arguments, _kwargs: Named) -> None:
    """A column is no more, in place."""
    origin = held(args[0])
    if origin is not None:
        said = (called(args[0]), index_called(args[0]))
        remember(args[0], Step(steps.kept, (origin,), *said))


def choose(result: Any, origin: Origin | Step, key: Any, frame: Any, *, brings: bool) -> None:
    """Note what of a frame came by a key: labels, a slice, a mask, a function.

    A mask may have come from elsewhere; other keys, where they may have as well (`brings`).
    """
    is_column = has_columns(frame) and not has_columns(result)
    masked = is_mask(key)
    opaque = not masked and (
        callable(key) or (isinstance(key, list) and len(key) > 0 and isinstance(key[0], bool))
    )
    columns = called(frame) if is_column else None
    index = () if is_column else index_called(result)
    parts = [origin, *objects.bringing((key,))] if masked or brings else (origin,)
    said = (columns, is_column, called(result), index, masked, opaque)
    remember(result, Step(steps.chosen, parts, *said))


def _rename(result: Any, args: Arguments, kwargs: Named) -> None:
    frame = args[0]
    origin = held(frame)
    target = frame if kwargs.get("inplace") else result
    if origin is None or target is None:
        return
    names = kwargs.get("columns")
    given = dict(names) if isinstance(names, Mapping) else None
    before = None if target is frame else called(frame)
    remember(target, Step(steps.renamed, (origin,), before, called(target), given))


def _rename_series(result: Any, args: Arguments, _: Named) -> None:
    """A series by another name, or with other labels of its rows."""
    origin, before = held(args[0]), called(args[0])
    if origin is not None and result is not None:
        after = called(result)
        renamed = before is not None and after is not None
        given = {before[0]: after[0]} if renamed else {}
        remember(result, Step(steps.renamed, (origin,), None, None, given))


def _drop_rows(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows without values, or that are there already, by some columns or by all."""
    frame = args[0]
    origin, target = held(frame), frame if result is None else result
    if origin is None:
        return
    subset = args[1] if len(args) > 1 else kwargs.get("subset")
    by = listed(subset) or called(frame)
    said = (called(target), index_called(target), by)
    remember(target, Step(steps.dropped, (origin,), *said))


def _index(result: Any, args: Arguments, kwargs: Named) -> None:
    """Columns become the index and back; a series may be called otherwise as a column."""
    subject = args[0]
    origin, target = held(subject), subject if result is None else result
    if origin is None:
        return
    renamed = {}
    if not has_columns(subject) and has_columns(target) and kwargs.get("name"):
        renamed = {subject.name: kwargs["name"]}
    said = (called(target), index_called(target), renamed)
    remember(target, Step(steps.indexed, (origin,), *said))


def _sort(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        by = listed(args[1] if len(args) > 1 else kwargs.get("by"))
        target = result if result is not None else args[0]
        remember(target, Step(steps.shaped, (origin,), by, SORT))


def query(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows by an expression, which may name variables of the program."""
    origin = held(args[0])
    if origin is not None:
        text = args[1] if len(args) > 1 else kwargs.get("expr", "")
        target = result if result is not None else args[0]
        remember(target, Step(steps.queried, (origin,), _words(text), "@" in text))


def _sample(result: Any, args: Arguments, kwargs: Named) -> None:
    """Some of the rows, chosen by chance or by weights."""
    origin = held(args[0])
    if origin is None:
        return
    order = ("self", "n", "frac", "replace", "weights", "random_state")
    given = dict(zip(order, args, strict=False)) | kwargs
    seed = given.get("random_state")
    how = (
        ("method", "sample"),
        ("rows", len(result)),
        ("of", len(args[0])),
        ("replace", bool(given.get("replace"))),
        ("random_state", seed if isinstance(seed, int) else None),
    )
    parts = [origin, *objects.bringing([given.get("weights")])]
    remember(result, Step(steps.sampled, parts, how))


def _words(expression: str) -> set[str]:
    """Names in an expression of `query`, `backticked` ones too."""
    quoted = set(re.findall(r"`([^`]+)`", expression))
    try:
        tree = ast.parse(re.sub(r"`[^`]+`", "_", expression).replace("@", ""), mode="eval")
    except SyntaxError:
        return quoted
    return quoted | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _operate(result: Any, args: Arguments, _: Named) -> None:
    """Arithmetic, comparison, logic: of both sides, column by column."""
    origin, other = held(args[0]), args[1]
    known = () if origin is None else (origin,)
    unknown = origin is None  # what is operated on holds data, whoever made it
    if type(other) not in objects.PLAIN:
        for one in objects.bringing((other,)):
            if one is objects.UNKNOWN:
                unknown = True
            else:
                known = (*known, one)
    if known:
        remember(result, Step(steps.operated, known, called(result), has_columns(result), unknown))


def _reduce(result: Any, args: Arguments, _: Named) -> None:
    """A number that was made of a column; a Python number carries nothing."""
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.gone_through, (origin,), AGGREGATION))


def _convert(result: Any, args: Arguments, kwargs: Named) -> None:
    """One column, or the parts of a date, become one column."""
    origin = held(args[0] if args else next(iter(kwargs.values())))
    if origin is not None:
        remember(result, Step(steps.one_column, (origin,), first_called(result), False))


def apply(result: Any, args: Arguments, _: Named) -> None:
    """What a function of the user does with the values is not known."""
    origin = held(args[0])
    if origin is None:
        return
    function = args[1] if len(args) > 1 else None
    if callable(function) and (isinstance(function, Mapping) or has_columns(args[0])):
        made = Step(steps.obscured, (origin,))
    elif isinstance(function, (str, Mapping)) or has_columns(args[0]):
        made = Step(steps.gone_through, (origin,), AGGREGATION)
    else:  # of one column comes one column, whatever else the function looks at
        made = Step(steps.one_column, (origin,), first_called(result), True)
    remember(result, made)


def _forget_columns(result: Any, args: Arguments, _: Named) -> None:
    """An array, or a frame in another shape, knows its datasets and no columns."""
    origin = held(args[0] if args else None)
    if origin is not None:
        remember(result, Step(steps.by_dataset, (origin,)))


def _take_array(result: Any, args: Arguments, _: Named) -> None:
    """An array may show the memory of the frame, and let it be written to."""
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.by_dataset, (origin,)))
        contents.share(args[0], result)
