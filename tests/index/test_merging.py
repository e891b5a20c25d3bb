"""A base that is written from another and what came after it is the one that compiling writes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.claims.model import Claim, Labelled
from headwater.graph.adjacency import Adjacency
from headwater.graph.resolve import resolve_whole
from headwater.graph.support import RunSupport
from headwater.index import layers, supports, timelines
from headwater.index.compiling import compile_graph
from headwater.index.index import Index
from headwater.index.merging import merge
from headwater.store.sections import Mapped, write
from tests.graph.golden import OWN, events_of
from tests.graph.histories import histories
from tests.graph.test_laws import laws
from tests.graph.told import Json
from tests.index.comparing import SECRET, facts
from tests.index.crowds import families, hot
from tests.index.test_catching import by_entry, first, further, some

SUMS = ("labels", "warnings", "past.small", "past.labelled")
"""Of these the order of keys is nothing."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A place for the files of all examples."""
    with TemporaryDirectory() as name:
        yield Path(name)


def rebased(index: Index, folder: Path) -> Index:
    """The same on a base of its own."""
    path = folder / "merged.map"
    write(path, SECRET, b"", merge(index))
    return Index(Mapped(path, SECRET))


def plain(sections: dict[str, memoryview]) -> dict[str, Any]:
    """Sections as values that can be compared."""
    found: dict[str, Any] = {name: bytes(content) for name, content in sections.items()}
    for name in SUMS:
        found[name] = msgspec.msgpack.decode(found[name])
    offsets = memoryview(found.pop("past.runs.offsets")).cast("q")
    data = found["past.runs.bytes"]
    runs = [data[start:end] for start, end in itertools.pairwise(offsets)]
    found["past.runs.bytes"] = list(map(_unordered, runs))
    return found


def _unordered(run: bytes) -> object:
    """A run's support without the order of versions that are none."""
    said = msgspec.msgpack.decode(run, type=RunSupport | None)
    return said and msgspec.structs.replace(said, unborn=tuple(sorted(said.unborn, key=str)))


def is_as_compiled(index: Index, said: dict[int, tuple[Claim, ...]], size: int) -> None:
    """Check every section."""
    merged = plain(merge(index))
    meant = plain(compile_graph(*resolve_whole(some(said, 0, size), size)))
    assert merged.keys() == meant.keys()
    for name, content in meant.items():
        assert merged[name] == content, name


@pytest.mark.parametrize("kind", [histories, hot, families])
@laws
@given(data=st.data())
def test_a_merged_base_is_what_compiling_writes(
    folder: Path, kind: Callable[[], st.SearchStrategy[list[Json]]], data: st.DataObject
) -> None:
    """Of base and overlay, of several steps, and of a merged base and what came after that."""
    history = data.draw(kind())
    said, size = by_entry(history), len(history)
    sizes = sorted(data.draw(st.integers(0, size)) for _ in range(3))
    again = data.draw(st.booleans())
    with pytest.MonkeyPatch.context() as patch:
        for room in (supports, timelines):
            patch.setattr(room, "BLOCK", 2)
        patch.setattr(layers, "SMALL", 1)
        index = first(said, sizes[0], folder)
        index = further(index, said, sizes[0], sizes[1])
        if again:
            index = rebased(index, folder)
        index = further(index, said, sizes[1], sizes[2])
        is_as_compiled(index, said, sizes[2])


@pytest.mark.parametrize("story", sorted(path.name for path in OWN.iterdir()))
def test_every_story_is_merged_at_each_of_its_events(story: str, folder: Path) -> None:
    """One event after another, each on a new base."""
    said = by_entry(events_of(OWN / story))
    index = first(said, 0, folder)
    for size in range(1, len(said) + 1):
        index = further(index, said, size - 1, size)
        is_as_compiled(index, said, size)
        index = rebased(index, folder)
    known, _ = resolve_whole(some(said, 0, len(said)), len(said))
    assert list(facts(index, known)) == list(facts(Adjacency(known), known))


def test_labels_are_merged(folder: Path) -> None:
    """Those of the base, and those that came later, also to what is in no event."""
    events = events_of(OWN / min(path.name for path in OWN.iterdir()))
    said = by_entry(events)
    for entry, value in enumerate(("x", "y", ""), len(events)):
        subject = "artifact:n/a" if entry % 2 else "job:n/nobody"
        said[entry] = (Labelled(entry, subject, "owner", value, entry, "me"),)
    index = first(said, len(events) + 1, folder)
    index = further(index, said, len(events) + 1, len(said))
    is_as_compiled(index, said, len(said))
