"""An index answers as the graph does that it was compiled from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.graph.adjacency import Adjacency
from headwater.graph.lineage import Limits, everything
from headwater.index import walking
from tests.graph.histories import histories
from tests.graph.product import whole
from tests.graph.test_laws import laws
from tests.graph.told import Json
from tests.index.comparing import answers, compiled, facts, half, unknown
from tests.query.telling import PRODUCER, complete


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A place for the files of all examples."""
    with TemporaryDirectory() as name:
        yield Path(name)


@laws
@given(history=histories())
def test_an_index_says_what_its_graph_says(folder: Path, history: list[Json]) -> None:
    """Of every thing its node, its edges by both ends, its labels and its names."""
    known, support = whole(history)
    index = compiled(known, support, folder)
    for said, expected in zip(facts(index, known), facts(Adjacency(known), known), strict=True):
        assert said == expected


@pytest.mark.parametrize("step_by_step", [True, False])
@laws
@given(
    history=histories(),
    depth=st.none() | st.integers(0, 3),
    nodes=st.none() | st.integers(1, 4),
    skip=st.integers(0, 4),
    visible=st.sampled_from([everything, half]),
)
def test_an_index_walks_as_its_graph_is_walked(
    folder: Path,
    step_by_step: bool,
    history: list[Json],
    depth: int | None,
    nodes: int | None,
    skip: int,
    visible: object,
) -> None:
    """From everything, both ways, to any depth and window, for any reader; by steps or arrays."""
    known, support = whole(history)
    index = compiled(known, support, folder)
    limits = Limits(depth=depth, nodes=nodes, skip=skip)
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("VERSIONS_MAX", "WARM_VERSIONS_MAX"):
            patch.setattr(walking, limit, 4_096 if step_by_step else 0)
        found = list(answers(index, known, limits, visible))  # type: ignore[arg-type]
    expected = list(answers(Adjacency(known), known, limits, visible))  # type: ignore[arg-type]
    for said, meant in zip(found, expected, strict=True):
        assert said == meant


def test_a_page_names_nothing_before_it_to_which_no_edge_leads(folder: Path) -> None:
    """A version at the asked depth came from one on the page by a run beyond: it is not told."""
    known, support = whole(
        [
            {"producer": PRODUCER, **event}
            for event in (
                complete(1, "01:00", "c", ["x"], ["s2"]),
                complete(2, "02:00", "b", ["s2"], ["s1"]),
                complete(3, "03:00", "a", ["s1", "s2"], ["out"]),
            )
        ]
    )
    (root,) = (version for version in known.versions if version.artifact.name == "out")
    for lineage in (Adjacency(known), compiled(known, support, folder)):
        page = lineage.trace(root, limits=Limits(depth=1, nodes=1, skip=3))
        assert [version.artifact.name for version in page.versions] == ["s2"]
        assert page.before == {root: 0, root.run: 1}


@laws
@given(history=histories(most=3))
def test_an_index_knows_nothing_of_what_is_not_there(folder: Path, history: list[Json]) -> None:
    """An unknown version can be walked from and leads nowhere, as in the graph."""
    known, support = whole(history)
    index, adjacency = compiled(known, support, folder), Adjacency(known)
    assert index.version(unknown()) is None
    assert index.trace(unknown()) == adjacency.trace(unknown())
    assert index.impact(unknown()) == adjacency.impact(unknown())
