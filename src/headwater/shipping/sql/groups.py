"""GROUP BY and DISTINCT ON: what rows are put together by, and which row a column is of."""

from __future__ import annotations

from collections.abc import Sequence

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
    clause = node.args.get("group")
    if clause is None:
        return
    if clause.args.get("all"):
        for projection in node.expressions:
            if not aggregates(projection):
                bearing.take(trace(projection, scope, GROUP_BY))
    for part in ("expressions", "grouping_sets", "cube", "rollup"):
        for each in _listed(clause.args.get(part)):
            bearing.take(ordinal(each, items) or Origins(), GROUP_BY)
            bearing.take(trace(each, scope, GROUP_BY))


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
