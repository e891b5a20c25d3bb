"""What a search found, one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from headwater.openlineage.times import iso
from headwater.query import searchable
from headwater.query.documents import Document
from headwater.query.searchable import Said
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Run


class Hit(msgspec.Struct, kw_only=True):
    """One thing that was found, and by what."""

    ref: str
    kind: str
    namespace: str
    name: str
    field: str
    value: str
    versions: int | None = None
    latest: int | None = None

    def document(self) -> Document:
        """The hit as JSON."""
        return {
            "ref": self.ref,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "matched": {"field": self.field, "value": self.value},
            "versions": self.versions,
            "latest": None if self.latest is None else iso(self.latest),
        }


def hit(snapshot: Snapshot, thing: Artifact | Job | Run, wanted: str) -> Hit | None:
    """The thing as a hit, where `wanted`, in lower case, is in something of it."""
    match thing:
        case Artifact():
            return _artifact(snapshot, thing, wanted)
        case Job():
            return _job(snapshot, thing, wanted)
        case Run():
            return _run(snapshot, thing, wanted)


def _first(said: Iterable[Said], wanted: str) -> Said | None:
    return next((one for one in said if wanted in one.text), None)


def _artifact(snapshot: Snapshot, artifact: Artifact, wanted: str) -> Hit | None:
    known = searchable.known(snapshot, artifact)
    matched = _first(searchable.of_artifact(snapshot, known), wanted) or _first(
        searchable.of_versions(snapshot, known), wanted
    )
    if matched is None:
        return None
    return Hit(
        ref=str(artifact),
        kind=known.kind,
        namespace=artifact.namespace,
        name=artifact.name,
        field=matched.field,
        value=snapshot.secrecy.redact(matched.value),
        versions=len(known.versions),
        latest=known.versions[-1].begins if known.versions else None,
    )


def _job(snapshot: Snapshot, job: Job, wanted: str) -> Hit | None:
    matched = _first(searchable.of_job(snapshot, job), wanted)
    if matched is None:
        return None
    runs = snapshot.lineage.runs_of(job)
    return Hit(
        ref=str(job),
        kind="job",
        namespace=job.namespace,
        name=job.name,
        field=matched.field,
        value=matched.value,
        latest=snapshot.run(runs[-1]).started if runs else None,
    )


def _run(snapshot: Snapshot, run: Run, wanted: str) -> Hit | None:
    matched = _first(searchable.of_run(snapshot, run), wanted)
    if matched is None:
        return None
    return Hit(
        ref=str(run),
        kind="run",
        namespace=run.namespace,
        name=run.name,
        field=matched.field,
        value=matched.value,
        latest=snapshot.run(run).started,
    )
