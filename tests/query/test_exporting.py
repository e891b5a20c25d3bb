"""Exported events give the same graph in an empty store.

`HEADWATER_EXAMPLES` raises the number of histories.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from headwater.ingest import admit
from headwater.query.gateway import Gateway
from headwater.store import open_store
from tests.graph.histories import histories
from tests.query.telling import PRODUCER

EXAMPLES = int(os.environ.get("HEADWATER_EXAMPLES", "60"))
OF_THE_STORE = frozenset({"head", "entries", "ordinal"})
"""What an answer says of the admission, not of the graph."""


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep keys and heads of these stores away from the user's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def graph_of(answer: Any) -> Any:
    """An answer without what depends on the store that gave it."""
    if isinstance(answer, dict):
        return {key: graph_of(value) for key, value in answer.items() if key not in OF_THE_STORE}
    return [graph_of(item) for item in answer] if isinstance(answer, list) else answer


def import_into(root: Path, bodies: Sequence[bytes]) -> None:
    """Make a store of these events."""
    with open_store(root, mode="write", create=True) as store:
        assert {receipt.status for receipt in admit(store, bodies)} <= {"accepted", "duplicate"}


def traces(root: Path, ref: str) -> list[Any]:
    """Both traces of a version, with columns and facets."""
    with open_store(root) as store:
        gateway = Gateway(store)
        return [
            graph_of(gateway.trace(ref, facets=True, columns=True, revisions=revisions))
            for revisions in ("carried", "all")
        ]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(histories(), st.data())
def test_exported_events_give_the_same_answer(
    history: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Whatever version is exported, of whatever history."""
    bodies = [json.dumps({"producer": PRODUCER, **event}).encode() for event in history]
    with TemporaryDirectory() as folder:
        here, there = Path(folder) / "here", Path(folder) / "there"
        import_into(here, bodies)
        with open_store(here) as store:
            gateway = Gateway(store)
            known = gateway._snapshot(None).lineage.versions()
            versions = sorted(str(node.version) for node in known)
            assume(versions)
            ref = data.draw(st.sampled_from(versions))
            exported = list(gateway.events(ref))
        import_into(there, exported)
        assert traces(there, ref) == traces(here, ref)
        shutil.rmtree(os.environ["XDG_STATE_HOME"])
