"""Values that hold others: which field is made from what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.model import Transformation
from headwater.shipping.sql.origins import (
    AGGREGATION,
    CONDITIONAL,
    IDENTITY,
    SORT,
    TRANSFORMATION,
    Origins,
)

Trace = Callable[[exp.Expr], Origins]

_SAME: Final = (exp.Alias, exp.Paren, exp.Limit, exp.Order, exp.IgnoreNulls, exp.Distinct,
                exp.Filter)  # fmt: skip
"""What hands on the value that it holds, or its order."""

_FIRST: Final = frozenset({"list", "array_agg", "collect_list", "collect_set", "any_value"})


def fields_of(node: exp.Expr, trace: Trace) -> Mapping[str, Origins] | None:
    """The fields of a struct, or of the structs in a list, as far as the expression says them.

    `trace` says what another expression depends on.
    """
    through: Transformation = IDENTITY
    deciding = Origins()
    while True:
        if isinstance(node, exp.Struct):
            return _composed(_said(node.expressions, trace), through, deciding)
        if isinstance(node, exp.Cast):
            return _composed(_cast(node, trace), through, deciding)
        if is_name(node):
            return _composed(trace(node).fields, through, deciding)
        for each in node.expressions if isinstance(node, exp.Order) else []:
            deciding.take(trace(each), SORT)
        if isinstance(node, exp.Filter):
            deciding.take(trace(node.expression), CONDITIONAL)
        inner = _within(node)
        if inner is None:
            return None
        if _is_aggregate(node):
            through = AGGREGATION
        node = inner


def names_field(node: exp.Expr) -> bool:
    """Whether an expression is a field of another: `(x).a`, `x['a']`."""
    if isinstance(node, exp.Dot):
        return isinstance(node.expression, exp.Identifier)
    names = node.expressions if isinstance(node, exp.Bracket) else []
    return len(names) == 1 and isinstance(names[0], exp.Literal) and bool(names[0].is_string)


def field_name(node: exp.Expr) -> str:
    """The field that such an expression names."""
    name = node.expression if isinstance(node, exp.Dot) else node.expressions[0]
    return str(name.name)


def is_name(node: exp.Expr) -> bool:
    """Whether an expression is a column or a field, of which another place knows the fields."""
    return isinstance(node, exp.Column) or names_field(node)


def inside(found: Origins, path: Sequence[str]) -> Origins:
    """What a field of a value is made from: what the field is, else the column that holds it."""
    for name in path:
        field = (found.fields or {}).get(name.casefold())
        if field is None:
            break
        found = field
    else:
        return found
    origins = Origins()
    origins.take(found, TRANSFORMATION)
    if sum(any(how.type == "DIRECT" for how in hows) for hows in found.sources.values()) > 1:
        origins.doubt(f"which of several columns the field {path[-1]} is made from is not said")
    return origins


def _within(node: exp.Expr) -> exp.Expr | None:
    """The one value that a list, an element of one, or an aggregate is made from."""
    if isinstance(node, _SAME):
        return _expr(node.this or next(iter(node.expressions), None))
    if isinstance(node, exp.Array) and len(node.expressions) == 1:
        return _expr(node.expressions[0])
    if isinstance(node, exp.Bracket):
        is_name = any(isinstance(each, exp.Literal) and each.is_string for each in node.expressions)
        return None if is_name else _expr(node.this)
    if _is_aggregate(node):
        return _expr(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this)
    return None


def _expr(node: object) -> exp.Expr | None:
    return node if isinstance(node, exp.Expr) else None


def _is_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).casefold() in _FIRST and len(node.expressions) == 1
    return isinstance(node, exp.ArrayAgg | exp.AnyValue | exp.First | exp.Last | exp.ArrayUniqueAgg)


def _said(values: Sequence[exp.Expr], trace: Trace) -> dict[str, Origins]:
    """Fields by their names: `x := a`, `a AS x`, or a column's own."""
    fields: dict[str, Origins] = {}
    for each in values:
        value = each.expression if isinstance(each, exp.PropertyEQ) else each.unalias()
        name = each.this.name if isinstance(each, exp.PropertyEQ) else each.alias_or_name
        if name:
            fields[name.casefold()] = _field(value, trace)
    return fields


def _cast(node: exp.Cast, trace: Trace) -> Mapping[str, Origins] | None:
    """A row that a type gives names to: `CAST(ROW(a, b) AS ROW(x int, y int))`."""
    row = node.this
    is_row = isinstance(row, exp.Anonymous) and row.name.casefold() == "row"
    if not (isinstance(row, exp.Struct | exp.Tuple) or is_row):
        return None
    names = [each.name for each in node.to.expressions if isinstance(each, exp.ColumnDef)]
    values = row.expressions
    if len(names) != len(values):
        return None
    return {
        name.casefold(): _field(value, trace) for name, value in zip(names, values, strict=True)
    }


def _field(value: exp.Expr, trace: Trace) -> Origins:
    found = trace(value)
    field = Origins()
    field.take(found, TRANSFORMATION)
    field.fields = found.fields
    return field


def _composed(
    fields: Mapping[str, Origins] | None, through: Transformation, deciding: Origins
) -> Mapping[str, Origins] | None:
    """The fields after an aggregate, of which `deciding` chooses and orders the values."""
    if fields is None or (through is IDENTITY and not deciding.sources):
        return fields
    composed: dict[str, Origins] = {}
    for name, origins in fields.items():
        composed[name] = Origins()
        composed[name].take(origins, through)
        composed[name].take(deciding)
        composed[name].fields = _composed(origins.fields, through, deciding)
    return composed
