"""Every golden story, in every order, answered as a person expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.graph.lineage import Answer
from headwater.graph.model import Graph, Used
from headwater.refs import Artifact
from tests.graph.golden import (
    answers_of,
    ask,
    digest_of,
    events_of,
    orders_of,
    root_of,
    run_of,
    version_of,
)
from tests.graph.product import graph
from tests.graph.told import Json

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


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_answered_as_a_person_expects(shared: Path, story: str) -> None:
    """A story gives its expected answers as given, reversed, doubled and shuffled."""
    folder = shared / "data" / "golden" / story
    events = events_of(folder)
    for how, order in orders_of(events):
        known = graph(order)
        for said in answers_of(folder):
            if said["at"] is None:
                check(known, said, how)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_answered_as_it_was_known(shared: Path, story: str) -> None:
    """A story asked as known after N events is answered from these alone."""
    folder = shared / "data" / "golden" / story
    events = events_of(folder)
    for said in answers_of(folder):
        if said["at"] is not None:
            check(graph(events[: said["at"]]), said, f"at {said['at']}")


def test_no_story_is_left_out(shared: Path) -> None:
    """Every story of the folder is asked."""
    folders = {path.name for path in (shared / "data" / "golden").iterdir() if path.is_dir()}
    assert folders == set(STORIES)


def check(known: Graph, said: Json, how: str) -> None:
    """Hold one answer to what is expected, exactly."""
    where = f"{said['ask']} {said['artifact']['name']} {how}"
    answer = ask(known, said)
    assert root_of(known, said) == answer.root, where
    if said["version"] is None:
        assert answer.root == version_of(said["versions"][0]), where
    assert set(answer.versions) == {version_of(each) for each in said["versions"]}, where
    for each in said["not_versions"]:
        assert version_of(each) not in answer.versions, f"{where}: {each['why']}"
    for each in said["versions"]:
        if each["digest"] is not None:
            assert known.versions[version_of(each)].digest == digest_of(each), where
    check_bindings(answer, said, where)
    check_links(answer, said, where)
    check_completeness(answer, said, where)


def check_bindings(answer: Answer, said: Json, where: str) -> None:
    """`used` edges within the answer are those expected, save optional ones."""
    expected = said["bindings"]
    for binding in expected:
        found = [used for used in answer.used if is_binding(used, binding)]
        assert found or binding.get("optional"), f"{where}: {binding}"
        for used in found:
            check_binding(used, binding, f"{where}: {binding}")
    for used in answer.used:
        assert any(is_binding(used, binding) for binding in expected), f"{where}: {used}"


def is_binding(used: Used, binding: Json) -> bool:
    """Whether an edge is between the ends of a binding, under its name."""
    named = Artifact(binding["artifact"]["namespace"], binding["artifact"]["name"])
    return (used.run, used.named, used.version) == (
        run_of(binding),
        named,
        version_of(binding["to"]),
    )


def check_binding(used: Used, binding: Json, where: str) -> None:
    """Hold what an edge says to what is expected of it."""
    assert used.binding == binding["rule"], where
    if binding["exactness"] is not None:
        assert used.exactness == binding["exactness"], where
    if "evidence" in binding:
        assert used.evidence == binding["evidence"], where
    if binding.get("candidates") is not None:
        assert set(used.candidates) == {version_of(e) for e in binding["candidates"]}, where
    if binding.get("warning"):
        assert used.warning, where


def check_links(answer: Answer, said: Json, where: str) -> None:
    """Edges of other kinds by which versions enter the answer are those expected."""
    derived = {(each.version, each.source): each.exactness for each in answer.derived}
    found = {
        "revised": {(each.version, each.before) for each in answer.revised},
        "same_content": {(each.version, each.original) for each in answer.same},
        "declared": {(each.version, each.source) for each in answer.declared},
        "derived": set(derived),
    }
    expected: dict[str, set[object]] = {kind: set() for kind in found}
    for link in said.get("links", []):
        expected[link["kind"]].add((version_of(link["from"]), version_of(link["to"])))
    for kind in ("same_content", "declared"):
        assert found[kind] == expected[kind], f"{where}: {kind}"
    for kind in ("revised", "derived"):
        assert found[kind] >= expected[kind], f"{where}: {kind}"
    for edge in said.get("derived", []):
        ends = (version_of(edge["from"]), version_of(edge["to"]))
        assert derived.get(ends) == edge["exactness"], f"{where}: {edge}"


def check_completeness(answer: Answer, said: Json, where: str) -> None:
    """Completeness says what is expected where it is judged."""
    complete = answer.completeness
    if said["complete"] is not None:
        assert complete.complete == said["complete"], f"{where}: {complete}"
    left_out = said.get("revisions_left_out", 0)
    if left_out is not None:
        assert complete.revisions_left_out == left_out, where
    writers = said.get("open_writers", [])
    if said["ask"] == "trace" and writers is not None:
        assert {run.id for run in complete.open_writers} == set(writers), where
