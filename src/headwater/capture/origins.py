"""Where the objects of a program came from: frames, tables, relations, arrays, models.

A library's own objects carry nothing of ours (`df.attrs` is lost in one pandas operation of four);
what is known of them stands in a table beside, by identity, for as long as they live.

An origin is exact or says that it is not. `opaque`: code that we cannot see had a hand in it, so
that it may have come from more than is said; then nothing is claimed at the write but what is sure.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from headwater.capture import contents, runtime, stack
from headwater.capture.beside import Beside, identity
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
TRAINING: Final = "TRAINING"

_DIRECT: Final = {IDENTITY: 0, TRANSFORMATION: 1, AGGREGATION: 2}
HIDDEN: Final = "\0"
"""How names begin, among columns, of what stands in none: what the labels of rows came from, say.

It goes along in front of the columns, and is not said as long as it stands in none."""

PLACED: Final = f"{HIDDEN}placed"
"""Of an array, or a number: it has no labels, and is put where it is put."""

WHOLE: Final = "*"
"""The field that stands for all of a dataset. Of a column that is called so nothing is said."""
LEARNED: Final = "\1learned"
"""The column that stands for what a model learned; it is said as what bears on all of it."""

COLUMNS_MAX: Final = 2_000
"""Columns of one object that are followed one by one; a wider one is followed as a whole."""

DEPTH_MAX: Final = 16
"""Operations, one on what the other made, that wait to be worked out: it is done in one go."""
NUMBERS_MAX: Final = 1_000
"""Numbers whose origin is known at a time."""

_NONE: Final[frozenset[Field]] = frozenset()
UNKNOWN: Final = "headwater:unknown"
"""The namespace of what a column came from of which nobody knows the columns; it is never said."""
UNTOLD: Final[frozenset[Field]] = frozenset(((UNKNOWN, "", "", TRANSFORMATION),))
"""What a column came from, where nobody knows."""


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
        """Leave out all columns but these. Of one that is not there nobody knows what it is of."""
        columns = self.columns
        if columns is None:
            return self
        kept = hidden(columns)
        for name in map(str, names):
            kept[name] = columns.get(name, UNTOLD)
        # An origin that is as it was stays the same object: most steps of a loop add nothing.
        return self if [*kept.items()] == [*columns.items()] else self.of_columns(kept)

    def of_columns(self, columns: Mapping[str, frozenset[Field]] | None) -> Origin:
        """Give the same with other columns; `_replace` takes five times as long."""
        return Origin(self.sources, columns, self.shaped, self.opaque, self.splits, self.seen)

    def rename(self, names: Mapping[object, object]) -> Origin:
        """Call columns otherwise."""
        if self.columns is None:
            return self
        new = {str(old): str(name) for old, name in names.items()}
        columns: dict[str, frozenset[Field]] = {}
        for name, fields in self.columns.items():
            called = new.get(name, name)
            columns[called] = columns.get(called, _NONE) | fields
        return self._replace(columns=columns)

    def put(self, name: object, fields: frozenset[Field], other: Origin | None = None) -> Origin:
        """Add or replace a column, made of `fields`, which `other` came with."""
        origin = self if other is None else joined(self, other)
        columns = self.columns
        if columns is None or columns.get(str(name)) == fields:
            return origin
        return origin.of_columns({**columns, str(name): fields})

    def all_fields(self, how: str = TRANSFORMATION) -> frozenset[Field]:
        """Every column that it came from, as `how`."""
        columns = self.columns
        if columns is None:
            return UNTOLD if self.sources or self.opaque else _NONE
        shown = [fields for name, fields in columns.items() if name[:1] != HIDDEN]
        return through(frozenset().union(*shown), how)

    def of(self, names: Iterable[object], how: str) -> frozenset[Field]:
        """What these of its columns came from, as `how`."""
        columns = self.columns or {}
        found = [columns.get(str(name), UNTOLD) for name in names]
        return through(frozenset().union(*found), how)

    def shape(self, fields: frozenset[Field]) -> Origin:
        """Let `fields` have chosen, joined, grouped or ordered its rows."""
        return self if fields <= self.shaped else self._replace(shaped=self.shaped | fields)

    def obscure(self) -> Origin:
        """Say that code which cannot be seen had a hand in it."""
        return self._replace(columns=None, opaque=True)

    def said(self) -> dict[str, Any]:
        """Write it as `Run.record_write` takes it.

        A column with an empty list is known to come from none, where it is known what all came
        from. Nothing is said of a column then that came from unknown ones too, nor of any where
        those chose the rows: what is said would pass for all that it came from.
        """
        found: dict[str, Any] = {}
        if not self.opaque:
            found["inputs"] = sorted(self.sources)
            if self.seen:
                found["seen"] = self.seen
        if self.columns is None or not (self.opaque or is_told(self.shaped)):
            return found
        columns = {
            name: [list(field) for field in sorted(told(fields))]
            for name, fields in self.columns.items()
            if name[:1] != HIDDEN
            and name not in (WHOLE, LEARNED)
            and (told(fields) if self.opaque else is_told(fields))
        }
        if columns:
            found["columns"] = columns
        # Beside columns alone: without, they would pass for all that the columns came from.
        shaped = self.shaped | self.columns.get(LEARNED, _NONE)
        if shaped:
            found["shaped_by"] = [list(field) for field in sorted(told(shaped))]
        return found


_OF_NOTHING: Final = Origin()


def told(fields: frozenset[Field]) -> frozenset[Field]:
    """Leave out what stands for columns that nobody knows."""
    if is_told(fields):
        return fields
    return frozenset(field for field in fields if field[0] != UNKNOWN)


def is_told(fields: frozenset[Field]) -> bool:
    """Whether nothing among them stands for columns that nobody knows."""
    return all(field[0] != UNKNOWN for field in fields)


def hidden(columns: Mapping[str, frozenset[Field]]) -> dict[str, frozenset[Field]]:
    """Give what stands among columns and is none."""
    found = {}
    for name, fields in columns.items():
        if name[:1] != HIDDEN:
            break
        found[name] = fields
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
    if WHOLE in fields:
        fields[WHOLE] = UNTOLD
    return Origin(frozenset((key,)), fields, seen=seen)


def merge(*origins: Origin | None) -> Origin:
    """What comes of several: all their sources; columns side by side, equal names together.

    Where one of them is not known by columns, neither is the whole. None is of no dataset.
    """
    known = [origin for origin in origins if origin is not None]
    if len(known) == 1:
        return known[0]
    columns: dict[str, frozenset[Field]] | None = {} if known else None
    sources, _, shaped, opaque, splits, seen = _OF_NOTHING
    for origin in known:
        sources |= origin.sources
        shaped |= origin.shaped
        opaque |= origin.opaque
        splits |= origin.splits
        seen |= origin.seen
        if origin.columns is None:
            columns = None
        elif columns is not None:
            columns |= dict.fromkeys(hidden(origin.columns), _NONE)
    if columns is not None:
        for origin in known:
            for name, fields in (origin.columns or {}).items():
                before = columns.get(name)
                columns[name] = before | fields if before else fields
    return Origin(sources, columns, shaped, opaque, splits, seen)


def further(before: Origin, more: Origin | None) -> Origin:
    """What something becomes that more is put into, of which nobody may know (None)."""
    return before.obscure() if more is None else merge(before, more)


def joined(before: Origin, more: Origin) -> Origin:
    """What something becomes that is made of more than itself; its columns are another matter."""
    if (
        more.sources <= before.sources
        and more.shaped <= before.shaped
        and more.splits <= before.splits
        and more.seen <= before.seen
        and (before.opaque or not more.opaque)
    ):
        return before
    return Origin(
        before.sources | more.sources,
        before.columns,
        before.shaped | more.shaped,
        before.opaque or more.opaque,
        before.splits | more.splits,
        before.seen | more.seen,
    )


def through(fields: frozenset[Field], how: str) -> frozenset[Field]:
    """What fields become when they go through one more step.

    Directly, the stronger of the two ways counts; what is indirect once stays so.
    """
    rank = _DIRECT.get(how)
    if rank == 0 or not fields:
        return fields
    made = frozenset(
        field
        if field[3] not in _DIRECT or (rank is not None and _DIRECT[field[3]] >= rank)
        else (*field[:3], how)
        for field in fields
    )
    return fields if made == fields else made


Work = Callable[..., Origin]
"""(origins of what it was made of, and what else was said of it) → the origin of what was made."""


class Later:
    """An origin that is worked out when somebody asks for it, and not where it is not needed."""

    __slots__ = ()

    def origin(self) -> Origin | None:
        """Work it out; None where nobody knows."""
        raise NotImplementedError


class Step(Later):
    """What one operation made of others: work to be done on their origins, once.

    It holds what the work needs as it was then, names and switches, and never a frame or an array.
    Steps wait for one another up to a depth; beyond it, they are worked out.
    """

    __slots__ = ("_depth", "_made", "_parts", "_said", "_work")
    _depth: int

    def __init__(self, work: Work, parts: Sequence[Origin | Step], *said: Any) -> None:
        self._made: Origin | None = None
        self._work = work
        self._parts = parts
        self._said = said
        depth = 0
        for part in parts:
            if type(part) is Step and part._depth >= depth:
                depth = part._depth + 1
        self._depth = depth
        if depth > DEPTH_MAX:
            self.origin()

    def soon(self) -> Origin | Step:
        """Give the origin if it has been worked out, else this."""
        return self if self._made is None else self._made

    def origin(self) -> Origin:
        """Work it out, and what it waits for before it: without recursion."""
        waiting = [self]
        while waiting:
            step = waiting[-1]
            # Let go of once the origin is there, which another thread may do meanwhile.
            parts, said = step._parts, step._said
            if step._made is None:
                before = [one for one in parts if type(one) is Step and one._made is None]
                if before:
                    waiting += before
                    continue
                step._work_out(
                    [one.origin() if isinstance(one, Step) else one for one in parts], said
                )
            waiting.pop()
        return cast(Origin, self._made)

    def _work_out(self, parts: list[Any], said: tuple[Any, ...]) -> None:
        try:
            self._made = self._work(parts, *said)
        except Exception as error:
            runtime.complain(f"an origin: {error!r}")
            self._made = merge(*parts).obscure()
        self._parts, self._said, self._depth = (), (), 0


Held = Origin | Later
"""An origin, worked out or not."""

_known: Final[Beside[Held]] = Beside()
_mixed: Final[Beside[Held]] = Beside()
"""An array → what its columns came from, of which it is not known which is which."""
_numbers: Final[OrderedDict[int, tuple[object, Held]]] = OrderedDict()
"""numpy's numbers cannot be referred to weakly, and never change: the newest are kept."""


def remember(thing: object, origin: Held | None) -> None:
    """Know the origin of an object for as long as it lives; None forgets what was known.

    What was made by a function that called the program back may have come from what that read.
    """
    if origin is not None and stack.was_called_back():
        origin = Origin(opaque=True)
    if not _known.put(thing, origin):
        _remember_number(thing, origin)
    elif origin is not None and type(thing).__module__ in contents.witnesses:
        contents.note(thing)


def remember_new(thing: object, origin: Origin | None) -> None:
    """Know the origin of an object made just now, and of the array that it is a view of."""
    remember(thing, origin)
    owner = contents.owner(thing)
    if owner is not thing and _known.get(owner) is None:
        _known.put(owner, origin)


def mix(thing: object, origin: Held | None) -> None:
    """Know what the values of an array of several columns came from, all together."""
    _mixed.put(thing, origin)


def mixed(thing: object) -> Origin | None:
    """Give what an array of several columns came from, by columns that are not its own."""
    known = _mixed.get(thing)
    return known.origin() if isinstance(known, Later) else known


def recall(thing: object) -> Origin | None:
    """Give the origin of an object, if it is known; a view of an array has the array's.

    Of an array that was overwritten since, nobody knows what else it came from.
    """
    known = held(thing)
    return known.origin() if isinstance(known, Later) else known


def held(thing: object) -> Origin | Step | None:
    """Give the origin of an object as it is now, worked out or not; None where it is not known.

    What happens to the object later does not change it: whoever holds it need not hurry.
    """
    known = _known.get(thing)
    if known is None:
        number = _numbers.get(identity(thing)) if _numbers else None
        if number is None or number[0] is not thing:
            return None
        known = number[1]
        return known.soon() if type(known) is Step else known  # type: ignore[return-value]
    if type(known) is Step:
        known = known.soon()
    elif type(known) is not Origin:
        known = known.origin()  # type: ignore[union-attr]
    if (type(known) is Origin and known.opaque) or contents.holds(thing):
        return known
    return None if known is None else Step(_changed, (known,))


def _changed(origins: list[Origin]) -> Origin:
    (origin,) = origins
    return origin._replace(opaque=True)


def is_known(thing: object) -> bool:
    """Whether something is known of where an object came from, be it exact or not."""
    return _known.get(thing) is not None


def _remember_number(thing: object, origin: Held | None) -> None:
    kind = getattr(getattr(thing, "dtype", None), "kind", "b")
    if origin is not None and type(thing).__module__ == "numpy" and kind != "b":
        if len(_numbers) >= NUMBERS_MAX:
            _numbers.popitem(last=False)
        _numbers[identity(thing)] = (thing, origin)


def pending(thing: object) -> Held | None:
    """Give what is known of the origin of an object, not worked out where a library plans it."""
    known = _known.get(thing)
    return known.origin() if isinstance(known, Step) else known
