"""polars' series: columns taken out of frames, and what is computed of them."""

from __future__ import annotations

from typing import Any, Final

from headwater.capture import objects, origins, written
from headwater.capture.adapters.polars_arguments import lists, literals, look
from headwater.capture.adapters.polars_notes import methods
from headwater.capture.adapters.polars_steps import UNKNOWN, Column, Frame, origin_of
from headwater.capture.origins import IDENTITY, TRANSFORMATION, Later, pending, remember
from headwater.capture.patching import Patches

LITERALS_MAX: Final = 1_000
"""Series in expressions that are known by name; beyond, those before are of unknown origin."""

_COLUMN_KEEPING: Final = frozenset({
    "alias", "rename", "slice", "head", "tail", "limit", "gather_every", "gather", "filter", "sort",
    "reverse", "rechunk", "clone", "unique", "drop_nulls", "drop_nans", "top_k", "bottom_k",
    "sample", "shuffle", "shrink_to_fit", "set_sorted", "explode", "to_frame", "append", "extend",
})  # fmt: skip
_COLUMN_OPAQUE: Final = frozenset({"map_elements", "rolling_map"})
_OPERATORS: Final = (
    "_arithmetic",
    "_comp",
    "__and__",
    "__or__",
    "__xor__",
    "__invert__",
    "__neg__",
)

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(series: type, patches: Patches) -> None:
    """Observe what makes series of others, and takes them to other libraries."""
    for name in methods(series, "Series", "Self", "DataFrame"):
        if name not in ("deserialize", "sql"):
            patches.observe(series, name, _column_made(name))
    for name in _OPERATORS:
        if name in vars(series):
            patches.observe(series, name, _column_made(name))
    for name in ("to_pandas", "to_arrow", "to_numpy"):
        patches.observe(series, name, _to_another_column)
    patches.observe(series, "__getitem__", _column_made("slice"))
    patches.observe(series, "__setitem__", _put)


def _column_made(name: str) -> Any:
    how = IDENTITY if name in _COLUMN_KEEPING else TRANSFORMATION

    def made(result: Any, args: Arguments, kwargs: Named) -> None:
        if not hasattr(result, "to_frame") and not hasattr(result, "get_columns"):
            return
        parts = _made_of((*args, *kwargs.values()))
        if not any(isinstance(one, Later) or (one and one.sources) for one in parts):
            return
        if name in _COLUMN_OPAQUE:
            parts = (*parts, UNKNOWN)
        column = Column(parts, how)
        if hasattr(result, "get_columns"):
            _frame_of(result, column)
        else:
            remember(result, column)

    return made


def _made_of(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give what is known of series among arguments, and of lists and arrays: of anything."""
    parts: list[Any] = []
    for one in values:
        if hasattr(one, "to_frame"):
            parts.append(pending(one))
        elif not isinstance(one, (str, int, float, slice, dict, type(None))):
            more = objects.brought([one])
            parts += [more] if more.sources or more.opaque else []
    return tuple(parts)


def _put(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Values put in in place; a constant changes no origin."""
    parts = _made_of(args)
    if len(parts) > 1 and any(isinstance(one, Later) or (one and one.sources) for one in parts):
        remember(args[0], Column(parts, TRANSFORMATION))


def _frame_of(frame: Any, column: Column) -> None:
    origin = column.origin()
    fields = origin.all_fields(IDENTITY)
    made = origin._replace(columns=dict.fromkeys(frame.columns, fields))
    remember(frame, Frame(made if origin.columns is not None else origin, dict(frame.schema)))


def _to_another_column(result: Any, args: Arguments, _: Named) -> None:
    known = pending(args[0])
    if known is not None:
        origin = origin_of(known)
        if origin.columns is not None:
            origin = origin._replace(columns={args[0].name: origin.all_fields(IDENTITY)})
        is_array = type(result).__module__ == "numpy"
        origins.remember_new(result, origin._replace(columns=None) if is_array else origin)


def literal(_: Any, args: Arguments, kwargs: Named) -> None:
    """A series in an expression is found again in plans by its name and length."""
    value: Any = args[0] if args else kwargs.get("value")
    if type(value).__name__ == "Series" and hasattr(value, "_s"):
        place, known = look(value._s), pending(value)
        before = literals.get(place)
        origin = origin_of(known)
        if len(literals) >= LITERALS_MAX:
            literals.clear()
        literals[place] = origin if before in (None, origin) else UNKNOWN


def looked_up(_: Any, args: Arguments, kwargs: Named) -> None:
    """A list or dict in `is_in` or `replace` is found again in plans by its values."""
    for value in (*args[1:], *kwargs.values()):
        literal(None, (value,), {})
        if not isinstance(value, written.CONTAINERS) or len(value) > objects.MEMBERS_MAX:
            continue
        is_written = written.in_call(value)
        parts = (value, value.values()) if isinstance(value, dict) else (value,)
        for part in parts:
            try:
                key = tuple(part)
                if len(lists) >= LITERALS_MAX:
                    lists.clear()
                lists[key] = is_written and lists.get(key, True)
            except TypeError:  # lists in lists
                continue
