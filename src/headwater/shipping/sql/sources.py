"""FROM: tables, subqueries, joins, and what stands beside them, as relations under names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql import pivots
from headwater.shipping.sql.catalog import View
from headwater.shipping.sql.expressions import called_with, trace
from headwater.shipping.sql.functions import function_relation
from headwater.shipping.sql.model import GIVEN
from headwater.shipping.sql.origins import AGGREGATION, JOIN, TRANSFORMATION, Origins, union
from headwater.shipping.sql.projections import project
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.sql.scope import Named, Scope

_VALUES_NAMES = {"duckdb": "col{}", "mysql": "column_{}", "spark": "col{1}", "databricks": "col{1}"}


def read_from(node: exp.Expr, scope: Scope) -> Origins:
    """Put the FROM of a statement into `scope`; what bears on its rows is given back."""
    bearing = Origins()
    star: list[Item] = []
    merged: dict[str, Origins] = {}
    scope.joined = len(scope.sources)
    from_ = node.args.get("from_")
    if from_ is not None:
        bearing.take(add_from(from_.this, scope))
    for each in node.args.get("joins") or []:
        if _is_comma(each):
            star += scope.star or []
            merged |= scope.merged
            scope.star, scope.merged, scope.joined = [], {}, len(scope.sources)
        bearing.take(join(each, scope))
    for lateral in node.args.get("laterals") or []:
        bearing.take(add_from(lateral, scope))
    scope.star, scope.merged = [*star, *(scope.star or [])], {**merged, **scope.merged}
    return bearing


def _is_comma(node: exp.Expr) -> bool:
    """Whether a join is the comma between two items of FROM, which binds less than JOIN."""
    return isinstance(node, exp.Join) and node.args.keys() == {"this"}


def add_from(node: exp.Expr, scope: Scope) -> Origins:
    """Put one item of a FROM, with the joins that hang on it, into `scope`."""
    bearing = Origins()
    if _is_group(node):
        # Parentheses without a name hide nothing: what stands in them is named from outside.
        # What stands outside is not joined within them.
        around, joined = scope.sources, scope.joined
        scope.sources, scope.joined = [], 0
        bearing.take(add_from(node.this, scope))
        scope.sources, scope.joined = [*around, *scope.sources], joined
    else:
        named = _named(node, scope)
        scope.sources.append(named)
        scope.star = [*(scope.star or []), *named.relation.items]
        scope.reads.update(dict.fromkeys(named.relation.reads))
        bearing.take(named.relation.bearing)
    for part in ("joins", "laterals"):
        for each in node.args.get(part) or []:
            bearing.take(join(each, scope))
    return bearing


def relation_of(node: exp.Expr, scope: Scope) -> Relation:
    """The relation of one item of a FROM by itself."""
    if isinstance(node, exp.Literal):  # SUMMARIZE 'x.csv'
        node = exp.Table(this=exp.to_identifier(node.this, quoted=True))
    within = Scope(scope.analysis, scope)
    add_from(node, within)
    scope.reads.update(within.reads)
    return within.sources[0].relation


def values(node: exp.Values, scope: Scope) -> Relation:
    """VALUES: each column is made from what stands in its place in any row."""
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    width = max((len(row) for row in rows), default=0)
    dialect = scope.analysis.dialect.name
    pattern = _VALUES_NAMES.get(dialect, "column{1}")
    within = Scope(scope.analysis, scope)
    columns: list[Item] = []
    for place in range(width):
        parts = [trace(row[place], within) for row in rows if place < len(row)]
        columns.append(Column(pattern.format(place, place + 1), union(*parts), named=False))
    return Relation(columns, reads=within.reads)


def _is_group(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return True
    return (
        isinstance(node, exp.Subquery)
        and not node.args.get("alias")
        and not node.args.get("pivots")
        and (isinstance(node.this, exp.Table) or _is_group(node.this))
    )


def _named(node: exp.Expr, scope: Scope) -> Named:
    relation, parts = _relation(node, scope)
    alias = node.args.get("alias")
    for pivot in node.args.get("pivots") or []:
        relation = pivots.apply(pivot, relation, scope)
        alias = pivot.args.get("alias") or alias
    if isinstance(alias, exp.TableAlias):
        fold = scope.analysis.dialect.fold
        columns = [
            fold(each.this if isinstance(each, exp.ColumnDef) else each)
            for each in alias.args.get("columns") or []
        ]
        if columns:
            relation = relation.renamed(columns)
        if alias.this is not None:
            parts = [fold(alias.this)]
        elif not isinstance(node, exp.Table):
            parts = []
    return Named(parts, relation)


def _relation(node: exp.Expr, scope: Scope) -> tuple[Relation, list[str]]:
    """An item of a FROM, and the name it has if nobody gives it another."""
    if isinstance(node, exp.Final):
        node = node.this
    if isinstance(node, exp.Table):
        return _table(node, scope)
    if isinstance(node, exp.Lateral):
        return _lateral(node, scope), []
    if isinstance(node, exp.Unnest | exp.TableFromRows):
        return function_relation(node, scope), []
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
        within = Scope(scope.analysis, scope)
        bearing = add_from(node.this, within)
        return _star_of(within, bearing), []
    if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query | exp.Values):
        if isinstance(node.this, exp.Pivot):
            return scope.analysis.query(node.this, _outside(scope)), []
        if isinstance(node.this, exp.Summarize | exp.Describe):
            return _statistics(node.this, scope), []
        return function_relation(node.this, scope), []
    if isinstance(node, exp.Subquery):
        bare = node.copy() if node.args.get("pivots") or node.args.get("joins") else node
        if bare is not node:
            for part in ("pivots", "joins", "alias"):
                bare.set(part, None)
        return scope.analysis.query(bare, _outside(scope)), []
    return scope.analysis.query(node, _outside(scope)), []


def _side_by_side(functions: Sequence[exp.Expr], scope: Scope) -> Relation:
    """ROWS FROM of PostgreSQL: the rows of several functions beside one another."""
    relations = [_relation(each, scope)[0] for each in functions]
    return Relation(
        [item for each in relations for item in each.columns or each.items],
        bearing=union(*(each.bearing for each in relations)),
        reads={table for each in relations for table in each.reads},
    )


_SUMMARY: Final = ("min", "max", "approx_unique", "avg", "std", "q25", "q50", "q75")
_DESCRIPTION: Final = ("column_name", "column_type", "null", "key", "default", "extra")


def _statistics(node: exp.Summarize | exp.Describe, scope: Scope) -> Relation:
    """SUMMARIZE in brackets: a row for each column, with numbers of its values. DESCRIBE has none.

    How many rows there are, of these and in each column, is of no column.
    """
    if isinstance(node, exp.Describe):
        return Relation([Column(name, Origins()) for name in _DESCRIPTION])
    of = relation_of(node.this, Scope(scope.analysis, scope))
    every = Origins()
    for item in of.items:
        every.take(item.origins if isinstance(item, Column) else item.as_doubt(), AGGREGATION)
    columns = [Column(name, Origins()) for name in _DESCRIPTION[:2]]
    columns += [Column(name, every) for name in _SUMMARY]
    columns += [Column("count", Origins()), Column("null_percentage", every)]
    return Relation(columns, bearing=of.bearing, reads=of.reads)


def _star_of(scope: Scope, bearing: Origins) -> Relation:
    return Relation(project([exp.Star()], scope), bearing=bearing, reads=scope.reads)


def _outside(scope: Scope) -> Scope:
    """What a subquery in FROM sees: what surrounds the query, in some dialects its neighbours."""
    if scope.parent is None or scope.analysis.dialect.lateral:
        return Scope(scope.analysis, scope.parent, sources=list(scope.sources), weak=True)
    return scope.parent


def _lateral(node: exp.Lateral, scope: Scope) -> Relation:
    inner = node.this
    if isinstance(inner, exp.Subquery | exp.Query):
        return scope.analysis.query(inner, scope)
    return function_relation(node, scope)


def _table(node: exp.Table, scope: Scope) -> tuple[Relation, list[str]]:
    analysis = scope.analysis
    if node.args.get("rows_from"):
        return _side_by_side(node.args["rows_from"], scope), []
    macro = analysis.macro(node.this, gives_rows=True)
    if macro is not None:
        within = called_with(macro, node.this, scope)
        relation = analysis.query(macro.body, within)
        return relation.with_reads({*relation.reads, *within.reads}), _function_name(node.this)
    if not isinstance(node.this, exp.Identifier | exp.Var | exp.Parameter):
        return function_relation(node, scope), _function_name(node.this)
    parts = table_parts(node, scope)
    if len(parts) == 1:
        cte = scope.cte(parts[0])
        if cte is not None:
            return cte, parts
    unnested = _correlated_array(parts, scope)
    if unnested is not None:
        return unnested, [parts[-1]]
    temporary = analysis.catalog.temporary(parts)
    if isinstance(temporary, View):
        analysis.spend()
        relation = analysis.query(temporary.query, Scope(analysis))
        return relation.renamed(temporary.names), parts
    if temporary is not None:
        return temporary, parts
    table = analysis.catalog.table(parts)
    if table is None:
        return Relation([Rest(origins=Origins())]), parts
    if table is GIVEN:
        return Relation([Rest(origins=Origins())], reads=[GIVEN]), parts
    if len(parts) == 1 and analysis.catalog.is_searched(table):
        analysis.doubts[f"{parts[0]} may be in another schema of the search path"] = None
    analysis.spend(len(analysis.catalog.columns(table) or ()))
    return analysis.catalog.relation(table), parts


def table_parts(node: exp.Table, scope: Scope) -> list[str]:
    """The parts of a table's name, as the engine has them."""
    fold = scope.analysis.dialect.fold
    if isinstance(node.this, exp.Var):
        return [node.this.name]
    if isinstance(node.this, exp.Parameter):
        return [f"@{node.this.name}"]
    return [fold(part) for part in node.parts if isinstance(part, exp.Identifier)]


def _function_name(node: exp.Expr | None) -> list[str]:
    if isinstance(node, exp.Anonymous):
        return [str(node.this)]
    return [node.sql_name().lower()] if isinstance(node, exp.Func) else []


def _correlated_array(parts: Sequence[str], scope: Scope) -> Relation | None:
    """`FROM t, t.items`: an array of a row, where the first part names what stands before it."""
    if scope.analysis.dialect.name not in {"bigquery", "databricks", "redshift"} or len(parts) < 2:
        return None
    source = next((each for each in scope.sources if each.answers(parts[:1])), None)
    if source is None:
        return None
    made = Origins()
    made.take(scope.resolve(parts), TRANSFORMATION)
    bearing = Origins()
    bearing.take(made, JOIN)
    return Relation([Column(parts[-1], made), Rest(origins=made)], bearing=bearing)


def join(node: exp.Expr, scope: Scope) -> Origins:
    """Put what a JOIN adds into `scope`, with the columns that it makes one of two."""
    if not isinstance(node, exp.Join):
        return add_from(node, scope)
    if str(node.args.get("kind") or "").upper() == "ARRAY":
        return _join_arrays([node.this, *node.expressions], scope)
    left_star, merged, joined = scope.star or [], scope.merged, scope.joined
    start = len(scope.sources)
    scope.star, scope.merged, scope.joined = [], {}, start
    bearing = add_from(node.this, scope)
    right_star, inner = scope.star, scope.merged
    before, added = scope.sources[joined:start], scope.sources[start:]
    scope.merged, scope.joined = {**inner, **merged}, joined
    for part in ("on", "match_condition"):
        bearing.take(trace(node.args.get(part), scope, JOIN))
    using = node.args.get("using") or []
    names = [scope.analysis.dialect.fold(_identifier(each)) for each in using]
    if str(node.args.get("method") or "").upper() == "NATURAL":
        names = _shared(before, added, bearing)
    made: list[Column] = []
    for name in names:
        key = name.casefold()
        left = merged[key] if key in merged else _side(name, before, scope)
        right = inner[key] if key in inner else _side(name, added, scope)
        bearing.take(union(left, right), JOIN)
        made.append(Column(name, _merged(node, left, right)))
    scope.star = left_star
    if _hides_right(node, scope):
        for source in added:
            source.hidden = True
        return bearing
    scope.merged.update({column.name.casefold(): column.origins for column in made})
    scope.star = _joined(left_star, right_star, made, scope)
    return bearing


def _joined(
    left: Sequence[Item], right: Sequence[Item], merged: Sequence[Column], scope: Scope
) -> list[Item]:
    """What a star stands for after a join: columns of USING once, where the dialect puts them."""
    rest = list(left)
    for column in merged:
        place = _place(column.name, rest)
        own = rest[place] if place is not None else None
        first = [] if scope.analysis.dialect.merged_first else [column]
        if place is not None and isinstance(own, Rest):
            rest[place : place + 1] = [*first, own.hiding([column.name])]
        elif place is not None:
            rest[place : place + 1] = first
    if scope.analysis.dialect.merged_first:
        rest = [*merged, *rest]
    names = {column.name.casefold() for column in merged}
    for item in right:
        if isinstance(item, Rest):
            rest.append(item.hiding(names))
        elif item.name.casefold() not in names:
            rest.append(item)
    return rest


def _place(name: str, items: Sequence[Item]) -> int | None:
    """Where a column of this name stands: a known one before those that are not known."""
    key = name.casefold()
    known = [at for at, each in enumerate(items)
             if isinstance(each, Column) and each.name.casefold() == key]  # fmt: skip
    open_ = [at for at, each in enumerate(items) if isinstance(each, Rest) and each.find(name)]
    return next(iter([*known, *open_]), None)


def _join_arrays(nodes: Sequence[exp.Expr], scope: Scope) -> Origins:
    """ARRAY JOIN of ClickHouse: a row for each element, under the array's own name or an alias."""
    fold = scope.analysis.dialect.fold
    bearing = Origins()
    for each in nodes:
        made = trace(each.unalias(), scope, TRANSFORMATION)
        bearing.take(made, JOIN)
        if isinstance(each, exp.Alias):
            scope.aliases[fold(each.args["alias"]).casefold()] = made
        elif isinstance(each, exp.Column):
            key = each.name.casefold()
            scope.merged[key] = made
            scope.star = [
                Column(item.name, made)
                if isinstance(item, Column) and item.name.casefold() == key
                else item
                for item in scope.star or []
            ]
    return bearing


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _shared(before: Sequence[Named], added: Sequence[Named], bearing: Origins) -> list[str]:
    """The columns that NATURAL joins by: those of both sides, if all are known."""
    if any(source.relation.rests for source in (*before, *added)):
        bearing.doubt("NATURAL JOIN of tables of which not all columns are known")
    there = [column for source in before if not source.hidden for column in source.relation.columns]
    shared = [
        column.name
        for column in there
        if any(source.relation.find(column.name) for source in added)
    ]
    return list(dict.fromkeys(shared))


def _hides_right(join: exp.Join, scope: Scope) -> bool:
    """Whether a join only asks whether there is a row; in ClickHouse its columns are there too."""
    kind = str(join.args.get("kind") or "").upper()
    return kind in {"SEMI", "ANTI"} and scope.analysis.dialect.name != "clickhouse"


def _merged(join: exp.Join, left: Origins, right: Origins) -> Origins:
    """One column of two that USING names: its value is that of the side that is kept whole."""
    side = str(join.args.get("side") or "").upper()
    return union(left, right) if side == "FULL" else right if side == "RIGHT" else left


def _side(name: str, side: Sequence[Named], scope: Scope) -> Origins:
    within = Scope(scope.analysis, sources=list(side))
    return within.resolve([name])
