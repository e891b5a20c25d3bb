"""Drivers of databases whose connections are told by an adapter of their own.

What is built on a driver (SQLAlchemy, pandas) asks here, and adds what it alone knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headwater.capture.statements import Connection

Find = Callable[[Any], Connection | None]
"""Gives what is known of a connection, None where nothing is to be recorded of it."""

_drivers: dict[type, Find] = {}
_found: dict[type, Find | None] = {}
"""By class of a connection, those derived from a driver's too; None: nobody tells it."""


def driver(kind: type, find: Find) -> Callable[[], None]:
    """Say that connections of a driver are told by an adapter of its own; give what undoes it."""
    _drivers[kind] = find
    _found.clear()

    def undo() -> None:
        _drivers.pop(kind, None)
        _found.clear()

    return undo


def finder(connection: object) -> Find | None:
    """What finds out what is known of a connection; None where no adapter of a driver tells it."""
    kind = type(connection)
    try:
        return _found[kind]
    except KeyError:
        found = [find for one, find in _drivers.items() if issubclass(kind, one)]
        made = _found[kind] = found[0] if found else None
        return made
