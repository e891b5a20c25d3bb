"""Words that tell of what is hidden: the same from an index, base and rest, as from a graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.graph.adjacency import Adjacency
from headwater.graph.resolve import resolve
from headwater.index import keeping, opening
from headwater.query import hiding
from headwater.query.gateway import Gateway
from headwater.query.hiding import ends_of, hidden
from headwater.query.principal import Principal
from headwater.store import open_store
from tests.query.telling import complete
from tests.query.test_postings import READERS, datasets, numbered, slowly, tell

__all__ = ["numbered"]

RUNS = st.lists(
    st.builds(
        lambda number, minute, read, made: complete(number, f"01:{minute:02}", "j", read, made),
        st.integers(0, 5),
        st.integers(0, 59),
        st.lists(datasets(), max_size=3),
        st.lists(datasets(), max_size=3),
    ),
    min_size=1,
    max_size=4,
)


@settings(slowly, max_examples=40)
@given(steps=st.lists(RUNS, min_size=1, max_size=3))
def test_an_index_hides_what_a_graph_hides(
    numbered: Iterator[Path], steps: list[list[dict[str, Any]]]
) -> None:
    """At every head, for every reader: of each word whether it is hidden."""
    place = next(numbered)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)
        patch.setattr(keeping, "NEW_SHARE", 1)
        for events in steps:
            tell(place, events, [])
            with open_store(place) as store:
                index = Gateway(store)._snapshot(None).whole
                graph = Adjacency(resolve(store.claims(store.head().size), 0))
                for reader in READERS:
                    found, known = hidden(index, reader), hidden(graph, reader)
                    for word in _words(graph):
                        assert found.ends(word) == known.ends(word), word
                        assert found.qualifies(word) == known.qualifies(word), word


def _words(graph: Adjacency) -> set[str]:
    names = {text.casefold() for artifact in graph.artifacts() for text in artifact}
    return {word for name in names for word in (name, *ends_of(name))} | {"nothing"}


def test_words_of_a_base_are_gathered_once(
    numbered: Iterator[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For one reader, whatever comes after it; another reader has words of his own."""
    place, reader = next(numbered), Principal("guest", ("d*",))
    monkeypatch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)
    monkeypatch.setattr(keeping, "NEW_SHARE", 1)
    gathered = []

    class Counted(hiding.Words):
        def __init__(self, artifacts: Any, principal: Principal) -> None:
            known = [*artifacts]
            gathered.append(len(known))
            super().__init__(known, principal)

    monkeypatch.setattr(hiding, "Words", Counted)
    for number in range(3):
        tell(
            place, [complete(number, f"01:0{number}", "j", [f"t{number}"], [f"t{number + 1}"])], []
        )
        with open_store(place) as store:
            hidden(Gateway(store)._snapshot(None).whole, reader)
            if number == 2:
                hidden(Gateway(store)._snapshot(None).whole, Principal("other", ()))
    assert [count for count in gathered if count] == [2, 2, 3, 2, 3]
