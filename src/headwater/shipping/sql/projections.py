"""The list of a SELECT: stars expanded, columns named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.generators import generated
from headwater.shipping.sql.naming import column_name
from headwater.shipping.sql.origins import TRANSFORMATION, Origins
from headwater.shipping.sql.relations import Column, Item, Rest
from headwater.shipping.sql.scope import Aliases, Scope


def project(
    expressions: Sequence[exp.Expr],
    scope: Scope,
    *,
    exclude: Sequence[exp.Expr] | None = None,
) -> list[Item]:
    """The items that a list of projections gives. Aliases become known to `scope` on the way."""
    items: list[Item] = []
    visible = dict(scope.aliases)
    early = scope.analysis.dialect.aliases_in_select
    for node in expressions:
        if early and scope.analysis.dialect.aliases_anywhere:
            _name_within(node, scope, visible)
        found = list(_projected(node, scope, visible if early else None))
        items += found
        inner = node.unnest() if isinstance(node, exp.Paren) else node
        if isinstance(inner, exp.Alias | exp.Aliases):
            for item in found:
                if isinstance(item, Column):
                    visible[item.name.casefold()] = item.origins
    scope.aliases = visible
    if exclude:
        names = {scope.analysis.dialect.fold(each).casefold() for each in exclude}
        items = list(_without(items, names))
    return items


def _name_within(node: exp.Expr, scope: Scope, visible: dict[str, Origins]) -> None:
    """Aliases in the middle of an expression, `(a + 1 AS b) * 2`, are known like any other."""
    top = node.unnest() if isinstance(node, exp.Paren) else node
    for each in node.walk(prune=lambda inner: isinstance(inner, exp.Query)):
        if isinstance(each, exp.Alias) and each is not top:
            name = scope.analysis.dialect.fold(each.args["alias"])
            scope.aliases = visible
            visible[name.casefold()] = trace(each.this, scope)


def _projected(node: exp.Expr, scope: Scope, early: dict[str, Origins] | None) -> Iterator[Item]:
    star = _star(node)
    if star is not None:
        yield from _expanded(star, _starred(node, scope), scope)
        return
    matching = _matching(node, scope)
    if matching is not None:
        yield from matching
        return
    if isinstance(node, exp.QueryTransform):
        yield from _transformed(node, scope)
        return
    columns = node.find(exp.Columns)
    if columns is not None and not isinstance(node, exp.Query):
        yield from _over_columns(node, columns, scope)
        return
    scope.aliases = early if early is not None else {}
    aliases: Aliases = "after" if early is not None else "never"
    several = generated(node, scope)
    if several is not None:
        yield from several
        return
    if isinstance(node, exp.Aliases):
        origins = trace(node.this, scope, aliases=aliases)
        for alias in node.args["expressions"]:
            yield Column(scope.analysis.dialect.fold(alias), origins)
        return
    name, named = column_name(node, scope.analysis.dialect)
    yield Column(name, trace(node, scope, aliases=aliases), named=named)


def _matching(node: exp.Expr, scope: Scope) -> list[Item] | None:
    """`* LIKE 'a%'` of DuckDB, `* APPLY(f)` of ClickHouse; None where it is neither."""
    star = _star(node.this) if isinstance(node.args.get("this"), exp.Expr) else None
    if star is None or not isinstance(node, exp.Apply | exp.Predicate):
        return None
    items = list(_expanded(star, _starred(node.this, scope), scope))
    pattern = node.args.get("expression")
    if isinstance(node, exp.Like | exp.ILike) and isinstance(pattern, exp.Literal):
        negated = bool(node.args.get("negate"))
        is_like = isinstance(node, exp.Like)
        return list(_like(items, pattern.this, case=is_like, negated=negated))
    return [Rest(origins=_doubted(items, f"a star with {node.key.upper()}"))]


def _like(
    items: Sequence[Item], pattern: str, *, case: bool, negated: bool = False
) -> Iterator[Item]:
    """The columns whose names fit a pattern of LIKE; of those that are not known, a doubt."""
    parts = [{"%": ".*", "_": "."}.get(letter) or re.escape(letter) for letter in pattern]
    fits = re.compile("".join(parts), re.DOTALL if case else re.DOTALL | re.IGNORECASE)
    for item in items:
        if isinstance(item, Rest):
            yield Rest(origins=_doubted([item], f"a star LIKE {pattern!r}"))
        elif (fits.fullmatch(item.name) is None) is negated:
            yield item


def _transformed(node: exp.QueryTransform, scope: Scope) -> Iterator[Item]:
    """TRANSFORM(…) USING … AS (…) of Spark: each column may be made from all that go in."""
    origins = Origins()
    for each in node.expressions:
        origins.take(trace(each, scope, TRANSFORMATION, aliases="never"))
    schema = node.args.get("schema")
    named = schema.expressions if isinstance(schema, exp.Schema) else []
    for each in named:
        name = each.this if isinstance(each, exp.ColumnDef) else each
        yield Column(scope.analysis.dialect.fold(name), origins)
    if not named:
        yield from (Column(name, origins) for name in ("key", "value"))


def _star(node: exp.Expr) -> exp.Star | None:
    if isinstance(node, exp.Column):
        node = node.this
    return node if isinstance(node, exp.Star) else None


def _starred(node: exp.Expr, scope: Scope) -> list[Item]:
    """What `*` or `t.*` stands for, before EXCLUDE and the like."""
    if not isinstance(node, exp.Column):
        return _all(scope)
    fold = scope.analysis.dialect.fold
    qualifier = [fold(part) for part in node.parts[:-1]]
    source = scope.source(qualifier)
    if source is not None:
        return list(source.relation.items)
    struct = scope.resolve(qualifier)
    if struct.fields:
        return [Column(name, origins) for name, origins in struct.fields.items()]
    # A struct's fields: which they are, nobody says here.
    made = Origins()
    made.take(struct, TRANSFORMATION)
    return [Rest(origins=made)]


def _all(scope: Scope) -> list[Item]:
    """The items of `*`."""
    if scope.star is not None:
        return scope.star
    shown = [source for source in scope.sources if not (source.hidden or source.qualified_only)]
    return [item for source in shown for item in source.relation.items]


def _expanded(star: exp.Star, items: Sequence[Item], scope: Scope) -> Iterator[Item]:
    """A star with EXCLUDE (EXCEPT), REPLACE and RENAME applied."""
    fold = scope.analysis.dialect.fold
    like = star.args.get("ilike")
    if isinstance(like, exp.Literal):
        items = list(_like(items, like.this, case=False))
    excluded = {_last(each, fold).casefold() for each in star.args.get("except_") or []}
    replaced: dict[str, Column] = {}
    for each in star.args.get("replace") or []:
        name = fold(each.args["alias"])
        replaced[name.casefold()] = Column(name, trace(each.this, scope, aliases="never"))
    renamed: dict[str, tuple[str, str]] = {}
    for each in star.args.get("rename") or []:
        old = _last(each.this, fold)
        renamed[old.casefold()] = (old, fold(each.args["alias"]))
    for item in _without(items, excluded):
        if isinstance(item, Column):
            key = item.name.casefold()
            item = replaced.pop(key, item)
            _, name = renamed.pop(key, ("", item.name))
            yield Column(name, item.origins, named=item.named)
            continue
        for key, (old, new) in list(renamed.items()):
            found = item.find(old)
            if found is not None:
                yield Column(new, found)
                del renamed[key]
                item = item.hiding([old])
        for key, column in list(replaced.items()):
            if item.find(key) is not None:
                yield column
                del replaced[key]
                item = item.hiding([key])
        yield item


def _last(node: exp.Expr, fold: Callable[[exp.Expr], str]) -> str:
    return fold(node.this if isinstance(node, exp.Column) else node)


def _without(items: Sequence[Item], names: set[str]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Rest):
            yield item.hiding(names) if names else item
        elif item.name.casefold() not in names:
            yield item


def _over_columns(node: exp.Expr, columns: exp.Columns, scope: Scope) -> Iterator[Item]:
    """An expression over COLUMNS(…): once for each column that is meant, over all if unpacked."""
    if columns.args.get("unpack"):
        every = Origins()
        for item in _meant(columns, scope):
            every.take(item.origins if isinstance(item, Column) else item.as_doubt())
        name, named = column_name(node, scope.analysis.dialect)
        unpacked = trace(node, scope, aliases="never", star=Column("", every))
        yield Column(name, unpacked, named=named)
        return
    for item in _meant(columns, scope):
        if isinstance(item, Column):
            name = _expanded_alias(node.alias, columns, item.name) or item.name
            yield Column(name, trace(node, scope, aliases="never", star=item))
        else:
            yield Rest(origins=item.as_doubt())


def _expanded_alias(alias: str, columns: exp.Columns, name: str) -> str:
    """An alias with groups of the pattern in it, as in `COLUMNS('a_(.*)') AS 'b_…'`."""
    if "\\" not in alias or not isinstance(columns.this, exp.Literal):
        return alias
    try:
        found = re.search(columns.this.this, name)
        return found.expand(alias) if found else alias
    except (re.error, IndexError):
        return alias


def _meant(columns: exp.Columns, scope: Scope) -> list[Item]:
    inner = columns.this
    star = _star(inner)
    if star is not None:
        return list(_expanded(star, _starred(inner, scope), scope))
    items = _all(scope)
    if isinstance(inner, exp.Literal) and inner.is_string:
        try:
            pattern = re.compile(inner.this)
        except re.error:
            return [Rest(origins=_doubted(items, f"COLUMNS({inner.this})"))]
        return [item for item in items if isinstance(item, Rest) or pattern.search(item.name)]
    if isinstance(inner, exp.Array) and not any(isinstance(item, Rest) for item in items):
        names = {each.name.casefold() for each in inner.expressions if each.is_string}
        if len(names) == len(inner.expressions):  # they come in the order of the table
            return [
                item for item in items if isinstance(item, Column) and item.name.casefold() in names
            ]
    return [Rest(origins=_doubted(items, "COLUMNS with an expression"))]


def _doubted(items: Sequence[Item], reason: str) -> Origins:
    origins = Origins()
    for item in items:
        origins.take(item.origins if isinstance(item, Column) else item.as_doubt())
    origins.doubt(f"{reason} is not understood")
    return origins
