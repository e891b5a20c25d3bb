"""SELECT, set operations and VALUES: what their columns are made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql import pivots, sources
from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.generators import multiplied
from headwater.shipping.sql.groups import group, having, of_extreme_row, ordinal
from headwater.shipping.sql.limits import RECURSION_ROUNDS_MAX
from headwater.shipping.sql.origins import FILTER, GROUP_BY, SORT, Origins, union
from headwater.shipping.sql.projections import project
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.sql.scope import Aliases, Scope

_RECURSIVE_UNSAID: Final = frozenset(
    {"sqlite", "tsql", "fabric", "oracle", "snowflake", "teradata"}
)
"""Dialects in which a query may name itself without the word RECURSIVE."""


def read_query(node: exp.Expr, outer: Scope) -> Relation:
    """The relation that a query gives, with what surrounds it visible from within."""
    outer.analysis.spend()
    if isinstance(node, exp.Subquery):
        return _parenthesised(node, outer)
    if isinstance(node, exp.Select):
        return _select(node, outer)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, outer)
    if isinstance(node, exp.Values):
        return sources.values(node, outer)
    if isinstance(node, exp.Pivot):
        scope = with_ctes(node, outer)
        return pivots.statement(node, sources.relation_of(node.this, scope), scope)
    if isinstance(node, exp.Table):
        scope = with_ctes(node, outer)
        sources.add_from(node, scope)
        return _everything(scope)
    if isinstance(node, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        return outer.analysis.write(node, outer)
    raise UnsupportedError(f"{node.key.upper()} as a query")


def with_ctes(node: exp.Expr, outer: Scope) -> Scope:
    """A scope that has the common table expressions of a statement."""
    scope = Scope(outer.analysis, outer)
    with_ = node.args.get("with_")
    if with_ is None:
        return scope
    recursive = (
        bool(with_.args.get("recursive")) or outer.analysis.dialect.name in _RECURSIVE_UNSAID
    )
    for cte in with_.expressions:
        _add_cte(cte, scope, recursive=recursive)
    return scope


def _add_cte(cte: exp.CTE, scope: Scope, *, recursive: bool) -> None:
    fold = scope.analysis.dialect.fold
    alias = cte.args["alias"]
    name = fold(alias.this)
    columns = [fold(column) for column in alias.args.get("columns") or []]
    body = cte.this
    if cte.args.get("scalar"):
        scope.values[name.casefold()] = body
        return
    if recursive and _names(body, name):
        scope.ctes[name.casefold()] = _recursive(body, name, columns, scope)
    else:
        scope.ctes[name.casefold()] = read_query(body, scope).renamed(columns)


def _names(body: exp.Expr, name: str) -> bool:
    """Whether a set operation has a table of this name in a FROM."""
    inner = body.unnest() if isinstance(body, exp.Subquery) else body
    return isinstance(inner, exp.SetOperation) and any(
        table.name.casefold() == name.casefold() and not table.db
        for table in inner.find_all(exp.Table)
    )


def _recursive(body: exp.Expr, name: str, columns: Sequence[str], scope: Scope) -> Relation:
    """A query over its own rows: read until nothing new is found."""
    known = Relation([Rest(origins=Origins())])
    for _ in range(RECURSION_ROUNDS_MAX):
        scope.ctes[name.casefold()] = known
        found = read_query(body, scope).renamed(columns)
        if _same(found, known):
            return found
        known = found
    raise UnsupportedError(f"{name} names itself in a way that comes to no end")


def _same(a: Relation, b: Relation) -> bool:
    if len(a.items) != len(b.items) or a.bearing != b.bearing or a.reads != b.reads:
        return False
    for left, right in zip(a.items, b.items, strict=True):
        if isinstance(left, Column) != isinstance(right, Column) or left.origins != right.origins:
            return False
    return True


def _parenthesised(node: exp.Subquery, outer: Scope) -> Relation:
    scope = with_ctes(node, outer)
    if isinstance(node.this, exp.Table) or node.args.get("joins") or node.args.get("pivots"):
        sources.add_from(node, scope)
        relation = _everything(scope)
    else:
        relation = read_query(node.this, scope)
    return _ordered(node, relation, scope)


def _everything(scope: Scope) -> Relation:
    bearing = union(*(source.relation.bearing for source in scope.sources))
    return Relation(project([exp.Star()], scope), bearing=bearing, reads=scope.reads)


def _select(node: exp.Select, outer: Scope) -> Relation:
    if node.args.get("match"):
        raise UnsupportedError("MATCH_RECOGNIZE")
    environment = with_ctes(node, outer)
    scope = Scope(outer.analysis, environment)
    for window in node.args.get("windows") or []:
        scope.windows[window.name.casefold()] = window
    bearing = sources.read_from(node, scope)
    for name, value in environment.values.items():
        scope.aliases[name] = trace(value, scope)
    items = project(node.expressions, scope, exclude=node.args.get("exclude"))
    in_where: Aliases = "after" if outer.analysis.dialect.aliases_in_where else "never"
    for part in ("where", "prewhere", "connect"):
        bearing.take(trace(node.args.get(part), scope, FILTER, aliases=in_where))
    for condition in (having(node, scope), node.args.get("qualify")):
        bearing.take(_condition(condition, scope))
    bearing.take(multiplied(node.expressions, scope))
    if str(node.args.get("kind") or "").upper() == "VALUE":
        items = _fields(items)
    if scope.analysis.dialect.name == "sqlite":
        items = of_extreme_row(node, items, scope)
    group(node, scope, items, bearing)
    relation = Relation(items, bearing=bearing, reads=environment.reads | scope.reads)
    return _ordered(node, relation, scope)


def _fields(items: list[Item]) -> list[Item]:
    """SELECT AS VALUE of BigQuery: of a struct, its fields are the columns."""
    value = items[0] if len(items) == 1 else None
    if not isinstance(value, Column) or not value.origins.fields:
        return items
    return [Column(name, origins) for name, origins in value.origins.fields.items()]


def _condition(node: exp.Expr | None, scope: Scope) -> Origins:
    return trace(node, scope, FILTER)


def _ordered(node: exp.Expr, relation: Relation, scope: Scope) -> Relation:
    """What ORDER BY and its kin, LIMIT and OFFSET add."""
    bearing = union(relation.bearing)
    aliases: Aliases = "after" if scope.analysis.dialect.columns_in_order else "before"
    for part in ("order", "sort", "distribute", "cluster"):
        order = node.args.get(part)
        for each in order.expressions if order is not None else []:
            if _is_all(each):
                for column in relation.columns:
                    bearing.take(column.origins, SORT)
                continue
            named = _named_output(each, relation, scope)
            if named is not None:
                bearing.take(named, SORT)
                continue
            bearing.take(ordinal(each, relation.items) or Origins(), SORT)
            bearing.take(trace(each, scope, SORT, aliases=aliases))
    for part in ("limit", "offset"):
        limit = node.args.get(part)
        if limit is not None:
            bearing.take(_condition(limit.expression, scope))
            for each in limit.expressions:  # LIMIT n BY key of ClickHouse
                bearing.take(trace(each, scope, GROUP_BY))
    reads = relation.reads | scope.reads.keys()
    return Relation(relation.items, bearing=bearing, reads=reads)


def _named_output(node: exp.Expr, relation: Relation, scope: Scope) -> Origins | None:
    """The output column that ORDER BY names: it goes before those of FROM."""
    inner = node.this if isinstance(node, exp.Ordered) else node
    if not isinstance(inner, exp.Column) or inner.table:
        return None
    name = scope.analysis.dialect.fold(inner.this)
    found = relation.find(name)
    if not found:
        return None
    both = union(*(column.origins for column in found))
    if any(column.origins != both for column in found):
        both.doubt(f"{name} is the name of several columns")
    return both


def _is_all(node: exp.Expr) -> bool:
    inner = node.this if isinstance(node, exp.Ordered) else node
    return isinstance(inner, exp.Var) and inner.name.upper() == "ALL"


def _set_operation(node: exp.SetOperation, outer: Scope) -> Relation:
    """Queries one after another, from the first: long chains are no recursion."""
    scope = with_ctes(node, outer)
    chain: list[exp.SetOperation] = []
    first: exp.Expr = node
    while isinstance(first, exp.SetOperation) and (first is node or not first.args.get("with_")):
        chain.append(first)
        first = first.this
    relation = read_query(first, scope)
    for step in reversed(chain):
        relation = _combined(step, relation, read_query(step.expression, scope))
        within = Scope(scope.analysis, scope)
        within.aliases = {column.name.casefold(): column.origins for column in relation.columns}
        relation = _ordered(step, relation, within)
    return relation


def _combined(node: exp.SetOperation, left: Relation, right: Relation) -> Relation:
    bearing = union(left.bearing, right.bearing)
    reads = left.reads | right.reads
    # Rows are compared as a whole: each column of either side decides about all the others.
    compared = FILTER if isinstance(node, exp.Except | exp.Intersect) else GROUP_BY
    if compared is FILTER or node.args.get("distinct"):
        for item in (*left.items, *right.items):
            bearing.take(item.origins if isinstance(item, Column) else item.as_doubt(), compared)
    if isinstance(node, exp.Except):
        # What the right side has is taken away: no value comes from it.
        return Relation(left.items, bearing=bearing, reads=reads)
    items = _by_name(left, right) if node.args.get("by_name") else _by_position(left, right)
    return Relation(items, bearing=bearing, reads=reads)


def _by_name(left: Relation, right: Relation) -> list[Item]:
    items: list[Item] = []
    for column in left.columns:
        others = right.find(column.name)
        parts = [column.origins, *(other.origins for other in others)]
        if not others:
            parts += [
                found for rest in right.rests if (found := rest.find(column.name)) is not None
            ]
        items.append(Column(column.name, union(*parts), named=column.named))
    for column in right.columns:
        if not left.find(column.name):
            parts = [found for rest in left.rests if (found := rest.find(column.name)) is not None]
            items.append(Column(column.name, union(column.origins, *parts), named=column.named))
    return [*items, *left.rests, *right.rests]


def _by_position(left: Relation, right: Relation) -> list[Item]:
    """Each column of the left with the one in its place; from an unknown number on, a doubt."""
    items: list[Item] = []
    pairs = zip(left.items, right.items, strict=False)
    for number, (mine, other) in enumerate(pairs):
        if isinstance(mine, Column) and isinstance(other, Column):
            items.append(Column(mine.name, union(mine.origins, other.origins), named=mine.named))
        elif isinstance(mine, Rest) and isinstance(other, Rest) and _alike(mine, other):
            items.append(mine)
        else:
            return [*items, *_doubtful(left.items[number:], right.items[number:])]
    return items


def _alike(a: Rest, b: Rest) -> bool:
    if a.origins is not None or b.origins is not None:
        return a.origins == b.origins
    return a.tables == b.tables and a.hidden == b.hidden


def _doubtful(left: Sequence[Item], right: Sequence[Item]) -> list[Item]:
    """Columns whose places on the right are not known: any of those may be the one."""
    there = Origins()
    for item in right:
        there.take(item.origins if isinstance(item, Column) else item.as_doubt())
    there.doubt("a set operation goes by position, and not all columns are known")
    items: list[Item] = []
    for item in left:
        if isinstance(item, Column):
            items.append(Column(item.name, union(item.origins, there), named=item.named))
        else:
            found = item.as_doubt()
            items.append(Rest(origins=union(found, there), hidden=item.hidden))
            items += [Rest((table,), hidden=item.hidden) for table in item.tables]
    return items
