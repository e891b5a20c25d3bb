"""pandas: what operations on groups of rows, and on stretches of them, make of origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headwater.capture import origins
from headwater.capture.adapters.pandas_index import (
    GROUP,
    NONE,
    Fields,
    labels,
    level,
    levels,
    put_labels,
    shown,
)
from headwater.capture.adapters.pandas_labels import Called, spelled
from headwater.capture.adapters.pandas_steps import Origins, chosen_by, kept, through
from headwater.capture.origins import (
    AGGREGATION,
    GROUP_BY,
    IDENTITY,
    TRANSFORMATION,
    WINDOW,
    Origin,
)

Key = str | int | tuple[object]
"""By what rows are grouped: a column, what was brought along (by its place), a level of labels."""


def grouped(given: Origins, keys: Sequence[Key], opaque: bool) -> Origin:
    """Rows in groups, by columns of theirs, by their labels, and by others."""
    origin, *others = given
    made = chosen_by(origin, others, GROUP_BY)
    if opaque:
        made = made._replace(opaque=True)
    columns = made.columns
    if columns is None:
        return made
    found = []
    for key in keys:
        if isinstance(key, int):
            found.append(others[key].all_fields(IDENTITY))
        elif isinstance(key, str) and key in columns:
            found.append(columns[key])
        else:
            found.append(level(origin, key[0] if isinstance(key, tuple) else key))
    by = NONE.union(*(origins.through(one, GROUP_BY) for one in found))
    return made.of_columns(put_labels(columns, found, GROUP)).shape(by)


def selected(given: Origins, names: Sequence[object]) -> Origin:
    """Some columns of groups."""
    return given[0].keep(names)


def ungrouped(given: Origins, names: Called) -> Origin:
    """Rows of groups, some of them, as they were."""
    (origin,) = given
    if origin.columns is None:
        return origin
    return kept([origin.of_columns(put_labels(origin.columns, [], GROUP))], names)


def transformed(given: Origins, names: Called) -> Origin:
    """A value for each row of the groups."""
    return through(ungrouped(given, names), TRANSFORMATION)


def numbered(given: Origins, names: Called) -> Origin:
    """A number for each row, by its group and its place alone."""
    (origin,) = given
    if origin.columns is None:
        return origin
    columns = {"" if names is None else str(names[0]): NONE}
    return origin.of_columns(put_labels(columns, levels(origin)))


def aggregated(
    given: Origins, names: Called, keys: Sequence[str], renamed: Mapping[str, object], sized: bool
) -> Origin:
    """A value for each group; `renamed` are the columns that values of other names came of.

    `sized`: values count rows, whatever they hold.
    """
    (origin,) = given
    if origin.columns is None:
        return origin
    columns: dict[str, Fields] = {}
    made = spelled(names) or [""]
    chosen = [name for name in shown(origin) if name not in keys] or list(keys)
    deep = {f"({key!r}, '')": key for key in keys}  # where columns have labels of two levels
    for name in made:
        key = deep.get(name, name)
        if key in keys and name not in renamed and len(made) > 1:
            columns[name] = origin.columns.get(key, NONE)
            continue
        source = str(renamed.get(name, name))
        known = [source] if source in origin.columns else _of_several(name, chosen)
        columns[name] = NONE if sized else origin.of(known, AGGREGATION)
    are_columns = {deep.get(name, name) for name in made}
    is_index = not keys or not are_columns.issuperset(keys) or made == list(keys)
    return origin.of_columns(put_labels(columns, levels(origin, GROUP) if is_index else []))


def _of_several(name: str, chosen: list[str]) -> list[str]:
    """Of which columns one of `agg(['mean', 'max'])` is: `('x', 'mean')` of x, others of all."""
    found = [one for one in chosen if name.startswith(f"('{one}',")]
    return found or chosen


def windowed(given: Origins, names: Called, by: str | None) -> Origin:
    """A value for each row, of the rows around it.

    `by`: they are around it by time, of a column or (empty) of the labels.
    """
    (origin,) = given
    made = through(kept(given, names), AGGREGATION)
    if by is None:
        return made
    return made.shape(origin.of([by], WINDOW) if by else labels(origin, WINDOW))
