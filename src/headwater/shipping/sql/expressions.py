"""From an expression to the columns it depends on, and how."""

from __future__ import annotations

from sqlglot import exp

from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.macros import Macro, given
from headwater.shipping.sql.model import Transformation
from headwater.shipping.sql.operators import Visit, apply
from headwater.shipping.sql.origins import IDENTITY, SORT, TRANSFORMATION, WINDOW, Origins, compose
from headwater.shipping.sql.relations import Column, Relation
from headwater.shipping.sql.scope import Aliases, Named, Scope, whole
from headwater.shipping.sql.structs import field_name, fields_of, inside, is_name, names_field


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

    core = _core(node)
    visit(node, through)
    while stack:
        current, how, bound = stack.pop()
        scope.analysis.spend()
        found = _leaf(current, scope, bound, aliases, star)
        if found is not None:
            out.take(found, how)
            if current is core:
                out.fields = found.fields
        elif isinstance(current, exp.Lambda | exp.Comprehension):
            names = current.expressions or [current.args.get("expression")]
            bound |= {name.name.casefold() for name in names if name is not None}
            visit(list(current.iter_expressions()), compose(how, TRANSFORMATION))
        elif isinstance(current, exp.Window):
            _window(current, scope, how, visit)
        elif not _rows(current, scope, how, out):
            apply(current, how, visit)
    if core is not None and through is IDENTITY and not is_name(core):
        out.fields = fields_of(core, lambda each: trace(each, scope, aliases=aliases))
    return out


def _leaf(
    node: exp.Expr, scope: Scope, bound: frozenset[str], aliases: Aliases, star: Column | None
) -> Origins | None:
    """What a name is made from, or a field of something; None if it is neither."""
    if isinstance(node, exp.Column):
        return _column(node, scope, bound, aliases)
    if isinstance(node, exp.Columns):
        return star.origins if star is not None else Origins()
    if isinstance(node, exp.Parameter):
        return _parameter(node, scope)
    if not bound and names_field(node):
        held = trace(node.this, scope, aliases=aliases, star=star)
        return inside(held, [field_name(node)])
    return None


def _core(node: exp.Expr | None) -> exp.Expr | None:
    """An expression without the alias and parentheses around it."""
    while isinstance(node, exp.Alias | exp.Paren):
        node = node.this
    return node


def _parameter(node: exp.Parameter, scope: Scope) -> Origins:
    """A variable of the script, a column by its number, or a parameter: that is no column."""
    if scope.analysis.dialect.name == "snowflake" and node.name.isdigit():
        return scope.sources[0].numbered(node.name) if len(scope.sources) == 1 else Origins()
    return scope.variable(node.name) or Origins()


def _rows(node: exp.Expr, scope: Scope, how: Transformation, out: Origins) -> bool:
    """What stands for rows in place of a value: a query, EXISTS, a star. False if it is none."""
    if isinstance(node, exp.Query | exp.Values):
        _subquery(node, scope, how, out)
    elif isinstance(node, exp.Exists) and isinstance(node.this, exp.Query):
        _exists(node.this, scope, how, out)
    elif isinstance(node, exp.In) and isinstance(node.args.get("field"), exp.Column):
        return _in_table(node, scope, how, out)
    elif isinstance(node, exp.Anonymous) and str(node.this).casefold() == "getvariable":
        found = scope.variable(node.expressions[0].name) if node.expressions else None
        out.take(found or Origins(), how)
    elif (macro := scope.analysis.macro(node, gives_rows=False)) is not None:
        within = called_with(macro, node, scope)
        out.take(trace(macro.body, within), how)
        scope.reads.update(within.reads)
    elif isinstance(node, exp.Star):
        for source in scope.sources:
            if not source.hidden:
                out.take(whole(source.relation), how)
    else:
        return False
    return True


def called_with(macro: Macro, node: exp.Expr, scope: Scope) -> Scope:
    """What a macro sees: what its call gives, and nothing of the statement that calls it."""
    values = given(macro, node)
    if values is None:
        raise UnsupportedError(f"{node.name} with other parameters than it was made with")
    row = [Column(name, trace(value, scope)) for name, value in values.items()]
    return Scope(scope.analysis, sources=[Named([], Relation(row))])


def _in_table(node: exp.In, scope: Scope, how: Transformation, out: Origins) -> bool:
    """`a IN t` of SQLite: in the rows of a table. False where it is another dialect's `IN list`."""
    if scope.analysis.dialect.name != "sqlite":
        return False
    parts = [part.copy() for part in node.args["field"].parts]
    table = exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))
    out.take(trace(node.this, scope), compose(how, TRANSFORMATION))
    _subquery(exp.select("*").from_(table), scope, compose(how, TRANSFORMATION), out)
    return True


def _column(node: exp.Column, scope: Scope, bound: frozenset[str], aliases: Aliases) -> Origins:
    """What a name with its qualifiers is made from."""
    fold = scope.analysis.dialect.fold
    if isinstance(node.this, exp.Star):
        source = scope.source([fold(part) for part in node.parts[:-1]])
        return whole(source.relation) if source is not None else Origins()
    if isinstance(node.this, exp.Parameter):
        source = scope.source([fold(part) for part in node.parts[:-1]])
        return source.numbered(node.this.name) if source is not None else Origins()
    names = [fold(part) for part in node.parts]
    if names[0].casefold() in bound or _is_text(node, scope):
        return Origins()
    found = scope.resolve(names, aliases)
    scope.analysis.spend(len(found.sources))
    return found


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
