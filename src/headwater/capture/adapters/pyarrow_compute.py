"""Functions of `pyarrow.compute`: what is computed came from the columns that went in."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import origins
from headwater.capture.adapters.pyarrow import picked
from headwater.capture.origins import AGGREGATION, TRANSFORMATION, recall, remember
from headwater.capture.patching import Patches

SUPPORTED = ((14, 0), (30, 0))

_GIVEN_MORE: Final = frozenset({"is_in", "index_in", "is_in_meta_binary", "index_in_meta_binary"})
"""Functions that are given values in their options."""
_PICKING: Final = frozenset({"filter", "take", "array_filter", "array_take", "drop_null"})
"""Functions that choose among the values of the first argument."""

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def install(module: ModuleType, patches: Patches) -> None:
    """Observe `pyarrow._compute`: the one way by which every function goes."""
    patches.observe(module.Function, "call", _compute)
    patches.observe(module.SetLookupOptions, "__init__", _give_more)


def _give_more(_: Any, args: Arguments, kwargs: Named) -> None:
    """Values to look for: they can be had from the options no more."""
    origin = recall(args[1] if len(args) > 1 else kwargs["value_set"])
    if origin is not None:
        remember(args[0], origin)


def _compute(result: Any, args: Arguments, kwargs: Named) -> None:
    """Any function of `pyarrow.compute`, of columns, tables and constants."""
    function, values = args[0], list(args[1] if len(args) > 1 else kwargs["args"])
    if function.name in _GIVEN_MORE:
        values.append(args[2] if len(args) > 2 else kwargs.get("options"))
    known = [origin for origin in map(recall, values) if origin is not None]
    if not known:
        return
    unknown = any(recall(one) is None and _may_hold_data(one) for one in values)
    if function.name in _PICKING:
        picked(result, values[0], values[1] if len(values) > 1 else values[0])
        return
    whole = origins.merge(*known)
    how = AGGREGATION if "aggregate" in function.kind else TRANSFORMATION
    fields = frozenset().union(*(origin.all_fields(how) for origin in known))
    by_column = all(origin.columns is not None for origin in known)
    columns = {"": fields} if by_column else None
    remember(result, whole._replace(columns=columns, opaque=whole.opaque or unknown))


def _may_hold_data(value: Any) -> bool:
    """Whether a value is of Arrow's: a column, one value of it, or options with values in them."""
    return type(value).__module__.startswith("pyarrow")
