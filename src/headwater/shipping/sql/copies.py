"""COPY and LOAD DATA: between tables and files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from headwater.shipping.sql.analysis import UnsupportedError
from headwater.shipping.sql.model import Mode, Table, Write
from headwater.shipping.sql.queries import read_query
from headwater.shipping.sql.relations import Relation, said
from headwater.shipping.sql.scope import Scope
from headwater.shipping.sql.sources import relation_of
from headwater.shipping.sql.targets import column_list, finish, place, target_of

_STREAMS = frozenset({"STDIN", "STDOUT", "PROGRAM"})


def copy(node: exp.Copy, scope: Scope) -> None:
    """COPY: `kind` is true where it reads files into a table."""
    files = node.args.get("files") or []
    if node.args.get("kind") and any(isinstance(each, exp.Query) for each in files):
        _copy_query(node.this, files, scope)
        return
    places = [_place(each) for each in files]
    if node.args.get("kind"):
        if None in places:
            _copy_given(node.this, scope)
            return
        _copy_in(node.this, [each for each in places if each is not None], scope)
        return
    relation = _content(node.this, scope)
    scope.reads.update(dict.fromkeys(relation.reads))
    scope.analysis.doubts.update(relation.doubts())
    for file in places:
        if file is not None:
            columns = None if relation.rests else tuple(each.name for each in relation.columns)
            write = Write(file, "overwrite", lineage=relation.lineage(), columns=columns)
            scope.analysis.wrote(write, file.name, relation)


def _copy_query(node: exp.Expr, queries: Sequence[exp.Expr], scope: Scope) -> None:
    """COPY INTO t FROM (SELECT … FROM @stage) of Snowflake: an INSERT by position."""
    target = target_of(node, scope)
    for query in queries:
        relation = read_query(query, scope)
        place(target, column_list(node, scope) or target.listed, relation)
        target.bearing.take(relation.bearing)
        scope.reads.update(dict.fromkeys(relation.reads))
    finish(target, "append", scope)


def load(node: exp.LoadData, scope: Scope) -> None:
    """LOAD DATA: files into a table, as they are."""
    path = node.args.get("inpath") or node.args.get("files")
    file = _place(path) if isinstance(path, exp.Expr) else None
    if file is None:
        raise UnsupportedError("LOAD DATA without a plain path")
    _copy_in(node.this, [file], scope, "overwrite" if node.args.get("overwrite") else "append")


def _copy_in(node: exp.Expr, files: list[Table], scope: Scope, mode: Mode = "append") -> None:
    target = target_of(node, scope)
    for file in files:
        scope.reads[file] = None
    if files:
        names = " and ".join(said(file) for file in files)
        scope.analysis.doubts[f"which column of {names} goes where is not in the statement"] = None
    write = Write(target.table, mode, columns=tuple(target.columns) if target.columns else None)
    scope.analysis.wrote(write, target.parts, Relation(reads=files))


def _copy_given(node: exp.Expr, scope: Scope) -> None:
    """COPY … FROM STDIN: rows of the program."""
    target = target_of(node, scope)
    names = column_list(node, scope) or target.listed
    relation = scope.analysis.catalog.given_as(names)
    if scope.analysis.catalog.given is not None:
        place(target, names, relation)
    target.bearing.take(relation.bearing)
    scope.reads.update(dict.fromkeys(relation.reads))
    columns = tuple(target.columns) if target.columns else None
    written = target.written()
    write = Write(target.table, "append", lineage=written.lineage(), columns=columns)
    scope.analysis.wrote(write, target.parts, written)


def _content(node: exp.Expr, scope: Scope) -> Relation:
    if isinstance(node, exp.Schema):
        names = [exp.Column(this=each.copy()) for each in node.expressions]
        query = exp.select(*names).from_(node.this.copy())
        return read_query(query, scope)
    return relation_of(node, Scope(scope.analysis, scope))


def _place(node: exp.Expr) -> Table | None:
    """The file that COPY names; None for streams: the program's own, and those of a command."""
    if isinstance(node, exp.Literal) and node.is_string:
        return Table((node.this,), "file")
    if isinstance(node, exp.Table):
        return Table((node.name,), "file")
    if isinstance(node, exp.Var | exp.Column | exp.Identifier) and node.name.upper() in _STREAMS:
        return None
    raise UnsupportedError("COPY with a place that is an expression")
