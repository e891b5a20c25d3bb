"""pandas: what operations on several frames, series and arrays make of origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headwater.capture import origins
from headwater.capture.adapters.pandas_index import (
    ACROSS,
    NONE,
    labels,
    levels,
    meeting,
    put_labels,
    shown,
    with_labels,
)
from headwater.capture.adapters.pandas_labels import Called, spelled
from headwater.capture.adapters.pandas_steps import (
    EMPTY,
    Origins,
    are_unknown,
    called_so,
    column_of,
    through,
    with_all,
)
from headwater.capture.origins import (
    CONDITIONAL,
    IDENTITY,
    JOIN,
    PLACED,
    TRANSFORMATION,
    Field,
    Origin,
)


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
    if origin.columns is not None and not shown(origin):
        # An empty frame gets its rows with the first column.
        whole = with_labels(whole, levels(more))
    for place, name in enumerate(keys):
        if came is not None and len(came) == len(keys):
            fields = (more.columns or {}).get(came[place], NONE)
        else:
            fields = more.all_fields(IDENTITY)
        whole = whole.put(name, fields | alone)
    return whole


def changed(given: Origins, masks: int, names: Called, all_names: Called) -> Origin:
    """A value was put among others: in these columns, or nobody knows in which.

    After what is changed come the masks that choose where, then the value. `all_names` are those of
    the columns that are there then: one that was not known, beside others that all were, is new.
    """
    origin, *brought = given
    more = origins.merge(*brought)
    made = with_all(origin, brought)
    if names is None or origin.columns is None or are_unknown(brought):
        untouched = not more.sources and not more.opaque
        return made if untouched else made._replace(columns=None)
    places, came = brought[:masks], origins.merge(*brought[masks:])
    by = NONE.union(meeting(given), *(one.all_fields(CONDITIONAL) for one in places))
    others = set(spelled(all_names) or ()).difference(spelled(names) or ())
    all_were_known = all_names is not None and others <= origin.columns.keys()
    for name in spelled(names) or ():
        is_new = all_were_known and name not in origin.columns
        before = NONE if is_new else origin.of([name], IDENTITY)
        made = made.put(name, before | column_of(came, name) | by)
    return made


def taken_more(
    given: Origins,
    hows: Sequence[str | None],
    framed: Sequence[bool],
    names: Called,
    is_frame: bool,
) -> Origin:
    """Of its own values and of what was given; conditions shape a column, other data make it.

    `framed`: which of the others are frames; such goes into a frame column by column.
    """
    origin, *brought = given
    whole = with_all(origin, brought)
    if origin.columns is None or are_unknown(brought):
        return whole.of_columns(None)
    made = dict.fromkeys(spelled(names) or (), NONE) | shown(through(origin, TRANSFORMATION))
    for one, how, by_name in zip(brought, hows, framed, strict=True):
        if how is None:
            continue
        for name in made:
            aligned = by_name and is_frame and one.columns is not None
            came = (one.columns or {}).get(name, NONE) if aligned else column_of(one, name)
            made[name] |= origins.through(came, how)
    rows = [one for one in given if PLACED not in (one.columns or {})]
    found = levels(origins.merge(*rows)) if rows else []
    return whole.of_columns(put_labels(made, found)).shape(meeting(given))


def multiplied(given: Origins, names: Called, by_name: bool) -> Origin:
    """A product: each column of all of the first, and of the second's (`by_name`) or all of it.

    Columns of the one meet rows of the other by their labels.
    """
    origin, *brought = given
    whole = with_all(origin, brought)
    if origin.columns is None or are_unknown(brought):
        return whole.of_columns(None)
    made = {}
    for name in spelled(names) or [""]:
        more = [column_of(one, name) if by_name else one.all_fields() for one in brought]
        fields = origin.all_fields(TRANSFORMATION).union(*more)
        made[name] = origins.through(fields, TRANSFORMATION)
    met = NONE.union(*(labels(one, JOIN) for one in brought))
    return whole.of_columns(put_labels(made, levels(origin))).shape(met)


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
    by = called_so(one, keys[0], JOIN) | called_so(other, keys[1], JOIN)
    for origin, is_one in zip((one, other), by_index, strict=True):
        if is_one:
            by |= labels(origin, JOIN)
    # Rows that met by labels have these in a column of their own, if it is called as a key is.
    met = dict.fromkeys(
        set(keys[0] + keys[1]), one.of(keys[0], IDENTITY) | other.of(keys[1], IDENTITY)
    )
    met = {name: fields | labels(whole, IDENTITY) for name, fields in met.items()}
    made_of = {
        name: fields for name in made if (fields := columns.get(name, met.get(name))) is not None
    }
    return whole.of_columns(
        put_labels(made_of, _met((one, other), keys, by_index, is_whole))
    ).shape(by)


def keyed_by(given: Origins, names: Sequence[Any]) -> Origin:
    """The keys of what was put together are those of one side alone."""
    made, side = given
    if made.columns is None or side.columns is None:
        return made
    return made.of_columns({**made.columns, **{str(n): side.of([n], IDENTITY) for n in names}})


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
