"""What a function or operator does with its operands: which give the value, which decide."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.model import Transformation
from headwater.shipping.sql.origins import (
    AGGREGATION,
    CONDITIONAL,
    COUNTED,
    MASKED,
    SORT,
    TRANSFORMATION,
    compose,
)

Visit = Callable[[exp.Expr | list[exp.Expr] | None, Transformation], None]
"""What is called for each operand, with how it goes into the value."""

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

_COUNTS: Final = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.Grouping, exp.GroupingId)
"""Aggregates from which no value can be read; GROUPING says whether there is one."""

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
     "countif", "count_if", "sumif", "avgif", "geomean", "geometric_mean",
     "ratio_to_report"}
)  # fmt: skip
_BY_KEY: Final = frozenset(
    {"arg_min", "arg_max", "argmin", "argmax", "min_by", "max_by", "arg_min_null", "arg_max_null"}
)
"""Aggregates of which the second argument chooses the row."""
_IF: Final = re.compile(r"If(OrNull|OrDefault|State|Merge)*$")
"""How aggregates of ClickHouse end that take a condition."""
_BRANCHING: Final = {"iff": 1, "if": 1, "nvl2": 1, "choose": 1, "elt": 1, "decode": 1}
"""Functions of which the leading arguments only decide between the others."""


def apply(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """A function or operator over its operands."""
    if isinstance(node, _NO_COLUMNS):
        return
    special = _SPECIAL.get(type(node))
    if special is not None:
        special(node, how, visit)
    elif isinstance(node, _SAME):
        for child in node.iter_expressions():
            visit(child, how)
    elif isinstance(node, _COUNTS):
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
    if name in _BY_KEY:
        visit(node.expressions[:1], compose(how, AGGREGATION))
        visit(node.expressions[1:], compose(how, CONDITIONAL))
    elif name in _AGGREGATE_NAMES:
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


def _by_key(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """MAX_BY(value, key): the key only decides which value it is."""
    visit(node.this, compose(how, AGGREGATION))
    visit(node.expression, compose(how, CONDITIONAL))


def _of_clickhouse(node: exp.Expr, how: Transformation, visit: Visit) -> None:
    """An aggregate of ClickHouse, by its name: what stands last in sumIf(…) only decides.

    Of `quantile(0.9)(v)` the parser has the arguments as `params`.
    """
    name = node.name
    values = node.args.get("params") or node.expressions
    deciding = values[:0]
    if _IF.search(name):
        values, deciding = values[:-1], values[-1:]
    if name.startswith(("argMax", "argMin")):
        values, deciding = values[:1], [*values[1:], *deciding]
    counts = name.startswith(("uniq", "count"))
    visit(values, compose(how, COUNTED if counts else AGGREGATION))
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
    exp.ArgMax: _by_key,
    exp.ArgMin: _by_key,
    exp.AnonymousAggFunc: _of_clickhouse,
    exp.CombinedAggFunc: _of_clickhouse,
    exp.ParameterizedAgg: _of_clickhouse,
    exp.CombinedParameterizedAgg: _of_clickhouse,
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
