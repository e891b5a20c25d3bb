"""One pipeline, told and read by programs that each know one thing only, while the service dies."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from marquez_client import MarquezClient

import headwater
from headwater.store import open_store
from tests.service.served import Client, Served, environment

pytestmark = pytest.mark.slow

Edges = set[tuple[str, str, str]]
"""(dataset read, job, dataset written), by the last parts of their names."""

PIPELINE: Edges = {
    ("flights.csv", "clean", "clean.parquet"),
    ("weather.csv", "clean", "clean.parquet"),
    ("clean.parquet", "train", "delay.model"),
}

OPENLINEAGE = """
import sys
from datetime import datetime, timedelta, timezone
from uuid import uuid4
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

client = OpenLineageClient()
began = datetime(2026, 5, 4, tzinfo=timezone.utc)

def ran(name, inputs, outputs, hour):
    run, job = Run(str(uuid4())), Job("openlineage", name)
    for state, minute in ((RunState.START, 0), (RunState.COMPLETE, 9)):
        client.emit(RunEvent(
            eventTime=(began + timedelta(hours=hour, minutes=minute)).isoformat(),
            producer="https://example.com/pipeline", run=run, job=job, eventType=state,
            inputs=[InputDataset("lake://openlineage", one) for one in inputs],
            outputs=[OutputDataset("lake://openlineage", one) for one in outputs],
        ))

ran("clean", ["flights.csv", "weather.csv"], ["clean.parquet"], 1)
print("half", flush=True)
sys.stdin.readline()
ran("train", ["clean.parquet"], ["delay.model"], 2)
client.close()
"""

HTTP = """
import json, os, sys, time, urllib.error, urllib.request

def ran(name, inputs, outputs, hour, run):
    for state, minute in (("START", 0), ("COMPLETE", 9)):
        event = {
            "eventTime": f"2026-05-05T{hour:02}:{minute:02}:00Z", "eventType": state,
            "producer": "https://example.com/pipeline",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": run}, "job": {"namespace": "http", "name": name},
            "inputs": [{"namespace": "lake://http", "name": one} for one in inputs],
            "outputs": [{"namespace": "lake://http", "name": one} for one in outputs],
        }
        request = urllib.request.Request(
            os.environ["URL"] + "/api/v1/lineage", json.dumps(event).encode(),
            {"Content-Type": "application/json"},
        )
        while True:  # until it is acknowledged, as any producer has to
            try:
                urllib.request.urlopen(request, timeout=10)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)

ran("clean", ["flights.csv", "weather.csv"], ["clean.parquet"], 1,
    "00000001-0000-4000-8000-000000000000")
print("half", flush=True)
sys.stdin.readline()
ran("train", ["clean.parquet"], ["delay.model"], 2, "00000002-0000-4000-8000-000000000000")
"""

PYTHON = """
import sys
import headwater

lake = "lake://python"
with headwater.run("clean", namespace="python") as run:
    for name in ("flights.csv", "weather.csv"):
        run.read((lake, name))
    run.write((lake, "clean.parquet"))
print("half", flush=True)
sys.stdin.readline()
with headwater.run("train", namespace="python") as run:
    run.read((lake, "clean.parquet"))
    run.write((lake, "delay.model"), kind="model")
"""

WRITERS = {"openlineage": OPENLINEAGE, "http": HTTP, "python": PYTHON}


class Mortal:
    """A service that always comes back to the same address, and that may be killed at any time."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._home = home
        self.served = self._start()
        self.url = f"http://127.0.0.1:{self.port}"

    def _start(self) -> Served:
        return Served(self._home, "--port", str(self.port))

    def kill(self) -> None:
        """Kill it as hard as can be, and start it again."""
        self.served.stop(signal.SIGKILL)
        self.served = self._start()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Mortal]:
    """A service that ends with the test."""
    mortal = Mortal(tmp_path)
    yield mortal
    mortal.served.stop()


def write(name: str, service: Mortal, home: Path) -> None:
    """Let a program tell the pipeline; the service is killed half-way, and once more meanwhile."""
    folder = home / name
    folder.mkdir()
    (folder / "pipeline.py").write_text(WRITERS[name])
    known = {"URL": service.url, "OPENLINEAGE_URL": service.url, "HEADWATER_SHIP": "no"}
    with subprocess.Popen(
        [sys.executable, "pipeline.py"],
        cwd=folder,
        env=environment(folder) | known,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        service.kill()
        killer = threading.Thread(target=service.kill)
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(0.05)
        killer.start()
        assert process.wait(60) == 0
        killer.join()
    if name == "python":
        subprocess.run(
            [sys.executable, "-m", "headwater", "ship", "--quiet"],
            cwd=folder,
            env=environment(folder) | {"HEADWATER_URL": service.url},
            check=True,
            timeout=60,
        )


def last(name: str) -> str:
    """The last part of a name."""
    return name.rpartition("/")[2]


def of_document(document: dict[str, Any]) -> Edges:
    """What a trace says, version by version, reduced to names."""
    versions = {one["ref"]: last(one["artifact"]["name"]) for one in document["nodes"]
                if one["kind"] == "version"}  # fmt: skip
    jobs = {one["ref"]: one["job"]["name"] for one in document["nodes"] if one["kind"] == "run"}
    makers = {one["from"]: jobs[one["to"]] for one in document["edges"]
              if one["kind"] == "generated"}  # fmt: skip
    return {
        (versions[one["to"]], makers[one["from"]], versions[one["from"]])
        for one in document["edges"]
        if one["kind"] == "derived"
    }


def by_marquez(url: str, writer: str) -> Edges:
    """What Marquez's client sees around the model."""
    graph = MarquezClient(url)._get(
        f"{url}/api/v1/lineage?nodeId=dataset:lake://{writer}:delay.model&depth=10"
    )["graph"]
    edges: Edges = set()
    for node in graph:
        if node["type"] == "JOB":
            read = [last(one["origin"].rpartition(":")[2]) for one in node["inEdges"]]
            made = [last(one["destination"].rpartition(":")[2]) for one in node["outEdges"]]
            edges |= {(one, node["data"]["name"], other) for one in read for other in made}
    return edges


def by_python(url: str, writer: str) -> Edges:
    """What our own Python API answers."""
    with headwater.open(url) as store:
        return of_document(dict(store.trace(f"lake://{writer}::delay.model")))


def by_http(url: str, writer: str) -> Edges:
    """What anybody gets who can fetch a URL."""
    reply = Client(url).get("/api/v1/trace", ref=f"lake://{writer}::delay.model")
    assert reply.status == 200, reply.body
    return of_document(json.loads(reply.body))


READERS: dict[str, Callable[[str, str], Edges]] = {
    "marquez": by_marquez,
    "python": by_python,
    "http": by_http,
}


def test_all_see_the_same_pipeline_though_the_service_is_killed(
    service: Mortal, tmp_path: Path
) -> None:
    """Whoever told it and whoever asks: the same lineage, nothing lost and nothing twice."""
    for name in WRITERS:
        write(name, service, tmp_path)
    for writer in WRITERS:
        for reader, read in READERS.items():
            assert (writer, reader, read(service.url, writer)) == (writer, reader, PIPELINE)
    service.served.stop()
    with open_store(tmp_path / ".headwater") as store:
        size = store.head().size
        events = [json.loads(body) for body in store.bodies(range(size)).values()]
    told = [(one["job"]["namespace"], one["job"]["name"], one["eventType"]) for one in events]
    for writer in WRITERS:
        for job in ("clean", "train"):
            ends = [state for namespace, name, state in told if (namespace, name) == (writer, job)]
            assert (ends.count("START"), ends.count("COMPLETE")) == (1, 1)
