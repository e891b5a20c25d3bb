"""What a column of a query is called where nobody named it."""

from __future__ import annotations

from typing import Final

from sqlglot import ErrorLevel, exp

from headwater.shipping.sql.dialects import Dialect
from headwater.shipping.sql.limits import MADE_UP_CHARS_MAX

_POSTGRES: Final = frozenset({"postgres", "redshift", "materialize", "risingwave"})


def column_name(node: exp.Expr, dialect: Dialect) -> tuple[str, bool]:
    """The name of a projection, and whether the statement itself gives it."""
    inner = node.unnest() if isinstance(node, exp.Paren) else node
    if isinstance(inner, exp.Alias):
        return dialect.fold(inner.args["alias"]), True
    if isinstance(inner, exp.Column) and isinstance(inner.this, exp.Identifier):
        return dialect.fold(inner.this), True
    if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Identifier):
        return dialect.fold(inner.expression), True
    if dialect.name in _POSTGRES:
        return _postgres(inner), True
    if isinstance(inner, exp.Subquery):
        return column_name(_first(inner), dialect)
    text = inner.sql(dialect.name or None, comments=False, unsupported_level=ErrorLevel.IGNORE)
    return (text if len(text) <= MADE_UP_CHARS_MAX else f"{text[:MADE_UP_CHARS_MAX]}…"), False


def _first(query: exp.Subquery) -> exp.Expr:
    """What the first column of a scalar subquery is."""
    selects = query.selects
    return selects[0] if selects and not isinstance(selects[0], exp.Subquery) else exp.null()


def _postgres(node: exp.Expr) -> str:
    """The name by PostgreSQL's rule (`FigureColname`): the outermost function, column or type."""
    if isinstance(node, exp.Cast):
        inner = node.this
        if isinstance(inner, exp.Column | exp.Func) and not isinstance(inner, exp.Cast):
            return _postgres(inner)
        return node.to.sql("postgres").lower()
    if isinstance(node, exp.Column):
        name: str = node.name
        return name
    if isinstance(node, exp.Window | exp.Filter | exp.WithinGroup | exp.Paren | exp.Collate):
        return _postgres(node.this)
    if isinstance(node, exp.Subquery):
        first = _first(node)
        return first.alias if isinstance(first, exp.Alias) else _postgres(first)
    if isinstance(node, exp.Case | exp.Exists | exp.Array):
        return type(node).__name__.lower()
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    if isinstance(node, exp.Connector | exp.Binary | exp.Unary):
        return "?column?"
    if isinstance(node, exp.Func):
        return node.sql("postgres").partition("(")[0].lower()
    return "?column?"
