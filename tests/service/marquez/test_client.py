"""Marquez's Python client, unchanged, reads what an OpenLineage client told."""

from __future__ import annotations

from typing import Any

import pytest
from marquez_client import MarquezClient
from marquez_client.errors import APIError
from marquez_client.models import DatasetType

from headwater.refs import Artifact, Job, parse
from tests.service.marquez.conftest import CRON, LAKE, RUNS, SHOP, is_uuid
from tests.service.served import Client

SALES = "marts/sales"


def test_namespaces_are_listed_page_by_page(marquez: MarquezClient) -> None:
    """With the times between which something of them was heard of, and how many there are."""
    listed = marquez.list_namespaces()
    assert [one["name"] for one in listed["namespaces"]] == [CRON, SHOP, LAKE]
    assert listed["totalCount"] == 3
    assert marquez.list_namespaces(limit=1, offset=1)["namespaces"][0]["name"] == SHOP
    assert marquez.get_namespace(LAKE) == {
        "name": LAKE,
        "createdAt": "2026-05-04T01:09:00Z",
        "updatedAt": "2026-05-04T04:09:00Z",
        "ownerName": "anonymous",
        "description": None,
        "isHidden": False,
    }


def test_a_dataset_is_as_marquez_writes_it(marquez: MarquezClient) -> None:
    """Names with slashes are found; fields, tags and facets come from the newest version."""
    found = marquez.get_dataset(LAKE, SALES)
    facets = found.pop("facets")
    assert set(facets) == {"schema", "columnLineage", "tags"}
    assert is_uuid(found.pop("currentVersion"))
    lineage = found.pop("columnLineage")
    assert [one["name"] for one in lineage] == ["amount", "id"]
    assert lineage[1]["inputFields"][0]["dataset"] == "staging/orders"
    assert found == {
        "id": {"namespace": LAKE, "name": SALES},
        "type": "DB_TABLE",
        "name": SALES,
        "physicalName": SALES,
        "createdAt": "2026-05-04T02:09:00Z",
        "updatedAt": "2026-05-04T04:09:00Z",
        "namespace": LAKE,
        "sourceName": LAKE,
        "fields": [
            {"name": "id", "type": "BIGINT", "tags": [], "description": "the key"},
            {"name": "amount", "type": "DECIMAL", "tags": ["money"], "description": None},
        ],
        "tags": ["pii"],
        "lastModifiedAt": "2026-05-04T04:09:00Z",
        "lastLifecycleState": "",
        "description": None,
        "deleted": False,
    }
    listed = marquez.list_datasets(LAKE)
    assert [one["name"] for one in listed["datasets"]] == [SALES, "reports/daily", "staging/orders"]
    assert listed["datasets"][0] == marquez.get_dataset(LAKE, SALES)
    assert marquez.list_datasets(LAKE, limit=2, offset=2) == {
        "datasets": listed["datasets"][2:],
        "totalCount": 3,
    }


def test_each_write_is_a_version_with_the_run_that_made_it(marquez: MarquezClient) -> None:
    """Newest first; each is found by its UUID, and the newest is the current one."""
    listed = marquez.list_dataset_versions(LAKE, SALES)["versions"]
    assert [one["createdByRun"]["id"] for one in listed] == [RUNS["rebuild"], RUNS["build"]]
    assert listed[0]["version"] == marquez.get_dataset(LAKE, SALES)["currentVersion"]
    for one in listed:
        assert marquez.get_dataset_version(LAKE, SALES, one["version"]) == one
        assert one["id"] == {"namespace": LAKE, "name": SALES, "version": one["version"]}
    assert marquez.list_dataset_versions(LAKE, SALES, limit=1, offset=1)["versions"] == listed[1:]


def test_a_job_is_as_marquez_writes_it(marquez: MarquezClient) -> None:
    """What it reads and writes now, its newest run and its facets."""
    found = marquez.get_job(CRON, "build")
    latest = found.pop("latestRun")
    assert [run["id"] for run in found.pop("latestRuns")] == [RUNS["rebuild"], RUNS["build"]]
    assert latest["id"] == RUNS["rebuild"]
    assert set(found.pop("facets")) == {"documentation", "jobType", "sourceCodeLocation"}
    assert is_uuid(found.pop("currentVersion"))
    assert found == {
        "id": {"namespace": CRON, "name": "build"},
        "type": "BATCH",
        "name": "build",
        "simpleName": "build",
        "parentJobName": None,
        "createdAt": "2026-05-04T02:00:00Z",
        "updatedAt": "2026-05-04T04:09:00Z",
        "namespace": CRON,
        "inputs": [{"namespace": LAKE, "name": "staging/orders"}],
        "outputs": [{"namespace": LAKE, "name": SALES}],
        "location": "https://example.com/rebuild.py",
        "description": "how to rebuild",
        "labels": [],
        "tags": [],
    }
    listed = marquez.list_jobs(CRON)
    assert [one["name"] for one in listed["jobs"]] == ["build", "extract", "report"]
    assert listed["totalCount"] == 3
    assert listed["jobs"][0] == marquez.get_job(CRON, "build")


def test_a_run_names_the_versions_that_it_read_and_made(marquez: MarquezClient) -> None:
    """The exact versions, by the UUIDs that the dataset's versions have."""
    listed = marquez.list_job_runs(CRON, "report")["runs"]
    assert listed == [marquez.get_job_run(RUNS["report"])]
    (run,) = listed
    read = run["inputDatasetVersions"][0]["datasetVersionId"]
    older = marquez.list_dataset_versions(LAKE, SALES)["versions"][1]
    assert read == older["id"]
    assert run["outputDatasetVersions"][0]["datasetVersionId"]["name"] == "reports/daily"
    assert {name: run[name] for name in run if name.endswith(("At", "Time", "Ms", "state"))} == {
        "createdAt": "2026-05-04T03:00:00Z",
        "updatedAt": "2026-05-04T03:09:00Z",
        "nominalStartTime": "2026-05-04T00:00:00Z",
        "nominalEndTime": None,
        "state": "COMPLETED",
        "startedAt": "2026-05-04T03:00:00Z",
        "endedAt": "2026-05-04T03:09:00Z",
        "durationMs": 9 * 60 * 1_000,
    }


def test_sources_and_tags_are_listed(marquez: MarquezClient) -> None:
    """A namespace of datasets is a source; tags are those of labels and facets."""
    assert [one["name"] for one in marquez.list_sources()["sources"]] == [SHOP, LAKE]
    found = marquez.get_source(SHOP)
    assert (found["type"], found["connectionUrl"]) == ("POSTGRES", SHOP)
    assert marquez.list_tags() == {
        "tags": [{"name": "money", "description": None}, {"name": "pii", "description": None}],
        "totalCount": 2,
    }


def test_events_come_back_as_they_went(marquez: MarquezClient, service: Client) -> None:
    """Newest first, of all jobs or of those of a namespace, by time and page by page."""
    listed = marquez.list_events()
    assert listed["totalCount"] == len(listed["events"]) == 8
    assert listed["events"][0]["run"]["runId"] == RUNS["rebuild"]
    assert marquez.list_events(CRON) == listed
    assert marquez.list_events(limit=3, offset=6)["events"] == listed["events"][6:]
    oldest = service.get("/api/v1/events/lineage", sortDirection="asc", limit=1).json
    assert oldest["events"] == listed["events"][-1:]
    assert service.get("/api/v1/events/lineage", before="2001-01-01T00:00:00Z").json == {
        "events": [],
        "totalCount": 0,
    }
    late = service.get("/api/v1/events/lineage", after="2001-01-01T00:00:00+00:00").json
    assert late == listed


def collapsed(service: Client, ref: str) -> set[str]:
    """The nodes of `trace` and `impact`, jobs and artifacts alone, under Marquez's names."""
    found = set()
    for ask in ("trace", "impact"):
        for node in service.get(f"/api/v1/{ask}", ref=ref).json["nodes"]:
            thing: Any = parse(node["ref"])
            if node["kind"] == "version":
                found.add(f"dataset:{thing.artifact.namespace}:{thing.artifact.name}")
            else:
                found.add(f"job:{thing.namespace}:{thing.name}")
    return found


@pytest.mark.parametrize(
    ("node", "ref"),
    [
        (f"dataset:{SHOP}:public.orders", str(Artifact(SHOP, "public.orders"))),
        (f"dataset:{LAKE}:staging/orders", str(Artifact(LAKE, "staging/orders"))),
        (f"dataset:{LAKE}:reports/daily", str(Artifact(LAKE, "reports/daily"))),
        (f"job:{CRON}:extract", str(Job(CRON, "extract"))),
        (f"job:{CRON}:report", str(Job(CRON, "report"))),
    ],
)
def test_lineage_is_that_of_trace_and_impact(service: Client, node: str, ref: str) -> None:
    """The same jobs and datasets, whichever API is asked; every edge leads to a node."""
    graph = service.get("/api/v1/lineage", nodeId=node).json["graph"]
    nodes = {one["id"]: one for one in graph}
    assert set(nodes) == collapsed(service, ref)
    assert [one["id"] for one in graph] == sorted(nodes)
    for one in graph:
        assert one["data"]["id"]["name"] in one["id"]
        assert one["type"] == ("JOB" if one["id"].startswith("job:") else "DATASET")
        assert all(edge["destination"] == one["id"] for edge in one["inEdges"])
        assert all(edge["origin"] == one["id"] for edge in one["outEdges"])
        assert all(edge in nodes[edge["origin"]]["outEdges"] for edge in one["inEdges"])
        assert all(edge in nodes[edge["destination"]]["inEdges"] for edge in one["outEdges"])


def test_lineage_stops_at_the_depth_asked_for(service: Client) -> None:
    """Depth counts jobs, each way."""

    def jobs(depth: int) -> set[str]:
        node = f"dataset:{LAKE}:{SALES}"
        graph = service.get("/api/v1/lineage", nodeId=node, depth=depth).json["graph"]
        return {one["data"]["name"] for one in graph if one["type"] == "JOB"}

    assert [jobs(depth) for depth in (0, 1, 2)] == [
        set(),
        {"build", "report"},
        {"extract", "build", "report"},
    ]


def test_column_lineage_goes_up_and_down(marquez: MarquezClient) -> None:
    """By dataset, field and job; edges run the way the data went."""

    def fields(found: dict[str, Any]) -> list[str]:
        return [one["id"].removeprefix("datasetField:") for one in found["graph"]]

    up = marquez.get_column_lineage_by_dataset_field(LAKE, SALES, "id")
    assert fields(up) == [
        f"{SHOP}:public.orders:id",
        f"{LAKE}:marts/sales:id",
        f"{LAKE}:staging/orders:id",
    ]
    (sales,) = (one for one in up["graph"] if SALES in one["id"])
    assert sales["type"] == "DATASET_FIELD"
    assert sales["data"]["fieldType"] == "BIGINT"
    assert [one["dataset"] for one in sales["data"]["inputFields"]] == ["staging/orders"]
    assert sales["inEdges"] == [
        {
            "origin": f"datasetField:{LAKE}:staging/orders:id",
            "destination": f"datasetField:{LAKE}:{SALES}:id",
        }
    ]
    by_job = marquez.get_column_lineage_by_job(CRON, "build")
    assert by_job == marquez.get_column_lineage_by_dataset(LAKE, SALES)
    assert len(by_job["graph"]) == 6
    both = marquez.get_column_lineage_by_dataset(LAKE, "staging/orders", with_downstream=True)
    assert f"{LAKE}:reports/daily:id" in fields(both)
    older = marquez.list_dataset_versions(LAKE, SALES)["versions"][1]["version"]
    at = marquez.get_column_lineage_by_dataset(LAKE, SALES, with_downstream=True, version=older)
    assert f"{LAKE}:reports/daily:id" in fields(at)


def test_search_takes_patterns(service: Client) -> None:
    """Our own search and Marquez's live at one address, and the parameter tells which."""

    def names(**query: Any) -> list[str]:
        return [one["name"] for one in service.get("/api/v1/search", **query).json["results"]]

    assert names(q="ORDERS") == ["public.orders", "staging/orders"]
    assert names(q="st%or_ers") == ["staging/orders"]
    assert names(q="r", filter="JOB") == ["extract", "report"]
    assert names(q="r", filter="dataset", namespace=SHOP) == ["public.orders"]
    assert names(q="r", sort="UPDATE_AT", limit=1) == ["marts/sales"]
    found = service.get("/api/v1/search", q="sales").json
    assert found == {
        "totalCount": 1,
        "results": [
            {
                "type": "DATASET",
                "name": SALES,
                "updatedAt": "2026-05-04T04:09:00Z",
                "namespace": LAKE,
                "nodeId": f"dataset:{LAKE}:{SALES}",
            }
        ],
    }
    assert service.get("/api/v1/search", text="sales").json["hits"][0]["name"] == SALES


def test_what_would_write_is_refused(marquez: MarquezClient, service: Client) -> None:
    """With the status, and where to go instead; and nothing is written."""
    with pytest.raises(APIError):
        marquez.create_namespace("new", "me")
    with pytest.raises(APIError):
        marquez.tag_dataset(LAKE, SALES, "x")
    with pytest.raises(APIError):
        marquez.tag_dataset_field(LAKE, SALES, "id", "x")
    with pytest.raises(APIError):
        marquez.create_tag("x")
    with pytest.warns(DeprecationWarning), pytest.raises(APIError):
        marquez.create_dataset("new", "d", DatasetType.DB_TABLE, "d", "s")
    reply = service.ask("PUT", "/api/v1/namespaces/a%2Fb/jobs/c%2Fd", b"{}")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    assert (reply.json["code"], reply.json["status"]) == (405, 405)
    assert "POST /api/v1/lineage" in reply.json["remedy"]
    assert marquez.list_events()["totalCount"] == 8
