"""polars, lazy and eager: files, and frames in between.

What is called on a frame is noted as it was called and worked out when something is written
(`polars_steps`), by polars' own plan (`polars_plans`). A lazy frame reads its files when it is
collected.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

from headwater.capture import callers, objects, origins, rows
from headwater.capture.adapters import polars_files, polars_series, polars_sql
from headwater.capture.adapters.polars_arguments import Call, Unfollowed
from headwater.capture.adapters.polars_notes import hold, known_of, methods, note, note_step
from headwater.capture.adapters.polars_steps import UNKNOWN, Column, Frame, origin_of
from headwater.capture.origins import IDENTITY, Later, pending, recall, remember
from headwater.capture.patching import Patches
from headwater.capture.watching import watched

SUPPORTED = ((1, 0), (3, 0))

_KEEPING: Final = ("rechunk", "sample", "shrink_to_fit", "clone", "cache", "lazy", "inspect")
"""Methods that leave every column as it is."""
_RESHAPING: Final = (
    "transpose", "describe", "map_columns", "upsample", "pivot", "unstack", "product", "to_dummies",
    "corr",
)  # fmt: skip
_OPAQUE: Final = ("map_rows", "map_batches", "map_groups", "pipe_with_schema")
_FRAME_OPERATORS: Final = (
    "__add__", "__sub__", "__mul__", "__truediv__", "__floordiv__", "__mod__", "_comp",
)  # fmt: skip

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(polars: ModuleType, patches: Patches) -> None:
    """Observe frames, groups, series, and what makes them of others and of files."""
    from polars.dataframe import group_by as eager
    from polars.lazyframe import group_by as lazy

    frame, plan, series = polars.DataFrame, polars.LazyFrame, polars.Series
    for owner in (frame, plan):
        _follow_frames(owner, plan, patches)
    for owner in (eager.GroupBy, eager.RollingGroupBy, eager.DynamicGroupBy):
        for name in methods(owner, "DataFrame"):
            patches.observe(owner, name, _aggregated(name))
    for name in ("group_by", "rolling", "group_by_dynamic"):
        patches.observe(plan, name, _grouped(name))
    for name in methods(lazy.LazyGroupBy, "LazyFrame", "Self", "LazyGroupBy"):
        patches.observe(lazy.LazyGroupBy, name, _aggregated_lazily(name))
    _follow_frame_parts(frame, patches)
    polars_series.install(series, patches)
    for name in ("concat", "union", "merge_sorted"):
        patches.observe_function(polars, name, _together(name))
    home = sys.modules[polars.lit.__module__]
    patches.observe(polars.functions, "lit", polars_series.literal, also=(polars, home))
    for name in ("is_in", "replace", "replace_strict"):
        patches.observe(polars.Expr, name, polars_series.looked_up)
    for name in ("from_pandas", "from_arrow", "from_numpy", "from_dict", "from_dataframe"):
        patches.observe_function(polars, name, _of_another)
    for made in (frame, plan, series):
        patches.observe(made, "__init__", _built)
    polars_files.install(polars, patches)
    callers.look_past_ours(("polars._warnings",), patches)
    polars_sql.install(polars, patches)


def _follow_frames(owner: type, plan: type, patches: Patches) -> None:
    shared = {*vars(plan)}
    for name in methods(owner, "DataFrame", "LazyFrame"):
        if name in ("deserialize", "from_lazyframe_resolver"):
            continue
        if name in _KEEPING:
            patches.observe(owner, name, _kept)
        elif name in _RESHAPING:
            patches.observe(owner, name, _reshaped)
        elif name in _OPAQUE:
            patches.observe(owner, name, _obscured)
        elif name in _IN_PLACE:
            patches.observe(owner, name, _IN_PLACE[name])
        elif name in shared:
            patches.observe(owner, name, _called(name))


def _called(name: str) -> Any:
    def called(result: Any, args: Arguments, kwargs: Named) -> None:
        note(result, name, args[0], args[1:], kwargs)

    return called


def _kept(result: Any, args: Arguments, _: Named) -> None:
    remember(result, _as_frame(args[0]))


def _as_frame(thing: Any) -> Any:
    known = pending(thing)
    return known if known is None or isinstance(known, Later) else known_of(thing)


def _reshaped(result: Any, args: Arguments, _: Named) -> None:
    """Columns come of values: followed by data set."""
    if pending(args[0]) is not None:
        note_step(result, (), [known_of(args[0])])


def _obscured(result: Any, args: Arguments, _: Named) -> None:
    if pending(args[0]) is not None:
        note_step(result, (), [known_of(args[0])], unfollowed=True)


# Frames that are changed in place, or put together


def _beside(result: Any, args: Arguments, kwargs: Named) -> None:
    """`hstack`, `insert_column`, `replace_column`: series become columns."""
    given = args[-1] if len(args) > 1 else next(iter(kwargs.values()))
    given = kwargs.get("columns", kwargs.get("column", given))
    if hasattr(given, "get_columns"):
        note(result, "pl.concat", None, ([args[0], given],), {"how": "horizontal"})
        return
    columns = given if isinstance(given, (list, tuple)) else [given]
    before = pending(args[0])
    note(result, "with_columns", args[0], tuple(columns), {})
    if before is None and pending(result) is None:
        return
    ordered = list(result.columns)
    note(result, "select", result, (ordered,), {})


def _below(result: Any, args: Arguments, kwargs: Named) -> None:
    """`vstack`, `extend`: rows of another frame."""
    other = args[1] if len(args) > 1 else kwargs["other"]
    note(result, "pl.concat", None, ([args[0], other],), {})


_IN_PLACE: Final = {
    "hstack": _beside,
    "insert_column": _beside,
    "vstack": _below,
    "extend": _below,
}


def _renamed(_: Any, args: Arguments, kwargs: Named) -> None:
    """`frame.columns = […]`."""
    before = kwargs.get("__before__")
    if before is not None:
        names = dict(zip(before, args[0].columns, strict=True))
        note(args[0], "rename", args[0], (names,), {})


def _names_before(args: Arguments, _: Named) -> list[str]:
    return list(args[0].columns)


def _dropped(result: Any, args: Arguments, kwargs: Named) -> None:
    """`drop_in_place`: one column out, as a series."""
    name = args[1] if len(args) > 1 else kwargs["name"]
    known = pending(args[0])
    if known is not None:
        remember(result, Column((known_of(args[0]),), IDENTITY, name))
        note(args[0], "drop", args[0], (name,), {})


def _together(name: str) -> Any:
    def together(result: Any, args: Arguments, kwargs: Named) -> None:
        given = args[0] if args else next(iter(kwargs.values()))
        if not isinstance(given, (list, tuple)):
            return  # an iterator is used up
        if given and hasattr(given[0], "to_frame"):  # series
            known = [pending(one) for one in given]
            if any(one is not None for one in known):
                remember(result, Column(tuple(known), IDENTITY))
            return
        note(result, f"pl.{name}", None, args, kwargs)

    return together


# Groups


def _aggregated(name: str) -> Any:
    def aggregated(result: Any, args: Arguments, kwargs: Named) -> None:
        grouped = args[0]
        if pending(grouped.df) is None:
            return
        inputs: list[Any] = [known_of(grouped.df)]
        try:
            first = _grouping(grouped)
            then = (
                name,
                tuple(hold(one, inputs) for one in args[1:]),
                {key: hold(value, inputs) for key, value in kwargs.items()},
            )
        except Unfollowed:
            note_step(result, (), inputs, unfollowed=True)
            return
        note_step(result, (*first, then), inputs)

    return aggregated


_WINDOW: Final = (
    "every", "period", "offset", "closed", "group_by", "include_boundaries", "label", "start_by",
)  # fmt: skip


def _grouping(grouped: Any) -> tuple[Call, ...]:
    """Give the calls that made a group, from what the group knows of it."""
    inputs: list[Any] = []
    if hasattr(grouped, "by"):
        by = tuple(hold(one, inputs) for one in grouped.by)
        named = {name: hold(one, inputs) for name, one in grouped.named_by.items()}
        first: Call = ("group_by", by, named)
    else:
        options = {name: getattr(grouped, name) for name in _WINDOW if hasattr(grouped, name)}
        method = "group_by_dynamic" if hasattr(grouped, "every") else "rolling"
        first = (method, (grouped.time_column,), options)
    predicates = getattr(grouped, "predicates", None)
    return (first, ("having", tuple(predicates), {})) if predicates else (first,)


def _grouped(name: str) -> Any:
    def grouped(result: Any, args: Arguments, kwargs: Named) -> None:
        if pending(args[0]) is None:
            return
        inputs: list[Any] = [known_of(args[0])]
        try:
            held = tuple(hold(one, inputs) for one in args[1:])
            named = {key: hold(value, inputs) for key, value in kwargs.items()}
            note_step(result, ((name, held, named),), inputs)
        except Unfollowed:
            note_step(result, (), inputs, unfollowed=True)

    return grouped


def _aggregated_lazily(name: str) -> Any:
    def aggregated(result: Any, args: Arguments, kwargs: Named) -> None:
        group = pending(args[0])
        if not isinstance(group, Frame):
            return
        if name == "map_groups":
            note_step(result, (), [group], unfollowed=True)
            return
        inputs = list(group.inputs)
        try:
            held = tuple(hold(one, inputs) for one in args[1:])
            named = {key: hold(value, inputs) for key, value in kwargs.items()}
            calls = (*group.calls, (name, held, named))
            note_step(result, calls, inputs, unfollowed=group.is_unfollowed)
        except Unfollowed:
            note_step(result, (), inputs, unfollowed=True)

    return aggregated


# Parts of frames, and series


def _follow_frame_parts(frame: type, patches: Patches) -> None:
    patches.observe(frame, "__getitem__", _part)
    for name in ("get_column", "to_series"):
        patches.observe(frame, name, _part)
    patches.observe(frame, "__setitem__", _set)
    for name in ("__copy__", "__deepcopy__"):
        patches.observe(frame, name, _kept)
    patches.observe(frame, "get_columns", _parts)
    patches.observe(frame, "partition_by", _partitions)
    patches.observe(frame, "drop_in_place", _dropped)
    if "replace_column" in vars(frame):
        patches.observe(frame, "replace_column", _replaced)
    for name in _FRAME_OPERATORS:
        if name in vars(frame):
            patches.observe(frame, name, _operated)
    for name in ("to_pandas", "to_arrow", "to_numpy"):
        patches.observe(frame, name, _to_another)
    columns: Any = vars(frame)["columns"]
    setter = watched(columns.fset, _renamed, _names_before)
    patches.replace(frame, "columns", property(columns.fget, setter, columns.fdel, columns.__doc__))


def _operated(result: Any, args: Arguments, _: Named) -> None:
    """Arithmetic of whole frames: column by column with a number, as a whole with a frame."""
    import polars

    frame, *others = args
    if not any(hasattr(one, "shape") for one in others):
        note(result, "select", frame, (polars.all() * 1,), {})
        return
    known = [pending(one) for one in (frame, *others) if hasattr(one, "shape")]
    if any(one is not None for one in known):
        note_step(result, (), [known_of(one) for one in (frame, *others) if hasattr(one, "shape")])


def _set(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Values put in in place; a constant changes no origin."""
    frame, _key, value = args
    if isinstance(value, (str, int, float, bool, type(None))):
        return
    known = [pending(frame), pending(value)]
    if any(one is not None for one in known):
        note_step(frame, (), [one if one is not None else UNKNOWN for one in known])


def _part(result: Any, args: Arguments, _: Named) -> None:
    frame = args[0]
    known = pending(frame)
    if known is None:
        return
    if hasattr(result, "get_columns"):
        key = args[1] if len(args) > 1 else None
        more = objects.brought(_choosing(key))
        if str(getattr(key, "dtype", "")) == "Boolean":
            note(result, "filter", frame, (key,), {})
        elif more.sources or more.opaque:
            note_step(result, (), [known_of(frame), more])
        else:
            note(result, "select", frame, (list(result.columns),), {})
    elif hasattr(result, "to_frame"):
        remember(result, Column((known_of(frame),), IDENTITY, result.name))


def _choosing(key: Any) -> list[Any]:
    """List what rows are chosen by: numbers in a list, masks; names of columns are none."""
    parts = key if isinstance(key, tuple) else (key,)
    return [
        one
        for one in parts
        if not isinstance(one, (str, int, slice, type(None)))
        and not (isinstance(one, list) and all(isinstance(name, str) for name in one))
    ]


def _parts(result: Any, args: Arguments, _: Named) -> None:
    if pending(args[0]) is not None:
        known = known_of(args[0])
        for series in result:
            remember(series, Column((known,), IDENTITY, series.name))


def _partitions(result: Any, args: Arguments, kwargs: Named) -> None:
    """Frames with the rows of one key each: what a filter by the key gives."""
    if pending(args[0]) is None:
        return
    import polars

    by = args[1:] or (kwargs["by"],)
    chosen: Call = ("filter", (polars.struct(*by).is_null(),), {})
    for frame in result.values() if isinstance(result, dict) else result:
        kept: Call = ("select", (list(frame.columns),), {})
        note_step(frame, (chosen, kept), [known_of(args[0])])


def _replaced(result: Any, args: Arguments, kwargs: Named) -> None:
    """`replace_column`: a series in the place of another column."""
    series = args[2] if len(args) > 2 else kwargs["column"]
    note(result, "with_columns", args[0], (series,), {})
    if pending(result) is not None:
        note(result, "select", result, (list(result.columns),), {})


def _to_another(result: Any, args: Arguments, _: Named) -> None:
    """A frame, table or array of another library: its adapter goes on from here."""
    if pending(args[0]) is None:
        return
    origin = origin_of(known_of(args[0]))
    is_array = type(result).__module__ == "numpy"
    origins.remember_new(result, origin._replace(columns=None) if is_array else origin)


def _of_another(result: Any, args: Arguments, kwargs: Named) -> None:
    """A frame of another library's: columns keep their names."""
    data = args[0] if args else kwargs.get("data", kwargs.get("df"))
    _built(None, (result, data), {})


def _built(_: Any, args: Arguments, kwargs: Named) -> None:
    made = args[0]
    data = args[1] if len(args) > 1 else kwargs.get("data")
    if data is None:
        return
    if isinstance(data, (dict, list, tuple)):
        _built_of_columns(made, data)
        return
    origin = recall(data)
    if origin is not None and hasattr(made, "collect_schema"):
        schema = dict(made.collect_schema())
        remember(made, Frame(origin.keep(schema), schema))
    elif origin is not None:
        remember(made, Column((origin,), IDENTITY))


def _built_of_columns(made: Any, data: Any) -> None:
    fetched = rows.origin_of(data)
    if fetched is not None and hasattr(made, "collect_schema"):
        schema = dict(made.collect_schema())
        remember(made, Frame(rows.as_columns(data, list(schema)), schema))
        return
    columns = list(data.values()) if isinstance(data, dict) else list(data)
    known = [pending(one) for one in columns[: origins.COLUMNS_MAX]]
    if not any(one is not None for one in known) or not hasattr(made, "collect_schema"):
        return
    schema = dict(made.collect_schema())
    worked = [origin_of(one) for one in known]
    whole = origins.merge(*worked)
    if len(schema) == len(worked) and whole.columns is not None:
        fields = [one.all_fields(IDENTITY) for one in worked]
        whole = whole._replace(columns=dict(zip(schema, fields, strict=True)))
    else:
        whole = whole._replace(columns=None)
    remember(made, Frame(whole, schema))
