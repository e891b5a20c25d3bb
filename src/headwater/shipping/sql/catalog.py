"""What one connection knows: tables and their columns, frames, temporary tables, databases.

Everything here was seen or said; a table that is not known is taken at its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from headwater.shipping.sql.dialects import Dialect
from headwater.shipping.sql.model import Name, Table
from headwater.shipping.sql.relations import Relation, of_table

Schemas = Mapping[Name, Sequence[str]]
"""The columns of tables, by full name; of files, by path (a name of one part)."""

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
_TEMPORARY: Final = frozenset({"temp", "pg_temp", "tempdb"})


class Catalog:
    """Names as one connection sees them. It changes as statements create, alter and drop."""

    def __init__(
        self,
        dialect: Dialect,
        schemas: Schemas,
        *,
        default_schema: Name = (),
        frames: Mapping[str, Sequence[str] | None] | None = None,
        databases: Sequence[str] = (),
    ) -> None:
        self.dialect = dialect
        self.default = default_schema
        self._columns: dict[Name, list[str] | None] = {}
        self._spelled: dict[Name, Name] = {}
        for name, columns in schemas.items():
            self.put(Table(tuple(name)), columns)
        self._frames = {
            name: None if columns is None else list(columns)
            for name, columns in (frames or {}).items()
        }
        self._databases = {name.casefold() for name in databases}
        self._temporary: dict[str, Relation] = {}

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

    def use(self, parts: Sequence[str]) -> None:
        """Make a schema the one that names without a schema are in."""
        if self.dialect.name == "duckdb" and len(parts) == 1 and self._is_database(parts[0]):
            self.default = (parts[0], "main")
        elif len(parts) >= len(self.default):
            self.default = tuple(parts)
        else:
            self.default = (*self.default[: -len(parts)], *parts)

    def temporary(self, parts: Sequence[str]) -> Relation | None:
        """The temporary table of this name, as what it was made from."""
        if len(parts) > 1 and parts[-2].casefold() not in _TEMPORARY:
            return None
        return self._temporary.get(parts[-1].casefold())

    def put_temporary(self, name: str, relation: Relation) -> None:
        """Know a temporary table, and what it is made from."""
        self._temporary[name.casefold()] = relation

    def drop_temporary(self, name: str) -> None:
        """Know that a temporary table is no more."""
        self._temporary.pop(name.casefold(), None)

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
            return Table(name[-1:], "file")  # a stage of Snowflake
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
        """The stored table that a name means where one is made, changed or dropped."""
        full = self._full(tuple(parts))
        return Table(self._spelled.get(self._key(full), full))

    def relation(self, table: Table) -> Relation:
        """A table as something to read from."""
        return of_table(table, self.columns(table))

    def _full(self, name: Name) -> Name:
        if len(name) == 2 and self.dialect.name == "duckdb" and self._is_database(name[0]):
            return (name[0], "main", name[1])
        missing = len(self.default) + 1 - len(name)
        return (*self.default[:missing], *name) if missing > 0 else name

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
            return name[0].casefold() in _SYSTEM_TABLES
        return any(part.casefold() in _SYSTEM for part in name[:-1])

    def _is_format(self, schema: str) -> bool:
        return self.dialect.name in _FORMAT_DIALECTS and schema.casefold() in _FORMATS
