"""What a program makes of its inputs, told by trying: each column of them is given other values.

A program reads tables and gives tables. It runs once, captured, on files; then again on the same
tables with one column changed, which nobody records. A column of a result that is another by then
depends on the column that was changed: whatever is recorded has to say so, or to say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.capture.lineage import Output

Values = list[Any]
Table = dict[str, Values]
Tables = dict[str, Table]
"""Tables by name, as their columns by name."""
Given = dict[str, Table]
"""What a program gave: tables by name."""


class Change(NamedTuple):
    """That a column of a result was another when a column of an input was."""

    table: str
    column: str
    result: str
    changed: str


def changes(
    run: Callable[[Tables], Given | None],
    tables: Tables,
    others: Mapping[str, Mapping[str, Any]],
    *,
    ordered: bool = True,
) -> Iterator[Change]:
    """Give what depends on what, as far as it can be seen of these values.

    `run` gives None where it cannot run on a table. `others` are lists of other values, by table
    and column. Rows that come in no certain order (not `ordered`) are compared without one.
    """
    first, again = run(tables), run(tables)
    if first is None or again is None:
        return
    for table, columns in others.items():
        for column, variants in columns.items():
            seen: set[tuple[str, str]] = set()
            for values in variants:
                after = run({**tables, table: {**tables[table], column: values}})
                if after is not None:
                    seen |= set(_different(first, again, after, ordered=ordered))
            for result, changed in sorted(seen):
                yield Change(table, column, result, changed)


def _different(
    first: Given, again: Given, after: Given, *, ordered: bool
) -> Iterator[tuple[str, str]]:
    for result, table in first.items():
        for column, values in table.items():
            kept = _comparable(values, ordered=ordered)
            if kept != _comparable(again[result][column], ordered=ordered):
                continue  # it is by chance
            other = after[result].get(column)
            if other is None or kept != _comparable(other, ordered=ordered):
                yield result, column


def _comparable(values: Values, *, ordered: bool) -> list[str]:
    written = [repr(one) for one in values]
    return written if ordered else sorted(written)


def missing(found: Iterator[Change], outputs: Mapping[str, Output]) -> list[str]:
    """List what changed without being said, also by way of other outputs.

    An output of which no inputs are stated may be of anything, beside what is said of its columns;
    one without columns is followed as a whole.
    """
    told: list[str] = []
    for one in found:
        output = outputs.get(one.result)
        if output is None:
            told.append(f"{one.result} was not written")
            continue
        sources = _sources(one.result, outputs)
        if sources is None:
            continue
        if one.table not in sources:
            told.append(f"{one.result} is not said to come from {one.table}")
        elif output.columns or output.shaped:
            edges = _edges(one.result, one.changed, outputs)
            if edges is not None and f"{one.table}.{one.column}" not in edges:
                told.append(f"{one.result}.{one.changed} changes with {one.table}.{one.column}")
    return told


def _sources(name: str, outputs: Mapping[str, Output]) -> set[str] | None:
    """What an output came from; None where that is not known of all that it came from."""
    inputs = outputs[name].inputs
    if inputs is None:
        return None
    found = set(inputs)
    for one in inputs:
        if one in outputs and one != name:
            more = _sources(one, outputs)
            if more is None:
                return None
            found |= more
    return found


def _edges(name: str, column: str, outputs: Mapping[str, Output]) -> set[str] | None:
    """The columns that one came from, and what bears on all of them; None as above."""
    output = outputs[name]
    if not output.columns and not output.shaped:
        return None
    found: set[str] = set()
    for said in (*output.columns.get(column, ()), *output.shaped):
        edge = said.partition(" ")[0]
        found.add(edge)
        file, _, inner = edge.rpartition(".")
        if file in outputs and file != name:
            more = _edges(file, inner, outputs)
            if more is None:
                return None
            found |= more
    return found
