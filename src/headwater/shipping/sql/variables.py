"""Variables of a script: what DECLARE, SET and SELECT … INTO put into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import Table
from headwater.shipping.sql.origins import Origins, union
from headwater.shipping.sql.queries import read_query
from headwater.shipping.sql.relations import Column, Relation
from headwater.shipping.sql.scope import Scope


def declare(node: exp.Declare, scope: Scope) -> None:
    """DECLARE: variables with what they begin as; a variable of a table type is a temporary table.

    A cursor is no variable.
    """
    fold = scope.analysis.dialect.fold
    for item in node.expressions:
        kind, default = item.args.get("kind"), item.args.get("default")
        for each in item.this if isinstance(item.this, list) else [item.this]:
            if isinstance(kind, exp.Schema):
                columns = [fold(column.this) for column in kind.find_all(exp.ColumnDef)]
                empty = Relation([Column(name, Origins()) for name in columns])
                scope.analysis.catalog.put_temporary([f"@{each.name}"], empty)
            else:
                _put([each], default if isinstance(default, exp.Expr) else None, scope)


def set_variables(node: exp.Set, scope: Scope) -> None:
    """SET: each variable, or several from one row. A setting of the engine is kept like one."""
    for item in node.expressions:
        pair = item.this
        if not isinstance(pair, exp.EQ):
            continue
        left = pair.this
        _put(left.expressions if isinstance(left, exp.Tuple) else [left], pair.expression, scope)


def selected(node: exp.Select) -> list[exp.Expr]:
    """The variables that `SELECT @a = x, @b = y` of SQL Server sets; none if it is a query."""
    pairs = [each for each in node.expressions if isinstance(each, exp.EQ)]
    names: list[exp.Expr] = [pair.this for pair in pairs if isinstance(pair.this, exp.Parameter)]
    return names if len(names) == len(node.expressions) else []


_NO_TABLES: Final = frozenset({"oracle", "mysql", "snowflake"})
"""Dialects in which SELECT … INTO makes no table: what it names are variables of a block."""


def behind_into(node: exp.Into, scope: Scope) -> list[exp.Expr]:
    """The variables that SELECT … INTO names; none if it is a table."""
    if node.expressions:
        return list(node.expressions)
    name = node.this.this
    is_variable = scope.analysis.dialect.name in _NO_TABLES or isinstance(name, exp.Parameter)
    return [name] if is_variable else []


def select_into(names: Sequence[exp.Expr], relation: Relation, scope: Scope) -> None:
    """Put the columns of a row into variables, each into the one that has its place."""
    for name, item in zip(names, relation.items, strict=False):
        origins = item.origins if isinstance(item, Column) else item.as_doubt()
        _know(name, union(origins, relation.bearing), relation.reads, scope)


def _put(names: Sequence[exp.Expr], value: exp.Expr | None, scope: Scope) -> None:
    within = Scope(scope.analysis, scope)
    if len(names) > 1 and isinstance(value, exp.Query):
        relation = read_query(value, within)
        scope.reads.update(dict.fromkeys(relation.reads))
        if len(relation.items) == len(names):
            select_into(names, relation, scope)
            return
    origins = trace(value, within)
    scope.reads.update(within.reads)
    for name in names:
        _know(name, origins, within.reads, scope)


def _know(name: exp.Expr, origins: Origins, reads: Iterable[Table], scope: Scope) -> None:
    value = Relation([Column(name.name, origins)], reads=reads)
    scope.analysis.catalog.put_variable(name.name, value)
