"""What SQL in the spool read, wrote and gave back: records of `capture.statements` → datasets.

One session a connection, in the order of the records; transactions keep what they wrote until they
are committed. Where a statement cannot be read, its tables are those behind words like FROM and
INTO, nothing exact is said of its writes, and it is counted as opaque.

Pure: equal records, equal answers.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from headwater.capture.origins import QUERY
from headwater.shipping.sql.catalog import State
from headwater.shipping.sql.model import (
    GIVEN,
    ColumnLineage,
    Input,
    Lineage,
    Statement,
    Table,
    Transformation,
    Write,
)
from headwater.shipping.sql.origins import Origins, Source
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.sql.session import Session

Record = Mapping[str, Any]
Key = tuple[str, str]
"""Namespace and name of a dataset."""
Said = dict[str, Any]

_DIRECT: Final = frozenset({"IDENTITY", "TRANSFORMATION", "AGGREGATION"})
_ANEW: Final = frozenset({"CREATE", "OVERWRITE", "TRUNCATE", "RENAME"})
_COMMITS_ITSELF: Final = frozenset({"CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME"})
_VERB: Final = re.compile(
    r"(begin|start\s+transaction|commit|end|abort|rollback|savepoint|release)\b"
    r"(?:\s+(?:work|transaction|tran|deferred|immediate|exclusive))*(?:\s+(to))?"
    r"(?:\s+savepoint)?(?:\s+([\w\"'`]+))?\s*$",
    re.IGNORECASE,
)
_FILES: Final = {"sqlite": "sqlite", "duckdb": "duckdb"}
_MEMORY: Final = frozenset({"", ":memory:"})


class Written(NamedTuple):
    """What a statement did to one dataset, as `Run.record_write` says it, and in which run.

    `anew`: nothing is left of what was there. `inputs` of `said` are missing where somebody but
    the statement gave values, or nobody knows.
    """

    run: str
    at: int
    statement: int
    key: Key
    said: Said
    anew: bool


class Told(NamedTuple):
    """A statement that was executed, for people; `doubts` say why it is not exact."""

    run: str
    statement: int
    sql: str
    dialect: str
    exactness: str
    doubts: tuple[str, ...]


class Found(NamedTuple):
    """What a record says: datasets that were read, writes that hold, statements."""

    reads: tuple[Key, ...] = ()
    writes: tuple[Written, ...] = ()
    told: tuple[Told, ...] = ()


class _Level(NamedTuple):
    """A transaction, or a savepoint in it: what to go back to, and what waits for the commit."""

    name: str | None
    state: State
    writes: list[Written]


class Queries:
    """The connections of one process, and what their queries gave."""

    def __init__(self) -> None:
        self._connections: dict[int, _Connection] = {}
        self._results: dict[str, Relation] = {}

    def translate(self, record: Record) -> Found:
        """Read one record: `db`, `schemas`, `sql` or `tx`."""
        kind, number = record["k"], record["c"]
        if kind == "db":
            known = self._connections.get(number)
            if known is None:
                self._connections[number] = _Connection(record)
            else:
                known.attach(record["databases"])
            return Found()
        connection = self._connections.get(number)
        if connection is None:
            return Found()
        if kind == "schemas":
            connection.know(record["tables"])
            return Found()
        if kind == "tx":
            return Found(writes=tuple(connection.transact(record["do"], record.get("name", ""))))
        frames = {
            name: _unknown() if said is None else self.relation(said)
            for name, said in (record.get("frames") or {}).items()
        }
        values = record.get("values")
        connection.session.give(frames, None if values is None else self.relation(values))
        found, result = connection.execute(record)
        if result is not None:
            self._results[str(record["q"])] = result
        return found

    def waiting(self, key: Key) -> bool:
        """Whether something was written to a dataset that is not committed yet."""
        return any(one.is_waiting(key) for one in self._connections.values())

    def resolve(self, said: Said) -> Said:
        """Put in the place of what queries gave what they read, in what is said of a write."""
        said = self._resolve_features(said)
        inputs = [(one[0], one[1]) for one in said.get("inputs") or ()]
        columns, shaped = said.get("columns") or {}, said.get("shaped_by") or ()
        named = [name for space, name in inputs if space == QUERY]
        named += [f[1] for fields in (shaped, *columns.values()) for f in fields if f[0] == QUERY]
        if not named:
            return said
        relation = self.relation(said)
        found = {n: v for n, v in said.items() if n not in ("inputs", "columns", "shaped_by")}
        if "inputs" in said and GIVEN not in relation.reads:
            found["inputs"] = sorted(list(table.name) for table in relation.reads)
        found.update(_edges(relation))
        return found

    def _resolve_features(self, said: Said) -> Said:
        """Name the columns of tables where a model tells of what a query gave."""
        facets = dict(said.get("facets") or {})
        features = facets.get("headwater_features")
        if features is not None and "features" in features:
            named = {name: self._source_columns(c) for name, c in features["features"].items()}
            facets["headwater_features"] = {**features, "features": named}
        label = (facets.get("headwater_training") or {}).get("labelSource")
        if label is not None and QUERY in label:
            columns = self._source_columns(label.split(", "))
            told = {**facets["headwater_training"], "labelSource": ", ".join(columns)}
            facets["headwater_training"] = told
        return {**said, "facets": facets} if facets else said

    def _source_columns(self, columns: Iterable[str]) -> list[str]:
        found: set[str] = set()
        for column in columns:
            number, mark, name = column.removeprefix(f"{QUERY}/").partition("#")
            result = self._results.get(number) if mark and column.startswith(QUERY) else None
            if result is None:
                found.add(name if column.startswith(f"{QUERY}/") else column)
            else:
                found |= {source.column for source in _column(result, name).sources}
        return sorted(found)

    def relation(self, said: Said) -> Relation:
        """An origin as it was said, as something to read from."""
        reads: set[Table] = set() if "inputs" in said else {GIVEN}
        bearing = Origins()
        of: dict[str, Relation] = {}

        def result(number: str) -> Relation:
            if number not in of:
                of[number] = self._results.get(number) or _unknown()
                reads.update(of[number].reads)
                bearing.take(of[number].bearing)
            return of[number]

        def put(fields: Iterable[list[str]], into: Origins) -> None:
            for space, name, column, how, *masked in fields:
                step = _transformation(how)._replace(masking=bool(masked))
                if space == QUERY:
                    into.take(_column(result(name), column), step)
                else:
                    into.add(Source(Table((space, name), "dataset"), column), step)

        for space, name in said.get("inputs") or ():
            if space == QUERY:
                result(name)
            else:
                reads.add(Table((space, name), "dataset"))
        put(said.get("shaped_by") or (), bearing)
        items: list[Item] = []
        for name, fields in (said.get("columns") or {}).items():
            column = Origins()
            put(fields, column)
            items.append(Column(name, column))
        if not items:
            items.append(Rest(origins=_doubt("nobody says of which columns it is")))
        return Relation(items, bearing=bearing, reads=reads)


class _Connection:
    """One connection: its session, what its names mean, and its open transaction."""

    def __init__(self, record: Record) -> None:
        self.dialect: str = record["dialect"]
        self._server: str | None = record.get("server")
        self._cwd, self._host = record.get("cwd", "/"), record.get("host", "")
        self._databases: dict[str, str | None] = {}
        self._levels: list[_Level] = []
        self._files: dict[str, Any] = {}
        self.session = Session(
            dialect=self.dialect, schemas={}, default_schema=tuple(record.get("default") or ())
        )
        self.attach(record.get("databases") or {})

    def attach(self, databases: Mapping[str, str | None]) -> None:
        self._databases.update({name.casefold(): space for name, space in databases.items()})
        in_memory = [name for name, space in databases.items() if space is None]
        self.session.attach(databases, in_memory)

    def know(self, tables: Iterable[tuple[list[str], list[str]]]) -> None:
        for name, columns in tables:
            self.session.know(tuple(name), columns)

    def is_waiting(self, key: Key) -> bool:
        return any(one.key == key for level in self._levels for one in level.writes)

    def transact(self, what: str, name: str) -> Iterator[Written]:
        """Follow a transaction; give what holds from now on."""
        if what in ("commit", "end"):
            for level in self._levels:
                yield from level.writes
            self._levels.clear()
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

    def _back_to(self, place: int) -> None:
        if place < len(self._levels):
            self.session.restore(self._levels[place].state)
            del self._levels[place:]

    def execute(self, record: Record) -> tuple[Found, Relation | None]:
        """Read the statements of a record; give what they say, and what the last query gave."""
        reads: dict[Key, None] = {}
        holds: list[Written] = []
        told: list[Told] = []
        result: Relation | None = None
        open_ = bool(record.get("open"))
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
                named = _Named(self, files)
                reads.update(dict.fromkeys(named.keys(one.inputs)))
                waits = self._levels[-1].writes if self._levels else holds
                for write in one.outputs:
                    waits += self._written(write, one, named, record)
                if one.result is not None or record.get("gives") is not None:
                    result = _result(one, named, record.get("gives"))
                if "implied" in record or not _moves_data(one):
                    continue
                told.append(Told(record["r"], record["q"], one.sql, self.dialect, one.exactness,
                                 one.doubts))  # fmt: skip
        if not open_:
            holds += self.transact("commit", "")
        return Found(tuple(reads), tuple(holds), tuple(told)), result

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
            return None if space is None else (space, ".".join(rest))
        return None if self._server is None else (self._server, ".".join(parts))

    def _written(
        self, write: Write, one: Statement, named: _Named, record: Record
    ) -> list[Written]:
        """Say what was written; COPY may write a table into several files."""
        keys = named.datasets(write.table)
        if not keys:
            return []
        said: Said = {}
        if one.exactness != "opaque":
            relation = named.relation(_whole(write.lineage, write.columns), one)
            if not one.given:
                said["inputs"] = sorted(list(each) for each in named.keys(one.inputs))
                if named.is_unknown(one.inputs):
                    del said["inputs"]
            said.update(_edges(relation))
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


class _Named:
    """Tables of one statement as the datasets that they are."""

    def __init__(self, connection: _Connection, files: Mapping[str, list[list[str]]]) -> None:
        self._connection = connection
        self._files = files

    def datasets(self, table: Table) -> list[Key] | None:
        """The datasets behind a table; None where they cannot be told."""
        if table.kind == "dataset":
            return [(table.name[0], table.name[1])]
        if table.kind == "file":
            found = self._files.get(table.name[-1])
            return None if found is None else [(one[0], one[1]) for one in found]
        key = None if table.kind != "table" else self._connection.name(table.name)
        return None if key is None else [key]

    def key(self, table: Table) -> Key | None:
        found = self.datasets(table)
        return found[0] if found is not None and len(found) == 1 else None

    def keys(self, tables: Iterable[Table]) -> list[Key]:
        found = {key for table in tables for key in self.datasets(table) or ()}
        return sorted(found)

    def is_unknown(self, tables: Iterable[Table]) -> bool:
        """Whether one of the tables is no dataset that can be told."""
        return any(self.datasets(table) is None for table in tables)

    def relation(self, lineage: Lineage, one: Statement) -> Relation:
        """A lineage over tables as a relation over datasets."""
        reads = {Table(key, "dataset") for key in self.keys(one.inputs)}
        if one.given or self.is_unknown(one.inputs):
            reads.add(GIVEN)
        items: list[Item] = [Column(c.name, self._origins(c.inputs)) for c in lineage.columns]
        rest = tuple(Table(key, "dataset") for key in self.keys(lineage.rest))
        if rest:
            items.append(Rest(rest))
        return Relation(items, bearing=self._origins(lineage.dataset), reads=reads)

    def _origins(self, inputs: Iterable[Input]) -> Origins:
        found = Origins()
        for one in inputs:
            for key in self.datasets(one.table) or ():
                for how in one.transformations:
                    found.add(Source(Table(key, "dataset"), one.column), how)
        return found


def _moves_data(one: Statement) -> bool:
    """Whether a statement is worth telling: it is not about the session, nor a plain value."""
    if one.inputs or one.outputs or one.given or one.exactness == "opaque":
        return True
    return one.result is None and one.kind in ("CREATE", "INSERT", "UPDATE", "DELETE", "MERGE")


def _whole(lineage: Lineage, columns: tuple[str, ...] | None) -> Lineage:
    """Name the columns that pass from tables of which no more is known, where the target's are."""
    if not lineage.rest or columns is None:
        return lineage
    named = {column.name.casefold() for column in lineage.columns}
    identity = (Transformation("DIRECT", "IDENTITY"),)
    passed = tuple(
        ColumnLineage(name, tuple(Input(table, name, identity) for table in lineage.rest))
        for name in columns
        if name.casefold() not in named
    )
    return lineage._replace(columns=(*lineage.columns, *passed), rest=())


def _result(one: Statement, named: _Named, gives: list[str] | None) -> Relation:
    """What a query gave, its columns called as the cursor called them."""
    lineage = one.result or Lineage()
    relation = named.relation(lineage, one)
    if one.result is None or gives is None:
        items: list[Item] = [Rest(origins=_doubt("the statement could not be read"))]
        return relation if one.result is not None else relation.with_items(items)
    if not lineage.rest and len(gives) == len(lineage.columns):
        return relation.with_items(
            [Column(name, column.origins) for name, column in
             zip(gives, relation.columns, strict=True)]
        )  # fmt: skip
    return relation.with_items([Column(name, _column(relation, name)) for name in gives])


def _column(relation: Relation, name: str) -> Origins:
    found = Origins()
    known = relation.find(name)
    for column in known:
        found.take(column.origins)
    for rest in () if known else relation.rests:
        found.take(rest.find(name) or Origins())
    return found


def _edges(relation: Relation) -> Said:
    """Columns, and what bears on all of them, as a write says it."""
    columns = {column.name: _fields(column.origins) for column in relation.columns}
    columns = {name: fields for name, fields in columns.items() if fields}
    shaped = _fields(relation.bearing)
    found: Said = {"columns": columns} if columns else {}
    return found | ({"shaped_by": shaped} if shaped else {})


def _fields(origins: Origins) -> list[list[Any]]:
    """Fields as a write says them; `True` behind one whose value cannot be read any more."""
    return [
        [*one.table.name, one.column, how.subtype, *([True] if how.masking else [])]
        for one in origins.inputs()
        for how in one.transformations
    ]


def _transformation(how: str) -> Transformation:
    return Transformation("DIRECT" if how in _DIRECT else "INDIRECT", how)


def _unknown() -> Relation:
    return Relation([Rest(origins=_doubt("nobody knows what it is of"))], reads=[GIVEN])


def _doubt(reason: str) -> Origins:
    found = Origins()
    found.doubt(reason)
    return found
