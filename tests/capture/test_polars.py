"""What the adapter of polars knows, from programs that know nothing of it."""

# ruff: noqa: S608 (texts of programs)

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.capture.conftest import environment, last, names
from tests.capture.test_launching import Launch, command, launch, lineage
from tests.capture.test_objects import run
from tests.capture.test_pandas import Columns, columns, inputs, written

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # polars is imported in processes of their own

Field = tuple[str, str, str]

SETUP = """
import polars as pl
c = pl.col
a, b = pl.read_parquet("a.parquet"), pl.read_parquet("b.parquet")
la, lb = pl.scan_parquet("a.parquet"), pl.scan_parquet("b.parquet")
"""


def furnish(folder: Path) -> None:
    """Put two tables into a folder, and one in parts."""
    a = pl.DataFrame(
        {"k": [1, 2, 2], "x": [1.0, 2.0, 3.0], "z": [0, 1, 1], "s": ["u", "v", "w"],
         "l": [[1], [2], [3]]}
    )  # fmt: skip
    a.write_parquet(folder / "a.parquet")
    a.drop("l").write_csv(folder / "a.csv")
    pl.DataFrame({"k": [1, 2], "x": [9, 9], "y": [5, 6]}).write_parquet(folder / "b.parquet")
    for (k,), part in a.drop("l").group_by("k"):
        (folder / "parts" / f"k={k}").mkdir(parents=True)
        part.drop("k").write_parquet(folder / "parts" / f"k={k}" / "p.parquet")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with tables."""
    folder = tmp_path / "project"
    folder.mkdir()
    furnish(folder)
    return folder


def a(column: str, how: str = "IDENTITY") -> Field:
    """A column of the first table."""
    return ("a.parquet", column, how)


def b(column: str, how: str = "IDENTITY") -> Field:
    """A column of the second table."""
    return ("b.parquet", column, how)


X = a("x")
CASES: dict[str, tuple[str, Columns, set[Field]]] = {
    "selection": ('a.select("x", "k")', {"x": {X}, "k": {a("k")}}, set()),
    "expressions": (
        'a.select(c("x").alias("q"), r=c.x / c.z)',
        {"q": {X}, "r": {a("x", "TRANSFORMATION"), a("z", "TRANSFORMATION")}},
        set(),
    ),
    "windows": (
        'a.select(w=c.x.sum().over("k"), r=c.x.rank().over("k", order_by="z"))',
        {
            "w": {a("x", "AGGREGATION"), a("k", "WINDOW")},
            "r": {a("x", "TRANSFORMATION"), a("k", "WINDOW"), a("z", "WINDOW")},
        },
        set(),
    ),
    "wildcards": (
        'a.select(pl.all().exclude("s", "l", "k").sum().name.suffix("_q"))',
        {"x_q": {a("x", "AGGREGATION")}, "z_q": {a("z", "AGGREGATION")}},
        set(),
    ),
    "values replaced by others": (
        "a.select(c.z.replace({0: 5}))", {"z": {a("z", "TRANSFORMATION")}}, set(),
    ),
    "values replaced by others, and by a column where there are none": (
        "a.select(q=c.z.replace_strict({0: 5}, default=c.k))",
        {"q": {a("z", "TRANSFORMATION"), a("k", "TRANSFORMATION")}},
        set(),
    ),
    "lists of which each value becomes a row": (
        'a.select("l", "s").explode("l")', {"l": {a("l")}, "s": {a("s")}}, {a("l", "JOIN")},
    ),
    "the rows of one key": (
        'a.select("k", "x", "z").partition_by("k", "z")[0].select("x")',
        {"x": {X}},
        {a("k", "FILTER"), a("z", "FILTER")},
    ),
    "the rows of one key by name": (
        'a.partition_by(by=["k"], as_dict=True)[(1,)].select("x")', {"x": {X}}, {a("k", "FILTER")},
    ),
    "selectors": (
        "a.select(pl.selectors.float().round(1))", {"x": {a("x", "TRANSFORMATION")}}, set(),
    ),
    "conditions": (
        'a.select(o=pl.when(c.z > 0).then(c.x).otherwise(0))',
        {"o": {X, a("z", "CONDITIONAL")}},
        set(),
    ),
    "parts of a column": (
        'a.select(f=c.x.filter(c.z > 0).sum(), o=c.x.sort_by("z").first())',
        {
            "f": {a("x", "AGGREGATION"), a("z", "FILTER")},
            "o": {a("x", "AGGREGATION"), a("z", "SORT")},
        },
        set(),
    ),
    "functions that polars does not show": (
        "a.select(c.l.list.eval(pl.element() + 1))", {"l": {a("l", "TRANSFORMATION")}}, set(),
    ),
    "filter": ('a.filter(c.z == 1).select("x")', {"x": {X}}, {a("z", "FILTER")}),
    "sorting": ('a.sort("z", "k").select("x")', {"x": {X}}, {a("z", "SORT"), a("k", "SORT")}),
    "distinct rows": ('a.unique("k").select("x")', {"x": {X}}, {a("k", "FILTER")}),
    "an inner join": (
        'a.select("k", "x").join(b, on="k")',
        {"k": {a("k")}, "x": {X}, "x_right": {b("x")}, "y": {b("y")}},
        {a("k", "JOIN"), b("k", "JOIN")},
    ),
    "a full join": (
        'a.select("k").join(b.select("k", "y"), on="k", how="full", coalesce=True)',
        {"k": {a("k"), b("k")}, "y": {b("y")}},
        {a("k", "JOIN"), b("k", "JOIN")},
    ),
    "a right join by two names": (
        'a.select("z", "x").join(b, left_on="z", right_on="k", how="right", suffix="_b")',
        {"k": {b("k")}, "x": {X}, "x_b": {b("x")}, "y": {b("y")}},
        {a("z", "JOIN"), b("k", "JOIN")},
    ),
    "a semi join": (
        'a.select("k", "x").join(b, on="k", how="semi")',
        {"k": {a("k")}, "x": {X}},
        {a("k", "JOIN"), b("k", "JOIN")},
    ),
    "aggregation": (
        'a.group_by("k").agg(c.x.mean(), m=c.z.max(), n=pl.len())',
        {"k": {a("k")}, "x": {a("x", "AGGREGATION")}, "m": {a("z", "AGGREGATION")}, "n": set()},
        {a("k", "GROUP_BY")},
    ),
    "rolling groups": (
        'a.sort("k").group_by_dynamic("k", every="1i").agg(c.x.sum())',
        {"k": {a("k")}, "x": {a("x", "AGGREGATION")}},
        {a("k", "SORT"), a("k", "GROUP_BY")},
    ),
    "concatenation": (
        'pl.concat([a.select("k"), b.select("k")])', {"k": {a("k"), b("k")}}, set(),
    ),
    "side by side": (
        'pl.concat([a.select("s"), a.select("x")], how="horizontal")',
        {"s": {a("s")}, "x": {X}},
        set(),
    ),
    "renaming": ('a.rename({"x": "p"}).select("p")', {"p": {X}}, set()),
    "names set in place": (
        'named(a.select("x", "z"), ["z", "x"])', {"z": {X}, "x": {a("z")}}, set(),
    ),
    "melting": (
        'a.unpivot(["x", "z"], index="k")',
        {"k": {a("k")}, "variable": set(), "value": {X, a("z")}},
        set(),
    ),
    "series": (
        'a.select("k").with_columns((a["x"] * 2 + a["z"]).alias("d"))',
        {"k": {a("k")}, "d": {a("x", "TRANSFORMATION"), a("z", "TRANSFORMATION")}},
        set(),
    ),
    "a series in an expression": (
        'a.select(d=c.x + a["z"])',
        {"d": {a("x", "TRANSFORMATION"), a("z", "TRANSFORMATION")}},
        set(),
    ),
    "rows by another table": (
        'a.filter(c.k.is_in(b["k"].implode())).select("x")',
        {"x": {X}},
        {a("k", "FILTER"), b("k", "FILTER")},
    ),
    "brackets": ('a[["x", "k"]][0:2]', {"x": {X}, "k": {a("k")}}, set()),
    "lazily": (
        'la.filter(c.z > 0).with_columns(d=c.x * 2).select("d", "k").collect()',
        {"d": {a("x", "TRANSFORMATION")}, "k": {a("k")}},
        {a("z", "FILTER")},
    ),
    "lazily joined": (
        'la.join(lb, on="k").group_by("k").agg(c.y.sum()).collect(engine="streaming")',
        {"k": {a("k")}, "y": {b("y", "AGGREGATION")}},
        {a("k", "JOIN"), b("k", "JOIN"), a("k", "GROUP_BY")},
    ),
    "lazy and eager": (
        'la.join(b.lazy(), on="k").select("x", "y").collect()',
        {"x": {X}, "y": {b("y")}},
        {a("k", "JOIN"), b("k", "JOIN")},
    ),
    "several at once": (
        'pl.collect_all([lb, la.select("x")])[1]', {"x": {X}}, set(),
    ),
    "pandas and back": (
        'pl.from_pandas(a.select("x").to_pandas().rename(columns={"x": "p"}))',
        {"p": {X}},
        set(),
    ),
    "Arrow and back": (
        'pl.from_arrow(a.select("x", "k").to_arrow().select(["x"]))', {"x": {X}}, set(),
    ),
    "SQL of a frame": (
        'a.sql("select k, max(x) as m from self where z = 1 group by k")',
        {"k": {a("k")}, "m": {a("x", "AGGREGATION")}},
        {a("z", "FILTER"), a("k", "GROUP_BY")},
    ),
    "SQL of a variable": ('pl.sql("select x from la").collect()', {"x": {X}}, set()),
    "SQL of a context": (
        'pl.SQLContext(t=a, u=b).execute("select y from u").collect()', {"y": {b("y")}}, set(),
    ),
    "SQL over several frames": (
        'pl.sql("select b.k, la.x, y from b join la on la.k = b.k where la.z = 1").collect()',
        {"k": {b("k")}, "x": {X}, "y": {b("y")}},
        {a("k", "JOIN"), b("k", "JOIN"), a("z", "FILTER")},
    ),
    "SQL over one frame twice": (
        'pl.sql("select l.x, r.k from a as l join a as r on l.k = r.z", eager=True)',
        {"x": {X}, "k": {a("k")}},
        {a("k", "JOIN"), a("z", "JOIN")},
    ),
    "a table made in a context": (
        'made(pl.SQLContext(t=a, u=b, eager=True), "create table v as select k from t")'
        '.execute("select v.k, u.y from u join v on u.x = v.k")',
        {"k": {a("k")}, "y": {b("y")}},
        {a("k", "JOIN"), b("x", "JOIN")},
    ),
    "subclasses": (
        'type("Mine", (pl.DataFrame,), {})(b.select("k")).join(a.select("k", "x"), on="k")'
        '.select("x")',
        {"x": {X}},
        {a("k", "JOIN"), b("k", "JOIN")},
    ),
    "copies": ('__import__("copy").copy(a.select("x"))', {"x": {X}}, set()),
    "functions of frames": (
        'a.select("x").pipe(lambda d: d * 2)', {"x": {a("x", "TRANSFORMATION")}}, set(),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which one program computed every case, each into a file of its own."""
    tmp_path = tmp_path_factory.mktemp("polars")
    folder = tmp_path / "project"
    folder.mkdir()
    furnish(folder)
    lines = [
        f'({expression}).write_parquet("{number}.parquet")'
        for number, (expression, _, _) in enumerate(CASES.values())
    ]
    named = "def named(frame, names):\n    frame.columns = names\n    return frame\n"
    named += "def made(context, sql):\n    context.execute(sql)\n    return context\n"
    (folder / "job.py").write_text("\n".join([SETUP, named, *lines]))
    done = subprocess.run(
        command(sys.executable, "job.py"),
        cwd=folder, env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.mark.parametrize("case", CASES)
def test_columns_are_exact(computed: Path, case: str) -> None:
    """Each column of what was written, and what shaped its rows, eager and lazy."""
    _, expected, shaped = CASES[case]
    name = f"{list(CASES).index(case)}.parquet"
    assert columns(computed, name) == expected
    facet = written(computed, name)["columnLineage"]
    assert {
        (one["name"].rpartition("/")[2], one["field"], how["subtype"])
        for one in facet["dataset"]
        for how in one["transformations"]
    } == shaped
    of = {file for said in [*expected.values(), shaped] for file, _, _ in said}
    if "join" not in CASES[case][0]:
        assert set(inputs(computed, name)) == of


OPAQUE = {
    "a function of a value": "a.select(c.x.map_elements(lambda v: v, return_dtype=pl.Float64))",
    "a function without a type": "a.select(c.x.map_elements(lambda v: v))",
    "a function of rows": "a.map_rows(lambda row: row)",
    "a function of a plan": "la.map_batches(lambda d: d).collect()",
    "a function of groups": 'a.group_by("k").map_groups(lambda d: d)',
    "a list to look for": "a.filter(c.k.is_in([*range(2)]))",
    "a dict to look up in": 'a.with_columns(c.k.replace(dict(zip(b["k"], b["y"]))))',
    "values that a table replaces": 'a.select(c.k.replace(b["k"], b["y"]))',
    "numbers of rows": "a[list(range(2))]",
    "numbers of values": 'a["x"][list(range(2))].to_frame()',
    "values put in in place": 'put(a["x"])',
    "values that nobody knows": 'a.with_columns(pl.Series("n", [1, 2, 3]))',
    "a frame that nobody knows": 'a.join(pl.DataFrame({"k": [1]}), on="k")',
}


@pytest.mark.parametrize("case", OPAQUE)
def test_what_cannot_be_seen_is_opaque(launch: Launch, project: Path, case: str) -> None:
    """Nothing exact is claimed of it, and functions are called no oftener than without capture."""
    put = "def put(s):\n    s[0] = pl.Series([4.0])\n    return s.to_frame()\n"
    code = f'{SETUP}{put}made = {OPAQUE[case]}\nmade.write_json("o.json")\nb.write_csv("b.csv")\n'
    code = code.replace("lambda v: v", "lambda v: print(v) or v")
    alone = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    done = launch(code)
    assert (done.returncode, done.stdout) == (0, alone.stdout)
    assert "lineage" not in written(project, "o.json")
    assert inputs(project, "b.csv") == ["b.parquet"]


@pytest.mark.parametrize(
    "expression", ['a.pivot("s", index="z", values="x")', 'a.drop("l").to_dummies("s")']
)
def test_reshaping_is_followed_by_dataset(launch: Launch, project: Path, expression: str) -> None:
    """No columns are claimed where names come of values."""
    run(launch, f'{SETUP}\n({expression}).write_csv("o.csv")\n')
    assert inputs(project) == ["a.parquet"]
    assert "columnLineage" not in written(project)


def test_sql_of_files_is_followed_by_dataset(launch: Launch, project: Path) -> None:
    """Of those that it names; and of frames where there are values in it, too."""
    run(
        launch,
        f"{SETUP}\n"
        "pl.sql(\"select x from read_csv('a.csv')\").collect().write_csv('p.csv')\n"
        "pl.sql('select y from b join (values (1)) as v(k) using (k)', eager=True)"
        ".write_csv('o.csv')\n",
    )
    assert inputs(project, "p.csv") == ["a.csv"]
    assert inputs(project) == ["b.parquet"]
    assert "columnLineage" not in written(project)


def test_rows_of_a_database_are_of_its_tables(launch: Launch, project: Path) -> None:
    """Read by polars through a connection, of SQLite or of DuckDB."""
    run(
        launch,
        "import duckdb, sqlite3, polars as pl\n"
        'con = sqlite3.connect("s.db")\ncon.execute("create table t (a int)")\n'
        'con.execute("insert into t values (1)")\ncon.commit()\n'
        'pl.read_database("select a from t", con).write_csv("o.csv")\n'
        'duck = duckdb.connect("w.duckdb")\nduck.execute("create table t as select 1 as a")\n'
        'pl.read_database("select a as b from t", duck).write_csv("p.csv")\n',
    )
    assert inputs(project) == inputs(project, "p.csv") == ["main.t"]
    assert columns(project) == {"a": {("main.t", "a", "IDENTITY")}}
    assert columns(project, "p.csv") == {"b": {("main.t", "a", "IDENTITY")}}


READS = {
    "read_csv": 'pl.read_csv("a.csv", columns=["x"])',
    "an early name": 'read_csv("a.csv", columns=["x"])',
    "scan_csv": 'pl.scan_csv("a.csv").select("x").collect()',
    "an open file": 'pl.read_csv(open("a.csv", "rb"), columns=["x"])',
    "a list": 'pl.scan_csv(["a.csv"]).select("x").collect()',
}


@pytest.mark.parametrize("how", READS)
def test_every_way_to_read_is_seen(launch: Launch, project: Path, how: str) -> None:
    """At once and when a plan is collected; early-bound names too."""
    code = "import polars as pl\nfrom polars import *\nfrom polars import read_csv\n"
    run(launch, f'{code}made = {READS[how]}\nmade.write_csv("o.csv")')
    assert columns(project) == {"x": {("a.csv", "x", "IDENTITY")}}
    assert lineage(project) == (["a.csv"], ["o.csv"])


def test_a_plan_reads_when_it_is_collected(launch: Launch, project: Path) -> None:
    """Not when it is made, and in each run that collects it."""
    run(
        launch,
        "import headwater, polars as pl\n"
        'unused, used = pl.scan_csv("a.csv"), pl.scan_parquet("b.parquet").select("y")\n'
        "pl.read_parquet_schema('a.parquet'), unused.collect_schema()\n"
        "for name in ('one', 'two'):\n"
        "    with headwater.run(name):\n"
        '        used.collect().write_csv(f"{name}.csv")\n',
    )
    for name in ("one", "two"):
        assert lineage(project, name) == (["b.parquet"], [f"{name}.csv"])
        (output,) = last(project, name)["outputs"]
        assert names(output["facets"]["lineage"]["inputs"]) == ["b.parquet"]


FORMATS = {
    "parquet": ('write_parquet("o.parquet")', 'read_parquet("o.parquet")'),
    "csv": ('write_csv("o.csv")', 'scan_csv("o.csv").collect()'),
    "ipc": ('write_ipc("o.arrow")', 'read_ipc("o.arrow")'),
    "a stream of ipc": ('write_ipc_stream("o.arrows")', 'read_ipc_stream("o.arrows")'),
    "json": ('write_json("o.json")', 'read_json("o.json")'),
    "ndjson": ('write_ndjson("o.ndjson")', 'scan_ndjson("o.ndjson").collect()'),
    "avro": ('write_avro("o.avro")', 'read_avro("o.avro")'),
    "sink_parquet": ('lazy().sink_parquet("o.parquet")', 'scan_parquet("o.parquet").collect()'),
    "sink_csv": ('lazy().sink_csv("o.csv")', 'read_csv("o.csv")'),
    "a sink for later": ('lazy().sink_csv("o.csv", lazy=True).collect()', 'read_csv("o.csv")'),
    "sink_ndjson": ('lazy().sink_ndjson("o.ndjson")', 'read_ndjson("o.ndjson")'),
}


@pytest.mark.parametrize("how", FORMATS)
def test_every_format_is_seen(launch: Launch, project: Path, how: str) -> None:
    """What one writes is what the other reads, with its columns."""
    write, read = FORMATS[how]
    run(launch, f'{SETUP}\na.select("x", "k").{write}\n')
    (output,) = lineage(project)[1]
    assert columns(project, output) == {"x": {X}, "k": {a("k")}}
    assert inputs(project, output) == ["a.parquet"]
    run(launch, f'import polars as pl\npl.{read}.write_csv("end.csv")', "later.py")
    assert lineage(project, "later") == ([output], ["end.csv"])


def test_folders_and_wildcards_are_their_files(launch: Launch, project: Path) -> None:
    """Partitions are read and written as the files that they are; others there were not."""
    run(
        launch,
        "import polars as pl\n"
        'made = pl.scan_parquet("parts/**/*.parquet", hive_partitioning=True).collect()\n'
        'made.write_csv("o.csv")\n'
        'pl.scan_parquet("parts").sink_parquet(pl.PartitionBy("out", key="z"), mkdir=True)\n',
    )
    end = last(project, "job")
    assert sorted(one["name"].split("/")[-2] for one in end["inputs"]) == ["k=1", "k=2"]
    assert len(columns(project)["x"]) == 1
    assert sorted(one["name"].split("/")[-2] for one in end["outputs"]) == ["project", "z=0", "z=1"]


FELT = """
import inspect, pickle, traceback
import polars as pl
for thing in (pl.read_csv, pl.DataFrame.select, pl.LazyFrame.filter, pl.Series.head, pl.lit):
    print(thing.__module__, thing.__qualname__, inspect.signature(thing))
print(pickle.loads(pickle.dumps(pl.read_csv)) is pl.read_csv)
frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
print(frame, type(frame.lazy()), pickle.loads(pickle.dumps(frame)).equals(frame))
frame.columns = ["p", "q"]
print(frame.columns, pl.DataFrame.columns.__doc__[:20], frame["p"] + 1, frame.lazy().explain())
for code in ("frame.select('nowhere')", "frame['nowhere']", "pl.read_csv('nowhere')",
             "frame.join(1)", "pl.scan_csv('nowhere').collect()",
             "frame.lazy().filter(pl.col('z')).collect()",
             "frame.group_by('p').agg(pl.col('q').nothing())",
             "frame.__class__.columns.fset(frame, 1)"):
    try:
        eval(code)
    except Exception:
        traceback.print_exc()
print(frame.group_by("p", maintain_order=True).agg(pl.len()))
print(sorted(group for group, _ in frame.group_by("p")))
"""


def test_nothing_is_felt(launch: Launch, project: Path) -> None:
    """Output, tracebacks, signatures and pickles are those of a run without capture."""
    (project / "job.py").write_text(FELT)
    alone = subprocess.run(
        [sys.executable, "job.py"],
        cwd=project, capture_output=True, text=True, check=True,
        env=environment(project.parent),
    )  # fmt: skip
    captured = launch(FELT)
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr
