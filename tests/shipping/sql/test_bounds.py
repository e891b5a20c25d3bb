"""What cannot be read, or is too much: opaque, counted, and never an exception."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.shipping.sql import (
    Schemas,
    Session,
    Statement,
    analyse,
    analysis,
    chunks,
    limits,
    parsing,
    queries,
)
from tests.shipping.sql.queries import QUERIES, SCHEMAS, Query
from tests.shipping.sql.test_vectors import VECTORS

DIALECTS = ["duckdb", "sqlite", "postgres", "mysql", "snowflake", "bigquery", "spark", "tsql", ""]


def read(sql: str, dialect: str = "duckdb", **more: Any) -> Statement:
    """The one statement of a script."""
    (said,) = analyse(sql, dialect=dialect, schemas=more.pop("schemas", SCHEMAS), **more)
    return said


def nested(depth: int) -> str:
    """A value within brackets."""
    return f"SELECT {'(' * depth}a{')' * depth} AS x FROM t"


def test_brackets_may_nest_to_the_limit() -> None:
    """At the limit a statement is read, one beyond it is opaque, with its tables."""
    assert read(nested(limits.NESTING_MAX)).exactness == "exact"
    beyond = read(nested(limits.NESTING_MAX + 1))
    assert beyond.exactness == "opaque"
    assert "nested deeper" in beyond.doubts[0]
    assert [table.name for table in beyond.inputs] == [("t",)]


@pytest.mark.parametrize(
    "opening, closing",
    [
        ("(SELECT * FROM ", ")"),
        ("f(", ")"),
        ("CASE WHEN 1 THEN ", " END"),
        ("[", "]"),
        ("CAST(", " AS int)"),
        ("{'k': ", "}"),
        ("a IN (SELECT a FROM t WHERE ", ")"),
        ("COALESCE(1, ", ")"),
    ],
)
def test_every_bracket_may_nest_to_the_limit(opening: str, closing: str) -> None:
    """Whatever nests goes as deep as the limit without a fault of the interpreter."""
    depth = limits.NESTING_MAX - 2
    inner = "t" if "FROM " in opening and "IN" not in opening else "a"
    body = opening * depth + inner + closing * depth
    sql = f"SELECT * FROM {body}" if inner == "t" else f"SELECT {body} FROM t"
    assert "nested" not in "".join(read(sql).doubts)


@pytest.mark.parametrize("word", ["NOT ", "- ", "~ ", "x -> ", "EXPLAIN "])
def test_words_in_front_may_be_endless(word: str) -> None:
    """What recurses without brackets ends as opaque, not as an exception."""
    assert read(f"SELECT {word * 2_000} a FROM t").exactness in {"exact", "conservative", "opaque"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM t " + "JOIN u " * 20_000 + "ON 1 = 1 " * 20_000,
        "SELECT CAST(a AS " + "STRUCT<x " * 20_000 + "INT" + ">" * 20_000 + ") FROM t",
        "SELECT " + "2 ** " * 20_000 + "2 FROM t",
        "SELECT a" + "::int" * 20_000 + " FROM t",
        "SELECT a" + ".b" * 20_000 + " FROM t",
        "SELECT " + "a BETWEEN 1 AND " * 20_000 + "1 FROM t",
    ],
    ids=["joins", "types", "powers", "casts", "fields", "between"],
)
def test_what_recurses_without_brackets_is_bounded(sql: str) -> None:
    """Joins whose conditions come later, types within types and the like end, one way or other."""
    assert read(sql).exactness in {"exact", "conservative", "opaque"}


@pytest.mark.parametrize(
    "sql",
    [
        "MERGE INTO t USING u ON t.k = u.k WHEN MATCHED THEN UPDATE SET a = u.k DELETE WHERE",
        "CREATE RECURSIVE VIEW r ( VIEW k ,) AS",
        "CREATE TEMPORARY VIEW v AS; SELECT SELECT FROM v",
        "DELETE TOP (",
        "REPLACE",
        "RENAME TABLE",
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_statements_that_end_too_early_are_no_fault(sql: str, dialect: str) -> None:
    """What stops where something has to follow is read or opaque, and raises nothing."""
    for said in analyse(sql, dialect=dialect, schemas=SCHEMAS):
        assert said.exactness in {"exact", "conservative", "opaque"}


def test_joins_are_as_many_as_one_likes() -> None:
    """Hundreds of joins, each with its condition or without any, are no nesting."""
    joined = "".join(f" JOIN u AS u{n} ON u{n}.k = t.k" for n in range(300))
    assert read(f"SELECT t.a FROM t{joined}").exactness == "exact"
    crossed = "".join(f" CROSS JOIN u AS u{n}" for n in range(300))
    assert read(f"SELECT t.a FROM t{crossed}").exactness == "exact"


def test_chains_may_be_long() -> None:
    """Thousands of operators, and hundreds of queries in a UNION, are no recursion."""
    terms = read(
        f"SELECT {' + '.join(['a'] * 5_000)} AS s FROM t WHERE {' AND '.join(['b=1'] * 5_000)}"
    )
    assert terms.exactness == "exact"
    union = read(" UNION ALL ".join(["SELECT a FROM t"] * 1_000))
    assert union.exactness == "exact"


def test_common_table_expressions_may_be_many() -> None:
    """A chain of 500 common table expressions is read to its end."""
    chain = ", ".join(f"c{n} AS (SELECT a FROM c{n - 1})" for n in range(1, 500))
    said = read(f"WITH c0 AS (SELECT a FROM t), {chain} SELECT a FROM c499")
    assert said.exactness == "exact"
    assert [table.name for table in said.inputs] == [("t",)]


def test_columns_may_not_multiply_without_end() -> None:
    """Columns that double with every step reach a limit, and the tables remain."""
    steps = ", ".join(f"c{n} AS (SELECT * FROM c{n - 1} x, c{n - 1} y)" for n in range(1, 30))
    said = read(f"WITH c0 AS (SELECT * FROM t), {steps} SELECT * FROM c29")
    assert said.exactness == "opaque"
    assert f"{limits.SQL_COLUMNS_MAX:,}" in said.doubts[0]
    assert [table.name for table in said.inputs] == [("t",)]


def test_a_script_may_be_as_long_as_the_limit() -> None:
    """At the limit it is read, one byte beyond it is opaque, with the tables near its beginning."""
    sql = "SELECT a FROM t -- "
    full = sql + "x" * (limits.SQL_BYTES_MAX - len(sql))
    assert read(full).exactness == "exact"
    beyond = read(full + "x")
    assert beyond.exactness == "opaque"
    assert [table.name for table in beyond.inputs] == [("t",)]


def test_a_script_may_have_as_many_statements_as_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the limit each is read, one beyond it none is."""
    monkeypatch.setattr(chunks, "STATEMENTS_MAX", 100)
    full = "SELECT 1;" * 100
    assert len(analyse(full, dialect="duckdb", schemas={})) == 100
    assert read(full + "SELECT 1").exactness == "opaque"


def test_work_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that takes too many steps is opaque, one within them is not."""
    monkeypatch.setattr(analysis, "WORK_MAX", 10)
    assert read("SELECT a FROM t").exactness == "exact"
    assert read("SELECT a + a + a + a + a + a FROM t").exactness == "opaque"


def test_the_parser_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement on which the parser goes back too often is opaque."""
    monkeypatch.setattr(parsing, "STEPS_PER_TOKEN_MAX", 0)
    said = read("SELECT a FROM t")
    assert (said.exactness, said.doubts) == ("opaque", ("it takes the parser too long",))


def test_recursion_of_a_query_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recursive query that still finds something new at the limit is opaque."""
    monkeypatch.setattr(queries, "RECURSION_ROUNDS_MAX", 1)
    rows = "SELECT k, a FROM t UNION ALL SELECT y, x FROM r"
    sql = f"WITH RECURSIVE r(x, y) AS ({rows}) SELECT * FROM r"
    assert read(sql).exactness == "opaque"


@pytest.mark.parametrize(("limit", "exactness"), [(3, "exact"), (2, "opaque")])
def test_triggers_that_a_statement_fires_have_a_limit(
    monkeypatch: pytest.MonkeyPatch, limit: int, exactness: str
) -> None:
    """Those that triggers fire count, too; beyond the limit the statement is opaque."""
    monkeypatch.setattr(analysis, "TRIGGERS_FIRED_MAX", limit)
    chain = [
        f"CREATE TRIGGER t{n} AFTER INSERT ON x{n} BEGIN INSERT INTO x{n + 1} SELECT new.a; END"
        for n in range(3)
    ]
    schemas: Schemas = {(f"x{n}",): ["a"] for n in range(4)}
    script = ";".join([*chain, "INSERT INTO x0 SELECT 1"])
    assert analyse(script, dialect="sqlite", schemas=schemas)[-1].exactness == exactness


def test_the_limit_of_the_interpreter_is_put_back() -> None:
    """Reading raises the recursion limit for the while alone."""
    before = sys.getrecursionlimit()
    read("SELECT a FROM t")
    assert sys.getrecursionlimit() == before


def test_an_unknown_dialect_is_opaque() -> None:
    """A dialect that nobody knows gives tables, marked."""
    said = read("SELECT a FROM t", "klingon")
    assert (said.exactness, said.doubts) == ("opaque", ("the dialect 'klingon' is not known",))
    assert [table.name for table in said.inputs] == [("t",)]


@pytest.mark.parametrize("sql", ["", ";", " ;; ", "-- nothing", "/* nothing */"])
def test_nothing_is_no_statement(sql: str) -> None:
    """An empty script has no statements."""
    assert analyse(sql, dialect="postgres", schemas={}) == ()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.sampled_from(DIALECTS))
def test_garbage_is_never_an_exception(sql: str, dialect: str) -> None:
    """Any text gives statements."""
    for said in analyse(sql, dialect=dialect, schemas=SCHEMAS):
        assert said.exactness in {"exact", "conservative", "opaque"}


_WORDS = st.sampled_from(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "JOIN",
        "ON",
        "USING",
        "(",
        ")",
        ",",
        ".",
        "*",
        "t",
        "u",
        "a",
        "b",
        "AS",
        "WITH",
        "RECURSIVE",
        "UNION",
        "ALL",
        "EXCEPT",
        "VALUES",
        "INSERT",
        "INTO",
        "UPDATE",
        "SET",
        "DELETE",
        "MERGE",
        "WHEN",
        "MATCHED",
        "THEN",
        "NOT",
        "EXISTS",
        "IN",
        "CASE",
        "END",
        "OVER",
        "PARTITION",
        "BY",
        "ORDER",
        "GROUP",
        "HAVING",
        "QUALIFY",
        "WINDOW",
        "LATERAL",
        "UNNEST",
        "PIVOT",
        "FOR",
        "CREATE",
        "TABLE",
        "TEMP",
        "VIEW",
        "REPLACE",
        "DROP",
        "ALTER",
        "RENAME",
        "TO",
        "COPY",
        "'x.csv'",
        "1",
        "=",
        "+",
        "::",
        "->",
        "[",
        "]",
        "{",
        "}",
        ";",
        "?",
        "%s",
        ":x",
        "$1",
        '"q"',
        "`q`",
        "RETURNING",
        "CONFLICT",
        "DO",
        "excluded",
        "NATURAL",
        "CROSS",
        "APPLY",
        "EXCLUDE",
        "COLUMNS",
        "LIMIT",
        "OFFSET",
        "INTERVAL",
        "TRUNCATE",
        "ATTACH",
        "USE",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(_WORDS, max_size=30), st.sampled_from(DIALECTS))
def test_words_of_sql_in_any_order_are_never_an_exception(words: list[str], dialect: str) -> None:
    """What looks like SQL and is none gives statements."""
    for said in analyse(" ".join(words), dialect=dialect, schemas=SCHEMAS):
        assert said.exactness in {"exact", "conservative", "opaque"}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(VECTORS), st.data())
def test_damaged_statements_are_never_an_exception(vector: Any, data: st.DataObject) -> None:
    """A statement with a piece cut out, or in another dialect, gives statements."""
    start = data.draw(st.integers(0, len(vector.sql)))
    end = data.draw(st.integers(start, min(len(vector.sql), start + 12)))
    dialect = data.draw(st.sampled_from([vector.dialect, *DIALECTS]))
    cut = vector.sql[:start] + vector.sql[end:]
    for said in analyse(cut, dialect=dialect, schemas=vector.schemas):
        assert said.exactness in {"exact", "conservative", "opaque"}


@settings(max_examples=50, deadline=None)
@given(QUERIES, st.text("SELECT(;)'\"FROM \n", max_size=40))
def test_a_session_survives_what_it_cannot_read(query: Query, garbage: str) -> None:
    """Garbage between two statements changes nothing of what the second says."""
    sql = str(query)
    session = Session(dialect="duckdb", schemas=SCHEMAS)
    before = session.analyse(sql)
    session.analyse(garbage)
    assert session.analyse(sql) == before


def test_tables_of_the_opaque_are_those_behind_the_words() -> None:
    """FROM, JOIN and USING read, INTO, UPDATE, TABLE and DELETE FROM write; the rest is left."""
    said = read(
        "SELEKT 'FROM no' -- FROM no\n FROM a JOIN \"B c\".d, LATERAL f(1) USING s.e INTO x.y; ",
        "postgres",
        schemas={},
    )
    assert said.exactness == "opaque"
    assert [table.name for table in said.inputs] == [("B c", "d"), ("a",), ("s", "e")]
    assert [write.table.name for write in said.outputs] == [("x", "y")]
    gone = read("DELETE FROM p OOPS FROM q FOR UPDATE", "postgres", schemas={})
    assert [write.table.name for write in gone.outputs] == [("p",)]
    assert [table.name for table in gone.inputs] == [("q",)]
    own = read("WITH c AS ( SELECT FROM g ) OOPS FROM c", "postgres", schemas={})
    assert [table.name for table in own.inputs] == [("g",)]
