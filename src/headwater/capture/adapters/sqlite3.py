"""sqlite3: statements, as text, with the transaction that they stand in.

The methods of `Connection` and `Cursor` are observed, which are classes written in C: whoever has a
connection, by whatever name `connect` was imported and with whatever factory, has an observed one,
and it is of the class that it was.

Which files a connection has is asked of itself, by a PRAGMA before its first statement that no
callback of the program sees. The columns of their tables are read over a connection of our own, for
reading only, that waits for nobody.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from headwater.capture import datasets, drivers, opens, rows, runs
from headwater.capture.beside import identity
from headwater.capture.dressing import dressed
from headwater.capture.origins import recall, remember
from headwater.capture.patching import Patches
from headwater.capture.statements import Connection, giving
from headwater.capture.watching import caller, leave_frame_out, making_as_of_imports

Arguments = tuple[Any, ...]
Named = dict[str, Any]

COLUMNS_READ_MAX: Final = 20_000
"""Columns of one file that are read before its first statement."""

_ATTACHING: Final = ("attach", "detach")
_VACUUM: Final = "vacuum"
_INTO: Final = r"""vacuum(?:\s+"?(\w+)"?)?\s+into\s+(?:'((?:[^']|'')*)'|\?\d*|[:@$](\w+))[\s;]*$"""
"""What it copies, and the path, or the name of the parameter that is it."""
_SCHEMA: Final = (
    "SELECT m.name, p.name FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS p "  # noqa: S608
    f"WHERE m.type IN ('table', 'view') AND p.hidden <> 1 LIMIT {COLUMNS_READ_MAX}"
)
_REACTIONS: Final = (
    "SELECT m.sql FROM sqlite_master AS m WHERE m.type = 'trigger' OR m.type = 'table' AND EXISTS "  # noqa: S608
    f"(SELECT 1 FROM pragma_table_xinfo(m.name) WHERE hidden > 1) LIMIT {COLUMNS_READ_MAX}"
)
"""Definitions of what tables do by themselves: triggers, and tables with generated columns."""
_WATCHING: Final[Mapping[str, Arguments]] = {
    "set_trace_callback": (None,),
    "set_authorizer": (None,),
    "set_progress_handler": (None, 0),
}
"""What has something called at every statement → how to have nothing called."""
_COPIED: Final = "headwater_backup"

_Read = tuple[dict[str, list[str]], list[str]]
"""The columns of tables, and definitions of what they do by themselves."""

_connections: dict[int, Connection | None] = {}
"""By `id`: a connection cannot be referred to weakly. A new one begins with `__init__`. None is
nobody's data: settings, and what packages keep for themselves."""
_watched: dict[int, dict[str, tuple[Arguments, Named]]] = {}
"""What callbacks a connection was given."""
_read: dict[str, tuple[object, _Read]] = {}
"""What is known of the tables in a file, as it was when they were read."""


def install(sqlite3: ModuleType, patches: Patches) -> None:
    """Observe what executes, ends a transaction, copies or closes."""
    patches.also_undo(drivers.driver(sqlite3.Connection, _known))
    for owner in (sqlite3.Cursor, sqlite3.Connection):
        for name, observer in (
            ("execute", _executed), ("executemany", _executed_many), ("executescript", _script),
        ):  # fmt: skip
            patches.observe(owner, name, observer, before=_looked_at, failed=_failed, beneath=True)
    begin = sqlite3.Connection.__init__
    patches.replace(sqlite3.Connection, "__init__", _beginning(begin))
    for name in ("fetchall", "fetchmany"):
        patches.observe(sqlite3.Cursor, name, _fetched, beneath=True)
    for name, observer in (
        ("commit", _committed), ("rollback", _rolled_back),
        ("__exit__", _left), ("close", _closed), ("backup", _copied), ("deserialize", _replaced),
        *((name, _watch(name)) for name in _WATCHING),
    ):  # fmt: skip
        if hasattr(sqlite3.Connection, name):
            patches.observe(sqlite3.Connection, name, observer, beneath=True)


# What is executed


def _looked_at(args: Arguments, _: Named) -> bool:
    """Know a connection before its first statement; whether it is in a transaction."""
    connection = _connection(args[0])
    try:
        _known(connection)
        return bool(connection.in_transaction)
    except Exception as error:
        if type(error).__name__ != "ProgrammingError":
            raise
        return False  # it is closed, or of another thread: the program is told so at once


def _executed(cursor: Any, args: Arguments, _: Named) -> None:
    _tell(cursor, args[1], 1, args[2] if len(args) > 2 else ())


def _executed_many(cursor: Any, args: Arguments, _: Named) -> None:
    with giving(rows.given(args[2])):
        _tell(cursor, args[1], max(1, cursor.rowcount))


def _tell(cursor: Any, sql: str, many: int, given: Any = ()) -> None:
    connection = cursor.connection
    known = _connections[identity(connection)]
    if known is None:
        return
    origin = known.executed(
        sql,
        pending=connection.in_transaction,
        gives=None if cursor.description is None else lambda: _names(cursor),
        many=many,
    )
    remember(cursor, origin)
    word = sql.lstrip()[:6].lower()
    if word in _ATTACHING:
        _look_again(connection, known)
    elif word == _VACUUM:
        _vacuumed(known, sql.strip(), given)


def _script(_: Any, args: Arguments, kwargs: Named) -> None:
    """A script commits what is open before it begins, unless transactions are begun by rule."""
    connection = _connection(args[0])
    known = _connections[identity(connection)]
    if known is None:
        return
    if kwargs["__before__"] and getattr(connection, "autocommit", -1) == -1:
        known.committed()
    known.executed(args[1], pending=connection.in_transaction)
    if any(word in args[1].lower() for word in _ATTACHING):
        _look_again(connection, known)


def _failed(error: Any, args: Arguments, _: Named) -> None:
    connection = _connection(args[0])
    known = _connections.get(identity(connection))
    if known is None or type(error).__name__ == "ProgrammingError":
        return
    if len(args) > 1 and isinstance(args[1], str) and ";" in args[1].rstrip("; \n"):
        runs.gap("a script of SQL that failed: what it had done by then is not known")
    known.failed(pending=connection.in_transaction)


def _fetched(fetched: Any, args: Arguments, _: Named) -> None:
    rows.keep(fetched, recall(args[0]))


def _names(cursor: Any) -> list[str] | None:
    described = cursor.description
    return None if described is None else [one[0] for one in described]


# What becomes of it


@making_as_of_imports
def _beginning(original: Callable[..., None]) -> Callable[..., None]:
    """Have a new connection forget what was known of one that was in its place in memory."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        _connections.pop(identity(self), None)
        _watched.pop(identity(self), None)
        try:
            caller(sys._getframe(1))(original, (self, *args), kwargs)
        except BaseException as error:
            leave_frame_out(error)
            raise

    return dressed(__init__, original)


def _committed(_: Any, args: Arguments, _kwargs: Named) -> None:
    known = _connections.get(identity(args[0]))
    if known is not None:
        known.committed()


def _rolled_back(_: Any, args: Arguments, _kwargs: Named) -> None:
    known = _connections.get(identity(args[0]))
    if known is not None:
        known.rolled_back()


def _left(_: Any, args: Arguments, _kwargs: Named) -> None:
    (_committed if args[1] is None else _rolled_back)(_, args, _kwargs)


def _closed(_: Any, args: Arguments, _kwargs: Named) -> None:
    known = _connections.pop(identity(args[0]), None)
    _watched.pop(identity(args[0]), None)
    if known is not None:
        known.closed()


def _copied(_: Any, args: Arguments, kwargs: Named) -> None:
    """A backup: each table of the one became the table of the same name of the other."""
    source, target = args[0], args[1] if len(args) > 1 else kwargs["target"]
    from_, into = _known(source), _known(target)
    if from_ is None or into is None:
        return
    with _unwatched(target):
        tables = _read_columns(target)
    _copy(from_, kwargs.get("name", "main"), into, tables)


def _vacuumed(known: Connection, sql: str, given: Any) -> None:
    """VACUUM INTO: each table became one of a new file."""
    import re

    found = re.match(_INTO, sql, re.IGNORECASE)
    if found is None:
        if re.search(r"\binto\b", sql, re.IGNORECASE):
            runs.gap("VACUUM INTO a file whose path is computed: what it wrote is not known")
        return
    if found[2] is not None:
        path = found[2].replace("''", "'")
    else:
        path = given[found[3]] if found[3] else given[0]
    path = os.fsdecode(path)
    if path.startswith("file:"):
        runs.gap("VACUUM INTO a URI: what it wrote is not known")
    elif path and opens.is_data(path):
        space = datasets.database("sqlite", path)
        into = Connection("sqlite", default=["main"], databases={"main": space})
        _copy(known, found[1] or "main", into, _tables_in(_path(space))[0])


def _copy(
    from_: Connection, database: str, into: Connection, tables: Mapping[str, list[str]]
) -> None:
    """Say that tables of a database became tables of the same names in another one."""
    for table, columns in tables.items():
        name = table.replace('"', '""')
        query = f'SELECT * FROM "{database}"."{name}"'  # noqa: S608
        origin = from_.executed(query, gives=columns, implied=True)
        into.executed(
            f'CREATE OR REPLACE TABLE "main"."{name}" AS SELECT * FROM {_COPIED}',  # noqa: S608
            frames={_COPIED: origin},
            implied=True,
        )
    into.knows({("main", table): columns for table, columns in tables.items()})


def _replaced(_: Any, args: Arguments, _kwargs: Named) -> None:
    known = _connections.get(identity(args[0]))
    if known is not None:
        known.attached(_databases(args[0]))


def _watch(name: str) -> Any:
    """Remember a callback that the program wants to have called at every statement."""

    def given(_: Any, args: Arguments, kwargs: Named) -> None:
        _watched.setdefault(identity(args[0]), {})[name] = (args[1:], kwargs)

    return given


def _connection(owner: Any) -> Any:
    return getattr(owner, "connection", owner)


# What it works on


def _known(connection: Any) -> Connection | None:
    try:
        return _connections[identity(connection)]
    except KeyError:
        known = _connections[identity(connection)] = _begin(connection)
        return known


def _begin(connection: Any) -> Connection | None:
    databases = _databases(connection)
    main = databases.get("main")
    if main is not None and not opens.is_data(_path(main)):
        return None
    known = Connection("sqlite", default=["main"], databases=databases)
    _tell_schemas(known, databases)
    return known


def _look_again(connection: Any, known: Connection) -> None:
    databases = _databases(connection)
    known.attached(databases)
    _tell_schemas(known, {n: s for n, s in databases.items() if n != "main"})


def _databases(connection: Any) -> dict[str, str | None]:
    """The databases of a connection by name, with the namespace of their tables."""
    found: dict[str, str | None] = {}
    with _unwatched(connection):
        for _, name, path in _ask(connection, "PRAGMA database_list"):
            file = os.fsdecode(path) if path else ""
            found[os.fsdecode(name)] = datasets.database("sqlite", file) if file else None
    found.pop("temp", None)
    return found


def _tell_schemas(known: Connection, databases: Mapping[str, str | None]) -> None:
    """Tell of the tables in database files."""
    found: dict[tuple[str, ...], list[str]] = {}
    for database, space in databases.items():
        if space is not None:
            columns, definitions = _tables_in(_path(space))
            found.update({(database, name): names for name, names in columns.items()})
            known.defines((database,), definitions)
    known.knows(found)


def _path(space: str) -> str:
    return space.removeprefix(datasets.database("sqlite", "/").removesuffix("/"))


def _tables_in(path: str) -> _Read:
    state = tuple(_state(f"{path}{suffix}") for suffix in ("", "-wal"))
    known = _read.get(path)
    if known is not None and known[0] == state:
        return known[1]
    import sqlite3
    from urllib.parse import quote  # with the first file

    read: _Read = ({}, [])
    try:
        own = sqlite3.connect(f"file:{quote(path)}?mode=ro", timeout=0, uri=True)
    except sqlite3.Error:
        return read  # it is not there yet, or not for us
    try:
        defined = [os.fsdecode(sql) for (sql,) in _ask(own, _REACTIONS)]
        read = (_read_columns(own), defined)
    except sqlite3.Error:
        return read  # somebody writes into it just now, or it is no database
    finally:
        own.close()
    _read[path] = (state, read)
    return read


def _read_columns(connection: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in _ask(connection, _SCHEMA):
        found.setdefault(os.fsdecode(table), []).append(os.fsdecode(column))
    return found


def _ask(connection: Any, sql: str) -> list[Any]:
    import sqlite3

    # A method of the program's may be in its place, and `Cursor` does not ask whether there is one.
    cursor = sqlite3.Connection.cursor(connection)
    cursor.row_factory = None
    texts, connection.text_factory = connection.text_factory, bytes
    try:
        return cursor.execute(sql).fetchall()
    finally:
        connection.text_factory = texts
        cursor.close()


@contextmanager
def _unwatched(connection: Any) -> Iterator[None]:
    """Let what is executed meanwhile go by the callbacks of the program."""
    given = _watched.get(identity(connection), {})
    for name in given:
        getattr(connection, name)(*_WATCHING[name])
    try:
        yield
    finally:
        for name, (args, kwargs) in given.items():
            getattr(connection, name)(*args, **kwargs)


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
