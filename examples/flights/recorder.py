"""Says in OpenLineage what one step of a pipeline reads and writes: standard library only.

    with step("clean", home=HOME, inputs=[RAW], outputs=[TABLE]) as run:
        ...
        run.wrote(TABLE, rows=len(frame), fields=types)

writes START when the block is entered and COMPLETE when it is left; an exception writes FAIL and
goes on its way. Events are lines of JSON in `<home>/events/<step>.ndjson`, appended in one write
each, so that a step that dies leaves whole lines. What OpenLineage has no word for yet stands in
facets with the prefix `headwater_`, which other consumers ignore safely.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import source
from facets import PRODUCER, SPEC, column, digest, facet
from facets import fields as schema

NAMESPACE = "flights"
CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


@dataclass(frozen=True)
class Dataset:
    """A table as the steps name it. `source` says that its origin is outside and known."""

    namespace: str
    name: str
    kind: str = field(kw_only=True)
    owner: str = field(kw_only=True)
    source: bool = field(kw_only=True, default=False)

    @property
    def id(self) -> dict[str, str]:
        """Its OpenLineage identity."""
        return {"namespace": self.namespace, "name": self.name}


@dataclass(frozen=True)
class File(Dataset):
    """A file or a model in one: its bytes are digested, so that lineage survives a copy."""

    path: Path


Columns = Mapping[str, Sequence[tuple[Dataset, str, str]]]
"""Output column → (dataset, column, kind such as `IDENTITY` or `TRANSFORMATION`)."""


@dataclass
class Run:
    """One execution of a step. What is said about it goes out with its last event."""

    job: str
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    facets: dict[str, Any] = field(default_factory=dict)
    job_facets: dict[str, Any] = field(default_factory=dict)
    said: dict[tuple[str, Dataset], dict[str, Any]] = field(default_factory=dict)
    digests: dict[File, dict[str, Any]] = field(default_factory=dict)

    def say(self, name: str, /, **body: Any) -> None:
        """Put a facet on this run."""
        self.facets |= facet(name, **body)

    def read(self, dataset: Dataset, *, rows: int, fields: Mapping[str, str]) -> None:
        """Say how many rows an input gave, and its columns with their types."""
        self.said["facets", dataset] = schema(fields)
        self.said["inputFacets", dataset] = facet("inputStatistics", rowCount=rows)

    def wrote(
        self,
        dataset: Dataset,
        *,
        rows: int | None = None,
        fields: Mapping[str, str] | None = None,
        sources: Iterable[Dataset] | None = None,
        columns: Columns | None = None,
        touched_by: Sequence[tuple[Dataset, str, str]] = (),
    ) -> None:
        """Say what an output holds and where it came from.

        `sources` are the datasets it came from, where the step had more outputs than this one.
        `columns` says it column by column; `touched_by` are columns that shaped all of it: the keys
        of a `JOIN`, what a `FILTER` looked at.
        """
        facets = facet("lifecycleStateChange", lifecycleStateChange="OVERWRITE")
        if fields is not None:
            facets |= schema(fields)
        if sources is not None:
            facets |= facet("lineage", inputs=[{**one.id, "type": "DATASET"} for one in sources])
        if columns is not None:
            facets |= facet(
                "columnLineage",
                fields={
                    name: {"inputFields": [_origin(*one) for one in origins]}
                    for name, origins in columns.items()
                },
                dataset=[_origin(*one) for one in touched_by],
            )
        self.said["facets", dataset] = facets
        counts = {} if rows is None else {"rowCount": rows}
        if isinstance(dataset, File):
            counts |= {"size": dataset.path.stat().st_size, "fileCount": 1}
        self.said["outputFacets", dataset] = facet("outputStatistics", **counts)

    def child(self) -> dict[str, str]:
        """Variables that make a step started with them a child of this run."""
        return {"OPENLINEAGE_PARENT_ID": f"{NAMESPACE}/{self.job}/{self.id}"}

    def emit(self, home: Path, state: str) -> None:
        """Append one event to the file of this step."""
        done = state == "COMPLETE"
        event = {
            "eventTime": datetime.now(UTC).isoformat(timespec="microseconds")[:-6] + "Z",
            "eventType": state,
            "producer": PRODUCER,
            "schemaURL": CORE,
            "run": {"runId": self.id, "facets": self.facets},
            "job": {"namespace": NAMESPACE, "name": self.job, "facets": self.job_facets},
            "inputs": [self._mention(one, "inputFacets", hashed=True) for one in self.inputs],
            "outputs": [self._mention(one, "outputFacets", hashed=done) for one in self.outputs],
        }
        events = home / "events"
        events.mkdir(parents=True, exist_ok=True)
        with (events / f"{self.job}.ndjson").open("ab", buffering=0) as file:
            file.write(json.dumps(event, separators=(",", ":"), allow_nan=False).encode() + b"\n")

    def _mention(self, dataset: Dataset, role: str, *, hashed: bool) -> dict[str, Any]:
        facets = facet("datasetType", datasetType=dataset.kind)
        facets |= facet("ownership", owners=[{"name": dataset.owner, "type": "TEAM"}])
        if dataset.source:
            facets |= facet("headwater_policy", source=True)
        if hashed and isinstance(dataset, File):
            if dataset not in self.digests:
                self.digests[dataset] = digest(dataset.path)
            facets |= facet("headwater_digest", **self.digests[dataset])
        facets |= self.said.get(("facets", dataset), {})
        return {**dataset.id, "facets": facets, role: self.said.get((role, dataset), {})}


@contextmanager
def step(
    name: str,
    /,
    *,
    home: Path,
    inputs: Iterable[Dataset] = (),
    outputs: Iterable[Dataset] = (),
    owner: str = "data-platform",
    description: str = "",
    sql: str | None = None,
    parameters: Mapping[str, object] | None = None,
) -> Iterator[Run]:
    """Record the block as one run of the job `name`; inputs are digested before it starts."""
    run = Run(name, tuple(inputs), tuple(outputs))
    run.job_facets |= facet("jobType", processingType="BATCH", integration="PYTHON", jobType="TASK")
    run.job_facets |= facet(
        "ownership",
        _schemaURL=f"{SPEC}/1-0-1/OwnershipJobFacet.json",
        owners=[{"name": owner, "type": "TEAM"}],
    )
    run.job_facets |= facet("documentation", description=description or f"The step {name}.")
    if sql is not None:
        run.job_facets |= facet("sql", query=sql, dialect="sqlite")
    code = source.describe(Path(sys.argv[0]))
    if code.location is not None:
        run.job_facets |= facet("sourceCodeLocation", **code.location)
    run.say("headwater_code", **code.state)
    run.say("headwater_environment", python=platform.python_version(), platform=sys.platform)
    run.say("processing_engine", name="CPython", version=platform.python_version())
    if parameters:
        said = [{"key": key, "value": json.dumps(value)} for key, value in parameters.items()]
        run.say("executionParameters", parameters=said)
    parent = os.environ.get("OPENLINEAGE_PARENT_ID", "")
    if parent.count("/") == 2:
        namespace, job, run_id = parent.split("/")
        above = {"run": {"runId": run_id}, "job": {"namespace": namespace, "name": job}}
        run.say("parent", **above, root=above)
    run.emit(home, "START")
    try:
        yield run
    except BaseException as error:
        run.say("errorMessage", message=repr(error), programmingLanguage="PYTHON")
        run.emit(home, "FAIL")
        raise
    run.emit(home, "COMPLETE")


def _origin(dataset: Dataset, name: str, subtype: str) -> dict[str, Any]:
    return column(dataset.id, name, subtype)
