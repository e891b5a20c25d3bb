"""Whatever the gateway is asked, it says the same from the index as from the graph."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.errors import HeadwaterError
from headwater.index import keeping, opening
from headwater.ingest import admit, admit_label
from headwater.query.gateway import Gateway
from headwater.query.principal import LOCAL, Principal
from headwater.store import open_store
from tests.graph.histories import histories
from tests.graph.told import Json
from tests.query.telling import PRODUCER

READERS = (LOCAL, Principal("guest", ("m*",)))
Ask = Callable[[Gateway], Any]


@pytest.fixture
def numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Iterator[Path]]:
    """Places for stores, one for each example."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield (tmp_path / str(number) for number in range(10_000))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(most=8))
def test_every_answer_is_the_same_from_the_index(
    numbered: Iterator[Path], history: list[Json]
) -> None:
    """Answers, errors with their candidates, and exported events; for every reader."""
    place = next(numbered)
    with open_store(place, mode="write", create=True) as store:
        admit(store, [json.dumps({"producer": PRODUCER, **event}).encode() for event in history])
        for key, value in (("owner", "team a"), ("source", "true")):
            admit_label(store, "artifact:n/a", key=key, value=value)
    with open_store(place) as store:
        for reader in READERS:
            for ask in questions(Gateway(store, reader)):
                said = []
                for least in (1, 1_000_000):
                    with pytest.MonkeyPatch.context() as patch:
                        patch.setattr(opening, "INDEXED_ENTRIES_MIN", least)
                        said.append(reply(ask, Gateway(store, reader)))
                assert said[0] == said[1]


def questions(gateway: Gateway) -> Iterator[Ask]:
    """Everything that can be asked of a small store."""
    lineage = gateway._snapshot(None).lineage
    versions = [str(node.version) for node in lineage.versions()]
    runs = [str(node.run) for node in lineage.runs()]
    jobs = list(map(str, lineage.jobs()))
    names = ["a", "n::b", "x", "d", "d/x", "j", "job:j", "nothing", "00000000", "a@v1", "b@=1"]
    for ref in (*versions, *runs, *jobs, *names):
        yield partial(Gateway.show, ref=ref)
        yield partial(Gateway.trace, ref=ref, facets=True, columns=True)
        yield partial(Gateway.impact, ref=ref, columns=True, limit=3)
        yield partial(Gateway.events, ref=ref)
    for a, b in product(versions[:5], versions[-5:]):
        for ask in (Gateway.why, Gateway.paths, Gateway.diff):
            yield partial(ask, a=a, b=b)
    for text in ("a", "team", "true", "n/", "0000"):
        yield partial(Gateway.search, text=text)


def reply(ask: Ask, gateway: Gateway) -> object:
    """An answer as bytes, or the error with what it offers instead."""

    def written(value: object) -> object:
        return value.decode() if isinstance(value, bytes) else list(value)  # type: ignore[call-overload]

    try:
        return json.dumps(ask(gateway), default=written)
    except HeadwaterError as error:
        return type(error), str(error), vars(error)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(most=8), share=st.floats(0, 1))
def test_every_answer_is_the_same_from_an_index_that_caught_up(
    numbered: Iterator[Path], history: list[Json], share: float
) -> None:
    """The same process asks, then events and labels come in, and it asks again."""
    place = next(numbered)
    bodies = [json.dumps({"producer": PRODUCER, **event}).encode() for event in history]
    begin = max(1, int(len(bodies) * share))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "INDEXED_ENTRIES_MIN", 1)
        patch.setattr(keeping, "NEW_SHARE", 1)
        with open_store(place, mode="write", create=True) as store:
            admit(store, bodies[:begin])
        with open_store(place) as store:
            Gateway(store).overview()
            with open_store(place, mode="write") as writer:
                admit(writer, bodies[begin:])
                admit_label(writer, "artifact:n/a", key="source", value="true")
            for reader in READERS:
                for ask in questions(Gateway(store, reader)):
                    found = reply(ask, Gateway(store, reader))
                    with pytest.MonkeyPatch.context() as plain:
                        plain.setattr(opening, "INDEXED_ENTRIES_MIN", 1_000_000)
                        assert found == reply(ask, Gateway(store, reader))
