"""`project`: what one ledger entry claims. A pure function of the entry's own bytes.

Trusted? It decides what the graph is made of; `verify` re-runs it over every stored entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from headwater.claims.model import (
    TERMINAL,
    Claim,
    Defined,
    Described,
    Labelled,
    Mentioned,
    Observed,
    Stated,
)
from headwater.openlineage.decode import decode
from headwater.openlineage.events import Dataset, Event
from headwater.openlineage.facets import GRAPH_FACETS, is_deleted
from headwater.openlineage.ids import run_id
from headwater.openlineage.times import microseconds
from headwater.refs import Artifact, Job, Run

OPENLINEAGE_KINDS = frozenset({"openlineage.run", "openlineage.job", "openlineage.dataset"})
LABEL_KIND = "governance.label"


class Label(msgspec.Struct, frozen=True):
    """The body of a `governance.label` entry. `time` is RFC 3339."""

    subject: str
    key: str
    value: str
    time: str
    by: str


_labels = msgspec.json.Decoder(Label)


def project(index: int, kind: str, body: bytes, *, at: int) -> tuple[Claim, ...]:
    """Claim what the entry at `index` says.

    `kind` is the leaf's; kinds that say nothing about lineage claim nothing. `at` is the entry's
    own time, for entries that carry none. Validation decided admission and is not repeated.
    """
    if kind in OPENLINEAGE_KINDS:
        return tuple(_project_event(index, decode(body)))
    if kind == LABEL_KIND:
        label = _labels.decode(body)
        time = microseconds(label.time)[0] if label.time else at
        return (Labelled(index, label.subject, label.key, label.value, time, label.by),)
    return ()


def _project_event(index: int, event: Event) -> list[Claim]:
    time, _ = microseconds(event.event_time)
    if event.run is not None and event.job is not None:
        return _project_run_event(index, event, time)
    if event.job is not None:
        return _project_job_event(index, event, time)
    if event.dataset is not None:
        return [_describe(index, event.dataset, time, ("dataset",))]
    return []


def _project_run_event(index: int, event: Event, time: int) -> list[Claim]:
    assert event.run is not None  # noqa: S101  (narrowed by the caller)
    assert event.job is not None  # noqa: S101
    identity, _ = run_id(event.run.run_id, event.job.namespace, event.job.name)
    run = Run(identity, event.job.namespace, event.job.name)
    facets = _state(event.run.facets, ("run", "facets"))
    state = event.event_type.upper() if event.event_type else None
    claims: list[Claim] = [
        Observed(
            index,
            run,
            time,
            state,
            "headwater_inferred" in facets,
            facets,
            _state(event.job.facets, ("job", "facets")),
        )
    ]
    for role, datasets in (("input", event.inputs), ("output", event.outputs)):
        for place, dataset in enumerate(datasets or ()):
            claims.append(
                Mentioned(
                    index,
                    run,
                    role,
                    Artifact(dataset.namespace, dataset.name),
                    time,
                    place,
                    state in TERMINAL,
                    _dataset_facets(dataset, (f"{role}s", place)),
                )
            )
    return claims


def _project_job_event(index: int, event: Event, time: int) -> list[Claim]:
    assert event.job is not None  # noqa: S101  (narrowed by the caller)
    claims: list[Claim] = [
        Defined(
            index,
            Job(event.job.namespace, event.job.name),
            time,
            _state(event.job.facets, ("job", "facets")),
            _names(event.inputs),
            _list_digest(event.inputs),
            _names(event.outputs),
            _list_digest(event.outputs),
        )
    ]
    for role, datasets in (("inputs", event.inputs), ("outputs", event.outputs)):
        for place, dataset in enumerate(datasets or ()):
            described = _describe(index, dataset, time, (role, place))
            if described.facets:
                claims.append(described)
    return claims


def _describe(index: int, dataset: Dataset, time: int, path: tuple[str | int, ...]) -> Described:
    artifact = Artifact(dataset.namespace, dataset.name)
    return Described(index, artifact, time, _dataset_facets(dataset, path))


def _dataset_facets(dataset: Dataset, path: tuple[str | int, ...]) -> dict[str, Stated]:
    facets = _state(dataset.facets, (*path, "facets"))
    if dataset.input_facets:
        facets |= _state(dataset.input_facets, (*path, "inputFacets"))
    if dataset.output_facets:
        facets |= _state(dataset.output_facets, (*path, "outputFacets"))
    return facets


def _state(
    facets: Mapping[str, msgspec.Raw] | None, path: tuple[str | int, ...]
) -> dict[str, Stated]:
    if not facets:
        return {}
    return {
        name: _state_one(name, value, path)
        for name, raw in facets.items()
        if (value := bytes(raw)) != b"null"
    }


def _state_one(name: str, value: bytes, path: tuple[str | int, ...]) -> Stated:
    deleted = b"_deleted" in value and is_deleted(value)
    kept = value.decode() if name in GRAPH_FACETS and not deleted else None
    return Stated(hashlib.sha256(value).hexdigest(), (*path, name), kept, deleted)


def _names(datasets: list[Dataset] | None) -> tuple[Artifact, ...] | None:
    if datasets is None:
        return None
    return tuple(sorted({Artifact(dataset.namespace, dataset.name) for dataset in datasets}))


def _list_digest(datasets: list[Dataset] | None) -> str:
    """Digest a list of names as a set: what it says does not depend on its order."""
    return hashlib.sha256(msgspec.json.encode(_names(datasets))).hexdigest()
