"""What of each thing can be searched, in the order in which it counts.

`search` finds a thing by the first of these texts that holds what is looked for. Whatever answers,
a scan or a table, takes them from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from headwater.graph.model import UNKNOWN_KIND, ArtifactNode, Facet, VersionNode
from headwater.query.documents import stored_values
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Run

FIELDS = ("name", "owner", "label", "tag", "description", "digest", "id")
"""What a thing can be found by: the order of the hits."""
TAGGING = frozenset({"tags", "headwater_policy"})
"""The facets of an artifact that give it tags."""

Tags = Callable[[ArtifactNode], Iterable[str]]
"""Gives the tags of an artifact."""


class Said(NamedTuple):
    """A value of a field, and the text that is looked through for it."""

    field: str
    value: str
    text: str


class Known(NamedTuple):
    """An artifact, what is said of it, and the versions that stand on its name."""

    artifact: Artifact
    node: ArtifactNode | None
    versions: Sequence[VersionNode]

    @property
    def kind(self) -> str:
        """What kind of thing it is: as its newest version says, else as is said of it."""
        newest = self.versions[-1].kind if self.versions else None
        return newest or (self.node.kind if self.node else None) or UNKNOWN_KIND


def known(snapshot: Snapshot, artifact: Artifact) -> Known:
    """Look an artifact up."""
    return Known(artifact, snapshot.lineage.artifact(artifact), snapshot.versions(artifact))


def of_artifact(snapshot: Snapshot, known: Known, tags: Tags | None = None) -> Iterator[Said]:
    """What an artifact has of itself."""
    artifact, node, _ = known
    yield Said("name", artifact.name, artifact.name.lower())
    yield Said("name", artifact.name, f"{artifact.namespace}/{artifact.name}".lower())
    if node is not None:
        for owner in node.owners:
            yield Said("owner", owner, owner.lower())
        yield from labels(snapshot, str(artifact))
        for tag in tags(node) if tags else _tags(snapshot, node):
            yield Said("tag", tag, tag.lower())
        if node.description:
            yield Said("description", node.description, node.description.lower())


def of_versions(snapshot: Snapshot, known: Known) -> Iterator[Said]:
    """What an artifact has by its versions."""
    outside = map(snapshot.node, snapshot.lineage.outside(known.artifact))
    for version in (*known.versions, *outside):
        yield from labels(snapshot, str(version.version))
        if version.digest:
            yield Said("digest", version.digest, version.digest)


def of_job(snapshot: Snapshot, job: Job) -> Iterator[Said]:
    """What a job can be found by."""
    yield Said("name", job.name, job.name.lower())
    yield from labels(snapshot, str(job))


def of_run(snapshot: Snapshot, run: Run) -> Iterator[Said]:
    """What a run can be found by."""
    yield Said("id", run.id, run.id)
    yield from labels(snapshot, str(run))


def labels(snapshot: Snapshot, subject: str) -> Iterator[Said]:
    """The labels of a subject, a canonical reference, as `key=value`."""
    for key, label in snapshot.lineage.labels(subject).items():
        for value in label.values:
            yield Said("label", f"{key}={value}", f"{key}={value}".lower())


def tagging(node: ArtifactNode) -> dict[str, Facet]:
    """The facets that give an artifact its tags."""
    return {name: facet for name, facet in node.facets.items() if name in TAGGING}


def tags_in(value: Any) -> Iterator[str]:
    """The tags that the value of such a facet gives."""
    tags = value.get("tags") if isinstance(value, dict) else None
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str):
            yield tag
        elif isinstance(tag, dict) and tag.get("key"):
            yield f"{tag['key']}={tag.get('value', '')}".rstrip("=")


def _tags(snapshot: Snapshot, node: ArtifactNode) -> Iterator[str]:
    held = tagging(node)
    for value in stored_values(snapshot, held).values() if held else ():
        yield from tags_in(value)
