"""pandas: what the labels of rows came from, and what comes of it.

Labels stand in no column, but decide which rows meet: of two series that are added, of a frame and
the column that is put into it, of frames that are joined by their index. They are kept among the
columns of an origin, level by level, under names that are hidden (`origins.HIDDEN`). Rows that are
numbered by pandas have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from headwater.capture import origins
from headwater.capture.adapters.pandas_labels import UNNAMED, Called, has_columns, spelled
from headwater.capture.origins import HIDDEN, IDENTITY, JOIN, PLACED, Field, Origin

LABEL: Final = f"{HIDDEN}label "
"""With a number: a level of the index."""
GROUP: Final = f"{HIDDEN}group "
"""With a number: a key of groups, that becomes a level of the index."""
ACROSS: Final = f"{HIDDEN}across"
"""Of a series whose labels are columns of a frame (`frame.mean()`): names are of its rows."""

Fields = frozenset[Field]
NONE: Final[Fields] = frozenset()


def levels(origin: Origin, kind: str = LABEL) -> list[Fields]:
    """Give what each level of the index came from; none where rows are just numbered."""
    found = origins.hidden(origin.columns or {})
    return [found[name] for name in sorted(found) if name.startswith(kind)]


def labels(origin: Origin, how: str) -> Fields:
    """Give what all labels came from, as `how`."""
    return origins.through(NONE.union(*levels(origin)), how)


def level(origin: Origin, place: object) -> Fields:
    """Give what one level came from, by its place; by name, what any of them did."""
    found = levels(origin)
    if isinstance(place, int) and -len(found) <= place < len(found):
        return found[place]
    return NONE.union(*found)


def shown(origin: Origin) -> dict[str, Fields]:
    """Give the columns that are columns."""
    return {name: one for name, one in (origin.columns or {}).items() if name[:1] != HIDDEN}


def named(found: Sequence[Fields], names: Sequence[str]) -> dict[str, Fields]:
    """Let levels be called so; where there are not as many, each may be any of them."""
    if len(found) == len(names):
        return dict(zip(names, found, strict=True))
    return dict.fromkeys(names, NONE.union(*found))


def put_labels(
    columns: Mapping[str, Fields], found: Sequence[Fields], kind: str = LABEL
) -> dict[str, Fields]:
    """Put levels among columns, in the place of what there were."""
    made = {f"{kind}{place:03}": one for place, one in enumerate(found)}
    return made | {name: one for name, one in columns.items() if not name.startswith(kind)}


def with_labels(origin: Origin, found: Sequence[Fields]) -> Origin:
    """Give the same with other labels of its rows."""
    columns = origin.columns
    if columns is None or (not found and not levels(origin)):
        return origin
    return origin.of_columns(put_labels(columns, found))


def meeting(parts: Iterable[Origin]) -> Fields:
    """Give by what rows met: the labels of all, if they are not labelled alike."""
    found = [levels(one) for one in parts if PLACED not in (one.columns or {})]
    if all(one == found[0] for one in found):
        return NONE
    return origins.through(NONE.union(*(each for one in found for each in one)), JOIN)


def placed(origin: Origin) -> Origin:
    """Give what an array or a number is of: values without labels."""
    columns = origin.columns
    return origin if columns is None else origin.of_columns({PLACED: NONE, **shown(origin)})


def written(origin: Origin, thing: Any, names: Sequence[str] | None) -> Origin:
    """Give what a frame or series is of as it is written: columns, and labels that have names.

    `names` are those of its columns, or that of the series; None where it has none, or too many.
    """
    columns = origin.columns
    if columns is None or (names is None and has_columns(thing)):
        return origin.of_columns(None)
    found = levels(origin)
    called = [None if name is None else str(name) for name in thing.index.names]
    if len(found) != len(called):
        found = [labels(origin, IDENTITY)] * len(called)
    made = {name: one for name, one in zip(called, found, strict=True) if name is not None}
    if has_columns(thing):
        shown_as = {name: columns[name] for name in names or () if name in columns}
    else:
        shown_as = {names[0] if names else UNNAMED: origin.all_fields(IDENTITY)}
    for name, one in shown_as.items():
        made[name] = made.get(name, NONE) | one
    return origin.of_columns(made)


# Steps


def set_by(given: list[Origin], keys: Sequence[str | int], names: Called, append: bool) -> Origin:
    """Columns, or what was brought along (by its place), became labels."""
    origin, *brought = given
    whole = origins.joined(origin, origins.merge(*brought)) if brought else origin
    columns = origin.columns
    if (
        columns is None
        or names is None
        or any(one.columns is None and one.sources for one in brought)
    ):
        return whole.of_columns(None)
    new = [
        columns.get(key, NONE) if isinstance(key, str) else brought[key].all_fields(IDENTITY)
        for key in keys
    ]
    kept = {name: columns.get(name, NONE) for name in spelled(names) or ()}
    return whole.of_columns(put_labels(kept, [*(levels(origin) if append else ()), *new]))


def reset(given: list[Origin], names: Called, is_series: bool, drop: bool) -> Origin:
    """Labels became columns, or are no more."""
    (origin,) = given
    columns, found = origin.columns, levels(origin)
    if drop or columns is None:
        return with_labels(origin, [])
    called = spelled(names) or []
    known = shown(origin)
    if is_series:
        known = {name: origin.all_fields(IDENTITY) for name in called[-1:]}
    new = [name for name in called if name not in known]
    made = {**known, **named(found, new)}
    left = found if len(new) < len(found) else []
    return origin.of_columns(put_labels({name: made[name] for name in called}, left))


def labelled(given: list[Origin], is_known: bool) -> Origin:
    """Rows were given other labels, that may have come from elsewhere; or from anything."""
    origin, *brought = given
    made = origins.joined(origin, origins.merge(*brought)) if brought else origin
    new = [one.all_fields(IDENTITY) for one in brought]
    made = with_labels(made, new)
    return made if is_known else made._replace(opaque=True)


def by_labels(given: list[Origin], how: str) -> Origin:
    """Rows were chosen or ordered by their labels; those chosen by may come from elsewhere."""
    origin, *brought = given
    made = origins.joined(origin, origins.merge(*brought)) if brought else origin
    return made.shape(labels(origin, how).union(*(one.all_fields(how) for one in brought)))


def reindexed(given: list[Origin]) -> Origin:
    """Rows were looked up by other labels, and have those since."""
    brought = given[1:]
    made = by_labels(given, JOIN)
    return with_labels(made, [one.all_fields(IDENTITY) for one in brought if one.columns])


def unlabelled(given: list[Origin]) -> Origin:
    """Rows are just numbered."""
    return with_labels(given[0], [])
