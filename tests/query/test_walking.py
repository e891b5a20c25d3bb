"""`trace`, `impact` and `paths` through the gateway: what they show, and what they leave out."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.errors import InvalidReference, NotFound
from headwater.query import gateway
from headwater.query.gateway import SNAPSHOTS_MAX, Gateway
from headwater.query.principal import Principal
from tests.query.conftest import Ask
from tests.query.telling import chain, complete, dataset, edges, names, source, start


def test_a_trace_leads_to_the_sources_and_is_complete(ask: Ask) -> None:
    """Every hop is there; with all origins known nothing is missing."""
    answer = ask(chain()).trace("mart.orders")
    assert names(answer) == ["mart.orders", "shop.orders", "staging.orders"]
    assert answer["completeness"]["complete"]
    assert answer["completeness"]["origins"] == {"sources": 1, "unknown": []}


def test_an_answer_names_the_rules_and_the_head_it_holds_at(ask: Ask) -> None:
    """`rules` and `head` make an answer recomputable by anyone who holds the ledger."""
    gateway = ask(chain())
    answer = gateway.trace("mart.orders")
    assert answer["rules"] == 3
    assert answer["head"]["size"] == 3
    assert len(answer["head"]["root"]) == 44


def test_nodes_are_sorted_by_depth_and_reference(ask: Ask) -> None:
    """The order is the contract's, so that equal answers are equal bytes."""
    answer = ask(chain()).trace("mart.orders")
    order = [(node["depth"], node["ref"]) for node in answer["nodes"]]
    assert order == sorted(order)


def test_depth_counts_runs_and_says_that_it_cut(ask: Ask) -> None:
    """One hop goes through the run to its inputs; what lies behind is announced."""
    answer = ask(chain()).trace("mart.orders", depth=1)
    assert names(answer) == ["mart.orders", "staging.orders"]
    assert answer["completeness"]["truncated"] == {"reason": "depth", "cursor": None}
    assert not answer["completeness"]["complete"]


def test_a_limit_in_nodes_cuts_and_says_so(ask: Ask) -> None:
    """An answer never ends early in silence."""
    answer = ask(chain()).trace("mart.orders", limit=1)
    assert answer["completeness"]["truncated"] == {"reason": "nodes", "cursor": "1"}
    assert not answer["completeness"]["complete"]


def test_a_limit_keeps_the_nearest_nodes_and_the_edges_among_them(ask: Ask) -> None:
    """Of all nodes in their order the first N, whatever their kind."""
    gateway = ask(chain())
    whole = gateway.trace("mart.orders")
    for limit in range(1, len(whole["nodes"]) + 1):
        answer = gateway.trace("mart.orders", limit=limit)
        assert answer["nodes"] == whole["nodes"][:limit]
        kept = {node["ref"] for node in answer["nodes"]}
        assert answer["edges"] == [
            edge for edge in whole["edges"] if edge["from"] in kept and edge["to"] in kept
        ]
    assert answer == whole


def test_an_impact_counts_what_lies_beyond_its_limit_too(ask: Ask) -> None:
    """How much is hit does not depend on how much is shown."""
    gateway = ask(chain())
    whole, first = gateway.impact("shop.orders"), gateway.impact("shop.orders", limit=1)
    assert len(first["nodes"]) == 1
    assert (first["counts"], first["owners"]) == (whole["counts"], whole["owners"])


def test_an_impact_shows_readers_that_wrote_nothing(ask: Ask) -> None:
    """A run that only read is reached as well."""
    answer = ask([*chain(), complete(9, "05:00", "check", ["staging.orders"])]).impact(
        "shop.orders"
    )
    jobs = [node["job"]["name"] for node in answer["nodes"] if node["kind"] == "run"]
    assert sorted(jobs) == ["build", "build", "check", "extract"]


def test_an_impact_counts_kinds_and_names_owners(ask: Ask) -> None:
    """Whom to call, and how much is hit."""
    owned = dataset(
        "mart.orders",
        ownership={"owners": [{"name": "team:sales"}]},
        datasetType={"datasetType": "TABLE"},
    )
    events = [*chain()[:1], complete(2, "02:00", "build", ["staging.orders"], [owned])]
    answer = ask(events).impact("shop.orders")
    assert answer["counts"] == {"versions": 2, "runs": 2, "by_kind": {"dataset": 1, "table": 1}}
    assert answer["owners"] == ["team:sales"]


def test_as_known_at_a_size_is_what_was_known_then(ask: Ask) -> None:
    """`--at` a ledger size leaves out what came later."""
    gateway = ask(chain())
    assert names(gateway.impact("shop.orders", at="1")) == ["shop.orders", "staging.orders"]
    assert names(gateway.impact("shop.orders", at="@2"))[0] == "mart.orders"


def test_a_gateway_keeps_few_points_in_time_at_hand(ask: Ask) -> None:
    """However many are asked about, the oldest go; the present is kept once, also by its size."""
    gateway = ask([complete(n, "01:00", "load", [], [f"t{n}"]) for n in range(SNAPSHOTS_MAX + 2)])
    for size in range(1, SNAPSHOTS_MAX + 3):
        assert gateway.trace("t0", at=str(size))["head"]["size"] == size
    assert gateway.trace("t0")["head"]["size"] == SNAPSHOTS_MAX + 2
    assert len(gateway._snapshots) == SNAPSHOTS_MAX


def test_as_known_at_a_time_counts_what_was_admitted_by_then(ask: Ask) -> None:
    """Before the first admission nothing was known; at the end of time everything is."""
    gateway = ask(chain())
    with pytest.raises(NotFound):
        gateway.trace("mart.orders", at="2001-01-01")
    assert len(names(gateway.trace("mart.orders", at="9000-01-01T00:00:00Z"))) == 3


@pytest.mark.parametrize("at", ["4", "soon", "2026-13-01"])
def test_a_point_that_is_none_is_refused(ask: Ask, at: str) -> None:
    """Beyond the ledger, or no time at all: an error that says what to write."""
    with pytest.raises(InvalidReference):
        ask(chain()).trace("mart.orders", at=at)


def test_facets_come_as_they_were_said_when_asked_for(ask: Ask) -> None:
    """Unknown facets are returned verbatim, on versions and on runs."""
    weather = {"_producer": "https://example.com", "sun": [1, 2.5, "é"]}
    event = complete(1, "01:00", "load", [], [dataset("a", weather=weather)], mood={"good": True})
    answer = ask([event]).trace("a", facets=True)
    version, run = answer["nodes"]
    assert version["facets"] == {"weather": weather}
    assert run["facets"] == {"mood": {"good": True}}


def test_a_run_can_be_traced_and_its_impact_asked(ask: Ask) -> None:
    """A run came from what it read, and reached what it made."""
    gateway = ask(chain())
    assert names(gateway.trace("00000002")) == ["shop.orders", "staging.orders"]
    assert names(gateway.impact("00000002")) == ["mart.orders"]


def test_a_job_stands_for_its_latest_run(ask: Ask) -> None:
    """`build` ran twice; the later is meant."""
    assert ask(chain()).trace("build")["root"].startswith("run:00000003")


def test_the_paths_between_two_things_are_listed_shortest_first(ask: Ask) -> None:
    """Both ways round; runs stand between versions."""
    events = [
        complete(1, "01:00", "a", [source("s")], ["x"]),
        complete(2, "02:00", "b", ["x"], ["y"]),
        complete(3, "03:00", "c", ["x", "y"], ["z"]),
    ]
    gateway = ask(events)
    for answer in (gateway.paths("z", "s"), gateway.paths("s", "z")):
        assert [len(way) for way in answer["paths"]] == [5, 7]
        assert answer["paths"][0][0] == answer["root"]
        assert answer["paths"][0][-1] == answer["to"]


def test_no_path_is_an_error_that_says_so(ask: Ask) -> None:
    """Two things that have nothing to do with each other."""
    gateway = ask([*chain(), complete(9, "01:00", "other", [], ["lonely"])])
    with pytest.raises(NotFound, match="nothing leads"):
        gateway.paths("mart.orders", "lonely")


def test_columns_are_drawn_between_the_versions_of_an_answer(ask: Ask) -> None:
    """`columns` adds column nodes and edges with their transformation."""
    answer = ask(_with_columns()).trace("mart", columns=True)
    drawn = [edge for edge in answer["edges"] if edge["from"].startswith("column:")]
    assert [(edge["transformation"], edge["direct"], edge["masking"]) for edge in drawn] == [
        ("aggregation", True, False)
    ]
    assert sum(node["kind"] == "column" for node in answer["nodes"]) == 2


def test_one_column_can_be_followed_both_ways(ask: Ask) -> None:
    """From a column to its sources and back; where nothing is said it is opaque."""
    gateway = ask(_with_columns())
    version = gateway.show("mart@v1")["root"].removeprefix("version:")
    up = gateway.trace(f"column:{version}#total")
    assert [node["path"] for node in up["nodes"] if node["kind"] == "column"] == [
        "total",
        "amount",
    ]
    assert not up["completeness"]["complete"]
    assert len(up["opaque"]) == 1
    down = gateway.impact(up["nodes"][-1]["ref"].replace("version:", "column:") + "#amount")
    assert down["nodes"][-1]["ref"] in {node["ref"] for node in up["nodes"]}


def test_the_impact_of_a_column_names_what_may_hold_it_untold(ask: Ask) -> None:
    """Those of a schema's columns of which the trace says that it does not know, and no other."""
    told = {
        "fields": {
            "kept": {"inputFields": [{"namespace": "db", "name": "raw", "field": "other"}]},
            "nested.x": {"inputFields": [{"namespace": "db", "name": "raw", "field": "other"}]},
            "one": {"inputFields": []},
        }
    }
    schema = {"fields": [{"name": name} for name in ("kept", "nested", "one", "score")]}
    listed = {"inputs": [{"namespace": "db", "name": "raw", "type": "DATASET"}]}
    table = dataset("mart", columnLineage=told, schema=schema, lineage=listed)
    gateway = ask([complete(1, "01:00", "build", [source("raw")], [table])])
    mart = gateway.show("mart@v1")["root"].removeprefix("version:")
    raw = gateway.trace("mart")["nodes"][-1]["ref"].removeprefix("version:")
    down = gateway.impact(f"column:{raw}#amount")
    assert down["opaque"] == [f"column:{mart}#score"]
    assert not down["completeness"]["complete"]
    assert [node["path"] for node in down["nodes"] if node["kind"] == "column"] == ["amount"]
    for name, is_known in (("kept", True), ("one", True), ("score", False)):
        up = gateway.trace(f"column:{mart}#{name}")
        assert up["opaque"] == ([] if is_known else [f"column:{mart}#{name}"])


def test_what_is_said_to_be_made_of_no_column_is_not_reached(ask: Ask) -> None:
    """Although a version with nothing else says of none of its columns where it came from."""
    none: Any = {"fields": {"one": {"inputFields": []}}}
    listed = {"inputs": [{"namespace": "db", "name": "raw", "type": "DATASET"}]}
    one, other = {"name": "one"}, {"name": "other"}
    tables = [
        dataset(name, columnLineage=none, schema={"fields": fields}, lineage=listed)
        for name, fields in (("ones", [one]), ("more", [one, other]))
    ]
    gateway = ask([complete(1, "01:00", "build", [source("raw")], tables)])
    raw = gateway.trace("ones")["nodes"][-1]["ref"].removeprefix("version:")
    more = gateway.show("more@v1")["root"].removeprefix("version:")
    assert gateway.impact(f"column:{raw}#amount")["opaque"] == [f"column:{more}#other"]


@pytest.mark.parametrize("kept", [True, False])
def test_pages_with_columns_are_cut_from_one_answer(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    """The whole is made for the first page; what is done to a page changes no other."""
    store = ask(_with_columns())._store
    made = []

    def answered(*how: Any) -> Any:
        made.append(how)
        return whole(*how)

    whole = gateway._answered
    monkeypatch.setattr(gateway, "_answered", answered)
    monkeypatch.setattr(gateway, "WHOLE_NODES_MAX", 1_000 if kept else 1)
    one = Gateway(store)
    expected = one.trace("mart", columns=True)["nodes"]
    for _ in range(2):
        made.clear()
        nodes: list[Any] = []
        while len(nodes) < len(expected):
            page = one.trace("mart", columns=True, limit=2, start=len(nodes))
            nodes += page["nodes"]
            cursor = page["completeness"]["truncated"]
            assert cursor is None or cursor["cursor"] == str(len(nodes))
            assert page["completeness"]["complete"] is (len(nodes) == len(expected))
            page["completeness"].clear()
        assert nodes == expected
        assert len(made) == (1 if kept else -(-len(expected) // 2))
    one.trace("mart", columns=True, limit=2)
    made.clear()
    one.trace("mart", columns=True, limit=2, start=2, depth=1)
    assert len(made) == 1


def test_what_a_principal_may_not_read_is_left_out_and_counted(ask: Ask) -> None:
    """Hidden namespaces end the walk and are said to."""
    events = [
        complete(1, "01:00", "a", [source("secret", namespace="hr")], ["x"]),
        complete(2, "02:00", "b", ["x"], ["y"]),
    ]
    full = ask(events)
    limited = Gateway(full._store, Principal("guest", ("db*",)))
    answer = limited.trace("y")
    assert names(answer) == ["x", "y"]
    assert answer["completeness"]["redacted"] == {"how": "hidden", "count": 1}
    assert not answer["completeness"]["complete"]
    with pytest.raises(NotFound):
        limited.trace("secret")
    with pytest.raises(NotFound):
        limited.show("artifact:hr/secret")


def test_static_lineage_is_drawn_with_its_job(ask: Ask) -> None:
    """Behind an outside version: the job, and the edges to and from it."""
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {"namespace": "vendor", "name": "sync"},
        "inputs": [dataset("api")],
        "outputs": [dataset("raw")],
    }
    answer = ask([static, complete(1, "01:00", "load", ["raw"], ["mart"])]).trace("mart")
    assert names(answer) == ["api", "mart", "raw"]
    assert len(edges(answer, "declared")) == 1
    assert edges(answer, "declared_output")[0][1] == "job:vendor/sync"
    assert edges(answer, "declared_input")[0][0] == "job:vendor/sync"
    assert names(ask([static]).impact("api")) == ["api", "raw"]


def test_an_open_writer_is_named(ask: Ask) -> None:
    """A run that said it would write before the read, and has not ended."""
    events = [
        start(5, "00:30", "slow", [], ["staging.orders"]),
        *chain(),
    ]
    answer = ask(events).trace("mart.orders")
    assert [ref[:12] for ref in answer["completeness"]["open_writers"]] == ["run:00000005"]


def test_the_events_behind_an_answer_give_the_same_answer_again(ask: Ask) -> None:
    """Exported OpenLineage, imported into an empty store, has the same nodes and edges."""
    import json

    events: list[dict[str, Any]] = [
        *chain(),
        complete(8, "07:00", "unrelated", ["p"], ["q"]),
        complete(9, "08:00", "reader", ["mart.orders"], ["report"]),
    ]
    subject = "artifact:db/shop.orders"
    labels = [(subject, "source", "true"), (subject, "owner", "team:shop"), (subject, "tag", "x")]
    first = ask(events, [*labels, (subject, "domain", "sales"), (subject, "mood", "good")])
    exported = [json.loads(body) for body in first.events("report")]
    assert len(exported) == 5
    again = ask(exported)
    one, other = first.trace("report"), again.trace("report")
    bare = [
        [{key: value for key, value in edge.items() if key != "entries"} for edge in each["edges"]]
        for each in (one, other)
    ]
    assert bare[0] == bare[1]
    assert one["nodes"] == other["nodes"]
    assert one["completeness"] == other["completeness"]


def _with_columns() -> list[dict[str, Any]]:
    field = {"namespace": "db", "name": "staging", "field": "amount"}
    how = [{"type": "DIRECT", "subtype": "AGGREGATION", "masking": False}]
    lineage = {"fields": {"total": {"inputFields": [{**field, "transformations": how}]}}}
    return [
        complete(1, "01:00", "a", [source("raw")], ["staging"]),
        complete(2, "02:00", "b", ["staging"], [dataset("mart", columnLineage=lineage)]),
    ]


def test_a_path_never_crosses_a_run_that_kept_things_apart(ask: Ask) -> None:
    """A run that made x from a and y from b has no way from x to b."""
    apart = {
        "entries": [
            {**dataset(output), "type": "DATASET", "inputs": [{**dataset(name), "type": "DATASET"}]}
            for output, name in (("x", "a"), ("y", "b"))
        ]
    }
    event = complete(1, "01:00", "split", ["a", "b"], ["x", "y"])
    event["job"]["facets"] = {"lineage": apart}
    gateway = ask([event, complete(2, "02:00", "join", ["x", "y"], ["z"])])
    assert len(gateway.paths("z", "b")["paths"]) == 1
    with pytest.raises(NotFound):
        gateway.paths("x", "b")


def test_a_path_may_begin_or_end_at_a_run(ask: Ask) -> None:
    """From a run to what it read, and from a version to the run that made it."""
    gateway = ask(chain())
    run = gateway.show("00000002")["root"]
    assert [len(way) for way in gateway.paths("00000002", "shop.orders")["paths"]] == [4]
    assert gateway.paths("mart.orders@v1", "00000002")["paths"][0][-1] == run


def test_an_export_keeps_what_others_said_of_the_names(ask: Ask) -> None:
    """A RENAME away and an alias told by another reader decide what a bare read found."""
    import json

    renamed = dataset(
        "c",
        lifecycleStateChange={
            "lifecycleStateChange": "RENAME",
            "previousIdentifier": {"namespace": "db", "name": "b"},
        },
    )
    alias = dataset("p", symlinks={"identifiers": [{"namespace": "db", "name": "h", "type": "T"}]})
    first = ask(
        [
            complete(1, "01:00", "write", [], ["b"]),
            complete(2, "02:00", "rename", [], [renamed]),
            complete(3, "03:00", "write", [], ["p"]),
            complete(4, "04:00", "other", [alias], ["q"]),
            complete(5, "05:00", "read", ["b", "h"], ["r"]),
        ]
    )
    again = ask([json.loads(body) for body in first.events("r")])
    assert first.trace("r")["nodes"] == again.trace("r")["nodes"]
