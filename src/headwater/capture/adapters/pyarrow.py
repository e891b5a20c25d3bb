"""Arrow's tables, batches and columns: what came of what, in memory.

Exact for selection, renaming, added columns, filters, sorting, joins, aggregation and functions of
`pyarrow.compute`. Of a column that nobody knows nothing exact is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final

from headwater.capture import objects, origins, written
from headwater.capture.adapters import arrow_batches, arrow_streams
from headwater.capture.adapters.arrow_sources import chosen, names
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

SUPPORTED = ((14, 0), (30, 0))

_KEEPING: Final = (
    "select", "slice", "drop", "drop_columns", "remove_column", "drop_null", "combine_chunks",
    "replace_schema_metadata", "unify_dictionaries", "cast", "to_pandas", "to_reader", "to_batches",
    "to_struct_array",
)  # fmt: skip
_OF_COLUMNS: Final = (
    "cast", "slice", "drop_null", "combine_chunks", "dictionary_encode", "unique", "fill_null",
    "to_pandas", "to_numpy", "unify_dictionaries", "flatten", "is_null", "is_valid", "is_nan",
)  # fmt: skip
_NONE: Final[frozenset[Field]] = frozenset()
CONSTANT: Final = Origin(columns={"": _NONE})
"""What is written in the program."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(pyarrow: ModuleType, patches: Patches) -> None:
    """Observe tables and batches, columns, and what makes them of others."""
    table, batch, reader = pyarrow.Table, pyarrow.RecordBatch, pyarrow.RecordBatchReader
    whole, columns = (table, batch), (pyarrow.Array, pyarrow.ChunkedArray)
    lib = (pyarrow.lib,)
    for owners, methods, observer in (
        (whole, _KEEPING, _keep),
        (whole, ("rename_columns",), _rename),
        (whole, ("add_column", "set_column", "append_column"), _put),
        (whole, ("filter",), _filter),
        (whole, ("take",), _take),
        (whole, ("sort_by",), sort),
        (whole, ("flatten",), _flatten),
        (whole, ("column", "field", "__getitem__"), _column),
        (whole, ("from_pandas",), _of_pandas),
        (whole, ("from_arrays", "from_pydict"), _of_columns),
        ((table,), ("from_batches",), _together),
        ((table,), ("group_by",), _group),
        ((pyarrow.TableGroupBy,), ("aggregate",), _aggregate),
        ((table,), ("join",), join),
        ((table,), ("join_asof",), join_asof),
        ((reader,), ("read_all", "read_next_batch", "read_pandas", "cast", "__next__"), _keep),
        ((reader,), ("from_batches",), _of_batches),
        (columns, _OF_COLUMNS, _through),
        (columns, ("filter", "take"), _pick),
        (columns, ("__getitem__",), _through),
    ):
        for owner in owners:
            for name in methods:
                if hasattr(owner, name):
                    patches.observe(owner, name, observer)
    for name in ("table", "record_batch"):
        patches.observe(pyarrow, name, _build, also=lib)
    for name in ("concat_tables", "concat_batches"):
        patches.observe(pyarrow, name, _together, also=lib)
    for name in ("chunked_array", "concat_arrays", "array"):
        patches.observe(pyarrow, name, _of_values, also=lib)
    patches.observe(pyarrow, "scalar", _of_constant, also=lib)
    arrow_streams.install(pyarrow, patches)
    arrow_batches.install_columns(pyarrow, patches)


# Whole tables


def _keep(result: Any, args: Arguments, _: Named) -> None:
    """Columns stay what they are; some may be gone, or of another type."""
    origin = recall(args[0])
    if origin is None:
        return
    for one in result if isinstance(result, list) else [result]:
        known = names(one)
        remember(one, origin if known is None else _recast(origin.keep(known), args[0], one))


def _recast(origin: Origin, before: Any, after: Any) -> Origin:
    """Say that columns which have another type now were transformed."""
    was, now = before.schema, after.schema
    if was is now or origin.columns is None or was.equals(now):
        return origin
    columns = {
        name: fields
        if (at := was.get_field_index(name)) < 0 or was.field(at).type == now.field(name).type
        else origins.through(fields, TRANSFORMATION)
        for name, fields in origin.columns.items()
    }
    return origin._replace(columns=columns)


def _rename(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        before, after = names(args[0]) or (), names(result) or ()
        remember(result, origin.rename(dict(zip(before, after, strict=False))))


def _put(result: Any, args: Arguments, kwargs: Named) -> None:
    """One column more, or another in the place of one."""
    table, column = args[0], kwargs.get("column", args[-1])
    origin, other = recall(table), recall(column)
    before, after = names(table), names(result)
    if (origin is None and other is None) or before is None or after is None:
        return
    origin = origin or Origin(columns=dict.fromkeys(before, _NONE), opaque=True)
    place = kwargs.get("i", args[1] if len(args) > 1 else 0)
    at = place if isinstance(place, int) else len(after) - 1
    name = after[at if at >= 0 else at + len(after)]
    made = origin.put(name, _NONE if other is None else other.all_fields(IDENTITY), other)
    remember(result, made.keep(after)._replace(opaque=made.opaque or other is None))


def _filter(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        mask = args[1] if len(args) > 1 else kwargs.get("mask")
        if hasattr(mask, "to_substrait"):
            remember(result, chosen(origin, mask))
        else:
            picked(result, args[0], mask)


def _take(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows by number: of what the numbers came, the rows came too."""
    picked(result, args[0], args[1] if len(args) > 1 else kwargs.get("indices"))


def sort(result: Any, args: Arguments, kwargs: Named) -> None:
    """A table (or data set, whose origin is known by then) in another order."""
    origin = recall(args[0])
    if origin is not None:
        by: Any = args[1] if len(args) > 1 else kwargs.get("sorting")
        keys = [by] if isinstance(by, str) else [one[0] for one in by]
        remember(result, origin.shape(origin.of(keys, SORT)))


def _flatten(result: Any, args: Arguments, _: Named) -> None:
    """Members of a column of structs become columns."""
    origin = recall(args[0])
    if origin is None or origin.columns is None:
        remember(result, origin)
        return
    flat: list[frozenset[Field]] = []
    for field in args[0].schema:
        fields = origin.columns.get(field.name, _NONE)
        members = field.type.num_fields if str(field.type).startswith("struct<") else 0
        flat += [origins.through(fields, TRANSFORMATION)] * members or [fields]
    remember(result, origin._replace(columns=dict(zip(names(result) or (), flat, strict=False))))


def _of_pandas(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[1] if len(args) > 1 else kwargs.get("df"))
    if origin is not None:
        remember(result, origin.keep(names(result) or ()))


def _build(result: Any, args: Arguments, kwargs: Named) -> None:
    """`pa.table`: of columns, or of a frame."""
    data = args[0] if args else kwargs.get("data")
    if isinstance(data, (dict, list, tuple)):
        _of_columns(result, (data,), {})
    else:
        origin = recall(data)
        if origin is not None:
            remember(result, origin.keep(names(result) or ()))


def _of_columns(result: Any, args: Arguments, kwargs: Named) -> None:
    """A table of columns, some of which may be known."""
    given = next((one for one in args if isinstance(one, (dict, list, tuple))), None)
    data = given if given is not None else kwargs.get("arrays", kwargs.get("mapping"))
    columns = list(data.values()) if isinstance(data, dict) else list(data or ())
    known = [recall(one) for one in columns]
    called = names(result)
    if called is None or not any(origin is not None for origin in known):
        return
    whole = origins.merge(*known)
    made = {
        name: _NONE if origin is None else origin.all_fields(IDENTITY)
        for name, origin in zip(called, known, strict=False)
    }
    remember(result, whole._replace(columns=made, opaque=whole.opaque or None in known))


def _together(result: Any, args: Arguments, kwargs: Named) -> None:
    """Rows of several tables or batches."""
    some = args[0] if args else next(iter(kwargs.values()), ())
    if not isinstance(some, (list, tuple)):
        remember(result, recall(some))  # an iterator is used up
        return
    known = [recall(one) for one in some]
    if any(origin is not None for origin in known):
        whole = origins.merge(*known)
        called = names(result)
        made = whole if called is None else whole.keep(called)
        remember(result, made._replace(opaque=made.opaque or None in known))


def _of_batches(result: Any, args: Arguments, kwargs: Named) -> None:
    _together(result, (args[-1] if len(args) > 1 else kwargs.get("batches"),), {})


# Groups and joins


def _group(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        keys = _list(args[1] if len(args) > 1 else kwargs.get("keys"))
        remember(result, origin.shape(origin.of(keys, GROUP_BY)))


def _aggregate(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    called = names(result)
    if origin is None or origin.columns is None or called is None:
        remember(result, None if origin is None else origin._replace(columns=None))
        return
    columns = {key: origin.columns.get(key, _NONE) for key in _list(args[0].keys)}
    for one in args[1] if len(args) > 1 else kwargs.get("aggregations", ()):
        sources = _list(one[0])
        columns["_".join([*sources, one[1].removeprefix("hash_")])] = origin.of(
            sources, AGGREGATION
        )
    remember(result, origin._replace(columns={n: columns.get(n, _NONE) for n in called}))


def join(result: Any, args: Arguments, kwargs: Named) -> None:
    """Two tables (or datasets, whose origins are known by then) beside each other."""
    order = ("left", "right_table", "keys", "right_keys", "join_type", "left_suffix",
             "right_suffix", "coalesce_keys", "use_threads", "filter_expression")  # fmt: skip
    given = dict(zip(order, args, strict=False)) | kwargs
    left, right = given["left"], given.get("right_table", given.get("right_dataset"))
    keys = (_list(given["keys"]), _list(given.get("right_keys") or given["keys"]))
    kind = given.get("join_type", "left outer")
    suffixes = (given.get("left_suffix"), given.get("right_suffix"))
    remember(result, beside(result, (left, right), keys, kind, suffixes,
                            coalesce=given.get("coalesce_keys", True)))  # fmt: skip


def join_asof(result: Any, args: Arguments, kwargs: Named) -> None:
    """Two tables beside each other, by equal keys and the nearest one."""
    order = ("left", "right_table", "on", "by", "tolerance", "right_on", "right_by")
    given = dict(zip(order, args, strict=False)) | kwargs
    left, right = given["left"], given.get("right_table", given.get("right_dataset"))
    keys = (
        [given["on"], *_list(given["by"])],
        [given.get("right_on") or given["on"], *_list(given.get("right_by") or given["by"])],
    )
    remember(result, beside(result, (left, right), keys, "left outer", (None, None)))


def beside(
    result: Any,
    sides: tuple[Any, Any],
    keys: tuple[list[str], list[str]],
    kind: str,
    suffixes: tuple[str | None, str | None],
    *,
    coalesce: bool = True,
) -> Origin | None:
    """Give the origin of a join: keys of the side that their values are taken from."""
    one, other = recall(sides[0]), recall(sides[1])
    called = names(result)
    if one is None and other is None:
        return None
    whole = origins.merge(one, other)
    whole = whole._replace(opaque=whole.opaque or one is None or other is None)
    lefts, rights = names(sides[0]), names(sides[1])
    if whole.columns is None or called is None or lefts is None or rights is None:
        return whole._replace(columns=None)
    known = (one or Origin(columns={}), other or Origin(columns={}))
    joined = known[0].of(keys[0], JOIN) | known[1].of(keys[1], JOIN)
    flat = _columns_beside((lefts, rights), keys, kind, suffixes, known, coalesce=coalesce)
    return whole._replace(columns={n: flat.get(n, _NONE) for n in called}).shape(joined)


def _columns_beside(
    columns: tuple[list[str], list[str]],
    keys: tuple[list[str], list[str]],
    kind: str,
    suffixes: tuple[str | None, str | None],
    known: tuple[Origin, Origin],
    *,
    coalesce: bool,
) -> dict[str, frozenset[Field]]:
    lefts, rights = columns
    if kind.endswith((" semi", " anti")):
        side = 1 if kind.startswith("right") else 0
        return {name: (known[side].columns or {}).get(name, _NONE) for name in columns[side]}
    paired: dict[str, frozenset[Field]] = {}
    if coalesce:
        if kind == "right outer":
            lefts = [name for name in lefts if name not in keys[0]]
        else:
            rights = [name for name in rights if name not in keys[1]]
        if kind == "full outer":
            paired = {a: known[1].of([b], IDENTITY) for a, b in zip(*keys, strict=False)}
    made: dict[str, frozenset[Field]] = {}
    for name in lefts:
        called = f"{name}{suffixes[0] or ''}" if name in rights else name
        fields = known[0].of([name], IDENTITY)
        made[called] = fields | paired.get(name, _NONE)
    for name in rights:
        called = f"{name}{suffixes[1] or ''}" if name in lefts else name
        made[called] = made.get(called, _NONE) | known[1].of([name], IDENTITY)
    return made


# Columns


def _column(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = recall(args[0])
    if origin is None:
        return
    if names(result) is not None:  # a slice of rows
        remember(result, origin)
        return
    key = args[1] if len(args) > 1 else kwargs.get("i")
    called = names(args[0])
    name = called[key] if isinstance(key, int) and called is not None else key
    remember(result, origin if origin.columns is None else origin.keep([name]))


def _through(result: Any, args: Arguments, _: Named) -> None:
    """A column made of one column alone."""
    origin = recall(args[0])
    if origin is not None:
        same = getattr(result, "type", None) == args[0].type or not hasattr(result, "type")
        for one in result if isinstance(result, list) else [result]:
            remember(one, origin if same else _as(origin, TRANSFORMATION))


def _pick(result: Any, args: Arguments, kwargs: Named) -> None:
    picked(result, args[0], args[1] if len(args) > 1 else next(iter(kwargs.values()), None))


def picked(result: Any, values: Any, by: Any) -> None:
    """Know of values, or rows, that they were chosen by others: a mask, or numbers of rows."""
    origin, other = recall(values), recall(by)
    if other is None:
        other = Origin(opaque=not written.in_call(by))
    if origin is not None:
        made = origin.shape(other.all_fields(FILTER) | other.shaped)
        opaque = origin.opaque or other.opaque
        remember(result, made._replace(sources=origin.sources | other.sources, opaque=opaque))


def _of_values(result: Any, args: Arguments, kwargs: Named) -> None:
    """A column put together of columns, or of a series or an array of somebody else's."""
    data = args[0] if args else next(iter(kwargs.values()), None)
    if isinstance(data, written.CONTAINERS) and written.in_call(data):
        remember(result, CONSTANT)
        return
    parts = data if isinstance(data, (list, tuple)) and len(data) < 1_000 else [data]
    known = [recall(one) for one in parts]
    if any(origin is not None for origin in known):
        whole = origins.merge(*known)
        remember(result, whole._replace(opaque=whole.opaque or None in known))


def _of_constant(result: Any, args: Arguments, kwargs: Named) -> None:
    """A number or text of Python's counts as written in the program."""
    value = args[0] if args else kwargs.get("value")
    if not objects.bringing([value]) and recall(result) is None:
        remember(result, CONSTANT)


def _as(origin: Origin, how: str) -> Origin:
    if origin.columns is None:
        return origin
    return origin._replace(
        columns={name: origins.through(fields, how) for name, fields in origin.columns.items()}
    )


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]
