"""What comes of SQL in the store: events that are valid, and lineage that leads through tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import headwater
from headwater import testing
from headwater.capture.datasets import Name
from headwater.capture.statements import Connection
from headwater.openlineage import admit
from headwater.shipping.queries import Queries
from tests.capture.lineage import recording
from tests.shipping.sql.test_vectors import VECTORS

NOW = 4_000_000_000_000_000


def shop() -> Connection:
    """A connection to a file with the table `raw(k, a, b)`."""
    made = Connection("sqlite", default=["main"], databases={"main": "sqlite://host/shop.db"})
    made.knows({("main", "raw"): ["k", "a", "b"]})
    return made


STAGED = (
    "CREATE TABLE stage AS SELECT k, a + b AS s FROM raw WHERE a > 1",
    "CREATE TABLE fresh AS SELECT k, max(s) AS m FROM stage GROUP BY k",
    "DROP TABLE stage",
    "DROP TABLE IF EXISTS final",
    "ALTER TABLE fresh RENAME TO final",
    "CREATE VIEW seen AS SELECT m FROM final",
    "UPDATE final SET m = m + 1",
    "DELETE FROM final",
)


def test_every_event_is_valid_in_strict_mode(tmp_path: Path) -> None:
    """Facets of tables, their changes and statements are as the schemas want them."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        for sql in STAGED:
            connection.executed(sql)
        connection.executed("SELEKT FROM raw")
    for event in found.events:
        assert admit.parse(json.dumps(event).encode(), strict=True, now=NOW).warnings == ()


def test_what_returning_gives_is_of_the_table_that_was_written(tmp_path: Path) -> None:
    """It is an input of what is made of it, in the statement and in the program."""
    with recording(tmp_path) as found, headwater.run("job") as run:
        connection = Connection("postgres", default=["shop", "public"], server="postgres://db")
        connection.knows({("shop", "public", "z"): ["x"], ("shop", "public", "u"): ["k", "c"]})
        connection.executed("WITH d AS (DELETE FROM u RETURNING k) INSERT INTO z SELECT k FROM d")
        origin = connection.executed("DELETE FROM u RETURNING c", gives=["c"])
        assert origin is not None
        run.record_write(Name("file://host", "/o.csv"), origin.said())
    outputs, u = found.outputs(), "shop.public.u"
    moved = outputs["shop.public.z"]
    assert (moved.inputs, moved.columns) == ([u], {"x": [f"{u}.k IDENTITY"]})
    assert (outputs["o.csv"].inputs, outputs["o.csv"].columns) == ([u], {"c": [f"{u}.c IDENTITY"]})


def test_columns_that_depend_on_the_data_are_followed_as_a_whole(tmp_path: Path) -> None:
    """Some of them known by name, the others would pass for columns of nothing."""
    with recording(tmp_path) as found, headwater.run("job") as run:
        connection = Connection("duckdb", default=["w", "main"], databases={"w": "duckdb://host/w"})
        connection.knows({("w", "main", "raw"): ["k", "a", "b"]})
        origin = connection.executed(
            "PIVOT raw ON a USING sum(b) GROUP BY k", gives=["k", "1", "2"]
        )
        assert origin is not None
        run.record_write(Name("file://host", "/o.csv"), origin.said())
    output = found.outputs()["o.csv"]
    assert (output.inputs, output.columns, output.shaped) == (["main.raw"], {}, [])


def test_what_chose_rows_is_not_said_without_their_columns(tmp_path: Path) -> None:
    """By itself it would pass for all that the columns came from."""
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed("INSERT INTO unknown SELECT k, a FROM raw WHERE b > 1")
    output = found.outputs()["main.unknown"]
    assert (output.inputs, output.columns, output.shaped) == (["main.raw"], {}, [])


@pytest.mark.parametrize(
    "sql",
    ["EXECUTE p", "SELECT * FROM m(k)", "SELECT most(a) AS k FROM raw", "CALL refresh()"],
)
def test_of_what_reads_unseen_nothing_exact_is_said(tmp_path: Path, sql: str) -> None:
    """What nobody prepared here, functions that may read tables, procedures."""
    with recording(tmp_path) as found, headwater.run("job") as run:
        connection = shop()
        connection.executed("CREATE FUNCTION most(x int) AS 'SELECT max(a) FROM raw'")
        origin = connection.executed(sql, gives=["k"])
        assert origin is not None
        run.record_write(Name("file://host", "/o.csv"), origin.said())
        connection.executed("CREATE TABLE w AS SELECT * FROM m(1)")
    outputs = found.outputs()
    assert (outputs["o.csv"].inputs, outputs["main.w"].inputs) == (None, None)


@pytest.mark.parametrize("changes", [False, True])
def test_a_table_in_memory_is_of_the_file_that_it_was_made_of(
    tmp_path: Path, changes: bool
) -> None:
    """Also where it is read later; if the path has meant other files since, nobody knows."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = Connection(
            "duckdb", default=["memory", "main"], databases={"memory": None, "w": "duckdb://host/w"}
        )
        connection.knows({("*.csv",): ["k", "x"]})
        connection.executed(
            "CREATE TABLE kept AS SELECT * FROM '*.csv'", files={"*.csv": [("files", "/a.csv")]}
        )
        if changes:
            both = [("files", "/a.csv"), ("files", "/b.csv")]
            connection.executed("CREATE TABLE other AS FROM '*.csv'", files={"*.csv": both})
        connection.executed("CREATE TABLE w.main.made AS SELECT x FROM kept")
    made = found.outputs()["main.made"]
    known = (["a.csv"], {"x": ["a.csv.x IDENTITY"]})
    assert (made.inputs, made.columns) == ((None, {}) if changes else known)


@pytest.mark.parametrize(
    ("space", "table", "key"),
    [
        ("postgres://db:5432/shop", "p.t", ("postgres://db:5432", "shop.public.t")),
        ("postgres://db:5432/shop", "p.other.t", ("postgres://db:5432", "shop.other.t")),
        ("mysql://db:3306/shop", "p.t", ("mysql://db:3306", "shop.t")),
        ("mysql://db:3306/shop", "p.other.t", ("mysql://db:3306", "other.t")),
    ],
)
def test_tables_of_attached_servers_have_the_names_that_the_server_has(
    tmp_path: Path, space: str, table: str, key: tuple[str, str]
) -> None:
    """As others name them who are connected to it."""
    with recording(tmp_path) as found, headwater.run("job") as found.run:
        connection = Connection(
            "duckdb", default=["memory", "main"], databases={"memory": None, "p": space}
        )
        connection.executed(f"CREATE TABLE {table} AS SELECT 1 AS a")
    (output,) = found.last()["outputs"]
    assert (output["namespace"], output["name"]) == key


def test_lineage_leads_through_tables_that_are_gone() -> None:
    """A table that was dropped or renamed within the run stays between its source and the rest."""
    with testing.recorded() as lineage, headwater.run("job"):
        connection = shop()
        for sql in STAGED[:6]:
            connection.executed(sql)
    assert lineage.upstream("main.final") >= {"main.fresh", "main.stage", "main.raw"}
    assert "main.seen" in lineage.downstream("main.raw")


def test_lineage_leads_through_runs() -> None:
    """What one run wrote into a table, another reads from it."""
    with testing.recorded() as lineage:
        with headwater.run("load"):
            shop().executed("CREATE TABLE stage AS SELECT k FROM raw")
        with headwater.run("use"):
            shop().executed("CREATE TABLE final AS SELECT k FROM stage")
    assert lineage.upstream("main.final") == {"main.stage", "main.raw"}


ONCE = (
    "DROP TABLE IF EXISTS once",
    "CREATE TABLE once AS SELECT DISTINCT k, a FROM kept",
    "DELETE FROM kept",
    "INSERT INTO kept SELECT k, a FROM once",
)


def test_lineage_leads_through_a_table_that_is_made_again_from_what_was_made_of_it() -> None:
    """Rows that are put aside and back: what is aside is of what was there, and not of both."""
    with testing.recorded() as lineage:
        with headwater.run("load"):
            shop().executed("CREATE TABLE kept AS SELECT k, a FROM raw")
        for _ in range(2):
            with headwater.run("once"):
                connection = shop()
                for sql in ONCE:
                    connection.executed(sql)
    assert lineage.upstream("main.kept") >= {"main.once", "main.raw"}
    assert lineage.upstream("main.once") >= {"main.kept", "main.raw"}


def test_what_was_made_of_a_table_is_not_of_what_is_added_to_it_later() -> None:
    """Within one run: it is of the version before, also where the run had written that."""
    with testing.recorded() as lineage, headwater.run("job"):
        connection = shop()
        connection.executed("CREATE TABLE kept AS SELECT k FROM raw")
        connection.executed("CREATE TABLE daily AS SELECT k FROM kept")
        connection.executed("INSERT INTO kept SELECT k FROM late")
    assert lineage.upstream("main.daily") == {"main.kept", "main.raw"}
    assert "main.late" in lineage.upstream("main.kept")


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(st.data())
def test_whatever_is_recorded_can_be_told(data: st.DataObject) -> None:
    """No statement, cut or whole, in any order of transactions, stops the telling."""
    dialect = data.draw(st.sampled_from(["sqlite", "duckdb", "postgres", "mysql", "snowflake"]))
    texts = [vector.sql for vector in VECTORS if vector.dialect == dialect]
    default = ["main"] if dialect == "sqlite" else ["shop", "public"]
    space = data.draw(st.sampled_from([None, "sqlite://host/shop.db"]))
    queries = Queries()
    queries.translate(
        {"k": "db", "c": 1, "dialect": dialect, "default": default, "server": "x://host",
         "databases": {default[0]: space}}
    )  # fmt: skip
    for number in range(data.draw(st.integers(1, 6))):
        verb = data.draw(
            st.sampled_from(["", "commit", "rollback", "savepoint", "release", "back"])
        )
        if verb:
            queries.translate({"k": "tx", "c": 1, "r": "r", "at": number, "do": verb, "name": "s"})
        text = data.draw(st.sampled_from(texts))
        origin = {
            "inputs": [["headwater:query", str(number - 1)]],
            "columns": {"k": [["headwater:query", str(number - 1), "k", "JOIN"]]},
        }
        record = {
            "k": "sql", "c": 1, "r": "r", "at": number, "q": number,
            "sql": text[: data.draw(st.integers(0, len(text)))] or text,
            "open": data.draw(st.booleans()),
            "gives": data.draw(st.sampled_from([None, [], ["k"], ["k", "k", "x"]])),
            "frames": {"t": data.draw(st.sampled_from([None, origin]))},
            "values": data.draw(st.sampled_from([None, origin])),
        }  # fmt: skip
        for written in queries.translate(record).writes:
            json.dumps(written.said)
        json.dumps(queries.resolve(origin))


@pytest.mark.parametrize("sql", ["SELECT 1", "PRAGMA user_version", "SELECT version()"])
def test_statements_about_nothing_are_not_shown(tmp_path: Path, sql: str) -> None:
    """What touches no table is no statement of the run."""
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed(sql)
    assert "headwater_sql" not in found.last()["run"]["facets"]
