"""Events as they come, with facets left raw: fast to decode, and every facet survives verbatim.

The shapes are those of the OpenLineage core schema 2-0-2. `facets` map a facet's name to its
JSON as received; only the facets that the graph reads are ever decoded (see `facets`).
"""

from __future__ import annotations

import msgspec


class Dataset(msgspec.Struct, frozen=True, rename="camel"):
    """A dataset as an input, an output, or the subject of a `DatasetEvent`."""

    namespace: str
    name: str
    facets: dict[str, msgspec.Raw] | None = None
    input_facets: dict[str, msgspec.Raw] | None = None
    output_facets: dict[str, msgspec.Raw] | None = None


class Job(msgspec.Struct, frozen=True):
    """A job as an event names it."""

    namespace: str
    name: str
    facets: dict[str, msgspec.Raw] | None = None


class Run(msgspec.Struct, frozen=True, rename="camel"):
    """A run as an event names it: `run_id` as received, of any form."""

    run_id: str
    facets: dict[str, msgspec.Raw] | None = None


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """A Run, Job or Dataset event: which one follows from `run`, `job` and `dataset`.

    `event_time` is the text as received; `times.microseconds` reads it.
    `inputs` and `outputs` keep apart *absent* (None) and *empty*: static lineage tells them apart.
    """

    event_time: str
    event_type: str | None = None
    run: Run | None = None
    job: Job | None = None
    dataset: Dataset | None = None
    inputs: list[Dataset] | None = None
    outputs: list[Dataset] | None = None
    producer: str | None = None
    schema_url: str | None = msgspec.field(default=None, name="schemaURL")

    @property
    def kind(self) -> str:
        """`run`, `job` or `dataset`: a run event names its job, else `run` says nothing."""
        if self.job is None:
            return "dataset"
        return "job" if self.run is None else "run"
