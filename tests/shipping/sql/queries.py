"""Strategies: queries over three tables, as text, that are valid by construction."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from headwater.shipping.sql import Schemas

SCHEMAS: Schemas = {
    ("t",): ["k", "a", "b"],
    ("u",): ["k", "c", "d"],
    ("v",): ["j", "e"],
}

_OPERATORS = st.sampled_from(["+", "-", "*", "||"])
_COMPARISONS = st.sampled_from(["=", "<", ">=", "<>"])


def columns(alias: str, table: str) -> st.SearchStrategy[str]:
    """A qualified column."""
    return st.sampled_from([f"{alias}.{name}" for name in SCHEMAS[table,]])


@st.composite
def expressions(draw: st.DrawFn, column: st.SearchStrategy[str], depth: int = 2) -> str:
    """An expression over columns."""
    if depth == 0:
        return draw(st.one_of(column, st.sampled_from(["1", "'x'", "NULL"])))
    inner = expressions(column, depth - 1)
    form = draw(st.integers(0, 5))
    if form == 0:
        return f"({draw(inner)} {draw(_OPERATORS)} {draw(inner)})"
    if form == 1:
        when = f"{draw(inner)} {draw(_COMPARISONS)} {draw(inner)}"
        return f"CASE WHEN {when} THEN {draw(inner)} ELSE {draw(inner)} END"
    if form == 2:
        return f"COALESCE({draw(inner)}, {draw(inner)})"
    if form == 3:
        return f"SUM({draw(inner)}) OVER (PARTITION BY {draw(column)} ORDER BY {draw(column)})"
    if form == 4:
        return f"(SELECT MAX(v.e) FROM v WHERE v.j = {draw(column)})"
    return draw(column)


@st.composite
def conditions(draw: st.DrawFn, column: st.SearchStrategy[str]) -> str:
    """A condition over columns."""
    if draw(st.booleans()):
        return f"{draw(column)} {draw(_COMPARISONS)} {draw(expressions(column, 1))}"
    return f"EXISTS (SELECT 1 FROM v WHERE v.j = {draw(column)})"


class Query(NamedTuple):
    """A SELECT over two joined tables, in its clauses."""

    columns: tuple[str, ...]
    where: str | None
    order: str | None

    def __str__(self) -> str:
        """The text."""
        named = ", ".join(f"{column} AS n{place}" for place, column in enumerate(self.columns))
        clauses = [f"SELECT {named} FROM t AS x JOIN u AS y ON x.k = y.k"]
        if self.where:
            clauses.append(f"WHERE {self.where}")
        if self.order:
            clauses.append(f"ORDER BY {self.order}")
        return " ".join(clauses)


COLUMNS = st.one_of(columns("x", "t"), columns("y", "u"))

QUERIES = st.builds(
    Query,
    columns=st.lists(expressions(COLUMNS), min_size=1, max_size=4).map(tuple),
    where=st.none() | conditions(COLUMNS),
    order=st.none() | COLUMNS,
)
