"""Which of the three kinds an event is: the schema tells them apart by what is there.

The core schema 2-0-2 (`oneOf` RunEvent, DatasetEvent, JobEvent) leaves alone what does not belong
to the kind, a `dataset` in a run event for example, whatever its value. So is it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["run", "job", "dataset"]

MEMBERS: Final = ("eventType", "run", "job", "dataset", "inputs", "outputs")
"""Members of which it depends on the kind whether they belong to it."""

READ: Final[Mapping[Kind, frozenset[str]]] = {
    "run": frozenset({"eventType", "run", "job", "inputs", "outputs"}),
    "job": frozenset({"job", "inputs", "outputs"}),
    "dataset": frozenset({"dataset"}),
}
"""Those of each kind."""

SIDES: Final = {"inputs": ("facets", "inputFacets"), "outputs": ("facets", "outputFacets")}
"""The two lists of datasets, and where facets stand in each."""


def tell(event: Mapping[str, object]) -> Kind | None:
    """Tell an event's kind from its members; null counts as absent.

    Of a job and a dataset without a run, the one that has a namespace and a name; None when both
    have or when there is nothing to tell by.
    """
    run, job, dataset = event.get("run"), event.get("job"), event.get("dataset")
    if run is not None and job is not None:
        return "run"
    if job is None:
        return None if dataset is None else "dataset"
    if dataset is None:
        return "job"
    if _is_named(job) == _is_named(dataset):
        return None
    return "job" if _is_named(job) else "dataset"


def _is_named(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("namespace"), str)
        and isinstance(value.get("name"), str)
    )
