"""What is known of connections of DuckDB: their databases, transactions, views and variables.

DuckDB holds its default connection without an object of Python, which comes and goes; here it is
held. Cursors know what the connection knows that they were made of.
"""

from __future__ import annotations

import os
from typing import Any, Final
from weakref import finalize

from headwater.capture.adapters import duckdb_texts as texts
from headwater.capture.beside import Beside
from headwater.capture.origins import Origin
from headwater.capture.statements import Connection, Schemas
from headwater.capture.watching import Observer, Opener

COLUMNS_READ_MAX: Final = 20_000
"""Columns of a database in a file that are read before its first statement."""

_COLUMNS: Final = (
    "SELECT database_name, schema_name, table_name, column_name FROM duckdb_columns() "
    "WHERE NOT internal ORDER BY table_oid, column_index LIMIT ?"
)

_GENERATED: Final = (
    "SELECT database_name, schema_name, sql FROM duckdb_tables() "
    "WHERE NOT internal AND contains(sql, 'GENERATED ALWAYS') LIMIT ?"
)

_ANY: Final = (
    "SELECT 1 FROM duckdb_tables() WHERE NOT internal "
    "UNION ALL SELECT 1 FROM duckdb_views() WHERE NOT internal LIMIT 1"
)

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class Known:
    """What is known of a connection, and of those that were made of it."""

    __slots__ = ("asked", "is_open", "statements", "variables", "views")

    def __init__(self, path: str = ":memory:") -> None:
        name = "memory" if texts.in_memory(path) else texts.stem(path)
        space = None if texts.in_memory(path) else texts.database(path)
        self.statements = Connection(
            "duckdb", default=[name, "main"], databases={name: space, "temp": None}
        )
        self.is_open = False
        self.asked: set[str] = set()
        """Readers of files whose columns were asked for."""
        self.variables: dict[str, Any] = {}
        """What was registered, by name: an origin, known or to be worked out, or None."""
        self.views: dict[str, texts.Text] = {}
        """Views that were created, and their texts: what those name is read with the view."""

    def put(self, handle: Any, value: Any) -> None:
        """Know what a source is of, for as long as DuckDB has it."""
        self.variables[handle.name] = value
        finalize(handle, self.variables.pop, handle.name, None).atexit = False

    def viewed(self, text: texts.Text) -> list[texts.Text]:
        """Give a text, and those of all views that it reads."""
        found = [text]
        if self.views:
            for one in found:  # grows meanwhile
                views = map(self.views.get, one.words)
                found += [view for view in views if view is not None and view not in found]
        return found


_connections: Final[Beside[Known]] = Beside()
_results: Final[Beside[Origin]] = Beside()
"""By connection, or cursor: what the rows are of that it gives now; each has its own."""
_default: list[Any] = []
_views: Final[dict[str, dict[str, texts.Text]]] = {}
"""The views of databases in memory that connections share."""


def known(connection: Any) -> Known:
    """Give what is known of a connection; of one that was made unseen, that it is in memory."""
    found = _connections.get(connection)
    if found is None:
        import duckdb

        found = Known()
        _connections.put(connection, found)
        if connection is duckdb.default_connection():
            _default[:] = [connection]
    return found


def gave(connection: Any, origin: Origin | None) -> None:
    """Know what the rows are of that a connection, or cursor, gives from now on."""
    _results.put(connection, origin)


def known_result(connection: Any) -> Origin | None:
    """What the rows are of that a connection gives now; None where nothing is known of it."""
    return _results.get(connection)


def on_default(observer: Observer) -> Observer:
    """Observe a function of the module as the method of a connection, which is then told first.

    It is given by name, or the default one.
    """

    def observe(result: Any, args: Arguments, kwargs: Named) -> None:
        connection = kwargs.get("connection")
        if connection is None:
            import duckdb

            connection = duckdb.default_connection()
        observer(result, (connection, *args), kwargs)

    return observe


def before_default(opener: Opener) -> Opener:
    """Look at what a function of the module was given as at what the method is."""
    return lambda args, kwargs: opener((None, *args), kwargs)


# Their beginning and end


def connected(result: Any, args: Arguments, kwargs: Named) -> None:
    """Observe `connect`."""
    if _connections.get(result) is not None:
        return
    given = args[0] if args else kwargs.get("database", ":memory:")
    path = os.fspath(given) if isinstance(given, (str, os.PathLike)) else ":memory:"
    if path == ":default:":
        return
    made = Known(path)
    _connections.put(result, made)
    if not texts.in_memory(path):
        made.statements.begins()
        look_into(result, made.statements)
    elif texts.is_shared(path):
        _share(path, result, made)


def _share(path: str, connection: Any, made: Known) -> None:
    """Share a database in memory, and its views, with all connections of this process to it."""
    cursor = connection.cursor()
    try:
        is_empty = cursor.execute(_ANY).fetchone() is None
    finally:
        cursor.close()
    if is_empty:
        _views.pop(path, None)
    made.views = _views.setdefault(path, made.views)
    made.statements.shares(path, is_empty=is_empty)


def look_into(connection: Any, statements: Connection) -> None:
    """Tell of the tables that there are, over a cursor of our own."""
    cursor = connection.cursor()
    try:
        for database, schema, sql in cursor.execute(_GENERATED, [COLUMNS_READ_MAX]).fetchall():
            statements.defines((database, schema), [sql])
        statements.knows(_columns(cursor))
    finally:
        cursor.close()


def _columns(cursor: Any) -> Schemas:
    """Read the columns of tables; of so many tables as there is room."""
    found: dict[tuple[str, ...], list[str]] = {}
    rows_read = cursor.execute(_COLUMNS, [COLUMNS_READ_MAX + 1]).fetchall()
    for database, schema, table, column in rows_read:
        found.setdefault((database, schema, table), []).append(column)
    if len(rows_read) > COLUMNS_READ_MAX:
        found.popitem()  # the last table may have more
    return found


def copied(result: Any, args: Arguments, _kwargs: Named) -> None:
    """Cursors have the same databases, temporary tables of their own but for few programs."""
    _connections.put(result, known(args[0]))


def closed(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Observe `close`."""
    found = _connections.get(args[0])
    if found is not None and found.is_open:
        found.is_open = False
        found.statements.closed()


# Their transactions


def begun(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Observe `begin`."""
    found = known(args[0])
    found.is_open = True
    found.statements.executed("BEGIN TRANSACTION", pending=True)


def committed(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Observe `commit`."""
    found = known(args[0])
    found.is_open = False
    found.statements.committed()


def rolled_back(_: Any, args: Arguments, _kwargs: Named) -> None:
    """Observe `rollback`."""
    found = known(args[0])
    found.is_open = False
    found.statements.rolled_back()
