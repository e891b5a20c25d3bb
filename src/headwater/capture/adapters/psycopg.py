"""psycopg 3: statements of sync and async connections alike, in pipelines too.

Both kinds drive the same generators of their base classes: those are observed, where a statement
was executed, and where a command about the transaction was. In a pipeline both are told when their
result comes, in the order in which they were sent.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from headwater.capture import drivers, rows, runs
from headwater.capture.awaiting import awaiting, generating, guard
from headwater.capture.origins import recall, remember
from headwater.capture.patching import Patches
from headwater.capture.quiet import is_deaf
from headwater.capture.statements import Connection, giving
from headwater.capture.watching import leave_frame_out

SUPPORTED = ((3, 2), (3, 4))

_IDLE: Final = 0
"""`PQTRANS_IDLE` of libpq."""
_COPY_OUT: Final = 3
"""`PGRES_COPY_OUT` of libpq."""
_PIPELINE_SYNC: Final = 10
"""`PGRES_PIPELINE_SYNC` of libpq."""
_BEGINS: Final = ("begin", "start transaction")
_ENDS: Final = ("commit", "end", "rollback", "abort")

_connections: weakref.WeakKeyDictionary[Any, Connection] = weakref.WeakKeyDictionary()
_pipelines: weakref.WeakKeyDictionary[Any, _Pipeline] = weakref.WeakKeyDictionary()
_texts: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
"""What a cursor began to copy, or to stream."""


class _Pipeline:
    """What was sent in a pipeline and has no result yet, by its place in the queue."""

    def __init__(self) -> None:
        self.done = 0
        self.waiting: dict[int, Callable[[Any], None]] = {}
        self.in_block = False
        self.aborted = False


def install(psycopg: ModuleType, patches: Patches) -> None:
    """Observe the base classes of cursors and connections."""
    from psycopg import _connection_base, _cursor_base, _pipeline_base, _server_cursor_base

    for kind in (psycopg.Connection, psycopg.AsyncConnection):
        patches.also_undo(drivers.driver(kind, _known))
    cursor = _cursor_base.BaseCursor
    server = _server_cursor_base.ServerCursorMixin
    for owner, name, tell, failed in (
        (cursor, "_maybe_prepare_gen", _executed, _failed),
        (cursor, "_start_copy_gen", _copy_begun, _failed),
        (cursor, "_stream_send_gen", _stream_begun, _failed),
        (cursor, "_stream_fetchone_gen", _streamed, _failed),
        (server, "_declare_gen", _declared, _failed),
        (_connection_base.BaseConnection, "_exec_command", _commanded, None),
    ):
        patches.replace(owner, name, generating(vars(owner)[name], tell, failed))
    process = vars(_pipeline_base.BasePipeline)["_process_results"]
    patches.replace(_pipeline_base.BasePipeline, "_process_results", _processing(process))
    _install_fetching(patches)


def _install_fetching(patches: Patches) -> None:
    import psycopg
    from psycopg import copy

    for name in ("fetchall", "fetchmany"):
        for owner in (psycopg.Cursor, psycopg.ServerCursor):
            patches.observe(owner, name, _fetched, beneath=True)
        for other in (psycopg.AsyncCursor, psycopg.AsyncServerCursor):
            patches.replace(other, name, awaiting(vars(other)[name], _fetched))
    for cursor, around in ((psycopg.Cursor, _giving), (psycopg.AsyncCursor, _giving_later)):
        patches.replace(cursor, "executemany", around(vars(cursor)["executemany"]))
    patches.observe(copy.Copy, "finish", _copied, failed=_copy_failed, beneath=True)
    finish = vars(copy.AsyncCopy)["finish"]
    patches.replace(copy.AsyncCopy, "finish", awaiting(finish, _copied, _copy_failed))


# Ways of observing


def _giving(original: Callable[..., None]) -> Callable[..., None]:
    """Have rows that are given to `executemany` known for what they are of."""

    @functools.wraps(original)
    def execute(self: Any, query: Any, params_seq: Any, **options: Any) -> None:
        try:
            with giving(rows.given(params_seq)):
                original(self, query, params_seq, **options)
        except BaseException as error:
            leave_frame_out(error)
            raise

    return execute


def _giving_later(original: Callable[..., Any]) -> Callable[..., Any]:
    """The same of a coroutine."""

    @functools.wraps(original)
    async def execute(self: Any, query: Any, params_seq: Any, **options: Any) -> None:
        try:
            with giving(rows.given(params_seq)):
                await original(self, query, params_seq, **options)
        except BaseException as error:
            leave_frame_out(error)
            raise

    return execute


def _processing(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def process(self: Any, queued: Any, results: Any) -> None:
        if is_deaf():
            return original(self, queued, results)
        try:
            original(self, queued, results)
        except BaseException as error:
            leave_frame_out(error)
            guard(_processed, self, results, failed=True)
            raise
        guard(_processed, self, results)
        return None

    return process


# What is executed


def _executed(cursor: Any, args: tuple[Any, ...], _: Any) -> None:
    text = _query_text(args[0])
    if text is None:
        runs.gap("a statement of psycopg that has its parameters in its text")
        return
    connection = cursor._conn
    if connection._pipeline:
        _wait_for(connection, lambda results: _tell(cursor, text, True, results))
    else:
        pending = connection.pgconn.transaction_status != _IDLE
        _tell(cursor, text, pending, cursor._results)


def _tell(cursor: Any, text: str, pending: bool, results: Any) -> None:
    known = _known(cursor._conn)
    if results and not pending and results[-1].command_status == b"ROLLBACK":
        known.rolled_back()  # COMMIT of a transaction that had failed says this too
        return
    columns = functools.partial(_names, cursor)
    gives = columns if cursor.pgresult is not None and cursor.pgresult.nfields else None
    origin = known.executed(text, pending=pending, gives=gives)
    if recall(cursor) is not origin:
        remember(cursor, origin)


def _query_text(query: Any) -> str | None:
    """The text of a query without its parameters."""
    if type(query).__name__ == "PostgresClientQuery":
        found = getattr(query, "template", None)
        if found is None and query.params:
            return None
        return str((found or query.query).decode("utf-8", "replace"))
    return str(query.query.decode("utf-8", "replace"))


def _names(cursor: Any) -> list[str] | None:
    described = cursor.description
    return None if described is None else [one.name for one in described]


def _failed(cursor: Any, _: BaseException) -> None:
    connection = cursor._conn
    if connection in _connections and not connection._pipeline:
        _connections[connection].failed(pending=connection.pgconn.transaction_status != _IDLE)


def _declared(cursor: Any, args: tuple[Any, ...], _: Any) -> None:
    """A cursor of the server: its query, which it hands out piece by piece."""
    _tell(cursor, _plain(args[0], cursor._conn), True, None)


def _stream_begun(cursor: Any, args: tuple[Any, ...], _: Any) -> None:
    del args
    text = _query_text(cursor._query)
    if text is not None:
        _texts[cursor] = text


def _streamed(cursor: Any, args: tuple[Any, ...], _: Any) -> None:
    text = _texts.pop(cursor, None) if args and args[0] else None
    if text is not None:
        _tell(cursor, text, not cursor._conn._autocommit, None)


def _copy_begun(cursor: Any, args: tuple[Any, ...], _: Any) -> None:
    text = _plain(args[0], cursor._conn)
    if cursor.pgresult.status == _COPY_OUT:
        known = _known(cursor._conn)
        known.executed(text, pending=not cursor._conn._autocommit)
    else:
        _texts[cursor] = text


def _copied(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    cursor = args[0].cursor
    error = args[1] if len(args) > 1 else kwargs.get("exc")
    text = _texts.pop(cursor, None)
    if text is None:
        return
    pending = cursor._conn.pgconn.transaction_status != _IDLE
    if error is None:
        _known(cursor._conn).executed(text, pending=pending)
    else:
        _known(cursor._conn).failed(pending=pending)


def _copy_failed(_: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    cursor = args[0].cursor
    if _texts.pop(cursor, None) is not None:
        pending = cursor._conn.pgconn.transaction_status != _IDLE
        _known(cursor._conn).failed(pending=pending)


def _fetched(fetched: Any, args: tuple[Any, ...], _: dict[str, Any]) -> None:
    rows.keep(fetched, recall(args[0]))


# Commands about transactions


def _commanded(connection: Any, args: tuple[Any, ...], result: Any) -> None:
    text = _plain(args[0], connection).strip()
    word = text.partition(" ")[0].lower()
    if word not in ("begin", "start", "savepoint", "release", *_ENDS, "prepare"):
        return
    if connection._pipeline:
        _wait_for(connection, lambda results: _follow(connection, text, results[-1]))
    else:
        _follow(connection, text, result)


def _follow(connection: Any, text: str, result: Any) -> None:
    known = _known(connection)
    pipeline = _pipelines.get(connection._pipeline) if connection._pipeline else None
    if pipeline is not None:
        _mark(pipeline, text)
    lowered = text.lower()
    if lowered.startswith("prepare transaction"):
        runs.gap("a transaction of two phases: whether it was committed is not known")
        known.rolled_back()
    elif lowered == "commit" and result is not None and result.command_status == b"ROLLBACK":
        known.rolled_back()
    else:
        known.executed(text, pending=not lowered.startswith(_ENDS) or " to " in lowered)


def _wait_for(connection: Any, tell: Callable[[Any], None]) -> None:
    """Have something told when the result comes of what was sent just now."""
    queue = connection._pipeline
    pipeline = _pipelines.setdefault(queue, _Pipeline())
    pipeline.waiting[pipeline.done + len(queue.result_queue) - 1] = tell


def _processed(queue: Any, results: Any, *, failed: bool = False) -> None:
    pipeline = _pipelines.setdefault(queue, _Pipeline())
    tell = pipeline.waiting.pop(pipeline.done, None)
    pipeline.done += 1
    if failed:
        pipeline.aborted = True
    elif tell is not None:
        tell(results)
    if results and results[-1].status == _PIPELINE_SYNC:
        known = _known(queue._conn)
        if not pipeline.in_block:
            known.rolled_back() if pipeline.aborted else known.committed()
        pipeline.aborted = False


def _mark(pipeline: _Pipeline, text: str) -> None:
    lowered = text.lower()
    if lowered.startswith(_BEGINS):
        pipeline.in_block = True
    elif lowered.startswith(_ENDS) and " to " not in lowered:
        pipeline.in_block = False


# What it works on


def _known(connection: Any) -> Connection:
    known = _connections.get(connection)
    if known is None:
        info = connection.info
        host = info.host if info.host and not info.host.startswith("/") else "localhost"
        known = _connections[connection] = Connection(
            "postgres",
            default=[info.dbname, _schema(connection)],
            server=f"postgres://{host}:{info.port}",
        )
    return known


def _schema(connection: Any) -> str:
    """The schema that comes first in the search path, where the server tells it (from 18 on)."""
    told = connection.pgconn.parameter_status(b"search_path")
    for name in (told or b"").decode("utf-8", "replace").split(","):
        bare = name.strip().strip('"')
        if bare and bare != "$user":
            return bare
    return "public"


def _plain(query: Any, connection: Any) -> str:
    if isinstance(query, str):
        return query
    if isinstance(query, bytes):
        return query.decode("utf-8", "replace")
    if hasattr(query, "as_string"):
        return str(query.as_string(connection))
    # A template string: its text, with a parameter at each gap.
    return "%s".join(query.strings)
