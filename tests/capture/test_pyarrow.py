"""What the adapters of Arrow know, from programs that know nothing of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.capture.conftest import environment, last
from tests.capture.test_launching import Launch, launch, lineage
from tests.capture.test_objects import run
from tests.capture.test_pandas import Columns, columns, inputs, shaping, written

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports Arrow in a process of its own

SETUP = """
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
a, b = pq.read_table("a.parquet"), pq.read_table("b.parquet")
"""
WRITE = 'pq.write_table(made, "o.parquet")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two tables, and one in parts."""
    folder = tmp_path / "project"
    folder.mkdir()
    a = pa.table({"k": [1, 2, 2], "x": [1.0, 2.0, 3.0], "z": [0, 1, 1]})
    b = pa.table({"k": [1, 2], "x": [9, 9], "y": [5, 6]})
    for name, table in (("a", a), ("b", b)):
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet")
        pyarrow.csv.write_csv(table, folder / f"{name}.csv")
    for k in (1, 2):
        (folder / "parts" / f"k={k}").mkdir(parents=True)
        part = a.filter(pyarrow.compute.field("k") == k).drop_columns("k")
        pyarrow.parquet.write_table(part, folder / "parts" / f"k={k}" / "p.parquet")
    return folder


def one(column: str, how: str = "IDENTITY", file: str = "a.parquet") -> set[tuple[str, str, str]]:
    """That a column came from one column."""
    return {(file, column, how)}


CASES: dict[str, tuple[str, Columns]] = {
    "selection": ('a.select(["x", "k"])', {"x": one("x"), "k": one("k")}),
    "dropping": ('a.drop_columns(["x"]).drop(["z"])', {"k": one("k")}),
    "renaming": (
        'a.select(["x", "z"]).rename_columns(["p", "q"])',
        {"p": one("x"), "q": one("z")},
    ),
    "renaming by a dict": (
        'a.select(["x", "z"]).rename_columns({"x": "p"})',
        {"p": one("x"), "z": one("z")},
    ),
    "removal and slices": ("a.remove_column(0).slice(1)[:1]", {"x": one("x"), "z": one("z")}),
    "a cast": (
        'a.select(["x", "z"]).cast(pa.schema([("x", pa.float32()), ("z", pa.int64())]))',
        {"x": one("x", "TRANSFORMATION"), "z": one("z")},
    ),
    "a mask of another table": (
        'a.slice(1).filter(pc.equal(b["y"], 5)).select(["x"])', {"x": one("x")},
    ),
    "an appended column": (
        'a.slice(1).select(["k"]).append_column("r", b["y"])',
        {"k": one("k"), "r": one("y", file="b.parquet")},
    ),
    "a computed column": (
        'a.set_column(1, "x", pc.add(a["x"], pc.multiply(a.column("z"), 2))).select(["x"])',
        {"x": {("a.parquet", "x", "TRANSFORMATION"), ("a.parquet", "z", "TRANSFORMATION")}},
    ),
    "a computed number": (
        'a.select([]).append_column("c", pc.subtract(a["x"], pc.mean(a["x"])))',
        {"c": {("a.parquet", "x", "TRANSFORMATION"), ("a.parquet", "x", "AGGREGATION")}},
    ),
    "a table of columns": (
        'pa.table({"p": a["x"], "q": a["z"]})',
        {"p": one("x"), "q": one("z")},
    ),
    "filters": ('a.filter(pc.field("z") == 1).select(["x"])', {"x": one("x")}),
    "an inner join": (
        'a.join(b, "k", join_type="inner", right_suffix="_b")',
        {
            "k": one("k"), "x": one("x"), "z": one("z"),
            "x_b": one("x", file="b.parquet"), "y": one("y", file="b.parquet"),
        },
    ),
    "a full join": (
        'a.select(["k", "z"]).join(b.select(["k", "y"]), "k", join_type="full outer")',
        {
            "k": one("k") | one("k", file="b.parquet"),
            "z": one("z"), "y": one("y", file="b.parquet"),
        },
    ),
    "a right join by two names": (
        'a.select(["z", "x"]).join(b.select(["k", "y"]), "z", "k", join_type="right outer")',
        {
            "x": one("x"), "k": one("k", file="b.parquet"), "y": one("y", file="b.parquet"),
        },
    ),
    "a semi join": (
        'a.join(b, "k", join_type="left semi")',
        {"k": one("k"), "x": one("x"), "z": one("z")},
    ),
    "concatenation": (
        'pa.concat_tables([a.select(["x"]), b.select(["x"]).cast(pa.schema([("x", "double")]))])',
        {"x": one("x") | one("x", "TRANSFORMATION", "b.parquet")},
    ),
    "aggregation": (
        'a.group_by("k").aggregate([("x", "sum"), ("z", "max"), ([], "count_all")])',
        {
            "k": one("k"),
            "x_sum": one("x", "AGGREGATION"),
            "z_max": one("z", "AGGREGATION"),
            "count_all": set(),
        },
    ),
    "pandas and back": (
        'pa.Table.from_pandas(a.select(["x"]).to_pandas().rename(columns={"x": "p"}))',
        {"p": one("x")},
    ),
    "columns as they are": (
        "pa.table(a.columns, names=a.column_names)",
        {n: one(n) for n in "kxz"},
    ),
    "columns one by one": (
        'pa.table({f"{n}_": c for n, c in zip(a.column_names, a.itercolumns())})',
        {f"{n}_": one(n) for n in "kxz"},
    ),
    "batches and back": (
        'pa.Table.from_batches(a.select(["x"]).to_batches())',
        {"x": one("x")},
    ),
    "a reader": ('a.select(["x"]).to_reader().read_all()', {"x": one("x")}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_columns_are_exact(launch: Launch, project: Path, case: str) -> None:
    """Tables, columns and functions, though their classes are written in C."""
    expression, expected = CASES[case]
    run(launch, f"{SETUP}\nmade = {expression}\n{WRITE}")
    assert columns(project, "o.parquet") == expected
    of_both = any(file == "b.parquet" for said in expected.values() for file, _, _ in said)
    is_joined = of_both or "join" in expression or 'b["y"]' in expression
    assert inputs(project, "o.parquet") == ["a.parquet", "b.parquet"][: 1 + is_joined]


SHAPES = {
    "a filter": ('a.filter(pc.field("z") == 1)', {("z", "FILTER")}),
    "a mask": ('a.filter(pc.equal(a["z"], 1))', {("z", "FILTER")}),
    "sorting": ('a.sort_by([("z", "descending"), ("x", "ascending")])',
                {("z", "SORT"), ("x", "SORT")}),
    "grouping": ('a.group_by(["k"]).aggregate([("x", "sum")])', {("k", "GROUP_BY")}),
    "filters of a read": ('pq.read_table("a.parquet", columns=["x"], filters=[("z", "=", 1)])',
                          {("z", "FILTER")}),
    "text is no column": ('a.filter(pc.field("z").cast("string") == "x")',
                          {("z", "FILTER")}),
}  # fmt: skip


@pytest.mark.parametrize("case", SHAPES)
def test_what_shaped_the_rows_is_said(launch: Launch, project: Path, case: str) -> None:
    """Columns by which rows were chosen, grouped and ordered."""
    expression, expected = SHAPES[case]
    run(launch, f'{SETUP}\nmade = {expression}\npq.write_table(made, "o.csv")\n')
    assert shaping(project) == {("a.parquet", *found) for found in expected}


UNKNOWN = {
    "a column": 'a.select(["x"]).append_column("n", pa.array([*range(3)]))',
    "a mask": 'a.select(["x"]).filter(pa.array([n != 1 for n in range(3)]))',
    "numbers of rows": 'a.select(["x"]).take([*range(2)])',
    "values to look for": 'a.filter(pc.is_in(a["k"], value_set=pa.array(b["k"].to_pylist())))'
    '.select(["x"])',
    "values in an expression": 'a.filter(pc.field("k").isin([1])).select(["x"])',
    "values in a filter": 'pq.read_table("a.parquet", columns=["x"], filters=[("k", "in", [1])])',
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_data_that_nobody_knows_makes_a_table_unknown(
    launch: Launch, project: Path, case: str
) -> None:
    """It may have been made of anything that was read; what is known stays said."""
    run(launch, f"{SETUP}\nmade = {UNKNOWN[case]}\n{WRITE}")
    assert "lineage" not in written(project, "o.parquet")
    assert columns(project, "o.parquet") == {"x": one("x")}


READS = {
    "read_table": 'made = pq.read_table("a.parquet", columns=["x"])',
    "an open file": 'made = pq.read_table(open("a.parquet", "rb"), columns=["x"])',
    "a path": 'import pathlib\nmade = pq.read_table(pathlib.Path("a.parquet"), columns=["x"])',
    "a file system": (
        "from pyarrow import fs\n"
        'here = fs.SubTreeFileSystem(".", fs.LocalFileSystem())\n'
        'made = pq.read_table("a.parquet", columns=["x"], filesystem=here)'
    ),
    "a stream of a file system": (
        "from pyarrow import fs\n"
        'made = pq.read_table(fs.LocalFileSystem().open_input_file("a.parquet"), columns=["x"])'
    ),
    "a memory map": 'made = pq.read_table(pa.memory_map("a.parquet"), columns=["x"])',
    "read_pandas": 'made = pq.read_pandas("a.parquet", columns=["x"])',
    "ParquetFile": 'made = pq.ParquetFile("a.parquet").read(columns=["x"])',
    "a row group": 'made = pq.ParquetFile("a.parquet").read_row_group(0, columns=["x"])',
    "batches of a file": (
        'made = pa.Table.from_batches(pq.ParquetFile("a.parquet").iter_batches(columns=["x"]))'
    ),
    "batches one by one": (
        "made = pa.Table.from_batches([one for one in\n"
        '    pq.ParquetFile("a.parquet").iter_batches(batch_size=1, columns=["x"])])'
    ),
    "batches of a data set": (
        "import pyarrow.dataset as ds\n"
        'made = pa.concat_tables([pa.table([one["x"]], names=["x"]) for one in\n'
        '    ds.dataset("a.parquet").to_batches(filter=ds.field("z") == 1)])'
    ),
    "batches of a scanner": (
        "import pyarrow.dataset as ds\n"
        'scanner = ds.dataset("a.parquet").scanner(columns=["x"])\n'
        "made = pa.Table.from_batches(list(scanner.to_batches()))"
    ),
    "batches of a fragment": (
        "import pyarrow.dataset as ds\n"
        'one, = ds.dataset("a.parquet").get_fragments()\n'
        'made = pa.Table.from_batches(list(one.to_batches(columns=["x"])))'
    ),
    "OSFile": 'made = pq.read_table(pa.OSFile("a.parquet"), columns=["x"])',
    "PythonFile": 'made = pq.read_table(pa.PythonFile(open("a.parquet", "rb")), columns=["x"])',
    "ParquetDataset": 'made = pq.ParquetDataset("a.parquet").read(columns=["x"])',
    "a data set": (
        'import pyarrow.dataset as ds\nmade = ds.dataset("a.parquet").to_table(columns=["x"])'
    ),
    "a scanner": (
        "import pyarrow.dataset as ds\n"
        'made = ds.dataset("a.parquet").scanner(columns=["x"]).to_table()'
    ),
    "a reader of a scanner": (
        "import pyarrow.dataset as ds\n"
        'made = ds.Scanner.from_dataset(ds.dataset("a.parquet"), columns=["x"]).to_reader()\n'
        "made = made.read_all()"
    ),
    "an early name": 'from pyarrow.parquet import *\nmade = read_table("a.parquet", columns=["x"])',
}


@pytest.mark.parametrize("how", READS)
def test_every_way_to_read_parquet_is_seen(launch: Launch, project: Path, how: str) -> None:
    """By path, stream, file system; whole, by row groups, as a data set."""
    imports = "import pyarrow as pa\nimport pyarrow.parquet as pq\n"
    run(launch, f'{imports}open("b.csv").read()\n{READS[how]}\n{WRITE}')
    assert columns(project, "o.parquet") == {"x": one("x")}
    assert inputs(project, "o.parquet") == ["a.parquet"]
    assert lineage(project) == (["a.parquet", "b.csv"], ["o.parquet"])


def test_a_schema_is_no_data(launch: Launch, project: Path) -> None:
    """Who looks at names and metadata, or names a data set, has read nothing."""
    run(
        launch,
        "import pyarrow.dataset as ds, pyarrow.parquet as pq\n"
        'pq.read_schema("a.parquet"), pq.read_metadata("a.parquet"), ds.dataset("parts").schema\n'
        'open("o", "w")',
    )
    assert lineage(project) == ([], ["o"])


FORMATS = {
    "csv": (
        'from pyarrow import csv\nmade = csv.read_csv("a.csv")\ncsv.write_csv(made, "o.csv")',
        'csv.read_csv("o.csv")',
    ),
    "streamed csv": (
        'from pyarrow import csv\nreader = csv.open_csv("a.csv")\n'
        'with csv.CSVWriter("o.csv", reader.schema) as out:\n'
        "    for batch in reader:\n        out.write_batch(batch)\n",
        'csv.open_csv("o.csv").read_all()',
    ),
    "feather": (
        "from pyarrow import csv, feather\n"
        'feather.write_feather(csv.read_csv("a.csv"), "o.feather")',
        'feather.read_table("o.feather")',
    ),
    "ipc": (
        "from pyarrow import csv, ipc\nimport pyarrow as pa\n"
        'made = csv.read_csv("a.csv")\n'
        'with ipc.new_file("o.arrow", made.schema) as out:\n    out.write_table(made)\n',
        'ipc.open_file("o.arrow").read_all()',
    ),
    "a stream of ipc": (
        "from pyarrow import csv, ipc\nimport pyarrow as pa\n"
        'made = csv.read_csv("a.csv")\n'
        'with pa.output_stream("o.arrows") as sink:\n'
        "    with ipc.RecordBatchStreamWriter(sink, made.schema) as out:\n"
        "        out.write(made)\n",
        'ipc.open_stream("o.arrows").read_all()',
    ),
    "orc": (
        'from pyarrow import csv, orc\norc.write_table(csv.read_csv("a.csv"), "o.orc")',
        'orc.ORCFile("o.orc").read()',
    ),
}


@pytest.mark.parametrize("how", FORMATS)
def test_other_formats_are_seen(launch: Launch, project: Path, how: str) -> None:
    """What one function writes is what another reads, column by column."""
    write, read = FORMATS[how]
    run(launch, f'open("b.csv").read()\n{write}')
    (output,) = lineage(project)[1]
    assert columns(project, output) == {name: one(name, file="a.csv") for name in "kxz"}
    assert inputs(project, output) == ["a.csv"]
    imports = "from pyarrow import csv, feather, ipc, orc, parquet\n"
    run(launch, f'{imports}made = {read}\nparquet.write_table(made, "end.parquet")', "later.py")
    assert lineage(project, "later") == ([output], ["end.parquet"])


def test_json_is_read(launch: Launch, project: Path) -> None:
    """Line by line."""
    (project / "a.json").write_text('{"x": 1}\n{"x": 2}\n')
    run(
        launch, f'from pyarrow import json, parquet as pq\nmade = json.read_json("a.json")\n{WRITE}'
    )
    assert columns(project, "o.parquet") == {"x": one("x", file="a.json")}


STREAMS = {
    "OSFile": 'pa.OSFile("o.arrow", "wb")',
    "a compressed stream": 'pa.CompressedOutputStream("o.arrow", "gzip")',
    "one around another": 'pa.CompressedOutputStream(pa.OSFile("o.arrow", "wb"), "gzip")',
    "a buffered one": 'pa.BufferedOutputStream(pa.OSFile("o.arrow", "wb"), 4096)',
}


@pytest.mark.parametrize("stream", STREAMS)
def test_streams_know_their_files(launch: Launch, project: Path, stream: str) -> None:
    """Made by path, or around other streams; written, and read again elsewhere."""
    write = f"{SETUP}\nwith {STREAMS[stream]} as out, pa.ipc.new_stream(out, a.schema) as to:\n"
    run(launch, f"{write}    to.write_table(a)\n")
    assert columns(project, "o.arrow") == {name: one(name) for name in "kxz"}
    way = STREAMS[stream].replace("Output", "Input").replace(', "wb"', "")
    read = f"import pyarrow as pa\nimport pyarrow.parquet as pq\nmade = pa.ipc.open_stream({way})"
    run(launch, f'{read}.read_all()\npq.write_table(made, "p.parquet")\n')
    assert columns(project, "p.parquet") == {n: one(n, file="o.arrow") for n in "kxz"}


def test_a_writer_is_of_all_that_it_was_given(launch: Launch, project: Path) -> None:
    """Batch by batch, and read batch by batch."""
    run(
        launch,
        f"{SETUP}\nfile = pq.ParquetFile('a.parquet')\n"
        'with pq.ParquetWriter("o.parquet", a.select(["x"]).schema) as out:\n'
        '    out.write_table(a.select(["x"]))\n'
        '    out.write(b.select(["x"]).cast(a.select(["x"]).schema))\n'
        '    out.write_batch(a.select(["x"]).to_batches()[0])\n',
    )
    assert inputs(project, "o.parquet") == ["a.parquet", "b.parquet"]
    assert columns(project, "o.parquet") == {
        "x": one("x") | one("x", "TRANSFORMATION", "b.parquet")
    }
    (output,) = last(project, "job")["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 8


def test_a_folder_is_its_files(launch: Launch, project: Path) -> None:
    """Partitions are read file by file, and written so; other files there were not."""
    (project / "out").mkdir()
    (project / "out" / "old.parquet").write_bytes((project / "a.parquet").read_bytes())
    run(
        launch,
        "import pyarrow.dataset as ds, pyarrow.parquet as pq\n"
        'made = ds.dataset("parts", partitioning="hive").to_table()\n'
        'pq.write_to_dataset(made, "out", partition_cols=["z"])\n'
        'ds.write_dataset(made, "more", format="parquet")\n',
    )
    end = last(project, "job")
    assert sorted(one["name"].split("/")[-2] for one in end["inputs"]) == ["k=1", "k=2"]
    outputs = sorted(one["name"].split("/")[-2] for one in end["outputs"])
    assert outputs == ["more", "z=0", "z=1"]
    assert columns(project, "more/part-0.parquet")["x"] == one("x", file="p.parquet")


def test_what_a_filter_leaves_out_was_not_read(launch: Launch, project: Path) -> None:
    """By the folders of a partitioned table."""
    run(
        launch,
        "import pyarrow.dataset as ds, pyarrow.parquet as pq\n"
        'made = pq.read_table("parts", columns=["x"], filters=[("k", "=", 2)])\n'
        + WRITE
        + 'parts = ds.dataset("parts", partitioning="hive").filter(ds.field("k") == 2)\n'
        'pq.write_table(parts.to_table(columns={"d": ds.field("x") * 2}), "p.parquet")\n',
    )
    end = last(project, "job")
    assert [one["name"].split("/")[-2] for one in end["inputs"]] == ["k=2"]
    assert columns(project, "o.parquet") == {"x": one("x", file="p.parquet")}
    assert columns(project, "p.parquet") == {"d": one("x", "TRANSFORMATION", "p.parquet")}


def test_a_data_set_is_written_of_what_is_scanned_for_it(launch: Launch, project: Path) -> None:
    """Without being in memory as a whole."""
    run(
        launch,
        "import pyarrow.dataset as ds\n"
        'parts = ds.dataset("parts", partitioning="hive")\n'
        'scanner = parts.scanner(columns=["x"], filter=ds.field("k") == 1)\n'
        'ds.write_dataset(scanner, "out", format="csv")\n'
        'ds.write_dataset(ds.dataset(["a.parquet", "b.parquet"]), "two", format="parquet")\n',
    )
    assert columns(project, "out/part-0.csv") == {"x": one("x", file="p.parquet")}
    assert inputs(project, "out/part-0.csv") == ["p.parquet"]
    assert inputs(project, "two/part-0.parquet") == ["a.parquet", "b.parquet"]


def test_pandas_reads_parquet_once(launch: Launch, project: Path) -> None:
    """What pandas has Arrow do is what pandas was asked for."""
    run(
        launch,
        "import pandas as pd\nimport pyarrow.parquet\n"
        'pd.read_parquet("a.parquet", columns=["x"]).to_parquet("o.parquet", index=False)\n',
    )
    assert lineage(project) == (["a.parquet"], ["o.parquet"])
    assert columns(project, "o.parquet") == {"x": one("x")}


FELT = """
import inspect, pickle, traceback
import pyarrow as pa, pyarrow.compute as pc, pyarrow.csv as csv, pyarrow.parquet as pq
for thing in (pq.read_table, pa.Table.select, pa.concat_tables, csv.read_csv, pa.Table.from_pandas):
    print(thing.__module__, thing.__qualname__, inspect.signature(thing))
print(pickle.loads(pickle.dumps(csv.read_csv)) is csv.read_csv)
table = pa.table({"a": [1, 2]})
print(type(table), repr(table), pickle.loads(pickle.dumps(table)).equals(table))
print([batch.num_rows for batch in table.to_reader()], [c.to_pylist() for c in table.columns],
      [c.to_pylist() for c in table.itercolumns()], pa.Table.columns.__doc__)
print(repr(pa.OSFile), pa.OSFile(__file__).readable(), pa.OSFile(__file__).size())
print(isinstance(pa.RecordBatchReader.from_batches(table.schema, []), pa.RecordBatchReader))
for code in ("table['q']", "table.select(['q'])", "pq.read_table('nowhere')", "csv.CSVWriter()",
             "pa.Table.select()", "pc.add(table['a'], 'x')", "pa.table({'a': [1]}, names=['b'])",
             "pa.OSFile('nowhere')", "pa.OSFile()", "pa.CompressedInputStream(1, 'gzip')"):
    try:
        eval(code)
    except Exception:
        traceback.print_exc()
try:
    pa.Table.select = None
except TypeError as error:
    print(error)
class Mine(csv.CSVWriter):
    pass
with Mine("mine.csv", table.schema) as out:
    out.write_table(table)
print(open("mine.csv").read())
"""


def test_nothing_is_felt(launch: Launch, project: Path) -> None:
    """Output, tracebacks, signatures and pickles; and the classes refuse attributes as before."""
    (project / "job.py").write_text(FELT)
    alone = subprocess.run(
        [sys.executable, "job.py"],
        cwd=project, capture_output=True, text=True, check=True,
        env=environment(project.parent),
    )  # fmt: skip
    captured = launch(FELT)
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr
