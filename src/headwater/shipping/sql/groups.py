"""GROUP BY and DISTINCT ON: what rows are put together by, and which row a column is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.operators import aggregates
from headwater.shipping.sql.origins import CONDITIONAL, GROUP_BY, Origins, union
from headwater.shipping.sql.relations import Column, Item, Rest
from headwater.shipping.sql.scope import Scope


def group(node: exp.Select, scope: Scope, items: Sequence[Item], bearing: Origins) -> None:
    """Add what the rows of a query are put together by to what bears on them."""
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        bearing.take(trace(distinct.args["on"], scope, GROUP_BY))
    elif distinct is not None:
        for item in items:
            bearing.take(item.origins if isinstance(item, Column) else item.as_doubt(), GROUP_BY)
    clause = node.args.get("group")
    if clause is None:
        return
    if clause.args.get("all"):
        for projection in node.expressions:
            if not aggregates(projection):
                bearing.take(trace(projection, scope, GROUP_BY))
    for part in ("expressions", "grouping_sets", "cube", "rollup"):
        for listed in _listed(clause.args.get(part)):
            for each in _expressions(listed):
                bearing.take(ordinal(each, items) or Origins(), GROUP_BY)
            bearing.take(trace(listed, scope, GROUP_BY))


def having(node: exp.Select, scope: Scope) -> exp.Expr | None:
    """HAVING, with the expressions that its aliases stand for.

    Within an aggregate, and where a column is grouped by, a name is a column before it is an alias.
    Any other column has no one value there: the alias of its name is meant.
    """
    clause: exp.Expr | None = node.args.get("having")
    if clause is None or not scope.analysis.dialect.aliases_in_having:
        return clause
    fold = scope.analysis.dialect.fold
    named = {
        fold(each.args["alias"]).casefold(): each.this
        for each in node.expressions
        if isinstance(each, exp.Alias)
    }
    kept = {fold(each.this).casefold() for each in _grouped(node, named) if _is_bare_name(each)}
    replaced = clause.copy()
    for each in list(replaced.walk(prune=lambda inner: isinstance(inner, exp.Query | exp.AggFunc))):
        name = fold(each.this).casefold() if _is_bare_name(each) else ""
        if name not in named:
            continue
        if name not in kept:
            each.replace(exp.Paren(this=named[name].copy()))
        elif named[name] != each and scope.analysis.dialect.name not in _GROUPED_FIRST:
            scope.analysis.doubts[f"{name} in HAVING may be a column or an alias"] = None
    return replaced


_GROUPED_FIRST: Final = frozenset({"duckdb", "mysql"})
"""Dialects of which it is known that a column that is grouped by goes before an alias."""


def _is_bare_name(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and len(node.parts) == 1 and not node.find(exp.Star)


def _grouped(node: exp.Select, named: Mapping[str, exp.Expr]) -> Iterator[exp.Expr]:
    """What a query is grouped by, with what aliases and numbers stand for."""
    clause = node.args.get("group")
    if clause is None:
        return
    if clause.args.get("all"):
        yield from (each.unalias() for each in node.expressions if not aggregates(each))
    for part in ("expressions", "grouping_sets", "cube", "rollup"):
        for listed in _listed(clause.args.get(part)):
            for each in listed.walk(prune=lambda inner: isinstance(inner, exp.Column)):
                if isinstance(each, exp.Literal) and each.this.isdigit():
                    yield from (one.unalias() for one in node.expressions[: int(each.this)][-1:])
                elif _is_bare_name(each):
                    yield each
                    yield named.get(each.name.casefold(), each)


def of_extreme_row(node: exp.Select, items: list[Item], scope: Scope) -> list[Item]:
    """Columns beside the one MAX or MIN of a query in SQLite: they are of the row that it chooses.

    See "Bare columns in an aggregate query" of SQLite's SELECT.
    """
    clause = node.args.get("group")
    found = [
        each
        for part in (*node.expressions, node.args.get("having"), node.args.get("order"))
        if part is not None
        for each in part.walk(prune=lambda inner: isinstance(inner, exp.Query | exp.Window))
        if isinstance(each, exp.Max | exp.Min) and not each.expressions
    ]
    if len(found) != 1:
        return items
    key = trace(found[0].this, scope, CONDITIONAL)
    kept = [trace(each, scope) for each in clause.expressions] if clause is not None else []
    return [
        Column(item.name, union(item.origins, key), named=item.named)
        if isinstance(item, Column) and _is_bare(item.origins, kept)
        else item
        for item in items
    ]


def _is_bare(origins: Origins, kept: Sequence[Origins]) -> bool:
    """Whether a column is of one row of a group: neither what is grouped by nor an aggregate."""
    aggregated = any(
        how.subtype == "AGGREGATION" for hows in origins.sources.values() for how in hows
    )
    return bool(origins.sources) and not aggregated and origins not in kept


def _listed(part: object) -> list[exp.Expr]:
    return [each for each in part if isinstance(each, exp.Expr)] if isinstance(part, list) else []


def _expressions(node: exp.Expr) -> Iterator[exp.Expr]:
    """What is grouped by, out of the brackets and sets of `ROLLUP ((1, 2), 3)`."""
    if isinstance(node, exp.Paren):
        yield from _expressions(node.this)
    elif isinstance(node, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
        for each in node.expressions:
            yield from _expressions(each)
    else:
        yield node


def ordinal(node: exp.Expr, items: Sequence[Item]) -> Origins | None:
    """The column that a number in GROUP BY or ORDER BY means."""
    inner = node.this if isinstance(node, exp.Ordered) else node
    if not isinstance(inner, exp.Literal) or inner.is_string or not inner.this.isdigit():
        return None
    if int(inner.this) == 0:  # SQLite takes it for a constant behind GROUP BY
        return None
    before = items[: int(inner.this)]
    if len(before) < int(inner.this) or any(isinstance(item, Rest) for item in before):
        unknown = Origins()
        unknown.doubt(f"column {inner.this} is not known by its number")
        return unknown
    return before[-1].origins
