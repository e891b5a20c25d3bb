"""Appenders of DuckDB, which buffer rows and write them into a table when they are flushed.

What was flushed is told as the statement that does the same. The rows are of what they were fetched
from, where that is known of all of them.
"""

# ruff: noqa: S608 (texts that are recorded, and not executed)

from __future__ import annotations

from types import ModuleType
from typing import Any, Final

from headwater.capture import origins, rows
from headwater.capture.adapters.duckdb_connections import Arguments, Known, Named, known, on_default
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin
from headwater.capture.patching import Patches
from headwater.capture.statements import giving

_SOURCE: Final = "appender_data"
"""What DuckDB calls the rows in the statement of a `query_appender`."""


class Appender:
    """What an appender writes to: a statement, and what its rows are of (None: nobody knows)."""

    __slots__ = ("known", "origin", "rows", "source", "sql")

    def __init__(self, of_connection: Known, sql: str, source: str | None = None) -> None:
        self.known = of_connection
        self.sql = sql
        self.source = source
        self.clear()

    def clear(self) -> None:
        """Have no rows."""
        self.rows = 0
        self.origin: Origin | None = Origin()

    def take(self, origin: Origin | None, count: int) -> None:
        """Take rows of this origin."""
        self.rows += count
        is_known = self.origin is not None and origin is not None
        self.origin = origins.merge(self.origin, origin) if is_known else None

    def flush(self) -> None:
        """Say that its rows were written."""
        if self.rows:
            frames = None if self.source is None else {self.source: self.origin}
            with giving(self.origin if self.source is None else None):
                self.known.statements.executed(
                    self.sql, pending=self.known.is_open, frames=frames, implied=True
                )
        self.clear()


_appenders: Final[Beside[Appender]] = Beside()


def install(duckdb: ModuleType, home: ModuleType, patches: Patches) -> None:
    """Observe what makes appenders, and what gives them rows."""
    for owner in (duckdb.DuckDBPyConnection, duckdb):
        for name, observer in (("appender", _made), ("query_appender", _made_of_query)):
            told = on_default(observer) if owner is duckdb else observer
            patches.observe(owner, name, told, also=(home,), beneath=True)
    for name, observing in (
        ("append_row", _row), ("append_rows", _rows), ("clear", _cleared),
        ("flush", _flushed), ("__exit__", _left),
    ):  # fmt: skip
        patches.observe(duckdb.Appender, name, observing, beneath=True)


def _made(result: Any, args: Arguments, kwargs: Named) -> None:
    table = (*args[1:], kwargs.get("table"))[0]
    into = ".".join(_quoted(part.strip('"')) for part in table.split("."))
    names = ", ".join(map(_quoted, kwargs.get("columns") or ()))
    into = f"{into} ({names})" if names else into
    sql = {
        "insert": f"INSERT INTO {into} VALUES (?)",
        "delete": f"DELETE FROM {into.partition(' (')[0]} WHERE EXISTS (VALUES (?))",
    }.get(kwargs.get("action", "insert"), f"INSERT OR REPLACE INTO {into} VALUES (?)")
    _appenders.put(result, Appender(known(args[0]), sql))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _made_of_query(result: Any, args: Arguments, kwargs: Named) -> None:
    dml = (*args[1:], kwargs.get("dml"))[0]
    source = kwargs.get("source") or _SOURCE
    _appenders.put(result, Appender(known(args[0]), dml, source))


def _row(_: Any, args: Arguments, _kwargs: Named) -> None:
    appender = _appenders.get(args[0])
    if appender is not None:
        appender.take(None, 1)


def _rows(_: Any, args: Arguments, kwargs: Named) -> None:
    appender = _appenders.get(args[0])
    if appender is not None:
        given = args[1] if len(args) > 1 else kwargs["rows"]
        appender.take(rows.given(given), 1)


def _cleared(_: Any, args: Arguments, _kwargs: Named) -> None:
    appender = _appenders.get(args[0])
    if appender is not None:
        appender.clear()


def _flushed(_: Any, args: Arguments, _kwargs: Named) -> None:
    appender = _appenders.get(args[0])
    if appender is not None:
        appender.flush()


def _left(_: Any, args: Arguments, _kwargs: Named) -> None:
    appender = _appenders.get(args[0])
    if appender is not None and args[1] is None:
        appender.flush()
