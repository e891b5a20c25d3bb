"""CREATE, ALTER, DROP, TRUNCATE: what becomes of a table, and what it is made from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql import computed, sources
from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.catalog import View
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import Change, Mode, Table, Write
from headwater.shipping.sql.origins import Origins, Source, of
from headwater.shipping.sql.queries import read_query, with_ctes
from headwater.shipping.sql.relations import Column, Item, Relation, of_table
from headwater.shipping.sql.scope import Named, Scope
from headwater.shipping.sql.targets import target_of

_TABLES = frozenset({"TABLE", "VIEW", "DYNAMIC TABLE", "FOREIGN TABLE", "STREAMING TABLE"})


_BY_NAME = frozenset({"mysql", "singlestore", "doris", "starrocks"})
"""Dialects in which columns declared beside a query are not names for those of the query."""


def create(node: exp.Create, outer: Scope) -> None:
    """CREATE: a table or view from a query, a copy, or nothing yet. Anything else holds no data."""
    if (node.kind or "") not in _TABLES:
        return
    scope = with_ctes(node, outer)
    catalog = scope.analysis.catalog
    parts, table = _named(node.this, scope)
    own = _is_temporary(node)
    temporary = own or catalog.is_volatile(parts)
    parts = parts[-1:] if own else parts
    known = catalog.temporary(parts) is not None if temporary else catalog.knows(table)
    if node.args.get("exists") and known and not node.args.get("replace"):
        return
    relation, columns = _content(node, scope)
    names = _agreed(relation, catalog.columns(table) if node.args.get("expression") else None)
    if names is not None:
        relation = relation.renamed(names)
    if temporary:
        if columns is not None:
            relation = Relation([Column(name, Origins()) for name in columns])
        if node.kind == "VIEW" and node.expression is not None and not _names_itself(node, parts):
            catalog.put_temporary(
                parts, View(node.expression, tuple(_listed(node, scope))), own=own
            )
        else:
            catalog.put_temporary(parts, relation, own=own)
        catalog.reactions.compute(catalog.key(parts), _computed(node, scope))
        scope.analysis.doubts.update(relation.doubts())
        return
    outer.reads.update(dict.fromkeys(relation.reads))
    analysis = scope.analysis
    change: Change | None = "OVERWRITE" if node.args.get("replace") else "CREATE"
    mode: Mode | None = None
    if node.args.get("exists") and not node.args.get("replace"):
        change, mode = None, "append"
        analysis.doubts[f"IF NOT EXISTS: {'.'.join(table.name)} may have been there"] = None
    if any(not column.named for column in relation.columns) and names is None:
        analysis.doubts["a column of the table has no name of its own in the statement"] = None
    for name, number in Counter(column.name.casefold() for column in relation.columns).items():
        if number > 1:
            analysis.doubts[f"several columns are called {name}: the engine renames them"] = None
    analysis.doubts.update(relation.doubts())
    if columns is None and not relation.rests:
        columns = [column.name for column in relation.columns]
    write = Write(
        table,
        mode,
        change,
        view=node.kind == "VIEW",
        lineage=relation.lineage(),
        columns=None if columns is None else tuple(columns),
    )
    analysis.wrote(write, parts, relation)
    catalog.put(table, columns)
    catalog.reactions.compute(catalog.key(parts), _computed(node, scope))
    _keep_query(node, parts, scope)


def _keep_query(node: exp.Create, parts: Sequence[str], scope: Scope) -> None:
    """Know what a materialized view is filled with whenever it is refreshed.

    With IF NOT EXISTS it may be one that was there, of another query.
    """
    kept = scope.analysis.catalog.materialized
    key = scope.analysis.catalog.key(parts)
    kept.pop(key, None)
    is_kept = any(isinstance(each, exp.MaterializedProperty) for each in _properties(node))
    if is_kept and not node.args.get("exists"):
        kept[key] = node.expression


_REFRESH: Final = re.compile(
    r"refresh\s+materialized\s+view\s+(?:concurrently\s+)?([\w.\"]+)(?:\s+with\s+data)?\s*",
    re.IGNORECASE,
)


def refresh(sql: str, scope: Scope) -> bool:
    """REFRESH of a view whose query is known: it is filled anew. False if it is none."""
    made = _REFRESH.fullmatch(sql)
    catalog = scope.analysis.catalog
    parts = [part.strip('"') for part in made[1].split(".")] if made is not None else [""]
    query = catalog.materialized.get(catalog.key(parts))
    if query is None:
        return False
    table = catalog.stored(parts)
    relation = read_query(query.copy(), Scope(scope.analysis))
    columns = catalog.columns(table)
    if columns is not None and not relation.rests:
        relation = relation.renamed(columns)
    scope.reads.update(dict.fromkeys(relation.reads))
    scope.analysis.doubts.update(relation.doubts())
    write = Write(
        table,
        "overwrite",
        view=True,
        lineage=relation.lineage(),
        columns=None if columns is None else tuple(columns),
    )
    scope.analysis.wrote(write, parts, relation)
    return True


def _computed(node: exp.Create, scope: Scope) -> dict[str, exp.Expr]:
    return computed.declared(node.this, scope.analysis.dialect.fold)


def select_into(node: exp.Into, relation: Relation, scope: Scope) -> None:
    """SELECT … INTO: a new table from a query."""
    parts, table = _named(node.this, scope)
    marked = node.this.this.args.get("temporary")
    if node.args.get("temporary") or marked or scope.analysis.catalog.is_volatile(parts):
        scope.analysis.catalog.put_temporary(parts, relation)
        scope.reads.clear()
        return
    columns = None if relation.rests else [column.name for column in relation.columns]
    write = Write(
        table,
        change="CREATE",
        lineage=relation.lineage(),
        columns=None if columns is None else tuple(columns),
    )
    scope.analysis.wrote(write, parts, relation)
    scope.analysis.catalog.put(table, columns)


def _named(node: exp.Expr, scope: Scope) -> tuple[list[str], Table]:
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise UnsupportedError("CREATE without a plain name")
    parts = sources.table_parts(table, scope)
    catalog = scope.analysis.catalog
    full = catalog.made(parts)
    return [*full] if catalog.is_volatile(full) else parts, Table(full)


def _names_itself(node: exp.Create, parts: Sequence[str]) -> bool:
    """Whether a view is over something of its own name, or over common table expressions."""
    own = parts[-1].casefold()
    tables = node.expression.find_all(exp.Table) if node.expression is not None else ()
    return "with_" in node.args or any(table.name.casefold() == own for table in tables)


def _is_temporary(node: exp.Create) -> bool:
    properties = node.args.get("properties")
    said = properties.expressions if properties is not None else []
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    marked = isinstance(table.this, exp.Identifier) and table.this.args.get("temporary")
    return bool(marked) or any(isinstance(each, exp.TemporaryProperty) for each in said)


def _content(node: exp.Create, scope: Scope) -> tuple[Relation, list[str] | None]:
    """What a new table is filled with, and its columns as far as they are said."""
    names = _listed(node, scope)
    if any(isinstance(each, exp.ExecuteAsProperty) for each in _properties(node)):
        raise UnsupportedError("EXECUTE of what nobody saw being prepared")
    clone = node.args.get("clone")
    if clone is not None:
        return sources.relation_of(clone.this, Scope(scope.analysis, scope)), None
    if node.expression is None:
        return Relation(), _declared(node, scope)
    relation = read_query(node.expression, scope)
    if names and scope.analysis.dialect.name in _BY_NAME:
        return _beside(names, relation), None
    if names:
        relation = relation.renamed(names)
    if any(
        isinstance(each, exp.WithDataProperty) and each.args.get("no") for each in _properties(node)
    ):
        return Relation(), None if relation.rests else [each.name for each in relation.columns]
    return relation, None


def _listed(node: exp.Create, scope: Scope) -> list[str]:
    """The names of columns that stand behind that of the table or view."""
    said = node.this.expressions if isinstance(node.this, exp.Schema) else []
    definitions = [each for each in said if isinstance(each, exp.ColumnDef | exp.Identifier)]
    bare = [each.this if isinstance(each, exp.ColumnDef) else each for each in definitions]
    return [scope.analysis.dialect.fold(each) for each in bare]


def _declared(node: exp.Create, scope: Scope) -> list[str] | None:
    """The columns of a table without a query: its own, and those that LIKE copies, in order."""
    names: list[str] = []
    for each in _properties(node):
        if isinstance(each, exp.LikeProperty):
            copied = sources.relation_of(each.this, Scope(scope.analysis, scope))
            if copied.rests:
                return None
            names += [column.name for column in copied.columns]
        elif isinstance(each, exp.ColumnDef | exp.Identifier):
            named = each.this if isinstance(each, exp.ColumnDef) else each
            names.append(scope.analysis.dialect.fold(named))
    return names or None


def _beside(names: Sequence[str], relation: Relation) -> Relation:
    """Columns that are declared go to those of the query by name, or stand before them."""
    queried = {column.name.casefold() for column in relation.columns}
    declared = [Column(name, Origins()) for name in names if name.casefold() not in queried]
    return relation.with_items([*declared, *relation.items])


def _properties(node: exp.Create) -> list[exp.Expr]:
    properties = node.args.get("properties")
    said = node.this.expressions if isinstance(node.this, exp.Schema) else []
    return [*(properties.expressions if properties is not None else []), *said]


def _agreed(relation: Relation, known: Sequence[str] | None) -> list[str] | None:
    """The names that a table was seen to have, if they fit what the statement says of them."""
    if known is None or relation.rests or len(known) != len(relation.columns):
        return None
    fits = all(
        not column.named or column.name.casefold() == name.casefold()
        for column, name in zip(relation.columns, known, strict=True)
    )
    return list(known) if fits else None


def drop(node: exp.Drop, scope: Scope) -> None:
    """DROP of tables and views; most of what else is dropped holds no data."""
    kind = str(node.args.get("kind") or "").upper()
    if kind in {"SCHEMA", "DATABASE"}:
        raise UnsupportedError(f"DROP {kind}, which takes its tables along,")
    if kind not in _TABLES:
        return
    catalog = scope.analysis.catalog
    for each in node.args.get("tables") or [node.this]:
        parts = sources.table_parts(each, scope)
        catalog.reactions.forget(catalog.key(parts))
        if catalog.temporary(parts) is not None:
            catalog.drop_temporary(parts)
            continue
        table = catalog.stored(parts)
        if node.args.get("exists") and not catalog.knows(table):
            reason = f"IF EXISTS: {'.'.join(table.name)} may not have been there"
            scope.analysis.doubts[reason] = None
            continue
        scope.analysis.wrote(Write(table, change="DROP"), parts, Relation())
        catalog.forget(table)


def truncate(node: exp.TruncateTable, scope: Scope) -> None:
    """TRUNCATE: no row is left."""
    for each in node.expressions:
        target = target_of(each, scope)
        scope.analysis.wrote(Write(target.table, change="TRUNCATE"), target.parts, Relation())


def alter(node: exp.Alter, scope: Scope) -> None:
    """ALTER of a table: its columns, or its name."""
    if str(node.args.get("kind") or "").upper() not in _TABLES:
        return
    catalog = scope.analysis.catalog
    parts = sources.table_parts(node.this, scope)
    if catalog.temporary(parts) is not None:
        _alter_temporary(node, parts, scope)
        return
    table = catalog.stored(parts)
    columns = catalog.columns(table)
    renamed: list[Item] = []
    for action in node.args.get("actions") or []:
        if isinstance(action, exp.AlterRename):
            _rename(table, action, scope)
            return
        if isinstance(action, exp.SwapTable):
            raise UnsupportedError("SWAP of two tables")
        if isinstance(action, exp.Delete | exp.Update):
            raise UnsupportedError(f"ALTER TABLE … {action.key.upper()}")
        columns = _altered(action, table, columns, renamed, scope)
        _compute_added(action, parts, columns, renamed, scope)
        own = of_table(table, columns)
        renamed += _converted(action, Scope(scope.analysis, sources=[Named(parts, own)]))
    relation = Relation(renamed)
    if renamed:
        scope.reads[table] = None
    scope.analysis.wrote(
        Write(
            table,
            change="ALTER",
            lineage=relation.lineage(),
            columns=None if columns is None else tuple(columns),
        ),
        parts,
        relation,
    )
    catalog.put(table, columns)


def _compute_added(
    action: exp.Expr,
    parts: Sequence[str],
    columns: Sequence[str] | None,
    items: list[Item],
    scope: Scope,
) -> None:
    """A generated column that is added is filled at once."""
    value = computed.expression_of(action) if isinstance(action, exp.ColumnDef) else None
    if value is None:
        return
    catalog = scope.analysis.catalog
    name, key = scope.analysis.dialect.fold(action.this), catalog.key(parts)
    own = of_table(catalog.stored(parts), columns)
    items.append(Column(name, trace(value, Scope(scope.analysis, sources=[Named(parts, own)]))))
    catalog.reactions.compute(key, {**catalog.reactions.computed(key), name: value})


def _converted(action: exp.Expr, scope: Scope) -> list[Column]:
    """The column that ALTER COLUMN … TYPE … USING fills anew, by an expression over the row."""
    using = action.args.get("using") if isinstance(action, exp.AlterColumn) else None
    if using is None:
        return []
    return [Column(scope.analysis.dialect.fold(action.this), trace(using, scope))]


def _rename(table: Table, action: exp.AlterRename, scope: Scope) -> None:
    catalog = scope.analysis.catalog
    parts = sources.table_parts(action.this, scope)
    # A new name without a schema stays in the schema of the old one.
    new = (
        Table((*table.name[: -len(parts)], *parts))
        if len(parts) < len(table.name)
        else Table(tuple(parts))
    )
    columns = catalog.columns(table)
    relation = Relation([Column(name, of(Source(table, name))) for name in columns or ()])
    write = Write(
        new,
        change="RENAME",
        previous=table,
        lineage=relation.lineage(),
        columns=None if columns is None else tuple(columns),
    )
    scope.analysis.wrote(write, parts, relation)
    catalog.reactions.move(catalog.key(table.name), catalog.key(new.name))
    catalog.forget(table)
    catalog.put(new, columns)


def _altered(
    action: exp.Expr,
    table: Table,
    columns: list[str] | None,
    renamed: list[Item],
    scope: Scope,
) -> list[str] | None:
    """The columns after one action."""
    fold = scope.analysis.dialect.fold
    if isinstance(action, exp.RenameColumn):
        old, new = (fold(_identifier(action.args[part])) for part in ("this", "to"))
        renamed.append(Column(new, of(Source(table, old))))
        return (
            None
            if columns is None
            else [new if name.casefold() == old.casefold() else name for name in columns]
        )
    if columns is None:
        return None
    if isinstance(action, exp.ColumnDef):
        return [*columns, fold(action.this)]
    if isinstance(action, exp.Drop):
        gone = {fold(_identifier(each)).casefold() for each in action.args.get("tables") or []}
        return [name for name in columns if name.casefold() not in gone]
    return columns


def _identifier(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Column) else node


def _alter_temporary(node: exp.Alter, parts: Sequence[str], scope: Scope) -> None:
    fold = scope.analysis.dialect.fold
    catalog = scope.analysis.catalog
    found = catalog.temporary(parts)
    relation = found if isinstance(found, Relation) else Relation()
    name = list(parts)
    for action in node.args.get("actions") or []:
        items = list(relation.items)
        if isinstance(action, exp.AlterRename):
            catalog.drop_temporary(name)
            name = [*parts[:-1], sources.table_parts(action.this, scope)[-1]]
        elif isinstance(action, exp.ColumnDef):
            items.append(Column(fold(action.this), Origins()))
        elif isinstance(action, exp.RenameColumn):
            old, new = (fold(_identifier(action.args[part])) for part in ("this", "to"))
            items = [_renamed(item, old, new) for item in items]
        elif isinstance(action, exp.Drop):
            gone = {fold(_identifier(each)).casefold() for each in action.args.get("tables") or []}
            items = [item for item in items if _is_kept(item, gone)]
        made = _converted(action, Scope(scope.analysis, sources=[Named(name, relation)]))
        anew = {column.name.casefold(): column for column in made}
        items = [anew.get(item.name.casefold(), item) if isinstance(item, Column) else item
                 for item in items]  # fmt: skip
        relation = relation.with_items(items)
    catalog.put_temporary(name, relation)


def _renamed(item: Item, old: str, new: str) -> Item:
    if isinstance(item, Column) and item.name.casefold() == old.casefold():
        return Column(new, item.origins)
    return item


def _is_kept(item: Item, gone: set[str]) -> bool:
    return not isinstance(item, Column) or item.name.casefold() not in gone
