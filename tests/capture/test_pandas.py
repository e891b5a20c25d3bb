"""What the pandas adapter knows, from programs that know nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.capture.conftest import last
from tests.capture.test_launching import Launch, launch, lineage

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports pandas in a process of its own

SETUP = """
import pandas as pd
a, b = pd.read_csv("a.csv"), pd.read_csv("b.csv")
"""
A = "k,x,z\n1,1.0,0\n2,2.0,1\n2,3.0,1\n"
B = "k,x,y\n1,9,5\n2,9,6\n"

Columns = dict[str, set[tuple[str, str, str]]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two tables."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.csv").write_text(A)
    (folder / "b.csv").write_text(B)
    return folder


def written(project: Path, name: str = "o.csv") -> dict[str, Any]:
    """The facets of an output."""
    outputs = last(project, "job")["outputs"]
    (found,) = [one for one in outputs if one["name"].endswith(f"/{name}")]
    return dict(found["facets"])


def columns(project: Path, name: str = "o.csv") -> Columns:
    """Column → (file, column, subtype) that it came from."""
    fields = written(project, name)["columnLineage"]["fields"]
    return {
        column: {
            (one["name"].rpartition("/")[2], one["field"], how["subtype"])
            for one in said["inputFields"]
            for how in one["transformations"]
        }
        for column, said in fields.items()
    }


def shaping(project: Path) -> set[tuple[str, str, str]]:
    """The columns that shaped all of the output."""
    return {
        (one["name"].rpartition("/")[2], one["field"], how["subtype"])
        for one in written(project)["columnLineage"].get("dataset", ())
        for how in one["transformations"]
    }


def inputs(project: Path, name: str = "o.csv") -> list[str]:
    """What an output is said to have come from."""
    named = written(project, name)["lineage"]["inputs"]
    return sorted(one["name"].rpartition("/")[2] for one in named)


CASES: dict[str, tuple[str, Columns]] = {
    "selection": (
        'a[["x", "k"]]',
        {"x": {("a.csv", "x", "IDENTITY")}, "k": {("a.csv", "k", "IDENTITY")}},
    ),
    "a series": ('a["x"]', {"x": {("a.csv", "x", "IDENTITY")}}),
    "rename": (
        'a[["x"]].rename(columns={"x": "q"})',
        {"q": {("a.csv", "x", "IDENTITY")}},
    ),
    "rename by function": (
        'a[["x"]].rename(columns=str.upper)',
        {"X": {("a.csv", "x", "IDENTITY")}},
    ),
    "arithmetic": (
        'a.assign(r=a["x"] / a["z"])[["r"]]',
        {"r": {("a.csv", "x", "TRANSFORMATION"), ("a.csv", "z", "TRANSFORMATION")}},
    ),
    "assignment by function": (
        "a.assign(r=lambda d: d.x * 2)[['r']]",
        {"r": {("a.csv", "x", "TRANSFORMATION")}},
    ),
    "filter": ('a[a["z"] == 1][["x"]]', {"x": {("a.csv", "x", "IDENTITY")}}),
    "query": ('a.query("z == 1 and k > 0")[["x"]]', {"x": {("a.csv", "x", "IDENTITY")}}),
    "drop and head": ('a.drop(columns=["k", "z"]).head(2)', {"x": {("a.csv", "x", "IDENTITY")}}),
    "loc": ('a.loc[a["z"] == 1, ["x"]]', {"x": {("a.csv", "x", "IDENTITY")}}),
    "fill and cast": (
        'a[["x"]].fillna(0).astype("int64")',
        {"x": {("a.csv", "x", "TRANSFORMATION")}},
    ),
    "sorting": ('a.sort_values("z")[["x"]]', {"x": {("a.csv", "x", "IDENTITY")}}),
    "text": ('a["x"].astype(str).str.upper()', {"x": {("a.csv", "x", "TRANSFORMATION")}}),
    "types of some": (
        'a[["k", "x"]].astype({"x": "int64"})',
        {"k": {("a.csv", "k", "IDENTITY")}, "x": {("a.csv", "x", "TRANSFORMATION")}},
    ),
    "merge": (
        'a.merge(b, on="k", suffixes=("", "_b"))',
        {
            "k": {("a.csv", "k", "IDENTITY"), ("b.csv", "k", "IDENTITY")},
            "x": {("a.csv", "x", "IDENTITY")},
            "z": {("a.csv", "z", "IDENTITY")},
            "x_b": {("b.csv", "x", "IDENTITY")},
            "y": {("b.csv", "y", "IDENTITY")},
        },
    ),
    "merge by two names": (
        'pd.merge(a[["z", "x"]], b[["k", "y"]], left_on="z", right_on="k")',
        {
            "z": {("a.csv", "z", "IDENTITY")},
            "x": {("a.csv", "x", "IDENTITY")},
            "k": {("b.csv", "k", "IDENTITY")},
            "y": {("b.csv", "y", "IDENTITY")},
        },
    ),
    "merge by an index": (
        'a[["k", "x"]].merge(b[["k", "y"]], left_index=True, right_on="k")',
        {
            "k": {("b.csv", "k", "IDENTITY")},
            "k_x": {("a.csv", "k", "IDENTITY")},
            "x": {("a.csv", "x", "IDENTITY")},
            "k_y": {("b.csv", "k", "IDENTITY")},
            "y": {("b.csv", "y", "IDENTITY")},
        },
    ),
    "join": (
        'a[["k", "x"]].join(b.set_index("k")[["y"]], on="k")',
        {
            "k": {("a.csv", "k", "IDENTITY")},
            "x": {("a.csv", "x", "IDENTITY")},
            "y": {("b.csv", "y", "IDENTITY")},
        },
    ),
    "concatenation": (
        'pd.concat([a[["x"]], b[["x"]]])',
        {"x": {("a.csv", "x", "IDENTITY"), ("b.csv", "x", "IDENTITY")}},
    ),
    "aggregation": (
        'a.groupby("k", as_index=False).agg(m=("x", "mean"), n=("z", "count"))',
        {
            "k": {("a.csv", "k", "IDENTITY")},
            "m": {("a.csv", "x", "AGGREGATION")},
            "n": {("a.csv", "z", "AGGREGATION")},
        },
    ),
    "a series that becomes a column of another name": (
        'a.groupby("k")["x"].sum().reset_index(name="total")',
        {"k": {("a.csv", "k", "IDENTITY")}, "total": {("a.csv", "x", "AGGREGATION")}},
    ),
    "aggregation of one column": (
        'a.groupby("k")["x"].mean().reset_index()',
        {"k": {("a.csv", "k", "IDENTITY")}, "x": {("a.csv", "x", "AGGREGATION")}},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_columns_are_exact(launch: Launch, project: Path, case: str) -> None:
    """Selection, renaming, merging, concatenation, assignment, aggregation by name."""
    expression, expected = CASES[case]
    done = launch(f'{SETUP}\nmade = {expression}\nmade.to_csv("o.csv", index=False)\n')
    assert (done.returncode, done.stderr) == (0, "")
    assert columns(project) == expected


SHAPES: dict[str, tuple[str, set[tuple[str, str, str]]]] = {
    "filter": ('a[a["z"] == 1]', {("a.csv", "z", "FILTER")}),
    "query": (
        'a.query("z == 1 and `k` > 0")',
        {("a.csv", "z", "FILTER"), ("a.csv", "k", "FILTER")},
    ),
    "sorting": ('a.sort_values(["z", "k"])', {("a.csv", "z", "SORT"), ("a.csv", "k", "SORT")}),
    "merge": ('a.merge(b, on="k")', {("a.csv", "k", "JOIN"), ("b.csv", "k", "JOIN")}),
    "aggregation": ('a.groupby("k").sum()', {("a.csv", "k", "GROUP_BY")}),
    "rows without values": ('a.dropna(subset=["x", "z"])',
                            {("a.csv", "x", "FILTER"), ("a.csv", "z", "FILTER")}),
    "rows twice": ('a.drop_duplicates(["k", "z"])',
                   {("a.csv", "k", "FILTER"), ("a.csv", "z", "FILTER")}),
}  # fmt: skip


@pytest.mark.parametrize("case", SHAPES)
def test_what_shaped_the_rows_is_said(launch: Launch, project: Path, case: str) -> None:
    """Columns by which rows were chosen, joined, grouped and ordered."""
    expression, expected = SHAPES[case]
    launch(f'{SETUP}\n({expression}).to_csv("o.csv")\n')
    assert shaping(project) == expected


def test_columns_keep_their_origin_by_another_name(launch: Launch, project: Path) -> None:
    """A series that is renamed and joined, and a date put together of its parts."""
    launch(
        f"{SETUP}\n"
        'rate = a.groupby("k")["x"].mean().rename("rate")\n'
        'made = a[["k"]].join(rate, on="k")\n'
        'parts = a.rename(columns={"k": "month", "z": "day"}).assign(year=2013)\n'
        'made["weekday"] = pd.to_datetime(parts[["year", "month", "day"]], errors="coerce")'
        ".dt.day_of_week\n"
        'made.to_csv("o.csv", index=False)\n'
    )
    assert columns(project) == {
        "k": {("a.csv", "k", "IDENTITY")},
        "rate": {("a.csv", "x", "AGGREGATION")},
        "weekday": {("a.csv", "k", "TRANSFORMATION"), ("a.csv", "z", "TRANSFORMATION")},
    }


@pytest.mark.parametrize(
    ("arguments", "rows"), [('sep=","', 3), ("nrows=1", None), ('usecols=["k"]', None)]
)
def test_a_whole_file_tells_its_rows_and_types(
    launch: Launch, project: Path, arguments: str, rows: int | None
) -> None:
    """Of a part of a file nothing is said of the whole."""
    launch(f'import pandas as pd\npd.read_csv("a.csv", {arguments}).to_csv("o.csv")\n')
    (read,) = last(project, "job")["inputs"]
    assert read["inputFacets"].get("inputStatistics", {}).get("rowCount") == rows
    assert ("schema" in read["facets"]) == (rows is not None)


def test_steps_of_one_script_stay_apart(launch: Launch, project: Path) -> None:
    """Each output came from what its frame came from, not from all that the script read."""
    launch(f'{SETUP}\na.to_csv("a2.csv")\nb.to_parquet("b2.parquet")\n')
    assert inputs(project, "a2.csv") == ["a.csv"]
    assert inputs(project, "b2.parquet") == ["b.csv"]


@pytest.mark.parametrize(
    "expression",
    ['a.pivot_table(index="k", columns="z", values="x")', 'pd.get_dummies(a, columns=["k"])',
     'a.melt(id_vars=["k"])'],
)  # fmt: skip
def test_reshaping_is_followed_by_dataset(launch: Launch, project: Path, expression: str) -> None:
    """No columns are claimed where names say nothing of what came from what."""
    launch(f'{SETUP}\n({expression}).to_csv("o.csv")\n')
    assert inputs(project) == ["a.csv"]
    assert "columnLineage" not in written(project)


def test_what_a_function_of_the_user_does_is_opaque(launch: Launch, project: Path) -> None:
    """Nothing exact is claimed: it may have looked at anything that the script read."""
    launch(
        f"{SETUP}\nmade = a.apply(lambda row: row['x'] + b['y'].sum(), axis=1)\n"
        'made.to_frame("o").to_csv("o.csv")\n'
    )
    assert "lineage" not in written(project)
    assert lineage(project) == (["a.csv", "b.csv"], ["o.csv"])


def test_early_bound_names_are_observed(launch: Launch, project: Path) -> None:
    """`from pandas import read_csv` gives the same function."""
    launch('from pandas import *\nfrom pandas import read_csv\nread_csv("a.csv").to_csv("o.csv")')
    assert inputs(project) == ["a.csv"]


def test_readers_are_observed_by_the_names_of_their_modules(launch: Launch, project: Path) -> None:
    """`from pandas.io.parsers import read_csv` is the function that `pandas.read_csv` is."""
    launch(
        "import pandas as pd\nfrom pandas.io.parsers import read_csv\nimport pandas.io.json\n"
        "print(read_csv is pd.read_csv, pandas.io.json.read_json is pd.read_json)\n"
        'b = read_csv("b.csv")\nread_csv("a.csv")[["k"]].to_csv("o.csv")\n'
    )
    assert columns(project) == {"k": {("a.csv", "k", "IDENTITY")}}


def test_a_folder_is_read_file_by_file(launch: Launch, project: Path) -> None:
    """Partitions are written and read as the files that they are."""
    launch(f'{SETUP}\na.to_parquet("parts", partition_cols=["k"])\n')
    launch('import pandas as pd\npd.read_parquet("parts").to_csv("o.csv")', name="later.py")
    read = last(project, "later")["inputs"]
    assert sorted(one["name"].split("/")[-2] for one in read) == ["k=1", "k=2"]


def test_parts_that_are_added_to_a_folder_are_the_only_ones_written(
    launch: Launch, project: Path
) -> None:
    """Files of another run, and of other partitions, are nobody's output once more."""
    launch(f'{SETUP}\na.to_parquet("parts", partition_cols=["k"])\n')
    launch(
        f'import time\n{SETUP}\na[a.k == 2].to_parquet("parts", partition_cols=["k"])\n'
        "time.sleep(0.1)\n"  # times of change are told apart by ticks
        'b[["y"]].assign(k=3).to_parquet(path="parts", partition_cols=["k"])\n',
        name="later.py",
    )
    wrote = last(project, "later")["outputs"]
    assert sorted(one["name"].split("/")[-2] for one in wrote) == ["k=2", "k=3"]
    stated = {one["name"].split("/")[-2]: one["facets"]["lineage"]["inputs"] for one in wrote}
    assert [one["name"].rpartition("/")[2] for one in stated["k=2"]] == ["a.csv"]
    assert [one["name"].rpartition("/")[2] for one in stated["k=3"]] == ["b.csv"]
    counts = [one["outputFacets"].get("outputStatistics", {}).get("rowCount") for one in wrote]
    assert counts == [None, None]


@pytest.mark.parametrize(
    ("call", "reader"),
    [
        ('to_json("o.json")', 'read_json("o.json")'),
        ('to_pickle("o.pkl")', 'read_pickle("o.pkl")'),
        ('to_feather("o.feather")', 'read_feather("o.feather")'),
        ('to_parquet("o.parquet")', 'read_parquet("o.parquet", columns=["x"])'),
        ('to_csv("o.csv.gz")', 'read_csv("o.csv.gz")'),
    ],
)
def test_every_format_is_observed(launch: Launch, project: Path, call: str, reader: str) -> None:
    """What one writes is what the other reads."""
    launch(f"{SETUP}\na.{call}\n")
    launch(f'import pandas as pd\npd.{reader}.to_csv("end.csv")', name="later.py")
    assert inputs(project, call.partition('"')[2].rstrip('")')) == ["a.csv"]
    assert lineage(project, "later")[1] == ["end.csv"]
    assert lineage(project, "later")[0] == [call.partition('"')[2].rstrip('")')]


FELT = """
import inspect, pickle, traceback, warnings
import pandas as pd
print(pd.read_csv.__module__, pd.read_csv.__qualname__, inspect.signature(pd.read_csv))
print(pickle.loads(pickle.dumps(pd.read_csv)) is pd.read_csv, pickle.dumps(pd.read_csv))
try:
    pd.read_csv("nowhere.csv")
except FileNotFoundError:
    traceback.print_exc()
try:
    pd.DataFrame({"a": [1]})["b"]
except KeyError:
    print(traceback.format_exc())
warnings.warn("mine", stacklevel=1)
frame = pd.DataFrame({"a": [1, 2]})
frame.to_csv("frame.csv", index=False)
print(len(pickle.dumps(frame)), frame.attrs, sorted(vars(frame)))
"""


def test_nothing_is_felt(launch: Launch, project: Path) -> None:
    """Output, tracebacks, warnings, signatures and pickles are those of a run without capture."""
    import subprocess
    import sys

    (project / "job.py").write_text(FELT)
    alone = subprocess.run(
        [sys.executable, "job.py"], cwd=project, capture_output=True, text=True, check=True
    )
    captured = launch(FELT)
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr
