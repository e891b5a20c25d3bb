"""SQLAlchemy: the columns of its tables, rows of its results; and statements, where nobody else.

Statements go through a driver. Where that has an adapter of its own, it has said already what was
executed, and knows best which transaction that was in; what SQLAlchemy adds are the columns of the
tables that it was built from, which are noted as it is compiled (`sqlalchemy_tables`), and which
rows are of which statement. Of other drivers everything is told from the events of engines: Core
and ORM have the same. Only those engines are listened to, since events cost as much as all the
rest; and async ones, whose cursors are gone once rows are fetched.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from headwater.capture import datasets, drivers, rows, runtime
from headwater.capture.adapters import sqlalchemy_tables
from headwater.capture.awaiting import awaiting, guard
from headwater.capture.beside import bases
from headwater.capture.dressing import dressed, with_defaults
from headwater.capture.origins import recall, remember
from headwater.capture.patching import Patches
from headwater.capture.quiet import is_deaf
from headwater.capture.sql_texts import TEXTS_MAX
from headwater.capture.statements import Connection
from headwater.capture.watching import leave_frame_out

SUPPORTED = ((2, 0), (2, 2))

_DIALECTS: Final = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql"}
"""SQLAlchemy's names of dialects → those of what reads SQL."""
_IN_FILES: Final = ("sqlite", "duckdb")
_BY_SCHEMA: Final = frozenset({"mysql", "mariadb", "oracle"})
"""Databases in which a name has one part before it."""

_own: weakref.WeakKeyDictionary[Any, tuple[int, Connection]] = weakref.WeakKeyDictionary()
"""By a pool's record of a connection: which one that was, and what is known of it."""
_listened: weakref.WeakSet[Any] = weakref.WeakSet()
"""Engines that are listened to."""


def install(sqlalchemy: ModuleType, patches: Patches) -> None:
    """Observe connections of engines, what is compiled, and what rows are fetched by."""
    from sqlalchemy.engine import Engine, cursor, result
    from sqlalchemy.engine.base import Connection as Opened

    del sqlalchemy
    if patches.is_late:  # connections may be open
        _listen(Engine, patches)
    patches.replace(Opened, "__init__", _opening(vars(Opened)["__init__"], patches))
    sqlalchemy_tables.install(patches)
    for owner in (result.Result, result.MappingResult):
        for name in ("all", "fetchall", "fetchmany"):
            patches.observe(owner, name, _fetched, beneath=True)
    _install_async(patches)
    for module in (cursor.__name__, result.__name__):
        bases[module] = _cursor_of
        patches.also_undo(functools.partial(bases.pop, module, None))


def _install_async(patches: Patches) -> None:
    """Observe what async engines give, where there can be any: they need greenlet."""
    try:
        from sqlalchemy.ext.asyncio import result
    except ImportError:
        return
    for owner in (result.AsyncResult, result.AsyncMappingResult):
        for name in ("all", "fetchall", "fetchmany"):
            patches.replace(owner, name, awaiting(vars(owner)[name], _fetched))


def _opening(original: Callable[..., None], patches: Patches) -> Callable[..., None]:
    """Look at a connection of an engine once it is there; nothing of its beginning is left out."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        try:
            original(self, *args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            raise
        guard(_opened, self, patches)

    return with_defaults(dressed(__init__, original), original)


def _opened(conn: Any, patches: Patches) -> None:
    inner = conn.connection.dbapi_connection
    find = None if conn.dialect.is_async else drivers.finder(inner)
    if find is None:
        engine = getattr(conn.engine, "_proxied", conn.engine)
        if engine not in _listened:
            _listened.add(engine)
            _listen(engine, patches)
        return
    known = find(inner)
    if known is not None and known.tables is None:
        known.tables = sqlalchemy_tables.of(conn.dialect)


def _listen(engine: Any, patches: Patches) -> None:
    """Listen to an engine, or to all."""
    from sqlalchemy import event

    for name, listener in (
        ("before_cursor_execute", _before), ("after_cursor_execute", _after),
        ("commit", _committed), ("rollback", _rolled_back),
        ("savepoint", _savepoint), ("rollback_savepoint", _back), ("release_savepoint", _released),
    ):  # fmt: skip
        guarded = _guarded(listener)
        event.listen(engine, name, guarded)
        patches.also_undo(functools.partial(event.remove, engine, name, guarded))


def _guarded(listener: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(listener)
    def listen(*args: Any) -> None:
        if is_deaf():
            return
        try:
            listener(*args)
        except Exception as error:
            runtime.complain(f"sqlalchemy: {error!r}")

    return listen


# Statements


def _before(
    conn: Any, cursor: Any, statement: Any, parameters: Any, context: Any, executemany: Any
) -> None:
    """Tell the columns of the tables that a statement was built from, the first time."""
    del parameters, executemany
    compiled = None if context is None else context.compiled
    if compiled is None:
        return
    find, inner = _driver(conn, cursor)
    known = _own_connection(conn) if find is None else find(inner)
    if known is not None and statement not in known.described:
        if len(known.described) >= TEXTS_MAX:
            known.described.clear()
        known.described.add(statement)
        known.knows(sqlalchemy_tables.within(compiled.statement, known))


def _after(
    conn: Any, cursor: Any, statement: Any, parameters: Any, context: Any, executemany: Any
) -> None:
    find, _ = _driver(conn, cursor)
    if find is not None:
        if conn.dialect.is_async:  # its cursor is gone once rows are fetched
            remember(context, recall(_inmost(cursor)))
        return
    described = cursor.description
    origin = _own_connection(conn).executed(
        statement,
        pending=not conn._is_autocommit_isolation(),
        gives=None if described is None else [one[0] for one in described],
        many=len(parameters) if executemany else 1,
    )
    if context is not None and origin is not None:
        remember(context, origin)


def _committed(conn: Any) -> None:
    _transact(conn, lambda known: known.committed())


def _rolled_back(conn: Any) -> None:
    _transact(conn, lambda known: known.rolled_back())


def _savepoint(conn: Any, name: str) -> None:
    _transact(conn, lambda known: known.executed(f'SAVEPOINT "{name}"', pending=True))


def _back(conn: Any, name: str, _context: Any) -> None:
    _transact(conn, lambda known: known.executed(f'ROLLBACK TO "{name}"', pending=True))


def _released(conn: Any, name: str, _context: Any) -> None:
    _transact(conn, lambda known: known.executed(f'RELEASE "{name}"', pending=True))


def _transact(conn: Any, tell: Callable[[Connection], object]) -> None:
    found = _own.get(getattr(conn.connection, "_connection_record", None))
    if found is not None and found[0] == id(conn.connection.dbapi_connection):
        tell(found[1])


def _fetched(fetched: Any, args: tuple[Any, ...], _: dict[str, Any]) -> None:
    context = _context(args[0])
    if context is not None:
        rows.keep(fetched, recall(context) or recall(_inmost(context.cursor)))


def _cursor_of(result: Any) -> Any:
    """What is known of a result, as a whole: what is of the cursor that it takes its rows from."""
    context = _context(result)
    if context is None or recall(context) is not None:
        return context
    return _inmost(context.cursor)


def _context(result: Any) -> Any:
    """The execution that rows are of; of the ORM's results, mappings and async ones too."""
    result = getattr(result, "_real_result", None) or result
    result = getattr(result, "raw", None) or result
    return getattr(result, "context", None)


# What they work on


def _driver(conn: Any, cursor: Any) -> tuple[drivers.Find | None, Any]:
    """What knows the connection of a driver that tells itself what it executes; and that one."""
    if conn.dialect.is_async:
        cursor = _inmost(cursor)
    inner = getattr(cursor, "connection", None)
    return drivers.finder(inner), inner


def _inmost(cursor: Any) -> Any:
    """The cursor of the driver itself: async engines, and async drivers, have others around it."""
    while (inner := getattr(cursor, "_cursor", None)) is not None:
        cursor = inner
    return cursor


def _own_connection(conn: Any) -> Connection:
    record, made = conn.connection._connection_record, conn.connection.dbapi_connection
    found = _own.get(record)
    if found is None or found[0] != id(made):
        found = _own[record] = (id(made), _begin(conn))
    return found[1]


def _begin(conn: Any) -> Connection:
    url, dialect = conn.engine.url, conn.dialect
    backend = url.get_backend_name()
    name = _DIALECTS.get(backend, backend)
    if backend in _IN_FILES:
        path = url.database or ""
        in_memory = path in ("", ":memory:") or path.startswith("file:")
        space = None if in_memory else datasets.database(backend, path)
        main = "main" if backend == "sqlite" else "memory" if in_memory else _stem(path)
        default = [main] if backend == "sqlite" else [main, "main"]
        return Connection(name, default=default, databases={main: space})
    place = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}"
    server = datasets.table(f"{backend}://{place}", "t")[0]
    schema = dialect.default_schema_name or ""
    above = [schema or url.database or ""]
    if backend not in _BY_SCHEMA and schema and url.database:
        above = [url.database, schema]
    return Connection(name, default=[one for one in above if one], server=server)


def _stem(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].partition(".")[0]
