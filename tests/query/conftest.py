"""Small stores to ask, and the words in which their histories are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from headwater.ingest import admit, admit_label
from headwater.query.gateway import Gateway
from headwater.store import Store, open_store
from tests.query.telling import PRODUCER

Ask = Callable[..., Gateway]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """A gateway to a new store with these events, in this order, and labels after them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("HEADWATER_KEY", "HEADWATER_HEAD", "HEADWATER_STORE"):
        monkeypatch.delenv(name, raising=False)
    opened: list[Store] = []

    def make(events: list[dict[str, Any]], labels: list[tuple[str, str, str]] = []) -> Gateway:  # noqa: B006
        root = tmp_path / f"store{len(opened)}"
        with open_store(root, mode="write", create=True) as store:
            bodies = [json.dumps({"producer": PRODUCER, **event}).encode() for event in events]
            receipts = admit(store, bodies)
            assert [receipt.status for receipt in receipts] == ["accepted"] * len(events)
            for subject, key, value in labels:
                admit_label(store, subject, key=key, value=value)
        opened.append(open_store(root))
        return Gateway(opened[-1])

    yield make
    for store in opened:
        store.close()
