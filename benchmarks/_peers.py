"""Who logs runs, each in a process of its own: `python _peers.py NAME RUNS FOLDER`.

Prints the seconds that so many runs took, imports left out. A run has three inputs, two outputs,
two parameters and a metric, as far as the peer has a word for them. Standard library alone is
imported here, because it runs under the interpreter of the peers.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from time import perf_counter
from typing import Any

INPUTS = ("orders", "customers", "prices")
OUTPUTS = ("features", "model")
PARAMETERS = {"depth": "8", "rate": "0.1"}


def headwater(folder: Path) -> Callable[[int], object]:
    """Our Python API, into the spool that outlives a crash of the process; nothing is shipped."""
    os.environ.update(HEADWATER_STORE=str(folder / ".headwater"), HEADWATER_SHIP="no")
    import headwater as ours

    def log(_: int) -> None:
        with ours.run("train", params=PARAMETERS) as run:
            for name in INPUTS:
                run.read(("db", name))
            for name in OUTPUTS:
                run.write(("db", name))
            run.metrics(auc=0.83)

    return log


def openlineage(folder: Path) -> Callable[[int], object]:
    """openlineage-python, which appends START and COMPLETE to a file, without waiting for it."""
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import (
        InputDataset,
        Job,
        OutputDataset,
        Run,
        RunEvent,
        RunState,
    )
    from openlineage.client.transport.file import FileConfig, FileTransport

    config = FileConfig(log_file_path=str(folder / "events.ndjson"), append=True)
    client = OpenLineageClient(transport=FileTransport(config))

    def log(_: int) -> None:
        run = Run(runId=str(uuid.uuid4()))
        for state in (RunState.START, RunState.COMPLETE):
            client.emit(
                RunEvent(
                    eventTime=datetime.now(timezone.utc).isoformat(),  # noqa: UP017
                    eventType=state,
                    run=run,
                    job=Job(namespace="bench", name="train"),
                    inputs=[InputDataset(namespace="db", name=name) for name in INPUTS],
                    outputs=[OutputDataset(namespace="db", name=name) for name in OUTPUTS],
                    producer="https://example.com/bench",
                )
            )

    return log


def mlflow(folder: Path) -> Callable[[int], object]:
    """MLflow's tracking store on SQLite: parameters, a metric, and datasets as tags."""
    import mlflow as peer  # type: ignore[import-not-found]

    peer.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    peer.set_experiment("bench")

    def log(_: int) -> None:
        with peer.start_run():
            peer.log_params(PARAMETERS)
            peer.log_metric("auc", 0.83)
            peer.set_tags({"inputs": ",".join(INPUTS), "outputs": ",".join(OUTPUTS)})

    return log


def mlmd(folder: Path) -> Callable[[int], object]:
    """ML Metadata on SQLite: an execution with its artifacts and events, in one call."""
    from ml_metadata.metadata_store import (  # type: ignore[import-not-found]
        metadata_store,
    )
    from ml_metadata.proto import (  # type: ignore[import-not-found]
        metadata_store_pb2 as proto,
    )

    config = proto.ConnectionConfig()
    config.sqlite.filename_uri = str(folder / "mlmd.db")
    config.sqlite.connection_mode = proto.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    store: Any = metadata_store.MetadataStore(config)
    execution_type = store.put_execution_type(proto.ExecutionType(name="train"))
    artifact_type = store.put_artifact_type(proto.ArtifactType(name="dataset"))

    def log(number: int) -> None:
        execution = proto.Execution(type_id=execution_type)
        for key, value in PARAMETERS.items():
            execution.custom_properties[key].string_value = value
        linked = []
        for kind, names in ((proto.Event.INPUT, INPUTS), (proto.Event.OUTPUT, OUTPUTS)):
            for name in names:
                artifact = proto.Artifact(type_id=artifact_type, uri=f"db/{name}/{number}")
                linked.append((artifact, proto.Event(type=kind)))
        store.put_execution(execution, linked, [])

    return log


def main(name: str, runs: str, folder: str) -> None:
    """Log the runs and print how long that took."""
    start = {"headwater": headwater, "openlineage": openlineage, "mlflow": mlflow, "mlmd": mlmd}
    log = start[name](Path(folder))
    log(-1)
    began = perf_counter()
    for number in range(int(runs)):
        log(number)
    print(perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
