"""From an expression to the columns it depends on, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.model import Transformation
from headwater.shipping.sql.origins import (
    AGGREGATION,
    CONDITIONAL,
    COUNTED,
    IDENTITY,
    MASKED,
    SORT,
    TRANSFORMATION,
    WINDOW,
    Origins,
    compose,
)
from headwater.shipping.sql.relations import Column
from headwater.shipping.sql.scope import Aliases, Scope, whole

Visit = Callable[[exp.Expr | list[exp.Expr] | None, Transformation], None]

_SAME: Final = (
    exp.Paren,
    exp.Alias,
    exp.Ordered,
    exp.Distinct,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.Where,
    exp.Having,
    exp.Qualify,
    exp.Limit,
    exp.Offset,
)
"""Nodes whose value is that of what they hold."""

_NO_COLUMNS: Final = (
    exp.Identifier,
    exp.Literal,
    exp.Var,
    exp.Null,
    exp.Boolean,
    exp.DataType,
    exp.Placeholder,
    exp.Parameter,
    exp.SessionParameter,
    exp.JSONPath,
)

_PER_ROW: Final = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
"""Functions that the parser counts among the aggregates, and that hand on one row's value."""

_ORDERED_VALUES: Final = (exp.PercentileCont, exp.PercentileDisc, exp.Mode, exp.Quantile)
"""Aggregates whose value is what they are ordered by, WITHIN GROUP."""

_HASHES: Final = tuple(
    getattr(exp, name)
    for name in ("MD5", "MD5Digest", "SHA", "SHA1Digest", "SHA2", "SHA2Digest", "FarmFingerprint",
                 "CityHash64")
    if hasattr(exp, name)
)  # fmt: skip
_HASH_NAMES: Final = frozenset(
    {"hash", "md5", "md5_number", "md5_number_lower", "md5_number_upper", "sha1", "sha224",
     "sha256", "sha384", "sha512", "sha2", "crc32", "xxhash64", "murmur_hash", "murmur3", "digest",
     "hmac", "mask", "hashbytes", "checksum", "binary_checksum", "ora_hash", "standard_hash"}
)  # fmt: skip
_AGGREGATE_NAMES: Final = frozenset(
    {"list", "histogram", "product", "arg_min", "arg_max", "argmin", "argmax", "min_by", "max_by",
     "first", "last", "any_value", "median", "mad", "favg", "fsum", "kahan_sum", "string_agg",
     "group_concat", "listagg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "every",
     "approx_count_distinct", "approx_quantile", "reservoir_quantile", "quantile_cont",
     "quantile_disc", "entropy", "kurtosis", "skewness", "sem", "regr_slope", "regr_intercept",
     "regr_r2", "regr_count", "json_group_array", "json_group_object", "total", "json_agg",
     "jsonb_agg", "json_object_agg", "jsonb_object_agg", "xmlagg", "array_agg", "collect_list",
     "collect_set", "range_agg", "grouping", "grouping_id", "percentile", "percentile_approx",
     "countif", "count_if", "sumif", "avgif", "geomean", "geometric_mean"}
)  # fmt: skip
_BRANCHING: Final = {"iff": 1, "if": 1, "nvl2": 1, "choose": 1, "elt": 1, "decode": 1}
"""Functions of which the leading arguments only decide between the others."""


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
        elif isinstance(current, exp.Parameter) and scope.analysis.dialect.name == "snowflake":
            if len(scope.sources) == 1:
                out.take(scope.sources[0].numbered(current.name), how)
        elif not _rows(current, scope, how, out):
            _operator(current, how, visit)
    return out


def _rows(node: exp.Expr, scope: Scope, how: Transformation, out: Origins) -> bool:
    """What stands for rows in place of a value: a query, EXISTS, a star. False if it is none."""
    if isinstance(node, exp.Query | exp.Values):
        _subquery(node, scope, how, out)
    elif isinstance(node, exp.Exists) and isinstance(node.this, exp.Query):
        _exists(node.this, scope, how, out)
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
    indirect = compose(how, WINDOW)
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


def _operator(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """A function or operator over its operands."""
    if isinstance(node, _NO_COLUMNS):
        return
    special = _SPECIAL.get(type(node))
    if special is not None:
        special(node, how, visit)
    elif isinstance(node, _SAME):
        for child in node.iter_expressions():
            visit(child, how)
    elif isinstance(node, exp.Count | exp.CountIf | exp.ApproxDistinct):
        _children(node, compose(how, COUNTED), visit)
    elif isinstance(node, exp.AggFunc) and not isinstance(node, _PER_ROW):
        _children(node, compose(how, AGGREGATION), visit)
    elif isinstance(node, exp.Anonymous):
        _anonymous(node, how, visit)
    elif isinstance(node, _HASHES):
        _children(node, compose(how, MASKED), visit)
    else:
        _children(node, compose(how, TRANSFORMATION), visit)


def _children(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    for child in node.iter_expressions():
        if isinstance(child, exp.Star) and isinstance(node, exp.Count):
            continue
        visit(child, how)


def _anonymous(node: exp.Anonymous, how: Transformation, visit: Visit) -> None:
    name = str(node.this).casefold()
    if name in _AGGREGATE_NAMES:
        _children(node, compose(how, AGGREGATION), visit)
    elif name in _HASH_NAMES:
        _children(node, compose(how, MASKED), visit)
    else:
        deciding = _BRANCHING.get(name, 0)
        visit(node.expressions[:deciding], compose(how, CONDITIONAL))
        visit(node.expressions[deciding:], compose(how, TRANSFORMATION))


def _case(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    visit(node.this, compose(how, CONDITIONAL))
    visit(node.args.get("ifs"), how)
    visit(node.args.get("default"), compose(how, TRANSFORMATION))


def _if(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    visit(node.this, compose(how, CONDITIONAL))
    visit(node.args.get("true"), compose(how, TRANSFORMATION))
    visit(node.args.get("false"), compose(how, TRANSFORMATION))


def _null_if(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    visit(node.this, compose(how, TRANSFORMATION))
    visit(node.expression, compose(how, CONDITIONAL))


def _decode(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """DECODE(operand, match, value, …, default)."""
    operand, *pairs = node.expressions
    visit(operand, compose(how, CONDITIONAL))
    for number, each in enumerate(pairs):
        decides = number % 2 == 0 and number < len(pairs) - 1
        visit(each, compose(how, CONDITIONAL if decides else TRANSFORMATION))


def _filter(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """An aggregate with FILTER (WHERE …), which is a CASE within it."""
    visit(node.this, how)
    visit(node.expression, compose(how, CONDITIONAL))


def _order(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """The order of values within an aggregate."""
    visit(node.this, how)
    visit(node.expressions, compose(how, SORT) if isinstance(node.this, exp.Expr) else how)


def _within_group(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    visit(node.this, how)
    takes_value = isinstance(node.this, _ORDERED_VALUES) or not _has_columns(node.this)
    visit(node.expression, compose(how, AGGREGATION if takes_value else SORT))


def _having_max(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    visit(node.this, how)
    visit(node.expression, compose(how, CONDITIONAL))


def _combined(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """An aggregate of ClickHouse with a suffix: what stands last in sumIf(…) only decides."""
    values, deciding = node.expressions, node.expressions[:0]
    if node.name.endswith("If"):
        values, deciding = values[:-1], values[-1:]
    visit(values, compose(how, AGGREGATION))
    visit(deciding, compose(how, CONDITIONAL))


def _named_argument(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """An argument or field with its name, which is no column."""
    visit(node.expression, compose(how, TRANSFORMATION))


def _field(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    visit(node.this, compose(how, TRANSFORMATION))
    if not isinstance(node.expression, exp.Identifier | exp.Column):
        visit(node.expression, compose(how, TRANSFORMATION))


def _has_columns(node: exp.Expr) -> bool:
    return node.find(exp.Column) is not None


_SPECIAL: Final[dict[type[exp.Expr], Callable[[exp.Expr, Transformation, Visit], None]]] = {
    exp.Case: _case,
    exp.If: _if,
    exp.Nvl2: _if,
    exp.Nullif: _null_if,
    exp.DecodeCase: _decode,
    exp.Filter: _filter,
    exp.Order: _order,
    exp.WithinGroup: _within_group,
    exp.HavingMax: _having_max,
    exp.CombinedAggFunc: _combined,
    exp.Kwarg: _named_argument,
    exp.PropertyEQ: _named_argument,
    exp.Dot: _field,
}


def aggregates(node: exp.Expr) -> bool:
    """Whether an expression holds an aggregate or a window: GROUP BY ALL leaves it out."""
    within = node.walk(prune=lambda each: isinstance(each, exp.Query))
    return any(_is_aggregate(each) for each in within)


def _is_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).casefold() in _AGGREGATE_NAMES
    return isinstance(node, exp.AggFunc | exp.Window)
