"""pandas: what operations make of origins, worked out when somebody asks.

Each takes the origins of what went in and what was noted when it happened (`pandas_labels`); none
sees a frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from headwater.capture import origins
from headwater.capture.adapters.pandas_index import (
    ACROSS,
    NONE,
    PLACED,
    labels,
    levels,
    meeting,
    placed,
    put_labels,
    shown,
    with_labels,
)
from headwater.capture.adapters.pandas_labels import Called, spelled
from headwater.capture.origins import (
    AGGREGATION,
    CONDITIONAL,
    FILTER,
    GROUP_BY,
    HIDDEN,
    IDENTITY,
    JOIN,
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


# Of one frame or series


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


def shaped(given: Origins, by: Called, how: str) -> Origin:
    """Rows were chosen or ordered by some columns."""
    (origin,) = given
    return origin.shape(origin.of(by, how))


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


# Of several


def merged(given: Origins) -> Origin:
    """All that was brought along."""
    return origins.merge(*given)


def built(
    given: Origins, names: Sequence[Any], places: Sequence[int | None], opaque: bool
) -> Origin:
    """A frame of columns, each of one origin or of none."""
    columns = {
        str(name): NONE if place is None else given[place].all_fields(IDENTITY)
        for name, place in zip(names, places, strict=True)
    }
    whole = origins.merge(*given)
    rows = [one for one in given if PLACED not in (one.columns or {})]
    found = levels(origins.merge(*rows)) if rows else []
    made = whole._replace(columns=put_labels(columns, found), opaque=whole.opaque or opaque)
    return made.shape(meeting(given))


def taken_from(given: Origins, conditions: int) -> Origin:
    """An array of values of several, place by place, as conditions say, which come first."""
    made = origins.merge(*given)
    if made.columns is None or are_unknown(given):
        return made.of_columns(None)
    by = NONE.union(*(one.all_fields(CONDITIONAL) for one in given[:conditions]))
    fields = NONE.union(by, *(one.all_fields(IDENTITY) for one in given[conditions:]))
    return made.of_columns({PLACED: NONE, "": fields})


def operated(
    given: Origins, names: Called, is_frame: bool, framed: Sequence[bool], opaque: bool
) -> Origin:
    """Arithmetic, comparison, logic: of both sides, column by column.

    `framed`: which sides are frames, if the whole is. A series goes into each column, if it is not
    by column.
    """
    whole = origins.merge(*given)
    if opaque:
        whole = whole._replace(opaque=True)
    columns = whole.columns
    if columns is None:
        return whole
    made: Mapping[str, frozenset[Field]]
    across_columns = [ACROSS in (one.columns or {}) for one in given]
    if is_frame:
        by_name = [a or b for a, b in zip(framed, across_columns, strict=True)]
        rest = [one.all_fields() for one, is_by in zip(given, by_name, strict=True) if not is_by]
        known = [one.columns or {} for one, is_by in zip(given, by_name, strict=True) if is_by]
        made = {
            name: NONE.union(*rest, *(one.get(name, NONE) for one in known))
            for name in (shown(whole) if names is None else spelled(names) or ())
        }
    elif any(across_columns):
        made = shown(whole)
    else:
        fields = NONE.union(*(one.all_fields() for one in given))
        made = {"" if names is None else str(names[0]): fields}
    hidden = origins.hidden(columns)
    if not all(PLACED in (one.columns or {}) for one in given):
        hidden.pop(PLACED, None)
    whole = whole.of_columns({**hidden, **made})
    return through(whole, TRANSFORMATION).shape(meeting(given))


def put(given: Origins, keys: Sequence[Any], names: Called) -> Origin:
    """Whole columns were put into a frame, new or in the place of what was there.

    `names`: of a frame that was put in, column by column. How the rows of what was put in were
    chosen bears on these columns alone.
    """
    origin, *brought = given
    more = origins.merge(*brought)
    if not brought or more.shaped <= origin.shaped:
        whole = with_all(origin, brought)
    else:
        whole = with_all(origin, [more._replace(shaped=NONE)])
    alone = (more.shaped - origin.shaped) | (meeting(given) if brought else NONE)
    came = spelled(names)
    for place, name in enumerate(keys):
        if came is not None and len(came) == len(keys):
            fields = (more.columns or {}).get(came[place], NONE)
        else:
            fields = more.all_fields(IDENTITY)
        whole = whole.put(name, fields | alone)
    return whole


def changed(given: Origins, masks: int, names: Called) -> Origin:
    """A value was put among others: in these columns, or nobody knows in which.

    After what is changed come the masks that choose where, then the value.
    """
    origin, *brought = given
    more = origins.merge(*brought)
    made = with_all(origin, brought)
    if names is None or origin.columns is None or are_unknown(brought):
        untouched = not more.sources and not more.opaque
        return made if untouched else made._replace(columns=None)
    places, came = brought[:masks], origins.merge(*brought[masks:])
    by = NONE.union(meeting(given), *(one.all_fields(CONDITIONAL) for one in places))
    for name in spelled(names) or ():
        made = made.put(name, origin.of([name], IDENTITY) | column_of(came, name) | by)
    return made


def taken_more(given: Origins, hows: Sequence[str | None], names: Called) -> Origin:
    """Of its own values and of what was given; conditions shape a column, other data make it."""
    origin, *brought = given
    whole = with_all(origin, brought)
    if origin.columns is None or are_unknown(brought):
        return whole.of_columns(None)
    made = dict.fromkeys(spelled(names) or (), NONE) | shown(through(origin, TRANSFORMATION))
    for one, how in zip(brought, hows, strict=True):
        if how is not None:
            made = {
                name: fields | origins.through(column_of(one, name), how)
                for name, fields in made.items()
            }
    rows = [one for one in given if PLACED not in (one.columns or {})]
    found = levels(origins.merge(*rows)) if rows else []
    return whole.of_columns(put_labels(made, found)).shape(meeting(given))


def looked_up(given: Origins, names: Called) -> Origin:
    """Values of a series were looked up in others by their labels."""
    origin, *brought = given
    whole = with_all(origin, brought)
    if whole.columns is None or are_unknown(brought):
        return whole.of_columns(None)
    found = [one.all_fields() | labels(one, TRANSFORMATION) for one in brought]
    columns = {"" if names is None else str(names[0]): origin.all_fields().union(*found)}
    return whole.of_columns(put_labels(columns, levels(origin)))


def concatenated(
    given: Origins, names: Called, is_beside: bool, is_numbered: bool, opaque: bool
) -> Origin:
    """Rows or columns of several, one after the other.

    `names` None: it is a series. `is_beside`: rows that are labelled alike became one.
    """
    whole = origins.merge(*given)
    if opaque:
        whole = whole._replace(opaque=True)
    if is_beside:
        whole = whole.shape(meeting(given))
    if is_numbered:
        whole = with_labels(whole, [])
    if whole.columns is None or names is None:
        return whole
    made = spelled(names) or []
    return whole.keep(made) if whole.columns.keys() >= {*made} else whole.of_columns(None)


def beside(
    given: Origins,
    known: tuple[bool, bool],
    names: tuple[Called, Called, Called],
    keys: tuple[list[Any], list[Any]] | None,
    by_index: tuple[bool, bool],
    is_whole: bool,
    suffixes: Any,
    opaque: bool,
) -> Origin:
    """Put two frames side by side: each column from its side, equal keys from both.

    `keys` None: by the columns that both have. `by_index`: which sides are joined by their labels.
    `is_whole`: rows stay that the left side does not have.
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
    keys = ([str(key) for key in keys[0]], [str(key) for key in keys[1]])
    shared = {x for x, y in zip(*keys, strict=False) if x == y} & set(left) & set(right)
    twice = (set(left) & set(right)) - shared
    columns: dict[str, frozenset[Field]] = {}
    for name in left:
        new = f"{name}{suffixes[0] or ''}" if name in twice else name
        columns[new] = a.get(name, NONE) | (b.get(name, NONE) if name in shared else NONE)
    for name in right:
        new = f"{name}{suffixes[1] or ''}" if name in twice else name
        if name not in shared:
            columns[new] = columns.get(new, NONE) | b.get(name, NONE)
    by = one.of(keys[0], JOIN) | other.of(keys[1], JOIN)
    for side, origin, is_one in zip(keys, (one, other), by_index, strict=True):
        if is_one or not (origin.columns or {}).keys() >= {*side}:
            by |= labels(origin, JOIN)
    made_of = {name: columns.get(name, NONE) for name in made}
    return whole.of_columns(
        put_labels(made_of, _met((one, other), keys, by_index, is_whole))
    ).shape(by)


def _met(
    sides: tuple[Origin, Origin],
    keys: tuple[list[str], list[str]],
    by_index: tuple[bool, bool],
    is_whole: bool,
) -> list[frozenset[Field]]:
    """Give the labels of rows that met by labels: of one side, of the other, or of its keys."""
    if not any(by_index):
        return []
    if all(by_index) and len(levels(sides[0])) == len(levels(sides[1])):
        return levels(origins.merge(*(Origin(columns=one.columns or {}) for one in sides)))
    if not all(by_index) and not is_whole:
        return levels(sides[by_index.index(False)])
    every = [
        labels(one, IDENTITY) | one.of(side, IDENTITY)
        for one, side in zip(sides, keys, strict=True)
    ]
    return [NONE.union(*every)] if any(every) else []
