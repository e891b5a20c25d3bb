"""Generated columns: what they are computed from, whenever their row is written."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.origins import Origins, union
from headwater.shipping.sql.relations import Column, Item, Relation
from headwater.shipping.sql.scope import Named, Scope

if TYPE_CHECKING:
    from headwater.shipping.sql.targets import Target


def declared(node: exp.Expr, fold: Callable[[exp.Expr], str]) -> dict[str, exp.Expr]:
    """The generated columns among those of a table's definition, each with its expression."""
    found: dict[str, exp.Expr] = {}
    for column in node.expressions if isinstance(node, exp.Schema) else ():
        value = expression_of(column)
        if value is not None:
            found[fold(column.this)] = value
    return found


def expression_of(column: exp.Expr) -> exp.Expr | None:
    """What a column's definition says that it is computed from; None of any other column."""
    for constraint in column.args.get("constraints") or ():
        kind = constraint.args.get("kind")
        if isinstance(kind, exp.ComputedColumnConstraint):
            return kind.this if isinstance(kind.this, exp.Expr) else None
        if isinstance(kind, exp.GeneratedAsIdentityColumnConstraint):
            value = kind.args.get("expression")
            return value if isinstance(value, exp.Expr) else None
    return None


Rows = Literal["new", "changed", "either"]
"""Whether what is set are columns of new rows, of rows that were there, or of some of both."""


def fill(target: Target, scope: Scope, rows: Rows) -> None:
    """Say what those generated columns come from that are computed from what is set.

    One may be computed from another.
    """
    for _ in target.computed:
        there = {name.casefold() for name in target.set}
        row = after(target.relation(), target.set, rows, target.always or ())
        for name, value in target.computed.items():
            if not names(value).isdisjoint(there):
                inside = Scope(scope.analysis, sources=[Named(target.parts, row)])
                target.put(name, trace(value, inside))


def names(value: exp.Expr) -> set[str]:
    """The columns that an expression names, in small letters."""
    return {column.name.casefold() for column in value.find_all(exp.Column)}


def after(
    before: Relation, changed: Mapping[str, Origins], rows: Rows, always: Container[str] = ()
) -> Relation:
    """A row as it is once these columns are set; `always` are those that are, either way."""
    items: list[Item] = [
        Column(name, origins) for name, origins in changed.items() if not before.find(name)
    ]
    known = {name.casefold(): origins for name, origins in changed.items()}
    for item in before.items:
        if not isinstance(item, Column):
            items += [] if rows == "new" else [item]
            continue
        made = known.get(item.name.casefold())
        is_set = made is not None and (rows == "changed" or item.name in always)
        own = Origins() if rows == "new" or is_set else item.origins
        items.append(Column(item.name, own if made is None else union(own, made)))
    return Relation(items)
