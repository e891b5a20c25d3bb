"""Producers that know OpenLineage and nothing else: pointed here by `OPENLINEAGE_URL` alone."""

from __future__ import annotations

import gzip
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.conftest import Run
from tests.service.served import Client, environment

PRODUCER = """
import datetime, sys
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.uuid import generate_new_uuid

client = OpenLineageClient()
run = Run(str(generate_new_uuid()))
for state in (RunState.START, RunState.COMPLETE):
    client.emit(RunEvent(
        eventType=state,
        eventTime=datetime.datetime.now(datetime.timezone.utc).isoformat(),
        run=run,
        job=Job("shop", "load"),
        producer="https://example.com/producer",
        inputs=[InputDataset("postgres://shop", "public.orders")],
        outputs=[OutputDataset("s3://lake", "orders.parquet")],
    ))
assert client.close(30.0)
print(type(client.transport).__name__)
"""


def produce(home: Path, url: str, **variables: str) -> str:
    """Run a producer in a process of its own; the name of the transport that it chose."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRODUCER],
        cwd=home,
        env=environment(home) | {"OPENLINEAGE_URL": url} | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def transport(**config: object) -> dict[str, str]:
    """Configure the producer's transport by the environment."""
    return {
        f"OPENLINEAGE__TRANSPORT__{name.upper()}": value if isinstance(value, str) else str(value)
        for name, value in config.items()
    }


def check(client: Client) -> None:
    """The run that was produced is in the answer about its output."""
    answer = client.get("/api/v1/trace", ref="orders.parquet").json
    assert [node["state"] for node in answer["nodes"] if node["kind"] == "run"] == ["COMPLETE"]
    names = {node["artifact"]["name"] for node in answer["nodes"] if node["kind"] == "version"}
    assert names == {"orders.parquet", "public.orders"}
    assert answer["head"]["size"] == 2


def test_with_the_url_alone(served: Client, tmp_path: Path) -> None:
    """`OPENLINEAGE_URL` is all that a producer needs."""
    assert produce(tmp_path, served.url) == "HttpTransport"
    check(served)


@pytest.mark.parametrize("kind", ["http", "async_http"])
@pytest.mark.parametrize("compression", ["", "gzip"])
def test_each_transport(served: Client, tmp_path: Path, kind: str, compression: str) -> None:
    """Both transports of the client work, compressed or not."""
    how = {"type": kind, "url": served.url}
    if compression:
        how["compression"] = compression
    produce(tmp_path, served.url, **transport(**how))
    check(served)


@pytest.fixture
def flaky(served: Client) -> Iterator[tuple[str, list[int]]]:
    """A proxy that takes each event and passes it on, but answers every other time with 503."""
    seen: list[int] = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            reply = served.post(body)
            seen.append(reply.status)
            status = 503 if len(seen) % 2 else reply.status
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("kind", ["http", "async_http"])
def test_a_retry_is_a_duplicate(
    served: Client, flaky: tuple[str, list[int]], tmp_path: Path, kind: str
) -> None:
    """An event whose acknowledgement was lost is given again, and is in the ledger once."""
    url, seen = flaky
    produce(tmp_path, url, **transport(type=kind, url=url))
    assert sorted(seen) == [200, 200, 201, 201]
    check(served)


def test_a_token_as_api_key(run: Run, tmp_path: Path) -> None:
    """A token goes into the producer as its API key."""
    from headwater.query import tokens

    secret, token = tokens.create("etl", role="member", read=("*",), write=("shop",))
    tokens.add(tmp_path / "tokens.json", token)
    served = run(tokens=tmp_path / "tokens.json")
    produce(tmp_path, served.url, OPENLINEAGE_API_KEY=secret)
    check(Client(served.url, headers={"Authorization": f"Bearer {secret}"}))


def test_the_corpus_of_real_producers(served: Client, shared: Path) -> None:
    """Events of every kind of real producer are taken, one by one, without a rejection."""
    lines = (shared / "data" / "openlineage" / "rendered.ndjson").read_bytes().splitlines()
    body = b"[" + b",".join(line for line in lines if line) + b"]"
    reply = served.post(body, "/api/v1/lineage/batch")
    assert reply.json["failed_events"] == []
    assert json.loads(reply.body)["summary"]["received"] == len([line for line in lines if line])
