"""What was acknowledged is there, once, whatever happens to the service."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from headwater.ingest import sharing
from headwater.store import open_store, outside
from headwater.store.verifying import verify
from tests.service.conftest import Run, Serve
from tests.service.served import JSON, Client, environment
from tests.store.making import event

KILLS = max(3, int(os.environ.get("HEADWATER_KILLS", "0")) // 20)


class Producer(threading.Thread):
    """Posts events one after another, and gives each again until it is acknowledged."""

    def __init__(self, name: int, url: list[str], stop: threading.Event) -> None:
        super().__init__()
        self.acknowledged: dict[int, int] = {}
        self._first = name * 100_000
        self._url = url
        self._stop_asked = stop

    def run(self) -> None:
        """Produce until told to stop."""
        number = self._first
        while not self._stop_asked.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                reply = Client(self._url[0]).post(event(number))
                if reply.status in {200, 201}:
                    self.acknowledged[number] = reply.json["entry"]
                    number += 1
                    continue
                assert reply.status == 503, reply.body
            time.sleep(0.02)


@pytest.mark.slow
def test_nothing_is_lost_by_kill_9(serve: Serve, tmp_path: Path) -> None:
    """Killed again and again under load, the service loses nothing acknowledged, nor doubles it."""
    served = serve()
    url, stop = [served.url], threading.Event()
    producers = [Producer(name, url, stop) for name in range(6)]
    for producer in producers:
        producer.start()
    chance = random.Random(7)  # noqa: S311
    for _ in range(KILLS):
        time.sleep(0.3 + chance.random())
        served.stop(signal.SIGKILL)
        served = serve()
        url[0] = served.url
    time.sleep(0.5)
    stop.set()
    for producer in producers:
        producer.join(60)
    assert served.stop() == 0
    with open_store(tmp_path / ".headwater") as store:
        size = store.head().size
        bodies = store.bodies(range(size))
        assert verify(store).differences == ()
    assert len(set(bodies.values())) == size
    for producer in producers:
        assert producer.acknowledged
        for number, entry in producer.acknowledged.items():
            assert bodies[entry] == event(number)


@pytest.mark.slow
def test_sigterm_finishes_what_was_taken(serve: Serve, tmp_path: Path) -> None:
    """Asked to end, the service answers those it has heard, then leaves a store that is closed."""
    real = serve("--store", str(tmp_path / "term"))
    found: list[int] = []

    def give(number: int) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            found.append(real.post(event(number)).status)

    threads = [threading.Thread(target=give, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    real.process.send_signal(signal.SIGTERM)
    assert real.stop() == 0
    for thread in threads:
        thread.join()
    taken = found.count(201)
    with open_store(tmp_path / "term") as store:
        assert store.head().size >= taken
    assert json.loads((tmp_path / "term" / "writer.json").read_text()) == {}
    assert (tmp_path / "term" / "ledger.pages").exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_service_ends_at_once(serve: Serve, how: signal.Signals) -> None:
    """Both signals end it, as success."""
    served = serve()
    assert served.get("/healthz").status == 200
    began = time.monotonic()
    assert served.stop(how) == 0
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_the_lock_names_the_service(serve: Serve) -> None:
    """Whoever finds the store locked learns where to send events."""
    served = serve()
    holder = json.loads((served.store / "writer.json").read_text())
    assert (holder["url"], holder["pid"]) == (served.url, served.process.pid)


def test_many_single_posts_share_commits(served: Client) -> None:
    """Single posts over many connections take far fewer commits than events, and none is lost."""
    clients, each = 24, 20

    def give(client: int) -> None:
        connection = http.client.HTTPConnection(served.host, served.port, timeout=60)
        for number in range(client * each, (client + 1) * each):
            connection.request("POST", "/api/v1/lineage", event(number), JSON)
            response = connection.getresponse()
            response.read()
            assert response.status == 201
        connection.close()

    threads = [threading.Thread(target=give, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics = served.get("/metrics").body.decode()
    values = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line[:1] != "#")
    assert float(values["headwater_ledger_entries"]) == clients * each
    assert float(values["headwater_commit_events_sum"]) == clients * each
    assert float(values["headwater_commit_events_count"]) < clients * each / 2


def test_a_failed_disk_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails is 503 from then on, `/readyz` says so, and answers go on."""
    served = run()
    assert served.post(event(1)).status == 201

    def fail(origin: str, note: bytes) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(outside, "save_head", fail)
        assert served.post(event(2)).status == 503
    assert served.post(event(3)).status == 503
    ready = served.get("/readyz")
    assert (ready.status, "Input/output" in ready.json["reason"]) == (503, True)
    assert served.get("/healthz").status == 200
    assert served.get("/api/v1/show", ref="out1").status == 200
    assert served.get("/log/checkpoint").status == 200
    served.expect_failure()


def test_a_full_disk_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is 507 with Retry-After, and with room again events are taken again."""
    monkeypatch.setattr(sharing, "REOPEN_SECONDS", 0.05)
    served = run()

    def fail(origin: str, note: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(outside, "save_head", fail)
        reply = served.post(event(1))
        assert (reply.status, reply.headers["retry-after"]) == (507, "1")
        assert served.get("/readyz").status == 503
    time.sleep(0.1)
    assert served.post(event(1)).status in {200, 201}
    assert served.get("/readyz").status == 200


@pytest.mark.slow
def test_the_log_is_json_without_secrets(serve: Serve) -> None:
    """Each line of the log is JSON; no query, token or body is in it."""
    served = serve()
    served.ask(
        "GET",
        "/api/v1/search?text=hush",
        headers={"Authorization": "Bearer hw_hush"},
    )
    served.post(b'{"hush": 1}')
    served.stop()
    lines = [json.loads(line) for line in served.log.splitlines()]
    asked = [line for line in lines if line["message"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in asked] == [
        ("GET", "/api/v1/search", 200),
        ("POST", "/api/v1/lineage", 422),
    ]
    assert "hush" not in served.log


@pytest.mark.slow
def test_a_port_that_is_taken(serve: Serve, tmp_path: Path) -> None:
    """A port that another process has is an error that says what to do, and makes no store."""
    served = serve()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "headwater", "serve", "--port", str(served.port)),
            *("--store", str(tmp_path / "other")),
        ],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "another --port" in done.stderr) == (3, True)
    assert not (tmp_path / "other").exists()
