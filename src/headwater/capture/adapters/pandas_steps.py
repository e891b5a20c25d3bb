"""pandas: what operations on a frame or series make of origins, worked out when somebody asks.

Each takes the origins of what went in and what was noted when it happened (`pandas_labels`); none
sees a frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from headwater.capture import origins
from headwater.capture.adapters.pandas_index import (
    ACROSS,
    NONE,
    labels,
    levels,
    meeting,
    placed,
    put_labels,
    shown,
)
from headwater.capture.adapters.pandas_labels import Called, spelled
from headwater.capture.origins import (
    AGGREGATION,
    FILTER,
    GROUP_BY,
    HIDDEN,
    IDENTITY,
    TRANSFORMATION,
    Field,
    Origin,
    Split,
)

EMPTY: Final = Origin(columns={})

Origins = list[Origin]


def through(origin: Origin, how: str, only: frozenset[str] | None = None) -> Origin:
    """Let each column, or `only` some, go through one more step."""
    columns = origin.columns
    if columns is None:
        return origin
    made = {
        name: fields
        if name[:1] == HIDDEN or (only is not None and name not in only)
        else origins.through(fields, how)
        for name, fields in columns.items()
    }
    return origin if made == columns else origin.of_columns(made)


def column_of(origin: Origin, name: object) -> frozenset[Field]:
    """Fields of the column of this name, else of all: the value that was put in its place."""
    columns = origin.columns or {}
    if ACROSS in columns or str(name) in columns:
        return columns.get(str(name), NONE)
    return origin.all_fields(IDENTITY)


def are_unknown(some: Origins) -> bool:
    """Whether of one of several it is known where it came from, and not by columns."""
    return any(one.columns is None and one.sources for one in some)


def with_all(origin: Origin, others: Origins) -> Origin:
    """Let an origin bring others along; its columns are another matter."""
    return origins.joined(origin, origins.merge(*others)) if others else origin


def chosen_by(origin: Origin, others: Origins, how: str) -> Origin:
    """Let others have chosen or grouped its rows; by which of their columns may not be known."""
    made = with_all(origin, others)
    if are_unknown(others):
        made = made.of_columns(None)
    return made.shape(NONE.union(*(one.all_fields(how) for one in others)))


def gone_through(given: Origins, how: str, only: frozenset[str] | None = None) -> Origin:
    """Every value, or those of `only` some columns, went through one more step."""
    return through(given[0], how, only)


def by_dataset(given: Origins) -> Origin:
    """An array, or a frame in another shape, knows its datasets and no columns."""
    return given[0]._replace(columns=None)


def as_array(given: Origins) -> Origin:
    """The values of one column, without labels."""
    return placed(given[0])


def reduced(given: Origins) -> Origin:
    """A number that was made of a column."""
    return placed(through(given[0], AGGREGATION))


def across(given: Origins, how: str) -> Origin:
    """A value for each column: a series whose labels are the columns."""
    (origin,) = given
    if origin.columns is None:
        return origin
    return through(origin.of_columns({ACROSS: NONE, **shown(origin)}), how)


def spread(given: Origins, names: Called, how: str) -> Origin:
    """Each column was made of all: along rows, of one column and another, or of a series."""
    (origin,) = given
    made = spelled(names)
    if origin.columns is None or made is None:
        return origin.of_columns(None)
    columns = dict.fromkeys(made, origin.all_fields(how))
    return origin.of_columns(put_labels(columns, levels(origin)))


def counted(given: Origins, name: str) -> Origin:
    """How often each value is there: the values are the labels."""
    (origin,) = given
    if origin.columns is None:
        return origin
    columns = {name: origin.all_fields(AGGREGATION)}
    made = origin.of_columns(put_labels(columns, [origin.all_fields(IDENTITY)]))
    return made.shape(origin.all_fields(GROUP_BY))


def opaque(given: Origins) -> Origin:
    """Code that cannot be seen had a hand in it, but these are its columns."""
    return given[0]._replace(opaque=True)


def obscured(given: Origins) -> Origin:
    """Code that cannot be seen made it."""
    return given[0].obscure()


def kept(given: Origins, names: Called) -> Origin:
    """Columns that are still there; all, where it has no names."""
    (origin,) = given
    return origin if names is None else origin.keep(spelled(names) or ())


def column(given: Origins, name: str) -> Origin:
    """One column of a frame."""
    (origin,) = given
    columns = origin.columns
    if columns is None:
        return origin
    fields = columns.get(name)  # labels of several levels have other names than the whole
    if fields is None:
        return origin.of_columns(None)
    return origin.of_columns({**origins.hidden(columns), name: fields})


def chosen(
    given: Origins, columns: Called, is_column: bool, names: Called, by: str, opaque: bool
) -> Origin:
    """Columns by name, rows by place, label or mask; what chose them may come from elsewhere.

    `is_column`: of a frame of these columns something came by one label, a column or a row. `by`:
    rows were chosen by their `labels`, by a `mask`, or by their place.
    """
    origin, *choosing = given
    made = spelled(names)
    if is_column and (made is None or made[0] not in (spelled(columns) or ())):
        origin = across([origin], IDENTITY)
    elif made is not None:
        origin = origin.keep(made)
    if by == "labels":
        origin = origin.shape(labels(origin, FILTER))
    origin = chosen_by(origin, choosing, FILTER)
    if by == "mask":
        origin = origin.shape(meeting(given))
    return origin._replace(opaque=True) if opaque else origin


def cell(given: Origins, name: str | None) -> Origin:
    """A value of a frame, of a column if that is known."""
    (origin,) = given
    return placed(origin if name is None else column([origin], name))


def filtered(given: Origins) -> Origin:
    """Rows by a mask, which may come from elsewhere."""
    origin, mask = given
    return chosen_by(origin, [mask], FILTER).shape(meeting(given))


def called_so(origin: Origin, names: Iterable[object], how: str) -> frozenset[Field]:
    """What columns of these names came from; where one has none, the labels, that may be it."""
    known = {str(name): str(name) in (origin.columns or {}) for name in names}
    fields = origin.of([name for name, is_column in known.items() if is_column], how)
    return fields if all(known.values()) else fields | labels(origin, how)


def shaped(given: Origins, by: Called, how: str) -> Origin:
    """Rows were chosen or ordered by some columns, or labels that are called so."""
    (origin,) = given
    return origin.shape(called_so(origin, by, how))


def ordered(given: Origins, how: str) -> Origin:
    """Values of a series were chosen or ordered by themselves."""
    (origin,) = given
    return origin.shape(origin.all_fields(how))


def placed_by(given: Origins) -> Origin:
    """Rows by their places, which may come from elsewhere."""
    origin, *places = given
    return chosen_by(origin, places, FILTER)


def exploded(given: Origins, by: Called) -> Origin:
    """Members of lists in some columns became rows."""
    (origin,) = given
    if origin.columns is None:
        return origin
    made = {
        name: origins.through(fields, TRANSFORMATION) if name in map(str, by) else fields
        for name, fields in origin.columns.items()
    }
    return origin.of_columns(made).shape(origin.of(by, FILTER))


def dropped(given: Origins, names: Called, by: Called) -> Origin:
    """Rows were left out, by some columns or by all."""
    (origin,) = given
    return kept(given, names).shape(origin.of(() if by is None else by, FILTER))


def queried(given: Origins, by: set[str], opaque: bool) -> Origin:
    """Rows by an expression; `opaque`: one that names variables of the program."""
    (origin,) = given
    known = by & (origin.columns or {}).keys()  # others are words of the expression
    made = origin.shape(origin.of(known, FILTER))
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


def marked(given: Origins, by: Called) -> Origin:
    """A truth value for each row, by some columns."""
    (origin,) = given
    if origin.columns is None:
        return origin
    columns = {"": origin.of(by, TRANSFORMATION)}
    return origin.of_columns(put_labels(columns, levels(origin)))


def one_column(
    given: Origins, name: object, opaque: bool = False, how: str = TRANSFORMATION
) -> Origin:
    """One column, of all columns."""
    (origin,) = given
    made = origin
    if origin.columns is not None:
        columns = {str(name): origin.all_fields(how)}
        made = origin.of_columns(put_labels(columns, levels(origin)))
    return made._replace(opaque=True) if opaque else made
