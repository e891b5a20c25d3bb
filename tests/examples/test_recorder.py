"""The recorder of the flights example, in small."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from headwater.openlineage import admit

Flights = Callable[[str], ModuleType]
NOW = 4_102_444_800_000_000  # 2100-01-01: after every event made here


def record(flights: Flights, home: Path) -> Any:
    """Run a step that copies one file, with every kind of statement; give its run."""
    recorder, places = flights("recorder"), flights("places")
    (home / "in.csv").write_text("a,b\n1,2\n")
    source = places.file(home / "in.csv", source=True)
    target = places.file(home / "out.csv", kind="MODEL")
    with recorder.step(
        "copy",
        home=home,
        inputs=[source],
        outputs=[target],
        sql="SELECT a FROM b",
        parameters={"depth": 8},
    ) as run:
        (home / "out.csv").write_text("a\n1\n")
        run.read(source, rows=1, fields={"a": "int64", "b": "int64"})
        run.say("headwater_training", estimator="Tree", seeds={"numpy": 7}, metrics={"auc": 0.8})
        run.wrote(
            target,
            rows=1,
            fields={"a": "int64"},
            sources=[source],
            columns={"a": [(source, "a", "IDENTITY")]},
            touched_by=[(source, "b", "FILTER")],
        )
    return run


def events(home: Path, step: str = "copy") -> list[dict[str, Any]]:
    """Read what a step recorded."""
    lines = (home / "events" / f"{step}.ndjson").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def test_a_step_writes_one_start_and_one_complete(flights: Flights, tmp_path: Path) -> None:
    """A step that goes well is one run with a START and a COMPLETE event."""
    run = record(flights, tmp_path)
    said = [(event["eventType"], event["run"]["runId"]) for event in events(tmp_path)]
    assert said == [("START", run.id), ("COMPLETE", run.id)]


def test_a_step_that_raises_writes_fail(flights: Flights, tmp_path: Path) -> None:
    """An exception leaves the block as it was and the run ends with FAIL and the message."""
    recorder = flights("recorder")
    with (
        pytest.raises(ZeroDivisionError),
        recorder.step("divide", home=tmp_path),
    ):
        _ = 1 / 0
    last = events(tmp_path, "divide")[-1]
    assert last["eventType"] == "FAIL"
    assert "division by zero" in last["run"]["facets"]["errorMessage"]["message"]


def test_events_are_valid_in_strict_mode(flights: Flights, tmp_path: Path) -> None:
    """Strict admission takes every recorded event, without a warning."""
    record(flights, tmp_path)
    lines = (tmp_path / "events" / "copy.ndjson").read_bytes().splitlines()
    assert [admit.parse(line, strict=True, now=NOW).warnings for line in lines] == [(), ()]


def test_digests_are_those_of_the_bytes(flights: Flights, tmp_path: Path) -> None:
    """The digest facet holds SHA-256 and size of the file as it was left."""
    record(flights, tmp_path)
    output = events(tmp_path)[-1]["outputs"][0]["facets"]["headwater_digest"]
    data = (tmp_path / "out.csv").read_bytes()
    assert (output["value"], output["size"]) == (hashlib.sha256(data).hexdigest(), len(data))


def test_an_output_has_no_digest_before_it_is_written(flights: Flights, tmp_path: Path) -> None:
    """START names the output without a digest: what lies there then is not this run's."""
    record(flights, tmp_path)
    assert "headwater_digest" not in events(tmp_path)[0]["outputs"][0]["facets"]


def test_column_lineage_tells_values_from_what_shaped_them(
    flights: Flights, tmp_path: Path
) -> None:
    """A copied column is DIRECT, one that only filtered the rows is INDIRECT."""
    record(flights, tmp_path)
    facet = events(tmp_path)[-1]["outputs"][0]["facets"]["columnLineage"]
    kinds = [
        one["transformations"][0]["type"]
        for one in (*facet["fields"]["a"]["inputFields"], *facet["dataset"])
    ]
    assert kinds == ["DIRECT", "INDIRECT"]


def test_a_step_started_by_a_run_names_it_as_parent(
    flights: Flights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment that a run gives to its children makes them part of it."""
    recorder = flights("recorder")
    with recorder.step("all", home=tmp_path) as above:
        for name, value in above.child().items():
            monkeypatch.setenv(name, value)
        record(flights, tmp_path)
    parent = events(tmp_path)[0]["run"]["facets"]["parent"]
    assert (parent["run"]["runId"], parent["job"]["name"]) == (above.id, "all")


def test_files_are_named_by_host_and_real_path(flights: Flights, tmp_path: Path) -> None:
    """A file's namespace is `file://<host>`, its name the absolute path with links resolved."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    named = flights("places").file(tmp_path / "link" / "x")
    assert named.id == {
        "namespace": "file://test-host",
        "name": str(tmp_path.resolve() / "real" / "x"),
    }
