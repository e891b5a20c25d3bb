"""What one connection knows: tables and their columns, frames, temporary tables, databases.

Everything here was seen or said; a table that is not known is taken at its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sqlglot import exp

from headwater.shipping.sql.dialects import Dialect
from headwater.shipping.sql.macros import Macro
from headwater.shipping.sql.model import GIVEN, Name, Table
from headwater.shipping.sql.origins import Origins, union
from headwater.shipping.sql.reactions import Reactions
from headwater.shipping.sql.relations import Column, Item, Relation, of_table

Schemas = Mapping[Name, Sequence[str]]
"""The columns of tables, by full name; of files, by path (a name of one part)."""

Macros = dict[tuple[str, bool], Macro]
"""Macros by their names in small letters, and whether they give rows."""

_FILE: Final = re.compile(
    r"[/\\*?]|^[a-z][a-z0-9+.-]*://"
    r"|\.(parquet|pq|csv|tsv|txt|json|jsonl|ndjson|arrow|feather|avro|orc|xlsx)(\.(gz|zst|bz2))?$",
    re.IGNORECASE,
)
_FORMATS: Final = frozenset(
    {"parquet", "csv", "json", "text", "orc", "avro", "delta", "binaryfile", "iceberg"}
)
_FORMAT_DIALECTS: Final = frozenset({"spark", "spark2", "databricks", "hive"})
_SYSTEM: Final = frozenset({"information_schema", "pg_catalog", "sys"})
_SYSTEM_TABLES: Final = frozenset(
    {"sqlite_master", "sqlite_schema", "sqlite_temp_master", "dual", "sqlite_sequence"}
)
_RESERVED: Final = {"postgres": "pg_", "redshift": "pg_", "sqlite": "sqlite_"}
"""How tables are called that the engine keeps for itself, and finds before others."""
_TEMPORARY: Final = frozenset({"temp", "pg_temp", "tempdb"})


class View(NamedTuple):
    """A view that is no artifact: its query is read whenever the view is."""

    query: exp.Expr
    names: tuple[str, ...] = ()


Tables = dict[Name, Relation | View]
"""Tables that are no artifacts, as what they are made from, by name in small letters."""


class State(NamedTuple):
    """What a catalog knew at a time, to go back to."""

    default: Name
    path: tuple[Name, ...]
    columns: dict[Name, list[str] | None]
    spelled: dict[Name, Name]
    databases: set[str]
    temporary: Tables
    reactions: Reactions
    macros: Macros


class Catalog:
    """Names as one connection sees them. It changes as statements create, alter and drop.

    Tables of `volatile` databases (in memory) are no artifacts, as temporary tables are none.
    """

    def __init__(
        self,
        dialect: Dialect,
        schemas: Schemas,
        *,
        default_schema: Name = (),
        frames: Mapping[str, Sequence[str] | None] | None = None,
        databases: Sequence[str] = (),
        volatile: Iterable[str] = (),
    ) -> None:
        self.dialect = dialect
        self.default = default_schema
        self._path: tuple[Name, ...] = ()
        """Where names without schema are looked for after the default."""
        self._columns: dict[Name, list[str] | None] = {}
        self._spelled: dict[Name, Name] = {}
        for name, columns in schemas.items():
            self.put(Table(tuple(name)), columns)
        self._frames = {
            name: None if columns is None else list(columns)
            for name, columns in (frames or {}).items()
        }
        self._made: dict[str, Relation] = {}
        self.given: Relation | None = None
        self._databases = {name.casefold() for name in databases}
        self._volatile = {name.casefold() for name in volatile}
        self._temporary: Tables = {}
        self._variables: dict[str, Relation] = {}
        self.reactions = Reactions()
        self.macros: Macros = {}
        self.materialized: dict[Name, exp.Expr] = {}
        """The queries of views that are filled when they are refreshed, by their keys."""

    def put(self, table: Table, columns: Sequence[str] | None) -> None:
        """Know a table, and its columns if they are given."""
        self._spelled.setdefault(self._key(table.name), table.name)
        self._columns[self._spelled[self._key(table.name)]] = (
            None if columns is None else list(columns)
        )

    def forget(self, table: Table) -> None:
        """Know that a table is no more."""
        spelled = self._spelled.pop(self._key(table.name), None)
        if spelled is not None:
            self._columns.pop(spelled, None)

    def columns(self, table: Table) -> list[str] | None:
        """The columns of a table or frame, where they are known."""
        if table.kind == "frame":
            return self._frames.get(table.name[0])
        spelled = self._spelled.get(self._key(table.name), table.name)
        return self._columns.get(spelled)

    def knows(self, table: Table) -> bool:
        """Whether a table is known to exist."""
        return self._key(table.name) in self._spelled

    def attach(self, database: str) -> None:
        """Know a database by its name, so that `database.table` is understood."""
        self._databases.add(database.casefold())

    def use(self, *schemas: Sequence[str]) -> None:
        """Make a schema the one that names without a schema are in, and others the next.

        In DuckDB `main` is always the last.
        """
        first, *others = map(self._schema, schemas)
        if self.dialect.name == "duckdb" and first[:-1]:
            others.append((*first[:-1], "main"))
        self.default = first
        self._path = tuple(one for one in others if one != first)

    def _schema(self, parts: Sequence[str]) -> Name:
        if self.dialect.name == "duckdb" and len(parts) == 1 and self._is_database(parts[0]):
            return (parts[0], "main")
        if len(parts) >= len(self.default):
            return tuple(parts)
        return (*self.default[: -len(parts)], *parts)

    def is_searched(self, table: Table) -> bool:
        """Whether a table that is not known may be in any of several schemas."""
        return (
            bool(self._path)
            and table.kind == "table"
            and not self.knows(table)
            and (table.name[:-1] == self.default)
        )

    def put_frames(self, frames: Mapping[str, Relation]) -> None:
        """Know the variables of the program that the next statement may read, and their origin."""
        self._made = dict(frames)
        self._frames = {
            name: None if relation.rests else [column.name for column in relation.columns]
            for name, relation in frames.items()
        }

    def given_as(self, names: Sequence[str] | None) -> Relation:
        """Rows that the program gives, for columns of these names: what it gave as far as known."""
        given = self.given
        if given is None:
            return Relation([Column(name, Origins()) for name in names or ()], reads=[GIVEN])
        if names is None:
            return given
        items: list[Item] = []
        for name in names:
            found = [column.origins for column in given.find(name)]
            found += [rest.find(name) or Origins() for rest in given.rests]
            items.append(Column(name, union(*found)))
        return given.with_items(items)

    def put_volatile(self, databases: Iterable[str]) -> None:
        """Know databases whose tables are no artifacts."""
        self._volatile |= {name.casefold() for name in databases}

    def is_volatile(self, parts: Sequence[str]) -> bool:
        """Whether a name is of a database that is in memory only."""
        full = self._full(tuple(parts))
        return len(full) > 1 and full[0].casefold() in self._volatile

    def temporary(self, parts: Sequence[str]) -> Relation | View | None:
        """The temporary table of this name, as what it was made from."""
        name = tuple(part.casefold() for part in parts)
        if len(name) == 1 or name[-2] in _TEMPORARY:
            found = self._temporary.get(name[-1:])
            if found is not None:
                return found
        return self._temporary.get(self._slot(parts)) if self.is_volatile(parts) else None

    def put_temporary(
        self, parts: Sequence[str], relation: Relation | View, *, own: bool = False
    ) -> None:
        """Know a temporary table, and what it is made from.

        `own`: it is this connection's, and not one of a database in memory.
        """
        self._temporary[_last(parts) if own else self._slot(parts)] = relation

    def drop_temporary(self, parts: Sequence[str]) -> None:
        """Know that a temporary table is no more."""
        self._temporary.pop(self._slot(parts), None)

    def in_memory(self, database: str) -> Tables:
        """The tables of a database in memory, by their full names."""
        return {n: made for n, made in self._temporary.items() if n[:-1] and n[0] == database}

    def put_in_memory(self, database: str, tables: Tables) -> None:
        """Know which tables a database in memory has now."""
        others = {n: made for n, made in self._temporary.items() if not n[:-1] or n[0] != database}
        self._temporary = {**others, **tables}

    def put_variable(self, name: str, value: Relation) -> None:
        """Know a variable of the script, and what is in it: one column."""
        self._variables[name.casefold()] = value

    def variable(self, name: str) -> Relation | None:
        """What is in a variable; None where the script has none of this name."""
        return self._variables.get(name.casefold())

    def state(self) -> State:
        """What is known now."""
        return State(
            self.default,
            self._path,
            dict(self._columns),
            dict(self._spelled),
            set(self._databases),
            dict(self._temporary),
            self.reactions.copy(),
            dict(self.macros),
        )

    def restore(self, state: State) -> None:
        """Know again what was known then: a transaction was rolled back."""
        self.default, self._path = state.default, state.path
        self._columns = dict(state.columns)
        self._spelled = dict(state.spelled)
        self._databases = set(state.databases)
        self._temporary = dict(state.temporary)
        self.reactions = state.reactions.copy()
        self.macros = dict(state.macros)

    def key(self, parts: Sequence[str]) -> Name:
        """What a table's reactions are known by, stored or temporary."""
        if self.temporary(parts) is not None:
            return self._slot(parts)
        return self._key(self._full(tuple(parts)))

    def _slot(self, parts: Sequence[str]) -> Name:
        own = _last(parts)
        if own in self._temporary and (len(parts) == 1 or parts[-2].casefold() in _TEMPORARY):
            return own
        if not self.is_volatile(parts):
            return own
        return tuple(part.casefold() for part in self._full(tuple(parts)))

    def table(self, parts: Sequence[str]) -> Table | None:
        """The table that a name means; None for what the engine says about itself.

        Stored tables go before frames, frames before files, as engines do it.
        """
        name = tuple(parts)
        if self._is_system(name):
            return None
        if len(name) == 2 and self._is_format(name[0]):
            return Table(name[1:], "file")
        if name[-1].startswith("@"):
            # A stage of Snowflake; elsewhere a table that the program gave as a parameter.
            return Table(name[-1:], "file") if self.dialect.name == "snowflake" else GIVEN
        full = self._full(name)
        spelled = self._spelled.get(self._key(full))
        if spelled is not None:
            return Table(spelled)
        if len(name) == 1:
            frame = self._frame(name[0])
            if frame is not None:
                return Table((frame,), "frame")
            if self.dialect.name == "duckdb" and _FILE.search(name[0]):
                return Table(name, "file")
        return Table(full)

    def stored(self, parts: Sequence[str]) -> Table:
        """The stored table that a name means where one is changed or dropped."""
        full = self._full(tuple(parts))
        return Table(self._spelled.get(self._key(full), full))

    def made(self, parts: Sequence[str]) -> Name:
        """The full name of what is made: without a schema, it is in the first of all."""
        full = self._completed(tuple(parts), self.default)
        return self._spelled.get(self._key(full), full)

    def relation(self, table: Table) -> Relation:
        """A table as something to read from."""
        if table.kind == "frame" and table.name[0] in self._made:
            return self._made[table.name[0]]
        return of_table(table, self.columns(table))

    def _full(self, name: Name) -> Name:
        found = self._completed(name, self.default)
        if self._path and not self._is_there(found):
            others = [self._completed(name, schema) for schema in self._path]
            found = next(filter(self._is_there, others), found)
        return found

    def _is_there(self, full: Name) -> bool:
        lowered = tuple(part.casefold() for part in full)
        return self._key(full) in self._spelled or lowered in self._temporary

    def _completed(self, name: Name, schema: Name) -> Name:
        if len(name) == 2 and self.dialect.name == "duckdb" and self._is_database(name[0]):
            return (name[0], "main", name[1])
        missing = len(schema) + 1 - len(name)
        return (*schema[:missing], *name) if missing > 0 else name

    def _is_database(self, name: str) -> bool:
        return name.casefold() in self._databases

    def _key(self, name: Name) -> Name:
        return name if self.dialect.exact_tables else tuple(part.casefold() for part in name)

    def _frame(self, name: str) -> str | None:
        if name in self._frames:
            return name
        folded = [frame for frame in self._frames if frame.casefold() == name.casefold()]
        return folded[0] if len(folded) == 1 else None

    def _is_system(self, name: Name) -> bool:
        if len(name) == 1:
            prefix = _RESERVED.get(self.dialect.name)
            if prefix is not None and name[0].casefold().startswith(prefix):
                return self._key(self._full(name)) not in self._spelled
            return name[0].casefold() in _SYSTEM_TABLES
        return any(part.casefold() in _SYSTEM for part in name[:-1])

    def _is_format(self, schema: str) -> bool:
        return self.dialect.name in _FORMAT_DIALECTS and schema.casefold() in _FORMATS


def _last(parts: Sequence[str]) -> Name:
    return (parts[-1].casefold(),)
