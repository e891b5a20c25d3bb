"""The tools as an agent meets them, without the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import LimitExceeded
from headwater.mcp import bounds, tools
from headwater.mcp.arguments import ITEMS_MAX, NODES_MAX, TEXT_CHARS_MAX, schema
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.store import open_store
from tests.mcp.conftest import COLUMNS, SQL


@pytest.fixture
def gateway(store: Path) -> Iterator[Gateway]:
    """The gateway to the store."""
    with open_store(store) as opened:
        yield Gateway(opened)


def call(gateway: Gateway, name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that answers."""
    document, failed = tools.call(gateway, tools.BY_NAME[name], arguments)
    assert not failed, document
    assert bounds.size(document) <= bounds.ANSWER_BYTES_MAX
    return document


def fail(gateway: Gateway, name: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that answers with an error."""
    document, failed = tools.call(gateway, tools.BY_NAME[name], arguments)
    assert failed
    return document


def named(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """The edges of a small answer by reference."""
    refs = {node["n"]: node["ref"] for node in document["nodes"]}
    return {(refs[edge["from"]], edge["kind"], refs[edge["to"]]) for edge in document["edges"]}


def test_a_trace_has_the_nodes_and_edges_of_the_gateway(gateway: Gateway) -> None:
    """Under short names, numbered, with the same head and account of what is missing."""
    small, whole = call(gateway, "trace", ref="delay"), gateway.trace("delay")
    short = gateway.shorten(node["ref"] for node in whole["nodes"])
    assert [node["ref"] for node in small["nodes"]] == [
        short[node["ref"]] for node in whole["nodes"]
    ]
    assert named(small) == {
        (short[edge["from"]], edge["kind"], short[edge["to"]]) for edge in whole["edges"]
    }
    assert small["head"] == whole["head"]
    assert small["canonical"] == whole["root"]
    assert small["left_out"] is None
    assert small["completeness"] | {"origins": 0, "open_writers": 0, "capture_gaps": 0} == (
        whole["completeness"] | {"origins": 0, "open_writers": 0, "capture_gaps": 0}
    )


def test_every_reference_of_an_answer_can_be_asked_about(gateway: Gateway) -> None:
    """What an answer calls something, every other tool takes."""
    for node in call(gateway, "impact", ref="raw", limit=10)["nodes"]:
        assert call(gateway, "show", ref=node["ref"])["root"] == node["ref"]


def test_the_pages_of_an_answer_join_to_the_whole(gateway: Gateway) -> None:
    """`left_out.more` leads from page to page; every node and edge is on exactly one."""
    whole = gateway.impact("delay")
    numbers, edges = [], []
    more: dict[str, Any] = {}
    while True:
        page = call(gateway, "impact", ref="delay", limit=25, **more)
        numbers += [node["n"] for node in page["nodes"]]
        edges += [(edge["from"], edge["to"], edge["kind"]) for edge in page["edges"]]
        assert sum(page["counts"].values()) == len(whole["nodes"]) == 121
        assert page["left_out"]["nodes"] == len(whole["nodes"]) - len(page["nodes"])
        if "more" not in page["left_out"]:
            break
        more = page["left_out"]["more"]
    assert numbers == list(range(len(whole["nodes"])))
    assert len(edges) == len(set(edges)) == len(whole["edges"])


def test_a_page_keeps_to_its_point_in_time(gateway: Gateway) -> None:
    """The head that an answer names can be asked about again, as a number or as text."""
    early = call(gateway, "impact", ref="raw", at=2)
    assert early["head"]["size"] == 2
    assert early == call(gateway, "impact", ref="raw", at="2")
    assert early["counts"] != call(gateway, "impact", ref="raw")["counts"]


def test_skipping_everything_leaves_an_empty_page(gateway: Gateway) -> None:
    """A page beyond the end says how much lies before it."""
    page = call(gateway, "trace", ref="delay", skip=1_000)
    assert (page["nodes"], page["edges"]) == ([], [])
    assert page["left_out"]["nodes"] == sum(page["counts"].values())


def test_an_impact_names_owners_and_kinds(gateway: Gateway) -> None:
    """Whom to tell is counted over the whole answer, however little is shown."""
    small = call(gateway, "impact", ref="raw", limit=1)
    assert small["owners"] == ["team-ml"]
    assert small["artifacts_by_kind"] == {"dataset": 60, "model": 1, "table": 1}


def test_paths_are_node_numbers(gateway: Gateway) -> None:
    """Each way leads through the nodes of the answer from one end to the other."""
    small = call(gateway, "paths", a="raw", b="delay")
    refs = [node["ref"] for node in small["nodes"]]
    (way,) = small["paths"]
    assert [refs[number] for number in (way[0], way[-1])] == [small["root"], small["to"]]
    assert small["root"] == "delay@v:1"


def test_a_passport_names_facets_and_gives_those_that_were_asked_for(gateway: Gateway) -> None:
    """Facets come by name; what is not there is said; long ones are cut and counted."""
    plain = call(gateway, "show", ref="orders@v:3")
    assert (plain["facets"], list(plain["other_facets"])) == ({}, ["datasetType", "schema"])
    asked = call(gateway, "show", ref="orders@v:3", facets=["schema", "sql"], limit=5)
    assert [field["name"] for field in asked["facets"]["schema"]["fields"]] == COLUMNS[:5]
    assert asked["facets_not_there"] == ["sql"]
    assert asked["left_out"]["facets.schema.fields"] == len(COLUMNS) - 5
    assert asked["completeness"] == {"complete": False}


def test_a_long_text_is_cut_and_counted(gateway: Gateway) -> None:
    """A query longer than the limit says how many of its characters are missing."""
    shown = call(gateway, "show", ref="job:cron::train", facets=["sql"])
    assert shown["facets"]["sql"]["query"] == f"{SQL[: bounds.TEXT_CHARS_MAX]}…"
    assert shown["left_out"] == {"facets.sql.query (characters)": len(SQL) - bounds.TEXT_CHARS_MAX}


def test_why_gives_the_rule_and_the_runner_up(gateway: Gateway) -> None:
    """The evidence for one link, as the gateway has it, under short names."""
    small = call(gateway, "why", a="delay", b="orders")
    used = next(edge for edge in small["edges"] if edge["edge"]["kind"] == "used")
    assert used["rule"] == "as_of"
    assert used["edge"]["to"] == "orders@v:3"
    assert "orders@v:2" in str(used["runner_up"])


def test_a_difference_counts_what_it_does_not_show(gateway: Gateway) -> None:
    """All changes are counted by kind; the list is bounded."""
    small = call(gateway, "diff", a="@10", b="@40", limit=3)
    assert len(small["changes"]) == 3
    assert sum(small["counts"].values()) == 3 + small["left_out"]["changes"]


def test_a_search_says_how_many_hits_there_are(gateway: Gateway) -> None:
    """Hits carry the reference that other tools take."""
    found = call(gateway, "search", text="predictions", limit=7)
    assert (len(found["hits"]), found["total"], found["left_out"]) == (7, 60, {"hits": 53})
    assert call(gateway, "trace", ref=found["hits"][0]["ref"])["counts"]["version"] > 1
    assert call(gateway, "search", text="delay", kind="model")["hits"][0]["ref"] == "delay"


def test_nothing_found_is_an_answer(gateway: Gateway) -> None:
    """An empty list is no error."""
    found = call(gateway, "search", text="no such thing")
    assert (found["hits"], found["completeness"]) == ([], {"complete": True})


@pytest.mark.parametrize("name", ["trace", "impact", "show"])
def test_an_unknown_name_comes_with_the_nearest(gateway: Gateway, name: str) -> None:
    """The error tells what to ask instead."""
    error = fail(gateway, name, ref="orderz")
    assert (error["error"], error["nearest"]) == ("NotFound", ["orders"])
    assert "nearest" in error["next"]


def test_an_ambiguous_name_comes_with_candidates_that_work(gateway: Gateway) -> None:
    """Each candidate is a reference that is not ambiguous."""
    error = fail(gateway, "show", ref="0000")
    assert error["error"] == "NotFound"
    error = fail(gateway, "show", ref="000000")
    assert error["error"] == "Ambiguous"
    assert len(error["candidates"]) == tools.CANDIDATES_MAX
    assert error["left_out"] == {"candidates": 64 - tools.CANDIDATES_MAX}
    assert all(call(gateway, "show", ref=ref)["kind"] == "run" for ref in error["candidates"])


@pytest.mark.parametrize(
    ("name", "arguments", "paths"),
    [
        ("trace", {}, ["$"]),
        ("trace", {"ref": ""}, ["$.ref"]),
        ("trace", {"ref": 7, "depth": -1, "colums": True}, ["$", "$.depth", "$.ref"]),
        ("trace", {"ref": "orders", "limit": NODES_MAX + 1}, ["$.limit"]),
        ("trace", {"ref": "x" * (TEXT_CHARS_MAX + 1)}, ["$.ref"]),
        ("search", {"text": "a", "limit": ITEMS_MAX + 1}, ["$.limit"]),
        ("show", {"ref": "orders", "facets": ["a"] * 51}, ["$.facets"]),
    ],
)
def test_bad_arguments_are_all_listed(
    gateway: Gateway, name: str, arguments: dict[str, Any], paths: list[str]
) -> None:
    """Every problem with its place, at once."""
    error = fail(gateway, name, **arguments)
    assert error["error"] == "InvalidArguments"
    assert sorted(problem["path"] for problem in error["problems"]) == paths


def test_arguments_at_their_limits_are_taken(gateway: Gateway) -> None:
    """A null is an argument left out, and a whole number may be written with a point."""
    small = call(gateway, "trace", ref="orders", limit=NODES_MAX, depth=1.0, at=None)
    assert small["counts"] == {"run": 1, "version": 2}
    assert fail(gateway, "trace", ref="x" * TEXT_CHARS_MAX)["error"] == "NotFound"


def test_an_answer_says_what_the_asker_may_not_see(store: Path) -> None:
    """What is hidden from a principal is counted, and its name is nowhere in the answer."""
    with open_store(store) as opened:
        gateway = Gateway(opened, Principal("auditor", ("models",)))
        small = call(gateway, "trace", ref="delay")
        assert small["completeness"]["redacted"] == {"how": "hidden", "count": 1}
        assert "orders" not in str(small)


def test_an_answer_too_large_at_its_smallest_is_an_error() -> None:
    """Halving ends; it never sends more than the limit, nor nothing in silence."""
    wide = {"ask": {str(number): "x" * 1_000 for number in range(bounds.MEMBERS_MAX)}}
    left_out: dict[str, int] = {}
    document = bounds.fit(lambda items, chars: bounds.cut(wide, items, chars, {}), 20)
    assert bounds.size(document) <= bounds.ANSWER_BYTES_MAX
    assert bounds.cut({str(n): n for n in range(65)}, 1, 9, left_out, "f")["63"] == 63
    assert left_out == {"f": 1}
    with pytest.raises(LimitExceeded, match="smallest form"):
        bounds.fit(lambda _, __: {"text": "x" * bounds.ANSWER_BYTES_MAX}, 20)


def test_lists_are_halved_until_an_answer_fits(gateway: Gateway) -> None:
    """More is asked for than fits: what fits is given, and the rest is on the next page."""
    page = call(gateway, "impact", ref="delay", limit=NODES_MAX)
    assert 0 < len(page["nodes"]) < 121
    assert page["left_out"]["more"]["skip"] == len(page["nodes"])


def test_every_tool_describes_each_of_its_arguments() -> None:
    """An agent reads what each argument is for, in a schema that refers to nothing outside it."""
    for tool in tools.TOOLS:
        described = schema(tool.arguments)
        assert described["type"] == "object"
        assert described["additionalProperties"] is False
        assert all(each.get("description") for each in described["properties"].values()), tool.name
        assert "$ref" not in str(described)
