"""INSERT: rows by position or name, and what happens where a row is there already."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from headwater.shipping.sql import sources
from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.computed import Rows
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import GIVEN, Mode
from headwater.shipping.sql.origins import FILTER, JOIN, Origins, union
from headwater.shipping.sql.queries import read_query
from headwater.shipping.sql.relations import Relation
from headwater.shipping.sql.scope import Named, Scope
from headwater.shipping.sql.targets import (
    Target,
    assign,
    column_list,
    finish,
    own_reads,
    place,
    returning,
    target_of,
)


def insert(node: exp.Insert, scope: Scope) -> Relation:
    """INSERT: each column of the source into the column that has its name or place."""
    if isinstance(node.this, exp.Directory | exp.Func):
        raise UnsupportedError("INSERT into a directory or function")
    target = target_of(node.this, scope)
    names = column_list(node.this, scope)
    relation = _inserted(node, names or target.listed, scope)
    target.bearing = union(relation.bearing)
    partition = _partition(node, target, scope)
    if names is None and node.args.get("by_name"):
        _place_by_name(target, relation)
    else:
        place(target, names or _in_order(target, partition), relation)
    mode: Mode = "append"
    replaced = node.args.get("where")
    if replaced is not None:
        # INSERT … REPLACE WHERE of Databricks: the rows that fit go, the others stay.
        mode = "upsert"
        own = Scope(scope.analysis, scope, sources=[Named(target.parts, target.relation())])
        target.bearing.take(trace(replaced, own, FILTER))
    elif node.args.get("overwrite"):
        # A part of the table is replaced, what is in other partitions stays.
        mode = "upsert" if partition is not None else "overwrite"
    elif str(node.args.get("alternative") or "").upper() == "REPLACE":
        mode = "upsert"
    rows: Rows = "new"
    for conflict in (node.args.get("conflict"), *(node.args.get("conflicts") or [])):
        if conflict is not None:
            mode = "upsert" if conflict.expressions else mode
            rows = "either" if conflict.expressions else rows
            _on_conflict(conflict, node, target, relation, names, scope)
    finish(target, mode, scope, rows=rows, reads=[*relation.reads, *own_reads(target)])
    alias = _alias(node.this)
    return returning(node, target, scope, alias[0] if alias else None)


def _inserted(node: exp.Insert, names: Sequence[str] | None, scope: Scope) -> Relation:
    source = node.expression
    if source is None or node.args.get("default"):
        return Relation()
    if isinstance(source, exp.Tuple):
        source = exp.Values(expressions=[source])
    relation = read_query(source, scope)
    if isinstance(source, exp.Values):
        if all(_is_given(each, scope) for each in _cells(source)):
            return scope.analysis.catalog.given_as(names)
        return relation.with_reads({*relation.reads, GIVEN})
    return relation


def _is_given(node: exp.Expr, scope: Scope) -> bool:
    """Whether a cell is a parameter; a variable of the script is none."""
    if isinstance(node, exp.Parameter):
        return scope.analysis.catalog.variable(node.name) is None
    return isinstance(node, exp.Placeholder)


def _cells(rows: exp.Values) -> list[exp.Expr]:
    cells: list[exp.Expr] = []
    for row in rows.expressions:
        cells += row.expressions if isinstance(row, exp.Tuple) else [row]
    return [_uncast(cell) for cell in cells]


def _uncast(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Cast | exp.Paren):
        node = node.this
    return node


def _partition(node: exp.Insert, target: Target, scope: Scope) -> list[str] | None:
    """The partition columns that get a constant; None if no partition is named."""
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    partition = table.args.get("partition") or node.args.get("partition")
    if not isinstance(partition, exp.Partition):
        return None
    fixed = [each for each in partition.expressions if isinstance(each, exp.EQ)]
    names = [scope.analysis.dialect.fold(each.this.this) for each in fixed]
    for name, each in zip(names, fixed, strict=True):
        target.put(name, trace(each.expression, scope))
    return names


def _in_order(target: Target, partition: Sequence[str] | None) -> list[str] | None:
    if target.listed is None:
        return None
    fixed = {name.casefold() for name in partition or ()}
    return [name for name in target.listed if name.casefold() not in fixed]


def _place_by_name(target: Target, relation: Relation) -> None:
    for column in relation.columns:
        target.put(column.name, column.origins)
    for rest in relation.rests:
        target.rests.append(rest)


def _on_conflict(
    conflict: exp.OnConflict,
    node: exp.Insert,
    target: Target,
    relation: Relation,
    names: Sequence[str] | None,
    scope: Scope,
) -> None:
    """DO UPDATE SET, ON DUPLICATE KEY UPDATE: from what was to be inserted, and what is there.

    Both are joined by the keys that are named.
    """
    by_name = names is None and node.args.get("by_name")
    proposed = relation if by_name else relation.renamed(names or _in_order(target, None) or ())
    for key in conflict.args.get("conflict_keys") or []:
        for side in (target.relation(), proposed):
            if side.rests or all(side.find(each.name) for each in key.find_all(exp.Column)):
                within = Scope(scope.analysis, scope, sources=[Named(target.parts, side)])
                target.bearing.take(trace(key, within, JOIN))
    within = Scope(scope.analysis, scope)
    within.sources = [
        Named(_alias(node.this) or target.parts, target.relation()),
        Named(["excluded"], proposed, qualified_only=True),
    ]
    row = node.args.get("source") or _alias(node.expression)
    if isinstance(row, list):
        within.sources.append(Named(row, proposed, qualified_only=True))
    if scope.analysis.dialect.name == "mysql" and isinstance(node.expression, exp.Select):
        # MySQL's ON DUPLICATE KEY may name the tables that the rows are selected from.
        beside = Scope(scope.analysis, scope)
        sources.read_from(node.expression, beside)
        within.sources += [
            Named(each.parts, each.relation, qualified_only=True) for each in beside.sources
        ]
    target.assigned.clear()
    for each in conflict.expressions:
        assign(each, target, within, inserted=proposed)
    if conflict.expressions:
        target.branch()
    target.bearing.take(trace(conflict.args.get("where"), within, FILTER))
    scope.reads.update(within.reads)


def _alias(node: exp.Expr | None) -> list[str] | None:
    table = node.this if isinstance(node, exp.Schema) else node
    alias = table.args.get("alias") if isinstance(table, exp.Expr) else None
    return [alias.name] if isinstance(alias, exp.Expr) and alias.name else None


def insert_all(node: exp.MultitableInserts, outer: Scope) -> None:
    """INSERT ALL and INSERT FIRST: one query into several tables, on conditions."""
    relation = read_query(node.args["source"], outer)
    outer.reads.update(dict.fromkeys(relation.reads))
    scope = Scope(outer.analysis, outer, sources=[Named([], relation)])
    is_first = str(node.args.get("kind") or "").upper() == "FIRST"
    before = Origins()
    for each in node.expressions:
        insert = each.this
        target = target_of(insert.this, scope)
        names = column_list(insert.this, scope) or _in_order(target, None)
        condition = trace(each.args.get("expression"), scope, FILTER)
        target.bearing = union(relation.bearing, condition)
        if is_first or each.args.get("else_"):
            # A row gets here if it fits none of the conditions before.
            target.bearing.take(before)
        before.take(condition)
        rows = insert.expression
        if isinstance(rows, exp.Values):
            place(target, names, sources.values(rows, scope))
        else:
            place(target, names, relation)
        finish(target, "append", scope)
    outer.reads.update(scope.reads)
