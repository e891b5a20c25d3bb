"""Objects of the program that statements of DuckDB read by name, and what they are of.

Frames, tables, data sets and relations are read as variables of the caller (replacement scans), by
a name that they were registered under, or as sources that DuckDB numbers. What they are of is noted
when DuckDB finds them: a variable may be something else by the time its rows are asked for.

DuckDB looks for the caller's variables by passing over frames of its own: ours pass for such.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any, Final

from headwater.capture.adapters.duckdb_connections import (
    Arguments,
    Known,
    Named,
    known,
)
from headwater.capture.origins import Later, Origin, pending, recall

_DATA: Final = frozenset({"pandas", "polars", "pyarrow", "numpy", "duckdb"})
_OURS_AT_LEAST: Final = 3
"""Frames up to who called what is observed: none before that is a program's."""
_between: Final[dict[str, bool]] = {}
"""By name of a module: whether DuckDB passes over its frames."""

Frames = dict[str, Origin | None]


class File:
    """A file-like object that was given to a reader."""

    __slots__ = ("path",)

    def __init__(self, path: Any) -> None:
        self.path = path


def read(
    found: Known, named: Iterable[str], shown: Mapping[str, str], *, called: bool = True
) -> tuple[Frames, dict[str, Any]]:
    """Give what registered names and variables of the caller are of, and relations among them.

    `shown` are names by which others are told. `called`: variables of the caller are read, as by
    a statement; a relation has found its own.
    """
    frames: Frames = {}
    views: dict[str, Any] = {}
    caller = _caller() if called and named else None
    for name in named:
        if name in found.variables:
            value = found.variables[name]
            if _is_relation(value):
                views[shown.get(name, name)] = value
            elif not isinstance(value, File):
                frames[shown.get(name, name)] = (
                    value.origin() if isinstance(value, Later) else value
                )
        elif caller is not None:
            value = _variable(caller, name)
            if value is None:
                continue
            if _is_relation(value):
                views[name] = value
            elif type(value).__module__.partition(".")[0] in _DATA:
                frames[name] = _origin(value)
    return frames, views


def _caller() -> FrameType | None:
    """Give the frame whose variables DuckDB reads: the first that is not its own."""
    frame: FrameType | None = sys._getframe(_OURS_AT_LEAST)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        between = _between.get(module)
        if between is None:
            between = str(module).startswith(("duckdb", "headwater.capture"))
            _between[module] = between
        if not between:
            return frame
        frame = frame.f_back
    return None


def _variable(caller: FrameType, name: str) -> Any:
    """Give a variable of a frame; None where it has none.

    Whoever asks a function for its locals has CPython, up to 3.12, keep a copy of them.
    """
    code, value = caller.f_code, None
    if not code.co_flags & CO_OPTIMIZED or name in (
        *code.co_varnames, *code.co_cellvars, *code.co_freevars
    ):  # fmt: skip
        value = caller.f_locals.get(name)
    return caller.f_globals.get(name) if value is None else value


def _is_relation(value: Any) -> bool:
    return type(value).__name__ == "DuckDBPyRelation"


def _origin(value: Any) -> Origin | None:
    """Give what a frame, table, data set or array is of; what is read for this is recorded."""
    noted = pending(value)
    if isinstance(noted, Later):
        if hasattr(noted, "read"):  # a lazy frame is collected
            noted.read()
        return noted.origin()
    if noted is None and hasattr(value, "get_fragments"):
        from headwater.capture.adapters.arrow_sources import scan

        return scan(value, None, None)
    return recall(value)


def origin(value: Any) -> Any:
    """Give what an object is of; a relation is told when it is read."""
    return value if _is_relation(value) else _origin(value)


# What DuckDB is given


def registered(_: Any, args: Arguments, kwargs: Named) -> None:
    """Observe `register`."""
    given = dict(zip(("view_name", "python_object"), args[1:], strict=False)) | kwargs
    known(args[0]).variables[given["view_name"]] = origin(given["python_object"])


def unregistered(_: Any, args: Arguments, kwargs: Named) -> None:
    """Observe `unregister`."""
    name = args[1] if len(args) > 1 else kwargs.get("view_name", "")
    known(args[0]).variables.pop(name, None)


def bound(result: Any, args: Arguments, _: Named) -> None:
    """Variables of the caller that a statement was found to read."""
    captured = result[5] if len(result) > 6 else ()
    if not captured:
        return
    found, caller = known(args[0]), _caller()
    for name, handle in captured:
        value = None if caller is None else _variable(caller, name)
        found.put(handle, origin(value))


def sourced(handle: Any, args: Arguments, _: Named) -> None:
    """An object became a source."""
    known(args[0]).put(handle, origin(args[1]))


def sourced_of_nobody(handle: Any, args: Arguments, _: Named) -> None:
    """Values of the program became a source."""
    known(args[0]).put(handle, None)


def sourced_file(handle: Any, args: Arguments, _: Named) -> None:
    """A file-like object became a source."""
    known(args[0]).put(handle, File(getattr(args[1], "name", None)))
