"""pandas: frames that are changed in place, and methods that take data besides their own.

What such data came from is added. Of what is of unknown origin (a list, an array that was computed)
nobody knows what else came in, and nothing exact is said any more. Python's own numbers and texts
count as written in the program.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import objects, origins
from headwater.capture.adapters import pandas_several_steps as several
from headwater.capture.adapters import pandas_steps as steps
from headwater.capture.adapters.pandas_columns import (
    Arguments,
    Named,
    Watched,
    choose,
    relabel,
)
from headwater.capture.adapters.pandas_index import NONE
from headwater.capture.adapters.pandas_labels import (
    Called,
    called,
    has_columns,
    has_rows,
    is_mask,
    listed,
    names_of,
)
from headwater.capture.origins import (
    CONDITIONAL,
    TRANSFORMATION,
    Origin,
    Step,
    held,
    remember,
)

_TAKING: Final = (
    "isin", "fillna", "where", "mask", "clip", "replace", "combine_first", "combine", "corrwith",
    "between", "case_when",
)  # fmt: skip
"""Methods that may be given data besides their own."""


def watched(pandas: ModuleType) -> Watched:
    """List what changes a frame or a series, or brings something into it."""
    from pandas.core import indexing
    from pandas.core.strings.accessor import StringMethods

    frame, series = pandas.DataFrame, pandas.Series
    places = (indexing._LocationIndexer, indexing._ScalarAccessIndexer)
    return (
        ((frame,), ("__setitem__",), _put),
        ((series,), ("__setitem__",), _put_into_series),
        ((frame,), ("insert",), _insert),
        (places[:1], ("__getitem__",), _take_at),
        (places, ("__setitem__",), _put_at),
        ((frame, series), ("_update_inplace",), _replace),
        ((frame, series), ("update",), _update),
        ((frame, series), _TAKING, _take_more),
        ((frame, series), ("dot", "__matmul__"), _multiply),
        ((StringMethods,), ("cat",), _join_texts),
    )


def _put(_: Any, args: Arguments, _kwargs: Named) -> None:
    frame, key, value = args[:3]
    if is_mask(key) or not isinstance(key, (str, int, list)):
        _change(frame, None, [key, value])
    else:
        _set(frame, key, value)


def _insert(_: Any, args: Arguments, kwargs: Named) -> None:
    given = dict(zip(("self", "loc", "column", "value"), args, strict=False)) | kwargs
    _set(given["self"], given["column"], given["value"])


def _set(frame: Any, key: Any, value: Any) -> None:
    """Whole columns are put into a frame, new or in the place of what was there."""
    origin = held(frame)
    brought = [] if type(value) in objects.PLAIN else objects.bringing([value])
    keys = listed(key)
    if origin is None:
        if not _sources(brought):
            return
        names = names_of(frame) or ()
        others = set(names) - set(map(str, keys))
        origin = Origin(columns=dict.fromkeys(others, NONE), opaque=bool(others))
    came = called(value) if len(keys) > 1 and has_columns(value) else None
    remember(frame, Step(several.put, [origin, *brought], keys, came))


def _sources(brought: list[Origin | Step]) -> bool:
    """Whether what is brought along is of any dataset; what nobody knows is of none."""
    parts = [one.origin() if isinstance(one, Step) else one for one in brought]
    return bool(origins.merge(*parts).sources)


def _put_into_series(_: Any, args: Arguments, _kwargs: Named) -> None:
    _change(args[0], called(args[0]), [*args[1:3]])


def _put_at(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Some rows, of a column or of all; `at` and `iat` are given row and column apart."""
    frame, key, value = args[0].obj, args[1], args[2]
    parts = key if isinstance(key, tuple) else (key,)
    last = parts[-1]
    label = len(parts) == 2 and isinstance(last, (str, list)) and not is_mask(last)
    names = [str(one) for one in listed(last)] if label else None
    if has_columns(frame):
        _change(frame, names, [*parts, value], all_names=None if names is None else called(frame))
    else:
        _change(frame, called(frame), [*parts, value])


def _change(thing: Any, names: Called, given: list[Any], *, all_names: Called = None) -> None:
    """A value, the last given, is put among others: in these columns, or nobody knows in which.

    Before it stand the masks and labels that choose where. Of a frame that may have got a column by
    it, `all_names` are those that it has now.
    """
    *places, value = given
    masks = [one for place in places if is_mask(place) for one in objects.bringing([place])]
    brought = [*masks, *objects.bringing([value])]
    origin = held(thing)
    if origin is None:
        if not _sources(brought):
            return
        origin = Origin(opaque=True)
    remember(thing, Step(several.changed, [origin, *brought], len(masks), names, all_names))


def _take_at(result: Any, args: Arguments, _: Named) -> None:
    """Rows and columns by `loc` and `iloc`; the mask, numbers or labels may come from elsewhere."""
    frame, key = args[0].obj, args[1]
    origin = held(frame)
    if origin is None:
        return
    rows, last = (key[0], key[-1]) if isinstance(key, tuple) and key else (key, None)
    if not has_rows(result) and isinstance(last, str):
        remember(result, Step(steps.cell, (origin,), last))
        return
    labels = args[0].name == "loc" and (not isinstance(rows, slice) or rows != slice(None))
    choose(result, origin, rows, frame, brings=not isinstance(rows, tuple), labels=labels)


def _replace(_: Any, args: Arguments, kwargs: Named) -> None:
    """What an operation in place made takes the place of what was there."""
    thing = args[0]
    origin, made = held(thing), args[1] if len(args) > 1 else kwargs.get("result")
    if origin is None or made is thing:
        return
    found = held(made)
    if found is None:
        found = Step(steps.gone_through, (origin,), TRANSFORMATION)
    remember(thing, found)


def before_that(args: Arguments, _: Named) -> Any:
    """Note what the columns are called while that is being changed."""
    return called(args[0]) if held(args[0]) is not None else None


def call_otherwise(_: Any, args: Arguments, kwargs: Named) -> None:
    """Columns are called otherwise, by place; or rows are."""
    thing, axis, labels = args[:3]
    before, origin = kwargs["__before__"], held(thing)
    if origin is None:
        return
    if axis == int(has_columns(thing)):  # as blocks have them: columns are the first axis
        relabel(thing, labels, origin)
    elif before is not None:
        remember(thing, Step(steps.called_otherwise, (origin,), before, called(thing)))


def _update(_: Any, args: Arguments, kwargs: Named) -> None:
    other = args[1] if len(args) > 1 else kwargs.get("other")
    _change(args[0], called(other if has_columns(other) else args[0]), [other])


def _multiply(result: Any, args: Arguments, kwargs: Named) -> None:
    """A product of matrices: each column of all columns of the one, and of its own in the other."""
    other = args[1] if len(args) > 1 else kwargs["other"]
    origin, brought = held(args[0]), objects.bringing([other])
    if origin is not None or _sources(brought):
        parts = [origin or objects.UNKNOWN, *brought]
        names = called(result) if has_columns(result) else None
        by_name = has_columns(result) and has_columns(other)
        remember(result, Step(several.multiplied, parts, names, by_name))


def _join_texts(result: Any, args: Arguments, kwargs: Named) -> None:
    """Texts of a series and of others, row by row."""
    if has_rows(result):
        _take_more(result, (args[0]._orig, *args[1:]), kwargs)


def _take_more(result: Any, args: Arguments, kwargs: Named) -> None:
    """Of its own values and of what it is given; conditions shape a column, other data make it."""
    subject, given = args[0], [*args[1:], *kwargs.values()]
    origin = held(subject)
    brought: list[Origin | Step] = []
    hows: list[str | None] = []
    framed: list[bool] = []
    for one in given:
        if type(one) in objects.PLAIN:
            continue
        more = objects.bringing([one])
        brought += more
        how = CONDITIONAL if is_mask(one) else TRANSFORMATION
        hows += [None if isinstance(one, dict) else how] * len(more)
        framed += [has_columns(one)] * len(more)
    target = subject if kwargs.get("inplace") is True else result
    if origin is not None:
        said = (hows, framed, called(target), has_columns(subject))
        remember(target, Step(several.taken_more, [origin, *brought], *said))
    elif _sources(brought):
        remember(target, Step(steps.obscured, [Step(several.merged, brought)]))
