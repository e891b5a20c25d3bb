"""The table that a statement writes: what is set in it, and what is given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql import computed, sources
from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.catalog import View
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import GIVEN, Mode, Table, Write
from headwater.shipping.sql.origins import TRANSFORMATION, Origins, union
from headwater.shipping.sql.projections import project
from headwater.shipping.sql.queries import read_query
from headwater.shipping.sql.relations import Column, Item, Relation, Rest, of_table, said
from headwater.shipping.sql.scope import Named, Scope


class Target:
    """A table that is written: what is set in it, as it comes together.

    `grows` says that the write adds the columns that the table lacks.
    """

    def __init__(
        self,
        parts: Sequence[str],
        table: Table,
        columns: list[str] | None,
        *,
        made_from: Relation | None = None,
    ) -> None:
        self.parts = list(parts)
        self._made_from = made_from
        self.table = table
        self.columns = columns
        self.set: dict[str, Origins] = {}
        self.assigned: set[str] = set()
        """What was set since somebody emptied this."""
        self.always: set[str] | None = None
        """What is set of all rows that were there; None where of each that is written."""
        self.rests: list[Rest] = []
        self.bearing = Origins()
        self.grows = False
        self.computed: Mapping[str, exp.Expr] = {}
        """Generated columns, each with its expression."""
        self.listed = columns
        """The columns that values without names go into, by their position."""

    def relation(self) -> Relation:
        """The table as something to read from; that it is read shows in the edges alone.

        What is read from a temporary table is read from what it was made from.
        """
        if self._made_from is not None:
            return self._made_from
        return of_table(self.table, self.columns).with_reads(())

    def put(self, name: str, origins: Origins) -> None:
        """Say that a column is set from `origins`, among others."""
        name = self._stored(name)
        spelled = next(
            (own for own in self.columns or () if own.casefold() == name.casefold()), name
        )
        self.set[spelled] = union(self.set.get(spelled, Origins()), origins)
        self.assigned.add(spelled)

    def branch(self, *, deletes: bool = False) -> None:
        """Know that what was assigned last is all that is set of some rows that were there."""
        assigned = set() if deletes else set(self.assigned)
        self.always = assigned if self.always is None else self.always & assigned

    def _stored(self, name: str) -> str:
        """The column of the table behind a query that is written through, or of a temporary one."""
        if self._made_from is None or self._made_from.reads != {self.table}:
            return name
        found = [source for each in self._made_from.find(name) for source in each.origins.sources]
        return found[0].column if len(found) == 1 else name

    def written(self) -> Relation:
        """All of it, the columns in the table's order where that is known."""
        order = {name: place for place, name in enumerate(self.columns or ())}
        names = sorted(self.set, key=lambda name: order.get(name, len(order)))
        items: list[Item] = [Column(name, self.set[name]) for name in names]
        return Relation([*items, *self.rests], bearing=self.bearing)


_SKIP_COMPUTED: Final = frozenset({"sqlite", "duckdb", "tsql", "fabric"})
"""Dialects in which values by position leave generated columns out."""
_WRITES_THROUGH: Final = frozenset({"tsql", "fabric"})
"""Dialects in which a write into a common table expression goes into the table behind it."""


def _behind(parts: Sequence[str], through: Relation, scope: Scope) -> Target:
    if len(through.reads) != 1:
        raise UnsupportedError(f"a write through {parts[0]}, which is made of several tables,")
    (table,) = through.reads
    columns = scope.analysis.catalog.columns(table)
    target = Target(list(table.name), table, columns, made_from=through)
    target.bearing = union(through.bearing)
    return target


def target_of(node: exp.Expr, scope: Scope) -> Target:
    """The table that a write names."""
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table) or not isinstance(
        table.this, exp.Identifier | exp.Var | exp.Parameter
    ):
        raise UnsupportedError(f"a write into {node.key.upper()}")
    parts = sources.table_parts(table, scope)
    catalog = scope.analysis.catalog
    through = scope.cte(parts[0]) if len(parts) == 1 else None
    if through is not None and scope.analysis.dialect.name in _WRITES_THROUGH:
        return _behind(parts, through, scope)
    temporary = catalog.temporary(parts)
    if isinstance(temporary, View):
        raise UnsupportedError(f"a write through the view {parts[-1]}")
    if temporary is not None:
        names = None if temporary.rests else [column.name for column in temporary.columns]
        target = Target(parts, Table(tuple(parts)), names, made_from=temporary)
    else:
        found = catalog.table(parts)
        if found is None or found is GIVEN:
            raise UnsupportedError(f"a write into {'.'.join(parts)}")
        if len(parts) == 1 and catalog.is_searched(found):
            reason = f"{parts[0]} may be in another schema of the search path"
            scope.analysis.doubts[reason] = None
        target = Target(parts, found, catalog.columns(found))
    target.computed = catalog.reactions.computed(catalog.key(parts))
    if target.columns is not None and scope.analysis.dialect.name in _SKIP_COMPUTED:
        target.listed = [name for name in target.columns if name not in target.computed]
    return target


def finish(
    target: Target,
    mode: Mode,
    scope: Scope,
    *,
    rows: computed.Rows = "new",
    empties: bool = False,
    reads: Iterable[Table] = (),
) -> None:
    """Keep the write. `empties` says that no row is left of those before."""
    if target.computed:
        computed.fill(target, scope, rows)
        reads = [*reads, *own_reads(target)]
    relation = target.written()
    scope.analysis.doubts.update(relation.doubts())
    write = Write(
        target.table,
        mode,
        "TRUNCATE" if empties else None,
        lineage=relation.lineage(),
        columns=None if target.columns is None or target.grows else tuple(target.columns),
    )
    scope.analysis.wrote(write, target.parts, relation)
    if target.grows:
        scope.analysis.catalog.put(target.table, None)
    scope.reads.update(dict.fromkeys(reads))


_RETURNING_ALONE: Final = frozenset({"sqlite", "duckdb"})
"""Dialects in which RETURNING sees nothing but the table that is written."""


def returning(node: exp.Expr, target: Target, scope: Scope, alias: str | None = None) -> Relation:
    """What RETURNING gives: columns of the target as they are after the write."""
    clause = node.args.get("returning")
    if clause is None:
        return Relation(reads=scope.reads)
    items: list[Item] = []
    for item in target.relation().items:
        set_to = target.set.get(item.name) if isinstance(item, Column) else None
        if isinstance(item, Column) and set_to:
            is_kept = target.always is not None and item.name not in target.always
            kept = [item.origins] if is_kept else []
            item = Column(item.name, union(*kept, set_to))
        items.append(item)
    written = Relation(items)
    named = Named([alias] if alias else target.parts, written)
    others = [source for source in scope.sources if source.parts != named.parts]
    if scope.analysis.dialect.name in _RETURNING_ALONE:
        others = []
    # OUTPUT of SQL Server and RETURNING of PostgreSQL know the row before and after by these names.
    others += [Named([name], written, qualified_only=True) for name in ("inserted", "new")]
    before = target.relation()
    others += [Named([name], before, qualified_only=True) for name in ("deleted", "old")]
    after = Scope(scope.analysis, scope, sources=[named, *others])
    given = project(clause.expressions, after)
    # What chose the rows that were written chose those that are given back.
    relation = Relation(given, bearing=target.bearing, reads=scope.reads | after.reads)
    into = clause.args.get("into")
    if into:
        _keep(into, relation, scope)
    return relation


def _keep(node: exp.Expr, rows: Relation, scope: Scope) -> None:
    """OUTPUT … INTO of SQL Server: rows that are written go into another table, too."""
    table = node.this if isinstance(node, exp.Schema) else node
    parts = sources.table_parts(table, scope) if isinstance(table, exp.Table) else [""]
    if parts[-1].startswith("@") and scope.analysis.catalog.temporary(parts) is None:
        return  # a variable that was declared where nobody saw it
    kept = target_of(node, scope)
    place(kept, column_list(node, scope) or kept.listed, rows)
    kept.bearing.take(rows.bearing)
    origins = [item.origins for item in rows.columns]
    finish(
        kept, "append", scope, reads={source.table for each in origins for source in each.sources}
    )


def own_reads(*targets: Target) -> list[Table]:
    """Those of the targets of which columns were read."""
    sources: set[Table] = set()
    for target in targets:
        written = target.written()
        for origins in (*(column.origins for column in written.columns), written.bearing):
            sources |= {source.table for source in origins.sources}
    return [target.table for target in targets if target.table in sources]


def column_list(node: exp.Expr, scope: Scope) -> list[str] | None:
    """The columns that a statement names behind the table."""
    if not isinstance(node, exp.Schema):
        return None
    fold = scope.analysis.dialect.fold
    return [fold(bare(each)) for each in node.expressions]


def place(target: Target, names: Sequence[str] | None, relation: Relation) -> None:
    """Each column of the source into the column that has its place."""
    if names is None:
        if relation.items:
            target.bearing.doubt(
                f"the columns of {said(target.table)} are not known, and INSERT goes by position"
            )
        return
    for name, item in zip(names, relation.items, strict=False):
        if isinstance(item, Rest):
            target.bearing.doubt(f"INSERT goes by position, and {_unknown(item)}")
            return
        target.put(name, item.origins)


def _unknown(rest: Rest) -> str:
    return "; ".join(rest.as_doubt().doubts) or "not all columns are known"


def assign(
    node: exp.Expr, target: Target, scope: Scope, *, inserted: Relation | None = None
) -> None:
    """One assignment of SET: to a column, or to several from one row."""
    if not isinstance(node, exp.EQ | exp.PropertyEQ):
        raise UnsupportedError(f"an assignment by {node.key.upper()}")
    left, right = node.this, node.expression
    fold = scope.analysis.dialect.fold
    if not isinstance(left, exp.Tuple):
        name, is_part = _assigned(left, scope)
        value = _value(right, scope, inserted)
        target.put(name, part_of(value) if is_part else value)
        return
    names = [fold(bare(each)) for each in left.expressions]
    inner = right.unnest() if isinstance(right, exp.Subquery | exp.Paren) else right
    is_row = isinstance(inner, exp.Anonymous) and inner.name.upper() == "ROW"
    if isinstance(inner, exp.Tuple) or is_row:
        for name, value in zip(names, inner.expressions, strict=False):
            target.put(name, _value(value, scope, inserted))
        return
    relation = read_query(right, scope)
    scope.reads.update(dict.fromkeys(relation.reads))
    for name, item in zip(names, relation.items, strict=False):
        origins = item.origins if isinstance(item, Column) else item.as_doubt()
        target.put(name, union(origins, relation.bearing))


def part_of(value: Origins) -> Origins:
    """A value that becomes a part of another."""
    origins = Origins()
    origins.take(value, TRANSFORMATION)
    return origins


def _assigned(node: exp.Expr, scope: Scope) -> tuple[str, bool]:
    """The column that SET names, and whether only a field or an element of it is set."""
    is_part = False
    while isinstance(node, exp.Bracket | exp.Dot):
        node, is_part = node.this, True
    fold = scope.analysis.dialect.fold
    names = [fold(part) for part in node.parts] if isinstance(node, exp.Column) else [node.name]
    for length in range(len(names) - 1, 0, -1):
        if scope.source(names[:length]) is not None:
            return names[length], is_part or len(names) > length + 1
    return names[0], is_part or len(names) > 1


def bare(node: exp.Expr) -> exp.Expr:
    """The identifier of a column that is written."""
    return node.this if isinstance(node, exp.Column) else node


def _value(node: exp.Expr, scope: Scope, inserted: Relation | None) -> Origins:
    """A value of SET. MySQL's VALUES(column) is the value that was to be inserted."""
    if isinstance(node, exp.Column) and node.sql().upper() == "DEFAULT":
        return Origins()
    called = isinstance(node, exp.Anonymous) and str(node.this).upper() == "VALUES"
    if inserted is None or not (
        called or any(_is_values(each) for each in node.find_all(exp.Anonymous))
    ):
        return trace(node, scope)
    copy = node.copy()
    holder = exp.Paren(this=copy)
    for each in list(holder.find_all(exp.Anonymous)):
        if _is_values(each):
            each.replace(exp.column(each.expressions[0].name, table="excluded"))
    return trace(holder.this, scope)


def _is_values(node: exp.Anonymous) -> bool:
    return str(node.this).upper() == "VALUES" and len(node.expressions) == 1


def alias_of(node: exp.Expr) -> str | None:
    """The name that a statement gives its target."""
    return node.alias or None
