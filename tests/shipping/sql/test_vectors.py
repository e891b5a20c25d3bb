"""Statements with the lineage that a person expects of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.shipping.sql import ColumnLineage, Schemas, analyse
from tests.shipping.sql.notation import Vector, read_vectors

VECTORS = [
    vector
    for path in sorted((Path(__file__).parent / "vectors").glob("*.sql"))
    for vector in read_vectors(path)
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_statement_says_what_a_person_expects(vector: Vector) -> None:
    """Tables, columns, transformations and exactness are those that were written by hand."""
    assert vector.found() == vector.expected


def test_every_vector_has_a_name_of_its_own() -> None:
    """A vector's name finds it."""
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)


def value_columns(column: ColumnLineage) -> list[str]:
    """The columns that make a value, the conditions of a CASE included."""
    return sorted(
        ".".join((*each.table.name, each.column))
        for each in column.inputs
        if each.direct or any(how.subtype == "CONDITIONAL" for how in each.transformations)
    )


def test_all_of_tpc_h_is_exact(shared: Path) -> None:
    """All 22 labelled queries of TPC-H have the expected columns, by name and order."""
    queries = json.loads((shared / "data/sql/tpch_labelled.json").read_text(encoding="utf-8"))
    assert len(queries) == 22
    for query in queries:
        schemas: Schemas = {(table,): list(columns) for table, columns in query["schema"].items()}
        (said,) = analyse(query["sql"], dialect=query["dialect"], schemas=schemas)
        assert said.result is not None, query["id"]
        found = {column.name: value_columns(column) for column in said.result.columns}
        assert (query["id"], found) == (query["id"], query["expected"])
        assert list(found) == list(query["expected"]), query["id"]
        assert (said.exactness, said.doubts) == ("exact", ()), query["id"]
