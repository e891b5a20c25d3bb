"""pandas: what columns and index are called, and what kind of thing is asked.

An operation takes note of them as they are then (`called`, `index_called`): of an index that cannot
be changed a reference is kept, and it is spelled out when somebody asks. Spelling out costs more
than most operations on small frames. Attributes are looked for in classes: an instance looks for
what it does not have among its columns or labels, and what lies in a cell, an object of anybody's,
may do anything when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from headwater.capture import origins

Called = Any
"""Labels to be spelled out: a pandas index, a tuple, a list of names; None where none are known."""

TYPES_MAX: Final = 1_000
"""Types of numpy whose names are remembered."""
UNNAMED: Final = "0"
"""What pandas calls a column that has no name."""
KINDS_MAX: Final = 100
"""Classes of which is kept what they have; beyond that it is told anew."""


class _Having(dict[type, bool]):
    """Which classes have all of some attributes."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, kind: type) -> bool:
        if len(self) >= KINDS_MAX:
            self.clear()
        found = self[kind] = all(hasattr(kind, name) for name in self._names)
        return found


_types_called: Final[dict[Any, str]] = {}
_framed: Final = _Having("columns")
_named: Final = _Having("name", "dtype")
_indexed: Final = _Having("index", "ndim")
_typed: Final = _Having("dtype")
_levelled: Final = _Having("levels")
_single: Final = _Having("name")


def has_columns(thing: Any) -> bool:
    """Whether something is a frame."""
    return _framed[type(thing)]


def has_rows(thing: Any) -> bool:
    """Whether something is a frame or a series."""
    return _indexed[type(thing)]


def called(thing: Any) -> Called:
    """Note the columns of a frame, of a series its name; None where there are none to be had."""
    if has_columns(thing):
        columns = thing.columns
        return columns if len(columns) <= origins.COLUMNS_MAX else None
    return None if (name := _name(thing)) is None else (name,)


def _name(thing: Any) -> Any:
    """Give the name of a series or an index."""
    return thing.name if _named[type(thing)] else None


def are_called_alike(one: Any, other: Any) -> bool:
    """Whether two frames, or two series, are called alike, as far as that is told at once."""
    if has_columns(one) and has_columns(other):
        labels = one.columns
        return hasattr(labels, "is_") and bool(labels.is_(other.columns))
    if has_columns(one) or has_columns(other):
        return False
    name = _name(one)
    return type(name) is str and name == _name(other)


def first_called(thing: Any) -> Any:
    """Name what is one column, as pandas would where it has no name."""
    labels = called(thing)
    return UNNAMED if labels is None or len(labels) == 0 else labels[0]


def index_called(thing: Any) -> Called:
    """Note the names of the index, as far as there is one: they can be changed in place."""
    if not _indexed[type(thing)]:
        return ()
    index = thing.index
    kind = type(index)
    if _levelled[kind] or not _single[kind]:
        return getattr(index, "names", ())
    return () if index.name is None else (index.name,)


def spelled(labels: Called) -> list[str] | None:
    """Spell out what was noted of columns."""
    return None if labels is None else [str(one) for one in _listed(labels)]


def _listed(labels: Iterable[Any]) -> Iterable[Any]:
    """List labels. Texts that Arrow holds it lists itself, where pandas goes one by one."""
    if type(getattr(labels, "dtype", None)).__name__ != "StringDtype":
        return labels
    array = cast("Any", labels).array
    if type(array).__name__ != "ArrowStringArray":
        return labels
    found: list[Any] = array.__arrow_array__().to_pylist()
    return labels if None in found else found


def spelled_index(labels: Called) -> list[str]:
    """Spell out what was noted of an index, as far as it has any names."""
    return [str(one) for one in labels if one is not None]


def names_of(frame: Any) -> list[str] | None:
    """Columns of a frame; of a series its name; None where there are none to be had."""
    return spelled(called(frame))


def types_of(frame: Any, names: Iterable[str]) -> dict[str, str]:
    """Columns of a frame, of these names, and their types: often one for many in a row."""
    found, last, text = {}, None, ""
    for name, kind in zip(names, _kinds(frame), strict=True):
        if kind is not last:
            last, text = kind, _type_called(kind)
        found[name] = text
    return found


def _kinds(frame: Any) -> Iterable[Any]:
    """List the types of columns: `dtypes` makes a series of them, which costs more than a write."""
    if not has_columns(frame):
        return (frame.dtype,)
    blocks: Any = getattr(frame, "_mgr", None)
    kinds: Iterable[Any] = blocks.get_dtypes() if hasattr(blocks, "get_dtypes") else frame.dtypes
    return kinds


def _type_called(kind: Any) -> str:
    """Spell out a type; numpy takes 10 µs for each of its own."""
    if type(kind).__module__ != "numpy.dtypes":
        return str(kind)
    found = _types_called.get(kind)
    if found is None:
        found = str(kind)
        if len(_types_called) < TYPES_MAX:
            _types_called[kind] = found
    return found


def is_mask(key: Any) -> bool:
    """Whether a key chooses rows by a truth value each."""
    return _typed[type(key)] and getattr(key.dtype, "kind", None) == "b"


def listed(value: Any) -> list[Any]:
    """What was given once or several times, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]
