"""What the adapter of DuckDB knows, from programs that know nothing of it."""

# ruff: noqa: S608 (texts of programs)

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.capture.conftest import environment, last
from tests.capture.lineage import Output, Recorded
from tests.capture.test_launching import Launch, command, launch
from tests.capture.test_objects import run

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # DuckDB is imported in processes of their own

SETUP = """
import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
"""
FRAMES = """
df, t = pd.read_csv("a.csv"), pq.read_table("b.parquet")
p, lazy = pl.read_csv("a.csv"), pl.scan_parquet("b.parquet")
"""


def furnish(folder: Path) -> None:
    """Put two tables into a folder."""
    import pyarrow as pa
    import pyarrow.parquet

    (folder / "a.csv").write_text("k,x,z\n1,1.0,0\n2,2.0,1\n2,3.0,1\n")
    pyarrow.parquet.write_table(pa.table({"k": [1, 2], "y": [5, 6]}), folder / "b.parquet")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with tables."""
    folder = tmp_path / "project"
    folder.mkdir()
    furnish(folder)
    return folder


def output(inputs: list[str] | None, columns: dict[str, list[str]], *shaped: str) -> Output:
    """What is expected of an output."""
    return Output(inputs, columns, list(shaped))


A, B = ["a.csv"], ["b.parquet"]
K = {"k": ["a.csv.k IDENTITY"]}
X = {"x": ["a.csv.x IDENTITY"]}
Y = {"y": ["b.parquet.y IDENTITY"]}
SUMS = {**K, "s": ["a.csv.x AGGREGATION"]}
CASES: dict[str, tuple[str, Output]] = {
    "a frame of pandas": (
        'duckdb.sql("select k, x * 2 as d from df where z = 1").df().to_csv(o, index=False)',
        output(A, {**K, "d": ["a.csv.x TRANSFORMATION"]}, "a.csv.z FILTER"),
    ),
    "a table of Arrow": ('duckdb.sql("select y from t").write_csv(o)', output(B, Y)),
    "a frame of polars": ('duckdb.sql("select x from p").pl().write_csv(o)', output(A, X)),
    "a lazy frame": ('duckdb.sql("select y from lazy").write_csv(o)', output(B, Y)),
    "executed": (
        'duckdb.execute("select x from df").df().to_csv(o, index=False)', output(A, X),
    ),
    "a star over two frames": (
        'duckdb.sql("select * from df join t using (k)").df().to_csv(o)',
        output(
            [*A, *B],
            {**K, **X, "z": ["a.csv.z IDENTITY"], **Y},
            "a.csv.k JOIN", "b.parquet.k JOIN",
        ),
    ),
    "a registered frame": (
        'duckdb.register("v", t); duckdb.sql("select y from v").df().to_csv(o)', output(B, Y),
    ),
    "from_df": ('duckdb.from_df(df).project("x").write_csv(o)', output(A, X)),
    "from_arrow": ('duckdb.from_arrow(t).select("y").write_csv(o)', output(B, Y)),
    "a chain of relations": (
        'duckdb.read_csv("a.csv").filter("z > 0").project("k, x + 1 as q").order("q")'
        ".limit(5).write_parquet(o)",
        output(
            A, {**K, "q": ["a.csv.x TRANSFORMATION"]}, "a.csv.x SORT", "a.csv.z FILTER",
        ),
    ),
    "aggregation": (
        'duckdb.read_csv("a.csv").aggregate("k, sum(x) as s").df().to_csv(o)',
        output(A, SUMS, "a.csv.k GROUP_BY"),
    ),
    "a join of relations": (
        'duckdb.read_csv("a.csv").set_alias("l").join(duckdb.read_parquet("b.parquet")'
        '.set_alias("r"), "l.k = r.k").project("x, y").write_csv(o)',
        output([*A, *B], {**X, **Y}, "a.csv.k JOIN", "b.parquet.k JOIN"),
    ),
    "a relation by its name": (
        'rel = duckdb.sql("select k, x from df")\nduckdb.sql("select x from rel").write_csv(o)',
        output(A, X),
    ),
    "a relation within a relation": (
        'one = duckdb.sql("select * from df")\ntwo = duckdb.sql("select * from one")\n'
        'duckdb.execute("create or replace table kept as from two")\n'
        'duckdb.sql("select x from kept").write_csv(o)',
        output(A, X),
    ),
    "a materialised relation": (
        'duckdb.sql("select x from df").materialize().write_csv(o)', output(A, X),
    ),
    "a query over a relation": (
        'duckdb.sql("select * from df").query("q", "select x from q").write_csv(o)', output(A, X),
    ),
    "a view of a relation": (
        'duckdb.sql("select x from df").create_view("seen"); duckdb.table("seen").write_csv(o)',
        output(A, X),
    ),
    "a view of a file": (
        "duckdb.sql(\"create view file as select * from 'a.csv'\")\n"
        'duckdb.sql("select x from file").df().to_csv(o)',
        output(A, X),
    ),
    "names that DuckDB makes up": (
        'duckdb.sql("select k, sum(x), k + 1 from df group by k").write_parquet(o)',
        output(
            A,
            {**K, "sum(x)": ["a.csv.x AGGREGATION"], "(k + 1)": ["a.csv.k TRANSFORMATION"]},
            "a.csv.k GROUP_BY",
        ),
    ),
    "names that DuckDB makes up, in a file of text": (
        'duckdb.from_df(df).sum("x").write_csv(o)', output(A, {"sum(x)": ["a.csv.x AGGREGATION"]}),
    ),
    "members of a struct": (
        "duckdb.sql(\"select z, unnest(t) from (select z, {'p': k, 'q': x} as t from df)\")"
        ".write_parquet(o)",
        output(A, {}),
    ),
    "members of a struct, fetched": (
        "duckdb.sql(\"select unnest(t) from (select {'p': k, 'q': x} as t from df)\")"
        ".df().to_csv(o)",
        output(A, {}),
    ),
    "what was prepared": (
        'duckdb.execute("create or replace temp table these as from df")\n'
        'duckdb.execute("prepare those as select x from these where z = ?")\n'
        'duckdb.execute("execute those(1)").df().to_csv(o)',
        output(A, X, "a.csv.z FILTER"),
    ),
    "files in SQL": (
        "duckdb.sql(\"copy (select x, y from read_csv('a.csv') join 'b.parquet' using (k)) to '\""
        " + o + \"'\")",
        output([*A, *B], {**X, **Y}, "a.csv.k JOIN", "b.parquet.k JOIN"),
    ),
    "stars over files": (
        "duckdb.sql(\"select * exclude (z) from read_csv(['a.csv'])\").df().to_csv(o)",
        output(A, {**K, **X}),
    ),
    "a script": (
        'duckdb.sql("create or replace temp table s as from df; select x from s").write_csv(o)',
        output(A, X),
    ),
    "tables in memory": (
        'duckdb.sql("select x from df").to_table("kept2"); kept = duckdb.table("kept2")\n'
        'kept.insert_into("kept2"); duckdb.sql("from kept2").write_csv(o)',
        output(A, X),
    ),
    "a file in memory": (
        "duckdb.execute(\"create or replace table kept3 as select * from 'a.csv'\")\n"
        "duckdb.execute(f\"copy kept3 (k, x) to '{o}'\")",
        output(A, {**K, **X}),
    ),
    "a table before a relation of its name": (
        'kept4 = duckdb.sql("select z as x from df")\n'
        'duckdb.execute("create or replace table kept4 as select k as x from t")\n'
        "duckdb.execute(f\"copy (select x from kept4) to '{o}'\")",
        output(B, {"x": ["b.parquet.k IDENTITY"]}),
    ),
    "arrays": (
        'pd.DataFrame({"x": duckdb.sql("select x from df").fetchnumpy()["x"]}).to_csv(o)',
        output(A, X),
    ),
    "a set operation": (
        'duckdb.sql("select k from df").union(duckdb.sql("select k from t")).write_csv(o)',
        output([*A, *B], {"k": ["a.csv.k IDENTITY", "b.parquet.k IDENTITY"]}),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A project in which one program computed every case, each into a file of its own."""
    tmp_path = tmp_path_factory.mktemp("duckdb")
    folder = tmp_path / "project"
    folder.mkdir()
    furnish(folder)
    steps = [
        f"def step{number}(o):\n    "
        + code.replace("\n", "\n    ")
        + f'\nstep{number}("o{number}")\n'
        for number, (code, _) in enumerate(CASES.values())
    ]
    (folder / "job.py").write_text("\n".join([SETUP, FRAMES, *steps]))
    done = subprocess.run(
        command(sys.executable, "job.py"),
        cwd=folder, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return Recorded(folder / ".headwater")


@pytest.mark.parametrize("case", CASES)
def test_results_and_files_have_their_columns(computed: Recorded, case: str) -> None:
    """Frames that SQL reads by name, chained relations, views, scripts, files."""
    found = computed.outputs("job")[f"o{list(CASES).index(case)}"]
    assert found._replace(mode=None) == CASES[case][1]
    assert computed.gaps("job") == []


def test_tables_in_a_file_are_datasets(launch: Launch, project: Path) -> None:
    """By the name of their file, with the columns that came from where."""
    run(
        launch,
        f"{SETUP}\ncon = duckdb.connect('w.duckdb')\n"
        "con.execute(\"create table one as select * from 'a.csv'\")\n"
        'con.execute("create table two as select k, max(x) as m from one group by k")\n'
        "con.close()\n",
    )
    run(
        launch,
        f"{SETUP}\ncon = duckdb.connect('w.duckdb')\n"
        'con.sql("select * from two").df().to_csv("end.csv", index=False)\n',
        "later.py",
    )
    recorded = Recorded(project / ".headwater")
    assert recorded.outputs("job") == {
        "main.one": Output(A, {**K, **X, "z": ["a.csv.z IDENTITY"]}, [], change="CREATE"),
        "main.two": Output(
            ["main.one"], {"k": ["main.one.k IDENTITY"], "m": ["main.one.x AGGREGATION"]},
            ["main.one.k GROUP_BY"], change="CREATE",
        ),
    }  # fmt: skip
    spaces = {one["namespace"] for one in last(project, "job")["outputs"]}
    assert spaces == {f"duckdb://host{project.resolve()}/w.duckdb"}
    assert recorded.inputs("later") == ["main.two"]
    assert recorded.outputs("later")["end.csv"] == output(
        ["main.two"], {"k": ["main.two.k IDENTITY"], "m": ["main.two.m IDENTITY"]}
    )


def test_generated_columns_of_a_file_are_known(launch: Launch, project: Path) -> None:
    """They are of what they are computed from, and values by position leave them out."""
    with duckdb.connect(project / "w.duckdb") as made:
        made.execute("create table t (k int, g int generated always as (k * 2), x double)")
        made.execute("create schema s; create table s.t (k int, g int as (k + 1), x double)")
    run(
        launch,
        f"{SETUP}\ncon = duckdb.connect('w.duckdb')\n"
        "con.execute(\"insert into t select k, x from 'a.csv'\")\n"
        "con.execute(\"insert into s.t select z, x from 'a.csv'\")\n",
    )
    outputs = Recorded(project / ".headwater").outputs("job")
    assert outputs["main.t"].columns == {**K, "g": ["a.csv.k TRANSFORMATION"], **X}
    assert outputs["s.t"].columns["g"] == ["a.csv.z TRANSFORMATION"]


def test_what_is_rolled_back_is_no_output(launch: Launch, project: Path) -> None:
    """By method, by SQL, and by closing a connection."""
    run(
        launch,
        f"{SETUP}\ncon = duckdb.connect('w.duckdb')\n"
        'con.begin(); con.execute("create table gone as select 1 as a"); con.rollback()\n'
        'con.execute("begin"); con.execute("create table gone2 as select 1 as a")\n'
        'con.execute("rollback")\n'
        "con.begin(); con.sql(\"create table kept as select x from 'a.csv'\"); con.commit()\n"
        'con.begin(); con.execute("create table lost as select 1 as a"); con.close()\n',
    )
    recorded = Recorded(project / ".headwater")
    assert sorted(recorded.outputs("job")) == ["main.kept"]


def test_attached_databases_are_told_apart(launch: Launch, project: Path) -> None:
    """Tables of one file that are made of tables of another."""
    run(
        launch,
        f"{SETUP}\ncon = duckdb.connect()\n"
        "con.execute(\"attach 'one.duckdb'\"); con.execute(\"attach 'two.duckdb' as second\")\n"
        "con.execute(\"create table one.t as select x from 'a.csv'\")\n"
        'con.execute("create table second.t as from one.t")\n',
    )
    end = last(project, "job")
    made = {one["namespace"].rpartition("/")[2]: one["facets"] for one in end["outputs"]}
    assert sorted(made) == ["one.duckdb", "two.duckdb"]
    (of,) = made["two.duckdb"]["lineage"]["inputs"]
    assert of["namespace"].endswith("one.duckdb")


def test_partitions_and_wildcards_are_their_files(launch: Launch, project: Path) -> None:
    """COPY into a folder, and reading it again."""
    run(
        launch,
        f"{SETUP}\nduckdb.sql(\"copy (from 'a.csv') to 'parts' "
        '(format parquet, partition_by (k))")\n',
    )
    run(
        launch,
        f"{SETUP}\nparts = duckdb.sql(\"select x from read_parquet('parts/*/*.parquet')\")\n"
        "parts.write_csv('o.csv')\n",
        "later.py",
    )
    written = sorted(one["name"].split("/")[-2] for one in last(project, "job")["outputs"])
    read = sorted(one["name"].split("/")[-2] for one in last(project, "later")["inputs"])
    assert written == read == ["k=1", "k=2"]
    recorded = Recorded(project / ".headwater")
    assert recorded.outputs("job")["data_0.parquet"].columns["x"] == X["x"]
    assert set(recorded.outputs("later")["o.csv"].columns["x"]) == {"data_0.parquet.x IDENTITY"}


def test_rows_of_the_program_are_of_what_it_read(launch: Launch, project: Path) -> None:
    """Values and frames that nobody knows are of unknown origin; appended frames are known."""
    run(
        launch,
        f"{SETUP}\n{FRAMES}\ncon = duckdb.connect('w.duckdb')\n"
        'con.execute("create table v (a int)"); con.execute("insert into v values (?)", [1])\n'
        'con.execute("create table f (k int, x double, z int)"); con.append("f", df)\n'
        'other = pd.DataFrame({"a": [pd.Timestamp.now().year]})\n'
        'con.execute("create table u as from other")\n',
    )
    outputs = Recorded(project / ".headwater").outputs("job")
    assert outputs["main.f"].inputs == A
    assert outputs["main.f"].columns["x"] == X["x"]
    assert outputs["main.u"].inputs is None
    assert outputs["main.v"].inputs in (None, ["a.csv"])


def test_an_appender_writes_when_it_is_flushed(launch: Launch, project: Path) -> None:
    """Of what its rows were fetched from, else of nobody knows what; not if its block fails."""
    run(
        launch,
        f"{SETUP}\ncon = duckdb.connect('w.duckdb')\n"
        "rows = con.execute(\"select k, x from 'a.csv'\").fetchall()\n"
        'for name in ("one", "two", "three", "four"):\n'
        '    con.execute(f"create table {name} (a int, b double)")\n'
        'with con.appender("one") as to:\n    to.append_rows(rows)\n'
        'with con.appender("main.two", columns=["a"]) as to:\n    to.append_row(1)\n'
        "try:\n"
        '    with con.appender("three") as to:\n        to.append_row(1, 2.0)\n'
        "        raise KeyError\nexcept KeyError:\n    pass\n"
        'query = "insert into four select a, b from appender_data"\n'
        'to = con.query_appender(query, {"a": "int", "b": "double"})\n'
        "to.append_rows(rows)\nto.flush()\ndel to\n",
    )
    outputs = Recorded(project / ".headwater").outputs("job")
    assert outputs["main.one"].inputs == outputs["main.four"].inputs == A
    assert outputs["main.two"].inputs is None
    written = last(project, "job")["run"]["facets"]["headwater_sql"]["statements"]
    assert not any("three" in one["query"] for one in written if "INSERT" in one["query"])
    assert outputs["main.three"].columns == {}


FELT = """
import inspect, pickle, traceback, warnings
import duckdb, pandas as pd
for thing in (duckdb.sql, duckdb.execute, duckdb.connect, duckdb.DuckDBPyConnection.execute):
    print(thing.__name__, thing.__doc__)
df = pd.DataFrame({"a": [1, 2]})
con = duckdb.connect()
print(type(con), type(duckdb.sql("select 1")), isinstance(con, duckdb.DuckDBPyConnection))
print(duckdb.sql("select * from df"), con.execute("select sum(a) from df").fetchall())
print(con.sql("select a from df").filter("a > 1").sql_query().count("SELECT"))
def inner():
    df = pd.DataFrame({"b": [3]})
    return duckdb.execute("select * from df").fetchall(), con.execute("select * from df").df()
print(inner())
for code in ('duckdb.sql("select nothing")', 'con.execute("selec")', "con.execute()",
             'duckdb.sql("from nowhere")', 'con.table("nowhere")', 'con.execute("select ?", [])',
             'duckdb.sql("select 1").fetchone()', "duckdb.connect(1)"):
    try:
        eval(code)
    except Exception:
        traceback.print_exc()
cursor = con.cursor()
print(cursor.execute("select 42").fetchone(), cursor.description, con.execute("select 1").df())
with duckdb.connect() as other:
    print(other.execute("select 7").fetchall())
"""


def test_nothing_is_felt(launch: Launch, project: Path) -> None:
    """Output, tracebacks, types, and whose variables a statement reads."""
    (project / "job.py").write_text(FELT)
    alone = subprocess.run(
        [sys.executable, "job.py"],
        cwd=project, capture_output=True, text=True, check=True,
        env=environment(project.parent),
    )  # fmt: skip
    captured = launch(FELT)
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr


def test_an_exported_database_is_a_file_of_each_table(launch: Launch, project: Path) -> None:
    """Of views there is none, and the scripts beside them are no data."""
    run(
        launch,
        f"{SETUP}\nduckdb.execute(\"create table t as select k, x from 'a.csv'\")\n"
        "duckdb.execute(\"create schema s1; create table s1.t as select y from 'b.parquet'\")\n"
        "duckdb.execute('create view v as from t')\n"
        "duckdb.execute(\"export database 'out' (format parquet)\")\n",
    )
    recorded = Recorded(project / ".headwater")
    assert recorded.outputs("job") == {
        "t.parquet": output(A, K | X)._replace(mode="overwrite"),
        "s__t.parquet": output(B, {"y": ["b.parquet.y IDENTITY"]})._replace(mode="overwrite"),
    }
    assert recorded.gaps("job") == []


SHARED = """
one, other = duckdb.connect(":memory:shop"), duckdb.connect(":memory:shop")
one.execute("CREATE TABLE t (k INT)")
one.execute("SELECT k FROM t").df().to_csv("empty.csv", index=False)
other.execute("INSERT INTO t SELECT k FROM df")
one.execute("SELECT k FROM t").df().to_csv("filled.csv", index=False)
other.execute("DROP TABLE t")
one.execute("SELECT k FROM t").df().to_csv("frame.csv", index=False)
other.execute("BEGIN")
other.execute("CREATE TABLE t AS SELECT k FROM df")
one.execute("SELECT k FROM t").df().to_csv("open.csv", index=False)
other.execute("COMMIT")
one.execute("SELECT k FROM t").df().to_csv("committed.csv", index=False)
other.execute("CREATE TEMP TABLE p AS SELECT k FROM df")
one.execute("SELECT k FROM p").df().to_csv("temporary.csv", index=False)
other.execute("CREATE VIEW v AS SELECT k FROM 'a.csv'")
one.execute("SELECT k FROM v").df().to_csv("view.csv", index=False)
one.close(), other.close()
del one, other
anew = duckdb.connect(":memory:shop")
anew.execute("SELECT k FROM t").df().to_csv("anew.csv", index=False)
"""


def test_connections_to_the_same_memory_have_the_same_tables(launch: Launch, project: Path) -> None:
    """What one makes, fills and drops is so for all, once committed, until nobody is left."""
    (project / "b.csv").write_text("k\n7\n")
    frames = 'df, t = pd.read_csv("a.csv"), pd.read_csv("b.csv")\np = t\n'
    run(launch, SETUP + frames + SHARED)
    of_a, of_b = (output([name], {"k": [f"{name}.k IDENTITY"]}) for name in ("a.csv", "b.csv"))
    assert Recorded(project / ".headwater").outputs() == {
        "empty.csv": output([], {"k": []}),
        "filled.csv": of_a,
        "frame.csv": of_b,
        "open.csv": of_b,
        "committed.csv": of_a,
        "temporary.csv": of_b,
        "view.csv": of_a,
        "anew.csv": of_b,
    }


def test_a_cursor_has_a_result_of_its_own(launch: Launch, project: Path) -> None:
    """What a cursor executes changes nothing about the rows that its connection still gives."""
    run(
        launch,
        f"{SETUP}\n{FRAMES}\none = duckdb.connect()\nother = one.cursor()\n"
        "one.execute('SELECT k FROM df')\n"
        "other.execute('SELECT 1 AS k')\n"
        "one.df().to_csv('of_one.csv', index=False)\n"
        "other.df().to_csv('of_other.csv', index=False)\n",
    )
    assert Recorded(project / ".headwater").outputs() == {
        "of_one.csv": output(A, K),
        "of_other.csv": output([], {"k": []}),
    }


FILE = """
one, other = duckdb.connect("f.duckdb"), duckdb.connect("f.duckdb")
one.execute("CREATE TABLE t AS SELECT 1 AS k")
one.execute("SELECT k FROM t").df().to_csv("table.csv", index=False)
other.execute("BEGIN")
other.execute("DROP TABLE t")
one.execute("SELECT k FROM t").df().to_csv("open.csv", index=False)
other.execute("COMMIT")
one.execute("SELECT k FROM t").df().to_csv("frame.csv", index=False)
other.execute("CREATE TABLE t AS SELECT 2 AS k")
one.execute("SELECT k FROM t").df().to_csv("again.csv", index=False)
other.execute("ALTER TABLE t RENAME TO u")
one.execute("SELECT k FROM t").df().to_csv("renamed.csv", index=False)
idle = duckdb.connect("f.duckdb")
other.execute("ALTER TABLE u RENAME TO v")
u = t
idle.execute("SELECT k FROM u").df().to_csv("idle.csv", index=False)
"""


def test_connections_to_the_same_file_have_the_same_tables(launch: Launch, project: Path) -> None:
    """A frame is in the place of a table as long as no connection has committed one."""
    run(launch, f'{SETUP}\nt = pd.read_csv("a.csv")\n{FILE}')
    outputs = Recorded(project / ".headwater").outputs()
    table = output(["main.t"], {"k": ["main.t.k IDENTITY"]})
    assert {name: one for name, one in outputs.items() if name.endswith(".csv")} == {
        "table.csv": table,
        "open.csv": table,
        "frame.csv": output(A, K),
        "again.csv": table,
        "renamed.csv": output(A, K),
        "idle.csv": output(A, K),
    }
