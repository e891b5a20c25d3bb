"""`project`: what one entry claims, and nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from headwater.claims import model
from headwater.claims.model import Defined, Described, Labelled, Mentioned, Observed
from headwater.claims.project import LABEL_KIND, project
from headwater.refs import Artifact, Job, Run

RUN_ID = "0193AAAA-0000-7000-8000-000000000001"
RUN = Run(RUN_ID.lower(), "cron", "load")
TIME = "2026-05-04T01:00:00Z"
TIME_US = 1_777_856_400_000_000


def claims_of(event: dict[str, Any], kind: str = "run") -> tuple[model.Claim, ...]:
    """Project an event at entry 7."""
    return project(7, f"openlineage.{kind}", json.dumps(event).encode(), at=0)


def run_event(**parts: Any) -> dict[str, Any]:
    """A COMPLETE event with these parts."""
    return {
        "eventType": "COMPLETE",
        "eventTime": TIME,
        "run": {"runId": RUN_ID},
        "job": {"namespace": "cron", "name": "load"},
        **parts,
    }


def test_a_run_event_claims_the_state_and_each_mention() -> None:
    """One `Observed`, and one `Mentioned` for each input and output, in their places."""
    event = run_event(
        inputs=[{"namespace": "db", "name": "a"}, {"namespace": "db", "name": "b"}],
        outputs=[{"namespace": "db", "name": "c"}],
    )
    assert claims_of(event) == (
        Observed(7, RUN, TIME_US, "COMPLETE", False, {}, {}),
        Mentioned(7, RUN, "input", Artifact("db", "a"), TIME_US, 0, True, {}),
        Mentioned(7, RUN, "input", Artifact("db", "b"), TIME_US, 1, True, {}),
        Mentioned(7, RUN, "output", Artifact("db", "c"), TIME_US, 0, True, {}),
    )


def test_only_a_terminal_event_makes_terminal_mentions() -> None:
    """What START mentions was not first said at the end."""
    event = run_event(eventType="START", inputs=[{"namespace": "db", "name": "a"}])
    mention = claims_of(event)[1]
    assert isinstance(mention, Mentioned)
    assert not mention.terminal


def test_the_letter_case_of_a_state_is_nothing() -> None:
    """A producer's `complete` is COMPLETE; an absent state stays absent."""
    (said,) = claims_of(run_event(eventType="complete"))
    assert isinstance(said, Observed)
    assert said.type == "COMPLETE"
    (unsaid,) = claims_of({**run_event(), "eventType": None})
    assert isinstance(unsaid, Observed)
    assert unsaid.type is None


def test_a_facet_carries_the_digest_of_its_bytes_and_where_it_stands() -> None:
    """SHA-256 over the value as received; the value itself only where the graph reads it."""
    facets = '{"version": {"datasetVersion":  "1"}, "weather": {"sun": true}}'
    body = (
        '{"eventTime":"2026-05-04T01:00:00Z","dataset":'
        f'{{"namespace":"db","name":"a","facets":{facets}}}}}'
    )
    (claim,) = project(7, "openlineage.dataset", body.encode(), at=0)
    assert isinstance(claim, Described)
    value = '{"datasetVersion":  "1"}'
    assert claim.facets["version"].digest == hashlib.sha256(value.encode()).hexdigest()
    assert claim.facets["version"].value == value
    assert claim.facets["version"].path == ("dataset", "facets", "version")
    assert claim.facets["weather"].value is None


def test_a_specific_facet_hides_the_general_one_of_its_name() -> None:
    """Of one name in `facets` and in `outputFacets`, the latter counts."""
    output = {
        "namespace": "db",
        "name": "a",
        "facets": {"subset": {"a": 1}},
        "outputFacets": {"subset": {"a": 2}},
    }
    mention = claims_of(run_event(outputs=[output]))[1]
    assert isinstance(mention, Mentioned)
    assert mention.facets["subset"].path == ("outputs", 0, "outputFacets", "subset")


def test_a_deletion_keeps_no_value_and_a_null_facet_is_not_said() -> None:
    """`_deleted` is a statement of its own; null is none."""
    output = {
        "namespace": "db",
        "name": "a",
        "facets": {"version": {"_deleted": True}, "symlinks": None},
    }
    mention = claims_of(run_event(outputs=[output]))[1]
    assert isinstance(mention, Mentioned)
    assert mention.facets["version"].deleted
    assert mention.facets["version"].value is None
    assert "symlinks" not in mention.facets


def test_an_inferred_end_is_marked() -> None:
    """`headwater_inferred` among the run facets says that nobody observed it."""
    facets = {"headwater_inferred": {"reason": "the process is gone"}}
    (claim,) = claims_of(run_event(run={"runId": RUN_ID, "facets": facets}))
    assert isinstance(claim, Observed)
    assert claim.inferred


def test_a_job_event_tells_absent_lists_from_empty_ones() -> None:
    """An absent list says nothing; an empty one says that there is none."""
    event = {
        "eventTime": TIME,
        "job": {"namespace": "cron", "name": "load"},
        "inputs": [],
    }
    (claim,) = claims_of(event, "job")
    assert isinstance(claim, Defined)
    assert (claim.job, claim.inputs, claim.outputs) == (Job("cron", "load"), (), None)


def test_a_job_event_describes_the_datasets_that_have_facets() -> None:
    """Facets in a static list are statements about their datasets."""
    source = {"headwater_policy": {"source": True}}
    event = {
        "eventTime": TIME,
        "job": {"namespace": "cron", "name": "load"},
        "inputs": [{"namespace": "db", "name": "a", "facets": source}],
        "outputs": [{"namespace": "db", "name": "b"}],
    }
    defined, described = claims_of(event, "job")
    assert isinstance(defined, Defined)
    assert defined.outputs == (Artifact("db", "b"),)
    assert isinstance(described, Described)
    assert described.artifact == Artifact("db", "a")


def test_a_body_that_is_about_nothing_claims_nothing() -> None:
    """An event without run, job and dataset has no claim, and neither has another kind of entry."""
    assert claims_of({"eventTime": TIME}) == ()
    assert project(7, "custody.read", b"anything", at=0) == ()


def test_a_label_is_claimed_at_its_own_time_or_at_the_entry_s() -> None:
    """`governance.label` carries its time; where it is empty the entry's counts."""
    label = {"subject": "artifact:db/a", "key": "owner", "value": "data", "time": TIME, "by": "x"}
    told = project(7, LABEL_KIND, json.dumps(label).encode(), at=5)
    untold = project(7, LABEL_KIND, json.dumps({**label, "time": ""}).encode(), at=5)
    assert told == (Labelled(7, "artifact:db/a", "owner", "data", TIME_US, "x"),)
    assert untold == (Labelled(7, "artifact:db/a", "owner", "data", 5, "x"),)


def test_claims_read_back_as_they_were_kept() -> None:
    """`decode(encode(claims))` are the claims, of every kind."""
    facets = {"version": {"v": "é"}, "symlinks": {"_deleted": True}}
    output = {"namespace": "db", "name": "a", "facets": facets}
    label = {"subject": "artifact:db/a", "key": "owner", "value": "data", "time": TIME, "by": "x"}
    claims = (
        *claims_of(run_event(outputs=[output])),
        *claims_of({"eventTime": TIME, "job": run_event()["job"], "outputs": [output]}, "job"),
        *claims_of({"eventTime": TIME, "dataset": output}, "dataset"),
        *project(7, LABEL_KIND, json.dumps(label).encode(), at=5),
    )
    assert model.decode(model.encode(claims)) == claims
