"""Proof bundles over HTTP, and from Python by the URL of a service."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

import headwater
from headwater.client.remote import Remote
from headwater.errors import LimitExceeded, NotFound
from headwater.evidence.verify_bundle import audit
from headwater.service.routes.proofs import Bundle
from tests.query.telling import chain, complete, dataset
from tests.service.conftest import Run, Running, Serve
from tests.service.served import Client, environment
from tests.service.test_access import let_in
from tests.service.test_answers import give


@pytest.fixture
def told(served: Running) -> Running:
    """A service that has been told orders → staging → mart, twice on the second hop."""
    give(served, chain())
    return served


def key_of(client: Client) -> str:
    """The key that the service says its ledger has."""
    return client.get("/log/key").body.decode()


def test_a_bundle_is_given(told: Running) -> None:
    """It is JSON that holds by the ledger's key, of the answer that `trace` gives."""
    reply = told.get("/api/v1/prove", ref="mart.orders")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["headwater-rules"] == "3"
    found = audit(reply.body, key_of(told))
    assert found.faults == []
    assert found.bundle["answer"] == told.get("/api/v1/trace", ref="mart.orders").json
    assert set(found.bundle) == {
        *("answer", "checkpoint", "entries", "format", "key", "statement"),
    }
    assert msgspec.to_builtins(msgspec.convert(found.bundle, Bundle)) == found.bundle


def test_it_takes_what_trace_and_impact_take(told: Running) -> None:
    """Which question, how deep, as of when."""
    query: dict[str, Any] = {"ref": "staging.orders", "depth": 1, "at": "2"}
    reply = told.get("/api/v1/prove", ask="impact", **query)
    found = audit(reply.body, key_of(told))
    assert found.faults == []
    assert found.bundle["answer"] == told.get("/api/v1/impact", **query).json
    assert found.statement["size"] == 2


def test_the_same_is_not_sent_again(told: Running) -> None:
    """By its ETag a bundle that one has is 304; when the ledger has grown it is another."""
    reply = told.get("/api/v1/prove", ref="mart.orders")
    known = {"If-None-Match": reply.headers["etag"]}
    path = "/api/v1/prove?ref=mart.orders"
    assert told.ask("GET", path, headers=known).status == 304
    assert told.get("/api/v1/prove", ref="mart.orders").body == reply.body
    give(told, [complete(7, "07:00", "more", ["a"], ["b"])])
    assert told.ask("GET", path, headers=known).status == 200


def test_the_head_stays(told: Running) -> None:
    """The head that left is stored, though later ones of its minute came."""
    told.get("/api/v1/prove", ref="mart.orders")
    for number in range(10, 13):
        give(told, [complete(number, "08:00", f"j{number}", ["a"], ["b"])])
    again = told.get("/api/v1/prove", ref="mart.orders", at="3")
    assert audit(again.body, key_of(told)).holds


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"ref": "nothing.like.it"}, 404),
        ({"ref": "mart.orders", "at": "99"}, 400),
        ({"ref": "mart.orders", "ask": "paths"}, 400),
        ({"ref": "mart.orders", "depth": "-1"}, 400),
        ({"ref": "mart.orders", "cursor": "x"}, 400),
    ],
)
def test_what_cannot_be_proved_is_a_problem(
    told: Running, query: dict[str, str], status: int
) -> None:
    """Each with a status and a sentence."""
    reply = told.get("/api/v1/prove", **query)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")


def test_too_much_is_413(told: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit it is refused, and says what to ask instead."""
    monkeypatch.setattr("headwater.query.grounds.ENTRIES_MAX", 1)
    reply = told.get("/api/v1/prove", ref="mart.orders")
    assert reply.status == 413
    assert "depth" in reply.json["remedy"]
    with pytest.raises(LimitExceeded):
        Remote(told.url).prove("mart.orders")


def test_a_token_decides_what_is_shown(tmp_path: Path, run: Run) -> None:
    """Two readers get each his own bundle: one with all bytes, one without what is hidden."""
    file = tmp_path / "tokens.json"
    writer = let_in(file, "etl", write=("*",))
    all_of_it = let_in(file, "ada", read=("*",))
    some_of_it = let_in(file, "ben", read=("db",))
    served = run(tokens=file)
    secret = dataset("salaries", namespace="vault")
    events = [
        complete(1, "01:00", "load", ["orders", secret], ["staging"]),
        complete(2, "02:00", "build", ["staging"], ["mart"]),
    ]
    give(Client(served.url, headers=writer), events)
    path = "/api/v1/prove?ref=mart"
    assert served.ask("GET", path).status == 401
    whole, masked = (
        served.ask("GET", path, headers=headers) for headers in (all_of_it, some_of_it)
    )
    assert whole.headers["etag"] != masked.headers["etag"]
    found = audit(whole.body, key_of(served))
    assert found.faults == []
    assert found.statement["withheld"] == []
    found = audit(masked.body, key_of(served))
    assert found.faults == []
    assert found.statement["withheld"] == [{"entry": 0, "part": 0, "why": "hidden"}]
    assert b"salaries" not in masked.body
    assert b"vault" not in masked.body
    assert served.ask("GET", "/api/v1/prove?ref=salaries", headers=some_of_it).status == 404


def test_python_asks_a_service_for_a_bundle(told: Running) -> None:
    """`headwater.open(URL).prove` gives the bytes that the route gives."""
    with headwater.open(told.url) as lineage:
        data = lineage.prove("mart.orders", ask="trace", depth=1)
        assert data == told.get("/api/v1/prove", ref="mart.orders", depth=1).body
        with pytest.raises(NotFound):
            lineage.prove("nothing.like.it")


def test_python_asks_a_store_that_a_service_has(told: Running, tmp_path: Path) -> None:
    """A store on this machine whose lock a service holds is proved by that service."""
    with headwater.open(tmp_path / ".headwater") as lineage:
        data = lineage.prove("mart.orders", columns=True, revisions="all")
    found = audit(data, key_of(told))
    assert found.faults == []
    assert found.statement["query"]["revisions"] == "all"


@pytest.mark.slow
def test_the_command_goes_through_the_service(serve: Serve) -> None:
    """While a service has the store, `headwater prove` has it sign."""
    served = serve()
    give(served, chain())
    done = subprocess.run(
        [
            *(sys.executable, "-m", "headwater", "prove", "mart.orders", "-o", "b.json", "--json"),
            *("--store", str(served.store)),
        ],
        cwd=served.home,
        env=environment(served.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert (written["entries"], written["withheld"], written["size"]) == (2, 0, 3)
    assert audit((served.home / "b.json").read_bytes(), key_of(served)).holds
