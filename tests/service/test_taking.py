"""A single event is taken before the framework, and answered as the route answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.conftest import Run
from tests.service.served import JSON, Client, Reply
from tests.service.test_access import let_in
from tests.store.making import event

ONE = "/api/v1/lineage"
APART = {"date", "location"}
"""Headers that differ from one event to the next."""


def both(client: Client, bodies: tuple[bytes, bytes], headers: dict[str, str]) -> list[Reply]:
    """What comes of a plain post, and of one that the framework routes."""
    return [
        client.ask("POST", path, body, headers)
        for path, body in zip((ONE, f"{ONE}?strict=false"), bodies, strict=True)
    ]


@pytest.mark.parametrize(
    ("bodies", "headers", "status"),
    [
        ((event(1), event(2)), JSON, 201),
        ((b"{}", b"{}"), JSON, 422),
        ((event(1), event(1)), {"Content-Type": "text/plain"}, 415),
        ((event(1), event(1)), {**JSON, "Content-Encoding": "br"}, 415),
        ((b"no gzip", b"no gzip"), {**JSON, "Content-Encoding": "gzip"}, 400),
        ((event(1), event(1)), {**JSON, "Host": "elsewhere.example"}, 421),
    ],
    ids=lambda value: value if isinstance(value, int) else "",
)
def test_both_ways_answer_alike(
    served: Client, bodies: tuple[bytes, bytes], headers: dict[str, str], status: int
) -> None:
    """With the same status, headers and members."""
    plain, routed = both(served, bodies, headers)
    assert (plain.status, routed.status) == (status, status)
    assert {name: value for name, value in plain.headers.items() if name not in APART} == {
        name: value for name, value in routed.headers.items() if name not in APART
    }
    assert {**plain.json, "entry": None} == {**routed.json, "entry": None}
    assert plain.headers.keys() == routed.headers.keys()


@pytest.mark.parametrize("write", [(), ("*",)])
def test_both_ways_ask_who_it_is(tmp_path: Path, run: Run, write: tuple[str, ...]) -> None:
    """A token that may not write is told so; none at all is asked for one."""
    file = tmp_path / "tokens.json"
    brings = let_in(file, "etl", write=write)
    served = run(tokens=file)
    plain, routed = both(served, (event(1), event(2)), {**JSON, **brings})
    assert (plain.status, routed.status) == ((201, 201) if write else (403, 403))
    assert plain.headers.keys() == routed.headers.keys()
    plain, routed = both(served, (event(1), event(2)), JSON)
    assert (plain.status, plain.json) == (routed.status, routed.json)
    assert plain.status == 401


def test_both_ways_are_counted_under_the_address(served: Client) -> None:
    """As requests of one route, whoever took them."""
    both(served, (event(1), event(2)), JSON)
    counted = b'headwater_requests_total{method="POST",route="/api/v1/lineage",status="201"} 2.0'
    assert counted in served.get("/metrics").body


@pytest.mark.parametrize("path", [f"{ONE}/", f"{ONE}?nonsense=1"])
def test_what_is_not_plain_is_left_to_the_framework(served: Client, path: str) -> None:
    """Which knows the address with a slash behind it, and no other parameter."""
    reply = served.ask("POST", path, event(1), JSON)
    assert reply.status == (201 if path.endswith("/") else 400)
