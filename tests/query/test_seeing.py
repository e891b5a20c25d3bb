"""Which jobs and runs a reader of some namespaces knows of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import NotFound
from headwater.ingest import admit
from headwater.query.gateway import Gateway
from headwater.query.principal import LOCAL, Principal
from headwater.query.snapshot import Snapshot
from headwater.store import open_store
from tests.query.conftest import Ask
from tests.query.telling import PRODUCER, complete, dataset, source

OURS = "00000002"
THEIRS = "00000003"


def within(number: int) -> dict[str, Any]:
    """The facet of a run that is part of the run with this number."""
    run = {"runId": f"{number:08x}-0000-4000-8000-000000000000"}
    return {"parent": {"run": run, "job": {"namespace": "cron", "name": f"dag{number}"}}}


def history(extra: int = 0) -> list[dict[str, Any]]:
    """Runs that touch `db`, runs that touch `vault` alone, and what encloses them."""
    vault = {"namespace": "vault"}
    return [
        complete(0xA, "00:10", "dag10"),
        complete(0xB, "00:20", "dag11"),
        complete(2, "01:00", "ours", [source("orders"), dataset("pay", **vault)], ["mart"],
                 **within(0xA)),
        complete(3, "02:00", "payroll", [dataset("pay", **vault)], [dataset("sums", **vault)],
                 **within(0xB)),
        complete(4, "03:00", "nightly", [dataset("sums", **vault)], [dataset("old", **vault)],
                 **within(0xA)),
        {"eventTime": "2026-05-04T05:00:00Z", "job": {"namespace": "cron", "name": "declared"},
         "inputs": [dataset("orders")], "outputs": [dataset("secret", **vault)]},
        {"eventTime": "2026-05-04T05:00:00Z", "job": {"namespace": "cron", "name": "silent"},
         "inputs": [dataset("pay", **vault)], "outputs": [dataset("secret", **vault)]},
        *(complete(100 + n, f"{6 + n // 60:02}:{n % 60:02}", f"payroll{n}",
                   [dataset("pay", **vault)], [dataset(f"s{n}", **vault)]) for n in range(extra)),
    ]  # fmt: skip


@pytest.fixture
def whole(ask: Ask) -> Gateway:
    """Whoever may see everything."""
    return ask(history())


@pytest.fixture
def reader(whole: Gateway) -> Gateway:
    """Whoever may see `db` alone."""
    return Gateway(whole._store, Principal("reader", ("db",)))


def names_of(snapshot: Snapshot) -> set[str]:
    """The jobs that are known."""
    return {job.name for job in snapshot.lineage.jobs()}


def test_jobs_and_runs_are_those_that_touch_what_may_be_seen(
    reader: Gateway, whole: Gateway
) -> None:
    """They read or made it, enclose a run that did, or are declared to."""
    assert names_of(reader._snapshot(None)) == {"ours", "dag10", "declared"}
    runs = {node.run.name for node in reader._snapshot(None).lineage.runs()}
    assert runs == {"ours", "dag10"}
    assert names_of(whole._snapshot(None)) >= {"payroll", "nightly", "silent", "dag11"}


@pytest.mark.parametrize(
    "ref",
    [
        "payroll",
        "job:payroll",
        "cron::payroll",
        "job:cron/payroll",
        "silent",
        "dag11",
        THEIRS,
        f"{THEIRS}-0000-4000-8000-000000000000",
        f"run:{THEIRS}-0000-4000-8000-000000000000/cron/payroll",
    ],
)
def test_what_may_not_be_seen_is_not_found(reader: Gateway, whole: Gateway, ref: str) -> None:
    """By name, reference, id or prefix: it is as if it were not there, and named by no error."""
    assert whole.show(ref)
    for question in (reader.show, reader.trace, reader.impact, reader.prove):
        with pytest.raises(NotFound) as raised:
            question(ref)
        assert "payroll" not in str(raised.value.nearest)
        assert raised.value.nearest == () or ref not in raised.value.nearest


def test_what_may_be_seen_is_shown_without_the_rest(reader: Gateway) -> None:
    """A run with its parent, a parent with the children that may be seen, a job with its runs."""
    shown = reader.show(OURS)
    assert [one["ref"].rpartition("/")[2] for one in shown["inputs"]] == ["orders@outside"]
    assert len(shown["parents"]) == 1
    (child,) = reader.show("dag10")["runs"] and reader.show("0000000a")["children"]
    assert child.endswith("/ours")
    assert reader.show("declared")["declared_outputs"] == []


def test_search_and_overview_keep_to_it(reader: Gateway, whole: Gateway) -> None:
    """Neither finds nor counts what may not be seen."""
    assert [hit["name"] for hit in whole.search("payroll")["hits"]] == ["payroll"]
    assert reader.search("payroll")["total"] == 0
    assert reader.search(THEIRS)["total"] == 0
    assert reader.search("ours")["total"] == 1
    seen = reader.overview()
    assert (seen["jobs"], seen["runs"]) == (3, 2)
    assert "payroll" not in json.dumps(seen)
    assert "payroll" not in json.dumps(reader.diff("@0", "@7"))
    assert "payroll" in json.dumps(whole.diff("@0", "@7"))
    assert set(reader.catalogue().jobs) == {"cron"}
    assert [job.name for job in reader.catalogue().jobs["cron"]] == ["dag10", "declared", "ours"]


def test_answers_between_what_may_be_seen_are_as_before(reader: Gateway, whole: Gateway) -> None:
    """The run of something that may be seen is in its trace, with all that it is."""
    mine, all_of_it = reader.trace("mart"), whole.trace("mart")
    (run,) = (node for node in mine["nodes"] if node["kind"] == "run")
    assert run in all_of_it["nodes"]
    assert mine["completeness"]["redacted"] == {"how": "hidden", "count": 1}


def test_facets_name_no_job_that_may_not_be_seen(reader: Gateway) -> None:
    """One that the ledger knows and hides is replaced; one that it does not know stays."""
    secrecy = reader._snapshot(None).secrecy
    hidden = {"job": {"namespace": "cron", "name": "payroll"}}
    for value, told in (
        (hidden, {"job": {"_redacted": "hidden"}}),
        ({"job": {"namespace": "cron", "name": "ours"}}, None),
        ({"job": {"namespace": "else", "name": "payroll"}}, None),
    ):
        assert secrecy.redact(value) == (told or value)
        assert secrecy.hides_value(value) == (told is not None)


def test_a_large_store_keeps_to_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled, and searched by a table, the same jobs and runs are hidden."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_store(tmp_path / "s", mode="write", create=True) as store:
        admit(store, [json.dumps({"producer": PRODUCER, **one}).encode() for one in history(300)])
    with open_store(tmp_path / "s") as store:
        reader = Gateway(store, Principal("reader", ("db",)))
        everybody = Gateway(store, LOCAL)
        assert everybody.search("payroll", limit=1)["total"] == 301
        assert reader.search("payroll")["total"] == 0
        assert reader.search("dag1")["total"] == 1
        assert reader.search("0000000")["total"] == 2
        assert names_of(reader._snapshot(None)) == {"ours", "dag10", "declared"}
        assert everybody.search("payroll", limit=1)["total"] == 301
