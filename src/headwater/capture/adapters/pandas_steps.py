"""pandas: what operations make of origins, worked out when somebody asks.

Each takes the origins of what went in and what was noted when it happened (`pandas_labels`); none
sees a frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from headwater.capture import origins
from headwater.capture.adapters.pandas_labels import Called, spelled, spelled_index
from headwater.capture.origins import (
    AGGREGATION,
    CONDITIONAL,
    FILTER,
    GROUP_BY,
    IDENTITY,
    JOIN,
    TRANSFORMATION,
    Field,
    Origin,
    Split,
)

NONE: Final[frozenset[Field]] = frozenset()
EMPTY: Final = Origin(columns={})

Origins = list[Origin]


def through(origin: Origin, how: str) -> Origin:
    """Let each column go through one more step."""
    columns = origin.columns
    if columns is None:
        return origin
    made = {name: origins.through(fields, how) for name, fields in columns.items()}
    return origin if made == columns else origin.of_columns(made)


def column_of(origin: Origin, name: object) -> frozenset[Field]:
    """Fields of the column of this name, else of all: the value that was put in its place."""
    columns = origin.columns or {}
    if len(columns) > 1 and str(name) in columns:
        return columns[str(name)]
    return origin.all_fields(IDENTITY)


# Of one frame or series


def gone_through(given: Origins, how: str) -> Origin:
    """Every value went through one more step."""
    return through(given[0], how)


def by_dataset(given: Origins) -> Origin:
    """An array, or a frame in another shape, knows its datasets and no columns."""
    return given[0]._replace(columns=None)


def obscured(given: Origins) -> Origin:
    """Code that cannot be seen made it."""
    return given[0].obscure()


def kept(given: Origins, names: Called, index: Called) -> Origin:
    """Columns and index that are still there; all, where it has no names."""
    (origin,) = given
    if names is None or origin.columns is None:
        return origin
    return origin.keep([*(spelled(names) or ()), *spelled_index(index)])


def indexed(given: Origins, names: Called, index: Called, renamed: Mapping[Any, Any]) -> Origin:
    """Columns became the index, or the reverse."""
    return given[0].rename(renamed).keep([*(spelled(names) or ()), *spelled_index(index)])


def column(given: Origins, name: str) -> Origin:
    """One column of a frame."""
    (origin,) = given
    if origin.columns is None:
        return origin
    fields = origin.columns.get(name)  # labels of several levels have other names than the whole
    return origin.of_columns(None if fields is None else {name: fields})


def chosen(
    given: Origins,
    columns: Called,
    is_column: bool,
    names: Called,
    index: Called,
    masked: bool,
    opaque: bool,
) -> Origin:
    """Columns by name, rows by place, label or mask; what chose them may come from elsewhere.

    `is_column`: of a frame of these columns something came by one label, a column or a row.
    """
    origin, *choosing = given
    made = spelled(names)
    if made is not None and is_column:
        by_row = made[0] not in (spelled(columns) or ())
        origin = origin._replace(columns=None) if by_row else origin.keep(made)
    elif made is not None:
        origin = origin.keep([*made, *spelled_index(index)])
    if choosing:
        origin = origins.joined(origin, origins.merge(*choosing))
    if masked:
        origin = origin.shape(NONE.union(*(one.all_fields(FILTER) for one in choosing)))
    return origin._replace(opaque=True) if opaque else origin


def filtered(given: Origins) -> Origin:
    """Rows by a mask, which may come from elsewhere."""
    origin, mask = given
    return origins.joined(origin, mask).shape(mask.all_fields(FILTER))


def shaped(given: Origins, by: Called, how: str) -> Origin:
    """Rows were chosen or ordered by some columns."""
    (origin,) = given
    return origin.shape(origin.of(by, how))


def dropped(given: Origins, names: Called, index: Called, by: Called) -> Origin:
    """Rows were left out, by some columns or by all."""
    (origin,) = given
    made = origin if names is None else kept(given, names, index)
    return made.shape(origin.of(() if by is None else by, FILTER))


def queried(given: Origins, by: set[str], opaque: bool) -> Origin:
    """Rows by an expression; `opaque`: one that names variables of the program."""
    made = shaped(given, by, FILTER)
    return made._replace(opaque=True) if opaque else made


def sampled(given: Origins, how: tuple[tuple[str, object], ...]) -> Origin:
    """Some of the rows; what they were weighed by may come from elsewhere."""
    origin, *weights = given
    made = origins.joined(origin, origins.merge(*weights)) if weights else origin
    return made._replace(splits=made.splits | {Split("sample", how)})


def called_otherwise(given: Origins, before: Called, after: Called) -> Origin:
    """Columns are called otherwise, by place; nobody knows which where names are not one each."""
    (origin,) = given
    old, new = spelled(before), spelled(after)
    if old == new:
        return origin
    if old is None or new is None or len(new) != len(old) or len(set(old)) < len(old):
        return origin._replace(columns=None)
    return origin.rename(dict(zip(old, new, strict=True)))


def renamed(
    given: Origins, before: Called, after: Called, names: Mapping[Any, Any] | None
) -> Origin:
    """Columns are called otherwise, by place if there are as many, else by the names given."""
    (origin,) = given
    old, new = spelled(before), spelled(after)
    if old is None or new is None or len(old) != len(new):
        return origin.obscure() if names is None else origin.rename(names)
    return origin.rename(dict(zip(old, new, strict=True)))


def one_column(given: Origins, name: object, opaque: bool = False) -> Origin:
    """One column, of all columns."""
    (origin,) = given
    made = origin._replace(columns={str(name): origin.all_fields()})
    return made._replace(opaque=True) if opaque else made


# Of several


def merged(given: Origins) -> Origin:
    """All that was brought along."""
    return origins.merge(*given)


def built(
    given: Origins, names: Sequence[Any], places: Sequence[int | None], opaque: bool
) -> Origin:
    """A frame of columns, each of one origin or of none."""
    columns = {
        str(name): NONE if place is None else column_of(given[place], name)
        for name, place in zip(names, places, strict=True)
    }
    whole = origins.merge(*given)
    return whole._replace(columns=columns, opaque=whole.opaque or opaque)


def operated(given: Origins, names: Called, is_frame: bool, opaque: bool) -> Origin:
    """Arithmetic, comparison, logic: of both sides, column by column."""
    whole = origins.merge(*given)
    if opaque:
        whole = whole._replace(opaque=True)
    if is_frame or names is None:
        return through(whole, TRANSFORMATION)
    fields = NONE.union(*(one.all_fields() for one in given))
    return whole.of_columns({str(names[0]): fields})


def put(given: Origins, keys: Sequence[Any]) -> Origin:
    """Whole columns were put into a frame, new or in the place of what was there."""
    origin, *brought = given
    more = origins.merge(*brought)
    for name in keys:
        origin = origin.put(name, column_of(more, name))
    return origins.joined(origin, more) if brought else origin


def changed(given: Origins, masks: int, names: Called) -> Origin:
    """A value was put among others: in these columns, or nobody knows in which.

    After what is changed come the masks that choose where, then the value.
    """
    origin, *brought = given
    places, came = brought[:masks], origins.merge(*brought[masks:])
    more = origins.merge(*brought)
    made = origins.joined(origin, more) if brought else origin
    if names is None or origin.columns is None:
        untouched = not more.sources and not more.opaque
        return made if untouched else made._replace(columns=None)
    by = NONE.union(*(one.all_fields(CONDITIONAL) for one in places))
    for name in spelled(names) or ():
        made = made.put(name, origin.of([name], IDENTITY) | column_of(came, name) | by)
    return made


def taken_more(given: Origins, hows: Sequence[str | None], names: Called) -> Origin:
    """Of its own values and of what was given; conditions shape a column, other data make it."""
    origin, *brought = given
    columns = through(origin, TRANSFORMATION).columns
    if columns is not None:
        columns = {**dict.fromkeys(spelled(names) or (), NONE), **columns}
        for one, how in zip(brought, hows, strict=True):
            if how is not None:
                columns = {
                    name: fields | origins.through(column_of(one, name), how)
                    for name, fields in columns.items()
                }
    whole = origins.joined(origin, origins.merge(*brought)) if brought else origin
    return whole._replace(columns=columns)


def concatenated(given: Origins, names: Called, index: Called, opaque: bool) -> Origin:
    """Rows or columns of several, one after the other."""
    whole = origins.merge(*given)
    if opaque:
        whole = whole._replace(opaque=True)
    return kept([whole], names, index)


def beside(
    given: Origins,
    known: tuple[bool, bool],
    names: tuple[Called, Called, Called],
    keys: tuple[list[Any], list[Any]] | None,
    suffixes: Any,
    opaque: bool,
) -> Origin:
    """Put two frames side by side: each column from its side, equal keys from both.

    `keys` None: by the columns that both have.
    """
    rest = iter(given)
    one, other = (next(rest) if is_known else EMPTY for is_known in known)
    whole = origins.merge(*given)
    if opaque:
        whole = whole._replace(opaque=True)
    left, right, made = map(spelled, names)
    if keys is None:
        common = [name for name in left or () if name in (right or ())]
        keys = (common, common)
    if made is None or left is None or right is None or whole.columns is None:
        return whole._replace(columns=None)
    a, b = one.columns or {}, other.columns or {}
    shared = {x for x, y in zip(*keys, strict=False) if x == y} & set(left) & set(right)
    twice = (set(left) & set(right)) - shared
    columns: dict[str, frozenset[Field]] = {}
    for name in left:
        new = f"{name}{suffixes[0] or ''}" if name in twice else name
        columns[new] = a.get(name, NONE) | (b.get(name, NONE) if name in shared else NONE)
    for name in right:
        new = f"{name}{suffixes[1] or ''}" if name in twice else name
        if name not in shared:
            columns[new] = b.get(name, NONE)
    by = one.of(keys[0], JOIN) | other.of(keys[1], JOIN)
    return whole._replace(columns={n: columns.get(n, NONE) for n in made}).shape(by)


# Of groups of rows


def grouped(given: Origins, keys: Sequence[str], opaque: bool) -> Origin:
    """Rows in groups, by columns of theirs and by others."""
    origin, *others = given
    made = origins.joined(origin, origins.merge(*others)) if others else origin
    if opaque:
        made = made._replace(opaque=True)
    series = NONE.union(*(one.all_fields(GROUP_BY) for one in others))
    return made.shape(origin.of(keys, GROUP_BY) | series)


def selected(given: Origins, names: Sequence[Any]) -> Origin:
    """Some columns of groups."""
    return given[0].keep(names)


def transformed(given: Origins, names: Called) -> Origin:
    """A value for each row of the groups."""
    (origin,) = given
    made = spelled(names)
    return through(origin if made is None else origin.keep(made), TRANSFORMATION)


def aggregated(
    given: Origins, names: Called, keys: Sequence[str], renamed: Mapping[str, object]
) -> Origin:
    """A value for each group; `renamed` are the columns that values of other names came of."""
    (origin,) = given
    if origin.columns is None or names is None:
        return origin._replace(columns=None)
    columns = {key: origin.columns.get(key, NONE) for key in keys}
    chosen = [name for name in origin.columns if name not in keys]
    for name in spelled(names) or ():
        if name in columns and name not in renamed:
            continue
        source = str(renamed.get(name, name))
        known = [source] if source in origin.columns else _of_several(name, chosen)
        columns[name] = origin.of(known, AGGREGATION)
    return origin._replace(columns=columns)


def _of_several(name: str, chosen: list[str]) -> list[str]:
    """Of which columns one of `agg(['mean', 'max'])` is: `('x', 'mean')` of x, others of all."""
    found = [one for one in chosen if name.startswith(f"('{one}',")]
    return found or chosen
