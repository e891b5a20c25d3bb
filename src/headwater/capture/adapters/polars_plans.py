"""What one operation of polars does to columns, read from polars' own plan of it.

The operation is planned again on frames without rows, of the same columns: polars expands
wildcards, selectors and types itself, and nothing is computed, held or serialised. The plan's nodes
are those that polars shows to engines of others (`PyLazyFrame.visit`).

Functions of the user are never planned, for polars calls them to learn what they return: a column
of theirs has its roots, as `Expr.meta` names them, and makes the whole opaque.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from headwater.capture import origins
from headwater.capture.adapters.polars_arguments import is_written
from headwater.capture.origins import (
    AGGREGATION,
    CONDITIONAL,
    FILTER,
    GROUP_BY,
    IDENTITY,
    JOIN,
    SORT,
    TRANSFORMATION,
    WINDOW,
    Field,
    Origin,
)

_NONE: Final[frozenset[Field]] = frozenset()
_AGGREGATING: Final = frozenset({
    "quantile", "corr", "skew", "kurtosis", "entropy", "mode", "hist", "value_counts",
    "approx_n_unique", "null_count", "count", "any", "all", "arg_min", "arg_max",
})  # fmt: skip
_KEEPING: Final = frozenset({
    "reverse", "drop_nulls", "drop_nans", "unique", "gather_every", "top_k", "bottom_k", "sample_n",
    "sample_frac", "sample", "shuffle", "set_sorted", "rechunk", "to_physical",
})  # fmt: skip
"""Functions that choose among values or order them, and change none."""
_BY: Final = {"top_k_by": SORT, "bottom_k_by": SORT}
_INTERNAL: Final = "__POLARS"

Columns = Mapping[str, frozenset[Field]]
Literal = Callable[[Any], Origin | None]
"""Gives the origin of a series that stands in an expression; None where nobody knows."""


class Unseen(Exception):
    """A node of a plan that polars does not show, or that is not known here."""


class Plan:
    """A plan over inputs whose origins are known: frames of no rows, of one, of two, in order."""

    def __init__(
        self,
        frame: Any,
        inputs: Sequence[Origin],
        *,
        literal: Literal,
        roots: Mapping[str, list[str]],
    ) -> None:
        """Take a lazy frame over scans of frames with nothing in them, one for each of `inputs`.

        `roots` are the columns that go into an output whose expression polars does not show.
        """
        import polars

        flags = polars.QueryOptFlags.none()._pyoptflags
        self._nodes = frame._ldf.with_optimizations(flags).visit()
        self._inputs = list(inputs)
        self._read: set[int] = set()
        self._literal = literal
        self._roots = roots

    def origin(self) -> Origin:
        """Work out the origin of what the plan makes. Raises `Unseen`."""
        found = self._visit(self._nodes.get_node())
        if len(self._read) < len(self._inputs):
            raise Unseen("an input that does not stand in the plan")
        columns = found.columns
        if columns is None:
            return found
        return found._replace(
            columns={n: f for n, f in columns.items() if not n.startswith(_INTERNAL)}
        )

    def _visit(self, number: int) -> Origin:
        nodes = self._nodes
        nodes.set_node(number)
        try:
            node = nodes.view_current_node()
        except NotImplementedError as error:
            raise Unseen(str(error)) from None
        kind = type(node).__name__
        if kind == "DataFrameScan":
            return self._input(node.df.height())
        visit = getattr(self, f"_{kind.lower()}", None)
        if visit is None:
            raise Unseen(kind)
        return visit(node, number)  # type: ignore[no-any-return]

    def _input(self, place: int) -> Origin:
        """Give an input, which says by its height which one it is."""
        if place >= len(self._inputs):
            raise Unseen("a frame that is no input")
        self._read.add(place)
        return self._inputs[place]

    def _called(self, number: int) -> list[str]:
        """Name the columns that a node gives. Looking at types costs more than all the rest."""
        self._nodes.set_node(number)
        return list(self._nodes.get_schema())

    # Nodes of plans

    def _select(self, node: Any, _: int) -> Origin:
        return self._made(self._visit(node.input), node.expr, keep=False)

    def _hstack(self, node: Any, _: int) -> Origin:
        return self._made(self._visit(node.input), node.exprs, keep=True)

    def _made(self, origin: Origin, expressions: Any, *, keep: bool) -> Origin:
        walk = _Walk(self._nodes, origin, self._literal)
        made = dict(origin.columns or {}) if keep else {}
        for one in expressions:
            made[one.output_name] = self._output(walk, one, IDENTITY)
        found = walk.origin
        if origin.columns is None:
            return found
        return found._replace(columns=made)

    def _output(self, walk: _Walk, expression: Any, how: str) -> frozenset[Field]:
        name = str(expression.output_name)
        try:
            return walk.fields(expression.node, how)
        except Unseen:
            if name not in self._roots:
                raise
            return walk.origin.of(self._roots[name], TRANSFORMATION if how == IDENTITY else how)

    def _filter(self, node: Any, _: int) -> Origin:
        walk = _Walk(self._nodes, self._visit(node.input), self._literal)
        fields = walk.fields(node.predicate.node, FILTER)
        return walk.origin.shape(origins.through(fields, FILTER))

    def _sort(self, node: Any, _: int) -> Origin:
        walk = _Walk(self._nodes, self._visit(node.input), self._literal)
        fields = frozenset().union(*(walk.fields(one.node, SORT) for one in node.by_column))
        return walk.origin.shape(origins.through(fields, SORT))

    def _slice(self, node: Any, _: int) -> Origin:
        return self._visit(node.input)

    _cache = _sink = _slice

    def _simpleprojection(self, node: Any, number: int) -> Origin:
        return self._visit(node.input).keep(self._called(number))

    def _distinct(self, node: Any, _: int) -> Origin:
        origin = self._visit(node.input)
        return origin.shape(origin.of(node.options[1] or origin.columns or (), FILTER))

    def _groupby(self, node: Any, number: int) -> Origin:
        origin = self._visit(node.input)
        walk = _Walk(self._nodes, origin, self._literal)
        made: dict[str, frozenset[Field]] = {}
        keys = _NONE
        for one in node.keys:
            made[one.output_name] = walk.fields(one.node, IDENTITY)
            keys |= made[one.output_name]
        options = node.options
        for window in (options.dynamic, options.rolling):
            if window is not None:
                index = str(window.index_column)
                made.setdefault(index, origin.of([index], IDENTITY))
                keys |= made[index]
        for one in node.aggs:
            made[one.output_name] = self._output(walk, one, AGGREGATION)
        found = walk.origin
        if origin.columns is not None:
            found = found._replace(
                columns={name: made.get(name, _NONE) for name in self._called(number)}
            )
        return found.shape(origins.through(keys, GROUP_BY))

    def _join(self, node: Any, number: int) -> Origin:
        left, right = self._visit(node.input_left), self._visit(node.input_right)
        how, _, _, suffix, coalesce, _ = node.options
        kind = how if isinstance(how, str) else str(how[0])
        one, other = (_Walk(self._nodes, side, self._literal) for side in (left, right))
        keys = one.all(node.left_on) | other.all(node.right_on)
        whole = origins.merge(one.origin, other.origin)
        if whole.columns is None:
            return whole.shape(origins.through(keys, JOIN))
        if kind in ("Semi", "Anti"):
            return whole._replace(columns=left.columns).shape(origins.through(keys, JOIN))
        pairs = {
            str(a.output_name): str(b.output_name)
            for a, b in zip(node.left_on, node.right_on, strict=True)
        }
        columns = _side_by_side(left, right, pairs, kind, suffix, coalesce=bool(coalesce))
        made = whole._replace(
            columns={name: columns.get(name, _NONE) for name in self._called(number)}
        )
        if isinstance(how, tuple) and kind == "AsOf":
            by = [*(how[4] or ()), *(how[5] or ())]
            keys |= left.of(by, JOIN) | right.of(by, JOIN)
        if node.predicate is not None:
            keys |= _Walk(self._nodes, made, self._literal).fields(node.predicate.node, JOIN)
        return made.shape(origins.through(keys, JOIN))

    def _union(self, node: Any, number: int) -> Origin:
        whole = origins.merge(*(self._visit(one) for one in node.inputs))
        return whole.keep(self._called(number))

    def _hconcat(self, node: Any, number: int) -> Origin:
        return origins.merge(*(self._visit(one) for one in node.inputs)).keep(self._called(number))

    def _mergesorted(self, node: Any, number: int) -> Origin:
        left, right = self._visit(node.input_left), self._visit(node.input_right)
        keys = node.key if isinstance(node.key, list) else [node.key]
        shaped = left.of(keys, SORT) | right.of(keys, SORT)
        return origins.merge(left, right).keep(self._called(number)).shape(shaped)

    def _mapfunction(self, node: Any, number: int) -> Origin:
        origin = self._visit(node.input)
        name, *details = node.function
        if origin.columns is None:
            return origin
        called = self._called(number)
        if name == "explode":  # lists say how often each row is there
            return origin.keep(called).shape(origin.of(details[0], JOIN))
        if name in ("rechunk", "set_sorted"):
            return origin.keep(called)
        if name == "row_index":
            return origin.keep([one for one in called if one != details[0]]).put(details[0], _NONE)
        if name == "rename":
            return origin.rename(dict(zip(details[0], details[1], strict=True))).keep(called)
        if name == "unpivot":
            index, on, variable, value = details
            kept = origin.keep(index)
            return kept.put(variable, _NONE).put(
                value, origin.of(on or _others(origin, index), IDENTITY)
            )
        if name == "unnest":
            return self._unnested(origin, details[0], called)
        raise Unseen(f"MapFunction {name}")

    def _unnested(self, origin: Origin, structs: list[str], called: list[str]) -> Origin:
        """Members of structs, in place of them: those between columns that were there before."""
        before = list(origin.columns or ())
        made: dict[str, frozenset[Field]] = {}
        rest, at = list(called), 0
        for name in before:
            if name not in structs:
                at = rest.index(name, at) + 1
                made[name] = origin.of([name], IDENTITY)
        current = iter(structs)
        fields, last_known = _NONE, True
        for name in called:
            if name in made:
                last_known = True
            else:
                if last_known:
                    fields = origin.of([next(current, structs[-1])], TRANSFORMATION)
                last_known = False
                made[name] = fields if len(structs) == 1 else origin.of(structs, TRANSFORMATION)
        return origin._replace(columns={name: made[name] for name in called})


def _others(origin: Origin, names: Sequence[str]) -> list[str]:
    return [name for name in origin.columns or () if name not in names]


def _side_by_side(
    left: Origin, right: Origin, pairs: Mapping[str, str], kind: str, suffix: str, *, coalesce: bool
) -> dict[str, frozenset[Field]]:
    """Columns of a join by name; a key that was coalesced has the values of the leading side."""
    made = dict(left.columns or {})
    dropped = set(pairs.values()) if coalesce and kind != "Right" else set()
    if coalesce and kind == "Right":
        for name in pairs:
            made.pop(name, None)
    if coalesce and kind == "Full":
        for name, other in pairs.items():
            made[name] = made.get(name, _NONE) | right.of([other], IDENTITY)
    for name, fields in (right.columns or {}).items():
        if name not in dropped:
            made[f"{name}{suffix}" if name in made else name] = fields
    return made


class _Walk:
    """Goes through expressions over one input; `origin` becomes what was found on the way."""

    def __init__(self, nodes: Any, origin: Origin, literal: Literal) -> None:
        self.origin = origin
        self._nodes = nodes
        self._columns = origin.columns or {}
        self._literal = literal

    def all(self, expressions: Any) -> frozenset[Field]:
        """Fields of several expressions."""
        return frozenset().union(*(self.fields(one.node, IDENTITY) for one in expressions))

    def fields(self, number: int, how: str) -> frozenset[Field]:
        """Columns that an expression comes from, through one more step `how`."""
        try:
            node = self._nodes.view_expression(number)
        except NotImplementedError as error:
            if str(error) == "field":  # of the struct, whose columns are said already
                return _NONE
            raise Unseen(str(error)) from None
        kind = type(node).__name__
        if kind == "Column":
            return origins.through(self._columns.get(node.name, _NONE), how)
        if kind == "Literal":
            return self._constant(node.value, how)
        if kind == "Len":
            return _NONE
        visit = getattr(self, f"_{kind.lower()}", None)
        if visit is None:
            raise Unseen(kind)
        return origins.through(visit(node), how)

    def _constant(self, value: Any, how: str) -> frozenset[Field]:
        """A series or list that is not written out may be of anything; numbers are written out."""
        is_series = type(value).__name__ == "PySeries"
        if not is_series and not (isinstance(value, list) and value):
            return _NONE
        known = self._literal(value) if is_series else None
        if known is None and is_written(value):
            return _NONE
        if known is None:
            self.origin = self.origin._replace(opaque=True)
            return _NONE
        self.origin = self.origin._replace(
            sources=self.origin.sources | known.sources, opaque=self.origin.opaque or known.opaque
        )
        return known.all_fields(how)

    def _of(self, numbers: Sequence[int], how: str) -> frozenset[Field]:
        return frozenset().union(*(self.fields(one, how) for one in numbers))

    def _binaryexpr(self, node: Any) -> frozenset[Field]:
        return self._of([node.left, node.right], TRANSFORMATION)

    def _cast(self, node: Any) -> frozenset[Field]:
        return self.fields(node.expr, TRANSFORMATION)

    def _ternary(self, node: Any) -> frozenset[Field]:
        chosen = self._of([node.truthy, node.falsy], IDENTITY)
        return chosen | self.fields(node.predicate, CONDITIONAL)

    def _agg(self, node: Any) -> frozenset[Field]:
        return self._of(node.arguments, AGGREGATION)

    def _window(self, node: Any) -> frozenset[Field]:
        by = [*node.partition_by, *([] if node.order_by is None else [node.order_by])]
        return self.fields(node.function, IDENTITY) | self._of(by, WINDOW)

    def _rolling(self, node: Any) -> frozenset[Field]:
        index = self.fields(node.index_column, WINDOW)
        return self.fields(node.function, IDENTITY) | index

    def _sort(self, node: Any) -> frozenset[Field]:
        return self.fields(node.expr, IDENTITY)

    _explode = _sort

    def _sortby(self, node: Any) -> frozenset[Field]:
        return self.fields(node.expr, IDENTITY) | self._of(node.by, SORT)

    def _filter(self, node: Any) -> frozenset[Field]:
        return self.fields(node.input, IDENTITY) | self.fields(node.by, FILTER)

    def _gather(self, node: Any) -> frozenset[Field]:
        return self.fields(node.expr, IDENTITY) | self.fields(node.idx, FILTER)

    def _slice(self, node: Any) -> frozenset[Field]:
        return self.fields(node.input, IDENTITY) | self._of([node.offset, node.length], FILTER)

    def _structeval(self, node: Any) -> frozenset[Field]:
        more = frozenset().union(
            *(self.fields(one.node, TRANSFORMATION) for one in node.evaluation)
        )
        return self.fields(node.expr, TRANSFORMATION) | more

    def _function(self, node: Any) -> frozenset[Field]:
        name = str(node.function_data[0])
        first, *others = node.input or [None]
        if first is None:
            return _NONE
        if name in _KEEPING:
            return self.fields(first, IDENTITY) | self._of(others, FILTER)
        if name in _BY:
            return self.fields(first, IDENTITY) | self._of(others, _BY[name])
        how = AGGREGATION if name in _AGGREGATING else TRANSFORMATION
        if name.startswith("RollingFunctionBy"):
            return self.fields(first, how) | self._of(others, WINDOW)
        return self._of(node.input, how)
