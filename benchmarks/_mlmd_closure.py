"""ML Metadata's closure, under the interpreter of the peers.

    python _mlmd_closure.py EDGES ROUNDS FOLDER

EDGES is a file of numbers, starts and targets of rows: version N is made by execution N from the
versions in row N. All of it is put on SQLite, and everything upstream of the last version is asked
for, as far as ML Metadata goes (100 hops). Prints {"milliseconds": […], "nodes": how many}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

CHUNK = 500
HOPS_MAX = 100


def main(edges: str, rounds: str, folder: str) -> None:
    """Make the store, ask, and print."""
    from ml_metadata.metadata_store import (  # type: ignore[import-not-found]
        metadata_store,
    )
    from ml_metadata.proto import (  # type: ignore[import-not-found]
        metadata_store_pb2 as proto,
    )

    told = json.loads(Path(edges).read_text())
    config = proto.ConnectionConfig()
    config.sqlite.filename_uri = str(Path(folder) / "mlmd.db")
    config.sqlite.connection_mode = proto.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store = metadata_store.MetadataStore(config)
    last = put(store, proto, told["starts"], told["targets"])
    options = proto.LineageSubgraphQueryOptions(
        starting_artifacts=proto.LineageSubgraphQueryOptions.StartingNodes(
            filter_query=f"id = {last}"
        ),
        max_num_hops=HOPS_MAX,
        direction=proto.LineageSubgraphQueryOptions.Direction.UPSTREAM,
    )
    milliseconds, nodes = [], set()
    for _ in range(int(rounds)):
        began = perf_counter()
        found = store.get_lineage_subgraph(options, ["events"])
        milliseconds.append((perf_counter() - began) * 1_000)
        nodes = {("artifact", event.artifact_id) for event in found.events}
        nodes |= {("execution", event.execution_id) for event in found.events}
    print(json.dumps({"milliseconds": milliseconds, "nodes": len(nodes)}))


def put(store: Any, proto: Any, starts: list[int], targets: list[int]) -> int:
    """Put everything; give the id of the last version."""
    made_by = store.put_execution_type(proto.ExecutionType(name="make"))
    kind = store.put_artifact_type(proto.ArtifactType(name="table"))
    ids: list[int] = []
    for first in range(0, len(starts) - 1, CHUNK):
        numbers = range(first, min(first + CHUNK, len(starts) - 1))
        events: list[tuple[int, int | None, Any]] = []
        for place, number in enumerate(numbers):
            events.append((place, place, proto.Event(type=proto.Event.OUTPUT)))
            for target in dict.fromkeys(targets[starts[number] : starts[number + 1]]):
                read = proto.Event(type=proto.Event.INPUT, artifact_id=ids[target])
                events.append((place, None, read))
        _, artifacts, _ = store.put_lineage_subgraph(
            [proto.Execution(type_id=made_by) for _ in numbers],
            [proto.Artifact(type_id=kind, uri=f"lake/{number}") for number in numbers],
            [],
            events,
        )
        ids += artifacts
    return ids[-1]


if __name__ == "__main__":
    main(*sys.argv[1:])
