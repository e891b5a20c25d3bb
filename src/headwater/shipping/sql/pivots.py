"""PIVOT and UNPIVOT: rows to columns and back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.origins import CONDITIONAL, FILTER, GROUP_BY, Origins, union
from headwater.shipping.sql.projections import project
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.sql.scope import Named, Scope


def apply(node: exp.Pivot, relation: Relation, outer: Scope) -> Relation:
    """A relation after the PIVOT or UNPIVOT that stands behind it."""
    scope = Scope(outer.analysis, outer, sources=[Named([], relation)])
    if node.args.get("unpivot"):
        return _unpivot(node, relation, scope)
    fields = [each for each in node.args.get("fields") or [] if isinstance(each, exp.In)]
    keys = [each.this for each in fields]
    fold = outer.analysis.dialect.fold
    names = [fold(column) for column in node.args.get("columns") or []]
    queried = [query for each in fields for query in _queried(each)]
    for query in queried:
        scope.reads.update(dict.fromkeys(outer.analysis.query(query, outer).reads))
    return _pivot(relation, scope, node.expressions, keys, None if queried else names, None)


def _queried(node: exp.In) -> list[exp.Expr]:
    """The query that says which values PIVOT makes columns of."""
    said = [node.args.get("query"), *node.expressions]
    return [each for each in said if isinstance(each, exp.Query)]


def statement(node: exp.Pivot, relation: Relation, outer: Scope) -> Relation:
    """The PIVOT and UNPIVOT of DuckDB, which are statements."""
    scope = Scope(outer.analysis, outer, sources=[Named([], relation)])
    if node.args.get("unpivot"):
        return _unpivot_statement(node, relation, scope)
    keys: list[exp.Expr] = []
    names: list[str] | None = []
    for each in node.expressions:
        keys.append(each.this if isinstance(each, exp.In) else each)
        queried = _queried(each) if isinstance(each, exp.In) else []
        for query in queried:
            scope.reads.update(dict.fromkeys(outer.analysis.query(query, outer).reads))
        if names is not None and isinstance(each, exp.In) and not queried:
            names += [value.name for value in each.expressions]
        else:
            names = None
    using = node.args.get("using") or []
    if len(using) > 1 or len(keys) > 1 or any(isinstance(each, exp.Alias) for each in using):
        names = _crossed(names, using) if len(keys) == 1 else None
    group = node.args.get("group")
    return _pivot(relation, scope, using, keys, names, group)


def _crossed(names: Sequence[str] | None, using: Sequence[exp.Expr]) -> list[str] | None:
    """With several aggregates, or one with an alias, a column is called `value_alias`."""
    if names is None or not all(isinstance(each, exp.Alias) for each in using):
        return None
    return [f"{name}_{each.alias}" for name in names for each in using]


def _pivot(
    relation: Relation,
    scope: Scope,
    aggregates: Sequence[exp.Expr],
    keys: Sequence[exp.Expr],
    names: Sequence[str] | None,
    group: exp.Expr | None,
) -> Relation:
    """What is neither aggregated nor turned stays, and is grouped by.

    Each new column is made from what is aggregated, on the condition of the keys.
    """
    used = {
        column.name.casefold()
        for node in (*aggregates, *keys)
        for column in node.find_all(exp.Column)
    }
    kept: list[Item] = []
    if group is not None:
        kept += [Column(each.name, trace(each, scope)) for each in group.expressions]
    else:
        for item in relation.items:
            if isinstance(item, Rest):
                kept.append(item.hiding(used))
            elif item.name.casefold() not in used:
                kept.append(item)
    bearing = union(relation.bearing)
    for item in kept:
        if isinstance(item, Column):
            bearing.take(item.origins, GROUP_BY)
    made = [_made(each, keys, scope) for each in aggregates]
    items: list[Item] = list(kept)
    if names:
        for number, name in enumerate(names):
            items.append(Column(name, made[number % len(made)] if made else Origins()))
    else:
        items.append(Rest(origins=_unnamed(made)))
    return Relation(items, bearing=bearing, reads=relation.reads | scope.reads.keys())


def _made(aggregate: exp.Expr, keys: Sequence[exp.Expr], scope: Scope) -> Origins:
    origins = trace(aggregate, scope)
    for key in keys:
        origins.take(trace(key, scope, CONDITIONAL))
    return origins


def _unnamed(made: Sequence[Origins]) -> Origins:
    origins = union(*made)
    origins.doubt("the columns that PIVOT makes depend on the data")
    return origins


def _unpivot(node: exp.Pivot, relation: Relation, scope: Scope) -> Relation:
    items = list(relation.items)
    used: set[str] = set()
    made: list[Item] = []
    values = [
        identifier
        for each in node.expressions
        for identifier in (each.expressions if isinstance(each, exp.Tuple) else [each.unnest()])
    ]
    for field in node.args.get("fields") or []:
        groups = _turned(field.expressions, scope)
        if groups is None:
            return _unknown(relation)
        used |= {column.name.casefold() for group in groups for column in group}
        made.append(Column(scope.analysis.dialect.fold(_identifier(field.this)), Origins()))
        for place, value in enumerate(values):
            parts = [group[place].origins for group in groups if place < len(group)]
            made.append(Column(scope.analysis.dialect.fold(_identifier(value)), union(*parts)))
    if node.args.get("value_columns_first"):
        made = [*made[1:], *made[:1]]
    kept = [_hidden(item, used) for item in items if _stays(item, used)]
    bearing = _turned_alone(node, relation, made)
    return Relation([*kept, *made], bearing=bearing, reads=relation.reads)


def _turned_alone(node: exp.Pivot, relation: Relation, values: Sequence[Item]) -> Origins:
    """What bears on an UNPIVOT: a value that is NULL has no row, unless it says INCLUDE NULLS."""
    bearing = union(relation.bearing)
    if not node.args.get("include_nulls"):
        for each in values:
            bearing.take(each.origins if isinstance(each, Column) else each.as_doubt(), FILTER)
    return bearing


def _columns(node: exp.Expr) -> list[exp.Expr]:
    inner = node.this if isinstance(node, exp.PivotAlias | exp.Alias) else node
    return list(inner.expressions) if isinstance(inner, exp.Tuple) else [inner.unnest()]


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _stays(item: Item, used: set[str]) -> bool:
    return isinstance(item, Rest) or item.name.casefold() not in used


def _hidden(item: Item, used: set[str]) -> Item:
    return item.hiding(used) if isinstance(item, Rest) else item


def _unpivot_statement(node: exp.Pivot, relation: Relation, scope: Scope) -> Relation:
    into = node.args.get("into")
    name, values = "name", ["value"]
    if into is not None:
        name = into.this.name
        values = [each.name for each in into.expressions]
    groups = _turned(node.expressions, scope)
    if groups is None:
        return _unknown(relation)
    used = {column.name.casefold() for group in groups for column in group}
    kept = [_hidden(item, used) for item in relation.items if _stays(item, used)]
    made = [Column(name, Origins())]
    for place, value in enumerate(values):
        parts = [group[place].origins for group in groups if place < len(group)]
        made.append(Column(value, union(*parts)))
    bearing = _turned_alone(node, relation, made)
    return Relation([*kept, *made], bearing=bearing, reads=relation.reads)


def _turned(nodes: Sequence[exp.Expr], scope: Scope) -> list[list[Column]] | None:
    """What UNPIVOT turns to a row each: a column, several in brackets, each of COLUMNS(…).

    None where a star stands for columns that nobody knows.
    """
    groups: list[list[Column]] = []
    for node in nodes:
        inner = node.this if isinstance(node, exp.PivotAlias | exp.Alias) else node
        if not inner.find(exp.Columns, exp.Star):
            groups.append([Column(each.name, trace(each, scope)) for each in _columns(node)])
            continue
        items = project([inner], scope)
        if any(isinstance(item, Rest) for item in items):
            return None
        groups += [[item] for item in items if isinstance(item, Column)]
    return groups


def _unknown(relation: Relation) -> Relation:
    """A relation of which nobody knows the columns that UNPIVOT turns."""
    every = Origins()
    for item in relation.items:
        every.take(item.origins if isinstance(item, Column) else item.as_doubt())
    every.doubt("which columns UNPIVOT turns is not known")
    return Relation([Rest(origins=every)], bearing=relation.bearing, reads=relation.reads)
