"""Writers that are given tables one after the other: their file came from all of them.

The file is an output from when the writer was opened; of what, is said when it is closed.
"""

from __future__ import annotations

import os
from typing import Any, Final

from headwater.capture import files, handles, origins
from headwater.capture.adapters.arrow_sources import said, to_write
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin, recall


class Written:
    """What a writer writes to, and what it was given so far."""

    __slots__ = ("origin", "place", "rows", "schema")

    def __init__(self, place: Any) -> None:
        self.place = place
        self.origin: Origin | None = None
        self.rows = 0
        self.schema: dict[str, str] | None = None


_writers: Final[Beside[Written]] = Beside()

Arguments = tuple[Any, ...]
Named = dict[str, Any]


def opened(writer: object, place: Any) -> None:
    """Know what a writer writes to, and record that it does."""
    if isinstance(place, str) and "://" not in place:
        place = os.path.abspath(place)
    if hasattr(place, "write"):
        files.fill(place)
    else:
        files.write(place, None, opened="new")
    _writers.put(writer, Written(place))


def note(args: Arguments, _: Named) -> None:
    """Note, ahead of a method, where the file is that a writer writes to."""
    written = _writers.get(args[0])
    if written is not None:
        handles.note((written.place,), {})


def given_to(_: Any, args: Arguments, kwargs: Named) -> None:
    """Observe a method that gives a writer a table or a batch."""
    written = _writers.get(args[0])
    if written is None:
        return
    table = args[1] if len(args) > 1 else next(iter(kwargs.values()))
    origin = to_write(recall(table), table) or Origin(opaque=True)
    written.origin = origin if written.origin is None else origins.merge(written.origin, origin)
    told = said(table)
    written.rows += told.get("rows", 0)
    written.schema = told.get("schema", written.schema)
    if hasattr(written.place, "write"):
        files.fill(written.place)


def closed(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Observe a method that closes a writer: now it is known what its file came from."""
    written = _writers.get(args[0])
    if written is None:
        return
    _writers.put(args[0], None)
    told = {} if written.schema is None else {"schema": written.schema}
    files.write(written.place, written.origin or Origin(), rows=written.rows, **told)
