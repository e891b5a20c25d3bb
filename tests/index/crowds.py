"""Histories in which much meets in one place: a name that all write and read, a large family.

Unlike those of `tests.graph.histories` they are long, and of few kinds of events.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.graph.histories import NAMESPACE, dataset_of
from tests.graph.told import Json

SECONDS = 59
HOT = "d/hot"
NAMES = (HOT, HOT, HOT, HOT, HOT, HOT, "d", "cold")


def run_id(number: int) -> str:
    """The id of a run."""
    return f"00000000-0000-4000-8000-{number:012}"


@st.composite
def hot(draw: st.DrawFn) -> list[Json]:
    """Some dozens of runs that write and read one name, and now and then another, at any time."""
    flavours = draw(
        st.sets(st.sampled_from(["declared", "digest", "state", "rename", "open"]), max_size=2)
    )
    events = []
    for number in range(draw(st.integers(8, 36))):
        run = number
        if number and "open" in flavours and draw(st.integers(0, 3)) == 0:
            run = draw(st.integers(0, number - 1))
        event = _event(run, draw(st.integers(0, SECONDS)), "j")
        if "open" in flavours and draw(st.integers(0, 2)) == 0:
            event["eventType"] = "START"
        for role in draw(st.sampled_from([("inputs",), ("inputs",), ("outputs",), _BOTH])):
            event[role] = [_dataset(draw, flavours, role)]
        events.append(event)
    return events


_BOTH = ("inputs", "outputs")


def _dataset(draw: st.DrawFn, flavours: set[str], role: str) -> Json:
    given = dataset_of(draw(st.sampled_from(NAMES)))
    facets: Json = {}
    if "declared" in flavours and draw(st.booleans()):
        facets["version"] = {"datasetVersion": draw(st.sampled_from("12345"))}
    if "digest" in flavours and draw(st.booleans()):
        value = draw(st.sampled_from("abc")) * 64
        facets["headwater_digest"] = {"algorithm": "sha256", "value": value, "of": "bytes"}
    if role == "outputs" and "state" in flavours and draw(st.integers(0, 4)) == 0:
        state = draw(st.sampled_from(["CREATE", "DROP", "OVERWRITE"]))
        facets["lifecycleStateChange"] = {"lifecycleStateChange": state}
    if role == "outputs" and "rename" in flavours and draw(st.integers(0, 2)) == 0:
        old = "cold" if given["name"] == HOT else HOT
        facets["lifecycleStateChange"] = {
            "lifecycleStateChange": "RENAME", "previousIdentifier": dataset_of(old),
        }  # fmt: skip
    return given | {"facets": facets} if facets else given


@st.composite
def families(draw: st.DrawFn) -> list[Json]:
    """Runs within runs: some that enclose many, with and without reads and writes of their own."""
    outer = draw(st.integers(1, 4))
    tables = [f"t{number}" for number in range(draw(st.integers(1, 8)))]
    speak = draw(st.sampled_from([0, 1, 3]))
    steady = draw(st.booleans())
    events = []
    for _ in range(draw(st.integers(6, 28))):
        encloses = draw(st.integers(0, 4)) == 0
        run = draw(st.integers(0, outer - 1) if encloses else st.integers(outer, outer + 20))
        event = _event(run, draw(st.integers(0, SECONDS)), f"j{run % 2}")
        event["eventType"] = draw(st.sampled_from(["START", "COMPLETE", "COMPLETE", "FAIL"]))
        if steady:
            if run:
                event["run"]["facets"]["parent"] = _part_of(run % outer if run >= outer else 0)
        elif draw(st.integers(0, 9)) < (3 if encloses else 8):
            event["run"]["facets"]["parent"] = _parent(draw, run, outer)
        if encloses and draw(st.integers(0, 3)) >= speak:
            events.append(event)
            continue
        for role in _BOTH:
            if draw(st.booleans()):
                event[role] = [dataset_of(draw(st.sampled_from(tables)))]
        if draw(st.integers(0, 9)) == 0:
            event["job"]["facets"]["jobType"] = {
                "processingType": draw(st.sampled_from(["STREAMING", "BATCH"])),
                "integration": "T", "jobType": "JOB",
            }  # fmt: skip
        events.append(event)
    return events


def _parent(draw: st.DrawFn, run: int, outer: int) -> Json:
    def one() -> Json:
        most = outer if run < outer or draw(st.integers(0, 4)) else outer + 5
        return _part_of(draw(st.integers(0, most)))

    parent = one()
    if draw(st.integers(0, 2)) == 0:
        parent["root"] = one()
    return parent


def _part_of(run: int) -> Json:
    return {
        "run": {"runId": run_id(run)},
        "job": {"namespace": NAMESPACE, "name": f"j{run % 2}"},
    }


def _event(run: int, second: int, job: str) -> Json:
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-01-01T00:00:{second:02}Z",
        "run": {"runId": run_id(run), "facets": {}},
        "job": {"namespace": NAMESPACE, "name": job, "facets": {}},
    }
