"""The columns of SQLAlchemy's tables, as programs define them or have them looked up.

What is compiled is kept by SQLAlchemy and executed again without being compiled. So the tables in
it are noted then, once, and told with the first statement of a connection that may be of them.
"""

from __future__ import annotations

import weakref
from typing import Any, Final

from headwater.capture.patching import Patches
from headwater.capture.statements import Connection, Schemas

TABLES_MAX: Final = 10_000
"""Tables of one engine that are noted; beyond, their columns are told where they are known."""

_noted: weakref.WeakKeyDictionary[Any, Tables] = weakref.WeakKeyDictionary()
"""By the dialect, of which each engine has its own."""


class Tables:
    """The tables that were compiled into statements of an engine, by schema and name."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str | None, str], list[str]] = {}

    def note(self, statement: Any) -> None:
        """Note the tables in a statement."""
        if len(self._columns) < TABLES_MAX:
            self._columns.update(_tables(statement))

    def __call__(self, known: Connection) -> Schemas:
        """Tell their columns, by the names that they have on a connection."""
        return _named(self._columns, known)


def install(patches: Patches) -> None:
    """Observe what is compiled."""
    from sqlalchemy.sql import compiler

    patches.observe(compiler.SQLCompiler, "__init__", _compiled, beneath=True)


def of(dialect: Any) -> Tables:
    """Give the tables of an engine, those that will be compiled from now on."""
    found = _noted.get(dialect)
    if found is None:
        found = _noted[dialect] = Tables()
    return found


def within(statement: Any, known: Connection) -> Schemas:
    """Tell the columns of the tables in a statement, by full names."""
    return _named(_tables(statement), known)


def _compiled(_: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    compiler = args[0]
    tables = _noted.get(compiler.dialect)
    if tables is not None and compiler.statement is not None:
        tables.note(compiler.statement)


def _tables(statement: Any) -> dict[tuple[str | None, str], list[str]]:
    from sqlalchemy.sql.util import find_tables

    return {
        (getattr(table, "schema", None), table.name): [one.name for one in table.columns]
        for table in find_tables(
            statement,
            check_columns=True,
            include_crud=True,
            include_joins=True,
            include_selects=True,
        )
        if getattr(table, "__visit_name__", "") == "table"
    }


def _named(tables: dict[tuple[str | None, str], list[str]], known: Connection) -> Schemas:
    named: dict[tuple[str, ...], list[str]] = {}
    for (schema, name), columns in tables.items():
        above = known.default if schema is None else (*known.default[:-1], *schema.split("."))
        named[(*above[-len(known.default) :], name)] = columns
    return named
