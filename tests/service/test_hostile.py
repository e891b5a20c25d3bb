"""Clients that are broken or mean: a status each, the service unharmed, nothing stored in part."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import pytest

from headwater.service.limits import HEAD_BYTES_MAX
from tests.service.conftest import Run
from tests.service.served import JSON, Client
from tests.store.making import event, events

EVENT = "/api/v1/lineage"
GZIP = {**JSON, "Content-Encoding": "gzip"}
PROBLEM = b"application/problem+json"


@contextlib.contextmanager
def wire(client: Client) -> Iterator[socket.socket]:
    """A bare connection."""
    with socket.create_connection((client.host, client.port), timeout=20) as connection:
        yield connection


def hear(connection: socket.socket) -> bytes:
    """Everything that comes until the service ends the connection."""
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            heard += part
    return heard


def unharmed(client: Client) -> None:
    """The service answers, has stored nothing, and holds no bytes of what was refused."""
    assert client.get("/readyz").status == 200
    assert b"\n0\n" in client.get("/log/checkpoint").body
    deadline = time.monotonic() + 5
    while b"headwater_in_flight_bytes 0.0" not in client.get("/metrics").body:
        assert time.monotonic() < deadline


def head(*lines: str) -> bytes:
    """The head of a POST of an event."""
    fixed = (f"POST {EVENT} HTTP/1.1", "Host: localhost", "Content-Type: application/json")
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1", 404),
        ("GET", "/api/v1/../../etc/passwd", 404),
        ("GET", "/%00", 404),
        ("POST", "/healthz", 405),
        ("DELETE", EVENT, 405),
        ("PUT", "/api/v1/trace", 405),
        ("PROPFIND", "/api/v1/trace", 405),
    ],
)
def test_unknown_addresses_and_methods(served: Client, method: str, path: str, status: int) -> None:
    """What is not there is 404, what is taken in another way 405 with the ways, both problems."""
    reply = served.ask(method, path)
    assert (reply.status, reply.headers["content-type"]) == (status, PROBLEM.decode())
    assert ("allow" in reply.headers) == (status == 405)


def test_head_is_get_without_a_body(served: Client) -> None:
    """HEAD is answered wherever GET is."""
    reply = served.ask("HEAD", "/healthz")
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "15")
    assert served.ask("HEAD", "/nothing").status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 415),
        ({"Content-Type": "application/xml"}, 415),
        ({"Content-Type": "application/json; charset=utf-16"}, 415),
        ({**JSON, "Content-Encoding": "br"}, 415),
        ({**JSON, "Content-Encoding": "gzip, gzip"}, 415),
        ({"Content-Type": "application/json; charset=UTF-8"}, 201),
        ({"Content-Type": "APPLICATION/JSON"}, 201),
        ({"Content-Type": "application/vnd.openlineage+json"}, 201),
        ({**JSON, "Content-Encoding": "identity"}, 201),
    ],
)
def test_types_and_encodings(served: Client, headers: dict[str, str], status: int) -> None:
    """JSON in UTF-8, plain or gzip, is taken; anything else is 415."""
    assert served.ask("POST", EVENT, event(1), headers).status == status


def test_gzip_in_several_members(served: Client) -> None:
    """A body of several gzip members is one body (RFC 1952 §2.2)."""
    half = len(event(1)) // 2
    body = gzip.compress(event(1)[:half]) + gzip.compress(event(1)[half:])
    assert served.ask("POST", EVENT, body, GZIP).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not gzip",
        gzip.compress(event(1))[:-9],
        gzip.compress(event(1)) + b"rubbish",
        gzip.compress(event(1))[:-4] + b"\0\0\0\0",
        zlib.compress(event(1)),
    ],
    ids=["empty", "plain", "cut short", "with a tail", "wrong length", "zlib"],
)
def test_broken_gzip(served: Client, body: bytes) -> None:
    """What is no gzip, or not all of it, is 400."""
    assert served.ask("POST", EVENT, body, GZIP).status == 400
    unharmed(served)


def test_a_gzip_bomb(served: Client) -> None:
    """A little that would be very much is stopped at the limit, at once and without the room."""
    packer = zlib.compressobj(6, wbits=31)
    bomb = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(200)) + packer.flush()
    began = time.monotonic()
    reply = served.ask("POST", EVENT, bomb, GZIP)
    assert reply.status == 413
    assert time.monotonic() - began < 10
    unharmed(served)


@pytest.mark.parametrize("over", [0, 1])
def test_the_largest_batch(run: Run, over: int) -> None:
    """A batch of the greatest size is taken, said or chunked; one byte more is 413."""
    body = b"[" + b",".join(events(5)) + b"]"
    served = run(batch_bytes=len(body) - over)
    said = served.post(body, "/api/v1/lineage/batch")
    assert said.status == (413 if over else 200)
    with wire(served) as connection:
        line = head("Transfer-Encoding: chunked", "Connection: close")
        connection.sendall(line.replace(EVENT.encode(), EVENT.encode() + b"/batch"))
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert hear(connection).startswith(b"HTTP/1.1 413" if over else b"HTTP/1.1 200")


def test_a_body_without_end(run: Run) -> None:
    """A body that goes on for ever is stopped at the limit."""
    served = run(event_bytes=100_000)
    with wire(served) as connection:
        connection.sendall(head("Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):
            for _ in range(1_000):
                connection.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        assert hear(connection).startswith(b"HTTP/1.1 413")
    unharmed(served)


def test_a_body_that_does_not_come(run: Run) -> None:
    """Who says a length and sends less is let go with 408."""
    served = run(body_idle_seconds=0.3)
    with wire(served) as connection:
        connection.sendall(head("Content-Length: 500") + event(1)[:100])
        heard = hear(connection)
    assert heard.startswith(b"HTTP/1.1 408")
    assert PROBLEM in heard
    unharmed(served)


def test_a_body_that_trickles(run: Run) -> None:
    """A byte now and then does not keep a request alive beyond the time of a body."""
    served = run(body_seconds=0.6)
    with wire(served) as connection:
        connection.sendall(head("Content-Length: 500"))
        stop = time.monotonic() + 5
        with contextlib.suppress(OSError):
            while time.monotonic() < stop:
                connection.sendall(b" ")
                time.sleep(0.1)
        assert time.monotonic() < stop
    unharmed(served)


def test_a_head_that_trickles(run: Run) -> None:
    """Slowloris: a request's head has a time in which it has to come."""
    served = run(head_seconds=0.5)
    with wire(served) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        stop = time.monotonic() + 5
        with contextlib.suppress(OSError):
            while time.monotonic() < stop:
                connection.sendall(b"X-A: b\r\n")
                time.sleep(0.1)
        assert time.monotonic() < stop
        assert hear(connection).startswith(b"HTTP/1.1 408")
    unharmed(served)


def test_a_connection_that_says_nothing(run: Run) -> None:
    """A connection without a request is closed."""
    served = run(head_seconds=0.3)
    with wire(served) as connection:
        assert hear(connection) == b""


@pytest.mark.parametrize("over", [0, 1])
def test_the_longest_head(served: Client, over: int) -> None:
    """A head of the greatest size is read; a byte more is 431."""
    start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-A: "
    end = b"\r\n\r\n"
    with wire(served) as connection:
        connection.sendall(start + b"a" * (HEAD_BYTES_MAX - len(start) - len(end)))
        connection.sendall(b"aaaaa" if over else end)
        heard = hear(connection)
    assert heard.startswith(b"HTTP/1.1 431" if over else b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        head("Content-Length: 10", "Content-Length: 20"),
        head("Content-Length: 10", "Transfer-Encoding: chunked"),
        head("Content-Length: -1"),
        head("Content-Length: x"),
        head("Transfer-Encoding: chunked") + b"zz\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[-20:]),
)
def test_what_is_no_http(served: Client, sent: bytes) -> None:
    """What is no HTTP is 400 as a problem, and the connection ends."""
    with wire(served) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        heard = hear(connection)
    assert heard.startswith(b"HTTP/1.1 400") or heard == b""
    assert not heard or PROBLEM in heard
    unharmed(served)


def test_more_than_the_length_is_no_part_of_it(served: Client) -> None:
    """Bytes beyond a body's length end the connection; the event before them is taken."""
    body = event(1)
    with wire(served) as connection:
        connection.sendall(head(f"Content-Length: {len(body)}") + body + b"surplus\r\n\r\n")
        heard = hear(connection)
    assert heard.startswith(b"HTTP/1.1 201")
    assert b"connection: close" in heard
    assert served.get("/api/v1/show", ref="out1").status == 200


def test_a_client_that_goes_away(served: Client) -> None:
    """Half a body and a closed connection leave nothing behind."""
    with wire(served) as connection:
        connection.sendall(head("Content-Length: 500") + event(1)[:100])
    unharmed(served)


@pytest.mark.slow
def test_a_client_that_takes_no_answer(run: Run) -> None:
    """Who asks for much and reads nothing is cut off, and others are answered meanwhile."""
    served = run(stalled_seconds=0.5)
    inputs = b",".join(b'{"namespace":"db","name":"%s%d"}' % (b"n" * 900, n) for n in range(9_000))
    body = event(1).replace(b'"inputs": [', b'"inputs": [' + inputs + b",")
    assert served.post(body).status == 201
    path = "/api/v1/trace?ref=out1&limit=100000"
    whole = len(served.ask("GET", path).body)
    with wire(served) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        connection.recv(1, socket.MSG_PEEK)  # the answer has begun: on a busy machine it takes long
        time.sleep(0.5)
        assert served.get("/healthz").status == 200
        time.sleep(2.5)
        assert 0 < len(hear(connection)) < whole


@pytest.mark.parametrize("over", [0, 1])
def test_as_many_connections_as_there_may_be(run: Run, over: int) -> None:
    """At the limit a connection is served; one more is told 503 and when to come again."""
    served = run(connections=20)
    with contextlib.ExitStack() as held:
        for _ in range(19 + over):
            connection = held.enter_context(wire(served))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        reply = served.get("/healthz")
        assert reply.status == (503 if over else 200)
        assert ("retry-after" in reply.headers) == bool(over)
    given_up = time.monotonic() + 10
    while served.get("/healthz").status == 503 and time.monotonic() < given_up:
        time.sleep(0.05)  # until it has noticed that the others went
    assert served.get("/healthz").status == 200


def test_too_many_bytes_in_flight(run: Run) -> None:
    """Bodies beyond what may be in flight are 503 with Retry-After, and room is given back."""
    served = run(in_flight_bytes=19_700)
    with contextlib.ExitStack() as held:
        for _ in range(3):
            connection = held.enter_context(wire(served))
            connection.sendall(head("Content-Length: 9000") + b" " * 6_500)
        deadline = time.monotonic() + 10
        while (reply := served.post(event(1))).status != 503:
            served.post(event(1))
            assert time.monotonic() < deadline
        assert (reply.headers["retry-after"], reply.json["error"]) == ("1", "Overloaded")
    deadline = time.monotonic() + 10
    while served.post(event(2)).status not in {200, 201}:
        assert time.monotonic() < deadline


def test_too_many_questions(run: Run) -> None:
    """Questions beyond those that may wait are 503, and health is answered all the same."""
    served = run(questions=0)
    reply = served.get("/api/v1/search", text="x")
    assert (reply.status, reply.json["error"]) == (503, "Overloaded")
    assert served.get("/healthz").status == 200


@pytest.mark.slow
def test_ten_thousand_connections(run: Run) -> None:
    """Ten thousand clients that come faster than they are served leave the service as it was."""
    served = run(connections=50)
    codes: dict[int, int] = {}

    def come(count: int) -> None:
        for _ in range(count):
            with contextlib.suppress(OSError), wire(served) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                status = int(connection.recv(4_096)[9:12] or b"0")
                codes[status] = codes.get(status, 0) + 1

    threads = [threading.Thread(target=come, args=(156,)) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes[200] > 1_000
    assert set(codes) <= {0, 200, 503}
    unharmed(served)
