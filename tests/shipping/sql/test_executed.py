"""What engines give: a column changes with nothing but what it is said to depend on."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

import duckdb
import pytest

from headwater.shipping.sql import Statement, analyse
from tests.shipping.sql.notation import Vector
from tests.shipping.sql.test_vectors import VECTORS

Rows = dict[tuple[str, ...], list[list[int]]]
ERRORS = (duckdb.Error, sqlite3.Error)


def is_query(vector: Vector) -> bool:
    """Whether an engine at hand can run it over tables of numbers."""
    shapes = [len(name) for name in vector.schemas]
    return (
        vector.dialect in {"duckdb", "sqlite"}
        and vector.expected.startswith("exact")
        and "\nrows: " in vector.expected
        and vector.expected.count("\n") == 1
        and not vector.frames
        and "RECURSIVE" not in vector.sql  # it may come to no end on numbers by chance
        and shapes != []
        and max(shapes) == 1
    )


def executed(vector: Vector, rows: Rows) -> list[tuple[Any, ...]]:
    """What the engine gives."""
    connection: Any
    connection = duckdb.connect() if vector.dialect == "duckdb" else sqlite3.connect(":memory:")
    try:
        for (name,), columns in vector.schemas.items():
            declared = ", ".join(f'"{column}" INTEGER' for column in columns)
            connection.execute(f'CREATE TABLE "{name}" ({declared})')
            marks = ", ".join("?" * len(columns))
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows[name,])
        given: list[tuple[Any, ...]] = connection.execute(vector.sql).fetchall()
        return given
    finally:
        connection.close()


def dependencies(said: Statement, place: int) -> set[tuple[str, str]]:
    """The columns that one of the result depends on, its rows included."""
    assert said.result is not None
    inputs = (*said.result.columns[place].inputs, *said.result.dataset)
    return {(each.table.name[-1].casefold(), each.column.casefold()) for each in inputs}


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if is_query(each)], ids=lambda vector: vector.name
)
def test_a_column_changes_only_with_what_it_depends_on(vector: Vector) -> None:
    """Other values in a column leave the values of all columns that do not name it."""
    (said,) = analyse(vector.sql, dialect=vector.dialect, schemas=vector.schemas)
    assert said.result is not None
    numbers = random.Random(vector.name)  # noqa: S311
    rows: Rows = {
        name: [[numbers.randint(0, 3) for _ in columns] for _ in range(6)]
        for name, columns in vector.schemas.items()
    }
    try:
        before = executed(vector, rows)
    except ERRORS as error:
        reason = str(error).partition("\n")[0]
        pytest.skip(f"{vector.dialect} does not run it on numbers: {reason}")
    assert not before or len(before[0]) == len(said.result.columns)
    for (name,), columns in vector.schemas.items():
        for place, column in enumerate(columns):
            changed = {key: [list(row) for row in table] for key, table in rows.items()}
            for row in changed[name,]:
                row[place] = numbers.randint(0, 3)
            try:
                after = executed(vector, changed)
            except ERRORS:
                continue  # a scalar subquery that has several rows now
            for number, given in enumerate(said.result.columns):
                if {repr(row[number]) for row in before} != {repr(row[number]) for row in after}:
                    depends = dependencies(said, number)
                    assert (name.casefold(), column.casefold()) in depends, (given.name, column)
