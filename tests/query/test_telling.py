"""`show`, `diff`, `search` and `why`: what each tells about one thing or two."""

from __future__ import annotations

import pytest

from headwater.errors import InvalidReference
from tests.query.conftest import Ask
from tests.query.telling import chain, complete, dataset, source, start

ORDERS = "artifact:db/shop.orders"


def test_the_passport_of_a_version_says_what_made_it_and_who_read_it(ask: Ask) -> None:
    """Made by, from, used by, what it revises, what proves it."""
    shown = ask(chain()).show("staging.orders@v1")
    assert shown["made_by"]["job"]["name"] == "extract"
    assert [item["ref"] for item in shown["from"]] == ["version:db/shop.orders@outside"]
    assert len(shown["used_by"]) == 2
    assert [proof["entry"] for proof in shown["proofs"]] == [0]
    assert shown["revises"] is None


def test_the_passport_tells_the_state_before(ask: Ask) -> None:
    """And whether it carries over."""
    shown = ask(chain()).show("mart.orders@v2")
    assert shown["revises"]["carries"] == "none"
    assert "00000002" in shown["revises"]["ref"]


def test_the_history_of_facets_lists_every_statement(ask: Ask) -> None:
    """Also those that a later one replaced."""
    events = [
        start(1, "01:00", "load", [], [dataset("a", rows={"n": 1})]),
        complete(1, "02:00", "load", [], [dataset("a", rows={"n": 2})]),
    ]
    shown = ask(events).show("a@v1")
    assert shown["facets"]["rows"] == {"n": 2}
    assert [(item["facet"], item["entry"]) for item in shown["history"]] == [
        ("rows", 0),
        ("rows", 1),
    ]


def test_an_artifact_shows_its_versions_newest_first_with_owners_and_labels(ask: Ask) -> None:
    """Labels are shown as they were put; `owner` makes an owner."""
    gateway = ask(chain(), [("artifact:db/mart.orders", "owner", "team:sales")])
    shown = gateway.show("mart.orders")
    assert [version["ordinal"] for version in shown["versions"]] == [2, 1]
    assert shown["owners"] == ["team:sales"]
    assert shown["labels"] == {"owner": ["team:sales"]}


def test_owners_and_tags_are_sets(ask: Ask) -> None:
    """A second tag does not take the first away."""
    labels = [(ORDERS, "tag", "gold"), (ORDERS, "tag", "pii"), (ORDERS, "domain", "sales")]
    shown = ask(chain(), labels).show("shop.orders")
    assert shown["labels"] == {"tag": ["gold", "pii"], "domain": ["sales"]}


def test_labels_of_versions_runs_and_jobs_are_shown_and_found(ask: Ask) -> None:
    """Whatever a label is about, it is not lost."""
    run = "run:00000001-0000-4000-8000-000000000000/cron/extract"
    version = "version:db/staging.orders@run/00000001-0000-4000-8000-000000000000/cron/extract"
    labels = [(version, "tag", "checked"), (run, "tag", "rerun"), ("job:cron/build", "tag", "core")]
    gateway = ask(chain(), labels)
    assert gateway.show("staging.orders@v1")["labels"] == {"tag": ["checked"]}
    assert gateway.show("00000001")["labels"] == {"tag": ["rerun"]}
    assert gateway.show("job:build")["labels"] == {"tag": ["core"]}
    assert [hit["kind"] for hit in gateway.search("tag=rerun")["hits"]] == ["run"]
    assert [hit["kind"] for hit in gateway.search("tag=core")["hits"]] == ["job"]
    assert [hit["name"] for hit in gateway.search("tag=checked")["hits"]] == ["staging.orders"]


def test_the_newest_label_of_a_key_rules(ask: Ask) -> None:
    """A label can be taken back by another one."""
    labels = [(ORDERS, "source", "true"), (ORDERS, "source", "false")]
    events = [complete(1, "01:00", "extract", ["shop.orders"], ["x"])]
    assert ask(events, labels[:1]).trace("x")["completeness"]["origins"]["sources"] == 1
    assert ask(events, labels).trace("x")["completeness"]["origins"]["unknown"] == [
        "version:db/shop.orders@outside"
    ]


def test_an_empty_label_takes_back_what_was_said_before(ask: Ask) -> None:
    """Of its key alone; what is said at the same time or later stands."""
    labels = [
        (ORDERS, "tag", "gold"), (ORDERS, "owner", "a"), (ORDERS, "owner", "b"),
        (ORDERS, "source", "true"), (ORDERS, "owner", ""), (ORDERS, "source", ""),
    ]  # fmt: skip
    events = [complete(1, "01:00", "extract", ["shop.orders"], ["x"])]
    emptied = ask(events, labels)
    assert emptied.show("shop.orders")["labels"] == {"tag": ["gold"]}
    assert emptied.show("shop.orders")["owners"] == []
    assert emptied.trace("x")["completeness"]["origins"]["sources"] == 0
    filled = ask(events, [*labels, (ORDERS, "owner", "c")])
    assert filled.show("shop.orders")["owners"] == ["c"]


def test_a_run_shows_inputs_outputs_and_what_it_is_part_of(ask: Ask) -> None:
    """Parents are named even where they were never seen, children where they were."""
    parent = {
        "run": {"runId": "00000009-0000-4000-8000-000000000000"},
        "job": {"namespace": "cron", "name": "dag"},
    }
    gateway = ask(
        [complete(9, "02:00", "dag"), complete(1, "01:00", "load", ["a"], ["b"], parent=parent)]
    )
    shown = gateway.show("00000001")
    assert [item["ref"] for item in shown["inputs"]] == ["version:db/a@outside"]
    assert [item["artifact"]["name"] for item in shown["outputs"]] == ["b"]
    assert shown["parents"] == [gateway.show("00000009")["root"]]
    assert gateway.show("00000009")["children"] == [shown["root"]]


def test_a_job_shows_its_runs_and_static_lists(ask: Ask) -> None:
    """An absent list is null, not empty."""
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {"namespace": "cron", "name": "build"},
        "outputs": [dataset("x")],
    }
    shown = ask([*chain(), static]).show("job:cron/build")
    assert len(shown["runs"]) == 2
    assert shown["declared_inputs"] is None
    assert shown["declared_outputs"] == ["artifact:db/x"]
    assert [proof["entry"] for proof in shown["proofs"]] == [3]


def test_two_versions_differ_by_inputs_schema_and_facets(ask: Ask) -> None:
    """Only what differs is told, each with where it stands."""
    fields = [{"name": "id", "type": "int"}, {"name": "day", "type": "date"}]
    events = [
        complete(1, "01:00", "x", ["a"], [dataset("o", schema={"fields": fields[:1]})]),
        complete(2, "02:00", "x", ["b"], [dataset("o", schema={"fields": fields})]),
    ]
    found = ask(events).diff("o@v1", "o@v2")
    assert [(c["what"], c["change"], c["path"]) for c in found["changes"]] == [
        ("input", "removed", "artifact:db/a"),
        ("input", "added", "artifact:db/b"),
        ("schema", "added", "schema.fields[day].type"),
    ]


def test_two_runs_differ_by_parameters_code_and_environment(ask: Ask) -> None:
    """Hyperparameters are parameters, a commit is code, a Python version is environment."""

    def train(number: int, at: str, depth: int, commit: str, python: str) -> dict[str, object]:
        return complete(
            number, at, "train", ["f"], ["m"],
            headwater_training={"estimator": "HGB", "hyperparameters": {"depth": depth}},
            headwater_code={"commit": commit},
            headwater_environment={"python": python},
        )  # fmt: skip

    gateway = ask([train(1, "01:00", 4, "aa", "3.11"), train(2, "02:00", 8, "bb", "3.12")])
    changes = gateway.diff("00000001", "00000002")["changes"]
    assert [(c["what"], c["a"], c["b"]) for c in changes] == [
        ("code", "aa", "bb"),
        ("code", "aa", "bb"),
        ("environment", "3.11", "3.12"),
        ("parameter", 4, 8),
    ]


def test_parameters_differ_by_their_keys(ask: Ask) -> None:
    """A list of keys and values is compared key by key; one that repeats a key, as a whole."""

    def run(number: int, *pairs: tuple[str, int]) -> dict[str, object]:
        parameters = [{"key": key, "value": value} for key, value in pairs]
        return complete(
            number, "01:00", "j", [], ["o"], executionParameters={"parameters": parameters}
        )

    gateway = ask([run(1, ("a", 1), ("b", 2)), run(2, ("b", 3), ("a", 1)), run(3, *[("a", 1)] * 2)])
    changes = gateway.diff("00000001", "00000002")["changes"]
    assert [(c["path"], c["a"], c["b"]) for c in changes] == [
        ("executionParameters.parameters[b].value", 2, 3)
    ]
    whole = gateway.diff("00000001", "00000003")["changes"]
    assert "executionParameters.parameters" in [change["path"] for change in whole]


def test_two_points_in_time_differ_by_what_came_to_be_known(ask: Ask) -> None:
    """New versions and runs, and reads that moved to another version."""
    late = complete(7, "01:30", "extract", [source("shop.orders")], ["staging.orders"])
    changes = ask([*chain(), late]).diff("@3", "@4")["changes"]
    moved = [change for change in changes if change["change"] == "changed"]
    assert {change["what"] for change in changes if change["change"] == "added"} == {
        "version",
        "run",
        "input",
    }
    assert len(moved) == 2
    assert "00000001" in moved[0]["a"][0]
    assert "00000007" in moved[0]["b"][0]


def test_a_run_and_a_version_cannot_be_compared(ask: Ask) -> None:
    """An error that says what can."""
    with pytest.raises(InvalidReference):
        ask(chain()).diff("00000001", "mart.orders")


def test_nothing_differs_from_itself(ask: Ask) -> None:
    """No change, no line."""
    assert ask(chain()).diff("mart.orders", "mart.orders")["changes"] == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("SHOP.ord", "name"),
        ("team:shop", "owner"),
        ("gold", "tag"),
        ("pii", "tag"),
        ("every order", "description"),
        ("domain=sales", "label"),
        ("beef", "digest"),
    ],
)
def test_a_search_finds_by_name_owner_tag_description_label_and_digest(
    ask: Ask, text: str, field: str
) -> None:
    """By any part, the case aside, and says what matched."""
    described = source(
        "shop.orders",
        ownership={"owners": [{"name": "team:shop"}]},
        tags={"tags": [{"key": "tier", "value": "gold"}]},
        documentation={"description": "Every order since 2019"},
        headwater_digest={"algorithm": "sha256", "value": "beef" * 16},
    )
    described["facets"]["headwater_policy"]["tags"] = ["pii"]
    gateway = ask(
        [complete(1, "01:00", "extract", [described], ["x"])], [(ORDERS, "domain", "sales")]
    )
    found = gateway.search(text)
    assert [(hit["ref"], hit["matched"]["field"]) for hit in found["hits"]] == [(ORDERS, field)]


def test_a_search_keeps_to_a_kind_and_a_limit(ask: Ask) -> None:
    """And says how many there are."""
    gateway = ask(chain())
    assert [hit["kind"] for hit in gateway.search("build", kind="job")["hits"]] == ["job"]
    assert [hit["kind"] for hit in gateway.search("00000001")["hits"]] == ["run"]
    found = gateway.search("orders", limit=1)
    assert (len(found["hits"]), found["total"], found["truncated"]) == (1, 3, True)
    with pytest.raises(InvalidReference):
        gateway.search("  ")


def test_why_names_the_rule_the_claims_and_the_runner_up(ask: Ask) -> None:
    """A binding as of the read rests on the mention, and the version before is the runner-up."""
    events = [*chain()[:1], complete(7, "01:30", "extract", ["shop.orders"], ["staging.orders"])]
    gateway = ask([*events, complete(8, "02:00", "build", ["staging.orders"], ["m"])])
    found = gateway.why("m", "staging.orders@v2")
    used, derived = found["edges"]
    assert used["rule"] == "as_of"
    assert used["claims"][0]["said"]["as"] == "input"
    assert "00000001" in used["runner_up"]["ref"]
    assert derived["edge"]["kind"] == "derived"


def test_why_explains_each_kind_of_edge(ask: Ask) -> None:
    """Generated, revised, same content and declared, from either side."""
    digest = {"algorithm": "sha256", "value": "ab" * 32, "size": 4096}
    static = {
        "eventTime": "2026-05-01T00:00:00Z",
        "job": {"namespace": "vendor", "name": "sync"},
        "inputs": [dataset("api")],
        "outputs": [dataset("raw")],
    }
    gateway = ask(
        [
            static,
            complete(1, "01:00", "export", ["raw"], [dataset("file", headwater_digest=digest)]),
            complete(2, "02:00", "use", [dataset("copy", headwater_digest=digest)], ["t"]),
            complete(3, "03:00", "use", ["copy"], ["t"]),
        ]
    )
    copy = f"copy@sha256:{'ab' * 32}"
    asked = [("t@v1", "00000002"), ("t@v1", "t@v2"), (copy, "file"), ("raw", "api")]
    rules = [gateway.why(*pair)["edges"][0]["rule"] for pair in asked]
    assert rules == ["generated", "revised", "same_content", "declared"]


def test_why_of_two_things_without_an_edge_is_empty(ask: Ask) -> None:
    """Nothing is made up."""
    assert ask(chain()).why("mart.orders", "shop.orders")["edges"] == []


def test_why_says_that_an_attempt_is_one(ask: Ask) -> None:
    """A failed run's output is no version to which anybody is bound."""
    failed = {**complete(1, "01:00", "load", [], ["a"]), "eventType": "FAIL"}
    explained = ask([failed]).why("a@v1", "00000001")["edges"][0]["explanation"]
    assert "attempt" in explained


def test_a_forward_bound_read_is_warned_about(ask: Ask) -> None:
    """A reader whose clock runs ahead: conservative, with a warning, in `why` and `show`."""
    version = {"version": {"datasetVersion": "7"}}
    gateway = ask(
        [
            complete(1, "02:00", "write", [], [dataset("d", **version)]),
            complete(2, "01:00", "read", [dataset("d", **version)], ["r"]),
        ]
    )
    used = gateway.why("r", "d@=7")["edges"][0]
    assert used["edge"]["exactness"] == "conservative"
    assert "before" in used["edge"]["warning"]
    assert gateway.show("d@=7")["warnings"]
