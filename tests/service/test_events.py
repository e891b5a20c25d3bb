"""Giving events: every one gets a receipt or a reason."""

from __future__ import annotations

import gzip
import json

import pytest

from headwater.openlineage.limits import EVENT_BYTES_MAX
from tests.service.conftest import Run
from tests.service.served import JSON, Client
from tests.store.making import event, events

BATCH = "/api/v1/lineage/batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


def test_an_event_gets_a_receipt(served: Client) -> None:
    """A new event is 201 with its entry; its bytes again are 200 with the same entry."""
    first, again = served.post(event(1)), served.post(event(1))
    assert (first.status, first.json) == (201, {"entry": 0, "status": "accepted", "warnings": []})
    assert (again.status, again.json) == (200, {"entry": 0, "status": "duplicate", "warnings": []})
    assert first.headers["location"] == "/log/entry/0"


def test_an_event_is_visible_at_once(served: Client) -> None:
    """What is acknowledged is in the next answer."""
    served.post(event(2))
    answer = served.get("/api/v1/trace", ref="out2")
    assert answer.status == 200
    assert {node["kind"] for node in answer.json["nodes"]} == {"version", "run"}


def test_a_warning_comes_with_the_receipt(served: Client) -> None:
    """Lenient admission says what it was lenient about; strict refuses it."""
    body = event(1).replace(b":01Z", b":01")
    refused = served.post(body, strict="true")
    assert refused.status == 422
    taken = served.post(body)
    assert taken.status == 201
    assert any("no time zone" in warning for warning in taken.json["warnings"])


def test_every_problem_is_listed_with_its_path(served: Client) -> None:
    """An invalid event is 422 as problem+json, with all of its problems."""
    reply = served.post(b'{"eventType": 1, "job": {}}')
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    paths = {problem["path"] for problem in reply.json["problems"]}
    assert {"$.eventTime", "$.job.namespace", "$.job.name"} <= paths
    assert reply.json["error"] == "InvalidEvent"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 10_000, b"NaN"],
    ids=lambda body: repr(body[:8]),
)
def test_what_is_no_event_is_refused(served: Client, body: bytes) -> None:
    """Whatever a body holds, the answer is 4xx with a reason, and nothing is stored."""
    reply = served.post(body)
    assert reply.status == 422
    assert reply.json["problems"]
    assert b"\n0\n" in served.get("/log/checkpoint").body


@pytest.mark.parametrize("over", [0, 1])
def test_the_largest_event(served: Client, over: int) -> None:
    """An event of the greatest size is taken, compressed or not; one byte more is 413."""
    body = event(1, size=EVENT_BYTES_MAX + over)
    packed = gzip.compress(body, 1)
    plain = served.post(body)
    inflated = served.ask("POST", "/api/v1/lineage", packed, {**JSON, "Content-Encoding": "gzip"})
    assert (plain.status, inflated.status) == ((413, 413) if over else (201, 200))


def test_a_batch_keeps_its_good_events(served: Client) -> None:
    """The response counts as the OpenLineage specification has it, and names what failed."""
    body = b"[" + b",".join([event(1), b'{"job": 3}', event(2), event(1)]) + b"]"
    reply = served.post(body, BATCH)
    assert reply.status == 200
    assert reply.json["status"] == "partial_success"
    assert reply.json["summary"] == {
        "received": 4,
        "successful": 3,
        "failed": 1,
        "retriable": 0,
        "non_retriable": 1,
    }
    (failed,) = reply.json["failed_events"]
    assert (failed["index"], failed["retriable"]) == (1, False)
    assert "$.eventTime" in failed["reason"]


def test_an_event_of_an_array_keeps_its_bytes(served: Client) -> None:
    """An element is admitted as its slice of the array: alone, the same bytes are a duplicate."""
    body = b'[ {"spaced" :  1, ' + event(1)[1:] + b" ,\n" + event(2) + b"\n]"
    assert served.post(body, BATCH).json["summary"]["successful"] == 2
    assert served.post(b'{"spaced" :  1, ' + event(1)[1:]).status == 200


def test_ndjson_goes_line_by_line(served: Client) -> None:
    """A bad line of NDJSON is one failed event."""
    body = b"\n".join([event(1), b"{broken", event(2)])
    reply = served.ask("POST", BATCH, body, NDJSON)
    assert reply.json["summary"]["successful"] == 2
    assert [one["index"] for one in reply.json["failed_events"]] == [1]


def test_an_array_that_is_no_json_is_refused_whole(served: Client) -> None:
    """Of a broken array nothing is kept, and the place is named."""
    reply = served.post(b"[" + event(1) + b",", BATCH)
    assert reply.status == 422
    assert "column" in reply.json["detail"]
    assert served.post(event(1)).status == 201


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"\0", event(1), b"\n".join(events(2))])
def test_json_that_is_no_array(served: Client, body: bytes) -> None:
    """What is said to be JSON has to be an array."""
    reply = served.post(body, BATCH)
    assert (reply.status, "x-ndjson" in reply.json["detail"]) == (422, True)


def test_a_batch_of_failures_and_one_of_nothing(served: Client) -> None:
    """A batch without a good event says `failure`, and an empty one is a success of none."""
    assert served.post(b'[{"job": 3}]', BATCH).json["status"] == "failure"
    assert served.post(b"[]", BATCH).json["status"] == "success"


def test_receipts_of_a_batch(served: Client) -> None:
    """Asked for, the receipt of every event comes with the response."""
    body = b"[" + b",".join([*events(2), event(0), b"{}"]) + b"]"
    receipts = served.post(body, BATCH, receipts="true").json["receipts"]
    assert [(one["index"], one["entry"], one["status"]) for one in receipts] == [
        (0, 0, "accepted"),
        (1, 1, "accepted"),
        (2, 0, "duplicate"),
        (3, None, "rejected"),
    ]
    assert receipts[3]["problems"]


def test_a_large_batch_is_cut_into_commits(served: Client) -> None:
    """More events than one commit takes come back in one response, in order."""
    body = b"\n".join(events(1_300))
    reply = served.ask("POST", f"{BATCH}?receipts=true", body, NDJSON)
    assert [one["entry"] for one in reply.json["receipts"]] == list(range(1_300))


def test_a_label_is_an_entry(served: Client) -> None:
    """A label is asserted by who gives it, and shown from then on."""
    served.post(event(1))
    body = json.dumps({"ref": "out1", "key": "owner", "value": "risk"}).encode()
    reply = served.post(body, "/api/v1/label")
    assert (reply.status, reply.json["entry"]) == (201, 1)
    assert served.get("/api/v1/show", ref="out1").json["owners"] == ["risk"]


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ({"ref": "nothing", "key": "owner", "value": "x"}, 404),
        ({"ref": "out1", "key": "Owner", "value": "x"}, 422),
        ({"ref": "out1", "key": "owner", "value": "x" * 1_025}, 422),
        ({"ref": "out1", "key": "owner"}, 422),
        ({"ref": "out1", "key": "owner", "value": "x", "by": "y"}, 422),
        ([], 422),
    ],
)
def test_a_bad_label_is_refused(served: Client, label: object, status: int) -> None:
    """A label that cannot stand is refused, with a reason."""
    served.post(event(1))
    assert served.post(json.dumps(label).encode(), "/api/v1/label").status == status


def test_strict_can_be_the_default(run: Run) -> None:
    """A service that was started strict refuses, unless a request asks to be lenient."""
    strict = run(strict=True)
    body = event(1).replace(b":01Z", b":01")
    assert strict.post(body).status == 422
    assert strict.post(body, strict="false").status == 201
