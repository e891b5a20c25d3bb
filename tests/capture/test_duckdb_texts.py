"""What a text of DuckDB says by its looks, while the program runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from headwater.capture.adapters import duckdb_connections as connections
from headwater.capture.adapters import duckdb_statements as statements
from headwater.capture.adapters import duckdb_texts as texts
from headwater.capture.patching import Patches


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select * from 'a.csv'", ("a.csv",)),
        ("select 'b.csv' as name from read_csv('a.csv', header := true)", ("a.csv",)),
        ("from read_parquet(['a.parquet', 'b.parquet'])", ("a.parquet", "b.parquet")),
        ("select * from t join 'it''s.csv' using (k)", ("it's.csv",)),
        ('select * from "a.parquet"', ("a.parquet",)),
        ("copy t from 'a.csv'", ("a.csv",)),
        ("select * from sqlite_scan('s.db', 't')", ("s.db",)),
        ("from (unpivot 'a.csv' on x, y) join (pivot 'b.csv' on k)", ("a.csv", "b.csv")),
        ("merge into t using 'a.csv' s on t.k = s.k when matched then delete", ("a.csv",)),
        ("summarize 'a.csv'", ("a.csv",)),
        ("describe table 'a.csv'", ("a.csv",)),
        ("insert into t values ('a.csv')", ()),
        ("select 1", ()),
    ],
)
def test_files_that_are_read_are_found(sql: str, expected: tuple[str, ...]) -> None:
    """Behind FROM, JOIN, PIVOT and the like, and in the calls of readers; other texts are none."""
    assert texts.paths(sql) == expected


def test_readers_are_asked_with_their_options() -> None:
    """The call as it stands, brackets and quotes within it too; a path alone as a path."""
    sql = "select * from read_csv('a.csv', sep := ')', names := ['p', (lower('Q'))]), 'b.csv' b"
    assert texts.readers(sql) == {
        "a.csv": "read_csv('a.csv', sep := ')', names := ['p', (lower('Q'))])",
        "b.csv": "'b.csv'",
    }


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("attach 'one.duckdb'", {"one": "duckdb://host{folder}/one.duckdb"}),
        (
            "ATTACH IF NOT EXISTS 'a.db' AS other (READ_ONLY)",
            {"other": "duckdb://host{folder}/a.db"},
        ),
        ("attach 's.db' as s (type sqlite)", {"s": "sqlite://host{folder}/s.db"}),
        ("attach ':memory:' as m", {"m": None}),
        (
            "attach 'dbname=shop user=u password=geheim host=db port=5433' as p (type postgres)",
            {"p": "postgres://db:5433/shop"},
        ),
        ("attach 'dbname=shop' as p (type postgres)", {"p": "postgres://localhost:5432/shop"}),
        (
            "attach 'postgresql://u:geheim@db/shop?sslmode=off' as p (type postgres)",
            {"p": "postgres://db:5432/shop"},
        ),
        (
            "attach 'host=db user=root database=shop' as m (type mysql)",
            {"m": "mysql://db:3306/shop"},
        ),
        ("select 'attach'", {}),
    ],
)
def test_attached_databases_are_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sql: str,
    expected: dict[str, str | None],
) -> None:
    """By name, with the namespace of their tables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADWATER_FILE_NAMESPACE", "host")
    folder = tmp_path.resolve()
    assert texts.attached(sql) == {
        name: space and space.format(folder=folder) for name, space in expected.items()
    }


def test_a_file_of_sqlite_is_known_by_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the statement does not say which it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.db").write_bytes(b"SQLite format 3\0")
    (space,) = texts.attached("attach 's.db'").values()
    assert space is not None
    assert space.startswith("sqlite://")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("begin", True),
        ("BEGIN TRANSACTION; select 1", True),
        ("begin; commit", False),
        ("rollback", False),
        ("select 'x'; commit", False),
        ("select begin_time from t", None),
    ],
)
def test_the_end_of_a_text_tells_of_its_transaction(sql: str, expected: bool | None) -> None:
    """Open, closed, or as it was."""
    assert texts.ends_open(sql) is expected


def test_random_names_are_told_the_same_way_every_time() -> None:
    """In the order in which they stand; equal ones are equal."""
    shown: dict[str, str] = {}
    sql = (
        'WITH "__duckdb_s0" AS NOT MATERIALIZED (SELECT * FROM "__duckdb_source_4b05_7") '
        'SELECT * FROM "__duckdb_s0" AS "unnamed_relation_e410", "__duckdb_source_4b05_7"'
    )
    assert texts.readable(sql, shown) == (
        'WITH "__duckdb_s0" AS (SELECT * FROM "source_1") '
        'SELECT * FROM "__duckdb_s0" AS "relation_2", "source_1"'
    )


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("copy t to 'o.csv'", False),
        ("COPY (select ')') TO 'o.csv' (format csv)", False),
        ("copy t to 'parts' (format parquet, partition_by (k))", True),
        ("copy t from 'a.csv'", None),
        ("select 1", None),
    ],
)
def test_where_a_text_copies_to_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str, parts: bool | None
) -> None:
    """A file, or a folder whose new files are looked for."""
    monkeypatch.chdir(tmp_path)
    found = texts.target(sql)
    assert (None if found is None else found.before is not None) is parts


@pytest.mark.parametrize(("count", "found"), [(3, 3), (4, 3)])
def test_paths_are_looked_at_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch, count: int, found: int
) -> None:
    """The first of them."""
    monkeypatch.setattr(texts, "PATHS_MAX", 3)
    listed = ", ".join(f"'{number}.csv'" for number in range(count))
    assert len(texts.paths(f"from read_csv([{listed}]) as of_{count}")) == found


@pytest.mark.parametrize(("limit", "tables"), [(4, ["one", "two"]), (3, ["one"])])
def test_columns_of_a_database_are_read_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, tables: list[str]
) -> None:
    """Table by table: of none a part."""
    monkeypatch.setattr(connections, "COLUMNS_READ_MAX", limit)
    with duckdb.connect(tmp_path / "w.duckdb") as connection:
        connection.execute("create table one (a int, b int); create table two (a int, b int)")
        found = connections._columns(connection)
    assert found == {("w", "main", table): ["a", "b"] for table in tables}


def test_columns_of_files_are_asked_for_once_and_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond, a star is what the result says."""
    monkeypatch.setattr(statements, "READERS_MAX", 2)
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("x,y\n1,2\n")
    known = connections.Known()
    with duckdb.connect() as connection:
        asked = [
            statements.ask(known, connection, {name: f"'{tmp_path / name}.csv'"}) for name in "aabc"
        ]
    assert asked == [{("a",): ["x", "y"]}, None, {("b",): ["x", "y"]}, None]


def test_observers_leave_the_variables_of_the_caller_to_be_found() -> None:
    """DuckDB looks for them in the frame that it was called from, passing over its own."""
    patches = Patches()
    seen: list[object] = []
    patches.observe(
        duckdb.DuckDBPyConnection,
        "execute",
        lambda _, args, __: seen.append(args[1]),
        beneath=True,
        passing="duckdb._observed",
    )
    local = pa.table({"a": [1]})
    try:
        with duckdb.connect() as connection:
            assert connection.execute("select a from local").fetchall() == [(1,)]
    finally:
        patches.undo()
    assert local.num_rows == 1
    assert seen == ["select a from local"]
