"""Admission of one event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from headwater.errors import InvalidEvent
from headwater.openlineage import limits
from headwater.openlineage.admit import DEEP_BYTES, Parsed, parse
from headwater.openlineage.decode import decode
from headwater.openlineage.limits import (
    COLUMN_INPUTS_MAX,
    COLUMNS_MAX,
    DATASETS_MAX,
    ENTRIES_MAX,
    EVENT_BYTES_MAX,
    FACETS_MAX,
    NAME_BYTES_MAX,
    PROBLEMS_MAX,
    TIME_AHEAD_MAX_US,
    TIME_AHEAD_WARNED_US,
)
from headwater.openlineage.shape import EVENT_TYPES
from headwater.openlineage.times import iso
from tests.openlineage.events import (
    NOW,
    RUN_ID,
    dataset,
    dataset_event,
    dump,
    facet,
    job_event,
    run_event,
)


def admit(event: object, *, strict: bool = False) -> Parsed:
    """Parse an event given as JSON value or bytes."""
    return parse(event if isinstance(event, bytes) else dump(event), strict=strict, now=NOW)


def refusal(event: object, *, strict: bool = False) -> list[str]:
    """List the problems of an event that must be refused."""
    with pytest.raises(InvalidEvent) as caught:
        admit(event, strict=strict)
    return [str(problem) for problem in caught.value.problems]


def bodies(shared: Path) -> Iterator[bytes]:
    """Yield every event of the shared corpora and stories."""
    data = shared / "data"
    for file in (
        data / "openlineage/concrete.ndjson",
        data / "openlineage/rendered.ndjson",
        *sorted(data.glob("golden/*/events.ndjson")),
    ):
        yield from filter(None, file.read_bytes().splitlines())
    for file in sorted(data.glob("openlineage/scenarios/*/events/*.json")):
        yield file.read_bytes()


def test_admits_everything_that_real_producers_sent(shared: Path) -> None:
    """Corpora, scenarios and stories are admitted without a rejection."""
    assert sum(admit(body).event.kind in {"run", "job", "dataset"} for body in bodies(shared)) > 800


@pytest.mark.parametrize("event", [run_event(), job_event(), dataset_event()])
def test_admits_a_sound_event_without_a_warning(event: object) -> None:
    """There is nothing to say about an event that keeps all rules."""
    assert admit(event, strict=True).warnings == ()


@pytest.mark.parametrize(
    ("event", "kind"), [(run_event(), "run"), (job_event(), "job"), (dataset_event(), "dataset")]
)
def test_tells_the_kind(event: object, kind: str) -> None:
    """Run, job and dataset events are told apart by what is there."""
    assert admit(event).event.kind == kind


def test_decodes_what_it_admits(shared: Path) -> None:
    """`decode` gives the event that admission gave."""
    assert all(decode(body) == admit(body).event for body in bodies(shared))


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_admits_every_event_type(kind: str) -> None:
    """The six event types of the schema are known."""
    assert admit(run_event(eventType=kind)).event.event_type == kind


BAD = [
    (b"[]", ["$: is an array, not an object"]),
    (b"null", ["$: is null, not an object"]),
    (b'{"a":', ["$: is no JSON: ends too early, at column 6"]),
    (b"{}", ["$.eventTime: is missing", "$: is no event: it has none of run, job and dataset"]),
    (b'"' + b"a" * (EVENT_BYTES_MAX - 1) + b'"',
     ["$: has more than 10,485,760 bytes, the limit of an event"]),
    (run_event(eventTime=7), ["$.eventTime: is a number, not a string"]),
    (run_event(eventTime="soon"),
     ["$.eventTime: 'soon' is no RFC 3339 date and time such as 2026-11-01T09:30:00Z"]),
    (run_event(eventType="DONE"),
     ["$.eventType: 'DONE' is none of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER"]),
    (run_event(eventType="fail"),
     ["$.eventType: 'fail' is none of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER; write FAIL"]),
    (run_event(eventType=True), ["$.eventType: is a boolean, not a string"]),
    (run_event(producer=1.5, schemaURL=[]),
     ["$.producer: is a number, not a string", "$.schemaURL: is an array, not a string"]),
    (run_event(job=None), ["$.job: is missing: a run event names its job"]),
    (run_event(run="x"), ["$.run: is a string, not an object"]),
    (run_event(run={}), ["$.run.runId: is missing"]),
    (run_event(run={"runId": 1}, job={"name": None}),
     ["$.run.runId: is a number, not a string", "$.job.namespace: is missing",
      "$.job.name: is null, not a string"]),
    (run_event(job=[]), ["$.job: is an array, not an object"]),
    (run_event(job={"namespace": "n"}), ["$.job.name: is missing"]),
    (run_event(run={"runId": "a\0b"}, inputs=[dataset("\0")]),
     ["$.run.runId: has a NUL character", "$.inputs[0].name: has a NUL character"]),
    (run_event(inputs={}, outputs=[None, 5]),
     ["$.inputs: is an object, not an array", "$.outputs[0]: is null, not an object",
      "$.outputs[1]: is a number, not an object"]),
    (run_event(inputs=[dataset(facets=[], inputFacets="x")]),
     ["$.inputs[0].facets: is an array, not an object",
      "$.inputs[0].inputFacets: is a string, not an object"]),
    (job_event(dataset=dataset()),
     ["$: has both a job and a dataset but no run: send two events"]),
    (dump(run_event()).replace(b'"job"', b'"run":{},"job"').replace(b'"name"', b'"\\ud800"'),
     ["$.run: is a duplicate key", '$.job["\\ud800"]: is a key with a lone surrogate',
      "$.run.runId: is missing", "$.job.name: is missing"]),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), BAD)
def test_lists_every_problem_with_its_path(event: object, expected: list[str]) -> None:
    """A refused event hears of all its problems at once."""
    assert refusal(event) == expected


WARNED = [
    (run_event(producer=None, schemaURL=None),
     ["$.producer: is missing", "$.schemaURL: is missing"]),
    (run_event(eventType=None), ["$.eventType: is missing"]),
    (run_event(eventTime="2026-11-01T09:30:00"), ["$.eventTime: no time zone, read as UTC"]),
    (run_event(run={"runId": "1"}),
     ["$.run.runId: '1' is no UUID, so it stands as e476236d-27bb-573d-ae75-b654f3b6a8d3"]),
    (run_event(inputs=[dataset("")]), ["$.inputs[0].name: is empty"]),
    (run_event(dataset=5), ["$.dataset: does not belong to a run event and is ignored"]),
    (job_event(dataset=5), ["$.dataset: does not belong to a job event and is ignored"]),
    (dataset_event(run=5, inputs=5),
     ["$.run: does not belong to a dataset event and is ignored",
      "$.inputs: does not belong to a dataset event and is ignored"]),
    (dataset_event(job=5), ["$.job: does not belong to a dataset event and is ignored"]),
    (run_event(inputs=[dataset(facets={"a": None, "b": 3, "c": {}, "d": {"_producer": "p"}})]),
     ["$.inputs[0].facets.a: is null and is read as absent",
      "$.inputs[0].facets.b: is a number, not an object, and is kept as it came",
      "$.inputs[0].facets.c: has no _producer and no _schemaURL",
      "$.inputs[0].facets.d: has no _schemaURL"]),
    (run_event(outputs=[dataset(outputFacets={"subset": None}, facets={"version": facet()})]),
     ["$.outputs[0].outputFacets.subset: is null and is read as absent",
      "$.outputs[0].facets.version: has a shape that cannot be read; it is kept, and the graph "
      "goes without it"]),
    (dataset_event(dataset=dataset(facets={"headwater_kind": facet(
        _schemaURL="https://example.org/headwater_kind-2-0.json")})),
     ["$.dataset.facets.headwater_kind: has a major version that is not known here; it is kept, "
      "not read"]),
    (job_event(job={"namespace": "n", "name": "j", "facets": {"jobType": facet(_deleted=True,
                                                                               jobType=3)}}), []),
    (run_event(run={"runId": RUN_ID, "facets": {"parent": facet(
        run={"runId": RUN_ID}, job={"namespace": "n", "name": "j"})}}), []),
    (run_event(run={"runId": RUN_ID, "facets": {"parent": facet(
        run={"runId": "1"}, job={"namespace": "jobs", "name": "load"},
        root={"run": {"runId": "1"}, "job": {"namespace": "jobs", "name": "load"}})}}),
     ["$.run.facets.parent.run.runId: '1' is no UUID, so it stands as "
      "e476236d-27bb-573d-ae75-b654f3b6a8d3",
      "$.run.facets.parent.root.run.runId: '1' is no UUID, so it stands as "
      "e476236d-27bb-573d-ae75-b654f3b6a8d3"]),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), WARNED)
def test_warns_with_the_path(event: object, expected: list[str]) -> None:
    """A lenient admission tells the producer what it had to overlook."""
    assert list(admit(event).warnings) == expected


def test_reads_null_as_absent() -> None:
    """Null members, lists and maps of facets are admitted with a warning each."""
    event = {**run_event(), "eventType": None, "dataset": None, "inputs": None, "producer": None}
    event["job"]["facets"] = None
    parsed = admit(event)
    assert (parsed.event.inputs, parsed.event.kind, parsed.warnings) == (
        None,
        "run",
        (
            "$.producer: is missing",
            "$.eventType: is null and is ignored",
            "$.dataset: is null and is ignored",
            "$.inputs: is null and is ignored",
            "$.eventType: is missing",
            "$.job.facets: is null and is read as absent",
        ),
    )


def test_keeps_facets_as_they_came() -> None:
    """A facet's bytes survive, spaces and 64-bit numbers included."""
    raw = b'{ "id" : 9223372036854775807, "x": 1e999 }'
    body = dump(job_event(job={"namespace": "n", "name": "j", "facets": {"a": 0}}))
    job = admit(body.replace(b'"a":0', b'"a":' + raw)).event.job
    assert bytes((job.facets or {})["a"]) == raw if job else False


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_ignores_facets_of_the_other_side(side: str) -> None:
    """What an input says under `outputFacets`, of any shape, is left out, and the rest is kept."""
    other = "outputFacets" if side == "inputs" else "inputFacets"
    event = admit(run_event(**{side: [{**dataset(facets={"a": facet()}), other: 5}]})).event
    assert [list(item.facets or {}) for item in getattr(event, side)] == [["a"]]


def test_decodes_nothing_that_was_never_admitted() -> None:
    """A body that admission would refuse raises an error of msgspec."""
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"eventTime":1}')


def _ahead(us: int) -> dict[str, object]:
    return run_event(eventTime=iso(NOW + us))


def test_takes_the_near_future_as_it_is() -> None:
    """A clock a day ahead is nothing to speak of."""
    assert admit(_ahead(TIME_AHEAD_WARNED_US)).warnings == ()


@pytest.mark.parametrize("us", [TIME_AHEAD_WARNED_US + 1, TIME_AHEAD_MAX_US])
def test_warns_of_the_future(us: int) -> None:
    """More than a day ahead is admitted with a warning."""
    expected = "$.eventTime: is more than a day ahead of 2027-01-01T00:00:00Z"
    assert admit(_ahead(us)).warnings == (expected,)


def test_refuses_the_far_future() -> None:
    """More than ten years ahead is refused."""
    assert refusal(_ahead(TIME_AHEAD_MAX_US + 1)) == [
        f"$.eventTime: '{iso(NOW + TIME_AHEAD_MAX_US + 1)}' is more than ten years ahead of "
        "2027-01-01T00:00:00Z"
    ]


def _fields(count: int) -> dict[str, object]:
    return {"columnLineage": facet(fields={str(i): {} for i in range(count)})}


def _inputs(count: int) -> dict[str, object]:
    return {"lineage": facet(entries=[{"type": "JOB", "inputs": [{"type": "JOB"}] * count}])}


def _nulls(key: str, count: int) -> dict[str, object]:
    return {("symlinks" if key == "identifiers" else "lineage"): facet(**{key: [{}] * count})}


def _of_dataset(facets: dict[str, object]) -> dict[str, object]:
    return dataset_event(dataset=dataset(facets=facets))


LIMITS = [
    (lambda n: run_event(inputs=[dataset("é" * (n // 2) + "a" * (n % 2))]), NAME_BYTES_MAX,
     "$.inputs[0].name: has 4,097 bytes; the limit for names is 4,096"),
    (lambda n: run_event(run={"runId": "1" * n}), NAME_BYTES_MAX,
     "$.run.runId: has 4,097 bytes; the limit for names is 4,096"),
    (lambda n: run_event(inputs=[dataset()] * (n - 1), outputs=[dataset()]), DATASETS_MAX,
     "$: has 10,001 inputs and outputs; the limit is 10,000"),
    (lambda n: _of_dataset({str(i): facet() for i in range(n)}), FACETS_MAX,
     "$.dataset.facets: has 1,001 facets; the limit is 1,000"),
    (lambda n: _of_dataset(_fields(n)), COLUMNS_MAX,
     "$.dataset.facets.columnLineage: has 20,001 columns; the limit is 20,000"),
    (lambda n: _of_dataset(_inputs(n)), COLUMN_INPUTS_MAX,
     "$.dataset.facets.lineage: has 100,001 inputs; the limit is 100,000"),
    (lambda n: _of_dataset(_nulls("entries", n)), ENTRIES_MAX,
     "$.dataset.facets.lineage: has 10,001 entries; the limit is 10,000"),
    (lambda n: _of_dataset(_nulls("identifiers", n)), ENTRIES_MAX,
     "$.dataset.facets.symlinks: has 10,001 identifiers; the limit is 10,000"),
    (lambda n: _of_dataset({"version": facet(datasetVersion="é" * (n // 2) + "a" * (n % 2))}),
     NAME_BYTES_MAX,
     "$.dataset.facets.version.datasetVersion: has 4,097 bytes; the limit for names is 4,096"),
    (lambda n: _of_dataset({"columnLineage": facet(fields={"a" * n: {"inputFields": []}})}),
     NAME_BYTES_MAX,
     f'$.dataset.facets.columnLineage.fields.{"a" * 4_097}: is a column whose name has 4,097 '
     "bytes; the limit for names is 4,096"),
    (lambda n: _of_dataset({"a" * n: facet()}), NAME_BYTES_MAX,
     f'$.dataset.facets.{"a" * 4_097}: is a facet whose name has 4,097 bytes; the limit for names '
     "is 4,096"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "limit", "expected"), LIMITS)
def test_admits_up_to_the_limit(make: object, limit: int, expected: str) -> None:
    """Every limit may be reached."""
    admit(make(limit))  # type: ignore[operator]


@pytest.mark.parametrize(("make", "limit", "expected"), LIMITS)
def test_refuses_one_beyond_the_limit(make: object, limit: int, expected: str) -> None:
    """No limit may be passed, by one."""
    assert refusal(make(limit + 1)) == [expected]  # type: ignore[operator]


def test_bodies_below_the_deep_ones_pass_no_limit_inside_facets() -> None:
    """The smallest list or map that passes a limit needs more bytes than DEEP_BYTES."""
    least = min(ENTRIES_MAX, COLUMNS_MAX, COLUMN_INPUTS_MAX)
    assert len("0,") * least > DEEP_BYTES


def test_finds_nul_inside_facets() -> None:
    """Names in the facets that the graph reads have no NUL, other text may."""
    facets = {
        "documentation": facet(description="a\0b"),
        "parent": facet(run={"runId": "\0"}, job={"namespace": "n", "name": "\0", "facets":
                        {"x": {"name": "\0"}}}),
    }  # fmt: skip
    assert refusal(run_event(run={"runId": RUN_ID, "facets": facets})) == [
        "$.run.facets.parent.run.runId: has a NUL character",
        "$.run.facets.parent.job.name: has a NUL character",
    ]


def test_takes_tricks_in_names_as_names() -> None:
    """SQL and paths in a name are code points like any other."""
    name = "'; DROP TABLE entries; --/../../etc/passwd\n\u202e"
    event = admit(run_event(outputs=[dataset(name)])).event
    assert [item.name for item in event.outputs or ()] == [name]


def test_bounds_the_list_of_problems() -> None:
    """Beyond PROBLEMS_MAX the list ends and says so."""
    found = refusal(run_event(inputs=[5] * (PROBLEMS_MAX + 5)))
    assert (len(found), found[-1]) == (
        PROBLEMS_MAX + 1,
        "$: has more than these 1,000; the rest is left out",
    )


def test_strict_adds_what_the_schemas_refuse() -> None:
    """Strict admission lists its own problems and those of the schemas, each place once."""
    event = run_event(eventTime="soon", producer=None, run={"runId": "1"})
    assert refusal(event, strict=True) == [
        "$.eventTime: 'soon' is no RFC 3339 date and time such as 2026-11-01T09:30:00Z",
        "$.producer: is missing",
        "$.run.runId: is no uuid",
    ]


def test_strict_still_warns() -> None:
    """What the schemas allow and a person would not is a warning in strict mode too."""
    assert admit(_ahead(TIME_AHEAD_MAX_US), strict=True).warnings != ()


def test_every_limit_says_its_unit_or_number() -> None:
    """Limits are positive numbers."""
    named = [getattr(limits, name) for name in dir(limits) if name.isupper()]
    assert all(isinstance(value, int) and value > 0 for value in named)


def test_names_problems_as_json_paths() -> None:
    """The error carries problems as data, for an API to return."""
    with pytest.raises(InvalidEvent) as caught:
        admit({**run_event(), "job": {"namespace": json.loads("1")}})
    assert [problem.path for problem in caught.value.problems] == ["$.job.namespace", "$.job.name"]
