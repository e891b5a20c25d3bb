"""pandas over SQL: reading, writing, and what goes on from one into the other."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.capture.conftest import last
from tests.capture.lineage import Output, Recorded
from tests.capture.test_launching import Launch, launch

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports pandas in a process of its own

SHOP = """
    CREATE TABLE t (k INTEGER PRIMARY KEY, a, b);
    INSERT INTO t VALUES (1, 2, 3), (2, 3, 4);
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a database and a file."""
    folder = tmp_path / "project"
    folder.mkdir()
    with sqlite3.connect(folder / "shop.db") as made:
        made.executescript(SHOP)
    made.close()
    (folder / "a.csv").write_text("k,x\n1,5\n")
    return folder


SETUP = """
import pandas as pd
from sqlite3 import connect
shop = connect("shop.db")
"""

READ = Output(
    ["main.t"],
    {"k": ["main.t.k IDENTITY"], "s": ["main.t.a TRANSFORMATION", "main.t.b TRANSFORMATION"]},
    ["main.t.a FILTER"],
)
QUERY = '"SELECT k, a + b AS s FROM t WHERE a > ?", shop, params=(1,)'

READERS = {
    "read_sql": f"pd.read_sql({QUERY})",
    "read_sql_query, an index": f'pd.read_sql_query({QUERY}, index_col="k").reset_index()',
    "chunks": f"pd.concat(list(pd.read_sql({QUERY}, chunksize=1)))",
    "rows": 'pd.DataFrame(shop.execute("SELECT k, a + b FROM t WHERE a > 1").fetchall(), '
            'columns=["k", "s"])',
    "records": 'pd.DataFrame.from_records(shop.execute("SELECT k, a + b FROM t WHERE a > 1")'
               '.fetchall(), columns=["k", "s"])',
    "a cursor": 'pd.DataFrame(shop.execute("SELECT k, a + b FROM t WHERE a > 1"), '
                'columns=["k", "s"])',
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_a_frame_of_a_query_is_of_its_tables(launch: Launch, project: Path, reader: str) -> None:
    """A file written from it has the tables' columns for its own."""
    done = launch(f"{SETUP}{READERS[reader]}.to_csv('o.csv', index=False)")
    assert (done.returncode, done.stderr) == (0, "")
    assert Recorded(project / ".headwater").outputs("job") == {"o.csv": READ}


TABLE = Output(["main.t"], {"k": ["main.t.k IDENTITY"], "b": ["main.t.b IDENTITY"]}, [])
OF_ENGINE = {
    "read_sql_table": 'pd.read_sql_table("t", engine, columns=["k", "b"])',
    "an index": 'pd.read_sql_table("t", engine, index_col="k", columns=["b"]).reset_index()',
    "chunks": 'pd.concat(list(pd.read_sql_table("t", engine, columns=["k", "b"], chunksize=1)))',
    "a result": 'pd.DataFrame(engine.connect().execute(sa.text("SELECT k, b FROM t")))',
    "mappings": 'pd.DataFrame(engine.connect().execute(sa.text("SELECT k, b FROM t"))'
                '.mappings().all())',
    "a session": 'pd.DataFrame(Session(engine).execute(sa.text("SELECT k, b FROM t")))',
}  # fmt: skip


@pytest.mark.parametrize("reader", OF_ENGINE)
def test_a_frame_of_an_engine_is_of_its_tables(launch: Launch, project: Path, reader: str) -> None:
    """By table, and of results that pandas takes the rows from."""
    done = launch(
        "import pandas as pd\nimport sqlalchemy as sa\nfrom sqlalchemy.orm import Session\n"
        'engine = sa.create_engine("sqlite:///shop.db")\n'
        f"{OF_ENGINE[reader]}.to_csv('o.csv', index=False)"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Recorded(project / ".headwater").outputs("job") == {"o.csv": TABLE}


def test_a_frame_becomes_a_table(launch: Launch, project: Path) -> None:
    """to_sql writes rows of what the frame is of, column by column."""
    code = """
frame = pd.read_csv("a.csv").merge(pd.read_sql("SELECT * FROM t", shop), on="k")
frame[["k", "x", "a"]].to_sql("new", shop, index=False)
frame[["x"]].rename(columns={"x": "k"}).to_sql("t", shop, index=False, if_exists="append")
shop.commit()
"""
    done = launch(SETUP + code)
    assert (done.returncode, done.stderr) == (0, "")
    outputs = Recorded(project / ".headwater").outputs("job")
    assert outputs["main.new"] == Output(
        ["a.csv", "main.t"],
        {
            "k": ["a.csv.k IDENTITY", "main.t.k IDENTITY"],
            "x": ["a.csv.x IDENTITY"],
            "a": ["main.t.a IDENTITY"],
        },
        ["a.csv.k JOIN", "main.t.k JOIN"],
        None,
        "CREATE",
    )
    assert outputs["main.t"].columns == {"k": ["a.csv.x IDENTITY"], "a": [], "b": []}
    assert outputs["main.t"].mode == "append"


def test_a_frame_of_unknown_rows_claims_nothing(launch: Launch, project: Path) -> None:
    """Rows that were chosen or put together by the program are of unknown origin."""
    code = """
one = shop.execute("SELECT k, a FROM t").fetchall()
two = shop.execute("SELECT k, b FROM t").fetchall()
pd.DataFrame(one + two, columns=["k", "s"]).to_csv("o.csv")
"""
    done = launch(SETUP + code)
    assert (done.returncode, done.stderr) == (0, "")
    (output,) = last(project, "job")["outputs"]
    assert "columnLineage" not in output["facets"]
    assert "lineage" not in output["facets"]
