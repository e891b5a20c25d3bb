"""Asking: the answers of the gateway, with their ETags and pages."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

import headwater
from headwater.client import remote
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.service import documents
from headwater.store import open_store
from tests.graph.golden import events_of
from tests.graph.test_golden import STORIES
from tests.query.conftest import Ask, ask
from tests.query.telling import PRODUCER, chain, complete, dataset, source, start
from tests.service.conftest import Run, Running
from tests.service.served import Client

__all__ = ["ask"]

ANSWERS: dict[str, Any] = {
    "trace": documents.TraceAnswer,
    "impact": documents.ImpactAnswer,
    "paths": documents.PathsAnswer,
    "show": documents.Shown,
    "diff": documents.DiffAnswer,
    "search": documents.SearchAnswer,
    "why": documents.WhyAnswer,
}


def give(client: Client, events: list[dict[str, Any]]) -> None:
    """Give events, all of which have to be taken."""
    body = json.dumps([{"producer": PRODUCER, **event} for event in events]).encode()
    assert client.post(body, "/api/v1/lineage/batch").json["status"] == "success"


@pytest.fixture
def told(served: Client) -> Client:
    """A service that has been told orders → staging → mart, twice on the second hop."""
    give(served, chain())
    return served


def ladder(steps: int) -> list[dict[str, Any]]:
    """A chain of so many runs, each reading what the one before wrote."""
    return [
        complete(n + 1, f"{n // 60:02}:{n % 60:02}", f"job{n}", [f"t{n}"], [f"t{n + 1}"])
        for n in range(steps)
    ]


@pytest.mark.parametrize(
    ("route", "query"),
    [
        ("trace", {"ref": "mart.orders"}),
        ("trace", {"ref": "mart.orders", "facets": "true", "columns": "true", "depth": "1"}),
        ("impact", {"ref": "shop.orders"}),
        ("paths", {"a": "mart.orders", "b": "shop.orders"}),
        ("show", {"ref": "mart.orders@v1"}),
        ("show", {"ref": "mart.orders"}),
        ("show", {"ref": "job:build"}),
        ("show", {"ref": "00000001"}),
        ("diff", {"a": "mart.orders@v1", "b": "mart.orders@v2"}),
        ("diff", {"a": "@1", "b": "@3"}),
        ("search", {"text": "orders"}),
        ("why", {"a": "mart.orders@v1", "b": "staging.orders"}),
    ],
)
def test_an_answer_is_the_gateways(
    told: Client, tmp_path: Path, route: str, query: dict[str, str]
) -> None:
    """What HTTP answers is the document that the gateway gives, byte for byte its JSON."""
    reply = told.get(f"/api/v1/{route}", **query)
    assert (reply.status, reply.headers["headwater-rules"]) == (200, "3")
    words = {
        name: {"true": True, "1": 1}.get(value, value) if name != "ref" else value
        for name, value in query.items()
    }
    with open_store(tmp_path / ".headwater") as store:
        gateway = Gateway(store, Principal("local", ("*",)))
        places = [words.pop(name) for name in ("ref", "a", "b", "text") if name in words]
        expected = getattr(gateway, route)(*places, **words)
    assert reply.body == msgspec.json.encode(expected)


@pytest.mark.parametrize("story", STORIES)
def test_every_answer_has_the_promised_shape(ask: Ask, shared: Path, story: str) -> None:
    """Answers about everything in a golden story fit their types, without a member more."""
    labels = [("artifact:db/x", "owner", "ada")]
    gateway = ask(events_of(shared / "data" / "golden" / story), labels)
    found = gateway.search("e", limit=1_000)
    fits("search", found)
    fits("diff", gateway.diff("@0", f"@{gateway.size()}"))
    for hit in found["hits"]:
        shown = gateway.show(hit["ref"])
        fits("show", shown)
        if hit["kind"] == "job" and not shown["runs"]:
            continue
        trace = gateway.trace(hit["ref"], facets=True, columns=True)
        fits("trace", trace)
        fits("impact", gateway.impact(hit["ref"], columns=True))
        for node in trace["nodes"]:
            fits("show", gateway.show(node["ref"]))
            if node["kind"] == "column":
                fits("trace", gateway.trace(node["ref"]))
        for edge in trace["edges"]:
            ends = (edge["from"], edge["to"])
            if all(end.startswith(("version:", "run:")) for end in ends):
                fits("why", gateway.why(*ends))


def fits(ask: str, document: dict[str, Any]) -> None:
    """The document can be read as its type and written again without losing anything."""
    read = msgspec.convert(document, ANSWERS[ask])
    assert msgspec.to_builtins(read) == document


def test_an_etag_saves_the_answer(told: Client) -> None:
    """Who has the answer already gets 304 and no body, until the ledger grows."""
    first = told.get("/api/v1/trace", ref="mart.orders")
    etag = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    again = told.ask("GET", "/api/v1/trace", headers=etag, ref="mart.orders")
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    give(told, [complete(9, "09:00", "later", ["mart.orders"], ["report"])])
    grown = told.ask("GET", "/api/v1/trace", headers=etag, ref="mart.orders")
    assert (grown.status, grown.headers["etag"] != first.headers["etag"]) == (200, True)


def test_an_etag_at_a_size_outlives_growth(told: Client) -> None:
    """An answer as known at a size stays what it is."""
    first = told.get("/api/v1/trace", ref="mart.orders", at=2)
    give(told, [complete(9, "09:00", "later", ["mart.orders"], ["report"])])
    assert (
        told.get("/api/v1/trace", ref="mart.orders", at=2).headers["etag"] == first.headers["etag"]
    )


def test_an_etag_differs_with_every_parameter(told: Client) -> None:
    """No two questions share an ETag."""
    questions: list[dict[str, Any]] = [
        {},
        {"depth": 1},
        {"at": 2},
        {"columns": "true"},
        {"revisions": "all"},
        {"facets": "true"},
        {"limit": 1},
    ]
    tags = {told.get("/api/v1/trace", ref="mart.orders", **q).headers["etag"] for q in questions}
    assert len(tags) == len(questions)


def pages(client: Client, route: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    """All pages of an answer."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        reply = client.get(route, limit=limit, **query, **cursor)
        assert reply.status == 200, reply.body
        found.append(reply.json)
        truncated = reply.json.get("completeness", {}).get("truncated") or reply.json
        if truncated.get("cursor") is None:
            return found
        cursor = {"cursor": truncated["cursor"]}


@pytest.mark.parametrize("limit", [1, 2, 7, 1_000])
@pytest.mark.parametrize("route", ["/api/v1/trace", "/api/v1/impact"])
def test_pages_make_up_the_whole(served: Client, route: str, limit: int) -> None:
    """Pages hold every node and edge of the answer once, in its order."""
    give(served, ladder(9))
    ref = "t9" if route.endswith("trace") else "t0"
    whole = served.get(route, ref=ref).json
    parts = pages(served, route, limit, ref=ref)
    assert [node for part in parts for node in part["nodes"]] == whole["nodes"]
    key = json.dumps
    assert sorted(key(edge) for part in parts for edge in part["edges"]) == sorted(
        key(edge) for edge in whole["edges"]
    )
    assert all(not part["completeness"]["complete"] for part in parts[:-1])
    if route.endswith("impact"):
        assert all(part["counts"] == whole["counts"] for part in parts)


def test_pages_never_mix_two_heads(served: Client) -> None:
    """The second page is of the ledger that the first page was of, whatever came in between."""
    give(served, ladder(4))
    first = served.get("/api/v1/impact", ref="t0", limit=3)
    give(served, [complete(99, "20:00", "late", ["t0", "t1"], ["a_late_one"])])
    cursor = first.json["completeness"]["truncated"]["cursor"]
    second = served.get("/api/v1/impact", ref="t0", limit=100, cursor=cursor)
    assert second.json["head"] == first.json["head"]
    assert "a_late_one" not in second.body.decode()


def test_search_goes_page_by_page(served: Client) -> None:
    """Hits come page by page, each once."""
    give(served, ladder(9))
    parts = pages(served, "/api/v1/search", 3, text="t")
    refs = [hit["ref"] for part in parts for hit in part["hits"]]
    assert len(refs) == len(set(refs)) == parts[0]["total"]


def test_a_cursor_is_good_for_its_question_only(served: Client) -> None:
    """Another question, an altered cursor and anything else are refused."""
    give(served, ladder(4))
    first = served.get("/api/v1/trace", ref="t4", limit=2)
    cursor = first.json["completeness"]["truncated"]["cursor"]
    assert served.get("/api/v1/trace", ref="t3", cursor=cursor).status == 400
    assert served.get("/api/v1/impact", ref="t4", cursor=cursor).status == 400
    flipped = ("B" if cursor[5] != "B" else "C").join((cursor[:5], cursor[6:]))
    for bad in (flipped, cursor[:-2], "x", "é", cursor + "AAAA", "A" * 513):
        reply = served.get("/api/v1/trace", ref="t4", cursor=bad)
        assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert served.get("/api/v1/trace", ref="t4", limit=5, cursor=cursor).status == 200


def test_a_cursor_outlives_the_service(served: Running, run: Run) -> None:
    """A cursor is sealed by the store, so a service that was started anew takes it."""
    give(served, ladder(4))
    cursor = served.get("/api/v1/trace", ref="t4", limit=2).json["completeness"]["truncated"][
        "cursor"
    ]
    served.stop()
    again = run()
    assert again.get("/api/v1/trace", ref="t4", cursor=cursor).status == 200


@pytest.mark.parametrize(
    ("route", "query", "status", "error"),
    [
        ("trace", {"ref": "mart.ordres"}, 404, "NotFound"),
        ("trace", {"ref": "orders"}, 409, "Ambiguous"),
        ("trace", {"ref": "mart.orders", "at": "soon"}, 400, "InvalidReference"),
        ("trace", {"ref": "mart.orders", "at": "9999"}, 400, "InvalidReference"),
        ("trace", {"ref": "mart.orders", "at": "9" * 5_000}, 400, "InvalidReference"),
        ("trace", {"ref": "mart.orders", "depth": "-1"}, 400, None),
        ("trace", {"ref": "mart.orders", "depth": "many"}, 400, None),
        ("trace", {"ref": "mart.orders", "limit": "0"}, 400, None),
        ("trace", {"ref": "mart.orders", "limit": "100001"}, 400, None),
        ("trace", {"ref": "mart.orders", "revisions": "some"}, 400, None),
        ("trace", {"ref": "mart.orders", "dpeth": "1"}, 400, None),
        ("trace", {"ref": ""}, 400, None),
        ("trace", {}, 400, None),
        ("paths", {"a": "mart.orders", "b": "nothing"}, 404, "NotFound"),
        ("search", {"text": "  "}, 400, "InvalidReference"),
        ("diff", {"a": "mart.orders", "b": "00000001"}, 400, "InvalidReference"),
    ],
)
def test_a_bad_question_is_a_problem(
    told: Client, route: str, query: dict[str, str], status: int, error: str | None
) -> None:
    """What cannot be answered says why, as problem details with the error's name."""
    reply = told.get(f"/api/v1/{route}", **query)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert reply.json.get("error") == error
    assert reply.json["detail"]


def test_a_parameter_may_be_given_once(told: Client) -> None:
    """Two values of one parameter are refused rather than one of them ignored."""
    reply = told.ask("GET", "/api/v1/trace?ref=mart.orders&ref=staging.orders")
    assert reply.status == 400


def test_nearest_names_and_candidates(told: Client) -> None:
    """A miss comes with the nearest names, an ambiguity with its candidates."""
    assert "mart.orders" in told.get("/api/v1/trace", ref="mart.ordres").json["nearest"]
    assert len(told.get("/api/v1/trace", ref="orders").json["candidates"]) == 3


def test_a_reference_never_reaches_the_disk(told: Client, tmp_path: Path) -> None:
    """A path names no file of the server; the bytes of one are found by their digest."""
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    assert told.get("/api/v1/trace", ref=str(secret)).json["detail"].startswith("nothing is called")
    value = "ab" * 32
    digest = {"headwater_digest": {"algorithm": "sha256", "value": value, "of": "bytes"}}
    give(told, [complete(8, "08:00", "copy", ["mart.orders"], [dataset("copied", **digest)])])
    assert "copied" in told.get("/api/v1/trace", ref=f"sha256:{value}").json["root"]


def tangle() -> list[dict[str, Any]]:
    """A history with columns, revisions, an open writer, a gap, two ways between things."""
    fields = [
        {"namespace": "db", "name": name, "field": field}
        for name, field in (("raw", "a"), ("raw", "b"), ("other", "c"))
    ]
    direct = [{"type": "DIRECT", "subtype": "IDENTITY"}, {"type": "INDIRECT", "subtype": "FILTER"}]
    lineage = {
        "fields": {
            name: {"inputFields": [{**one, "transformations": direct} for one in fields]}
            for name in ("x", "y")
        }
    }
    after = {
        "fields": {
            "z": {"inputFields": [{"namespace": "db", "name": "mid", "field": f} for f in "xy"]}
        }
    }
    gaps = {"gaps": [{"what": "a socket", "why": "C code"}]}
    append = {"mode": "append"}
    return [
        complete(
            1, "01:00", "load", [source("origin"), "unknown"], ["raw"], headwater_capture=gaps
        ),
        start(2, "01:10", "open", [], ["other"]),
        complete(3, "02:00", "mid", ["raw", "other"], [dataset("mid", columnLineage=lineage)]),
        complete(
            4, "03:00", "end", ["mid", "raw"], [dataset("end", columnLineage=after), "beside"]
        ),
        complete(5, "04:00", "end", ["mid"], [dataset("end", headwater_write=append)]),
        complete(6, "05:00", "last", ["end", "beside", "raw"], ["last"]),
    ]


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("ref", ["last", "origin", "raw#a"])
def test_a_client_joins_pages_to_the_whole(
    served: Client, monkeypatch: pytest.MonkeyPatch, ref: str, *, columns: bool
) -> None:
    """Page by page by URL, an answer is what it is in one piece: nodes, edges, and the account."""
    give(served, tangle())
    for route, limit, depth in product(("trace", "impact"), (1, 2, 5), (None, 1, 2)):
        how: dict[str, Any] = {"depth": depth, "columns": columns, "facets": limit == 2}
        monkeypatch.setattr(remote, "PAGE_NODES", limit)
        with headwater.open(served.url) as lineage:
            joined = getattr(lineage, route)(ref, **how)
        said = {name: str(value).lower() for name, value in how.items() if value is not None}
        assert joined == served.get(f"/api/v1/{route}", ref=ref, limit=1_000, **said).json
        nodes = [node["ref"] for node in joined["nodes"]]
        assert len(set(nodes)) == len(nodes)


def test_a_limit_is_told_where_the_depth_cuts_too(served: Client) -> None:
    """Of an answer of a depth, too, every page but the last says where to go on."""
    give(served, ladder(9))
    parts = pages(served, "/api/v1/trace", 2, ref="t9", depth=3)
    assert [part["completeness"]["truncated"]["reason"] for part in parts] == [
        *["nodes"] * (len(parts) - 1),
        "depth",
    ]
    assert sum(len(part["nodes"]) for part in parts) == 7
