"""What stands in a FROM: columns in order, and what is not known about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headwater.shipping.sql.limits import SQL_COLUMNS_MAX
from headwater.shipping.sql.model import ColumnLineage, Lineage, Table
from headwater.shipping.sql.origins import Origins, Source, of


class TooLargeError(Exception):
    """A statement goes beyond a limit; says which."""


class Column:
    """A column of a relation. `named` is false where the engine makes up the name."""

    __slots__ = ("name", "named", "origins")

    def __init__(self, name: str, origins: Origins, *, named: bool = True) -> None:
        self.name = name
        self.origins = origins
        self.named = named


class Rest:
    """Columns that are not known: those of `tables`, or whatever is made from `origins`.

    A column of this name comes from each of the tables (several files read as one). `hidden` are
    names that are not among them.
    """

    __slots__ = ("hidden", "origins", "tables")

    def __init__(
        self,
        tables: tuple[Table, ...] = (),
        origins: Origins | None = None,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self.tables = tables
        self.origins = origins
        self.hidden = hidden

    def find(self, name: str) -> Origins | None:
        """What a column of this name would be; None where there is none."""
        if name.casefold() in self.hidden:
            return None
        if self.origins is not None:
            return (self.origins.fields or {}).get(name.casefold(), self.origins)
        found = Origins()
        for table in self.tables:
            found.add(Source(table, name))
        return found

    def hiding(self, names: Iterable[str]) -> Rest:
        """The same without columns of these names."""
        hidden = self.hidden | {name.casefold() for name in names}
        return Rest(self.tables, self.origins, hidden)

    def as_doubt(self) -> Origins:
        """All of it as one value."""
        found = Origins()
        if self.origins is not None:
            found.take(self.origins)
        for table in self.tables:
            found.doubt(f"the columns of {said(table)} are not known")
        return found


Item = Column | Rest


class Relation:
    """Items in order; `bearing`: what all rows depend on; `reads`: the tables it is made from."""

    __slots__ = ("_exact", "_folded", "bearing", "items", "reads")

    def __init__(
        self,
        items: Sequence[Item] = (),
        *,
        bearing: Origins | None = None,
        reads: Iterable[Table] = (),
    ) -> None:
        if len(items) > SQL_COLUMNS_MAX:
            raise TooLargeError(f"there are more than {SQL_COLUMNS_MAX:,} columns")
        self.items = list(items)
        self.bearing = bearing if bearing is not None else Origins()
        self.reads = frozenset(reads)
        self._exact: dict[str, list[Column]] | None = None
        self._folded: dict[str, list[Column]] = {}

    @property
    def columns(self) -> list[Column]:
        """The columns that are known."""
        return [item for item in self.items if isinstance(item, Column)]

    @property
    def rests(self) -> list[Rest]:
        """What is not known."""
        return [item for item in self.items if isinstance(item, Rest)]

    def find(self, name: str) -> list[Column]:
        """The columns of this name: as it is written, else in other letters if only one is so."""
        if self._exact is None:
            self._exact = {}
            for column in self.columns:
                self._exact.setdefault(column.name, []).append(column)
                self._folded.setdefault(column.name.casefold(), []).append(column)
        return self._exact.get(name) or self._folded.get(name.casefold(), [])

    def with_items(self, items: Sequence[Item]) -> Relation:
        """Other columns over the same rows."""
        return Relation(items, bearing=self.bearing, reads=self.reads)

    def with_reads(self, reads: Iterable[Table]) -> Relation:
        """The same, made from other tables."""
        return Relation(self.items, bearing=self.bearing, reads=reads)

    def renamed(self, names: Sequence[str]) -> Relation:
        """The leading columns by other names, as in `t(a, b)`.

        Names for columns that are not known stand for unknown columns of the same tables.
        """
        items: list[Item] = []
        left = list(names)
        for item in self.items:
            if not left:
                items.append(item)
            elif isinstance(item, Column):
                items.append(Column(left.pop(0), item.origins))
            else:
                items += [Column(name, item.as_doubt()) for name in left]
                left = []
                items.append(item)
        return self.with_items(items)

    def lineage(self) -> Lineage:
        """What it says, as a result."""
        columns = tuple(
            ColumnLineage(
                column.name,
                column.origins.inputs(),
                "conservative" if column.origins.doubts else "exact",
            )
            for column in self.columns
        )
        rest = dict.fromkeys(table for item in self.rests for table in item.tables)
        return Lineage(columns, self.bearing.inputs(), tuple(rest))

    def doubts(self) -> dict[str, None]:
        """What could not be told about any of it."""
        doubts = dict(self.bearing.doubts)
        for item in self.items:
            if isinstance(item, Column):
                doubts.update(item.origins.doubts)
                continue
            doubts.update(item.as_doubt().doubts)
            for source in item.origins.sources if item.origins is not None else ():
                made = f"{said(source.table)}.{source.column}"
                doubts[f"the columns that are made from {made} are not known"] = None
        return doubts


def said(table: Table) -> str:
    """A table's name for people."""
    return ".".join(table.name)


def of_table(table: Table, columns: Sequence[str] | None) -> Relation:
    """A stored table, with the columns that are known of it."""
    if columns is None:
        return Relation([Rest((table,))], reads=[table])
    return Relation([Column(name, of(Source(table, name))) for name in columns], reads=[table])
