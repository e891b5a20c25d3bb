"""`search`: names by any part, owners, labels, tags, descriptions, digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from headwater.graph.model import UNKNOWN_KIND, ArtifactNode
from headwater.openlineage.times import iso
from headwater.query.documents import Document, facet_values
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job

_RANKS = ("name", "owner", "label", "tag", "description", "digest", "id")


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


def search(snapshot: Snapshot, text: str, *, kind: str | None, start: int, limit: int) -> Document:
    """Find what has `text` in it, the case aside: whole names first, then by what matched.

    Gives `limit` hits from the one at `start` on, and where to go on.
    """
    wanted = text.lower()
    hits = [
        hit
        for hit in (
            *_artifacts(snapshot, wanted),
            *_jobs(snapshot, wanted),
            *_runs(snapshot, wanted),
        )
        if kind is None or hit.kind == kind.lower()
    ]
    hits.sort(key=lambda hit: (_RANKS.index(hit.field), *_closeness(hit, wanted), hit.ref))
    end = start + limit
    return {
        "text": text,
        "hits": [hit.document() for hit in hits[start:end]],
        "total": len(hits),
        "truncated": len(hits) > end,
        "cursor": str(end) if len(hits) > end else None,
    }


def _closeness(hit: Hit, wanted: str) -> tuple[bool, bool, int]:
    name = hit.name.lower()
    last = name.rstrip("/").rpartition("/")[2].rpartition(".")[2]
    return name != wanted, last != wanted, len(name)


def _artifacts(snapshot: Snapshot, wanted: str) -> Iterable[Hit]:
    for artifact in snapshot.artifacts:
        matched = next(_matches(snapshot, artifact, wanted), None)
        if matched is None:
            continue
        versions = snapshot.versions(artifact)
        node = snapshot.lineage.artifact(artifact)
        newest = versions[-1] if versions else None
        kind = (newest.kind if newest else None) or (node.kind if node else None)
        yield Hit(
            ref=str(artifact),
            kind=kind or UNKNOWN_KIND,
            namespace=artifact.namespace,
            name=artifact.name,
            field=matched[0],
            value=matched[1],
            versions=len(versions),
            latest=newest.begins if newest else None,
        )


def _matches(snapshot: Snapshot, artifact: Artifact, wanted: str) -> Iterator[tuple[str, str]]:
    if wanted in artifact.name.lower() or wanted in f"{artifact.namespace}/{artifact.name}".lower():
        yield "name", artifact.name
    node = snapshot.lineage.artifact(artifact)
    if node is not None:
        for owner in node.owners:
            if wanted in owner.lower():
                yield "owner", owner
        yield from _labels(snapshot, str(artifact), wanted)
        for tag in _tags(snapshot, node):
            if wanted in tag.lower():
                yield "tag", tag
        if node.description and wanted in node.description.lower():
            yield "description", node.description
    for version in (
        *snapshot.versions(artifact),
        *map(snapshot.node, snapshot.lineage.outside(artifact)),
    ):
        yield from _labels(snapshot, str(version.version), wanted)
        if version.digest and wanted in version.digest:
            yield "digest", version.digest


def _labels(snapshot: Snapshot, subject: str, wanted: str) -> Iterator[tuple[str, str]]:
    for key, label in snapshot.lineage.labels(subject).items():
        for value in label.values:
            if wanted in f"{key}={value}".lower():
                yield "label", f"{key}={value}"


def _tags(snapshot: Snapshot, node: ArtifactNode) -> Iterable[str]:
    held = {
        name: facet for name, facet in node.facets.items() if name in {"tags", "headwater_policy"}
    }
    for value in facet_values(snapshot, held).values() if held else ():
        for tag in (value.get("tags") if isinstance(value, dict) else None) or ():
            if isinstance(tag, str):
                yield tag
            elif isinstance(tag, dict) and tag.get("key"):
                yield f"{tag['key']}={tag.get('value', '')}".rstrip("=")


def _jobs(snapshot: Snapshot, wanted: str) -> Iterable[Hit]:
    for job in snapshot.lineage.jobs():
        matched: tuple[str, str] | None = ("name", job.name)
        if wanted not in job.name.lower():
            matched = next(_labels(snapshot, str(job), wanted), None)
        if matched is not None:
            yield _of_job(job, snapshot, *matched)


def _of_job(job: Job, snapshot: Snapshot, field: str, value: str) -> Hit:
    runs = snapshot.lineage.runs_of(job)
    return Hit(
        ref=str(job),
        kind="job",
        namespace=job.namespace,
        name=job.name,
        field=field,
        value=value,
        latest=snapshot.run(runs[-1]).started if runs else None,
    )


def _runs(snapshot: Snapshot, wanted: str) -> Iterable[Hit]:
    for node in snapshot.lineage.runs():
        run = node.run
        matched: tuple[str, str] | None = ("id", run.id)
        if wanted not in run.id:
            matched = next(_labels(snapshot, str(run), wanted), None)
        if matched is not None:
            yield Hit(
                ref=str(run),
                kind="run",
                namespace=run.namespace,
                name=run.name,
                field=matched[0],
                value=matched[1],
                latest=node.started,
            )
