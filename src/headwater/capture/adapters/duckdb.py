"""DuckDB: connections, statements, relations, and what their results become.

Everything goes through a few methods of the connection: those are observed. What they are told is
in `duckdb_connections`, `duckdb_statements` and `duckdb_variables`; the statements are read later,
outside of the process.
"""

from __future__ import annotations

import sys
from types import FunctionType, ModuleType
from typing import Any, Final

from headwater.capture import origins, rows
from headwater.capture.adapters import duckdb_appenders
from headwater.capture.adapters import duckdb_connections as connections
from headwater.capture.adapters import duckdb_statements as statements
from headwater.capture.adapters import duckdb_variables as variables
from headwater.capture.adapters.duckdb_connections import Arguments, Named
from headwater.capture.origins import Origin, recall
from headwater.capture.patching import Patches
from headwater.capture.watching import Observer, Opener

SUPPORTED = ((2, 0), (3, 0))

_PASSING: Final = "duckdb._observed"
_FETCHING: Final = ("df", "fetchdf", "fetch_df", "fetch_df_chunk", "fetchnumpy", "fetchall",
                    "fetchmany", "fetchone", "torch", "tf", "_result_as_arrow")  # fmt: skip
_OF_RESULT: Final = ("df", "fetchnumpy", "fetchall", "fetchmany", "arrow_table", "arrow_reader",
                     "torch", "tf")  # fmt: skip
_SOURCES: Final = ("_register_source", "_register_arrow_source", "_register_collection")


def install(duckdb: ModuleType, patches: Patches) -> None:
    """Observe connections, results, and the functions for the default connection."""
    connection = duckdb.DuckDBPyConnection
    home = sys.modules["_duckdb"]
    copying = statements.before
    for owners, names, observer, before in (
        ((connection, duckdb), ("execute",), statements.executed, copying),
        ((connection, duckdb), ("executemany",), statements.executed_many, copying),
        ((connection, duckdb), ("begin",), connections.begun, None),
        ((connection, duckdb), ("commit",), connections.committed, None),
        ((connection, duckdb), ("rollback",), connections.rolled_back, None),
        ((connection, duckdb), ("register",), variables.registered, None),
        ((connection, duckdb), ("unregister",), variables.unregistered, None),
        ((connection, duckdb), ("append",), statements.appended, None),
        ((connection, duckdb), ("cursor", "duplicate"), connections.copied, None),
        ((connection, duckdb), ("close",), connections.closed, None),
        ((connection, duckdb), _FETCHING, _fetched, None),
        ((connection,), ("_submit",), statements.submitted, copying),
        ((connection,), ("_prepare_script",), statements.prepared, copying),
        ((connection,), ("_create_view",), statements.viewed, None),
        ((connection,), ("_bind",), variables.bound, None),
        ((connection,), _SOURCES, variables.sourced, None),
        ((connection,), ("_register_values", "_register_map"), variables.sourced_of_nobody, None),
        ((connection,), ("_register_filelike",), variables.sourced_file, None),
        ((home.RelationResult,), _OF_RESULT, _fetched_result, None),
    ):
        for owner in owners:
            told: Observer = observer
            failed: Observer | None = None if before is None else statements.failed
            opener: Opener | None = before
            if owner is duckdb:
                told = connections.on_default(told)
                failed = failed and connections.on_default(failed)
                opener = opener and connections.before_default(opener)
            for name in names:
                if name in vars(owner) and not isinstance(vars(owner)[name], FunctionType):
                    patches.observe(owner, name, told, before=opener, failed=failed,
                                    also=(home,), beneath=True, passing=_PASSING)  # fmt: skip
    patches.observe(duckdb, "connect", connections.connected, also=(home,), beneath=True,
                    passing=_PASSING)  # fmt: skip
    duckdb_appenders.install(duckdb, home, patches)


def _fetched(result: Any, args: Arguments, _: Named) -> None:
    origin = connections.known_result(args[0])
    if origin is not None:
        _give(result, origin)


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
