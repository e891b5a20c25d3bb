"""What a connection executed: statements in their order, and what its transactions let hold.

Where a statement cannot be read, its tables are those behind words like FROM and INTO, nothing
exact is said of its writes, and it is counted as opaque.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from headwater.shipping.datasets import Named, called, edges, result, whole
from headwater.shipping.sql.catalog import State, Tables
from headwater.shipping.sql.model import GIVEN, Statement, Write
from headwater.shipping.sql.relations import Relation
from headwater.shipping.sql.session import Session
from headwater.shipping.told import Found, Key, Said, Told, Written

Record = Mapping[str, Any]

_ANEW: Final = frozenset({"CREATE", "OVERWRITE", "TRUNCATE", "RENAME"})
_COMMITS_ITSELF: Final = frozenset({"CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME"})
_VERB: Final = re.compile(
    r"(begin|start\s+transaction|commit|end|abort|rollback|savepoint|release)\b"
    r"(?:\s+(?:work|transaction|tran|deferred|immediate|exclusive))*(?:\s+(to))?"
    r"(?:\s+savepoint)?(?:\s+([\w\"'`]+))?\s*$",
    re.IGNORECASE,
)
_FILES: Final = {"sqlite": "sqlite", "duckdb": "duckdb"}
_SERVERS: Final = frozenset({"postgres", "mysql"})
_MEMORY: Final = frozenset({"", ":memory:"})


class _Level(NamedTuple):
    """A transaction, or a savepoint in it: what to go back to, and what waits for the commit."""

    name: str | None
    state: State
    writes: list[Written]


class Memory:
    """A database in memory that several connections have: what they committed."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.tables: Tables = {}
        self.files: dict[str, Any] = {}


class Changes:
    """Tables that connections made, changed and dropped in databases in files, by namespace."""

    def __init__(self) -> None:
        self._made: dict[str, list[tuple[Connection, Written]]] = {}

    def add(self, by: Connection, writes: Iterable[Written]) -> None:
        """Know what holds of what a connection wrote."""
        for write in writes:
            if write.said.get("change", "TRUNCATE") != "TRUNCATE":
                self._made.setdefault(write.key[0], []).append((by, write))

    def count(self, space: str) -> int:
        """Count those in a database."""
        return len(self._made.get(space, ()))

    def since(self, space: str, place: int, connection: Connection) -> list[Written]:
        """Give those of others than a connection, from the one of this number on."""
        made = self._made.get(space, ())
        return [write for by, write in made[place:] if by is not connection]


class Connection:
    """One connection: its session, what its names mean, and its open transaction."""

    def __init__(self, record: Record, changes: Changes, memory: Memory | None = None) -> None:
        """Begin with a `db` record.

        `changes` are those of all connections of the process; `memory` is what is in its database,
        if others have it too.
        """
        self._memory = memory
        self._seen: Tables = {}
        self.dialect: str = record["dialect"]
        self._server: str | None = record.get("server")
        self._cwd, self._host = record.get("cwd", "/"), record.get("host", "")
        self._databases: dict[str, str | None] = {}
        self._levels: list[_Level] = []
        self._changes = changes
        self._places: dict[str, int] = {}
        self._files: dict[str, Any] = {} if memory is None else memory.files
        self.session = Session(
            dialect=self.dialect, schemas={}, default_schema=tuple(record.get("default") or ())
        )
        self.attach(record.get("databases") or {})

    def attach(self, databases: Mapping[str, str | None]) -> None:
        """Know databases by their names, each with the namespace of its tables."""
        self._databases.update({name.casefold(): space for name, space in databases.items()})
        for space in databases.values():
            if space is not None:
                self._places.setdefault(space, self._changes.count(space))
        in_memory = [name for name, space in databases.items() if space is None]
        self.session.attach(databases, in_memory)

    def know(self, tables: Iterable[tuple[list[str], list[str]]]) -> None:
        """Know the columns of tables."""
        for name, columns in tables:
            self.session.know(tuple(name), columns)

    def is_waiting(self, key: Key) -> bool:
        """Whether something was written to a dataset that is not committed yet."""
        return any(one.key == key for level in self._levels for one in level.writes)

    def _see(self) -> None:
        """Know what others made, changed and dropped since in files that this one has."""
        for space, place in self._places.items():
            for write in self._changes.since(space, place, self):
                for name in self._names(write.key):
                    if write.said["change"] == "DROP":
                        self.session.forget(name)
                    else:
                        self.session.share(name, write.said.get("schema"))
                if "previous" in write.said:
                    before, table = write.said["previous"]
                    for name in self._names((before, table)):
                        self.session.forget(name)
            self._places[space] = self._changes.count(space)

    def _names(self, key: Key) -> Iterator[tuple[str, ...]]:
        """What a table in a file is called here: the other way round of `name`."""
        schema, _, table = key[1].partition(".")
        for database, space in self._databases.items():
            if space == key[0]:
                yield (database, table) if self.dialect == "sqlite" else (database, schema, table)

    def transact(self, what: str, name: str) -> Iterator[Written]:
        """Follow a transaction; give what holds from now on."""
        if what in ("commit", "end"):
            for level in self._levels:
                yield from level.writes
            self._levels.clear()
            self._meet()
        elif what in ("rollback", "abort"):
            self._back_to(0)
        elif what in ("begin", "savepoint"):
            self._levels.append(_Level(name or None, self.session.state(), []))
        elif what in ("release", "back"):
            places = [p for p, level in enumerate(self._levels) if level.name == name]
            if places and what == "back":
                self._back_to(places[-1])
                self._levels.append(_Level(name, self.session.state(), []))
            elif places:
                ended = self._levels[places[-1] :]
                del self._levels[places[-1] :]
                above = self._levels or [_Level(None, ended[0].state, [])]
                self._levels = above
                above[-1].writes.extend(one for level in ended for one in level.writes)

    def _meet(self) -> None:
        """Let others have the tables in memory that were made since, and have theirs."""
        if self._memory is None:
            return
        tables, database = self._memory.tables, self._memory.database
        own = self.session.in_memory(database)
        for name in own.keys() | self._seen.keys():
            made = own.get(name)
            if made is None:
                tables.pop(name, None)
            elif made is not self._seen.get(name):
                tables[name] = made
        self._seen = dict(tables)
        self.session.put_in_memory(database, self._seen)

    def _back_to(self, place: int) -> None:
        if place < len(self._levels):
            self.session.restore(self._levels[place].state)
            del self._levels[place:]

    def execute(self, record: Record) -> tuple[Found, Relation | None]:
        """Read the statements of a record; give what they say, and what the last query gave."""
        reads: dict[Key, None] = {}
        holds: list[Written] = []
        told: list[Told] = []
        given: Relation | None = None
        open_ = bool(record.get("open"))
        if not self._levels:
            self._meet()
            self._see()
        if open_ and not self._levels:
            self._levels.append(_Level(None, self.session.state(), []))
        files = self._known_files(record.get("files") or {})
        for sql in [record["sql"]] if "cut" in record else self.session.split(record["sql"]):
            verb = _VERB.match(sql.strip())
            if verb is not None:
                what = "back" if verb[2] else verb[1].split()[0].lower().replace("start", "begin")
                holds += self.transact(what, (verb[3] or "").strip("\"'`").lower())
                continue
            for one in self._read(sql, record):
                self._attach_as_said(one)
                if self.dialect == "mysql" and one.kind in _COMMITS_ITSELF:
                    holds += self.transact("commit", "")
                named = Named(self.name, files)
                reads.update(dict.fromkeys(named.keys(one.inputs)))
                waits = self._levels[-1].writes if self._levels else holds
                for write in one.outputs:
                    waits += self._written(write, one, named, record)
                if one.result is not None or record.get("gives") is not None:
                    given = result(one, named, record.get("gives"))
                if "implied" in record or not _moves_data(one):
                    continue
                told.append(Told(record["r"], record["q"], one.sql, self.dialect, one.exactness,
                                 one.doubts))  # fmt: skip
        if not open_:
            holds += self.transact("commit", "")
        return Found(tuple(reads), tuple(holds), tuple(told)), given

    def _known_files(self, files: Mapping[str, Any]) -> Mapping[str, Any]:
        """The files behind paths of this record and earlier ones, of which tables were made.

        A path behind which there were different files is unknown where it is not written anew.
        """
        known = self._files
        known.update({path: f if known.get(path, f) == f else None for path, f in files.items()})
        return {**known, **files}

    def _read(self, sql: str, record: Record) -> tuple[Statement, ...]:
        if "cut" in record:
            return (self.session.opaque(sql, f"it is {record['cut']:,} characters long"),)
        found = self.session.analyse(sql)
        gives, (last, *others) = record.get("gives"), found or (None,)
        # A star of a single table that was not seen yet: the cursor tells its columns.
        if last is not None and not others and gives and last.result is not None:
            lineage = last.result
            if len(lineage.rest) == 1 and not lineage.columns and lineage.rest[0].kind == "table":
                self.session.know(lineage.rest[0].name, gives)
                return self.session.analyse(sql)
        return found

    def _attach_as_said(self, statement: Statement) -> None:
        """Know databases that a script attached, where the program did not say which they are."""
        for name, path in statement.attached:
            if name.casefold() in self._databases or self.dialect not in _FILES:
                continue
            bare = path.removeprefix("file:").partition("?")[0]
            full = os.path.normpath(os.path.join(self._cwd, bare))  # noqa: PTH118
            space = f"{_FILES[self.dialect]}://{self._host}{full}"
            self.attach({name: None if bare in _MEMORY else space})

    def name(self, parts: tuple[str, ...]) -> Key | None:
        """The dataset that a table is; None where it is none that lasts, or cannot be told."""
        database = parts[0].casefold()
        if len(parts) > 1 and database in self._databases:
            space = self._databases[database]
            rest = parts[1:] if len(parts) > 2 else ("main", *parts[1:])
            return None if space is None else _of_database(space, rest)
        return None if self._server is None else (self._server, ".".join(parts))

    def _written(self, write: Write, one: Statement, named: Named, record: Record) -> list[Written]:
        """Say what was written; COPY may write a table into several files."""
        keys = named.datasets(write.table)
        if not keys:
            return []
        said: Said = {}
        if one.exactness != "opaque":
            names = (record.get("names") or {}).get(write.table.name[-1])
            said, write = _content(write, one, named, names)
        if write.change is not None:
            said["change"] = write.change
        if write.previous is not None:
            before = named.key(write.previous)
            if before is not None:
                said["previous"], said["inputs"] = list(before), [list(before)]
        if write.mode is not None:
            said["mode"] = write.mode
        if write.view:
            said["kind"] = "view"
        if write.columns:
            said["schema"] = dict.fromkeys(write.columns)
        anew = write.change in _ANEW or write.mode == "overwrite"
        return [Written(record["r"], record["at"], record["q"], key, said, anew) for key in keys]


def _content(
    write: Write, one: Statement, named: Named, names: Sequence[str] | None
) -> tuple[Said, Write]:
    """Say what came into a table, or file; `names` are what columns of a file are called there."""
    of = one if write.reads is None else one._replace(inputs=tuple(write.reads))
    relation = named.relation(whole(write.lineage, write.columns), of)
    if names is not None and write.table.kind == "file":
        relation, write = called(relation, names), write._replace(columns=tuple(names))
    said: Said = {}
    if GIVEN not in relation.reads:
        said["inputs"] = sorted(list(table.name) for table in relation.reads)
    if write.lineage.columns or one.exactness == "exact" or write.mode == "delete":
        said.update(edges(relation))
    alone = _left_alone(write, relation) if "inputs" in said and not relation.rests else {}
    if alone:
        said["columns"] = {**alone, **said.get("columns", {})}
    return said, write


def _left_alone(write: Write, relation: Relation) -> dict[str, list[list[str]]]:
    """Columns of a table that is written to and not anew, in which nothing was put: of no column.

    What was there is carried over, and rows that are new have what the table has by default.
    """
    if write.mode in (None, "overwrite") or write.change is not None:
        return {}
    put = {column.name.casefold() for column in relation.columns}
    return {name: [] for name in write.columns or () if name.casefold() not in put}


def _moves_data(one: Statement) -> bool:
    """Whether a statement is worth telling: it is not about the session, nor a plain value."""
    if one.inputs or one.outputs or one.given or one.exactness == "opaque":
        return True
    return one.result is None and one.kind in ("CREATE", "INSERT", "UPDATE", "DELETE", "MERGE")


def _of_database(space: str, rest: tuple[str, ...]) -> Key:
    """A table of an attached database; of a server's, whose namespace has its name behind it.

    DuckDB says `main` where the server has a default of its own.
    """
    scheme, _, place = space.partition("://")
    if scheme not in _SERVERS or "/" not in place:
        return space, ".".join(rest)
    address, _, database = place.partition("/")
    schema, table = rest[0], rest[1:]
    if schema == "main":
        schema = "public" if scheme == "postgres" else database
    above = (database, schema) if scheme == "postgres" else (schema,)
    return f"{scheme}://{address}", ".".join(part for part in (*above, *table) if part)
