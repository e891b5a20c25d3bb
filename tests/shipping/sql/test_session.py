"""What a connection knows from one statement to the next, and how names are completed."""

from __future__ import annotations

from headwater.shipping.sql import Schemas, Session, Table, analyse


def test_names_are_completed_from_the_default_schema() -> None:
    """A name without schema gets it, one with a schema the catalog."""
    schemas: Schemas = {("db", "main", "t"): ["a"], ("db", "other", "t"): ["b"]}
    (said,) = analyse(
        "SELECT * FROM t, other.t o, db.main.t p",
        dialect="duckdb",
        schemas=schemas,
        default_schema=("db", "main"),
    )
    assert said.inputs == (Table(("db", "main", "t")), Table(("db", "other", "t")))
    assert said.result is not None
    assert [column.name for column in said.result.columns] == ["a", "b", "a"]


def test_unknown_names_are_completed_too() -> None:
    """A table that nobody knows is where a new one would be."""
    (said,) = analyse(
        "INSERT INTO t (a) SELECT x FROM s", dialect="sqlite", schemas={}, default_schema=("main",)
    )
    assert said.inputs == (Table(("main", "s")),)
    assert said.outputs[0].table == Table(("main", "t"))


def test_a_name_of_two_parts_may_be_a_database() -> None:
    """DuckDB takes the first part for an attached database where there is one."""
    session = Session(
        dialect="duckdb", schemas={}, default_schema=("db", "main"), databases=["lake"]
    )
    (said,) = session.analyse("SELECT a FROM lake.t, staging.t AS s WHERE s.b > 1")
    assert said.inputs == (Table(("db", "staging", "t")), Table(("lake", "main", "t")))


def test_use_and_search_path_are_followed() -> None:
    """USE and SET search_path say where names without schema are."""
    session = Session(dialect="postgres", schemas={}, default_schema=("public",))
    session.analyse("SET search_path TO sales, public")
    (said,) = session.analyse("SELECT a FROM t")
    assert said.inputs == (Table(("sales", "t")),)
    duck = Session(dialect="duckdb", schemas={}, default_schema=("db", "main"), databases=["lake"])
    duck.analyse("USE lake")
    assert duck.analyse("SELECT a FROM t")[0].inputs == (Table(("lake", "main", "t")),)
    duck.analyse("USE lake.raw")
    assert duck.analyse("SELECT a FROM t")[0].inputs == (Table(("lake", "raw", "t")),)
    duck.analyse("USE other")
    assert duck.analyse("SELECT a FROM t")[0].inputs == (Table(("lake", "other", "t")),)


def test_a_session_goes_on_between_scripts() -> None:
    """A temporary table of one call is understood in the next."""
    session = Session(dialect="sqlite", schemas={("s",): ["x"]})
    session.analyse("CREATE TEMP TABLE w AS SELECT x AS y FROM s")
    (said,) = session.analyse("CREATE TABLE t AS SELECT y FROM w")
    assert said.inputs == (Table(("s",)),)
    (column,) = said.outputs[0].lineage.columns
    assert [(each.table.name, each.column) for each in column.inputs] == [(("s",), "x")]


def test_a_table_may_become_known_later() -> None:
    """`know` tells a session what was seen elsewhere."""
    session = Session(dialect="sqlite", schemas={})
    assert session.analyse("SELECT * FROM t")[0].exactness == "conservative"
    session.know(("t",), ["a"])
    (said,) = session.analyse("SELECT * FROM t")
    assert said.result is not None
    assert [column.name for column in said.result.columns] == ["a"]


def test_attached_databases_are_told() -> None:
    """ATTACH says name and path, so that a name can be led to its file."""
    (said,) = analyse("ATTACH 'x/other.db' AS o", dialect="sqlite", schemas={})
    assert said.attached == (("o", "x/other.db"),)


def test_names_are_spelled_as_the_table_is() -> None:
    """However it is written, a table and its columns have the names that they have."""
    (said,) = analyse(
        "SELECT DEST FROM flights", dialect="sqlite", schemas={("Flights",): ["Dest"]}
    )
    assert said.inputs == (Table(("Flights",)),)
    assert said.result is not None
    assert said.result.columns[0].inputs[0].column == "Dest"


def test_names_in_other_letters_are_other_tables_where_the_engine_says_so() -> None:
    """PostgreSQL keeps "Orders" and orders apart."""
    schemas: Schemas = {("Orders",): ["a"], ("orders",): ["b"]}
    quoted, plain = analyse(
        'SELECT * FROM "Orders"; SELECT * FROM Orders', dialect="postgres", schemas=schemas
    )
    assert quoted.inputs == (Table(("Orders",)),)
    assert plain.inputs == (Table(("orders",)),)


def test_the_columns_of_a_write_are_told() -> None:
    """A write says the table's columns where they are known."""
    said = analyse(
        "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2);"
        "CREATE TABLE u AS SELECT * FROM z",
        dialect="duckdb",
        schemas={},
    )
    assert [statement.outputs[0].columns for statement in said] == [("a", "b"), ("a", "b"), None]


def test_a_column_without_a_name_takes_the_one_that_was_seen() -> None:
    """Where the new table was seen, its columns are called as they are there."""
    sql = "CREATE TABLE t AS SELECT a, max(b) FROM s GROUP BY a"
    schemas: Schemas = {("s",): ["a", "b"], ("t",): ["a", "max(b)"]}
    (said,) = analyse(sql, dialect="sqlite", schemas=schemas)
    assert said.exactness == "exact"
    assert [column.name for column in said.outputs[0].lineage.columns] == ["a", "max(b)"]
    (unseen,) = analyse(sql, dialect="sqlite", schemas={("s",): ["a", "b"]})
    assert unseen.exactness == "conservative"


def test_drivers_of_other_libraries_have_their_names() -> None:
    """A dialect may be called as SQLAlchemy and others call it."""
    for dialect in ("postgresql", "mssql", "mariadb", "ansi", "SQLite", "awsathena"):
        (said,) = analyse("SELECT a FROM t", dialect=dialect, schemas={})
        assert said.exactness == "exact", dialect
