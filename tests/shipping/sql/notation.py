"""A short way to write down what a statement does, for vectors.

A vector is a block of a `.sql` file:

    -- what it shows
    -- dialect table(column, column) other(column) unknown
    SELECT …;
    --> exact reads t
    --> rows: a = t.x | b = t.y:T t.z:C | all: t.k:F

One `-->` line begins each statement: its exactness and what it reads. One follows for each output
(`append t:`, `CREATE t:`, `overwrite file x.csv:`), and one for what goes back to the program
(`rows:`). An edge is `table.column:how`, `how` being T(ransformation), A(ggregation), J(oin),
F(ilter), G(roup by), S(ort), W(indow), C(onditional), several of them for several; none is
IDENTITY, which among several is I. A small m says masking. `all:` are the edges that bear on every
column, `*` tables of which all columns pass. In the second line a table without columns is
unknown, `@frame(column)` is a frame and `'path'(column)` a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from headwater.shipping.sql import Input, Lineage, Statement, Table, Write, analyse

_LETTERS = {
    "IDENTITY": "I",
    "TRANSFORMATION": "T",
    "AGGREGATION": "A",
    "JOIN": "J",
    "FILTER": "F",
    "GROUP_BY": "G",
    "SORT": "S",
    "WINDOW": "W",
    "CONDITIONAL": "C",
}
_KNOWN = re.compile(r"(@?)('[^']+'|[\w.$]+)(?:\(([^)]*)\))?")


class Vector(NamedTuple):
    """A script with what it means."""

    name: str
    dialect: str
    schemas: Mapping[tuple[str, ...], Sequence[str]]
    frames: Mapping[str, Sequence[str] | None]
    sql: str
    expected: str

    def found(self, sql: str | None = None) -> str:
        """What is said about the script, or about another in its place."""
        said = analyse(
            self.sql if sql is None else sql,
            dialect=self.dialect,
            schemas=self.schemas,
            frames=self.frames,
        )
        return write_down(said)


def read_vectors(path: Path) -> Iterator[Vector]:
    """The vectors of a file."""
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        lines = block.split("\n")
        name = lines[0].removeprefix("-- ")
        dialect, _, known = lines[1].removeprefix("-- ").partition(" ")
        sql = "\n".join(line for line in lines[2:] if not line.startswith("-->"))
        expected = "\n".join(line[4:] for line in lines[2:] if line.startswith("-->"))
        schemas: dict[tuple[str, ...], list[str]] = {}
        frames: dict[str, list[str] | None] = {}
        for frame, table, columns in _KNOWN.findall(known):
            names = [column.strip() for column in columns.split(",") if column.strip()]
            if frame:
                frames[table] = names or None
            elif names:
                key = (table.strip("'"),) if table.startswith("'") else tuple(table.split("."))
                schemas[key] = names
        yield Vector(f"{path.stem}: {name}", dialect, schemas, frames, sql, expected)


def write_down(statements: Sequence[Statement]) -> str:
    """Statements in the notation."""
    return "\n".join(line for statement in statements for line in _lines(statement))


def _lines(statement: Statement) -> Iterator[str]:
    reads = ", ".join(_table(table) for table in statement.inputs) or "nothing"
    yield f"{statement.exactness} reads {reads}"
    for write in statement.outputs:
        yield _write(write)
    if statement.result is not None:
        yield f"rows: {_lineage(statement.result)}".rstrip()


def _write(write: Write) -> str:
    what = " ".join(word for word in (write.change, write.mode) if word) or "writes"
    if write.previous is not None:
        what = f"RENAME {_table(write.previous)} to"
    view = "view " if write.view else ""
    return f"{what} {view}{_table(write.table)}: {_lineage(write.lineage)}".rstrip()


def _table(table: Table) -> str:
    name = ".".join(table.name)
    return name if table.kind == "table" else f"{table.kind} {name}"


def _lineage(lineage: Lineage) -> str:
    parts = [
        f"{column.name} = {_edges(column.inputs)}".rstrip()
        + (" ?" if column.exactness != "exact" else "")
        for column in lineage.columns
    ]
    if lineage.rest:
        parts.append("* " + " ".join(".".join(table.name) for table in lineage.rest))
    if lineage.dataset:
        parts.append("all: " + _edges(lineage.dataset))
    return " | ".join(parts)


def _edges(inputs: Sequence[Input]) -> str:
    return " ".join(_edge(each) for each in inputs)


def _edge(each: Input) -> str:
    letters = "".join(
        _LETTERS[how.subtype] + ("m" if how.masking else "") for how in each.transformations
    )
    name = f"{'.'.join(each.table.name)}.{each.column}"
    return name if letters == "I" else f"{name}:{letters}"
