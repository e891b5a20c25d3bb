"""A store for agents to ask: a table built three times, a model of it, and predictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.ingest import admit, admit_label
from headwater.store import open_store
from tests.query.telling import PRODUCER, complete, dataset, source

COLUMNS = [f"column_{number}" for number in range(300)]
SQL = "SELECT * FROM orders -- " + "x" * 5_000


def history() -> list[dict[str, object]]:
    """What happened, as events."""
    schema = {"fields": [{"name": name, "type": "int"} for name in COLUMNS]}
    orders = dataset("orders", schema=schema, datasetType={"datasetType": "TABLE"})
    model = dataset("delay", namespace="models", datasetType={"datasetType": "MODEL"})
    builds = [
        complete(number, f"0{number}:00", "build", [source("raw")], [orders])
        for number in (1, 2, 3)
    ]
    train = complete(4, "04:00", "train", ["orders"], [model])
    train["job"]["facets"] = {"sql": {"query": SQL}}
    predict = [
        complete(
            5 + number, "05:00", f"predict_{number:02}", [model], [f"predictions.p{number:02}"]
        )
        for number in range(60)
    ]
    return [*builds, train, *predict]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a store with that history and an owner."""
    root = tmp_path_factory.mktemp("mcp")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_STATE_HOME", str(root / "state"))
        with open_store(root / "store", mode="write", create=True) as writer:
            admit(
                writer,
                [json.dumps({"producer": PRODUCER, **event}).encode() for event in history()],
            )
            admit_label(writer, "artifact:models/delay", key="owner", value="team-ml")
    return root / "store"
