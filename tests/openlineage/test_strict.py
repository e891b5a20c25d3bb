"""Strict mode against the published schemas, and our own facets."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.openlineage import strict
from headwater.openlineage.limits import PROBLEMS_MAX
from headwater.openlineage.strict import PLACES, check
from tests.openlineage.events import dataset, dataset_event, facet, job_event, run_event
from tests.openlineage.published import Published

SCHEMAS = resources.files("headwater.openlineage") / "schemas"
OWN = "https://example.org/schemas/headwater_{}-1-0.json"


@pytest.fixture(scope="module")
def published(shared: Path) -> Published:
    """Return the oracle."""
    return Published(shared / "vectors/openlineage-spec")


def said(event: object) -> list[str]:
    """List what strict mode says."""
    return [str(problem) for problem in check(event)]


def test_accepts_every_published_example(published: Published) -> None:
    """Every event and facet example is valid, in each of its places."""
    examples = published.events
    assert len(examples) >= 47
    assert {name: said(event) for name, event in examples.items() if said(event)} == {}


def test_agrees_on_real_events(published: Published, shared: Path) -> None:
    """The verdict on real events is that of the published schemas."""
    lines = (shared / "data/openlineage/concrete.ndjson").read_bytes().splitlines()
    lines += (shared / "data/openlineage/rendered.ndjson").read_bytes().splitlines()[::5]
    events = [json.loads(line) for line in lines]
    assert [not check(event) for event in events] == [published.accepts(e) for e in events]


REPLACEMENTS: list[object] = [
    None, True, 0, -1, 1.0, 1.5, 10**30, "", "x", "DATASET", "JOB", "a:b", "http://a b", [], [None],
    ["x"], {}, {"x": 1}, {"type": "field", "field": "a"}, "2026-02-30T00:00:00Z",
    "0193b0a4-7b1e-7a3c-8f00-3f6d3b8d2a11",
]  # fmt: skip
KEYS = [
    "", "extra", "_deleted", "type", "namespace", "name", "runId", "entries", "inputs", "fields",
    "outputCondition", "inputCondition", "dataset", "run", "job", "eventType", "tags", "version",
    "subset", "lineage", "facets", "headwater_extra",
]  # fmt: skip


def places_of(value: object) -> Iterator[tuple[Any, Any]]:
    """Yield (container, key) of every value inside."""
    items = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for key, child in items:
        yield value, key
        if isinstance(child, dict | list):
            yield from places_of(child)


def mutate(event: dict[str, Any], draw: Any) -> None:
    """Change one thing: remove it, replace it, or add a member."""
    holder, key = draw(st.sampled_from(list(places_of(event))))
    match draw(st.sampled_from(["remove", "replace", "add"])):
        case "remove":
            del holder[key]
        case "replace":
            holder[key] = copy.deepcopy(draw(st.sampled_from(REPLACEMENTS)))
        case _ if isinstance(holder, dict):
            holder[draw(st.sampled_from(KEYS))] = copy.deepcopy(
                draw(st.sampled_from([*REPLACEMENTS, dataset(), holder[key]]))
            )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_agrees_on_mutations(published: Published, data: st.DataObject) -> None:
    """The verdict on changed examples is that of the published schemas."""
    examples = published.events
    event = copy.deepcopy(examples[data.draw(st.sampled_from(sorted(examples)))])
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(event, data.draw)
    assert (not check(event)) == published.accepts(event), said(event)


BAD = [
    ([], ["$: is not of type object"]),
    ({}, ["$.eventTime: is missing", "$.producer: is missing", "$.schemaURL: is missing",
          "$.dataset: is missing"]),
    (run_event(job=None), ["$.job: is missing"]),
    (run_event(eventType="DONE"),
     ["$.eventType: is none of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER"]),
    (run_event(producer="here", run={"runId": "1"}),
     ["$.producer: is no uri", "$.run.runId: is no uuid"]),
    (job_event(dataset=dataset()), ["$: is a JobEvent and a DatasetEvent at once"]),
    (job_event(job={}, dataset={}), ["$.job.namespace: is missing", "$.job.name: is missing"]),
    (run_event(inputs=[dataset(facets={"dataQualityAssertions": facet(
        assertions=[], _deleted=None)})]),
     ["$.inputs[0].facets.dataQualityAssertions._deleted: is not of type boolean"]),
    (run_event(inputs=[dataset(facets={"columnLineage": facet(fields=3)})]),
     ["$.inputs[0].facets.columnLineage.fields: is not of type object"]),
    (run_event(outputs=[dataset(outputFacets={"subset": facet(
        outputCondition={"type": "location", "locations": [1]})})]),
     ["$.outputs[0].outputFacets.subset.outputCondition.locations[0]: is not of type string"]),
    (run_event(outputs=[dataset(outputFacets={"subset": facet(
        outputCondition={"type": "location", "locations": []},
        inputCondition={"type": "location", "locations": []})})]),
     ["$.outputs[0].outputFacets.subset: fits more than one alternative"]),
    (dataset_event(dataset=dataset(facets={"lineage": facet(inputs=[{"type": "DATASET"}])})),
     ["$.dataset.facets.lineage.inputs[0].namespace: is missing",
      "$.dataset.facets.lineage.inputs[0].name: is missing"]),
    (dataset_event(dataset=dataset(facets={"a b": {}})),
     ['$.dataset.facets["a b"]._producer: is missing',
      '$.dataset.facets["a b"]._schemaURL: is missing']),
    (run_event(run={"runId": "0193b0a4-7b1e-7a3c-8f00-3f6d3b8d2a11", "facets": {
        "executionParameters": facet(parameters=[{"key": "k", "extra": 1}])}}),
     ["$.run.facets.executionParameters.parameters[0].extra: does not belong here"]),
    (job_event(job={"namespace": "n", "name": "j", "facets": {"jobType": facet(
        processingType="BATCH", integration="X", emissionPattern={
            "eventTrigger": "a", "eventContentMode": "b", "windowDuration": 0})}}),
     ["$.job.facets.jobType.emissionPattern.windowDuration: breaks the rule minimum (1)"]),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), BAD)
def test_lists_every_problem_with_its_path(event: object, expected: list[str]) -> None:
    """Each place that a schema refuses is named, down to the member."""
    assert sorted(said(event)) == sorted(expected)


def test_accepts_what_one_kind_accepts() -> None:
    """With a job and a dataset, one of the two sound and the other not, the sound one counts."""
    assert said(job_event(dataset=5)) == said(dataset_event(job=5)) == []


def test_bounds_the_list_of_problems() -> None:
    """No more than PROBLEMS_MAX problems are listed."""
    assert len(check(run_event(inputs=[5] * (PROBLEMS_MAX + 5)))) == PROBLEMS_MAX


def test_schemas_are_schemas() -> None:
    """Every shipped file keeps the JSON Schema meta-schema and its own name."""
    for file in (SCHEMAS / "headwater").iterdir():
        document = json.loads(file.read_text("utf-8"))
        jsonschema_rs.meta.validate(document)
        assert document["$id"] == f"urn:headwater:schemas:{file.name.removesuffix('.json')}"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("digest", {"algorithm": "sha256", "value": "ab", "size": 1, "of": "bytes"}, {"size": 1}),
        ("digest", {"missed": "too large"}, {"missed": 1}),
        ("kind", {"kind": "REPORT"}, {"kind": "TABLE"}),
        ("write", {"mode": "append"}, {"mode": "sometimes"}),
        ("policy", {"source": True, "tags": ["a"]}, {"source": "yes"}),
        ("inferred", {}, {"reason": 1}),
        ("capture", {"gaps": ["a", {"what": "b"}], "exact": True}, {"gaps": [{}]}),
        ("read", {"own": True}, {"own": "true"}),
        ("actor", {"subject": "u-1", "kind": "agent"}, {"kind": "agent"}),
        ("code", {"commit": "ab", "dirty": False}, {"dirty": "no"}),
        ("environment", {"python": "3.11.7"}, {"python": 3.11}),
        ("parameters", {"grid": {}, "seeds": {}}, {"seeds": [1]}),
        ("training", {"estimator": "E", "metrics": {"auc": 0.8}}, {"metrics": {"auc": "high"}}),
        ("features", {"features": {"f": ["a.b"]}}, {"features": {"f": "a.b"}}),
        ("deployment", {"traffic": 100}, {"traffic": 101}),
    ],
)
@pytest.mark.parametrize("side", ["run", "dataset"])
def test_judges_our_own_facets(
    name: str, side: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    """Each of our facets is judged by its schema wherever it stands."""

    def verdict(members: dict[str, object]) -> bool:
        facets = {f"headwater_{name}": facet(**members, _schemaURL=OWN.format(name))}
        if side == "dataset":
            return not check(dataset_event(dataset=dataset(facets=facets)))
        return not check(run_event(run={**run_event()["run"], "facets": facets}))

    assert (verdict(good), verdict(bad)) == (True, False)


@pytest.mark.parametrize(("number", "valid"), [("1-9", False), ("2-0", True), ("11-0", True)])
def test_judges_only_known_majors(number: str, *, valid: bool) -> None:
    """Any minor of a known major is judged; an unknown major needs only what all facets need."""
    url = f"https://example.org/headwater_kind-{number}.json"
    event = dataset_event(dataset=dataset(facets={"headwater_kind": facet(_schemaURL=url)}))
    assert (not check(event)) is valid


def test_ignores_files_that_are_no_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only files named after a facet and a version are read; the newest minor judges."""
    (tmp_path / "schemas/headwater").mkdir(parents=True)
    for file in (SCHEMAS / "core.json", SCHEMAS / "facets.json"):
        (tmp_path / "schemas" / file.name).write_text(file.read_text("utf-8"), "utf-8")
    for minor in (0, 2, 10):
        document = {"$id": f"urn:x:{minor}"}
        path = tmp_path / f"schemas/headwater/headwater_kind-1-{minor}.json"
        path.write_text(json.dumps(document), "utf-8")
    (tmp_path / "schemas/headwater/README.md").write_text("no schema", "utf-8")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    facets = list(strict._read_schemas())[-1]
    chosen = {facets["$defs"][place]["properties"]["headwater_kind"]["else"]["$ref"]
              for place in PLACES}  # fmt: skip
    assert chosen == {"urn:x:10"}
