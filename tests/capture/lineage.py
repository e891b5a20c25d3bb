"""What was recorded, in a form that tests can write down: names, columns and how."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from headwater.capture import runs
from headwater.capture.runtime import Recorder
from headwater.shipping.streams import streams


class Output(NamedTuple):
    """One output: `inputs` is None where the run's own reads are all that is said.

    `columns` has `table.column how` for each column, `shaped` what bears on all of them.
    """

    inputs: list[str] | None
    columns: dict[str, list[str]]
    shaped: list[str]
    mode: str | None = None
    change: str | None = None


class Recorded:
    """A store below a folder, and what was recorded into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.run: runs.Run | None = None

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event, in order."""
        found = streams(self.root / "spool")
        return [json.loads(event) for stream in found for event in stream.events()]

    def last(self, job: str | None = None) -> dict[str, Any]:
        """The last event of the outermost run, or of a job. A `run` that is open ends with this."""
        if self.run is not None:
            self.run.end(runs.COMPLETE)
        named = [e for e in self.events if job is None or e["job"]["name"] == job]
        return named[-1]

    def inputs(self, job: str | None = None) -> list[str]:
        """The names of what a run read, but for what it had written itself."""
        return sorted(
            short(one["name"])
            for one in self.last(job)["inputs"]
            if not one["inputFacets"].get("headwater_read", {}).get("own")
        )

    def outputs(self, job: str | None = None) -> dict[str, Output]:
        """What a run wrote, by name."""
        return {short(one["name"]): _output(one) for one in self.last(job)["outputs"]}

    def written(self) -> list[str]:
        """The names of what was written so far, by runs that may be open."""
        return sorted({short(one["name"]) for event in self.events for one in event["outputs"]})

    def gaps(self, job: str | None = None) -> list[str]:
        """What could not be seen of a run."""
        found: list[str] = self.last(job)["run"]["facets"]["headwater_capture"]["gaps"]
        return found


@contextmanager
def recording(root: Path) -> Iterator[Recorded]:
    """Record what the block does into a store below `root`, apart from everything outside."""
    with runs.apart(Recorder(str(root / ".headwater"), hand_over=False)):
        yield Recorded(root / ".headwater")


def short(name: str) -> str:
    """The last part of a path; of a table its schema and name."""
    return name.rpartition("/")[2]


def _output(said: dict[str, Any]) -> Output:
    facets = said["facets"]
    stated = facets.get("lineage")
    lineage = facets.get("columnLineage", {})
    columns = {
        name: sorted(each for one in field["inputFields"] for each in _field(one))
        for name, field in lineage.get("fields", {}).items()
    }
    return Output(
        None if stated is None else [short(one["name"]) for one in stated["inputs"]],
        columns,
        sorted(each for one in lineage.get("dataset", ()) for each in _field(one)),
        said["outputFacets"].get("headwater_write", {}).get("mode"),
        facets.get("lifecycleStateChange", {}).get("lifecycleStateChange"),
    )


def _field(said: dict[str, Any]) -> list[str]:
    return [
        f"{short(said['name'])}.{said['field']} {one['subtype']}{' masked' * one['masking']}"
        for one in said["transformations"]
    ]
