"""What events say, read naively from plain dicts: the oracle's own eyes.

Nothing of the product is used but the identities of `headwater.refs`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from headwater.refs import Artifact, Job, Run

Json = dict[str, Any]
TERMINAL = ("ABORT", "COMPLETE", "FAIL")
RUN_IDS = uuid.UUID("6f0b1d5e-6c1c-5d0a-9a53-6f2d9f6f7a11")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def body(event: Json) -> bytes:
    """Write an event so that the bytes of a part are the bytes of that part alone."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()


def sha(value: object) -> str:
    """SHA-256 (hex) of a value as `body` writes it."""
    return hashlib.sha256(
        json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


@dataclass(frozen=True)
class Said:
    """One statement of one facet."""

    time: int
    sha: str
    deleted: bool
    value: Any


Facets = dict[str, Said]


@dataclass(frozen=True)
class Observation:
    """A run event, without its datasets. `own_facets` are those of the run, not of its job."""

    run: Run
    time: int
    type: str | None
    inferred: bool
    own_facets: Facets
    job_facets: Facets


@dataclass(frozen=True)
class Mention:
    """A run event names a dataset."""

    run: Run
    role: str
    artifact: Artifact
    time: int
    place: int
    terminal: bool
    facets: Facets

    @property
    def declared(self) -> str | None:
        """The declared id of this mention."""
        value = stated(self.facets, "version")
        return value.get("datasetVersion") if value else None

    @property
    def digest(self) -> str | None:
        """`algorithm:value` of this mention."""
        return written_digest(stated(self.facets, "headwater_digest"))


@dataclass(frozen=True)
class Description:
    """A DatasetEvent."""

    artifact: Artifact
    time: int
    facets: Facets


@dataclass(frozen=True)
class Definition:
    """A JobEvent: lists are sorted sets, None where absent; of two at one time the greater SHA."""

    job: Job
    time: int
    facets: Facets
    inputs: tuple[Artifact, ...] | None
    inputs_sha: str
    outputs: tuple[Artifact, ...] | None
    outputs_sha: str


@dataclass
class Told:
    """Everything said, in no order that matters."""

    observations: list[Observation]
    mentions: list[Mention]
    descriptions: list[Description]
    definitions: list[Definition]


def read(events: Iterable[Json]) -> Told:
    """Read events of all three kinds."""
    told = Told([], [], [], [])
    for event in events:
        time = microseconds(event["eventTime"])
        if event.get("run") is not None:
            _read_run_event(event, time, told)
        elif event.get("job") is not None:
            told.definitions.append(_definition(event, time))
            for dataset in [*(event.get("inputs") or []), *(event.get("outputs") or [])]:
                told.descriptions.append(_description(dataset, time))
        else:
            told.descriptions.append(_description(event["dataset"], time))
    return told


def age(said: Said) -> tuple[int, bool, str]:
    """Rule 1: newest is by event time, then a deletion, then the greater SHA-256."""
    return (said.time, said.deleted, said.sha)


def newest(statements: Iterable[Said]) -> Any:
    """Rule 1: the value of the newest statement; None where there is none, or a deletion."""
    ordered = sorted(statements, key=age)
    return ordered[-1].value if ordered and not ordered[-1].deleted else None


def stated(of: Facets, name: str) -> Any:
    """Return the value of a facet of one mention, None where absent or removed."""
    said = of.get(name)
    return None if said is None or said.deleted else said.value


def written_digest(value: Json | None) -> str | None:
    """`algorithm:value` of a `headwater_digest`."""
    if value and value.get("algorithm") and value.get("value"):
        return f"{value['algorithm']}:{value['value']}"
    return None


def microseconds(text: str) -> int:
    """Microseconds since 1970; no zone is UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


def artifact(dataset: Json) -> Artifact:
    """Identity of a dataset."""
    return Artifact(dataset["namespace"], dataset["name"])


def run_of(run: Json, job: Json) -> Run:
    """Identity of a run: lower-case UUID, or UUIDv5 of what is none."""
    text = run["runId"]
    try:
        given = str(uuid.UUID(text))
    except ValueError:
        given = ""
    if given != text.lower():
        parts = [job["namespace"], job["name"], text]
        given = str(
            uuid.uuid5(RUN_IDS, json.dumps(parts, separators=(",", ":"), ensure_ascii=False))
        )
    return Run(given, job["namespace"], job["name"])


def facets(raw: Json | None, time: int, *, deletable: bool = True) -> Facets:
    """Facets of one place, null ones left out."""
    return {
        name: Said(time, sha(value), deletable and value.get("_deleted") is True, value)
        for name, value in (raw or {}).items()
        if value is not None
    }


def _read_run_event(event: Json, time: int, told: Told) -> None:
    run = run_of(event["run"], event["job"])
    own = facets(event["run"].get("facets"), time, deletable=False)
    kind = event.get("eventType")
    told.observations.append(
        Observation(
            run,
            time,
            kind,
            "headwater_inferred" in own,
            own,
            facets(event["job"].get("facets"), time),
        )
    )
    for role in ("input", "output"):
        for place, dataset in enumerate(event.get(f"{role}s") or []):
            both = facets(dataset.get("facets"), time)
            both |= facets(dataset.get(f"{role}Facets"), time)
            told.mentions.append(
                Mention(run, role, artifact(dataset), time, place, kind in TERMINAL, both)
            )


def _description(dataset: Json, time: int) -> Description:
    said = facets(dataset.get("facets"), time)
    for place in ("inputFacets", "outputFacets"):
        said |= facets(dataset.get(place), time)
    return Description(artifact(dataset), time, said)


def _definition(event: Json, time: int) -> Definition:
    job = event["job"]
    lists = [event.get("inputs"), event.get("outputs")]
    inputs, outputs = (
        None if given is None else tuple(sorted({artifact(each) for each in given}))
        for given in lists
    )
    return Definition(
        Job(job["namespace"], job["name"]),
        time,
        facets(job.get("facets"), time),
        inputs,
        sha(inputs),
        outputs,
        sha(outputs),
    )
