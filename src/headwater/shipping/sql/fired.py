"""What triggers do when a statement writes their tables."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from headwater.shipping.sql import opaque
from headwater.shipping.sql.computed import Rows, after
from headwater.shipping.sql.expressions import trace
from headwater.shipping.sql.model import GIVEN, Table, Write
from headwater.shipping.sql.origins import FILTER, union
from headwater.shipping.sql.reactions import Assigned, Trigger
from headwater.shipping.sql.relations import Column, Item, Relation, of_table
from headwater.shipping.sql.scope import Named, Scope


def fire(node: exp.Expr, first: int, reads: frozenset[Table], scope: Scope) -> frozenset[Table]:
    """Read what the triggers do of those tables that a statement wrote, from its write `first` on.

    `reads` are the tables that it read; what comes back is what its triggers read. No trigger is
    fired by what it does itself.
    """
    analysis = scope.analysis
    events = _events(node)
    found: set[Table] = set()
    replaced: list[int] = []
    for place in range(first, len(analysis.writes)):
        parts = analysis.writes[place][1]
        for trigger in analysis.catalog.reactions.triggers(analysis.catalog.key(parts)):
            if trigger.name in analysis.firing or not _is_fired(trigger, events, node):
                continue
            analysis.fire(trigger.name)
            found |= _done(trigger, place, events, reads, scope)
            analysis.firing.pop()
            if trigger.moment == "instead":
                replaced.append(place)
        if found and analysis.writes[place][0].reads is None:
            write, parts, relation = analysis.writes[place]
            analysis.writes[place] = write._replace(reads=reads), parts, relation
    for place in reversed(dict.fromkeys(replaced)):
        del analysis.writes[place]
    return frozenset(found)


def _events(node: exp.Expr) -> frozenset[str]:
    """The kinds of rows that a statement may write."""
    if isinstance(node, exp.Merge):
        said = [when.args["then"] for when in node.args["whens"].expressions]
        kinds = {exp.Update: "update", exp.Insert: "insert"}
        return frozenset(kinds.get(type(each), "delete") for each in said)
    if isinstance(node, exp.Insert):
        conflicts = [node.args.get("conflict"), *(node.args.get("conflicts") or [])]
        updates = any(one is not None and one.expressions for one in conflicts)
        return frozenset({"insert", "update"} if updates else {"insert"})
    return frozenset({"update" if isinstance(node, exp.Update) else "delete"})


def _is_fired(trigger: Trigger, events: frozenset[str], node: exp.Expr) -> bool:
    common = trigger.events & events
    if common != {"update"} or not trigger.columns or not isinstance(node, exp.Update):
        return bool(common)
    assigned = (column for each in node.expressions for column in each.find_all(exp.Column))
    return not trigger.columns.isdisjoint(column.name.casefold() for column in assigned)


def _done(
    trigger: Trigger,
    place: int,
    events: frozenset[str],
    reads: frozenset[Table],
    scope: Scope,
) -> frozenset[Table]:
    """What one trigger does for one write; the tables that it reads."""
    analysis = scope.analysis
    write, parts, relation = analysis.writes[place]
    if trigger.steps is None:
        return _not_known(trigger, parts, reads, scope)
    common = events & trigger.events
    within = Scope(analysis, sources=_rows(common, write, parts, relation, scope))
    bearing = union(relation.bearing, trace(trigger.when, within, FILTER))
    found: set[Table] = set()
    for step in trigger.steps:
        begun = len(analysis.writes)
        if isinstance(step, Assigned):
            made = Column(step.column, trace(step.value, within))
            kept = [item for item in relation.items if not _is_called(item, step.column)]
            relation = Relation([*kept, made], bearing=relation.bearing, reads=relation.reads)
            analysis.writes[place] = write._replace(lineage=relation.lineage()), parts, relation
            within.sources = _rows(common, write, parts, relation, scope)
            continue
        own = analysis.write(step.copy(), within).reads
        for at in range(begun, len(analysis.writes)):
            done, name, into = analysis.writes[at]
            into = Relation(into.items, bearing=union(into.bearing, bearing), reads=into.reads)
            of = (reads | own | (done.reads or frozenset()) | _sources(into)) - _program(reads)
            analysis.writes[at] = done._replace(lineage=into.lineage(), reads=of), name, into
            analysis.doubts.update(into.doubts())
            found |= of
    return frozenset(found | within.reads.keys()) - _program(reads)


def _program(reads: frozenset[Table]) -> frozenset[Table]:
    """The program, where it gave nothing: what a trigger says in VALUES, the program did not."""
    return frozenset() if GIVEN in reads else frozenset({GIVEN})


def _rows(
    events: frozenset[str], write: Write, parts: Sequence[str], relation: Relation, scope: Scope
) -> list[Named]:
    """NEW and OLD: the row as it is after the write, and as it was before."""
    before = scope.analysis.catalog.temporary(parts)
    if not isinstance(before, Relation):
        before = of_table(write.table, write.columns).with_reads(())
    changed = {column.name: column.origins for column in relation.columns}
    rows: Rows = "new" if events == {"insert"} else "changed" if events == {"update"} else "either"
    new = Relation([*after(before, changed, rows).items, *relation.rests])
    return [
        Named([name], row, qualified_only=True) for name, row in (("new", new), ("old", before))
    ]


def _not_known(
    trigger: Trigger, parts: Sequence[str], reads: frozenset[Table], scope: Scope
) -> frozenset[Table]:
    """A trigger whose text cannot be read: by the names in it. It may change the row before it."""
    analysis = scope.analysis
    catalog = analysis.catalog
    analysis.doubts[f"what the trigger {trigger.name} of {parts[-1]} does is not understood"] = None
    read, written = opaque.tables(trigger.text, analysis.dialect)
    found = {table for name in read if (table := catalog.table(name)) is not None}
    for name in written:
        if not isinstance(catalog.temporary(name), Relation):
            of = reads | found | {GIVEN}
            analysis.wrote(Write(catalog.stored(name), reads=of), name, Relation())
    return frozenset(found if trigger.moment == "after" else found | {GIVEN})


def _is_called(item: Item, name: str) -> bool:
    return isinstance(item, Column) and item.name.casefold() == name.casefold()


def _sources(relation: Relation) -> set[Table]:
    origins = [relation.bearing, *(column.origins for column in relation.columns)]
    return {source.table for each in origins for source in each.sources}
