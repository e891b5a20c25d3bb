"""What SQL in the spool read, wrote and gave back: records of `capture.statements` → datasets.

A `Connection` each, in the order of the records; what queries gave is kept, for those who write it
or let another statement read it.

Pure: equal records, equal answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from headwater.capture.origins import QUERY
from headwater.shipping.connections import Changes, Connection, Memory
from headwater.shipping.datasets import column_of, doubted, edges, transformation, unknown
from headwater.shipping.sql.model import GIVEN, Table
from headwater.shipping.sql.origins import Origins, Source
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.told import Found, Key, Said

Record = Mapping[str, Any]


class Queries:
    """The connections of one process, and what their queries gave."""

    def __init__(self) -> None:
        self._connections: dict[int, Connection] = {}
        self._results: dict[str, Relation] = {}
        self._memories: dict[str, Memory] = {}
        self._changes = Changes()

    def translate(self, record: Record) -> Found:
        """Read one record: `db`, `schemas`, `defined`, `sql` or `tx`."""
        kind, number = record["k"], record["c"]
        if kind == "db":
            known = self._connections.get(number)
            if known is None:
                self._connections[number] = Connection(record, self._changes, self._memory(record))
            else:
                known.attach(record["databases"])
            return Found()
        connection = self._connections.get(number)
        if connection is None:
            return Found()
        if kind == "schemas":
            connection.know(record["tables"])
            return Found()
        if kind == "defined":
            connection.session.define(record["sql"], tuple(record["in"]))
            return Found()
        if kind == "tx":
            found = Found(writes=tuple(connection.transact(record["do"], record.get("name", ""))))
            self._changes.add(connection, found.writes)
            return found
        frames = {
            name: unknown() if said is None else self.relation(said)
            for name, said in (record.get("frames") or {}).items()
        }
        values = record.get("values")
        connection.session.give(frames, None if values is None else self.relation(values))
        found, result = connection.execute(record)
        if result is not None:
            self._results[str(record["q"])] = result
        self._changes.add(connection, found.writes)
        return found

    def _memory(self, record: Record) -> Memory | None:
        """What is in the memory that a connection shares; None where it shares none."""
        shared = record.get("memory")
        if shared is None:
            return None
        memory = self._memories.setdefault(shared, Memory(record["default"][0]))
        if record.get("empty"):
            memory.tables.clear()
        return memory

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
        found.update(edges(relation))
        return found

    def _resolve_features(self, said: Said) -> Said:
        """Name the columns of tables where a model tells of what a query gave."""
        facets = dict(said.get("facets") or {})
        features = facets.get("headwater_features")
        if features is not None and "features" in features:
            given = features["features"]
            named = {name: self._source_columns(columns) for name, columns in given.items()}
            known = [*features.get("sourceless", ())]
            known += [name for name in named if self._are_sourceless(given[name])]
            facets["headwater_features"] = {
                **features, "features": named, **({"sourceless": known} if known else {}),
            }  # fmt: skip
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
                found |= {source.column for source in column_of(result, name).sources}
        return sorted(found)

    def _are_sourceless(self, columns: list[str]) -> bool:
        """Whether columns of what queries gave, and no others, are known to come from none."""
        for column in columns:
            number, mark, name = column.removeprefix(f"{QUERY}/").partition("#")
            result = self._results.get(number) if mark and column.startswith(QUERY) else None
            if result is None or result.rests or GIVEN in result.reads:
                return False
            found = column_of(result, name)
            if found.sources or found.doubts or not result.find(name):
                return False
        return bool(columns)

    def relation(self, said: Said) -> Relation:
        """An origin as it was said, as something to read from."""
        reads: set[Table] = set() if "inputs" in said else {GIVEN}
        bearing = Origins()
        of: dict[str, Relation] = {}

        def result(number: str) -> Relation:
            if number not in of:
                of[number] = self._results.get(number) or unknown()
                reads.update(of[number].reads)
                bearing.take(of[number].bearing)
            return of[number]

        def put(fields: Iterable[list[str]], into: Origins) -> None:
            for space, name, column, how, *masked in fields:
                step = transformation(how)._replace(masking=bool(masked))
                if space == QUERY:
                    into.take(column_of(result(name), column), step)
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
            items.append(Rest(origins=doubted("nobody says of which columns it is")))
        return Relation(items, bearing=bearing, reads=reads)
