"""MERGE: a source joined to the target, and what its branches do."""

from __future__ import annotations

from sqlglot import exp

from headwater.shipping.sql import sources
from headwater.shipping.sql.computed import Rows
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import Mode
from headwater.shipping.sql.origins import FILTER, JOIN, union
from headwater.shipping.sql.relations import Column, Item, Relation
from headwater.shipping.sql.scope import Named, Scope
from headwater.shipping.sql.targets import (
    Target,
    alias_of,
    assign,
    bare,
    finish,
    own_reads,
    place,
    returning,
    target_of,
)


def merge(node: exp.Merge, scope: Scope) -> Relation:
    """MERGE: the branches together, under what joins and conditions them."""
    target = target_of(node.this, scope)
    target.grows = bool(node.args.get("evolves"))
    name = alias_of(node.this)
    scope.sources.append(Named([name] if name else target.parts, target.relation()))
    target.bearing.take(sources.add_from(node.args["using"], scope))
    source = scope.sources[-1]
    target.bearing.take(trace(node.args.get("on"), scope, JOIN))
    for each in node.args.get("using_cond") or []:
        for side in (scope.sources[0], source):
            target.bearing.take(union(*side.find(each.name), *side.maybe(each.name)), JOIN)
    done: set[str] = set()
    for when in node.args["whens"].expressions:
        within = scope
        if not when.args.get("matched"):
            # There is a row of one of the two: names are of the source, or BY SOURCE of the target.
            there = scope.sources[0] if when.args.get("source") else source
            within = Scope(scope.analysis, scope.parent, sources=[there])
        target.bearing.take(trace(when.args.get("condition"), within, FILTER))
        then = when.args["then"]
        if isinstance(then.args.get("where"), exp.Where):  # as Oracle has it
            target.bearing.take(trace(then.args["where"], within, FILTER))
        target.assigned.clear()
        kind = _branch(when, target, source.relation, within)
        done.add(kind)
        if kind in {"update", "delete"}:
            target.branch(deletes=kind == "delete")
        scope.reads.update(within.reads)
    mode: Mode = "upsert"
    if done <= {"insert", ""}:
        mode = "append"
    elif done <= {"delete", ""}:
        mode = "delete"
    rows: Rows = "new" if mode == "append" else "either"
    finish(target, mode, scope, rows=rows, reads=own_reads(target))
    return returning(node, target, scope, name)


def _branch(when: exp.When, target: Target, source: Relation, scope: Scope) -> str:
    """One WHEN: what it does, `update`, `insert` or `delete`."""
    then = when.args["then"]
    if isinstance(then, exp.Update):
        said = then.args.get("expressions") or []
        for each in said if isinstance(said, list) else [said]:
            if isinstance(each, exp.Star):
                _every(target, source)
            else:
                assign(each, target, scope)
        if not said:
            _every(target, source)
        return "update"
    if isinstance(then, exp.Insert):
        _merge_insert(then, target, source, scope)
        return "insert"
    return "delete" if "DELETE" in then.name.upper() else ""


def _merge_insert(node: exp.Insert, target: Target, source: Relation, scope: Scope) -> None:
    values = node.expression
    listed = node.this
    fold = scope.analysis.dialect.fold
    names = target.listed
    if isinstance(listed, exp.Star) or _is_by_name(listed):
        _every(target, source)
        return
    if isinstance(listed, exp.Tuple | exp.Schema):
        names = [fold(bare(each)) for each in listed.expressions]
    if not isinstance(values, exp.Tuple | exp.Values):
        place(target, names, source)
        return
    if isinstance(values, exp.Values):
        values = values.expressions[0]
    items: list[Item] = [Column("", trace(each, scope)) for each in values.expressions]
    place(target, names, Relation(items))


def _is_by_name(node: exp.Expr | None) -> bool:
    """INSERT BY NAME of DuckDB, which the parser takes for a column BY with an alias."""
    listed = node.expressions if isinstance(node, exp.Tuple) else []
    return len(listed) == 1 and isinstance(listed[0], exp.Alias)


def _every(target: Target, source: Relation) -> None:
    """UPDATE SET *, INSERT *: each column of the target from the source's of the same name."""
    is_open = target.columns is None or target.grows
    known = {own.casefold() for own in target.columns or ()}
    for column in source.columns:
        if is_open or column.name.casefold() in known:
            target.put(column.name, column.origins)
    for rest in source.rests:
        for own in target.columns or ():
            found = None if source.find(own) else rest.find(own)
            if found is not None:
                target.put(own, found)
        if is_open and rest not in target.rests:
            target.rests.append(rest)
