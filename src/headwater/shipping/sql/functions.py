"""Functions that give rows: readers of files, UNNEST and its kin, and those nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import GIVEN, Table
from headwater.shipping.sql.origins import JOIN, TRANSFORMATION, Origins, union
from headwater.shipping.sql.relations import Column, Item, Relation, Rest
from headwater.shipping.sql.scope import Scope

_READERS: Final = frozenset(
    {"read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto",
     "read_json_objects", "read_ndjson", "read_ndjson_auto", "read_ndjson_objects", "read_text",
     "read_blob", "read_xlsx", "iceberg_scan", "delta_scan", "st_read", "parquet_metadata",
     "parquet_schema", "sniff_csv", "arrow_scan"}
)  # fmt: skip
"""Table functions whose first argument is a path, or a list of paths."""

MAKING_ROWS: Final = frozenset(
    {"generate_series", "range", "unnest", "explode", "explode_outer", "posexplode",
     "posexplode_outer", "inline", "inline_outer", "stack", "flatten", "json_each", "json_tree",
     "jsonb_each", "jsonb_each_text", "json_each_text", "json_array_elements",
     "jsonb_array_elements", "json_array_elements_text", "jsonb_array_elements_text",
     "json_object_keys", "jsonb_object_keys", "json_to_record", "jsonb_to_record",
     "json_to_recordset", "jsonb_to_recordset", "json_populate_recordset",
     "jsonb_populate_recordset", "jsonb_path_query", "json_table", "openjson", "string_split",
     "string_to_table", "split_to_table", "strtok_split_to_table", "regexp_split_to_table",
     "regexp_matches", "generate_subscripts", "repeat_row", "json_tuple", "generator", "sequence",
     "glob", "xmltable", "numbers", "pragma_table_info", "pragma_database_list", "duckdb_tables",
     "duckdb_columns", "duckdb_settings", "table"}
)  # fmt: skip
"""Table functions that make rows from their arguments alone, or from what the engine knows."""

_ONE_ROW: Final = frozenset({"json_tuple", "stack", "json_to_record", "jsonb_to_record"})
"""Table functions that give as many rows whatever their arguments hold."""

_NAMES: Final = {
    "json_each": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json"),
    "json_tree": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json"),
    "openjson": ("key", "value", "type"),
    "string_split": ("value",),
    "flatten": ("SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS"),
    "split_to_table": ("SEQ", "INDEX", "VALUE"),
}
"""The columns of table functions that always have the same ones."""

_WIDTHS: Final = {"json_each": 2, "jsonb_each": 2, "json_each_text": 2, "jsonb_each_text": 2}
"""How many columns PostgreSQL's functions give that give more than one."""

_NUMBERING: Final = frozenset({"id", "parent", "seq", "index"})
"""Columns that number the rows: no value goes into them."""


def function_relation(node: exp.Expr, scope: Scope) -> Relation:
    """The rows that a function in FROM gives."""
    inner = node
    while isinstance(inner, exp.Table | exp.Lateral | exp.TableFromRows | exp.Subquery):
        inner = inner.this
    name = _name(inner)
    if name in _READERS or isinstance(inner, exp.ReadCSV | exp.ReadParquet):
        return _files(inner, scope)
    if name in {"sqlite_scan", "sqlite_query", "postgres_scan", "mysql_scan"}:
        return _foreign(inner, scope)
    within = Scope(scope.analysis, scope)
    parts = [trace(each, within, TRANSFORMATION) for each in _arguments(inner)]
    made = union(*parts)
    if name not in MAKING_ROWS and not isinstance(inner, _GENERATORS):
        made.doubt(f"{name or inner.key}(…) may read tables that the statement does not name")
        within.reads[GIVEN] = None
        scope.analysis.doubts.update(made.doubts)
    items = _items(node, inner, name, made)
    if isinstance(inner, exp.Unnest) and len(parts) > 1 and len(items) == len(parts):
        items = [
            Column(item.name, each) if isinstance(item, Column) else item
            for item, each in zip(items, parts, strict=True)
        ]
    if isinstance(inner, exp.Unnest) and scope.analysis.dialect.name == "bigquery" and made.sources:
        # Of an array of structs, a star has the fields, and each may be named by itself.
        items.append(Rest(origins=made))
    bearing = Origins() if name in _ONE_ROW else how_often(_arguments(inner), within)
    return Relation(_numbered(node, name, items), bearing=bearing, reads=within.reads)


def how_often(arguments: Sequence[exp.Expr], scope: Scope) -> Origins:
    """What says how often each row is there where such arguments become rows.

    A list that is written down is as long whatever is in it.
    """
    bearing = Origins()
    for each in arguments:
        if not isinstance(each, exp.Array) or each.find(exp.Query):
            bearing.take(trace(each, scope), JOIN)
    return bearing


def _numbered(node: exp.Expr, name: str, items: list[Item]) -> list[Item]:
    """WITH ORDINALITY, WITH OFFSET: one more column, which numbers the rows."""
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier):
        return [*items, Column(offset.name, Origins())]
    if not (offset or node.args.get("ordinality")):
        return items
    alias = node.args.get("alias")
    if not (isinstance(alias, exp.TableAlias) and alias.args.get("columns")):
        known = [item for item in items if isinstance(item, Column)]
        return [*known, Column("ordinality", Origins()), *items[len(known) :]]
    own = len(node.expressions) if isinstance(node, exp.Unnest) else _WIDTHS.get(name, 1)
    return [
        Column(item.name, Origins()) if isinstance(item, Column) and place == own else item
        for place, item in enumerate(items)
    ]


_GENERATORS: Final = tuple(
    getattr(exp, kind)
    for kind in ("Unnest", "Explode", "ExplodeOuter", "Posexplode", "PosexplodeOuter", "Inline",
                 "Flatten", "GenerateSeries", "ExplodingGenerateSeries", "GenerateDateArray",
                 "JSONTable", "OpenJSON", "Stack", "StringToArray", "Split", "JSONExtract",
                 "RegexpExtractAll", "Array", "Generator", "Bracket", "Column", "XMLTable")
    if hasattr(exp, kind)
)  # fmt: skip


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).casefold()
    return node.sql_name().casefold() if isinstance(node, exp.Func) else ""


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Unnest):
        return list(node.expressions)
    return [each for each in node.iter_expressions() if not isinstance(each, exp.TableAlias)]


def _items(node: exp.Expr, inner: exp.Expr, name: str, made: Origins) -> list[Item]:
    alias = node.args.get("alias")
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    defined = _defined(inner)
    if columns:
        names = [each.name for each in columns]
        counted = names[:1] == ["SEQ"]
        items: list[Item] = [
            Column(each, Origins() if counted and each.casefold() in _NUMBERING else union(made))
            for each in names
        ]
    elif defined:
        items = [
            Column(each.name, Origins() if each.args.get("ordinality") else union(made))
            for each in defined
        ]
    else:
        fixed = _NAMES.get(name, ())
        if isinstance(inner, exp.Explode) and isinstance(node, exp.Lateral | exp.TableFromRows):
            fixed = _NAMES["flatten"]
        items = [
            Column(each, Origins() if each.casefold() in _NUMBERING else union(made))
            for each in fixed
        ]
    if not items:
        label = alias.name if isinstance(alias, exp.TableAlias) and alias.name else name
        items = [Column(label, union(made)), Rest(origins=made)] if label else [Rest(origins=made)]
    return items


def _defined(node: exp.Expr) -> list[exp.Expr]:
    """The columns that a function declares: JSON_TABLE, nested ones too, OPENJSON, XMLTABLE."""
    schema = node.args.get("schema") if isinstance(node, exp.Func) else None
    declared = [schema] if isinstance(schema, exp.Expr) else node.expressions
    found = [each for part in declared for each in part.find_all(*_DEFINITIONS, bfs=False)]
    return [each for each in found if each.name]


_DEFINITIONS: Final = tuple(
    getattr(exp, kind) for kind in ("OpenJSONColumnDef", "JSONColumnDef", "ColumnDef")
)


def _files(node: exp.Expr, scope: Scope) -> Relation:
    first = node.this if isinstance(node.this, exp.Expr) else next(iter(node.expressions), None)
    paths = _paths(first)
    if paths is None:
        scope.analysis.doubts[f"{_name(node)} reads a path that the statement does not say"] = None
        return Relation([Rest(origins=_unsaid(_name(node)))])
    tables = [Table((path,), "file") for path in paths]
    relation = _contents(tables, scope)
    if any(_is_set(each, "filename") for each in node.expressions):
        return relation.with_items([*relation.items, Column("filename", Origins())])
    return relation


def _is_set(node: exp.Expr, option: str) -> bool:
    """Whether an argument is `option = true`."""
    if not isinstance(node, exp.EQ | exp.PropertyEQ | exp.Kwarg):
        return False
    return node.this.name.casefold() == option and node.expression.sql().casefold() in {"true", "1"}


def _contents(tables: Sequence[Table], scope: Scope) -> Relation:
    """The rows of one file, or of several one after another."""
    catalog = scope.analysis.catalog
    if len(tables) == 1:
        return catalog.relation(tables[0])
    known = [catalog.columns(table) for table in tables]
    if any(columns is None for columns in known):
        return Relation([Rest(tuple(tables))], reads=tables)
    parts = [catalog.relation(table) for table in tables]
    names = dict.fromkeys(name for columns in known for name in columns or ())
    items: list[Item] = [
        Column(name, union(*(found.origins for part in parts for found in part.find(name))))
        for name in names
    ]
    return Relation(items, reads=tables)


def _unsaid(name: str) -> Origins:
    origins = Origins()
    origins.doubt(f"{name} reads a path that the statement does not say")
    return origins


def _paths(node: exp.Expr | None) -> list[str] | None:
    """The paths that an argument says; None if it is no text."""
    if isinstance(node, exp.Literal) and node.is_string:
        return [node.this]
    if isinstance(node, exp.Array | exp.List):
        found = [_paths(each) for each in node.expressions]
        return [path for each in found for path in each or ()] if all(found) else None
    return None


def _foreign(node: exp.Expr, scope: Scope) -> Relation:
    """A table of another database, read by a function: `sqlite_scan(file, table)`."""
    said: Sequence[exp.Expr] = node.expressions
    texts = [each.this for each in said if isinstance(each, exp.Literal) and each.is_string]
    if len(texts) != len(said) or len(texts) < 2:
        scope.analysis.doubts[f"{_name(node)} reads a table that the statement does not say"] = None
        return Relation([Rest(origins=_unsaid(_name(node)))])
    return scope.analysis.catalog.relation(Table(tuple(texts)))
