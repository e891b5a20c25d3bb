"""SQL as adapters tell it, and what comes of it outside of the process."""

from __future__ import annotations

import os
import sys
import timeit
from pathlib import Path
from typing import Any

import pytest

import headwater
from headwater.capture import files, origins, runs, sql_texts, statements
from headwater.capture.origins import QUERY
from headwater.capture.statements import Connection, giving
from tests.capture.conftest import records
from tests.capture.lineage import Output, recording

SHOP = "sqlite://host/shop.db"


def shop(**more: Any) -> Connection:
    """A connection to a file with the tables `t(k, a, b)` and `u(k, c)`."""
    made = Connection("sqlite", default=["main"], databases={"main": SHOP, **more})
    made.knows({("main", "t"): ["k", "a", "b"], ("main", "u"): ["k", "c"]})
    return made


def test_a_write_says_which_columns_it_is_of(tmp_path: Path) -> None:
    """INSERT … SELECT has its tables for inputs, and each column what it was selected from."""
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed("INSERT INTO u SELECT k, sum(a) FROM t WHERE b > 1 GROUP BY k")
    assert found.inputs() == ["main.t"]
    assert found.outputs() == {
        "main.u": Output(
            ["main.t"],
            {"k": ["main.t.k IDENTITY"], "c": ["main.t.a AGGREGATION"]},
            ["main.t.b FILTER", "main.t.k GROUP_BY"],
            "append",
        )
    }


def test_what_a_query_gave_is_of_its_tables(tmp_path: Path) -> None:
    """A file made of a query's result came from the tables, column by column."""
    with recording(tmp_path) as found, headwater.run("job"):
        origin = shop().executed(
            "SELECT t.k, a + b AS s FROM t JOIN u ON t.k = u.k", gives=["k", "s"]
        )
        files.write(tmp_path / "out.csv", origin)
        (tmp_path / "out.csv").write_text("k,s\n")
    assert found.inputs() == ["main.t", "main.u"]
    assert found.outputs() == {
        "out.csv": Output(
            ["main.t", "main.u"],
            {"k": ["main.t.k IDENTITY"],
             "s": ["main.t.a TRANSFORMATION", "main.t.b TRANSFORMATION"]},
            ["main.t.k JOIN", "main.u.k JOIN"],
        )
    }  # fmt: skip


def test_a_star_of_an_unknown_table_has_the_columns_of_the_cursor(tmp_path: Path) -> None:
    """What the cursor describes is what the table has, and it is known from then on."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("SELECT * FROM new", gives=["p", "q"])
        connection.executed("CREATE TABLE v AS SELECT p, c FROM new, u")
    assert found.outputs() == {
        "main.v": Output(
            ["main.new", "main.u"],
            {"p": ["main.new.p IDENTITY"], "c": ["main.u.c IDENTITY"]},
            [],
            None,
            "CREATE",
        )
    }


def test_results_go_on_into_sql(tmp_path: Path) -> None:
    """A frame that a query gave, read in another query, leads to the tables of the first."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        frame = connection.executed("SELECT k, a * 2 AS d FROM t", gives=["k", "d"])
        connection.executed(
            "CREATE TABLE v AS SELECT max(d) AS m FROM frame", frames={"frame": frame}
        )
    assert found.outputs()["main.v"] == Output(
        ["main.t"], {"m": ["main.t.a AGGREGATION"]}, [], None, "CREATE"
    )


def test_features_have_the_columns_of_the_tables(tmp_path: Path) -> None:
    """A model that was fitted on a query's result tells of the columns behind it."""
    with recording(tmp_path) as found, headwater.run("job") as run:
        origin = shop().executed("SELECT a + b AS s, k FROM t", gives=["s", "k"])
        assert origin is not None and origin.columns is not None
        named = {
            name: [origins.source_column(field) for field in fields]
            for name, fields in origin.columns.items()
        }
        run.write(
            tmp_path / "model",
            facets={
                "headwater_features": {"features": {"s": named["s"]}},
                "headwater_training": {"labelSource": ", ".join(named["k"])},
            },
        )
    (output,) = found.last()["outputs"]
    assert output["facets"]["headwater_features"]["features"] == {"s": ["a", "b"]}
    assert output["facets"]["headwater_training"]["labelSource"] == "k"


def test_a_feature_that_a_query_wrote_down_itself_has_no_source(tmp_path: Path) -> None:
    """A literal is of no column; what a query that cannot be read gives may be of any."""
    with recording(tmp_path) as found, headwater.run("job") as run:
        features = {}
        for name, sql in (("one", "SELECT 1 AS c FROM t"), ("unread", "SELEKT c FROM t")):
            origin = shop().executed(sql, gives=["c"])
            assert origin is not None and origin.columns is not None
            features[name] = [origins.source_column(field) for field in origin.columns["c"]]
        run.write(tmp_path / "model", facets={"headwater_features": {"features": features}})
    (output,) = found.last()["outputs"]
    told = output["facets"]["headwater_features"]
    assert told["features"] == {"one": [], "unread": []}
    assert told["sourceless"] == ["one"]


def test_parameters_of_known_origin_go_by_column(tmp_path: Path) -> None:
    """Rows of a frame, inserted as parameters, are of what the frame is of."""
    (tmp_path / "in.csv").write_text("c,k\n")
    with recording(tmp_path) as found, headwater.run("job"):
        origin = files.read(tmp_path / "in.csv", ["c", "k"])
        with giving(origin):
            shop().executed("INSERT INTO u (k, c) VALUES (?, ?)", many=3)
    assert found.outputs() == {
        "main.u": Output(
            ["in.csv"], {"k": ["in.csv.k IDENTITY"], "c": ["in.csv.c IDENTITY"]}, [], "append"
        )
    }


def test_parameters_of_unknown_origin_are_of_what_was_read_before(tmp_path: Path) -> None:
    """Nothing exact is said of values that the program gave: its reads before them count."""
    for name in ("before.csv", "after.csv"):
        (tmp_path / name).write_text("x\n")
    with recording(tmp_path) as found, headwater.run("job") as run:
        connection = shop()
        connection.executed("INSERT INTO u VALUES (?, ?)")
        run.read(tmp_path / "before.csv")
        connection.executed("INSERT INTO u VALUES (?, ?)")
        run.read(tmp_path / "after.csv")
    assert found.outputs()["main.u"].inputs == ["before.csv"]


@pytest.mark.parametrize(
    ("end", "written"),
    [
        ("COMMIT", ["main.t", "main.u"]),
        ("END TRANSACTION", ["main.t", "main.u"]),
        ("ROLLBACK", ["main.t"]),
        ("-- enough\nrollback;", ["main.t"]),
        (None, ["main.t"]),
    ],
)
def test_what_is_not_committed_is_no_output(
    tmp_path: Path, end: str | None, written: list[str]
) -> None:
    """A write holds when its transaction was committed, and not before."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("DELETE FROM t WHERE k = 1")
        connection.executed("BEGIN", pending=True)
        connection.executed("INSERT INTO u SELECT k, a FROM t", pending=True)
        if end is not None:
            connection.executed(end)
    assert sorted(found.outputs()) == written


def test_savepoints_are_gone_back_to(tmp_path: Path) -> None:
    """ROLLBACK TO takes back what came after the savepoint, RELEASE keeps it."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        for sql in (
            "BEGIN", "INSERT INTO a SELECT k FROM t", "SAVEPOINT one",
            "INSERT INTO b SELECT k FROM t", "ROLLBACK TO one", "INSERT INTO c SELECT k FROM t",
            "SAVEPOINT two", "INSERT INTO d SELECT k FROM t", "RELEASE two",
        ):  # fmt: skip
            connection.executed(sql, pending=True)
        connection.executed("COMMIT")
    assert sorted(found.outputs()) == ["main.a", "main.c", "main.d"]


def test_a_savepoint_that_began_a_transaction_commits_it(tmp_path: Path) -> None:
    """SQLite opens one for a savepoint outside of any, and its RELEASE is the commit."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        for sql in (
            "SAVEPOINT one", "INSERT INTO a SELECT k FROM t", "ROLLBACK TO one",
            "INSERT INTO b SELECT k FROM t",
        ):  # fmt: skip
            connection.executed(sql, pending=True)
        connection.executed("RELEASE one")
    assert sorted(found.outputs()) == ["main.b"]


def test_a_table_that_was_rolled_back_is_not_known(tmp_path: Path) -> None:
    """What a transaction defined is forgotten with it."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("CREATE TEMP TABLE s AS SELECT a FROM t", pending=True)
        connection.rolled_back()
        connection.executed("INSERT INTO u (c) SELECT a FROM s")
    assert found.inputs() == ["main.s"]


def test_a_script_follows_its_own_transactions(tmp_path: Path) -> None:
    """Statements of one text are read one by one."""
    script = """
        BEGIN; INSERT INTO a SELECT k FROM t; ROLLBACK;
        BEGIN; INSERT INTO b SELECT k FROM t; COMMIT;
        INSERT INTO c SELECT k FROM t;
    """
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed(script)
    assert sorted(found.outputs()) == ["main.b", "main.c"]


def test_a_table_that_was_made_anew_is_not_of_what_it_was_before(tmp_path: Path) -> None:
    """What is written from itself came from what the run put there; a renamed column too."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("CREATE TABLE w AS SELECT k, a, count(*) AS n FROM t GROUP BY k, a")
        connection.executed("UPDATE w SET a = a * 2, n = n + 1 WHERE n > 1")
        connection.executed("UPDATE w SET k = u.c FROM u WHERE u.k = w.k")
        connection.executed("ALTER TABLE w RENAME COLUMN a TO z")
    assert found.outputs() == {
        "main.w": Output(
            ["main.t", "main.u"],
            {"k": ["main.t.k IDENTITY", "main.u.c IDENTITY"],
             "a": ["main.t.a IDENTITY", "main.t.a TRANSFORMATION"],
             "z": ["main.t.a IDENTITY", "main.t.a TRANSFORMATION"]},
            ["main.t.a GROUP_BY", "main.t.k FILTER", "main.t.k GROUP_BY", "main.u.k FILTER"],
            None, "CREATE")
    }  # fmt: skip


def test_a_table_that_is_added_to_is_also_of_what_it_was_before(tmp_path: Path) -> None:
    """What is written from itself came from that and from what the run had put there."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("INSERT INTO u SELECT a, b FROM t")
        connection.executed("UPDATE u SET k = c")
    assert found.outputs() == {
        "main.u": Output(
            ["main.t", "main.u"],
            {"k": ["main.t.a IDENTITY", "main.t.b IDENTITY", "main.u.c IDENTITY"],
             "c": ["main.t.b IDENTITY"]},
            [], "upsert")
    }  # fmt: skip


def test_values_of_the_program_stay_unknown_where_they_are_written_again(tmp_path: Path) -> None:
    """Nothing exact is said of a table that was given values and is written from itself."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("SELECT k FROM t", gives=["k"])
        connection.executed("SELECT k FROM u", gives=["k"])
        connection.executed("CREATE TABLE w (x, y)")
        connection.executed("INSERT INTO w VALUES (?, ?)")
        connection.executed("UPDATE w SET x = y")
    assert found.outputs()["main.w"].inputs is None


def test_a_table_that_was_read_before_it_was_made_anew_may_be_of_that(tmp_path: Path) -> None:
    """Values of the program may be of the version that it had read, and are said to."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("SELECT * FROM u", gives=["k", "c"])
        connection.executed("DROP TABLE u")
        connection.executed("CREATE TABLE u (k, c)")
        connection.executed("INSERT INTO u VALUES (?, ?)")
        connection.executed("SELECT k FROM t", gives=["k"])
        connection.executed("UPDATE u SET k = c")
    assert found.outputs()["main.u"].inputs in (["main.t", "main.u"], None)
    assert "main.u" in found.inputs()


def test_a_table_that_takes_the_place_of_another_is_of_its_columns(tmp_path: Path) -> None:
    """CREATE, DROP, RENAME, as models are built: the new name's columns are of the old one's."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("CREATE TABLE fresh AS SELECT k, c FROM u")
        connection.executed("DROP TABLE t")
        connection.executed("ALTER TABLE fresh RENAME TO t")
        connection.executed("ALTER TABLE t RENAME COLUMN c TO d")
    outputs = found.outputs()
    assert outputs["main.t"].inputs == ["main.fresh"]
    assert outputs["main.t"].columns["d"] == ["main.fresh.c IDENTITY"]
    assert outputs["main.t"].change == "RENAME"


def test_tables_in_memory_are_no_artifacts(tmp_path: Path) -> None:
    """What is read from a database in memory is read from what it was made of, views included."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop(mem=None)
        connection.executed("CREATE TABLE mem.s (x, y)")
        connection.executed("CREATE VIEW mem.w AS SELECT x AS z FROM mem.s")
        connection.executed("INSERT INTO mem.s SELECT a, b FROM t")
        connection.executed("INSERT INTO u (c) SELECT z FROM mem.w")
    assert found.inputs() == ["main.t"]
    assert found.outputs() == {
        "main.u": Output(["main.t"], {"k": [], "c": ["main.t.a IDENTITY"]}, [], "append")
    }


def test_a_query_is_read_again_when_a_table_in_memory_was_written(tmp_path: Path) -> None:
    """The same text means something else by then."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = Connection("sqlite", default=["main"], databases={"main": None, "f": SHOP})
        connection.executed("CREATE TABLE s (x)")
        for number, name in enumerate(("t", "u")):
            connection.executed("DELETE FROM s")
            connection.executed(f"INSERT INTO s SELECT k FROM f.{name}")  # noqa: S608
            origin = connection.executed("SELECT x FROM s", gives=["x"])
            files.write(tmp_path / f"{number}.csv", origin)
            (tmp_path / f"{number}.csv").write_text("x\n")
    assert {name: one.columns for name, one in found.outputs().items()} == {
        "0.csv": {"x": ["main.t.k IDENTITY"]},
        "1.csv": {"x": ["main.u.k IDENTITY"]},
    }


def test_a_query_is_read_again_when_values_were_added_in_memory(tmp_path: Path) -> None:
    """Values that were added before are there already: a loop that adds them is told once."""
    first, second = "INSERT INTO s VALUES (?)", "INSERT INTO s (k) VALUES (?)"
    query = "SELECT k FROM s"
    again = []
    with recording(tmp_path) as found, headwater.run("job"):
        stored = shop().executed("SELECT k FROM t", gives=["k"])
        connection, other = (
            Connection("duckdb", default=["memory", "main"], databases={"memory": None})
            for _ in range(2)
        )
        connection.shares("m", is_empty=True)
        other.shares("m", is_empty=True)
        connection.executed("CREATE TABLE s (k INT)")
        for number in range(5):
            again.append(connection.repeated(query) is not None)
            origin = connection.executed(query, gives=["k"])
            files.write(tmp_path / f"{number}.csv", origin)
            (tmp_path / f"{number}.csv").write_text("k\n")
            with giving(stored if number == 0 else None):
                (connection, other)[number % 2].executed(first)
                connection.executed(second)
    outputs = found.outputs()
    assert outputs["0.csv"] == Output([], {"k": []}, [])
    assert outputs["1.csv"] == Output(["main.t"], {"k": ["main.t.k IDENTITY"]}, [])
    assert outputs["2.csv"] == outputs["4.csv"]
    assert outputs["2.csv"].inputs is None
    assert again == [False, False, False, False, True]
    told = [one["sql"] for one in records(tmp_path) if one["k"] == "sql"]
    assert [told.count(sql) for sql in (query, second)] == [4, 2]


def test_what_was_attached_has_its_own_file(tmp_path: Path) -> None:
    """A table of an attached database is one of that file, whatever it is called here."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        connection.executed("ATTACH 'other.db' AS o")
        connection.attached({"main": SHOP, "o": "sqlite://host/other.db"})
        connection.executed("INSERT INTO o.x SELECT k FROM t")
    (output,) = found.last()["outputs"]
    assert (output["namespace"], output["name"]) == ("sqlite://host/other.db", "main.x")


def test_names_on_a_server_are_whole(tmp_path: Path) -> None:
    """Namespace and name are those of OpenLineage's naming."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = Connection("postgres", default=["shop", "public"], server="postgres://db:5432")
        connection.executed('INSERT INTO Sales."T" SELECT k FROM t')
    (output,), (read,) = found.last()["outputs"], found.last()["inputs"]
    assert (output["namespace"], output["name"]) == ("postgres://db:5432", "shop.sales.T")
    assert read["name"] == "shop.public.t"


def test_repeats_are_counted_and_not_recorded(tmp_path: Path) -> None:
    """A loop of INSERTs is one record, and one that counts the rest."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        for _ in range(1_000):
            connection.executed("INSERT INTO u VALUES (?, ?)", pending=True)
        connection.committed()
    kinds = [record["k"] for record in records(tmp_path) if record["k"] in ("sql", "again", "tx")]
    assert kinds == ["sql", "tx", "again"]
    (statement,) = found.last()["run"]["facets"]["headwater_sql"]["statements"]
    assert statement["executions"] == 1_000


def test_each_text_is_counted_however_often_it_was_recorded(tmp_path: Path) -> None:
    """One that is recorded again counts on, and each text of a script counts for itself."""
    script = "INSERT INTO u VALUES (1, 2); INSERT INTO v VALUES (1); INSERT INTO u VALUES (1, 2)"
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        for table, times in (("x", 3), ("y", 4)):
            connection.executed(f"CREATE TABLE {table} (k)")
            for _ in range(times):
                connection.executed("INSERT INTO u SELECT k, a FROM t")
                connection.executed(script)
    assert [record["k"] for record in records(tmp_path)].count("sql") == 6
    stated = found.last()["run"]["facets"]["headwater_sql"]["statements"]
    assert {statement["query"]: statement["executions"] for statement in stated} == {
        "CREATE TABLE x (k)": 1,
        "INSERT INTO u SELECT k, a FROM t": 7,
        "INSERT INTO u VALUES (1, 2)": 14,
        "INSERT INTO v VALUES (1)": 7,
        "CREATE TABLE y (k)": 1,
    }


def test_a_text_that_read_nothing_of_the_program_means_the_same_again(tmp_path: Path) -> None:
    """Until somebody in this process defines something, whose names may go before tables then."""
    query = "SELECT k FROM t"
    with recording(tmp_path), headwater.run("job"):
        connection, other = shop(), shop()
        assert connection.repeated(query) is None
        origin = connection.executed(query, gives=["k"])
        again = connection.repeated(query)
        assert again is not None
        assert again.origin == origin
        for sql, pending in (("DROP TABLE t", False), ("CREATE TABLE t (k)", True)):
            other.executed(sql, pending=pending)
            assert connection.repeated(query) is None
            connection.executed(query, gives=["k"])
            assert connection.repeated(query) is not None
        other.committed()
        assert connection.repeated(query) is None
        connection.executed(query, frames={"t": origin})
        assert connection.repeated(query) is None
        with giving(origin):
            assert connection.repeated(query) is None
        assert connection.repeated("DROP TABLE t") is None
    assert [one["n"] for one in records(tmp_path) if one["k"] == "again"] == [5]


def test_texts_that_differ_in_literals_count_as_one_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements with their values written into them do not fill the disk."""
    monkeypatch.setattr(sql_texts, "TEXTS_MAX", 10)
    monkeypatch.setattr(sql_texts, "SHAPES_MAX", 12)
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        for number in range(100):
            connection.executed(f"INSERT INTO u VALUES ({number}, 'it''s')")  # noqa: S608
        connection.executed("INSERT INTO v SELECT k FROM t")
        connection.executed("INSERT INTO w SELECT k FROM t")
    assert len([record for record in records(tmp_path) if record["k"] == "sql"]) == 12
    assert sorted(found.outputs()) == ["main.u", "main.v"]
    assert found.gaps() == ["statements after the first 12 of a connection"]


def test_what_cannot_be_read_is_counted_and_has_its_tables(tmp_path: Path) -> None:
    """An opaque statement names its tables, says nothing exact, and is a gap of the run."""
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed("SELEKT k INTO w FROM t")
    assert (found.inputs(), found.outputs()) == (["main.t"], {"main.w": Output(None, {}, [])})
    capture = found.last()["run"]["facets"]["headwater_capture"]
    assert capture["coverage"]["sql"] == {"exact": 0, "conservative": 0, "opaque": 1}
    (gap,) = capture["gaps"]
    assert gap.startswith("SQL that could not be read (1 statement): ")


def test_a_longer_text_is_recorded_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit only the tables at its beginning are known, and a gap says so."""
    monkeypatch.setattr(statements, "SQL_CHARS_MAX", 40)
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed("INSERT INTO u SELECT k, a FROM t WHERE b".ljust(40))
        shop().executed("INSERT INTO w SELECT k, a FROM t WHERE b".ljust(41))
    assert found.outputs()["main.u"].columns != {}
    assert found.outputs()["main.w"] == Output(None, {}, [])
    assert found.gaps() == ["SQL that could not be read (1 statement): it is 41 characters long"]


def test_one_statement_is_the_jobs_sql(tmp_path: Path) -> None:
    """Where a run is one statement, OpenLineage's own facet has it."""
    with recording(tmp_path) as found:
        with headwater.run("one"):
            shop().executed("INSERT INTO u SELECT k, a FROM t")
        with headwater.run("two"):
            shop().executed("INSERT INTO u SELECT k, a FROM t")
            shop().executed("DELETE FROM t")
    assert found.last("one")["job"]["facets"]["sql"]["query"] == "INSERT INTO u SELECT k, a FROM t"
    assert "sql" not in found.last("two")["job"]["facets"]


def test_runs_around_have_read_what_runs_within_read(tmp_path: Path) -> None:
    """What a task read is in the memory of the run around it, but not what was made within."""
    with recording(tmp_path) as found, headwater.run("outer"):
        with headwater.run("make"):
            shop().executed("CREATE TABLE s AS SELECT k FROM t")
        with headwater.run("use"):
            shop().executed("INSERT INTO u (k) SELECT k FROM s")
    assert found.inputs("outer") == ["main.t"]
    assert found.inputs("use") == ["main.s"]


def test_a_commit_after_the_end_of_a_run_is_that_of_the_run_around(tmp_path: Path) -> None:
    """A write belongs to the run that executed it, or that which is there at the commit."""
    with recording(tmp_path) as found, headwater.run("outer"):
        connection = shop()
        with headwater.run("inner"):
            connection.executed("INSERT INTO u (k) SELECT k FROM t", pending=True)
        connection.committed()
    assert found.outputs("inner") == {}
    assert found.outputs("outer")["main.u"].inputs == ["main.t"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_says_for_itself_what_it_executes(tmp_path: Path) -> None:
    """Its records are whole without its parent's; of its parent's results nothing is said."""
    with recording(tmp_path) as found, headwater.run("job"):
        connection = shop()
        origin = connection.executed("SELECT k FROM t", gives=["k"])
        child = os.fork()
        if not child:
            connection.executed("INSERT INTO u (k) SELECT k FROM t")
            files.write(tmp_path / "out.csv", origin)
            runs.current().leave()
            os._exit(0)
        os.waitpid(child, 0)
    of_child = [event for event in found.events if event["outputs"]]
    assert [one["name"] for one in of_child[-1]["outputs"]][:1] == ["main.u"]
    (file,) = [one for one in of_child[-1]["outputs"] if one["name"].endswith("out.csv")]
    assert "lineage" not in file["facets"] and "columnLineage" not in file["facets"]


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("ATTACH 'host=db password=geheim db=d'", "ATTACH 'host=db password=*** db=d'"),
        ("ATTACH 'password=''ge heim'' host=db'", "ATTACH 'password=*** host=db'"),
        ("SELECT * FROM 'postgresql://u:geheim@db/d'", "SELECT * FROM 'postgresql://db/d'"),
        (
            "CREATE SECRET s (TYPE s3, KEY_ID 'geheim', SECRET 'geheim', REGION 'x')",
            "CREATE SECRET s (TYPE s3, KEY_ID '***', SECRET '***', REGION 'x')",
        ),
        ("SET s3_secret_access_key='geheim'", "SET s3_secret_access_key='***'"),
        ("ALTER ROLE a WITH PASSWORD 'ge''heim'", "ALTER ROLE a WITH PASSWORD '***'"),
        ("CREATE USER a IDENTIFIED BY 'geheim'", "CREATE USER a IDENTIFIED BY '***'"),
        ("UPDATE t SET password = a.secret", "UPDATE t SET password = a.secret"),
    ],
)
def test_passwords_are_not_recorded(tmp_path: Path, sql: str, kept: str) -> None:
    """Of a text; columns that are called so stay."""
    with recording(tmp_path) as found, headwater.run("job"):
        shop().executed(sql)
    (record,) = [one for one in records(tmp_path) if one["k"] == "sql"]
    assert record["sql"] == kept
    assert not any(b"geheim" in path.read_bytes() for path in found.root.rglob("*.spool"))


def test_a_repeat_is_cheap(tmp_path: Path) -> None:
    """A statement that was seen costs a look into a dict (the goal is 10 µs)."""
    with recording(tmp_path), headwater.run("job"):
        connection = shop()
        sql = "INSERT INTO u VALUES (?, ?)"
        taken = min(timeit.repeat(lambda: connection.executed(sql), number=1_000, repeat=5))
    assert taken / 1_000 < 20e-6, sys.version


def test_results_are_virtual_datasets(tmp_path: Path) -> None:
    """An adapter gets an origin with the columns of the cursor, as of a dataset of its own."""
    with recording(tmp_path), headwater.run("job"):
        origin = shop().executed("SELECT k FROM t", gives=["k"])
    assert origin is not None
    ((space, number),) = origin.sources
    assert space == QUERY
    assert origin.columns == {"k": frozenset({(QUERY, number, "k", origins.IDENTITY)})}
