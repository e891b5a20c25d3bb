"""Where the objects of a program came from: frames, tables, relations, arrays, models.

A library's own objects carry nothing of ours (`df.attrs` is lost in one pandas operation of four);
what is known of them stands in a table beside, by identity, for as long as they live.

An origin is exact or says that it is not. `opaque`: code that we cannot see had a hand in it, so
that it may have come from more than is said; then nothing is claimed at the write but what is sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from headwater.capture import contents
from headwater.capture.beside import Beside
from headwater.capture.memory import stamps

Key = tuple[str, str]
"""Namespace and name of a dataset."""
Field = tuple[str, str, str, str]
"""Namespace, name, column, and how: a subtype of OpenLineage's column lineage."""

QUERY: Final = "headwater:query"
"""The namespace of what queries gave, within the records of one process; see `statements`."""

IDENTITY: Final = "IDENTITY"
TRANSFORMATION: Final = "TRANSFORMATION"
AGGREGATION: Final = "AGGREGATION"
JOIN: Final = "JOIN"
GROUP_BY: Final = "GROUP_BY"
FILTER: Final = "FILTER"
SORT: Final = "SORT"
WINDOW: Final = "WINDOW"
CONDITIONAL: Final = "CONDITIONAL"

_DIRECT: Final = {IDENTITY: 0, TRANSFORMATION: 1, AGGREGATION: 2}
COLUMNS_MAX: Final = 2_000
"""Columns of one object that are followed one by one; a wider one is followed as a whole."""

NUMBERS_MAX: Final = 1_000
"""Numbers whose origin is known at a time."""

_NONE: Final[frozenset[Field]] = frozenset()


class Split(NamedTuple):
    """That something is a part of what was split into parts, and how that was done."""

    part: str
    how: tuple[tuple[str, object], ...]


class Origin(NamedTuple):
    """What one object came from.

    `columns` is None where its columns are not known one by one. `shaped` are the columns by which
    its rows were chosen, joined, grouped or ordered; `splits` tell of which parts they are. `seen`
    is in which state each source was read, in a notebook (`memory`).
    """

    sources: frozenset[Key] = frozenset()
    columns: Mapping[str, frozenset[Field]] | None = None
    shaped: frozenset[Field] = _NONE
    opaque: bool = False
    splits: frozenset[Split] = frozenset()
    seen: frozenset[tuple[Key, int]] = frozenset()

    def keep(self, names: Iterable[object]) -> Origin:
        """Leave out all columns but these."""
        columns = self.columns
        if columns is None:
            return self
        return self._replace(columns={str(n): columns.get(str(n), _NONE) for n in names})

    def rename(self, names: Mapping[object, object]) -> Origin:
        """Call columns otherwise."""
        if self.columns is None:
            return self
        new = {str(old): str(name) for old, name in names.items()}
        return self._replace(columns={new.get(n, n): f for n, f in self.columns.items()})

    def put(self, name: object, fields: frozenset[Field], other: Origin | None = None) -> Origin:
        """Add or replace a column, made of `fields`, which `other` came with."""
        origin = self if other is None else merge(self, other)._replace(columns=self.columns)
        if self.columns is None:
            return origin
        return origin._replace(columns={**self.columns, str(name): fields})

    def all_fields(self, how: str = TRANSFORMATION) -> frozenset[Field]:
        """Every column that it came from, as `how`."""
        columns = self.columns or {}
        return through(frozenset().union(*columns.values()), how)

    def of(self, names: Iterable[object], how: str) -> frozenset[Field]:
        """What these of its columns came from, as `how`."""
        columns = self.columns or {}
        found = [columns.get(str(name), _NONE) for name in names]
        return through(frozenset().union(*found), how)

    def shape(self, fields: frozenset[Field]) -> Origin:
        """Let `fields` have chosen, joined, grouped or ordered its rows."""
        return self._replace(shaped=self.shaped | fields)

    def obscure(self) -> Origin:
        """Say that code which cannot be seen had a hand in it."""
        return self._replace(columns=None, opaque=True)

    def said(self) -> dict[str, Any]:
        """Write it as `Run.record_write` takes it."""
        found: dict[str, Any] = {}
        if not self.opaque:
            found["inputs"] = sorted(self.sources)
            if self.seen:
                found["seen"] = self.seen
        if self.columns:
            found["columns"] = {
                name: [list(field) for field in sorted(fields)]
                for name, fields in self.columns.items()
                if fields
            }
        if self.shaped:
            found["shaped_by"] = [list(field) for field in sorted(self.shaped)]
        return found


def source_column(field: Field) -> str:
    """Name the column of a field; of what a query gave, so that it is known for one."""
    space, name, column, _ = field
    return f"{space}/{name}#{column}" if space == QUERY else column


def read(key: Key, columns: Iterable[object] | None) -> Origin:
    """The origin of what was read from a dataset; `columns` as far as they are known."""
    stamp = stamps.get(key)
    seen = frozenset[tuple[Key, int]]() if stamp is None else frozenset(((key, stamp),))
    names = None if columns is None else [str(name) for name in columns]
    if names is None or len(names) > COLUMNS_MAX:
        return Origin(frozenset((key,)), seen=seen)
    fields = {name: frozenset(((*key, name, IDENTITY),)) for name in names}
    return Origin(frozenset((key,)), fields, seen=seen)


def merge(*origins: Origin | None) -> Origin:
    """What comes of several: all their sources; columns side by side, equal names together.

    Where one of them is not known by columns, neither is the whole. None is of no dataset.
    """
    known = [origin for origin in origins if origin is not None]
    if len(known) == 1:
        return known[0]
    columns: dict[str, frozenset[Field]] = {}
    for origin in known:
        for name, fields in (origin.columns or {}).items():
            columns[name] = columns.get(name, _NONE) | fields
    by_column = bool(known) and all(origin.columns is not None for origin in known)
    return Origin(
        frozenset().union(*(origin.sources for origin in known)),
        columns if by_column else None,
        frozenset().union(*(origin.shaped for origin in known)),
        any(origin.opaque for origin in known),
        frozenset().union(*(origin.splits for origin in known)),
        frozenset().union(*(origin.seen for origin in known)),
    )


def further(before: Origin, more: Origin | None) -> Origin:
    """What something becomes that more is put into, of which nobody may know (None)."""
    return before.obscure() if more is None else merge(before, more)


def joined(before: Origin, more: Origin) -> Origin:
    """What something becomes that is made of more than itself; its columns are another matter."""
    return merge(before, more)._replace(columns=before.columns)


def through(fields: frozenset[Field], how: str) -> frozenset[Field]:
    """What fields become when they go through one more step.

    Directly, the stronger of the two ways counts; what is indirect once stays so.
    """
    rank = _DIRECT.get(how)
    if rank == 0:
        return fields
    return frozenset(
        field
        if field[3] not in _DIRECT or (rank is not None and _DIRECT[field[3]] >= rank)
        else (*field[:3], how)
        for field in fields
    )


class Later:
    """An origin that is worked out when somebody asks for it, and not where it is not needed."""

    __slots__ = ()

    def origin(self) -> Origin | None:
        """Work it out; None where nobody knows."""
        raise NotImplementedError


_known: Final[Beside[Origin | Later]] = Beside()
_numbers: Final[dict[int, tuple[object, Origin]]] = {}
"""numpy's numbers cannot be referred to weakly, and never change: the newest are kept."""


def remember(thing: object, origin: Origin | Later | None) -> None:
    """Know the origin of an object for as long as it lives; None forgets what was known."""
    if not _known.put(thing, origin):
        _remember_number(thing, origin)
    elif origin is not None:
        contents.note(thing)


def remember_new(thing: object, origin: Origin | None) -> None:
    """Know the origin of an object made just now, and of the array that it is a view of."""
    remember(thing, origin)
    owner = contents.owner(thing)
    if owner is not thing and _known.get(owner) is None:
        _known.put(owner, origin)


def recall(thing: object) -> Origin | None:
    """Give the origin of an object, if it is known; a view of an array has the array's.

    Of an array that was overwritten since, nobody knows what else it came from.
    """
    known = _known.get(thing)
    origin = known.origin() if isinstance(known, Later) else known
    if origin is None:
        number = _numbers.get(id(thing)) if _numbers else None
        return number[1] if number is not None and number[0] is thing else None
    if origin.opaque or contents.holds(thing):
        return origin
    return origin._replace(opaque=True)


def is_known(thing: object) -> bool:
    """Whether something is known of where an object came from, be it exact or not."""
    return _known.get(thing) is not None


def _remember_number(thing: object, origin: Origin | Later | None) -> None:
    kind = getattr(getattr(thing, "dtype", None), "kind", "b")
    if isinstance(origin, Origin) and type(thing).__module__ == "numpy" and kind != "b":
        if len(_numbers) >= NUMBERS_MAX:
            del _numbers[next(iter(_numbers))]
        _numbers[id(thing)] = (thing, origin)


def pending(thing: object) -> Origin | Later | None:
    """Give what is known of the origin of an object, worked out or not."""
    return _known.get(thing)
