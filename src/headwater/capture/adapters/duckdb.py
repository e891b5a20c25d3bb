"""DuckDB: statements as text, relations as the statements that they become, and what they read.

A relation of DuckDB 2 is a text that is executed when its rows are asked for. Everything goes
through a few methods of the connection: those are observed, and the statements are read outside of
the process. Variables of the program that a statement reads (frames, tables, relations) are looked
for where DuckDB looks for them, and stand in the record with what they are of.

DuckDB looks for the caller's variables by passing over frames of its own: ours pass for such.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from types import FrameType, FunctionType, ModuleType
from typing import Any, Final
from weakref import finalize

from headwater.capture import files, origins, rows, runs
from headwater.capture.adapters import duckdb_texts as texts
from headwater.capture.beside import Beside
from headwater.capture.origins import Later, Origin, pending, recall, remember
from headwater.capture.patching import Patches
from headwater.capture.statements import Connection, Schemas

SUPPORTED = ((2, 0), (3, 0))

COLUMNS_READ_MAX: Final = 20_000
"""Columns of a database in a file that are read before its first statement."""

READERS_MAX: Final = 1_000
"""Readers of files of one connection whose columns are asked for; beyond, results tell them."""

_PASSING: Final = "duckdb._observed"
_FETCHING: Final = ("df", "fetchdf", "fetch_df", "fetch_df_chunk", "fetchnumpy", "fetchall",
                    "fetchmany", "fetchone", "torch", "tf", "_result_as_arrow")  # fmt: skip
_OF_RESULT: Final = ("df", "fetchnumpy", "fetchall", "fetchmany", "arrow_table", "arrow_reader",
                     "torch", "tf")  # fmt: skip
_SOURCES: Final = ("_register_source", "_register_arrow_source", "_register_collection")
_DATA: Final = ("pandas", "polars", "pyarrow", "numpy", "duckdb")
_NO_ROWS: Final[tuple[list[str], ...]] = (["Count"], ["Success"], [])
_COLUMNS: Final = (
    "SELECT database_name, schema_name, table_name, column_name FROM duckdb_columns() "
    "WHERE NOT internal ORDER BY table_oid, column_index LIMIT ?"
)

Arguments = tuple[Any, ...]
Named = dict[str, Any]


class Known:
    """What is known of a connection, and of those that were made of it."""

    __slots__ = ("asked", "is_open", "last", "statements", "variables", "views")

    def __init__(self, path: str = ":memory:") -> None:
        name = "memory" if texts.in_memory(path) else texts.stem(path)
        space = None if texts.in_memory(path) else texts.database(path)
        self.statements = Connection(
            "duckdb", default=[name, "main"], databases={name: space, "temp": None}
        )
        self.is_open = False
        self.asked: set[str] = set()
        """Readers of files whose columns were asked for."""
        self.last: Origin | None = None
        self.variables: dict[str, Any] = {}
        """What was registered, by name: an origin, known or to be worked out, or None."""
        self.views: dict[str, str] = {}
        """Views that were created, and their texts: what those name is read with the view."""

    def put(self, handle: Any, value: Any) -> None:
        """Know what a source is of, for as long as DuckDB has it."""
        self.variables[handle.name] = value
        finalize(handle, self.variables.pop, handle.name, None).atexit = False

    def texts(self, sql: str) -> list[str]:
        """Give a text, and those of all views that it reads."""
        found = {sql: None}
        waiting = [sql]
        while waiting and self.views:
            for name in texts.words(waiting.pop()):
                text = self.views.get(name)
                if text is not None and text not in found:
                    found[text] = None
                    waiting.append(text)
        return list(found)


_connections: Final[Beside[Known]] = Beside()
_default: list[Any] = []
"""The default connection: DuckDB holds it without an object of Python, which comes and goes."""


def install(duckdb: ModuleType, patches: Patches) -> None:
    """Observe connections, results, and the functions for the default connection."""
    connection = duckdb.DuckDBPyConnection
    home = sys.modules["_duckdb"]
    for owners, names, observer, before in (
        ((connection, duckdb), ("execute",), _executed, _before),
        ((connection, duckdb), ("executemany",), _executed_many, _before),
        ((connection, duckdb), ("begin",), _begun, None),
        ((connection, duckdb), ("commit",), _committed, None),
        ((connection, duckdb), ("rollback",), _rolled_back, None),
        ((connection, duckdb), ("register",), _registered, None),
        ((connection, duckdb), ("unregister",), _unregistered, None),
        ((connection, duckdb), ("append",), _appended, None),
        ((connection, duckdb), ("cursor", "duplicate"), _copied, None),
        ((connection, duckdb), ("close",), _closed, None),
        ((connection, duckdb), _FETCHING, _fetched, None),
        ((connection,), ("_submit",), _submitted, _before),
        ((connection,), ("_prepare_script",), _prepared, _before),
        ((connection,), ("_create_view",), _viewed, None),
        ((connection,), ("_bind",), _bound, None),
        ((connection,), _SOURCES, _sourced, None),
        ((connection,), ("_register_values", "_register_map"), _sourced_of_nobody, None),
        ((connection,), ("_register_filelike",), _sourced_file, None),
        ((home.RelationResult,), _OF_RESULT, _fetched_result, None),
        ((duckdb,), ("connect",), _connected, None),
    ):
        for owner in owners:
            for name in names:
                if name in vars(owner) and not isinstance(vars(owner)[name], FunctionType):
                    failed = None if before is None else _failed
                    patches.observe(owner, name, observer, before=before, failed=failed,
                                    also=(home,), beneath=True, passing=_PASSING)  # fmt: skip


# Connections


def _known(connection: Any) -> Known:
    found = _connections.get(connection)
    if found is None:
        import duckdb

        found = Known()
        _connections.put(connection, found)
        if connection is duckdb.default_connection():
            _default[:] = [connection]
    return found


def _of(args: Arguments, kwargs: Named) -> Any:
    """Give the connection of a method, or of a function of the module."""
    if _is_method(args):
        return args[0]
    given = kwargs.get("connection")
    if given is None:
        import duckdb

        return duckdb.default_connection()
    return given


def _is_method(args: Arguments) -> bool:
    return bool(args) and type(args[0]).__name__ == "DuckDBPyConnection"


def _values(args: Arguments) -> Arguments:
    """Give positional arguments without the connection."""
    return args[1:] if _is_method(args) else args


def _connected(result: Any, args: Arguments, kwargs: Named) -> None:
    if _connections.get(result) is not None:
        return
    given = args[0] if args else kwargs.get("database", ":memory:")
    path = os.fspath(given) if isinstance(given, (str, os.PathLike)) else ":memory:"
    if path == ":default:":
        return
    known = Known(path)
    _connections.put(result, known)
    if not texts.in_memory(path):
        known.statements.knows(_columns(result))


def _columns(connection: Any) -> Schemas:
    """Read the columns of tables, over a cursor of our own; of so many tables as there is room."""
    found: dict[tuple[str, ...], list[str]] = {}
    cursor = connection.cursor()
    try:
        rows_read = cursor.execute(_COLUMNS, [COLUMNS_READ_MAX + 1]).fetchall()
    finally:
        cursor.close()
    for database, schema, table, column in rows_read:
        found.setdefault((database, schema, table), []).append(column)
    if len(rows_read) > COLUMNS_READ_MAX:
        found.popitem()  # the last table may have more
    return found


def _copied(result: Any, args: Arguments, kwargs: Named) -> None:
    """Cursors have the same databases, temporary tables of their own but for few programs."""
    _connections.put(result, _known(_of(args, kwargs)))


def _closed(_: Any, args: Arguments, kwargs: Named) -> None:
    known = _connections.get(_of(args, kwargs))
    if known is not None and known.is_open:
        known.is_open = False
        known.statements.closed()


def _begun(_: Any, args: Arguments, kwargs: Named) -> None:
    known = _known(_of(args, kwargs))
    known.is_open = True
    known.statements.executed("BEGIN TRANSACTION", pending=True)


def _committed(_: Any, args: Arguments, kwargs: Named) -> None:
    known = _known(_of(args, kwargs))
    known.is_open = False
    known.statements.committed()


def _rolled_back(_: Any, args: Arguments, kwargs: Named) -> None:
    known = _known(_of(args, kwargs))
    known.is_open = False
    known.statements.rolled_back()


# Statements


def _text(query: Any) -> str:
    return query if isinstance(query, str) else str(getattr(query, "query", ""))


def _query(args: Arguments, kwargs: Named) -> str:
    values = _values(args)
    return _text(values[0] if values else kwargs.get("query", ""))


def _before(args: Arguments, kwargs: Named) -> texts.Target | None:
    return texts.target(_query(args, kwargs))


def _failed(_: Any, args: Arguments, kwargs: Named) -> None:
    sql = _query(args, kwargs)
    if ";" in sql.rstrip("; \n") and not texts.is_internal(sql):
        runs.gap("a script of SQL that failed: what it had done by then is not known")


def _executed(_: Any, args: Arguments, kwargs: Named) -> None:
    connection = _of(args, kwargs)
    known = _known(connection)
    described = [str(one[0]) for one in connection.description or ()]
    gives = None if described in _NO_ROWS else described
    known.last = _tell(known, connection, _query(args, kwargs), gives, kwargs.get("__before__"))


def _executed_many(_: Any, args: Arguments, kwargs: Named) -> None:
    connection = _of(args, kwargs)
    values = _values(args)
    given = values[1] if len(values) > 1 else kwargs.get("parameters", ())
    many = len(given) if hasattr(given, "__len__") else 1
    known = _known(connection)
    _tell(known, connection, _query(args, kwargs), None, kwargs.get("__before__"), many=many)
    known.last = None


def _submitted(result: Any, args: Arguments, kwargs: Named) -> None:
    """A relation, or the last statement of a script, was executed."""
    sql = _query(args, kwargs)
    if texts.is_internal(sql):
        return
    gives = None
    if result.return_type == "query_result":
        gives = [str(one[0]) for one in result.description or ()]
    known = _known(args[0])
    remember(result, _tell(known, args[0], sql, gives, kwargs.get("__before__")))


def _prepared(result: Any, args: Arguments, kwargs: Named) -> None:
    """All statements of a script but the last were executed."""
    sql, last = _query(args, kwargs), result[1]
    before = sql if last is None else sql[: sql.rfind(last)] if last in sql else ""
    if before.strip(" \n\t;"):
        _tell(_known(args[0]), args[0], before, None, kwargs.get("__before__"))


def _viewed(_: Any, args: Arguments, _kwargs: Named) -> None:
    name, sql = args[1], args[2]
    known = _known(args[0])
    # One over objects of the program is in memory, and stays what it is of.
    is_of_objects = not texts.words(sql).isdisjoint(known.variables)
    kind = "OR REPLACE TEMP TABLE" if is_of_objects else "OR REPLACE VIEW"
    called = name.replace('"', '""')
    _tell(known, args[0], f'CREATE {kind} "{called}" AS {sql}', None, None)


def _appended(_: Any, args: Arguments, kwargs: Named) -> None:
    """`append(table, frame)`: an INSERT of a frame."""
    values = _values(args)
    given = dict(zip(("table_name", "df", "by_name"), values, strict=False)) | kwargs
    known = _known(_of(args, kwargs))
    by_name = "BY NAME " if given.get("by_name") else ""
    known.statements.executed(
        f"INSERT INTO {given['table_name']} {by_name}SELECT * FROM frame_1",  # noqa: S608
        pending=known.is_open,
        frames={"frame_1": _origin(given["df"])},
        implied=True,
    )


def _tell(
    known: Known,
    connection: Any,
    sql: str,
    gives: list[str] | None,
    place: texts.Target | None,
    *,
    many: int = 1,
) -> Origin | None:
    """Record a text, with what its names and paths mean now."""
    if texts.is_plain(sql):
        return known.statements.executed(sql, pending=known.is_open, gives=gives, many=many)
    is_open = texts.ends_open(sql)
    known.is_open = known.is_open if is_open is None else is_open
    found = texts.attached(sql)
    if found:
        known.statements.attached(found)
        if not known.is_open:
            known.statements.knows(_columns(connection))
    shown: dict[str, str] = {}
    text = texts.readable(sql, shown)
    named = frozenset().union(*(texts.words(one) for one in known.texts(sql)))
    frames, views = _variables(known, named, shown)
    read = _files(known, sql)
    made = texts.view(sql)
    if made is not None:
        known.views[made] = sql
    told: dict[str, None] = {}
    for name, view in views.items():
        more, further = _tell_view(known, name, view, shown, told)
        frames |= more
        read |= further
    if place is not None:
        written = texts.written(place)
        read[place.path] = [one[:2] for one in written]
        for one in written:
            runs.current().record_draft(one, {})
    origin = known.statements.executed(
        text,
        pending=known.is_open,
        gives=gives,
        frames=frames or None,
        files=read or None,
        schemas=_schemas(known, connection, texts.readers(sql)),
        many=many,
    )
    for name in told:
        known.statements.executed(
            f'DROP VIEW IF EXISTS "{name}"', pending=known.is_open, implied=True
        )
    return origin


Frames = dict[str, Origin | None]
Files = dict[str, list[tuple[str, str]]]


def _tell_view(
    known: Known, name: str, relation: Any, shown: dict[str, str], told: dict[str, None]
) -> tuple[Frames, Files]:
    """Say what a relation is that a statement reads by the name of its variable.

    What it reads itself is read with the statement: frames and files are the statement's too.
    """
    sql = relation.sql_query()
    text = texts.readable(sql, shown)
    frames, views = _variables(known, texts.words(sql) - {name}, shown, called=False)
    read = _files(known, sql)
    for inner, view in views.items():
        more, further = _tell_view(known, inner, view, shown, told)
        frames |= more
        read |= further
    known.statements.executed(
        f'CREATE OR REPLACE TEMP VIEW "{name}" AS {text}',
        pending=known.is_open,
        frames=frames or None,
        files=read or None,
        implied=True,
    )
    told[name] = None
    return frames, read


def _schemas(known: Known, connection: Any, readers: Mapping[str, str]) -> Schemas | None:
    """Ask for the columns of files, as they are read, once each, over a cursor of our own."""
    asked = {path: source for path, source in readers.items() if source not in known.asked}
    if not asked or len(known.asked) >= READERS_MAX:
        return None
    known.asked |= set(asked.values())
    found: dict[tuple[str, ...], list[str]] = {}
    cursor = connection.cursor()
    for path, source in asked.items():
        with suppress(Exception):  # a file that is gone by now, or a text that is none
            found[(path,)] = list(cursor._bind(f"SELECT * FROM {source}")[0])  # noqa: S608
    cursor.close()
    return found


def _files(known: Known, sql: str) -> Files:
    """Record the files that a text reads; by what is written there."""
    found: Files = {}
    is_view = texts.view(sql) is not None
    for path in dict.fromkeys(path for text in known.texts(sql) for path in texts.paths(text)):
        given = known.variables.get(path)
        names = files.named(given.path if isinstance(given, _File) else path)
        names = [one for one in names if one.path is None or os.path.exists(one.path)]
        if names:
            for one in names if not is_view else ():
                runs.current().record_read(one, {})
            found[path] = [one[:2] for one in names]
    return found


# Variables that statements read


class _File:
    """A file-like object that was given to a reader."""

    __slots__ = ("path",)

    def __init__(self, path: Any) -> None:
        self.path = path


def _variables(
    known: Known, named: Iterable[str], shown: Mapping[str, str], *, called: bool = True
) -> tuple[Frames, dict[str, Any]]:
    """Give what registered names and variables of the caller are of, and relations among them.

    `called`: variables of the caller are read, as by a statement; a relation has found its own.
    """
    frames: Frames = {}
    views: dict[str, Any] = {}
    caller = _caller() if called else None
    for name in named:
        if name in known.variables:
            value = known.variables[name]
            if _is_relation(value):
                views[shown.get(name, name)] = value
            elif not isinstance(value, _File):
                frames[shown.get(name, name)] = (
                    value.origin() if isinstance(value, Later) else value
                )
        elif caller is not None:
            value = _variable(caller, name)
            if _is_relation(value):
                views[name] = value
            elif type(value).__module__.partition(".")[0] in _DATA:
                frames[name] = _origin(value)
    return frames, views


def _caller() -> FrameType | None:
    """Give the frame whose variables DuckDB reads: the first that is not its own."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if not module.startswith(("duckdb", "headwater.capture")):
            return frame
        frame = frame.f_back
    return None


def _variable(frame: FrameType, name: str) -> Any:
    found = frame.f_locals.get(name)
    return frame.f_globals.get(name) if found is None else found


def _is_relation(value: Any) -> bool:
    return type(value).__name__ == "DuckDBPyRelation"


def _origin(value: Any) -> Origin | None:
    """Give what a frame, table, data set or array is of; what is read for this is recorded."""
    known = pending(value)
    if isinstance(known, Later):
        if hasattr(known, "read"):  # a lazy frame is collected
            known.read()
        return known.origin()
    if known is None and hasattr(value, "get_fragments"):
        from headwater.capture.adapters.arrow_sources import scan

        return scan(value, None, None)
    return recall(value)


def _registered(_: Any, args: Arguments, kwargs: Named) -> None:
    values = _values(args)
    given = dict(zip(("view_name", "python_object"), values, strict=False)) | kwargs
    value = given["python_object"]
    known = _known(_of(args, kwargs))
    known.variables[given["view_name"]] = value if _is_relation(value) else _origin(value)


def _unregistered(_: Any, args: Arguments, kwargs: Named) -> None:
    values = _values(args)
    known = _known(_of(args, kwargs))
    known.variables.pop(values[0] if values else kwargs.get("view_name", ""), None)


def _bound(result: Any, args: Arguments, _: Named) -> None:
    """Variables of the caller that a statement was found to read."""
    known = _known(args[0])
    captured = result[5] if len(result) > 6 else ()
    caller = _caller()
    for name, handle in captured or ():
        value = None if caller is None else _variable(caller, name)
        known.put(handle, value if _is_relation(value) else _origin(value))


def _sourced(handle: Any, args: Arguments, _: Named) -> None:
    value = args[1]
    _known(args[0]).put(handle, value if _is_relation(value) else _origin(value))


def _sourced_of_nobody(handle: Any, args: Arguments, _: Named) -> None:
    _known(args[0]).put(handle, None)


def _sourced_file(handle: Any, args: Arguments, _: Named) -> None:
    _known(args[0]).put(handle, _File(getattr(args[1], "name", None)))


# What results become


def _fetched(result: Any, args: Arguments, kwargs: Named) -> None:
    known = _connections.get(_of(args, kwargs))
    if known is not None and known.last is not None:
        _give(result, known.last)


def _fetched_result(result: Any, args: Arguments, _: Named) -> None:
    origin = recall(args[0])
    if origin is not None:
        _give(result, origin)


def _give(result: Any, origin: Origin) -> None:
    """Know what rows, a frame, or a dict of arrays came of."""
    if isinstance(result, dict):
        for name, array in result.items():
            origins.remember_new(array, origin.keep([name]))
    elif isinstance(result, (list, tuple)):
        rows.keep(result, origin)
    elif result is not None:
        origins.remember_new(result, origin)
