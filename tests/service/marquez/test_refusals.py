"""What Marquez's routes answer to what is not there, cannot be read, or may not be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.query import tokens
from headwater.service.marquez import addresses, asking, parameters
from headwater.service.marquez.names import version_id
from tests.service.conftest import Run
from tests.service.marquez.conftest import CRON, LAKE, RUNS, SHOP, tell
from tests.service.served import Client

NOBODY = version_id("nobody")
_LAKE, _CRON = "s3%3A%2F%2Flake", "cron%2Fjobs"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("namespaces/nowhere", "Namespace 'nowhere' not found."),
        ("namespaces/nowhere/datasets", "Namespace 'nowhere' not found."),
        ("namespaces/nowhere/jobs/x/runs", "Namespace 'nowhere' not found."),
        (f"namespaces/{_LAKE}/datasets/a%2Fb", "Dataset 'a/b' not found."),
        (f"namespaces/{_LAKE}/datasets/a/versions", "Dataset 'a' not found."),
        (
            f"namespaces/{_LAKE}/datasets/marts%2Fsales/versions/{NOBODY}",
            f"Dataset version '{NOBODY}' not found.",
        ),
        (f"namespaces/{_CRON}/jobs/x", "Job 'x' not found."),
        (f"namespaces/{_CRON}/jobs/build/versions/{NOBODY}", f"Job version '{NOBODY}' not found."),
        (f"jobs/runs/{NOBODY}", f"Run '{NOBODY}' not found."),
        (f"jobs/runs/{NOBODY}/facets?type=run", f"Run '{NOBODY}' not found."),
        ("sources/nowhere", "Source 'nowhere' not found."),
        ("events/nowhere", "Namespace 'nowhere' not found."),
        ("lineage?nodeId=dataset:a:b", "Node 'dataset:a:b' not found."),
        ("lineage?nodeId=job:a:b", "Node 'job:a:b' not found."),
        ("lineage?nodeId=run:a", "Node 'run:a' not found."),
        ("column-lineage?nodeId=datasetField:a:b:c", "Node 'datasetField:a:b:c' not found."),
    ],
)
def test_what_is_not_there_is_404_in_both_forms(service: Client, path: str, message: str) -> None:
    """Marquez's `code` and `message` beside the members of problem details."""
    reply = service.get(f"/api/v1/{path}")
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
    said = reply.json
    assert (said["code"], said["message"]) == (404, message)
    assert (said["status"], said["detail"], said["error"]) == (404, message, "NotFound")


@pytest.mark.parametrize(
    "path",
    [
        "namespaces?limit=-1",
        "namespaces?offset=-1",
        f"namespaces?limit={parameters.LIST_ITEMS_MAX + 1}",
        "namespaces?limit=many",
        "lineage",
        "lineage?nodeId=",
        f"lineage?nodeId=job:a:b&depth={asking.DEPTH_MAX + 1}",
        "column-lineage",
        "search?q=",
        f"search?q={'x' * (asking.SEARCH_CHARS_MAX + 1)}",
        "search?q=a&filter=RUN",
        "search?q=a&sort=size",
        "events/lineage?before=soon",
        "events/lineage?sortDirection=up",
        f"jobs/runs/{RUNS['build']}/facets",
        f"jobs/runs/{RUNS['build']}/facets?type=dataset",
    ],
)
def test_what_cannot_be_read_is_400_in_both_forms(service: Client, path: str) -> None:
    """Whoever asks learns which parameter is wrong."""
    reply = service.get(f"/api/v1/{path}")
    assert reply.status == 400, reply.body
    assert (reply.json["code"], reply.json["status"]) == (400, 400)
    assert reply.json["message"]


def test_limits_are_taken_as_they_are(service: Client) -> None:
    """At the limit a page is answered, with zero an empty one; unknown parameters do no harm."""
    most = service.get("/api/v1/namespaces", limit=parameters.LIST_ITEMS_MAX, includeFacets="a")
    assert most.json["totalCount"] == 3
    none = service.get("/api/v1/namespaces", limit=0).json
    assert none == {"namespaces": [], "totalCount": 3}
    assert service.get("/api/v1/search", q="x" * asking.SEARCH_CHARS_MAX).status == 200
    deep = service.get("/api/v1/lineage", nodeId=f"job:{CRON}:build", depth=asking.DEPTH_MAX)
    assert len(deep.json["graph"]) == 7


def test_facets_of_a_run_and_of_its_job(service: Client) -> None:
    """As Marquez gives them, one kind at a time."""
    path = f"/api/v1/jobs/runs/{RUNS['build']}/facets"
    run, job = (service.get(path, type=kind).json for kind in ("run", "job"))
    assert run["runId"] == job["runId"] == RUNS["build"]
    assert "nominalTime" in run["facets"]
    assert "documentation" in job["facets"]


def test_job_versions_are_states_of_the_code(service: Client) -> None:
    """Each with the datasets of its newest run; found by the UUID that runs name."""
    path = f"/api/v1/namespaces/{_CRON}/jobs/build/versions"
    found = service.get(path).json["versions"]
    assert found[0]["latestRun"]["jobVersion"]["version"] == found[0]["version"]
    assert found[0]["outputs"] == [{"namespace": LAKE, "name": "marts/sales"}]
    assert service.get(f"{path}/{found[0]['version']}").json == found[0]
    every = service.get("/api/v1/jobs").json
    assert every["jobs"][0]["currentVersion"] == found[0]["version"]


def test_an_answer_names_its_ledger_size(service: Client) -> None:
    """In a header, because the bodies are Marquez's."""
    reply = service.get("/api/v1/namespaces")
    assert (reply.headers["headwater-size"], reply.headers["headwater-rules"]) == ("8", "3")


def test_a_token_sees_its_namespaces_alone(run: Run, tmp_path: Path) -> None:
    """What it may not read is in no list, no graph and no column; whole events are not for it."""
    file = tmp_path / "tokens.json"
    secrets = []
    for subject, read, write in (("producer", (), ("*",)), ("analyst", ("s3://*",), ())):
        secret, token = tokens.create(subject, role="member", read=read, write=write)
        tokens.add(file, token)
        secrets.append(secret)
    guarded = run(tokens=file)
    tell(guarded.url, secrets[0])
    client = Client(guarded.url, headers={"Authorization": f"Bearer {secrets[1]}"})
    unknown = guarded.get("/api/v1/namespaces")
    assert (unknown.status, unknown.json["code"]) == (401, 401)
    names = [one["name"] for one in client.get("/api/v1/namespaces").json["namespaces"]]
    assert names == [CRON, LAKE]
    graph = client.get("/api/v1/lineage", nodeId=f"dataset:{LAKE}:staging/orders").json["graph"]
    assert not [one for one in graph if SHOP in one["id"]]
    assert len(graph) == 6
    assert client.get("/api/v1/lineage", nodeId=f"dataset:{SHOP}:public.orders").status == 404
    assert client.get(f"/api/v1/namespaces/{_CRON}/jobs/extract").json["inputs"] == []
    columns = client.get("/api/v1/column-lineage", nodeId=f"job:{CRON}:extract").json["graph"]
    assert not [one for one in columns if SHOP in one["id"]]
    for path in ("events", "events/lineage", f"events/{_CRON}"):
        assert client.get(f"/api/v1/{path}").json["code"] == 403


def test_our_own_addresses_are_as_they_were(service: Client) -> None:
    """Search by text, unknown parameters refused, and no Marquez route in our description."""
    assert service.get("/api/v1/search", text="a", q="b").status == 400
    assert service.get("/api/v1/search").status == 400
    described = service.get("/schema/openapi.json").json["paths"]
    assert "/api/v1/namespaces" not in described
    assert list(described["/api/v1/lineage"]) == ["post"]
    assert addresses.SEARCH_BY_PATTERN not in described
