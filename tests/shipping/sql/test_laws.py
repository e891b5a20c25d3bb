"""Laws of column lineage: what changes nothing, and what may only add."""

from __future__ import annotations

import re

from hypothesis import given, settings

from headwater.shipping.sql import Input, Lineage, Statement, analyse
from tests.shipping.sql.queries import COLUMNS, QUERIES, SCHEMAS, Query, conditions

FEW = settings(max_examples=60, deadline=None)


def read(sql: str) -> Statement:
    """The one statement."""
    (said,) = analyse(sql, dialect="duckdb", schemas=SCHEMAS)
    return said


def lineage(sql: str) -> Lineage:
    """What a query gives; it has to be exact."""
    said = read(sql)
    assert (said.exactness, said.doubts) == ("exact", ()), sql
    assert said.result is not None
    return said.result


def edges(inputs: tuple[Input, ...]) -> set[tuple[object, ...]]:
    """Edges one by one."""
    return {(each.table, each.column, how) for each in inputs for how in each.transformations}


@FEW
@given(QUERIES)
def test_names_given_to_tables_change_nothing(query: Query) -> None:
    """Other aliases of tables give the same lineage."""
    sql = str(query)
    renamed = re.sub(r"\by\b", "other", re.sub(r"\bx\b(?!')", '"The One"', sql))
    assert lineage(renamed) == lineage(sql)


@FEW
@given(QUERIES)
def test_letters_and_spaces_change_nothing(query: Query) -> None:
    """Keywords in small letters, and a comment between any two words, give the same lineage."""
    sql = str(query)
    shouted = re.sub(r"\b[A-Z]+\b", lambda word: word[0].lower(), sql)
    assert lineage(shouted.replace(" ", " /* FROM z */\n")) == lineage(sql)


@FEW
@given(QUERIES)
def test_a_common_table_expression_changes_nothing(query: Query) -> None:
    """A query within WITH gives what it gives by itself."""
    sql = str(query)
    assert lineage(f"WITH w AS ({sql}) SELECT * FROM w") == lineage(sql)


@FEW
@given(QUERIES)
def test_a_subquery_changes_nothing(query: Query) -> None:
    """A query within FROM, twice, gives what it gives by itself."""
    sql = str(query)
    assert lineage(f"SELECT * FROM (SELECT q.* FROM ({sql}) AS q) AS p") == lineage(sql)


@FEW
@given(QUERIES)
def test_a_union_with_itself_only_groups(query: Query) -> None:
    """The same rows twice come from where they come from once; distinct ones are grouped by all."""
    body = str(query._replace(order=None))
    one = lineage(body)
    assert lineage(f"{body} UNION ALL {body}") == one
    distinct = lineage(f"{body} UNION {body}")
    assert distinct.columns == one.columns
    assert distinct.dataset == lineage(f"SELECT DISTINCT * FROM ({body})").dataset
    grouped = {each for column in one.columns for each in compared(column.inputs)}
    assert compared(distinct.dataset) == grouped | compared(one.dataset)


def compared(inputs: tuple[Input, ...]) -> set[tuple[object, ...]]:
    """Their columns."""
    return {(each.table, each.column) for each in inputs}


@FEW
@given(QUERIES)
def test_an_intersection_with_itself_only_filters(query: Query) -> None:
    """Rows that both sides have come from where one does; all columns decide which those are."""
    body = str(query._replace(order=None))
    both, one = lineage(f"{body} INTERSECT {body}"), lineage(body)
    assert both.columns == one.columns
    compared = {(each.table, each.column) for column in one.columns for each in column.inputs}
    filters = [
        (each.table, each.column)
        for each in both.dataset
        if any(how.subtype == "FILTER" for how in each.transformations)
    ]
    assert compared <= set(filters)
    assert edges(one.dataset) <= edges(both.dataset)


@FEW
@given(QUERIES, conditions(COLUMNS))
def test_a_filter_adds_indirect_edges_alone(query: Query, condition: str) -> None:
    """A condition more changes no column, and adds to what bears on all rows."""
    both = condition if query.where is None else f"({query.where}) AND ({condition})"
    before, after = lineage(str(query)), lineage(str(query._replace(where=both)))
    assert after.columns == before.columns
    assert edges(after.dataset) >= edges(before.dataset)
    assert all(how.type == "INDIRECT" for each in after.dataset for how in each.transformations)


@FEW
@given(QUERIES)
def test_writing_a_query_writes_its_lineage(query: Query) -> None:
    """CREATE TABLE AS, CREATE VIEW and INSERT say of the table what SELECT says of the rows."""
    sql = str(query)
    rows = lineage(sql)
    names = [column.name for column in rows.columns]
    for write in (
        f"CREATE TABLE z AS {sql}",
        f"CREATE VIEW z AS {sql}",
        f"INSERT INTO z ({', '.join(names)}) {sql}",
    ):
        (output,) = read(write).outputs
        assert output.lineage == rows


@FEW
@given(QUERIES)
def test_a_temporary_table_changes_nothing(query: Query) -> None:
    """What goes through a temporary table comes from where it came from before."""
    sql = str(query)
    direct = read(f"CREATE TABLE z AS {sql}")
    script = f"CREATE TEMP TABLE w AS {sql}; CREATE TABLE z AS SELECT * FROM w; DROP TABLE w"
    _, through, _ = analyse(script, dialect="duckdb", schemas=SCHEMAS)
    assert (through.inputs, through.outputs) == (direct.inputs, direct.outputs)


@FEW
@given(QUERIES)
def test_not_knowing_the_schemas_never_adds_certainty(query: Query) -> None:
    """Without schemas, what is still called exact is what it is with them."""
    sql = str(query)
    known = lineage(sql)
    (said,) = analyse(sql, dialect="duckdb", schemas={})
    assert said.result is not None
    for column, other in zip(said.result.columns, known.columns, strict=True):
        if column.exactness == "exact":
            assert column == other


@FEW
@given(QUERIES)
def test_every_edge_is_of_a_table_that_is_read(query: Query) -> None:
    """Columns and what bears on them are of the statement's inputs."""
    sql = str(query)
    said = read(sql)
    rows = lineage(sql)
    every = [*rows.dataset, *(each for column in rows.columns for each in column.inputs)]
    assert {each.table for each in every} <= set(said.inputs)
