"""pandas: columns through operations on one frame or series.

What is observed takes note of names and arguments, and leaves the rest for later (`pandas_steps`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from headwater.capture import contents, objects, rows, written
from headwater.capture.adapters import pandas_several_steps as several
from headwater.capture.adapters import pandas_steps as steps
from headwater.capture.adapters.pandas_index import labelled
from headwater.capture.adapters.pandas_labels import (
    UNNAMED,
    are_called_alike,
    called,
    first_called,
    has_columns,
    has_rows,
    is_mask,
    listed,
    names_of,
)
from headwater.capture.origins import (
    AGGREGATION,
    IDENTITY,
    SORT,
    TRANSFORMATION,
    Origin,
    Step,
    held,
    is_known,
    mix,
    remember,
)
from headwater.capture.watching import Observer

_KEEPING: Final = frozenset({None, "copy", "rename", "rename_axis", "squeeze", "to_frame"})
"""Words given to `__finalize__` by operations that leave every value of a column as it was."""
_RELABELLING: Final = frozenset({"rename", "rename_axis", "squeeze"})
"""Those that leave every row, though by another index."""
_RESHAPING: Final = ("pivot", "pivot_table", "melt", "stack", "unstack", "transpose", "describe")
_NUMBERS: Final = (
    "sum", "mean", "median", "min", "max", "std", "var", "sem", "prod", "skew", "kurt", "nunique",
    "count", "quantile",
)  # fmt: skip
"""Methods by which a series becomes a number."""
_CONVERTING: Final = ("to_datetime", "to_numeric", "to_timedelta", "cut", "qcut")
_FLEXIBLE: Final = ("_flex_method", "_flex_arith_method", "_flex_cmp_method")
_ARITHMETIC: Final = (
    "add", "sub", "mul", "div", "truediv", "floordiv", "mod", "pow",
    "radd", "rsub", "rmul", "rdiv", "rtruediv", "rfloordiv", "rmod", "rpow",
    "eq", "ne", "lt", "le", "gt", "ge",
)  # fmt: skip
"""Methods of arithmetic; all of them go through `_FLEXIBLE` from pandas 2.2 on."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]
Watched = tuple[tuple[tuple[Any, ...], tuple[str, ...], Observer], ...]
"""Owners, names of their functions, and what observes them."""


def watched(pandas: ModuleType) -> Watched:
    """List what is observed of a frame or a series alone."""
    from pandas.core.generic import NDFrame

    frame, series = pandas.DataFrame, pandas.Series
    both = (frame, series)
    flexible = _FLEXIBLE if hasattr(series, _FLEXIBLE[0]) else _ARITHMETIC
    return (
        (both, ("_arith_method", "_cmp_method", "_logical_method", *flexible), _operate),
        ((NDFrame,), ("__array_ufunc__",), _call_ufunc),
        (both, ("apply", "map", "transform", "agg", "aggregate"), apply),
        (both, ("to_numpy", "values"), _take_array),
        ((series,), ("unique",), _take_array),
        (both, ("__init__",), _build),
        ((frame,), _RESHAPING, _forget_columns),
        ((NDFrame,), ("__finalize__",), _finalize),
        ((frame,), ("__getitem__",), _select),
        ((series,), ("__getitem__",), _select_rows),
        ((frame,), ("__delitem__",), _delete),
        ((frame,), ("rename",), _rename),
        ((series,), ("rename",), _rename_series),
        ((frame,), ("dropna", "drop_duplicates"), _drop_rows),
        ((frame,), ("duplicated",), _mark),
        (both, ("astype",), _cast),
        ((frame,), ("corr", "cov"), _cross),
        ((frame,), ("sort_values",), _sort),
        (both, ("sample",), _sample),
        ((series,), _NUMBERS, _reduce),
        ((pandas,), ("get_dummies",), _forget_columns),
        ((pandas,), _CONVERTING, _convert),
    )


def _build(_: Any, args: Arguments, kwargs: Named) -> None:
    """A frame of arrays or columns that are known came from them."""
    made, data = args[0], args[1] if len(args) > 1 else kwargs.get("data")
    index = args[2] if len(args) > 2 else kwargs.get("index")
    if data is None:
        if objects.bringing([index]):
            relabel(made, index, steps.EMPTY)
        return
    if isinstance(data, written.CONTAINERS) and written.in_call(data):
        names = names_of(made) or [UNNAMED]
        remember(made, Origin(columns=dict.fromkeys(names, frozenset())))
    elif isinstance(data, dict):
        _build_of_columns(made, data)
    elif not hasattr(type(data), "__array__") and rows.origin_of(data) is not None:
        _kept(made, rows.as_columns(data, names_of(made)))
    else:
        origin = held(data)
        if origin is None:
            return
        if has_columns(made) and has_columns(data):
            _kept(made, origin)
        elif has_columns(made):
            remember(made, Step(steps.spread, (origin,), called(made), IDENTITY))
        else:
            remember(made, Step(steps.one_column, (origin,), first_called(made), False, IDENTITY))
        if hasattr(data, "__array_interface__"):
            contents.share(made, data)
    if index is not None:
        relabel(made, index, held(made))


def relabel(thing: Any, index: Any, origin: Origin | Step | None) -> None:
    """Note that rows, of this origin, were given other labels; just numbered they have none."""
    if origin is not None:
        parts = objects.bringing([index])
        known = [one for one in parts if one is not objects.UNKNOWN]
        remember(thing, Step(labelled, [origin, *known], len(known) == len(parts)))


def _kept(frame: Any, origin: Origin | Step | None) -> None:
    if origin is not None:
        remember(frame, Step(steps.kept, (origin,), called(frame)))


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
            unknown = unknown or _is_computed(value)
    if parts:
        remember(frame, Step(several.built, parts, [*data], places, unknown))


def _is_computed(value: Any) -> bool:
    """Whether a value of unknown origin may be of data: numbers of numpy are, as arrays are."""
    if isinstance(value, (str, bytes, range)):
        return False
    if isinstance(value, written.CONTAINERS) and written.in_call(value):
        return False
    return hasattr(value, "__array__") or hasattr(value, "__iter__")


def _finalize(_: Any, args: Arguments, kwargs: Named) -> None:
    """Follow what pandas itself says to have come of what.

    What an operation does that nobody observes is told by what it left as it was. Where rows are
    others than before, it may have chosen them by anything.
    """
    other = args[1] if len(args) > 1 else kwargs.get("other")
    origin = held(other)
    if origin is None:
        return
    made = args[0]
    method = args[2] if len(args) > 2 else kwargs.get("method", kwargs.get("name"))
    if method in _RESHAPING:
        remember(made, Step(steps.by_dataset, (origin,)))
    elif held(made) is None:
        remember(made, _followed(made, other, origin, method))


def _followed(made: Any, other: Any, origin: Origin | Step, method: Any) -> Origin | Step:
    how = IDENTITY if method in _KEEPING else TRANSFORMATION
    was_frame, is_frame = has_columns(other), has_columns(made)
    if method not in _RELABELLING and not _has_same_rows(made, other):
        if was_frame and not is_frame and method != "groupby":
            return Step(steps.across, (origin,), AGGREGATION)
        return Step(steps.obscured, (origin,))
    if was_frame and not is_frame:
        return Step(steps.one_column, (origin,), first_called(made), False, how)
    if is_frame and not was_frame:
        return Step(steps.spread, (origin,), called(made), how)
    if is_frame and not are_called_alike(made, other):
        origin = Step(steps.kept, (origin,), called(made))
    return origin if how == IDENTITY else Step(steps.gone_through, (origin,), how)


def _has_same_rows(made: Any, other: Any) -> bool:
    return has_rows(made) and has_rows(other) and bool(made.index.is_(other.index))


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


def _select_rows(result: Any, args: Arguments, _: Named) -> None:
    """Rows of a series; a value of one tells nothing more than that it is of the series."""
    if has_rows(result):
        series, key = args[0], args[1]
        origin = held(series)
        if origin is not None:
            choose(result, origin, key, series, brings=False, labels=not isinstance(key, slice))


def _delete(_: Any, args: Arguments, _kwargs: Named) -> None:
    """A column is no more, in place."""
    origin = held(args[0])
    if origin is not None:
        remember(args[0], Step(steps.kept, (origin,), called(args[0])))


def choose(
    result: Any,
    origin: Origin | Step,
    key: Any,
    frame: Any,
    *,
    brings: bool,
    labels: bool = False,
) -> None:
    """Note what of a frame came by a key: labels, a slice, a mask, a function.

    A mask may have come from elsewhere; other keys, where they may have as well (`brings`).
    """
    if not has_rows(result):
        remember(result, Step(steps.cell, (origin,), None))
        return
    was_frame = has_columns(frame)
    is_column = was_frame and not has_columns(result)
    masked = is_mask(key)
    opaque = not masked and (
        callable(key) or (isinstance(key, list) and len(key) > 0 and isinstance(key[0], bool))
    )
    columns = called(frame) if is_column else None
    parts = [origin, *objects.bringing((key,))] if masked or brings else (origin,)
    by = "mask" if masked else "labels" if labels else ""
    names = called(result) if was_frame else None
    remember(result, Step(steps.chosen, parts, columns, is_column, names, by, opaque))


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
    origin = held(args[0])
    if origin is not None and result is not None:
        remember(result, Step(steps.one_column, (origin,), first_called(result), False, IDENTITY))


def _drop_rows(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows without values, or that are there already, by some columns or by all."""
    frame = args[0]
    origin, target = held(frame), frame if result is None else result
    if origin is None:
        return
    subset = args[1] if len(args) > 1 else kwargs.get("subset")
    by = listed(subset) or called(frame)
    remember(target, Step(steps.dropped, (origin,), called(target), by))


def _cast(result: Any, args: Arguments, kwargs: Named) -> None:
    """Values of other types; pandas puts a frame together anew, column by column."""
    origin = held(args[0])
    if origin is not None:
        kinds: Any = args[1] if len(args) > 1 else kwargs.get("dtype")
        only = frozenset(map(str, kinds.keys())) if hasattr(kinds, "keys") else None
        remember(result, Step(steps.gone_through, (origin,), TRANSFORMATION, only))


def _mark(result: Any, args: Arguments, kwargs: Named) -> None:
    """Which rows are there already, by some columns or by all."""
    origin = held(args[0])
    if origin is not None:
        subset = args[1] if len(args) > 1 else kwargs.get("subset")
        remember(result, Step(steps.marked, (origin,), listed(subset) or called(args[0])))


def _cross(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.spread, (origin,), called(result), AGGREGATION))


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
    subject, other = args[0], args[1]
    origin = held(subject)
    is_frame = has_columns(result)
    known = () if origin is None else (origin,)
    unknown = origin is None  # what is operated on holds data, whoever made it
    if type(other) not in objects.PLAIN:
        for one in objects.bringing((other,)):
            if one is objects.UNKNOWN:
                unknown = True
            else:
                known = (*known, one)
    if known:
        framed: tuple[bool, ...] = ()
        if is_frame:
            framed = (has_columns(subject),)[: origin is not None]
            framed += (has_columns(other),) * (len(known) - len(framed))
        remember(result, Step(several.operated, known, called(result), is_frame, framed, unknown))


def _call_ufunc(result: Any, args: Arguments, kwargs: Named) -> None:
    """A function of numpy, value by value: of all that it is given. `reduce` makes one of many."""
    known: list[Origin | Step] = []
    framed: list[bool] = []
    unknown = bool(kwargs)
    for value in args[3:]:
        for one in objects.bringing([value]):
            unknown = unknown or one is objects.UNKNOWN
            if one is not objects.UNKNOWN:
                known.append(one)
                framed.append(has_columns(value))
    if not known:
        return
    for made in result if isinstance(result, tuple) else (result,):
        if args[2] != "__call__" or not has_rows(made):
            remember(made, Step(steps.obscured, [Step(several.merged, known)]))
            continue
        is_frame = has_columns(made)
        said = (called(made), is_frame, framed if is_frame else (), unknown)
        remember(made, Step(several.operated, known, *said))


def _reduce(result: Any, args: Arguments, _: Named) -> None:
    """A number that was made of a column; a Python number carries nothing."""
    origin = held(args[0])
    if origin is not None:
        if has_rows(result):  # quantiles
            remember(result, Step(steps.obscured, (origin,)))
        else:
            remember(result, Step(steps.reduced, (origin,)))


def _convert(result: Any, args: Arguments, kwargs: Named) -> None:
    """One column, or the parts of a date, become one column."""
    origin = held(args[0] if args else next(iter(kwargs.values())))
    if origin is not None:
        remember(result, Step(steps.one_column, (origin,), first_called(result), False))


def apply(result: Any, args: Arguments, kwargs: Named) -> None:
    """What a function of the user does with the values is not known."""
    origin = held(args[0])
    if origin is None:
        return
    subject = args[0]
    function = args[1] if len(args) > 1 else kwargs.get("func", kwargs.get("arg"))
    is_frame = has_columns(subject)
    if has_rows(function) or (isinstance(function, Mapping) and not is_frame):
        parts = [origin, *objects.bringing([function])]
        remember(result, Step(several.looked_up, parts, called(result)))
    elif isinstance(function, (str, list, Mapping)) and _is_by_name(function):
        _aggregated(result, subject, origin, kwargs.get("axis", 0) in (1, "columns"))
    elif is_frame or not has_rows(result):
        remember(result, Step(steps.obscured, (origin,)))
    else:  # of one column comes one column, whatever else the function looks at
        remember(result, Step(steps.one_column, (origin,), first_called(result), True))


def _is_by_name(functions: Any) -> bool:
    """Whether functions of pandas are given by name, and none of the user's."""
    if isinstance(functions, Mapping):
        return all(map(_is_by_name, functions.values()))
    if isinstance(functions, list):
        return all(map(_is_by_name, functions))
    return isinstance(functions, str)


def _aggregated(result: Any, subject: Any, origin: Origin | Step, along: bool) -> None:
    if not has_rows(result):
        remember(result, Step(steps.reduced, (origin,)))
    elif has_columns(result) and has_columns(subject) and not along:
        kept = Step(steps.kept, (origin,), called(result))
        remember(result, Step(steps.gone_through, (kept,), AGGREGATION))
    elif has_columns(subject) and not along:
        remember(result, Step(steps.across, (origin,), AGGREGATION))
    elif has_columns(result):
        remember(result, Step(steps.spread, (origin,), called(result), AGGREGATION))
    else:
        remember(result, Step(steps.one_column, (origin,), first_called(result)))


def _forget_columns(result: Any, args: Arguments, _: Named) -> None:
    """An array, or a frame in another shape, knows its datasets and no columns."""
    origin = held(args[0] if args else None)
    if origin is not None:
        remember(result, Step(steps.by_dataset, (origin,)))


def _take_array(result: Any, args: Arguments, _: Named) -> None:
    """An array may show the memory of the frame, and let it be written to."""
    origin = held(args[0])
    if origin is not None:
        is_column = not has_columns(args[0])
        known = Step(steps.as_array if is_column else steps.by_dataset, (origin,))
        remember(result, known)
        if not is_column:
            mix(result, origin)
        contents.share(args[0], result)
        memory = contents.owner(result)
        # A part of this array is a view of all the memory, where other columns may be too.
        if is_column and memory.size == result.size and not is_known(memory):
            remember(memory, known)
