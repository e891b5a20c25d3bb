"""From an expression to the columns it depends on, and how."""

from __future__ import annotations

from sqlglot import exp

from headwater.shipping.sql.model import Transformation
from headwater.shipping.sql.operators import Visit, apply
from headwater.shipping.sql.origins import IDENTITY, SORT, TRANSFORMATION, WINDOW, Origins, compose
from headwater.shipping.sql.relations import Column
from headwater.shipping.sql.scope import Aliases, Scope, whole


def trace(
    node: exp.Expr | None,
    scope: Scope,
    through: Transformation = IDENTITY,
    *,
    aliases: Aliases = "after",
    star: Column | None = None,
) -> Origins:
    """What an expression depends on. `star` is what COLUMNS(…) stands for in it.

    Goes without recursion, however long a chain of operators is.
    """
    out = Origins()
    bound: frozenset[str] = frozenset()
    stack: list[tuple[exp.Expr, Transformation, frozenset[str]]] = []

    def visit(child: exp.Expr | list[exp.Expr] | None, how: Transformation) -> None:
        children = child if isinstance(child, list) else [child]
        stack.extend((each, how, bound) for each in children if isinstance(each, exp.Expr))

    visit(node, through)
    while stack:
        current, how, bound = stack.pop()
        scope.analysis.spend()
        if isinstance(current, exp.Column):
            _column(current, scope, how, bound, aliases, out)
        elif isinstance(current, exp.Columns):
            if star is not None:
                out.take(star.origins, how)
        elif isinstance(current, exp.Lambda | exp.Comprehension):
            names = current.expressions or [current.args.get("expression")]
            bound |= {name.name.casefold() for name in names if name is not None}
            visit(list(current.iter_expressions()), compose(how, TRANSFORMATION))
        elif isinstance(current, exp.Window):
            _window(current, scope, how, visit)
        elif isinstance(current, exp.Parameter):
            _parameter(current, scope, how, out)
        elif not _rows(current, scope, how, out):
            apply(current, how, visit)
    return out


def _parameter(node: exp.Parameter, scope: Scope, how: Transformation, out: Origins) -> None:
    """A variable of the script, a column by its number, or a parameter: that is no column."""
    if scope.analysis.dialect.name == "snowflake" and node.name.isdigit():
        if len(scope.sources) == 1:
            out.take(scope.sources[0].numbered(node.name), how)
        return
    found = scope.variable(node.name)
    if found is not None:
        out.take(found, how)


def _rows(node: exp.Expr, scope: Scope, how: Transformation, out: Origins) -> bool:
    """What stands for rows in place of a value: a query, EXISTS, a star. False if it is none."""
    if isinstance(node, exp.Query | exp.Values):
        _subquery(node, scope, how, out)
    elif isinstance(node, exp.Exists) and isinstance(node.this, exp.Query):
        _exists(node.this, scope, how, out)
    elif isinstance(node, exp.Anonymous) and str(node.this).casefold() == "getvariable":
        found = scope.variable(node.expressions[0].name) if node.expressions else None
        out.take(found or Origins(), how)
    elif isinstance(node, exp.Star):
        for source in scope.sources:
            if not source.hidden:
                out.take(whole(source.relation), how)
    else:
        return False
    return True


def _column(
    node: exp.Column,
    scope: Scope,
    how: Transformation,
    bound: frozenset[str],
    aliases: Aliases,
    out: Origins,
) -> None:
    fold = scope.analysis.dialect.fold
    if isinstance(node.this, exp.Star):
        source = scope.source([fold(part) for part in node.parts[:-1]])
        if source is not None:
            out.take(whole(source.relation), how)
        return
    if isinstance(node.this, exp.Parameter):
        source = scope.source([fold(part) for part in node.parts[:-1]])
        out.take(source.numbered(node.this.name) if source is not None else Origins(), how)
        return
    names = [fold(part) for part in node.parts]
    if names[0].casefold() in bound:
        return
    if _is_text(node, scope):
        return
    found = scope.resolve(names, aliases)
    scope.analysis.spend(len(found.sources))
    out.take(found, how)


def _is_text(node: exp.Column, scope: Scope) -> bool:
    """Whether a double-quoted name is a text: SQLite takes it so where no column has the name."""
    if scope.analysis.dialect.name != "sqlite" or len(node.parts) > 1:
        return False
    if not node.this.args.get("quoted"):
        return False
    at: Scope | None = scope
    while at is not None:
        for source in at.sources:
            if source.relation.rests or source.relation.find(node.name):
                return False
        if node.name.casefold() in at.aliases:
            return False
        at = at.parent
    return True


def _subquery(node: exp.Expr, scope: Scope, how: Transformation, out: Origins) -> None:
    """A query in place of a value: its columns, and all that decides about its rows."""
    relation = scope.analysis.query(node, scope)
    scope.reads.update(dict.fromkeys(relation.reads))
    for item in relation.items:
        out.take(item.origins if isinstance(item, Column) else item.as_doubt(), how)
    out.take(relation.bearing, how)


def _exists(node: exp.Expr, scope: Scope, how: Transformation, out: Origins) -> None:
    """EXISTS asks for rows alone: what the query selects does not count."""
    relation = scope.analysis.query(node, scope)
    scope.reads.update(dict.fromkeys(relation.reads))
    out.take(relation.bearing, how)


def _window(node: exp.Window, scope: Scope, how: Transformation, visit: Visit) -> None:
    """A window function: its arguments, then what makes the window, named ones followed."""
    visit(node.this, compose(how, TRANSFORMATION))
    # KEEP (DENSE_RANK LAST ORDER BY …) of Oracle is no window: it orders within an aggregate.
    indirect = compose(how, SORT if node.args.get("over") == "KEEP" else WINDOW)
    followed: set[str] = set()
    at: exp.Window | None = node
    while at is not None:
        for part in ("partition_by", "order", "spec"):
            visit(at.args.get(part), indirect)
        base = at.args.get("alias")
        if base is None or base.name in followed:
            break
        followed.add(base.name)
        at = scope.window(base.name)
