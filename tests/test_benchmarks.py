"""The events that benchmarks admit are those that their figures speak of."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from types import ModuleType

import pytest

from headwater.openlineage.admit import parse
from tests.conftest import ROOT

FAR = 9_999_999
"""The last event of the largest benchmark."""


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """The module that makes them."""
    spec = importlib.util.spec_from_file_location("_events", ROOT / "benchmarks" / "_events.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(body: bytes) -> Iterator[str]:
    """Names of the datasets of an event."""
    document = json.loads(body)
    return (dataset["name"] for side in ("inputs", "outputs") for dataset in document[side])


@pytest.mark.parametrize("number", [0, 1, 12_345, FAR])
@pytest.mark.parametrize("bare", [False, True])
def test_sound(made: ModuleType, number: int, bare: bool) -> None:
    """Each is valid by the published schemas, with three inputs and two outputs."""
    body = made.event(number, bare=bare)
    parsed = parse(body, strict=True, now=1_800_000_000_000_000)
    document = json.loads(body)
    assert parsed.warnings == ()
    assert (len(document["inputs"]), len(document["outputs"])) == (3, 2)


def test_size(made: ModuleType) -> None:
    """Each has 4 KB to the byte, wherever in the largest benchmark it stands."""
    assert {len(body) for body in (*made.events(50), made.event(FAR))} == {made.EVENT_BYTES}


def test_new_names(made: ModuleType) -> None:
    """Each has one name that no event before it had, once all tables have come round."""
    known = {name for body in made.events(4_000) for name in names(body)}
    for body in made.events(200, start=4_000):
        new = set(names(body)) - known
        assert len(new) == 1
        known |= new
