"""pandas: rows that are chosen and ordered, by columns, by values of a series, by their labels."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import objects
from headwater.capture.adapters import pandas_index as index
from headwater.capture.adapters import pandas_steps as steps
from headwater.capture.adapters.pandas_columns import Arguments, Named, Watched
from headwater.capture.adapters.pandas_labels import (
    called,
    has_columns,
    has_rows,
    listed,
)
from headwater.capture.origins import FILTER, SORT, TRANSFORMATION, Step, held, remember

_ALONG: Final = ("shift", "diff", "rank", "pct_change", "ffill", "bfill", "interpolate")
"""Methods that can go along rows."""


def watched(pandas: ModuleType) -> Watched:
    """List what chooses rows or orders them."""
    frame, series = pandas.DataFrame, pandas.Series
    both = (frame, series)
    return (
        (both, ("sort_index",), _sort_index),
        (both, ("drop",), _drop),
        (both, ("reindex",), _reindex),
        (both, ("take",), _take),
        (both, ("truncate",), _truncate),
        (both, ("nlargest", "nsmallest"), _largest),
        ((series,), ("sort_values",), _order),
        ((series,), ("dropna", "drop_duplicates"), _leave_out),
        ((series,), ("value_counts",), _count),
        (both, ("explode",), _explode),
        (both, ("reset_index",), _reset_index),
        ((frame,), ("set_index",), _set_index),
        ((frame,), _ALONG, _along),
    )


def _target(result: Any, args: Arguments) -> Any:
    return args[0] if result is None else result


def _names(thing: Any) -> Any:
    return called(thing) if has_columns(thing) else None


def _sort_index(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is None:
        return
    if kwargs.get("axis", args[1] if len(args) > 1 else 0) in (1, "columns"):
        remember(_target(result, args), Step(steps.kept, (origin,), _names(_target(result, args))))
    else:
        remember(_target(result, args), Step(index.by_labels, (origin,), SORT))


def _drop(result: Any, args: Arguments, kwargs: Named) -> None:
    """Columns are left out by name; rows by labels, which may come from anything."""
    origin = held(args[0])
    if origin is None:
        return
    target = _target(result, args)
    axis = kwargs.get("axis", 0)
    rows = kwargs.get("index")
    if axis in (0, "index"):
        rows = kwargs.get("labels", args[1] if len(args) > 1 else rows)
    found = Step(steps.kept, (origin,), _names(target))
    if rows is not None:
        found = Step(index.by_labels, [found, *objects.bringing([rows])], FILTER)
    remember(target, found)


def _reindex(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is None:
        return
    axis = kwargs.get("axis", 0)
    labels = kwargs.get("labels", args[1] if len(args) > 1 else None)
    rows = kwargs.get("index", labels if axis in (0, "index") else None)
    found = Step(steps.kept, (origin,), _names(result))
    if rows is not None:
        found = Step(index.reindexed, [found, *objects.bringing([rows])])
    remember(result, found)


def _take(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        places = args[1] if len(args) > 1 else kwargs.get("indices")
        names = _names(result)
        found = Step(steps.kept, (origin,), names)
        remember(result, Step(steps.placed_by, [found, *objects.bringing([places])]))


def _truncate(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(index.by_labels, (origin,), FILTER))


def _largest(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is None:
        return
    if has_columns(args[0]):
        by = listed(args[2] if len(args) > 2 else kwargs.get("columns"))
        remember(result, Step(steps.shaped, (origin,), by, SORT))
    else:
        remember(result, Step(steps.ordered, (origin,), SORT))


def _order(result: Any, args: Arguments, kwargs: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        found = Step(steps.ordered, (origin,), SORT)
        if kwargs.get("ignore_index"):
            found = Step(index.unlabelled, (found,))
        remember(_target(result, args), found)


def _leave_out(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(_target(result, args), Step(steps.ordered, (origin,), FILTER))


def _count(result: Any, args: Arguments, _: Named) -> None:
    origin = held(args[0])
    if origin is not None:
        remember(result, Step(steps.counted, (origin,), str(called(result)[0])))


def _explode(result: Any, args: Arguments, kwargs: Named) -> None:
    """Members of a column's lists become rows: as many as the lists have members."""
    origin = held(args[0])
    if origin is None:
        return
    if has_columns(args[0]):
        by = listed(args[1] if len(args) > 1 else kwargs.get("column"))
        remember(result, Step(steps.exploded, (origin,), by))
    else:
        remember(
            result,
            Step(steps.ordered, (Step(steps.gone_through, (origin,), TRANSFORMATION),), FILTER),
        )


def _reset_index(result: Any, args: Arguments, kwargs: Named) -> None:
    """Labels become columns, or are no more; a series may be called otherwise as a column."""
    subject = args[0]
    origin, target = held(subject), _target(result, args)
    if origin is not None:
        drop = bool(kwargs.get("drop", args[2] if len(args) > 2 else False))
        remember(
            target, Step(index.reset, (origin,), called(target), not has_columns(subject), drop)
        )


def _set_index(result: Any, args: Arguments, kwargs: Named) -> None:
    """Columns become labels; so may other data."""
    origin, target = held(args[0]), _target(result, args)
    if origin is None:
        return
    keys = args[1] if len(args) > 1 else kwargs.get("keys")
    found: list[str | int] = []
    brought: list[Any] = []
    for one in [keys] if isinstance(keys, tuple) or has_rows(keys) else listed(keys):
        if isinstance(one, (str, int, tuple)):
            found.append(str(one))
        else:
            more = objects.bringing([one])
            found += range(len(brought), len(brought) + len(more))
            brought += more
    said = (found, called(target), bool(kwargs.get("append")))
    remember(target, Step(index.set_by, [origin, *brought], *said))


def _along(result: Any, args: Arguments, kwargs: Named) -> None:
    """What goes along rows makes each column of all; what goes down, of itself."""
    origin, target = held(args[0]), _target(result, args)
    if origin is None:
        return
    if kwargs.get("axis", 0) in (1, "columns"):
        remember(target, Step(steps.spread, (origin,), called(target), TRANSFORMATION))
    elif kwargs.get("freq") is not None:
        remember(target, Step(steps.obscured, (origin,)))
    else:
        kept = Step(steps.kept, (origin,), called(target))
        remember(target, Step(steps.gone_through, (kept,), TRANSFORMATION))
