"""What gives several columns in the list of a SELECT: all fields of a value, some functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.functions import MAKING_ROWS, how_often
from headwater.shipping.sql.origins import TRANSFORMATION, Origins, union
from headwater.shipping.sql.relations import Column, Item, Rest
from headwater.shipping.sql.scope import Scope


def generated(node: exp.Expr, scope: Scope) -> list[Item] | None:
    """The columns of such a projection, under the names that it gives them; None if it has one."""
    inner = node.this if isinstance(node, exp.Alias | exp.Aliases) else node
    items = _items(inner, scope)
    if items is None or not isinstance(node, exp.Aliases):
        return items
    names = [scope.analysis.dialect.fold(alias) for alias in node.args["expressions"]]
    known = [item.origins for item in items if isinstance(item, Column)]
    rest = [item.as_doubt() for item in items if isinstance(item, Rest)]
    origins = [*known, *(union(*rest) for _ in names[len(known) :])]
    return [Column(name, each) for name, each in zip(names, origins, strict=False)]


_UNNESTING: Final = (exp.Explode, exp.Posexplode, exp.Inline, exp.ExplodingGenerateSeries)
_POSTGRES: Final = frozenset({"postgres", "redshift", "materialize", "risingwave"})


def multiplied(expressions: Sequence[exp.Expr], scope: Scope) -> Origins:
    """What says how often each row is there: lists that are unnested among the columns."""
    bearing = Origins()
    for each in expressions:
        for node in each.walk(prune=lambda inner: isinstance(inner, exp.Query)):
            if _makes_rows(node, scope):
                bearing.take(how_often(list(node.iter_expressions()), scope))
    return bearing


def _makes_rows(node: exp.Expr, scope: Scope) -> bool:
    if isinstance(node, exp.Anonymous):
        name = str(node.this).casefold()
        return name == "inline_outer" or (
            name in MAKING_ROWS and scope.analysis.dialect.name in _POSTGRES
        )
    # UNNEST of a struct gives its fields, in one row.
    if not isinstance(node, _UNNESTING) or isinstance(node, exp.Stack):
        return False
    return not isinstance(node.this.unnest(), exp.Struct)


def _items(node: exp.Expr, scope: Scope) -> list[Item] | None:
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star):
        return _fields(node.this, scope)
    if isinstance(node, exp.Explode) and scope.analysis.dialect.name == "duckdb":
        return _unnested(node, scope)
    if isinstance(node, exp.Stack):
        return _stacked(node, scope)
    if isinstance(node, exp.Posexplode | exp.PosexplodeOuter):
        return [Column("pos", Origins()), Rest(origins=_made(node.this, scope))]
    if isinstance(node, exp.Inline):
        return _fields(node.this, scope)
    if isinstance(node, exp.Anonymous):
        return _called(node, scope)
    return None


def _called(node: exp.Anonymous, scope: Scope) -> list[Item] | None:
    name = str(node.this).casefold()
    if name == "inline_outer":
        return _fields(node.expressions[0], scope)
    if name == "json_tuple":
        document, *paths = node.expressions
        made = _made(document, scope)
        return [Column(f"c{number}", union(made)) for number in range(len(paths))]
    return None


def _made(node: exp.Expr, scope: Scope) -> Origins:
    return trace(node, scope, TRANSFORMATION)


def _fields(node: exp.Expr, scope: Scope) -> list[Item]:
    """The fields of a value, or of the structs in a list; which they are, a type may say alone."""
    held = trace(node.unnest(), scope)
    if held.fields:
        return [Column(name, origins) for name, origins in held.fields.items()]
    made = Origins()
    made.take(held, TRANSFORMATION)
    return [Rest(origins=made)]


def _unnested(node: exp.Explode, scope: Scope) -> list[Item] | None:
    """UNNEST of DuckDB: a column for a list, one for each field of a struct."""
    inner = node.this.unnest()
    held = trace(inner, scope)
    if isinstance(inner, exp.Struct) or node.expressions:  # `recursive := true`, `max_depth := 2`
        return _fields(inner, scope)
    if held.fields and isinstance(inner, exp.Column):
        return [Rest(origins=held)]
    return None


def _stacked(node: exp.Stack, scope: Scope) -> list[Item] | None:
    """STACK(n, …) of Spark: the values in n rows."""
    values: Sequence[exp.Expr] = node.expressions
    if not isinstance(node.this, exp.Literal) or not node.this.this.isdigit():
        return None
    rows = int(node.this.this) or 1
    width = -(-len(values) // rows)
    return [
        Column(f"col{place}", union(*(_made(each, scope) for each in values[place::width])))
        for place in range(width)
    ]
