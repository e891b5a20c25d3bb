"""pandas: columns through operations on one frame or series."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, Final

from headwater.capture import contents, objects, origins, rows
from headwater.capture.origins import (
    AGGREGATION,
    FILTER,
    IDENTITY,
    SORT,
    TRANSFORMATION,
    Field,
    Origin,
    Split,
    recall,
    remember,
)
from headwater.capture.patching import Observer

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
NONE: Final[frozenset[Field]] = frozenset()

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


def names_of(frame: Any) -> list[str] | None:
    """Columns of a frame; of a series its name; None where there are none to be had."""
    columns = getattr(frame, "columns", None)
    if columns is not None and len(columns) <= origins.COLUMNS_MAX:
        return [str(name) for name in columns]
    name = getattr(frame, "name", None)
    return None if columns is not None or name is None else [str(name)]


def index_names(frame: Any) -> list[str]:
    """Names of the index, as far as it has any."""
    return [str(name) for name in getattr(frame.index, "names", ()) if name is not None]


def types_of(frame: Any) -> Iterable[tuple[str, object]]:
    """Columns of a frame and their types."""
    if hasattr(frame, "columns"):
        return ((str(name), kind) for name, kind in zip(frame.columns, frame.dtypes, strict=True))
    return [(str(frame.name), frame.dtype)]


def _build(_: Any, args: Arguments, kwargs: Named) -> None:
    """A frame of arrays or columns that are known came from them."""
    data = args[1] if len(args) > 1 else kwargs.get("data")
    if not isinstance(data, dict):
        fetched = rows.as_columns(data, names_of(args[0]))
        origin = recall(data) if fetched is None else fetched
        if origin is not None:
            names = names_of(args[0])
            remember(args[0], origin if names is None else origin.keep(names))
            if hasattr(data, "__array_interface__"):
                contents.share(args[0], data)
        return
    known = {name: recall(value) for name, value in data.items()}
    if any(origin is not None for origin in known.values()):
        whole = origins.merge(*known.values())
        columns = {
            str(name): NONE if origin is None else column_of(origin, name)
            for name, origin in known.items()
        }
        unknown = any(known[name] is None and hasattr(value, "__len__") for name, value
                      in data.items() if not isinstance(value, str))  # fmt: skip
        remember(args[0], whole._replace(columns=columns, opaque=whole.opaque or unknown))


def _finalize(_: Any, args: Arguments, kwargs: Named) -> None:
    """Follow what pandas itself says to have come of what."""
    other = args[1] if len(args) > 1 else kwargs.get("other")
    origin = recall(other)
    if origin is None:
        return
    made = args[0]
    method = args[2] if len(args) > 2 else kwargs.get("method", kwargs.get("name"))
    if method in _RESHAPING:
        remember(made, origin._replace(columns=None))
    elif recall(made) is None:
        names = names_of(made)
        if names is not None and origin.columns is not None:
            origin = origin.keep([*names, *index_names(made)])
        if method not in _KEEPING:
            origin = through(origin, TRANSFORMATION)
        remember(made, origin)


def through(origin: Origin, how: str) -> Origin:
    """Let each column go through one more step."""
    if origin.columns is None:
        return origin
    return origin._replace(
        columns={name: origins.through(fields, how) for name, fields in origin.columns.items()}
    )


def column_of(origin: Origin, name: object) -> frozenset[Field]:
    """Fields of the column of this name, else of all: the value that was put in its place."""
    columns = origin.columns or {}
    return (
        columns[str(name)]
        if len(columns) > 1 and str(name) in columns
        else origin.all_fields(IDENTITY)
    )


def fields_of(value: Any, how: str = IDENTITY) -> frozenset[Field]:
    """What a column or a value came from."""
    origin = recall(value)
    return NONE if origin is None else origin.all_fields(how)


def _select(result: Any, args: Arguments, _: Named) -> None:
    """Columns by name; rows by a mask, which may come from elsewhere."""
    frame, key = args[0], args[1]
    origin = recall(frame)
    if origin is not None:
        remember(result, chosen(result, origin, key, frame))


def chosen(result: Any, origin: Origin, key: Any, frame: Any) -> Origin:
    """What of an object of this origin comes by a key: labels, a slice, a mask, a function."""
    columns = getattr(frame, "columns", None)
    names = names_of(result)
    if columns is not None and not hasattr(result, "columns") and names is not None:
        by_row = names[0] not in map(str, columns)
        origin = origin._replace(columns=None) if by_row else origin.keep(names)
    elif names is not None:
        origin = origin.keep([*names, *index_names(result)])
    if is_mask(key):
        return origins.joined(origin, objects.brought([key])).shape(fields_of(key, FILTER))
    if callable(key) or (isinstance(key, list) and key and isinstance(key[0], bool)):
        return origin._replace(opaque=True)
    return origin


def is_mask(key: Any) -> bool:
    """Whether a key chooses rows by a truth value each."""
    return str(getattr(key, "dtype", "")) in ("bool", "boolean", "bool[pyarrow]")


def _rename(result: Any, args: Arguments, kwargs: Named) -> None:
    frame = args[0]
    origin = recall(frame)
    target = frame if kwargs.get("inplace") else result
    if origin is None or target is None:
        return
    before, after = names_of(frame), names_of(target)
    if target is frame or before is None or after is None or len(before) != len(after):
        names = kwargs.get("columns")
        remember(target, origin.rename(names) if isinstance(names, Mapping) else origin.obscure())
        return
    remember(target, origin.rename(dict(zip(before, after, strict=True))))


def _rename_series(result: Any, args: Arguments, _: Named) -> None:
    """A series by another name, or with other labels of its rows."""
    series = args[0]
    origin, before = recall(series), names_of(series)
    if origin is not None and result is not None:
        after = names_of(result)
        renamed = before is not None and after is not None and before != after
        remember(result, origin.rename({before[0]: after[0]}) if renamed else origin)  # type: ignore[index]


def _drop_rows(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows without values, or that are there already, by some columns or by all."""
    frame = args[0]
    origin, target = recall(frame), frame if result is None else result
    if origin is None:
        return
    subset = args[1] if len(args) > 1 else kwargs.get("subset")
    by = listed(subset) or names_of(frame) or []
    names = names_of(target)
    kept = origin if names is None else origin.keep([*names, *index_names(target)])
    remember(target, kept.shape(origin.of(by, FILTER)))


def _index(result: Any, args: Arguments, kwargs: Named) -> None:
    """Columns become the index and back; a series may be called otherwise as a column."""
    subject = args[0]
    origin, target = recall(subject), subject if result is None else result
    if origin is None:
        return
    if not hasattr(subject, "columns") and hasattr(target, "columns") and kwargs.get("name"):
        origin = origin.rename({subject.name: kwargs["name"]})
    remember(target, origin.keep([*(names_of(target) or ()), *index_names(target)]))


def _sort(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        by = listed(args[1] if len(args) > 1 else kwargs.get("by"))
        remember(result if result is not None else args[0], origin.shape(origin.of(by, SORT)))


def query(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows by an expression, which may name variables of the program."""
    origin = recall(args[0])
    if origin is not None:
        text = args[1] if len(args) > 1 else kwargs.get("expr", "")
        target = result if result is not None else args[0]
        made = origin.shape(origin.of(_words(text), FILTER))
        remember(target, made._replace(opaque=True) if "@" in text else made)


def _sample(result: Any, args: Arguments, kwargs: Named) -> None:
    """Some of the rows, chosen by chance or by weights."""
    origin = recall(args[0])
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
    made = origins.joined(origin, objects.brought([given.get("weights")]))
    remember(result, made._replace(splits=made.splits | {Split("sample", how)}))


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
    known = [origin for origin in map(recall, args[:2]) if origin is not None]
    if not known:
        return
    whole = origins.joined(origins.merge(*known), objects.brought(args[:2]))
    names = names_of(result)
    if hasattr(result, "columns") or names is None:
        remember(result, through(whole, TRANSFORMATION))
        return
    fields = frozenset().union(*(origin.all_fields() for origin in known))
    remember(result, whole._replace(columns={names[0]: fields}))


def _reduce(result: Any, args: Arguments, _: Named) -> None:
    """A number that was made of a column; a Python number carries nothing."""
    origin = recall(args[0])
    if origin is not None:
        remember(result, through(origin, AGGREGATION))


def _convert(result: Any, args: Arguments, kwargs: Named) -> None:
    """One column, or the parts of a date, become one column."""
    given = args[0] if args else next(iter(kwargs.values()))
    origin = recall(given)
    if origin is not None:
        columns = {(names_of(result) or ["0"])[0]: origin.all_fields()}
        remember(result, origin._replace(columns=columns))


def apply(result: Any, args: Arguments, _: Named) -> None:
    """What a function of the user does with the values is not known."""
    origin = recall(args[0])
    if origin is None:
        return
    function = args[1] if len(args) > 1 else None
    if isinstance(function, (str, Mapping)) or hasattr(args[0], "columns"):
        remember(result, origin.obscure() if callable(function) else through(origin, AGGREGATION))
    else:  # of one column comes one column, whatever else the function looks at
        names = names_of(result) or ["0"]
        made = origin._replace(columns={names[0]: origin.all_fields()}, opaque=True)
        remember(result, made)


def _forget_columns(result: Any, args: Arguments, _: Named) -> None:
    """An array, or a frame in another shape, knows its datasets and no columns."""
    origin = recall(args[0] if args else None)
    if origin is not None:
        remember(result, origin._replace(columns=None))


def _take_array(result: Any, args: Arguments, kwargs: Named) -> None:
    """An array may show the memory of the frame, and let it be written to."""
    _forget_columns(result, args, kwargs)
    if recall(args[0]) is not None:
        contents.share(args[0], result)


def listed(value: Any) -> list[Any]:
    """What was given once or several times, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]
