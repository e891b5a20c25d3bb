"""UPDATE and DELETE, alone or over joined tables."""

from __future__ import annotations

from sqlglot import exp

from headwater.shipping.sql import sources
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.origins import FILTER, SORT, Origins, union
from headwater.shipping.sql.relations import Column, Item, Relation
from headwater.shipping.sql.scope import Named, Scope
from headwater.shipping.sql.targets import (
    Target,
    alias_of,
    assign,
    finish,
    own_reads,
    returning,
    target_of,
)


def update(node: exp.Update, scope: Scope) -> Relation:
    """UPDATE: what each column is set from; the conditions bear on all rows."""
    target = _joined_target(node, scope)
    target.bearing.take(_chosen(node, scope))
    targets = {target.table: target}
    for each in node.expressions:
        assigned = _assigned(each, target, scope)
        assign(each, targets.setdefault(assigned.table, assigned), scope)
        if scope.analysis.dialect.name == "mysql" and len(scope.sources) == 1:
            # Assignments are done from left to right, and what is set is read by those behind.
            own = scope.sources[0]
            scope.sources[0] = Named(own.parts, _with_set(own.relation, target))
    written = [each for each in targets.values() if each.set]
    for each in written:
        each.bearing = union(target.bearing)
    for each in written:
        finish(each, "upsert", scope, rows="changed", reads=own_reads(*written))
    return returning(node, target, scope, alias_of(node.this))


def _with_set(relation: Relation, target: Target) -> Relation:
    """The row as it is once these columns are set."""
    items: list[Item] = [
        Column(name, origins) for name, origins in target.set.items() if not relation.find(name)
    ]
    for item in relation.items:
        set_to = target.set.get(item.name) if isinstance(item, Column) else None
        if isinstance(item, Column) and set_to is not None:
            item = Column(item.name, set_to)
        items.append(item)
    return relation.with_items(items)


def _chosen(node: exp.Expr, scope: Scope) -> Origins:
    """What decides which rows are written: WHERE, and what orders them before a LIMIT."""
    chosen = trace(node.args.get("where"), scope, FILTER)
    chosen.take(trace(node.args.get("order"), scope, SORT))
    limit = node.args.get("limit")
    chosen.take(trace(limit.expression if limit is not None else None, scope, FILTER))
    return chosen


def _joined_target(node: exp.Expr, scope: Scope) -> Target:
    """The target, with all that stands beside it in `scope`.

    `UPDATE a … FROM t a` names the target by its alias in FROM.
    """
    bearing = Origins()
    table = node.this
    from_ = node.args.get("from_")
    using = node.args.get("using")
    alias = _aliased(table, from_, scope)
    target = target_of(alias or table, scope)
    if alias is None:
        name = alias_of(table)
        scope.sources.append(Named([name] if name else target.parts, target.relation()))
        for part in ("joins", "laterals"):
            for each in table.args.get(part) or []:
                bearing.take(sources.join(each, scope))
    bearing.take(sources.read_from(node, scope))
    for each in using if isinstance(using, list) else []:
        bearing.take(sources.add_from(each, scope))
    if alias is not None:
        # That the target stands in FROM is no read of it; its columns in expressions are.
        scope.reads.pop(target.table, None)
    target.bearing.take(bearing)
    return target


def _aliased(table: exp.Table, from_: exp.Expr | None, scope: Scope) -> exp.Table | None:
    """The table in FROM that the target names: by alias, in SQL Server by its name too."""
    if from_ is None or table.args.get("db") or table.args.get("alias"):
        return None
    name = scope.analysis.dialect.fold(table.this).casefold()
    by_name = scope.analysis.dialect.name in {"tsql", "fabric"}
    for each in from_.walk(prune=lambda inner: isinstance(inner, exp.Select)):
        if isinstance(each, exp.Table):
            alias = each.alias.casefold()
            if alias == name or (by_name and not alias and each.name.casefold() == name):
                return each
    return None


def _assigned(node: exp.Expr, target: Target, scope: Scope) -> Target:
    """The table that an assignment is about, which in a joined UPDATE may be another."""
    left = node.this
    if not isinstance(left, exp.Column) or not left.table:
        return target
    fold = scope.analysis.dialect.fold
    source = scope.source([fold(part) for part in left.parts[:-1]])
    if source is None or len(source.relation.reads) != 1 or source.relation.reads == {target.table}:
        return target
    (table,) = source.relation.reads
    return Target(list(table.name), table, scope.analysis.catalog.columns(table))


def delete(node: exp.Delete, scope: Scope) -> Relation:
    """DELETE: no column is written; what decides bears on all that is left."""
    if node.args.get("tables") and not node.this:
        node.set("this", node.args["tables"][0])  # DELETE t WHERE …, without FROM
    elif node.args.get("tables"):
        return _delete_joined(node, scope)
    target = _joined_target(node, scope)
    target.bearing.take(_chosen(node, scope))
    chosen = any(node.args.get(part) for part in ("where", "using", "limit"))
    finish(target, "delete", scope, empties=not chosen, reads=own_reads(target))
    return returning(node, target, scope, alias_of(node.this))


def _delete_joined(node: exp.Delete, scope: Scope) -> Relation:
    """`DELETE a, b FROM t a JOIN u b …` of MySQL: from all that are named, by one condition."""
    from_ = exp.From(this=node.this)
    bearing = sources.add_from(node.this, scope)
    bearing.take(_chosen(node, scope))
    targets = [
        target_of(_aliased(named, from_, scope) or named, scope) for named in node.args["tables"]
    ]
    for target in targets:
        scope.reads.pop(target.table, None)
        target.bearing = bearing
    for target in targets:
        finish(target, "delete", scope, reads=own_reads(*targets))
    return returning(node, targets[0], scope)
