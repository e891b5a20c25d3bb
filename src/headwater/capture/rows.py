"""Rows that were fetched from a cursor: lists of what cannot be followed by itself.

Nothing can be hung on a list or a tuple. Of a list of rows the first and the last are kept, and how
many there are: a list that has all three is that list, or a copy of it, for as long as they are
kept. Of a selection of rows, or of rows put together, nothing is known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from headwater.capture.beside import identity
from headwater.capture.origins import Origin, recall

KEPT_MAX: Final = 1_000
"""Results whose ends are kept, the last of them."""

_kept: OrderedDict[int, tuple[Any, Any, int, Origin]] = OrderedDict()


def keep(rows: object, origin: Origin | None) -> None:
    """Know what rows that were fetched just now are of."""
    if origin is None or not isinstance(rows, (list, tuple)) or not rows:
        return
    first = rows[0]
    is_row = type(first) is tuple or (
        isinstance(first, Collection) and not isinstance(first, (str, bytes))
    )
    if not is_row or not first:
        return  # values, of which equal ones may be the same
    key = identity(first)
    if key in _kept:
        _kept.move_to_end(key)
    elif len(_kept) >= KEPT_MAX:
        _kept.popitem(last=False)
    _kept[key] = (first, rows[-1], len(rows), origin)


def origin_of(rows: object) -> Origin | None:
    """What rows are of, if they are such as were fetched; or such as a cursor is yet to give."""
    if not isinstance(rows, (list, tuple)):
        return recall(rows) if hasattr(rows, "fetchmany") else None
    if not rows:
        return None
    found = _kept.get(identity(rows[0]))
    if found is None or found[0] is not rows[0] or found[1] is not rows[-1]:
        return None
    return found[3] if found[2] == len(rows) else None


def given(rows: object) -> Origin | None:
    """What rows are of that a statement is given as parameters: which goes where is not known."""
    origin = origin_of(rows)
    return None if origin is None else origin._replace(columns=None)


def as_columns(rows: object, names: Sequence[object] | None) -> Origin | None:
    """The origin of a table made of rows, whose columns are called `names`.

    Rows that have names themselves go by these, all others by position.
    """
    origin = origin_of(rows)
    if origin is None or origin.columns is None or names is None:
        return origin
    if isinstance(rows, Sequence) and isinstance(rows[0], Mapping):
        return origin.keep(names)
    if len(names) != len(origin.columns):
        return origin._replace(columns=None)
    return origin.rename(dict(zip(origin.columns, names, strict=True)))
