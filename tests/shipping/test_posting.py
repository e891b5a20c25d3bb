"""Delivery over HTTP: to our own service, and to others with manners of their own."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import headwater
from headwater.client import delivering
from headwater.errors import InvalidReference, NotFound, StoreError
from headwater.shipping.posting import Service
from headwater.shipping.receipts import Receipt, Undelivered
from headwater.shipping.shipping import Shipping
from headwater.shipping.status import look
from tests.service.served import Served
from tests.shipping.conftest import record, ship

pytestmark = pytest.mark.slow  # each test starts a server

EVENT = b'{"n":%d}'
Answer = tuple[int, dict[str, str], Any]


class Other:
    """A server that answers as it is told, and keeps what it was sent."""

    def __init__(self, answer: Callable[[str, bytes], Answer]) -> None:
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        other = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
                route = self.path.partition("?")[0]
                other.sent.append((route, body, dict(self.headers)))
                status, headers, document = answer(route, body)
                text = json.dumps(document).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[str, bytes], Answer]], Other]]:
    """Start servers."""
    started: list[Other] = []

    def start(answer: Callable[[str, bytes], Answer]) -> Other:
        started.append(Other(answer))
        return started[-1]

    yield start
    for one in started:
        one.close()


Serve = Callable[[Callable[[str, bytes], Answer]], Other]


def deliver(other: Other, count: int = 3, **more: Any) -> list[Receipt]:
    """Deliver some events."""
    return Service(other.url, **more).deliver([EVENT % number for number in range(count)])


def test_events_go_in_one_compressed_batch(serve: Serve) -> None:
    """NDJSON under gzip, with the token."""
    other = serve(lambda route, body: (200, {}, {"failed_events": []}))
    assert [one.status for one in deliver(other, token="t")] == ["accepted"] * 3  # noqa: S106
    ((route, body, headers),) = other.sent
    assert (route, body.count(b"\n")) == ("/api/v1/lineage/batch", 3)
    assert (headers["Authorization"], headers["Content-Encoding"]) == ("Bearer t", "gzip")


def test_failed_events_of_a_batch_are_rejected_one_by_one(serve: Serve) -> None:
    """The index says which, the reason why; the others are accepted."""
    failed = [{"index": 1, "reason": "bad", "retriable": False}]
    other = serve(lambda route, body: (200, {}, {"failed_events": failed}))
    assert [(one.status, one.reason) for one in deliver(other)] == [
        ("accepted", ""),
        ("rejected", "bad"),
        ("accepted", ""),
    ]


def test_a_server_without_batches_gets_event_by_event(serve: Serve) -> None:
    """Marquez and others: single posts, after one attempt at a batch."""
    other = serve(lambda route, body: (404 if route.endswith("batch") else 201, {}, None))
    assert [one.status for one in deliver(other)] == ["accepted"] * 3
    assert [route for route, _, _ in other.sent] == [
        "/api/v1/lineage/batch",
        *["/api/v1/lineage"] * 3,
    ]


def test_a_refused_batch_is_halved_until_the_culprit_stands_alone(serve: Serve) -> None:
    """Only the event that is to blame is rejected."""

    def answer(route: str, body: bytes) -> Answer:
        return (422, {}, {"detail": "no 5"}) if b'{"n":5}' in body else (200, {}, {})

    receipts = deliver(serve(answer), 8)
    assert [number for number, one in enumerate(receipts) if one.status == "rejected"] == [5]
    assert receipts[5].reason == "no 5"


@pytest.mark.parametrize(
    ("status", "headers", "lasting", "after"),
    [
        (500, {}, False, None),
        (503, {"Retry-After": "7"}, False, 7.0),
        (429, {"Retry-After": "3"}, False, 3.0),
        (401, {}, True, None),
        (403, {}, True, None),
    ],
)
def test_what_is_not_about_the_events_leaves_them_in_the_spool(
    serve: Serve, status: int, headers: dict[str, str], lasting: bool, after: float | None
) -> None:
    """A server that is down, busy or locked rejects nothing; it is tried again, or told about."""
    other = serve(lambda route, body: (status, headers, {"title": "no"}))
    with pytest.raises(Undelivered) as raised:
        deliver(other)
    assert (raised.value.lasting, raised.value.retry_after) == (lasting, after)


def test_a_wrong_url_is_said_to_be_wrong(serve: Serve) -> None:
    """A place without OpenLineage, one that nobody serves, and one that is no URL."""
    other = serve(lambda route, body: (404, {}, None))
    with pytest.raises(Undelivered, match="404") as raised:
        deliver(other)
    assert raised.value.lasting
    with pytest.raises(Undelivered, match="cannot be reached"):
        Service("http://127.0.0.1:9").deliver([b"{}"])
    with pytest.raises(Undelivered, match="no http"):
        Service("postgresql://host/db")


def test_passwords_in_a_url_are_not_shown(serve: Serve) -> None:
    """Messages have the host alone."""
    with pytest.raises(Undelivered) as raised:
        Service("http://me:secret@127.0.0.1:9").deliver([b"{}"])
    assert "secret" not in str(raised.value)


def test_following_waits_longer_each_time_and_goes_on(root: Path, serve: Serve) -> None:
    """While a service is down it is tried ever less often; then everything is delivered once."""
    record(root)
    answers = iter([503] * 3)
    other = serve(lambda route, body: (next(answers, 200), {}, {}))
    shipping = Shipping(root, Service(other.url).deliver)
    pauses: list[float] = []
    shipping.follow(until=lambda: not look(root).counts()["events"], sleep=pauses.append)
    assert pauses == [0.5, 1.0, 2.0, 0.5]
    assert shipping.tally.counts["accepted"] == 4


def test_a_pipeline_ships_to_a_service_and_asks_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one records, a service answers as an embedded store would, killed in between or not."""
    home = tmp_path / "service"
    home.mkdir()
    record(root)
    served = Served(home)
    try:
        monkeypatch.setenv("HEADWATER_URL", served.url)
        assert ship(root) == {"accepted": 4, "duplicate": 0, "rejected": 0}
        record(root)
        served.process.kill()
        served.process.wait()
        with pytest.raises(Undelivered):
            delivering.ship(root)
    finally:
        served.stop()
    again = Served(home)
    try:
        monkeypatch.setenv("HEADWATER_URL", again.url)
        assert ship(root)["accepted"] == 4
        with headwater.open() as remote:
            answers = {
                "trace": remote.trace(root.parent / "model.bin"),
                "impact": remote.impact("a.csv"),
                "show": remote.show("model.bin"),
                "search": remote.search("model"),
                "diff": remote.diff("model.bin@v1", "model.bin@v2"),
                "paths": remote.paths("a.csv", "model.bin"),
                "why": remote.why("model.bin", "a.csv"),
            }
            with pytest.raises(NotFound):
                remote.trace("nothing")
            with pytest.raises(InvalidReference):
                remote.trace("version:rubbish")
    finally:
        again.stop()
    monkeypatch.delenv("HEADWATER_URL")
    with headwater.open(home / ".headwater") as local:
        assert answers == {
            "trace": local.trace(root.parent / "model.bin"),
            "impact": local.impact("a.csv"),
            "show": local.show("model.bin"),
            "search": local.search("model"),
            "diff": local.diff("model.bin@v1", "model.bin@v2"),
            "paths": local.paths("a.csv", "model.bin"),
            "why": local.why("model.bin", "a.csv"),
        }
    with pytest.raises(StoreError, match="cannot be asked"):
        headwater.open(again.url).trace("x")


def test_a_store_that_a_service_holds_is_reached_through_it(root: Path, tmp_path: Path) -> None:
    """Without any URL: the service that has the store's lock takes the events."""
    record(root)
    served = Served(tmp_path, store=root)
    try:
        assert ship(root)["accepted"] == 4
    finally:
        served.stop()
