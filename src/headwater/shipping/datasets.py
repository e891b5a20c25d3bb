"""Tables of a statement as the datasets that they are, and columns as a write says them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from headwater.shipping.sql.model import (
    GIVEN,
    ColumnLineage,
    Input,
    Lineage,
    Statement,
    Table,
    Transformation,
)
from headwater.shipping.sql.origins import Origins, Source, union
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.told import Key, Said

_DIRECT: Final = frozenset({"IDENTITY", "TRANSFORMATION", "AGGREGATION"})


class Named:
    """Tables of one statement: `name` says which dataset a table is, `files` what paths mean."""

    def __init__(
        self, name: Callable[[tuple[str, ...]], Key | None], files: Mapping[str, list[list[str]]]
    ) -> None:
        self._name = name
        self._files = files

    def datasets(self, table: Table) -> list[Key] | None:
        """The datasets behind a table; None where they cannot be told."""
        if table.kind == "dataset":
            return [(table.name[0], table.name[1])]
        if table.kind == "file":
            found = self._files.get(table.name[-1])
            return None if found is None else [(one[0], one[1]) for one in found]
        key = None if table.kind != "table" else self._name(table.name)
        return None if key is None else [key]

    def key(self, table: Table) -> Key | None:
        """The one dataset that a table is."""
        found = self.datasets(table)
        return found[0] if found is not None and len(found) == 1 else None

    def keys(self, tables: Iterable[Table]) -> list[Key]:
        """The datasets that tables are, as far as they can be told."""
        found = {key for table in tables for key in self.datasets(table) or ()}
        return sorted(found)

    def is_unknown(self, tables: Iterable[Table]) -> bool:
        """Whether one of the tables is no dataset that can be told."""
        return any(self.datasets(table) is None for table in tables)

    def relation(self, lineage: Lineage, one: Statement) -> Relation:
        """A lineage over tables as a relation over datasets."""
        reads = {Table(key, "dataset") for key in self.keys(one.inputs)}
        if one.given or one.exactness == "opaque" or self.is_unknown(one.inputs):
            reads.add(GIVEN)
        items: list[Item] = []
        for column in lineage.columns:
            origins = self._origins(column.inputs)
            if column.exactness != "exact":
                origins.doubt("the statement does not tell all that it is made from")
            items.append(Column(column.name, origins))
        rest = tuple(Table(key, "dataset") for key in self.keys(lineage.rest))
        bearing = self._origins(lineage.dataset)
        # What RETURNING gives is of the table that was written, which is not read otherwise.
        for origins in (bearing, *(item.origins for item in items if isinstance(item, Column))):
            reads.update(source.table for source in origins.sources)
        if rest:
            items.append(Rest(rest))
        return Relation(items, bearing=bearing, reads=reads)

    def _origins(self, inputs: Iterable[Input]) -> Origins:
        found = Origins()
        for one in inputs:
            for key in self.datasets(one.table) or ():
                for how in one.transformations:
                    found.add(Source(Table(key, "dataset"), one.column), how)
        return found


def whole(lineage: Lineage, columns: tuple[str, ...] | None) -> Lineage:
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


def result(one: Statement, named: Named, gives: list[str] | None) -> Relation:
    """What a query gave, its columns called as the cursor called them."""
    lineage = one.result or Lineage()
    relation = named.relation(lineage, one)
    if one.result is None or gives is None:
        items: list[Item] = [Rest(origins=doubted("the statement could not be read"))]
        return relation if one.result is not None else relation.with_items(items)
    return called(relation, gives)


def called(relation: Relation, names: Sequence[str]) -> Relation:
    """The same with its columns called as they are really called: by position.

    Where one became several (`unnest` of a struct), by name; those of no such name are of all that
    has none of these names. Where nothing is left for those, which columns there are depends on the
    data, and nothing is known of any.
    """
    columns = relation.columns
    if not relation.rests and len(names) == len(columns):
        return relation.with_items(
            [Column(name, column.origins) for name, column in zip(names, columns, strict=True)]
        )
    there = {name.casefold() for name in names}
    left = [each.origins for each in columns if each.name.casefold() not in there]
    if not (left or relation.rests) and any(not relation.find(name) for name in names):
        return relation.with_items([Rest(origins=doubted("its columns depend on the data"))])
    others = union(*left)
    return relation.with_items(
        [
            Column(
                name,
                column_of(relation, name) if relation.rests or relation.find(name) else others,
            )
            for name in names
        ]
    )


def column_of(relation: Relation, name: str) -> Origins:
    """What a column of this name is made from."""
    found = Origins()
    known = relation.find(name)
    for column in known:
        found.take(column.origins)
    for rest in () if known else relation.rests:
        found.take(rest.find(name) or Origins())
    return found


def edges(relation: Relation) -> Said:
    """Columns, and what bears on all of them, as a write says it.

    Beside columns alone: where none are known, it would pass for all that they came from.
    """
    columns = {
        column.name: fields
        for column in relation.columns
        if (fields := _fields(column.origins)) or not column.origins.doubts
    }
    is_known = not relation.rests and not any(each.origins.doubts for each in relation.columns)
    shaped = _fields(relation.bearing) if any(columns.values()) or is_known else []
    found: Said = {"columns": columns} if columns else {}
    return found | ({"shaped_by": shaped} if shaped else {})


def _fields(origins: Origins) -> list[list[Any]]:
    """Fields as a write says them; `True` behind one whose value cannot be read any more."""
    return [
        [*one.table.name, one.column, how.subtype, *([True] if how.masking else [])]
        for one in origins.inputs()
        for how in one.transformations
    ]


def transformation(how: str) -> Transformation:
    """A transformation by its name."""
    return Transformation("DIRECT" if how in _DIRECT else "INDIRECT", how)


def unknown() -> Relation:
    """Something of which nobody knows what it is made from."""
    return Relation([Rest(origins=doubted("nobody knows what it is of"))], reads=[GIVEN])


def doubted(reason: str) -> Origins:
    """Nothing but a doubt."""
    found = Origins()
    found.doubt(reason)
    return found
