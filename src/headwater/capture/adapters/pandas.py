"""pandas: files that are read and written, and the columns in between.

Exact for selection, renaming, merges, concatenation, assignment and aggregation by name. Other
operations keep names and are said to transform; reshaping (`pivot`, `melt`, `stack`, dummies) and
arrays are followed by dataset, not by column; what `apply` does is opaque.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, Final

from headwater.capture import files, origins
from headwater.capture.origins import (
    AGGREGATION,
    FILTER,
    GROUP_BY,
    IDENTITY,
    JOIN,
    SORT,
    TRANSFORMATION,
    Field,
    Origin,
    recall,
    remember,
)
from headwater.capture.patching import Patches

SUPPORTED = ((2, 0), (4, 0))

_READERS: Final = (
    "read_csv", "read_table", "read_fwf", "read_parquet", "read_feather", "read_orc", "read_json",
    "read_excel", "read_pickle", "read_stata", "read_sas", "read_spss", "read_xml", "read_hdf",
)  # fmt: skip
_WRITERS: Final = (
    "to_csv", "to_parquet", "to_feather", "to_orc", "to_json", "to_excel", "to_pickle", "to_stata",
    "to_xml", "to_hdf", "to_html", "to_latex", "to_markdown",
)  # fmt: skip
_FILES: Final = (
    "filepath_or_buffer", "path", "path_or_buf", "io", "path_or_buffer", "excel_writer", "buf",
    "fname",
)  # fmt: skip
"""What pandas calls the argument that names the file."""

_KEEPING: Final = frozenset({
    None, "copy", "take", "align", "asof", "reindex", "sort_index", "sort_values", "rename",
    "rename_axis", "set_axis", "squeeze", "to_frame", "reset_index", "explode", "append", "concat",
})  # fmt: skip
"""Words given to `__finalize__` by operations that leave every value of a column as it was."""
_RESHAPING: Final = ("pivot", "pivot_table", "melt", "stack", "unstack", "transpose", "describe")
_AGGREGATIONS: Final = (
    "sum", "mean", "median", "min", "max", "count", "std", "var", "sem", "prod", "first", "last",
    "nunique", "size", "quantile", "any", "all", "skew", "idxmin", "idxmax", "agg", "aggregate",
)  # fmt: skip
_TRANSFORMS: Final = ("transform", "cumsum", "cumprod", "cummin", "cummax", "shift", "diff", "rank",
                      "ffill", "bfill", "pct_change", "cumcount", "ngroup")  # fmt: skip
_NONE: Final[frozenset[Field]] = frozenset()

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(pandas: ModuleType, patches: Patches) -> None:
    """Observe what programs call; what pandas calls within is left alone."""
    from pandas.core.generic import NDFrame
    from pandas.core.groupby.generic import DataFrameGroupBy, SeriesGroupBy

    frame, series = pandas.DataFrame, pandas.Series
    both, grouped = (frame, series), (DataFrameGroupBy, SeriesGroupBy)
    for owners, names, observer in (
        ((pandas,), _READERS, _read),
        (both, _WRITERS, _write),
        (both, ("_arith_method", "_cmp_method", "_logical_method"), _operate),
        (both, ("apply", "map", "transform", "agg", "aggregate"), _apply),
        (both, ("to_numpy", "values"), _forget_columns),
        (both, ("__init__",), _build),
        ((frame,), _RESHAPING, _forget_columns),
        (grouped, _AGGREGATIONS, _aggregate),
        (grouped, _TRANSFORMS, _transform),
        (grouped, ("apply",), _apply),
        ((pandas.ExcelFile,), ("parse",), _parse_sheet),
        ((NDFrame,), ("__finalize__",), _finalize),
        ((frame,), ("__getitem__",), _select),
        ((frame,), ("__setitem__",), _put),
        ((frame,), ("insert",), _insert),
        ((frame,), ("rename",), _rename),
        (both, ("reset_index", "set_index"), _index),
        ((frame,), ("sort_values",), _sort),
        ((frame,), ("query",), _query),
        ((frame,), ("groupby",), _group),
        ((frame, pandas), ("merge",), _merge),
        ((frame,), ("join",), _join),
        ((pandas,), ("concat",), _concat),
        ((pandas,), ("get_dummies",), _forget_columns),
        ((DataFrameGroupBy,), ("__getitem__",), _select_group),
    ):
        for owner in owners:
            for name in names:
                if hasattr(owner, name):
                    patches.observe(owner, name, observer)


# Files


def _given(args: Arguments, kwargs: Named, place: int) -> Any:
    for name in _FILES:
        if name in kwargs:
            return kwargs[name]
    return args[place] if len(args) > place else None


def _read(result: Any, args: Arguments, kwargs: Named) -> None:
    given = _given(args, kwargs, 0)
    if hasattr(given, "_reader"):  # an ExcelFile
        given = given.io
    for frame in result.values() if isinstance(result, dict) else [result]:
        remember(frame, files.read(given, _names(frame)))


def _parse_sheet(result: Any, args: Arguments, _: Named) -> None:
    for frame in result.values() if isinstance(result, dict) else [result]:
        remember(frame, files.read(args[0].io, _names(frame)))


def _write(result: Any, args: Arguments, kwargs: Named) -> None:
    frame, given = args[0], _given(args, kwargs, 1)
    if given is None or (isinstance(result, (str, bytes)) and result):
        return  # the text was returned, not written
    if hasattr(given, "handles"):  # an ExcelWriter
        given = given.path
    origin = recall(frame)
    if origin is not None and origin.columns is not None:
        origin = origin.keep([*_index_names(frame), *(_names(frame) or ())])
    names = _names(frame)
    schema = None if names is None else {name: str(kind) for name, kind in _types(frame)}
    said: Named = {"rows": len(frame)}
    if schema:
        said["schema"] = schema
    if kwargs.get("mode") == "a":
        said["mode"] = "append"
    files.write(given, origin, **said)


def _names(frame: Any) -> list[str] | None:
    """Columns of a frame; of a series its name; None where there are none to be had."""
    columns = getattr(frame, "columns", None)
    if columns is not None and len(columns) <= origins.COLUMNS_MAX:
        return [str(name) for name in columns]
    name = getattr(frame, "name", None)
    return None if columns is not None or name is None else [str(name)]


def _index_names(frame: Any) -> list[str]:
    return [str(name) for name in getattr(frame.index, "names", ()) if name is not None]


def _types(frame: Any) -> Iterable[tuple[str, object]]:
    if hasattr(frame, "columns"):
        return ((str(name), kind) for name, kind in zip(frame.columns, frame.dtypes, strict=True))
    return [(str(frame.name), frame.dtype)]


# Columns


def _build(_: Any, args: Arguments, kwargs: Named) -> None:
    """A frame of arrays or columns that are known came from them."""
    data = args[1] if len(args) > 1 else kwargs.get("data")
    if not isinstance(data, dict):
        origin = recall(data)
        if origin is not None:
            names = _names(args[0])
            remember(args[0], origin if names is None else origin.keep(names))
        return
    known = {name: recall(value) for name, value in data.items()}
    if any(origin is not None for origin in known.values()):
        whole = origins.merge(*known.values())
        columns = {
            str(name): _NONE if origin is None else _column(origin, name)
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
        names = _names(made)
        if names is not None and origin.columns is not None:
            origin = origin.keep([*names, *_index_names(made)])
        if method not in _KEEPING:
            origin = _through(origin, TRANSFORMATION)
        remember(made, origin)


def _through(origin: Origin, how: str) -> Origin:
    if origin.columns is None:
        return origin
    return origin._replace(
        columns={name: origins.through(fields, how) for name, fields in origin.columns.items()}
    )


def _fields(value: Any, how: str = IDENTITY) -> frozenset[Field]:
    """What a column or a value came from."""
    origin = recall(value)
    return _NONE if origin is None else origin.all_fields(how)


def _select(result: Any, args: Arguments, _: Named) -> None:
    frame, key = args[0], args[1]
    origin = recall(frame)
    if origin is None:
        return
    if _is_mask(key):
        remember(result, origin.shape(_fields(key, FILTER)))
    elif isinstance(key, slice):
        remember(result, origin)
    else:
        names = _names(result)
        remember(result, origin if names is None else origin.keep([*names, *_index_names(result)]))


def _is_mask(key: Any) -> bool:
    return str(getattr(key, "dtype", "")) in ("bool", "boolean", "bool[pyarrow]")


def _put(_: Any, args: Arguments, _kwargs: Named) -> None:
    _set(args[0], args[1], args[2])


def _insert(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "loc", "column", "value"), args, strict=False)) | kwargs
    _set(given["self"], given["column"], given["value"])


def _set(frame: Any, key: Any, value: Any) -> None:
    origin, other = recall(frame), recall(value)
    if origin is None and other is None:
        return
    origin = origin or Origin(columns=dict.fromkeys(_names(frame) or (), _NONE))
    if _is_mask(key) or not isinstance(key, (str, int, list)):
        remember(frame, origins.merge(origin, other)._replace(columns=None))
        return
    for name in key if isinstance(key, list) else [key]:
        fields = _NONE if other is None else _column(other, name)
        origin = origin.put(name, fields, other)
    unknown = other is None and hasattr(value, "__array__") and not hasattr(value, "index")
    remember(frame, origin._replace(opaque=True) if unknown else origin)


def _column(origin: Origin, name: object) -> frozenset[Field]:
    """Fields of the column of this name, else of all: the value that was put in its place."""
    columns = origin.columns or {}
    return (
        columns[str(name)]
        if len(columns) > 1 and str(name) in columns
        else origin.all_fields(IDENTITY)
    )


def _rename(result: Any, args: Arguments, kwargs: Named) -> None:
    frame = args[0]
    origin = recall(frame)
    target = frame if kwargs.get("inplace") else result
    if origin is None or target is None:
        return
    before, after = _names(frame), _names(target)
    if target is frame or before is None or after is None or len(before) != len(after):
        names = kwargs.get("columns")
        remember(target, origin.rename(names) if isinstance(names, Mapping) else origin.obscure())
        return
    remember(target, origin.rename(dict(zip(before, after, strict=True))))


def _index(result: Any, args: Arguments, kwargs: Named) -> None:
    """Columns become the index and back; a series may be called otherwise as a column."""
    subject = args[0]
    origin, target = recall(subject), subject if result is None else result
    if origin is None:
        return
    if not hasattr(subject, "columns") and hasattr(target, "columns") and kwargs.get("name"):
        origin = origin.rename({subject.name: kwargs["name"]})
    remember(target, origin.keep([*(_names(target) or ()), *_index_names(target)]))


def _sort(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        by = _list(args[1] if len(args) > 1 else kwargs.get("by"))
        remember(result if result is not None else args[0], origin.shape(origin.of(by, SORT)))


def _query(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        text = args[1] if len(args) > 1 else kwargs.get("expr", "")
        target = result if result is not None else args[0]
        remember(target, origin.shape(origin.of(_words(text), FILTER)))


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
    names = _names(result)
    if hasattr(result, "columns") or names is None:
        remember(result, _through(origins.merge(*known), TRANSFORMATION))
        return
    fields = frozenset().union(*(origin.all_fields() for origin in known))
    whole = origins.merge(*known)
    remember(result, whole._replace(columns={names[0]: fields}))


def _apply(result: Any, args: Arguments, _: Named) -> None:
    """What a function of the user does with the values is not known."""
    origin = recall(args[0])
    if origin is None:
        return
    function = args[1] if len(args) > 1 else None
    if isinstance(function, (str, Mapping)) or hasattr(args[0], "columns"):
        remember(result, origin.obscure() if callable(function) else _through(origin, AGGREGATION))
    else:  # of one column comes one column, whatever else the function looks at
        names = _names(result) or ["0"]
        made = origin._replace(columns={names[0]: origin.all_fields()}, opaque=True)
        remember(result, made)


def _forget_columns(result: Any, args: Arguments, _: Named) -> None:
    """An array, or a frame in another shape, knows its datasets and no columns."""
    origin = recall(args[0] if args else None)
    if origin is not None:
        remember(result, origin._replace(columns=None))


# Several frames


def _merge(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("left", "right", "how", "on", "left_on", "right_on")
    given = dict(zip(order, args, strict=False)) | kwargs
    left, right = given.get("left"), given.get("right")
    one, other = recall(left), recall(right)
    if one is None and other is None:
        return
    whole = origins.merge(one, other)
    names = (_names(left), _names(right), _names(result))
    if given.get("how") == "cross":
        keys: tuple[list[Any], list[Any]] = ([], [])
    else:
        common = [name for name in names[0] or () if name in (names[1] or ())]
        on = _list(given.get("on")) or ([] if given.get("left_on") is not None else common)
        keys = (_list(given.get("left_on")) or on, _list(given.get("right_on")) or on)
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
    names = (_names(args[0]), _names(right), _names(result))
    suffixes = (given.get("lsuffix", ""), given.get("rsuffix", ""))
    keys = (_list(given.get("on")), _index_names(right))
    remember(result, _beside(origins.merge(one, other), (one, other), names, keys, suffixes))


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
        columns[called] = a.get(name, _NONE) | (b.get(name, _NONE) if name in shared else _NONE)
    for name in right:
        called = f"{name}{suffixes[1] or ''}" if name in twice else name
        if name not in shared:
            columns[called] = b.get(name, _NONE)
    joined = one.of(keys[0], JOIN) | other.of(keys[1], JOIN)
    return whole._replace(columns={n: columns.get(n, _NONE) for n in made}).shape(joined)


def _concat(result: Any, args: Arguments, kwargs: Named) -> None:
    objs = args[0] if args else kwargs.get("objs", ())
    if not isinstance(objs, (list, tuple, Mapping)):
        return  # an iterator is used up
    some = list(objs.values()) if isinstance(objs, Mapping) else list(objs)
    known = [recall(one) for one in some]
    if not any(origin is not None for origin in known):
        return
    whole = origins.merge(*known)
    names = _names(result)
    remember(result, whole if names is None else whole.keep([*names, *_index_names(result)]))


def _group(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is None:
        return
    by = args[1] if len(args) > 1 else kwargs.get("by")
    keys = [one for one in _list(by) if isinstance(one, str)]
    series = frozenset().union(*(_fields(one, GROUP_BY) for one in _list(by)))
    remember(result, origin.shape(origin.of(keys, GROUP_BY) | series))


def _select_group(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        remember(result, origin.keep([*_list(args[1]), *_keys(args[0])]))


def _keys(grouped: Any) -> list[str]:
    return [str(one) for one in _list(getattr(grouped, "keys", None)) if isinstance(one, str)]


def _aggregate(result: Any, args: Arguments, kwargs: Named) -> None:
    grouped = args[0]
    origin = recall(grouped)
    if origin is None:
        return
    names = _names(result)
    if origin.columns is None or names is None:
        remember(result, origin._replace(columns=None))
        return
    keys = _keys(grouped)
    columns = {key: origin.columns.get(key, _NONE) for key in keys}
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
        names = _names(result)
        made = origin if names is None else origin.keep(names)
        remember(result, _through(made, TRANSFORMATION))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]
