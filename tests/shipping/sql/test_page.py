"""The page about SQL says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headwater.shipping.sql import Schemas, Statement, analyse, limits

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "sql-columns.md"
TEXT = PAGE.read_text(encoding="utf-8")
SCHEMAS: Schemas = {("t",): ["k", "a", "b"], ("u",): ["k", "c"]}


def rows(title: str) -> list[list[str]]:
    """The rows of the table under a heading."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found
    lines = [line for line in found[1].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def read(cell: str) -> Statement:
    """The statement in a cell."""
    (said,) = analyse(cell.strip("`"), dialect="duckdb", schemas=SCHEMAS)
    return said


@pytest.mark.parametrize("row", rows("What is read"), ids=lambda row: row[0])
def test_an_example_is_as_sure_as_the_page_says(row: list[str]) -> None:
    """Each construct's example has the exactness beside it."""
    _, example, exactness = row
    said = read(example)
    assert said.exactness == exactness, said.doubts


@pytest.mark.parametrize("row", rows("What a write does"), ids=lambda row: row[0])
def test_a_write_does_what_the_page_says(row: list[str]) -> None:
    """Each statement has the mode and the change beside it."""
    example, mode, change = row
    (write,) = read(example).outputs
    assert (write.mode or "–", write.change or "–") == (mode, change)


def test_every_limit_is_said_with_its_value() -> None:
    """The table of limits is the module of limits."""
    said = {row[0].strip("`"): int(row[1].replace(",", "")) for row in rows("Limits")}
    assert said == {name: value for name, value in vars(limits).items() if name.isupper()}


def test_every_transformation_is_said() -> None:
    """The table of transformations has those that the code gives."""
    source = (PAGE.parents[2] / "src/headwater/shipping/sql/origins.py").read_text("utf-8")
    given = set(re.findall(r'Transformation\("\w+", "(\w+)"', source))
    assert {row[0].strip("`") for row in rows("How a column comes from another")} == given
