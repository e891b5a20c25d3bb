"""MLflow's runs, in a database or in files: what is logged, by whichever of its interfaces."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from headwater.openlineage import admit
from tests.capture import apart
from tests.capture.conftest import environment, events, names
from tests.capture.test_runs import NOW
from tests.capture.test_sklearn import project

__all__ = ["project"]

pytestmark = [pytest.mark.slow, apart.needs("mlflow")]  # each test imports MLflow

LOAD = """
import logging, os, warnings
warnings.simplefilter("ignore")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
import mlflow
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
logging.disable(logging.CRITICAL)
mlflow.set_tracking_uri("WHERE")
a, other = pd.read_csv("a.csv"), pd.read_csv("b.csv")
X, y = a[["x", "z"]], a["late"]
"""
TRAIN = """
mlflow.set_experiment("delays")
with mlflow.start_run(run_name="first", tags={"team": "ml"}):
    mlflow.log_params({"depth": 3, "rate": 0.5})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    a.to_csv("report.csv")
    mlflow.log_artifact("report.csv", "out")
    model = LogisticRegression(C=0.5).fit(X, y)
    mlflow.sklearn.log_model(model, name="m", serialization_format="pickle")
"""
STORES = {"a database": "sqlite:///runs.db", "files": "file:./runs"}


def ended(project: Path, job: str) -> list[dict[str, Any]]:
    """How the runs of a job ended."""
    return [
        one
        for one in events(project)
        if one["job"]["name"] == job and one["eventType"] in ("COMPLETE", "FAIL", "ABORT")
    ]


def said(run: dict[str, Any], facet: str) -> dict[str, Any]:
    """A facet of a run, without what every facet has."""
    body = run["run"]["facets"].get(facet, {})
    return {name: value for name, value in body.items() if not name.startswith("_")}


def parameters(run: dict[str, Any]) -> dict[str, str]:
    """The parameters of a run."""
    return {one["key"]: one["value"] for one in said(run, "executionParameters")["parameters"]}


@pytest.mark.parametrize("store", STORES)
def test_a_run_of_mlflow_is_a_run_within(project: Path, store: str) -> None:
    """Parameters, metrics and how often they were logged, tags, artifacts; nothing of its store."""
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", STORES[store]) + 'mlflow.set_experiment("delays")\n'
        'with mlflow.start_run(run_name="first", tags={"team": "ml"}) as run:\n'
        '    mlflow.log_param("depth", 3)\n    mlflow.log_params({"rate": 0.5, "kind": "x"})\n'
        "    for step in range(130):\n"
        '        mlflow.log_metric("loss", 1 / (step + 1), step=step)\n'
        '    mlflow.log_metrics({"auc": 0.75})\n    mlflow.set_tag("stage", "trial")\n'
        '    a.to_csv("report.csv")\n    mlflow.log_artifact("report.csv", "out")\n'
        '    mlflow.log_dict({"a": 1}, "notes.json")\n'
        "print(run.info.run_id)\n",
    )
    (run,) = ended(project, "job.delays")
    assert run["eventType"] == "COMPLETE"
    (outer,) = ended(project, "job")
    assert run["run"]["facets"]["parent"]["run"]["runId"] == outer["run"]["runId"]
    assert parameters(run) == {"depth": "3", "rate": "0.5", "kind": "x"}
    assert said(run, "headwater_training")["metrics"] == {"loss": 1 / 130, "auc": 0.75}
    told = said(run, "headwater_mlflow")
    assert (told["experiment"], told["runName"]) == ("delays", "first")
    assert told["tags"] == {"team": "ml", "stage": "trial"}
    assert told["metrics"]["loss"] == {"count": 130, "step": 129}
    assert told["metrics"]["auc"]["count"] == 1
    assert len(told["runId"]) == 32
    assert told["trackingUri"].endswith("runs.db" if store == "a database" else "runs")
    assert sorted(names(run["outputs"])) == ["notes.json", "report.csv", "report.csv"]
    (copy,) = [one for one in run["outputs"] if one["name"].endswith("/artifacts/out/report.csv")]
    assert copy["facets"]["lineage"]["inputs"][0]["name"] == str(project / "report.csv")
    assert sorted(names(outer["inputs"])) == ["a.csv", "b.csv"]
    assert outer["outputs"] == []
    recorded = len(json.dumps(events(project)))
    assert recorded < 100_000  # 130 values are not 130 records


def test_models_are_followed_through_mlflow(project: Path) -> None:
    """Logged in one process, loaded in another by its URI; what it predicts came of the file."""
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db") + "with mlflow.start_run():\n"
        "    model = LogisticRegression(C=0.5).fit(X, y)\n"
        '    info = mlflow.sklearn.log_model(model, name="m", serialization_format="pickle")\n'
        '    mlflow.sklearn.save_model(model, "saved", serialization_format="cloudpickle")\n'
        'open("uri", "w").write(info.model_uri)\n',
        "train.py",
    )
    (run,) = ended(project, "train.Default")
    models = [one for one in run["outputs"] if one["name"].endswith("/model.pkl")]
    assert len(models) == 2
    for one in models:
        assert names(one["facets"]["lineage"]["inputs"]) == ["a.csv"]
        assert one["facets"]["datasetType"]["datasetType"] == "MODEL"
        assert one["facets"]["headwater_training"]["hyperparameters"]["C"] == 0.5
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db")
        + 'model = mlflow.sklearn.load_model(open("uri").read())\n'
        'np.save("p.npy", model.predict(other))\n'
        'wrapped = mlflow.pyfunc.load_model(open("uri").read())\n'
        'np.save("q.npy", wrapped.predict(other))\n',
    )
    (later,) = ended(project, "job")
    for output in later["outputs"]:
        if output["name"].endswith(".npy"):
            assert names(output["facets"]["lineage"]["inputs"]) == ["b.csv", "model.pkl"]
    made = {one["facets"]["headwater_digest"]["value"] for one in models}
    (read,) = [one for one in later["inputs"] if one["name"].endswith("/model.pkl")]
    assert read["facets"]["headwater_digest"]["value"] in made


def test_models_are_followed_in_the_format_that_mlflow_takes_by_default(project: Path) -> None:
    """By skops, and by skops alone, to a path and into an open file."""
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db") + "import skops.io\n"
        "model = LogisticRegression(C=0.5).fit(X, y)\n"
        "with mlflow.start_run():\n"
        '    info = mlflow.sklearn.log_model(model, name="m")\n'
        'skops.io.dump(model, "1.skops")\n'
        'with open("2.skops", "wb") as file: skops.io.dump(model, file)\n'
        'open("uri", "w").write(info.model_uri)\n',
        "train.py",
    )
    made = [one for job in ("train.Default", "train") for one in ended(project, job)[0]["outputs"]]
    kept = {one["name"].rpartition("/")[2]: one for one in made if "skops" in one["name"]}
    assert sorted(kept) == ["1.skops", "2.skops", "model.skops"]
    for one in kept.values():
        assert names(one["facets"]["lineage"]["inputs"]) == ["a.csv"]
        assert one["facets"]["headwater_training"]["hyperparameters"]["C"] == 0.5
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db") + "import skops.io\n"
        'model = mlflow.pyfunc.load_model(open("uri").read())\n'
        'np.save("model.npy", model.predict(other))\n'
        'np.save("1.npy", skops.io.load("1.skops").predict(other))\n'
        'with open("2.skops", "rb") as file: model = skops.io.load(file)\n'
        'np.save("2.npy", model.predict(other))\n',
    )
    (later,) = ended(project, "job")
    came = {
        one["name"].rpartition("/")[2]: set(names(one["facets"]["lineage"]["inputs"]))
        for one in later["outputs"]
    }
    assert came == {f"{one}.npy": {"b.csv", f"{one}.skops"} for one in ("1", "2", "model")}


def test_autologging_goes_with_it(project: Path) -> None:
    """One run, with MLflow's parameters and metrics, and one claim of the model."""
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db")
        + "mlflow.sklearn.autolog(serialization_format='pickle')\n"
        "LogisticRegression(C=2).fit(X, y)\n",
    )
    (run,) = ended(project, "job.Default")
    assert parameters(run)["C"] == "2"
    assert "training_score" in said(run, "headwater_training")["metrics"]
    (model,) = [one for one in run["outputs"] if "headwater_training" in one["facets"]]
    assert names(model["facets"]["lineage"]["inputs"]) == ["a.csv"]


def test_the_client_and_nested_runs_are_seen_alike(project: Path) -> None:
    """By a run that is never active; within another; failed, and left open."""
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db")
        + "from mlflow import MlflowClient\nclient = MlflowClient()\n"
        'run = client.create_run("0")\nclient.log_param(run.info.run_id, "by", "client")\n'
        'client.set_terminated(run.info.run_id, "KILLED")\n'
        "try:\n    with mlflow.start_run():\n"
        "        with mlflow.start_run(nested=True):\n"
        '            mlflow.log_param("by", "nested")\n            raise ValueError("no")\n'
        "except ValueError:\n    pass\n"
        "data = mlflow.data.from_pandas(a, source='b.csv')\n"
        'mlflow.log_input(data, context="training")\nmlflow.log_param("by", "open")\n',
    )
    found = {
        parameters(one)["by"]: one
        for one in ended(project, "job.Default")
        if said(one, "executionParameters")
    }
    assert {by: one["eventType"] for by, one in found.items()} == {
        "client": "ABORT", "nested": "FAIL", "open": "COMPLETE",
    }  # fmt: skip
    assert said(found["nested"], "errorMessage")["message"] == "ValueError: no"
    assert len(ended(project, "job.Default")) == 4
    assert names(found["open"]["inputs"]) == ["b.csv"]


N = {"n": {"count": 1, "step": 0}}


def test_what_is_added_to_a_run_that_ended_is_said_by_its_name(project: Path) -> None:
    """By one run more, which does not fail with the program; MLflow's own notes are none."""
    with pytest.raises(AssertionError):  # the program ends with an error
        apart.run(
            "mlflow",
            project,
            "import mlflow\nmlflow.set_tracking_uri('sqlite:///runs.db')\n"
            "mlflow.set_experiment('delays')\nclient = mlflow.MlflowClient()\n"
            "for n in range(2):\n"
            "    with mlflow.start_run() as run: mlflow.log_metric('n', n)\n"
            "    client.set_tag(run.info.run_id, 'mlflow.note.content', 'fine')\n"
            "client.log_metric(run.info.run_id, 'more', 5)\n"
            "raise ValueError('late')\n",
        )
    said = ended(project, "job.delays")
    assert [one["eventType"] for one in said] == ["COMPLETE"] * 3
    found = [one["run"]["facets"]["headwater_mlflow"] for one in said]
    assert found[1]["runId"] == found[2]["runId"] != found[0]["runId"]
    assert [one["metrics"] for one in found] == [N, N, {"more": {"count": 1, "step": 0}}]
    assert {one["job"]["name"] for one in events(project)} >= {"job", "job.delays"}
    assert not [one for one in events(project) if one["job"]["name"] == "job.mlflow"]


def test_what_is_said_is_valid_and_has_no_credentials(project: Path) -> None:
    """Every event keeps to the schemas; a password in a URI stays out."""
    apart.run(
        "mlflow",
        project,
        LOAD.replace("WHERE", "sqlite:///runs.db")
        + "from headwater.capture.adapters.mlflow import bare\n"
        'assert bare("postgresql://u:secret@h:1/db?sslkey=k") == "postgresql://h:1/db"\n'
        'assert bare("sqlite:///a.db") == "sqlite:///a.db"\nassert bare("runs") == "runs"\n'
        'with mlflow.start_run(tags={"a": "b"}):\n    mlflow.log_metric("m", 1)\n',
    )
    bodies = [json.dumps(one).encode() for one in events(project)]
    assert {admit.parse(body, strict=True, now=NOW).warnings for body in bodies} == {()}


@contextmanager
def tracking_server(folder: Path) -> Iterator[str]:
    """MLflow's server on this machine alone, which keeps runs and artifacts in a folder."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [apart.python("mlflow"), "-m", "mlflow", "server", "--host", "127.0.0.1",
             "--port", str(port), "--workers", "1", "--backend-store-uri", "sqlite:///runs.db",
             "--artifacts-destination", "./artifacts"],
            cwd=folder,
            env=environment(folder, MLFLOW_DISABLE_TELEMETRY="true", HEADWATER_DISABLE="1"),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < until, log.name
                time.sleep(0.2)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def test_a_tracking_server_is_as_good_as_a_database(project: Path) -> None:
    """Parameters, metrics, model and lineage are the same; files are named where it serves them."""
    told = {}
    with tracking_server(project.parent / "server") as url:
        for name, where in (("local", "sqlite:///runs.db"), ("remote", url)):
            code = LOAD.replace("WHERE", where) + TRAIN
            apart.run("mlflow", project, code, f"{name}.py")
            (run,) = ended(project, f"{name}.delays")
            told[name] = run
    local, remote = told["local"], told["remote"]
    assert remote["eventType"] == local["eventType"] == "COMPLETE"
    assert parameters(remote) == parameters(local) == {"depth": "3", "rate": "0.5"}
    assert said(remote, "headwater_training") == said(local, "headwater_training")
    assert said(remote, "headwater_mlflow")["trackingUri"] == url
    ends = []
    for run in (local, remote):
        (model,) = [one for one in run["outputs"] if one["name"].endswith("/model.pkl")]
        facets = model["facets"]
        training = {k: v for k, v in facets["headwater_training"].items() if k[0] != "_"}
        training.pop("seconds", None)
        ends.append((names(facets["lineage"]["inputs"]), training, sorted(names(run["outputs"]))))
    assert ends[0] == ends[1]
    served = [one for one in remote["outputs"] if one["namespace"] == url]
    assert {one["name"].rpartition("/")[2] for one in served} == {"report.csv", "model.pkl"}
    for one in served:
        assert one["name"].startswith("/api/2.0/mlflow-artifacts/artifacts/1/")


REGISTER = """
import contextlib, io
with contextlib.redirect_stderr(io.StringIO()), mlflow.start_run():  # where MLflow says so
    model = LogisticRegression(C=0.5).fit(X, y)
    mlflow.sklearn.log_model(
        model, name="m", registered_model_name="late", serialization_format="pickle"
    )
mlflow.MlflowClient().set_registered_model_alias("late", "champion", "1")
"""
REGISTERED = """
np.save("numbered.npy", mlflow.pyfunc.load_model("models:/late/1").predict(other))
np.save("named.npy", mlflow.sklearn.load_model("models:/late@champion").predict(other))
"""


@pytest.mark.parametrize("keeper", ["a database", "a server"])
def test_a_registered_model_is_the_one_that_was_trained(project: Path, keeper: str) -> None:
    """By number and by alias, of a database and of a server that keeps the files too."""
    with ExitStack() as held:
        where = "sqlite:///runs.db"
        if keeper == "a server":
            where = held.enter_context(tracking_server(project.parent / "server"))
        apart.run("mlflow", project, LOAD.replace("WHERE", where) + REGISTER, "train.py")
        apart.run("mlflow", project, LOAD.replace("WHERE", where) + REGISTERED)
    (trained,) = ended(project, "train.Default")
    (model,) = [one for one in trained["outputs"] if one["name"].endswith("/model.pkl")]
    (later,) = ended(project, "job")
    came = {
        one["name"]: [(each["namespace"], each["name"]) for each in lineage["inputs"]]
        for one in later["outputs"]
        if (lineage := one["facets"].get("lineage")) is not None
    }
    predicted = [name for name in came if name.endswith(".npy")]
    assert sorted(name.rpartition("/")[2] for name in predicted) == ["named.npy", "numbered.npy"]
    for name in predicted:
        (local,) = [one for one in came[name] if one[1].endswith("/model.pkl")]
        assert [one[1] for one in came[name] if one != local] == [str(project / "b.csv")]
        assert came.get(local[1], [local]) == [(model["namespace"], model["name"])]
    stray = [one["name"] for one in later["outputs"] if one["name"] not in came]
    assert stray == []
