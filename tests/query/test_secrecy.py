"""What a reader of some namespaces is not told by what is shown as it came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.query.secrecy import REDACTED, REDACTED_TEXT, Secrecy
from tests.query.conftest import Ask
from tests.query.telling import complete, dataset, source

HIDDEN = "warehouse.hr.salaries"


def history() -> list[dict[str, Any]]:
    """A run that reads what is hidden beside what is not; and what producers say of it."""
    field = {"namespace": "db", "name": "orders", "field": "id", "transformations": []}
    secret = {**field, "namespace": "vault", "name": HIDDEN, "field": "pay"}
    lineage = {"fields": {"total": {"inputFields": [field, secret]}}}
    made = dataset(
        "mart",
        columnLineage=lineage,
        schema={"fields": [{"name": "salaries", "type": "date"}]},
        documentation={"description": f"orders beside {HIDDEN.upper()}"},
        symlinks={"identifiers": [{"namespace": "vault", "name": "mart_link", "type": "TABLE"}]},
    )
    job = complete(
        2,
        "02:00",
        "join",
        ["orders", dataset(HIDDEN, namespace="vault")],
        [made, dataset("other", namespace="vault")],
        sql={"query": 'SELECT * FROM orders JOIN "hr"."salaries" USING (id)'},
        parent={"run": {"runId": "x"}, "job": {"namespace": "vault", "name": "nightly"}},
        plain={"text": "SELECT date FROM orders"},
    )
    return [
        complete(1, "01:00", "load", [source("raw")], ["orders"]),
        job,
        complete(3, "03:00", "join", ["orders"], ["mart", dataset("date", namespace="vault.x")]),
    ]


@pytest.fixture
def whole(ask: Ask) -> Gateway:
    """Whoever may see everything."""
    return ask(history())


@pytest.fixture
def reader(whole: Gateway) -> Gateway:
    """Whoever may see `db` alone."""
    return Gateway(whole._store, Principal("reader", ("db",)))


def node_of(answer: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """A node of an answer by what its reference ends in."""
    return next(
        node for node in answer["nodes"] if node["kind"] == kind and f"/{name}" in node["ref"]
    )


def test_facets_come_without_what_is_hidden(reader: Gateway) -> None:
    """What names a hidden dataset is replaced; the rest of the facet stays as it came."""
    answer = reader.trace("mart@v1", facets=True)
    facets = node_of(answer, "version", "mart")["facets"]
    fields = facets["columnLineage"]["fields"]["total"]["inputFields"]
    assert [one.get("name") for one in fields] == ["orders", None]
    assert fields[1] == REDACTED
    assert facets["documentation"]["description"] == REDACTED_TEXT
    assert facets["symlinks"]["identifiers"] == [REDACTED]
    run = node_of(answer, "run", "join")["facets"]
    assert run["sql"]["query"] == REDACTED_TEXT


def test_ordinary_words_and_jobs_stay(reader: Gateway) -> None:
    """The last part of a hidden name is a word like others; a job's namespace is no dataset's."""
    answer = reader.trace("mart@v1", facets=True)
    facets = node_of(answer, "version", "mart")["facets"]
    assert facets["schema"]["fields"] == [{"name": "salaries", "type": REDACTED_TEXT}]
    run = node_of(answer, "run", "join")["facets"]
    assert run["parent"]["job"] == {"namespace": "vault", "name": "nightly"}


def test_whoever_sees_everything_gets_facets_as_they_came(whole: Gateway) -> None:
    """Nothing is replaced for those from whom nothing is hidden."""
    text = json.dumps(whole.trace("mart@v1", facets=True))
    assert REDACTED_TEXT not in text
    assert "_redacted" not in text


@pytest.mark.parametrize("ref", ["mart@v1", "mart", "job:join", "00000002", "mart@v1#total"])
def test_a_passport_tells_nothing_hidden(reader: Gateway, whole: Gateway, ref: str) -> None:
    """Names, links of columns, outputs, descriptions, warnings: what is hidden stands in none."""
    told = json.dumps({**reader.show(ref), "from": None} if "#" not in ref else reader.show(ref))
    for word in ("hr.salaries", "warehouse", "HR.SALARIES", "mart_link"):
        assert word not in told, word
    assert json.dumps(whole.show(ref)) != told


def test_a_comparison_tells_nothing_hidden(reader: Gateway) -> None:
    """Of two runs that made something hidden each, that is not told."""
    told = json.dumps(reader.diff("00000002", "00000003"))
    assert "vault/other" not in told
    assert "vault.x" not in told
    assert "salaries" not in told


def test_columns_show_no_hidden_source(reader: Gateway, whole: Gateway) -> None:
    """A column that came from a hidden one too tells of the others."""
    assert len(whole.show("mart@v1#total")["from"]) == 2
    assert [one["ref"].rpartition("#")[2] for one in reader.show("mart@v1#total")["from"]] == ["id"]


def secrecy_of(gateway: Gateway) -> Secrecy:
    """What this gateway's reader must not learn."""
    secrecy: Secrecy = gateway._snapshot(None).secrecy
    return secrecy


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing", False),
        ("FROM orders", False),
        ("vault", True),
        ("see vault.", True),
        (HIDDEN, True),
        ("from hr.salaries s", True),
        ("FROM [HR].[SALARIES]", True),
        ("s3://x/warehouse.hr.salaries", True),
        ("artifact:vault/warehouse.hr.salaries", True),
        ("x artifact:vault/warehouse%2Ehr%2Esalaries", True),
        ("artifact:db/orders", False),
        ("salaries", False),
        ("artifact:", False),
    ],
)
def test_texts_that_tell_a_hidden_name(reader: Gateway, text: str, *, told: bool) -> None:
    """As a whole, qualified, quoted, in any case, as a reference, percent-encoded."""
    assert secrecy_of(reader).tells(text) == told


def test_bytes_are_hidden_for_the_last_part_of_a_name(reader: Gateway) -> None:
    """Whole events are shown or not: there the word alone is enough, and what is no JSON hidden."""
    secrecy = secrecy_of(reader)
    assert secrecy.hides(b'{"text": "FROM salaries"}')
    assert secrecy.hides(b'{"salaries": 1}')
    assert secrecy.hides(b"not json")
    assert secrecy.hides(b"[" * 100_000)
    assert not secrecy.hides(b'{"text": "FROM orders"}')


def test_members_that_tell_a_hidden_name_are_renamed(reader: Gateway) -> None:
    """The name of a member can tell as much as its value."""
    value = {"a": 1, HIDDEN: 2, "hr.salaries": [3]}
    assert secrecy_of(reader).redact(value) == {"a": 1, "[hidden] 1": 2, "[hidden] 2": [3]}


def test_a_hidden_name_of_what_may_be_seen_is_not_told(ask: Ask) -> None:
    """What was read under another name, in a namespace that is hidden, is told without the name."""
    link = {"identifiers": [{"namespace": "vault", "name": "alias", "type": "TABLE"}]}
    whole = ask(
        [
            complete(1, "01:00", "make", [source("raw")], [dataset("orders", symlinks=link)]),
            complete(2, "02:00", "use", [dataset("alias", namespace="vault")], ["mart"]),
        ]
    )
    reader = Gateway(whole._store, Principal("reader", ("db",)))
    (used,) = (edge for edge in reader.trace("mart", depth=1)["edges"] if edge["kind"] == "used")
    assert used["as"] == {"namespace": REDACTED_TEXT, "name": REDACTED_TEXT}
    assert used["to"].startswith("version:db/orders@run/")
    told = [
        reader.show("orders@v1"),
        reader.show("00000002"),
        reader.why("mart", "orders@v1"),
        reader.diff("00000001", "00000002"),
        reader.diff("@0", "@2"),
    ]
    assert "alias" not in json.dumps(told)
    assert "vault" not in json.dumps(told)
    assert "alias" in json.dumps(whole.show("orders@v1"))
