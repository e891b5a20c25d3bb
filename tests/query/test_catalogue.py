"""What a store holds, by namespace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import LimitExceeded, NotFound
from headwater.query import dataflow
from headwater.query.catalogue import Catalogue, tags_of
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.refs import Artifact, Column, Job
from tests.query.conftest import Ask
from tests.query.telling import chain, complete, dataset

Catalogued = Callable[..., Catalogue]


@pytest.fixture
def catalogue(ask: Ask) -> Catalogued:
    """The catalogue of a new store with these events."""
    return lambda events, labels=(): ask(events, list(labels)).catalogue()


def walked(gateway: Gateway, ref: str) -> set[Job | Artifact]:
    """The jobs and artifacts of what a thing came from and reached."""
    found: set[Job | Artifact] = set()
    for answer in (gateway.trace(ref), gateway.impact(ref)):
        for node in answer["nodes"]:
            if node["kind"] == "version":
                found.add(Artifact(node["artifact"]["namespace"], node["artifact"]["name"]))
            else:
                found.add(Job(node["job"]["namespace"], node["job"]["name"]))
    return found


def test_lists_are_sorted_and_hold_everything(catalogue: Catalogued) -> None:
    """Namespaces of artifacts and of jobs, with the times between which they were heard of."""
    found = catalogue(chain())
    assert found.namespaces == ["cron", "db"]
    assert found.artifacts["db"] == [
        Artifact("db", name) for name in ("mart.orders", "shop.orders", "staging.orders")
    ]
    assert found.jobs == {"cron": [Job("cron", "build"), Job("cron", "extract")]}
    first, last = found.namespace_span("db")
    assert last - first == 2 * 60 * 60 * 1_000_000


def test_versions_and_runs_are_listed_newest_first(catalogue: Catalogued) -> None:
    """As catalogues show them."""
    found = catalogue(chain())
    times = [found.version(one)["time"] for one in found.versions(Artifact("db", "mart.orders"))]
    assert times == ["2026-05-04T03:00:00Z", "2026-05-04T02:00:00Z"]
    runs = found.runs(Job("cron", "build"))
    assert [run.id[:8] for run in runs] == ["00000003", "00000002"]
    assert [found.run(run)["id"] for run in found.runs_with_id(runs[0].id.upper())] == [runs[0].id]


def test_an_artifact_tells_its_newest_version_and_when_it_was_written(
    catalogue: Catalogued,
) -> None:
    """One that was only read has a version of outside origin and was never written."""
    found = catalogue(chain())
    mart = found.artifact(Artifact("db", "mart.orders"))
    assert (mart["written"], mart["latest"]["version"]["ordinal"]) == ("2026-05-04T03:00:00Z", 2)
    assert mart["latest"]["lifecycle"] == "OVERWRITE"
    shop = found.artifact(Artifact("db", "shop.orders"))
    assert (shop["written"], shop["latest"]["version"]["origin"]) == (None, "outside")
    assert shop["facets"] == {"headwater_policy": {"source": True}}


def test_a_job_tells_what_its_newest_run_did(catalogue: Catalogued) -> None:
    """A job that was rewired shows its new wires alone; a run that touched nothing, none."""
    rewired = [
        complete(1, "01:00", "build", ["old"], ["mart"]),
        complete(2, "02:00", "build", ["new"], ["mart"]),
        complete(3, "03:00", "build"),
    ]
    found = catalogue(rewired).job(Job("cron", "build"))
    assert found["inputs"] == [{"namespace": "db", "name": "new"}]
    assert found["latest"]["id"].startswith("00000003")


def test_a_job_that_never_ran_tells_what_static_lineage_says(catalogue: Catalogued) -> None:
    """Its lists, and no run; its time is that of the admission."""
    event = {
        "eventTime": "2026-05-04T01:00:00Z",
        "job": {"namespace": "cron", "name": "planned"},
        "inputs": [dataset("a")],
        "outputs": [dataset("b")],
    }
    found = catalogue([event])
    job = found.job(Job("cron", "planned"))
    assert (job["inputs"], job["outputs"], job["latest"]) == (
        [{"namespace": "db", "name": "a"}],
        [{"namespace": "db", "name": "b"}],
        None,
    )
    assert job["first"] == job["last"] > "2026"


@pytest.mark.parametrize("ref", ["shop.orders", "staging.orders", "mart.orders", "job:cron::build"])
def test_the_dataflow_is_trace_and_impact_without_versions(ask: Ask, ref: str) -> None:
    """Where every run of a job is wired alike, both say the same of any node."""
    gateway = ask(chain())
    found = gateway.catalogue()
    node = Job("cron", "build") if ref.startswith("job:") else Artifact("db", ref)
    around = found.dataflow.around(node, depth=20)
    assert around.jobs | around.artifacts == walked(gateway, ref)


def test_the_dataflow_of_real_pipelines_is_trace_and_impact(ask: Ask, shared: Path) -> None:
    """Of what Airflow and Spark sent: every job, and every dataset under its own name."""
    names = ("CLL", "airflow", "simple_run_event", "spark_dataproc_bigquery_shakespare")
    events = [
        json.loads(file.read_text())
        for name in names
        for file in sorted((shared / "data/openlineage/scenarios" / name).glob("events/*.json"))
    ]
    gateway = ask(events)
    found = gateway.catalogue()
    things: list[Job | Artifact] = list(found.snapshot.lineage.jobs())
    for artifact in found.snapshot.artifacts:
        own = found.dataflow.around(artifact, depth=0).artifacts
        things += [artifact] if own == {artifact} else []
    compared = 0
    for thing in things:
        if isinstance(thing, Artifact) or found.runs(thing):
            around = found.dataflow.around(thing, depth=100)
            assert around.jobs | around.artifacts == walked(gateway, str(thing)), thing
            compared += 1
    assert compared > 35


def test_depth_counts_jobs_each_way(catalogue: Catalogued) -> None:
    """A node at depth 0 stands alone; each job is one step."""
    found = catalogue([complete(n, "01:00", f"j{n}", [f"t{n}"], [f"t{n + 1}"]) for n in range(6)])
    middle = Artifact("db", "t3")
    sizes = [found.dataflow.around(middle, depth=depth) for depth in range(4)]
    assert [len(one.jobs) for one in sizes] == [0, 2, 4, 6]
    assert [len(one.artifacts) for one in sizes] == [1, 3, 5, 7]
    assert found.dataflow.writers(middle) == [Job("cron", "j2")]
    job = found.dataflow.around(Job("cron", "j3"), depth=0)
    assert (len(job.jobs), len(job.artifacts)) == (1, 2)


def test_a_dataflow_beyond_the_limit_is_refused(
    catalogue: Catalogued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so rather than leave out what did not fit."""
    found = catalogue([complete(1, "01:00", "wide", [], [f"t{n}" for n in range(9)])])
    monkeypatch.setattr(dataflow, "DATAFLOW_NODES_MAX", 10)
    assert len(found.dataflow.around(Job("cron", "wide"), depth=1).artifacts) == 9
    monkeypatch.setattr(dataflow, "DATAFLOW_NODES_MAX", 9)
    with pytest.raises(LimitExceeded):
        found.dataflow.around(Job("cron", "wide"), depth=1)


def test_an_alias_leads_to_what_stands_on_it(catalogue: Catalogued) -> None:
    """Asked by its second name, a table has the jobs and the versions that it has by its first."""
    alias = {"identifiers": [{"namespace": "hive", "name": "orders", "type": "TABLE"}]}
    found = catalogue([complete(1, "01:00", "build", [], [dataset("path/orders", symlinks=alias)])])
    around = found.dataflow.around(Artifact("hive", "orders"), depth=1)
    assert around.jobs == {Job("cron", "build")}
    assert found.artifact(Artifact("hive", "orders"))["written"] == "2026-05-04T01:00:00Z"


def test_columns_are_linked_both_ways(catalogue: Catalogued) -> None:
    """From a job's columns back to what they were made of, and on to what they reached."""
    events: list[dict[str, Any]] = []
    for number, (source, target) in enumerate((("a", "b"), ("b", "c")), start=1):
        fields = {"x": {"inputFields": [{"namespace": "db", "name": source, "field": "x"}]}}
        made = dataset(
            target,
            columnLineage={"fields": fields},
            schema={"fields": [{"name": "x", "type": "int"}]},
        )
        events.append(complete(number, f"0{number}:00", f"make_{target}", [source], [made]))
    flow = catalogue(events).columnflow
    (root,) = flow.written(Job("cron", "make_b"))
    assert (root.path, flow.type_of(root)) == ("x", "int")
    assert flow.type_of(Column(root.version, "y")) is None

    def ends(*, downstream: bool) -> set[tuple[str, str]]:
        edges = flow.edges([root], depth=5, downstream=downstream)
        return {
            (edge.source.version.artifact.name, edge.column.version.artifact.name) for edge in edges
        }

    assert ends(downstream=False) == {("a", "b")}
    assert ends(downstream=True) == {("a", "b"), ("b", "c")}
    assert flow.edges([], depth=5, downstream=True) == []


def test_tags_come_from_labels_and_facets(catalogue: Catalogued) -> None:
    """Plain ones by their key, others as key=value; those of a field name it."""
    tags = [
        {"key": "pii", "value": "true"},
        {"key": "zone", "value": "gold"},
        {"key": "mask", "value": "", "field": "mail"},
        {"value": "no key"},
    ]
    facets = {"tags": {"tags": tags}}
    assert tags_of(facets) == [(None, "pii"), (None, "zone=gold"), ("mail", "mask")]
    assert tags_of({"tags": []}) == tags_of({}) == []
    found = catalogue(
        [complete(1, "01:00", "build", [], [dataset("orders", **facets)])],
        [("artifact:db/orders", "tag", "hot")],
    )
    assert found.tags() == ["hot", "mask", "pii", "zone=gold"]


def test_what_is_hidden_is_in_no_list_and_no_document(ask: Ask) -> None:
    """A principal finds neither hidden artifacts nor their names among a job's inputs."""
    secret = dataset("salaries", namespace="hr")
    opened = ask([complete(1, "01:00", "build", [secret], ["report"])])
    gateway = Gateway(opened._store, Principal("analyst", ("db",)))
    found = gateway.catalogue()
    assert found.namespaces == ["cron", "db"]
    job = found.job(Job("cron", "build"))
    assert (job["inputs"], job["latest"]["inputs"]) == ([], [])
    assert "hr" not in str(found.dataflow.around(Artifact("db", "report"), depth=9))
    with pytest.raises(NotFound):
        found.artifact(Artifact("hr", "salaries"))


def test_a_catalogue_follows_the_ledger(ask: Ask) -> None:
    """It is kept while the head stands, and at an earlier size it is of that size."""
    gateway = ask(chain())
    assert gateway.catalogue() is gateway.catalogue()
    assert list(gateway.catalogue(at="1").artifacts) == ["db"]
    assert len(gateway.catalogue(at="1").artifacts["db"]) == 2


@pytest.mark.parametrize("thing", [Artifact("db", "nothing"), Job("cron", "nothing")])
def test_what_is_not_there_is_not_found(catalogue: Catalogued, thing: Artifact | Job) -> None:
    """With its name in the error."""
    found = catalogue(chain())
    with pytest.raises(NotFound, match="nothing"):
        found.require(thing)
    with pytest.raises(NotFound, match="nowhere"):
        found.namespace_span("nowhere")
