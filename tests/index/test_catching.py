"""An index that catches up says what one says that was made of everything at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.claims.model import Claim, Labelled
from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Limits, everything
from headwater.graph.resolve import resolve_whole
from headwater.index import layers, supports, timelines, walking
from headwater.index.catching import catch_up
from headwater.index.index import Index
from tests.graph.golden import OWN, events_of
from tests.graph.histories import NAMESPACE, RUN_IDS, dataset_of, histories, time_of
from tests.graph.product import claims
from tests.graph.test_laws import laws
from tests.graph.told import Json
from tests.index.comparing import answers, compiled, facts, half
from tests.index.crowds import families, hot


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A place for the files of all examples."""
    with TemporaryDirectory() as name:
        yield Path(name)


def by_entry(history: list[Json]) -> dict[int, tuple[Claim, ...]]:
    """The claims of each event."""
    found: dict[int, list[Claim]] = {index: [] for index in range(len(history))}
    for claim in claims(history):
        found[claim.entry].append(claim)
    return {entry: tuple(said) for entry, said in found.items()}


def first(said: dict[int, tuple[Claim, ...]], size: int, folder: Path) -> Index:
    """An index of the first entries."""
    return compiled(*resolve_whole(some(said, 0, size), size), folder)


def further(index: Index, said: dict[int, tuple[Claim, ...]], start: int, end: int) -> Index:
    """One that caught up with the entries from `start` up to `end`."""

    def fetch(entries: object) -> dict[int, tuple[Claim, ...]]:
        wanted = set(entries)  # type: ignore[call-overload]
        assert all(entry < start for entry in wanted)
        return {entry: said[entry] for entry in wanted}

    return catch_up(index, fetch, {entry: said[entry] for entry in range(start, end)})


def some(said: dict[int, tuple[Claim, ...]], start: int, end: int) -> list[Claim]:
    """The claims of the entries from `start` up to `end`."""
    return [claim for entry in range(start, end) for claim in said[entry]]


@laws
@given(history=histories(), data=st.data())
def test_an_index_catches_up_with_further_events(
    folder: Path, history: list[Json], data: st.DataObject
) -> None:
    """After every step it says of everything what the graph of all so far says."""
    said = by_entry(history)
    sizes = sorted(data.draw(st.sets(st.integers(0, len(history)), min_size=2, max_size=5)))
    index = first(said, sizes[0], folder)
    for start, size in pairwise(sizes):
        index = further(index, said, start, size)
        known, _ = resolve_whole(some(said, 0, size), size)
        expected = facts(Adjacency(known), known)
        for found, meant in zip(facts(index, known), expected, strict=True):
            assert found == meant


@pytest.mark.parametrize("step_by_step", [True, False])
@laws
@given(
    history=histories(),
    sizes=st.tuples(st.integers(0, 14), st.integers(0, 14)),
    depth=st.none() | st.integers(0, 3),
    nodes=st.none() | st.integers(1, 4),
    skip=st.integers(0, 4),
    visible=st.sampled_from([everything, half]),
)
def test_what_caught_up_is_walked_as_its_graph_is(
    folder: Path,
    step_by_step: bool,
    history: list[Json],
    sizes: tuple[int, int],
    depth: int | None,
    nodes: int | None,
    skip: int,
    visible: object,
) -> None:
    """From everything, both ways, to any depth and window, for any reader; by steps or arrays.

    What a reader holds says the same after others have caught up from it.
    """
    said, size = by_entry(history), len(history)
    begin, middle = sorted(min(one, size) for one in sizes)
    before = further(first(said, begin, folder), said, begin, middle)
    after = further(before, said, middle, size)
    limits = Limits(depth=depth, nodes=nodes, skip=skip)
    for index, end in ((before, middle), (after, size)):
        known, _ = resolve_whole(some(said, 0, end), end)
        with pytest.MonkeyPatch.context() as patch:
            for limit in ("VERSIONS_MAX", "WARM_VERSIONS_MAX"):
                patch.setattr(walking, limit, 4_096 if step_by_step else 0)
            found = list(answers(index, known, limits, visible))  # type: ignore[arg-type]
        expected = list(answers(Adjacency(known), known, limits, visible))  # type: ignore[arg-type]
        for one, meant in zip(found, expected, strict=True):
            assert one == meant


@pytest.mark.parametrize("crowd", [hot, families])
@laws
@given(data=st.data())
def test_what_meets_in_one_place_is_caught_up_with(
    folder: Path, crowd: Callable[[], st.SearchStrategy[list[Json]]], data: st.DataObject
) -> None:
    """A name that all write and read, and a large family: events come one by one or many at once.

    Footprints are passed over by so few that there are many blocks of them, and all that came later
    is in layers.
    """
    history = data.draw(crowd())
    said = by_entry(history)
    sizes = {*range(len(history) + 1)}
    if data.draw(st.booleans()):
        sizes = data.draw(st.sets(st.sampled_from(sorted(sizes)), max_size=4)) | {len(history)}
    start = data.draw(st.integers(0, len(history)))
    with pytest.MonkeyPatch.context() as patch:
        for room in (supports, timelines):
            patch.setattr(room, "BLOCK", 2)
        patch.setattr(layers, "SMALL", 1)
        index = first(said, start, folder)
        for size in sorted(size for size in sizes if size > start):
            index = further(index, said, start, size)
            start = size
            known, _ = resolve_whole(some(said, 0, size), size)
            expected = facts(Adjacency(known), known)
            for found, meant in zip(facts(index, known), expected, strict=True):
                assert found == meant


SUBJECTS = ("artifact:n/a", "artifact:n/b", "job:n/j", "nonsense")


@laws
@given(
    history=histories(most=8),
    said=st.lists(
        st.tuples(
            st.integers(0, 8),
            st.sampled_from(SUBJECTS),
            st.sampled_from(["owner", "tag", "source", "domain"]),
            st.sampled_from(["x", "y", "true", ""]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_an_index_catches_up_with_labels(
    folder: Path, history: list[Json], said: list[tuple[int, str, str, str, int]]
) -> None:
    """Owners, tags and sources are those that stand, also where some are taken back."""
    entries = by_entry(history)
    for place, subject, key, value, time in said:
        entry = min(place, len(history) - 1)
        label = Labelled(entry, subject, key, value, time, "me")
        entries[entry] = (*entries[entry], label)
    index = first(entries, 1, folder)
    for size in range(2, len(history) + 1):
        index = further(index, entries, size - 1, size)
    known, _ = resolve_whole(some(entries, 0, len(history)), len(history))
    assert list(facts(index, known)) == list(facts(Adjacency(known), known))


@pytest.mark.parametrize("story", sorted(path.name for path in OWN.iterdir()))
def test_every_story_is_caught_up_with_from_each_of_its_events(story: str, folder: Path) -> None:
    """One event after another, and all that follow an event at once."""
    said = by_entry(events_of(OWN / story))
    size = len(said)
    known, _ = resolve_whole(some(said, 0, size), size)
    expected = list(facts(Adjacency(known), known))
    index = first(said, 0, folder)
    for start in range(size):
        if start:
            assert list(facts(further(first(said, start, folder), said, start, size), known)) == (
                expected
            )
        index = further(index, said, start, start + 1)
    assert list(facts(index, known)) == expected


OF_JOB = {"namespace": NAMESPACE, "name": "j"}


def run(number: int, second: int, job: str = "j", **said: Any) -> Json:
    """A COMPLETE event of a run; `inputs` and `outputs` are names, `jobs` facets of the job.

    `within` and `root` are the numbers of the run around it, and of the outermost.
    """
    around = {
        name: {"run": {"runId": RUN_IDS[said[key]]}, "job": OF_JOB}
        for name, key in (("parent", "within"), ("root", "root"))
        if key in said
    }
    facets: Json = {}
    if "parent" in around:
        facets["parent"] = around.pop("parent") | around
    named = {
        role: [dataset_of(name) for name in said.get(role, ())] for role in ("inputs", "outputs")
    }
    return {
        "eventType": "COMPLETE",
        "eventTime": time_of(second),
        "run": {"runId": RUN_IDS[number], "facets": facets},
        "job": {"namespace": NAMESPACE, "name": job, "facets": said.get("job_facets", {})},
        **named,
    }


STREAMING = {"jobType": {"processingType": "STREAMING", "integration": "T", "jobType": "JOB"}}
BATCH = {"jobType": {"processingType": "BATCH", "integration": "T", "jobType": "JOB"}}


def job_event(second: int, facets: Json) -> Json:
    """A JobEvent of the job."""
    job = {"namespace": NAMESPACE, "name": "j", "facets": facets}
    return {"job": job, "eventTime": time_of(second)}


def lineage_of(target: str, source: str) -> Json:
    """A `lineage` facet of a job."""
    inputs = [dataset_of(source) | {"type": "DATASET"}]
    return {"entries": [dataset_of(target) | {"type": "DATASET", "inputs": inputs}]}


REACHING = {
    "the type of a job, said of it": [
        run(0, 1, outputs=["a"]), run(1, 2, outputs=["a"]), job_event(3, STREAMING),
    ],
    "the type of a job, said by another run": [
        run(0, 1, outputs=["a"]), run(1, 2, inputs=["a"], outputs=["b"]),
        run(2, 3, job_facets=STREAMING),
    ],
    "the same type once more": [
        job_event(1, STREAMING), run(0, 2, outputs=["a"]), run(1, 3, job_facets=STREAMING),
        run(2, 4, inputs=["a"], outputs=["a"]),
    ],
    "a type of a job that a late event says": [
        run(0, 5, outputs=["a"], job_facets=BATCH), run(1, 6, outputs=["b"]),
        job_event(1, STREAMING), run(2, 7, inputs=["a"]),
    ],
    "a type of a job that is deleted": [
        run(0, 1, outputs=["a"], job_facets=STREAMING), run(1, 2, outputs=["b"]),
        job_event(3, {"jobType": {"_deleted": True}}), run(2, 4, inputs=["b"], outputs=["a"]),
    ],
    "static lineage of a job": [
        run(0, 1, inputs=["b", "c"], outputs=["a"]),
        job_event(2, {"lineage": lineage_of("a", "c")}),
        run(1, 3, inputs=["b", "c"], outputs=["a"]),
    ],
    "a directory that is written with too many slashes": [
        run(0, 5, inputs=["d//"]), run(1, 3, outputs=["d/x"]), run(2, 4, outputs=["d/z"]),
    ],
    "a parent that is heard of after one who said where that began": [
        run(0, 1, inputs=["a"], within=1, root=2), run(1, 2), run(3, 3, outputs=["b"], within=0),
    ],
    "one more within a run that sums up another": [
        run(0, 5, outputs=["a"]), run(1, 1, outputs=["a"], within=0),
        run(2, 3, outputs=["b"], within=0), run(4, 4, inputs=["a"], outputs=["c"]),
    ],
    "reads of a run around others that grow": [
        run(0, 1, inputs=["a"]), run(1, 2, outputs=["b"], within=0), run(2, 3, within=1),
        run(4, 4, outputs=["c"], within=2), run(0, 2, inputs=["d"]),
    ],
    "a directory around what was read": [
        run(0, 5, inputs=["d/x"]), run(1, 3, outputs=["d/"]), run(2, 4, outputs=["d"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("events", REACHING.values(), ids=REACHING)
def test_what_reaches_far_is_caught_up_with(events: list[Json], folder: Path) -> None:
    """One event after another: what others said before is seen in the light of it."""
    said = by_entry(events)
    index = first(said, 0, folder)
    for size in range(1, len(events) + 1):
        index = further(index, said, size - 1, size)
        known, _ = resolve_whole(some(said, 0, size), size)
        assert list(facts(index, known)) == list(facts(Adjacency(known), known))
