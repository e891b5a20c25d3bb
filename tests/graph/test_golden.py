"""Every story, in every order, answered as a person expects, by the graph and by a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.ingest import admit
from headwater.query.gateway import Gateway
from headwater.store import open_store
from tests.graph.golden import (
    OWN,
    answers_of,
    ask_gateway,
    ask_graph,
    check,
    events_of,
    orders_of,
)
from tests.graph.oracle import oracle
from tests.graph.product import facts, graph

STORIES = (
    "01-linear-daily",
    "02-late-upstream",
    "03-append-three-ways",
    "04-task-around-spark",
    "05-join-only-table",
    "06-dbt-seeds",
    "07-delta-recreated",
    "08-version-on-start",
    "09-blue-green-symlinks",
    "10-rename",
    "11-failed-then-retried",
    "12-one-run-many-jobs",
    "13-streaming-snapshots",
    "14-update-in-place",
    "15-directory-and-part",
    "16-copied-file",
    "17-static-behind-outside",
    "18-explicit-lineage",
    "19-model-to-predictions",
    "20-ties",
)


OUR_STORIES = tuple(sorted(path.name for path in OWN.iterdir()))


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of a story: a golden one beside the checkout, or one of ours."""
    name: str = request.param
    if name in OUR_STORIES:
        return OWN / name
    shared: Path = request.getfixturevalue("shared")
    return shared / "data" / "golden" / name


every_story = pytest.mark.parametrize("folder", STORIES + OUR_STORIES, indirect=True)


@every_story
def test_a_story_is_answered_as_a_person_expects(folder: Path) -> None:
    """A story gives its expected answers as given, reversed, doubled and shuffled."""
    events = events_of(folder)
    for how, order in orders_of(events):
        known = graph(order)
        for said in answers_of(folder):
            if said["at"] is None:
                check(ask_graph(known, said), said, how)


@every_story
def test_a_story_is_answered_as_it_was_known(folder: Path) -> None:
    """A story asked as known after N events is answered from these alone."""
    events = events_of(folder)
    for said in answers_of(folder):
        if said["at"] is not None:
            check(ask_graph(graph(events[: said["at"]]), said), said, f"at {said['at']}")


@every_story
def test_a_store_answers_a_story(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Admitted to a store, and asked for as documents, a story has the same answers."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    with open_store(tmp_path / "store", mode="write", create=True) as store:
        assert {receipt.status for receipt in admit(store, lines)} == {"accepted"}
        gateway = Gateway(store)
        for said in answers_of(folder):
            check(ask_gateway(gateway, said), said, "from a store")


@every_story
def test_the_oracle_tells_a_story_alike(folder: Path) -> None:
    """The naive oracle finds the facts that the resolver finds."""
    events = events_of(folder)
    assert facts(events) == oracle(events)


def test_no_story_is_left_out(shared: Path) -> None:
    """Every story of the folder is asked."""
    folders = {path.name for path in (shared / "data" / "golden").iterdir() if path.is_dir()}
    assert folders == set(STORIES)
