"""pandas: operations on several frames."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from headwater.capture.adapters import pandas_several_steps as several
from headwater.capture.adapters.pandas_columns import Arguments, Named, Watched
from headwater.capture.adapters.pandas_labels import called, has_columns, listed
from headwater.capture.adapters.pandas_steps import obscured
from headwater.capture.origins import Origin, Step, held, remember


def watched(pandas: ModuleType) -> Watched:
    """List what is observed of several frames."""
    frame = pandas.DataFrame
    return (
        ((frame, pandas), ("merge",), _merge),
        ((frame,), ("join",), _join),
        ((pandas,), ("merge_asof",), _merge_nearest),
        ((pandas,), ("concat",), _concat),
    )


def _merge(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("left", "right", "how", "on", "left_on", "right_on")
    given = dict(zip(order, args, strict=False)) | kwargs
    on = listed(given.get("on"))
    keys = (listed(given.get("left_on")) or on, listed(given.get("right_on")) or on)
    by_index = (bool(given.get("left_index")), bool(given.get("right_index")))
    by_common = given.get("how") != "cross" and not any(by_index) and not any(keys)
    suffixes = given.get("suffixes", ("_x", "_y"))
    sides = (given.get("left"), given.get("right"))
    whole = given.get("how", "inner") not in ("left", "inner")
    _beside(result, sides, None if by_common else keys, (by_index, whole), suffixes)


def _merge_nearest(result: Any, args: Arguments, kwargs: Named) -> None:
    """Each row of the left with the nearest one of the right; keys are the left one's."""
    order = ("left", "right", "on", "left_on", "right_on")
    given = dict(zip(order, args, strict=False)) | kwargs
    parts, _ = _all([given.get("left"), given.get("right")])
    if not parts:
        return
    on, by = listed(given.get("on")), listed(given.get("by"))
    keys = [
        (listed(given.get(f"{side}_on")) or on) + (listed(given.get(f"{side}_by")) or by)
        for side in ("left", "right")
    ]
    if given.get("left_index") or given.get("right_index") or len(args) > len(order):
        remember(result, Step(obscured, [Step(several.merged, parts)]))
        return
    suffixes = given.get("suffixes", ("_x", "_y"))
    _beside(result, (given["left"], given["right"]), tuple(keys), ((False, False), False), suffixes)
    left, made = held(given["left"]), held(result)
    if left is not None and made is not None:
        remember(result, Step(several.keyed_by, (made, left), [*on, *by]))


def _join(result: Any, args: Arguments, kwargs: Named) -> None:
    order = ("left", "right", "on", "how", "lsuffix", "rsuffix")
    given = dict(zip(order, args, strict=False)) | kwargs
    right = given.get("right", given.get("other"))
    if isinstance(right, (list, tuple)):
        _concat(result, ([args[0], *right],), {"axis": 1})
        return
    on = listed(given.get("on"))
    suffixes = (given.get("lsuffix", ""), given.get("rsuffix", ""))
    whole = given.get("how", "left") not in ("left", "inner")
    _beside(result, (args[0], right), (on, []), ((not on, True), whole), suffixes)


def _beside(
    result: Any,
    sides: tuple[Any, Any],
    keys: Any,
    how: tuple[tuple[bool, bool], bool],
    suffixes: Any,
) -> None:
    parts, unknown = _all([*sides])
    if not parts:
        return
    if keys is not None:
        # What is no name is data of its own, in the place of a column.
        others = [one for side in keys for one in side if not isinstance(one, (str, int, tuple))]
        keys = tuple([one for one in side if isinstance(one, (str, int, tuple))] for side in keys)
        unknown = unknown or bool(others)
    known = (held(sides[0]) is not None, held(sides[1]) is not None)
    names = (called(sides[0]), called(sides[1]), called(result))
    said = (known, names, keys, *how, suffixes, unknown)
    remember(result, Step(several.beside, parts, *said))


def _all(some: list[Any]) -> tuple[list[Origin | Step], bool]:
    """What several objects are of, and whether of one nobody knows; empty ones add nothing."""
    known, unknown = [], False
    for one in some:
        origin = held(one)
        if origin is not None:
            known.append(origin)
        elif one is not None and len(one):
            unknown = True
    return known, unknown


def _concat(result: Any, args: Arguments, kwargs: Named) -> None:
    objs = args[0] if args else kwargs.get("objs", ())
    if not isinstance(objs, (list, tuple, Mapping)):
        reader = held(objs)  # of a file that is read piece by piece; another iterator is used up
        if reader is not None:
            remember(result, reader)
        return
    parts, unknown = _all(list(objs.values()) if isinstance(objs, Mapping) else list(objs))
    if parts:
        is_beside = kwargs.get("axis", 0) in (1, "columns")
        is_numbered = bool(kwargs.get("ignore_index")) and not is_beside
        names = called(result) if has_columns(result) else None
        said = (names, is_beside, is_numbered, unknown)
        remember(result, Step(several.concatenated, parts, *said))
