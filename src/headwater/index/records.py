"""What the index keeps of each thing, as bytes: everything but what its columns say.

Ends of edges are numbers and stand in relations; an edge's own words stand in the record of the run
or version that owns it, in the order of its row. A part that few answers need is left encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from headwater.graph.model import (
    ArtifactNode,
    ColumnDerived,
    Derived,
    Facet,
    JobNode,
    RunNode,
    Used,
    VersionNode,
)
from headwater.refs import Artifact, Column, Job, Run, Version

_encode = msgspec.msgpack.Encoder().encode
T = TypeVar("T")


class Packed(Generic[T]):
    """A value that is left encoded until it is needed."""

    def __init__(self, kind: Any) -> None:
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)

    def pack(self, value: T) -> msgspec.Raw:
        """Encode it."""
        return msgspec.Raw(_encode(value))

    def unpack(self, raw: msgspec.Raw) -> T:
        """Decode it."""
        return self._decoder.decode(raw)


class UsedSaid(msgspec.Struct, array_like=True):
    """A read, without the run and the version. `named` is None where it is the version's own."""

    named: Artifact | None
    binding: str
    evidence: str
    exactness: str
    time: int
    candidates: tuple[Version, ...]
    open_writers: tuple[Run, ...]
    digest: str | None
    warning: str | None
    facets: msgspec.Raw
    entries: tuple[int, ...]


class DerivedSaid(msgspec.Struct, array_like=True):
    """A derivation, without its versions."""

    evidence: str
    exactness: str
    entries: tuple[int, ...]


class ColumnSaid(msgspec.Struct, array_like=True):
    """A derivation of a column, without the versions."""

    path: str
    source: str
    direct: bool
    kind: str
    masking: bool
    entries: tuple[int, ...]


FACETS: Packed[dict[str, Facet]] = Packed(dict[str, Facet])
USED: Packed[list[UsedSaid]] = Packed(list[UsedSaid])
DERIVED: Packed[list[DerivedSaid]] = Packed(list[DerivedSaid])
COLUMNS: Packed[list[ColumnSaid]] = Packed(list[ColumnSaid])


class VersionRecord(msgspec.Struct, array_like=True, kw_only=True):
    """A version: `declared` and `digest` of its identity, and what its node says.

    `names` is None where its artifact's own is the only one, `kind` where its own run tells none.
    What a version takes from its artifact, or an outside one from its readers, is not kept here.
    """

    identity: tuple[str | None, str | None]
    names: tuple[Artifact, ...] | None
    joined: tuple[tuple[Artifact, int], ...]
    begins: int | None
    attempted: bool
    open: bool
    declared: str | None
    digest: str | None
    size: int | None
    kind: str | None
    lifecycle: str | None
    origin_known: bool
    ordinal: int | None
    sourceless: tuple[str, ...]
    facets: msgspec.Raw
    entries: tuple[int, ...]
    derived: msgspec.Raw
    columns: msgspec.Raw


class RunRecord(msgspec.Struct, array_like=True, kw_only=True):
    """A run: what its node says, and its reads."""

    state: str
    started: int
    ended: int | None
    parents: tuple[Run, ...]
    followed: tuple[Run, ...]
    actor: str | None
    code: str | None
    nominal: tuple[str, str | None] | None
    gaps: int
    known: bool
    facets: msgspec.Raw
    job_facets: msgspec.Raw
    entries: tuple[int, ...]
    used: msgspec.Raw


class JobRecord(msgspec.Struct, array_like=True, kw_only=True):
    """A job: what its node says."""

    inputs: tuple[Artifact, ...] | None
    outputs: tuple[Artifact, ...] | None
    facets: msgspec.Raw
    entries: tuple[int, ...]


class ArtifactRecord(msgspec.Struct, array_like=True, kw_only=True):
    """An artifact: what its node says, its entries apart."""

    kind: str | None
    source: bool
    owners: tuple[str, ...]
    description: str | None
    facets: msgspec.Raw


def record_version(
    node: VersionNode,
    derived: Sequence[Derived] = (),
    columns: Sequence[ColumnDerived] = (),
    *,
    kind: str | None,
) -> VersionRecord:
    """Write down a version with the edges that it owns; `kind` is what its own run tells."""
    version = node.version
    own = version.run is not None
    return VersionRecord(
        identity=(version.declared, version.digest),
        names=None if node.names == (version.artifact,) else node.names,
        joined=node.joined,
        begins=node.begins,
        attempted=node.attempted,
        open=node.open,
        declared=node.declared,
        digest=node.digest,
        size=node.size,
        kind=kind,
        lifecycle=node.lifecycle,
        origin_known=node.origin_known,
        ordinal=node.ordinal,
        sourceless=node.sourceless,
        facets=FACETS.pack(node.facets if own else {}),
        entries=node.entries if own else (),
        derived=DERIVED.pack(
            [DerivedSaid(edge.evidence, edge.exactness, edge.entries) for edge in derived]
        ),
        columns=COLUMNS.pack(
            [
                ColumnSaid(
                    edge.column.path,
                    edge.source.path,
                    edge.direct,
                    edge.kind,
                    edge.masking,
                    edge.entries,
                )
                for edge in columns
            ]
        ),
    )


def record_run(node: RunNode, used: list[Used]) -> RunRecord:
    """Write down a run with its reads."""
    return RunRecord(
        state=node.state,
        started=node.started,
        ended=node.ended,
        parents=node.parents,
        followed=node.followed,
        actor=node.actor,
        code=node.code,
        nominal=node.nominal,
        gaps=node.gaps,
        known=node.known,
        facets=FACETS.pack(node.facets),
        job_facets=FACETS.pack(node.job_facets),
        entries=node.entries,
        used=USED.pack([_said(edge) for edge in used]),
    )


def _said(edge: Used) -> UsedSaid:
    return UsedSaid(
        None if edge.named == edge.version.artifact else edge.named,
        edge.binding,
        edge.evidence,
        edge.exactness,
        edge.time,
        edge.candidates,
        edge.open_writers,
        edge.digest,
        edge.warning,
        FACETS.pack(edge.facets),
        edge.entries,
    )


def record_job(node: JobNode) -> JobRecord:
    """Write down a job."""
    return JobRecord(
        inputs=node.inputs,
        outputs=node.outputs,
        facets=FACETS.pack(node.facets),
        entries=node.entries,
    )


def record_artifact(node: ArtifactNode) -> ArtifactRecord:
    """Write down an artifact."""
    return ArtifactRecord(
        kind=node.kind,
        source=node.source,
        owners=node.owners,
        description=node.description,
        facets=FACETS.pack(node.facets),
    )


def read_version(
    version: Version, record: VersionRecord, artifact: ArtifactRecord | None
) -> VersionNode:
    """Make the node again.

    Kind (where it has none of its own) and source are its artifact's; so are an outside one's
    facets.
    """
    node = VersionNode(
        version=version,
        names=(version.artifact,) if record.names is None else record.names,
        joined=record.joined,
        begins=record.begins,
        attempted=record.attempted,
        open=record.open,
        declared=record.declared,
        digest=record.digest,
        size=record.size,
        kind=record.kind,
        lifecycle=record.lifecycle,
        origin_known=record.origin_known,
        ordinal=record.ordinal,
        sourceless=record.sourceless,
        facets=FACETS.unpack(record.facets),
        entries=record.entries,
    )
    if artifact is not None:
        node.kind = node.kind or artifact.kind
        node.source = artifact.source
        if version.outside:
            node.facets = FACETS.unpack(artifact.facets)
    return node


def read_run(run: Run, record: RunRecord) -> RunNode:
    """Make the node again."""
    return RunNode(
        run=run,
        state=record.state,
        started=record.started,
        ended=record.ended,
        parents=record.parents,
        followed=record.followed,
        actor=record.actor,
        code=record.code,
        nominal=record.nominal,
        gaps=record.gaps,
        known=record.known,
        facets=FACETS.unpack(record.facets),
        job_facets=FACETS.unpack(record.job_facets),
        entries=record.entries,
    )


def read_job(job: Job, record: JobRecord) -> JobNode:
    """Make the node again."""
    return JobNode(
        job=job,
        inputs=record.inputs,
        outputs=record.outputs,
        facets=FACETS.unpack(record.facets),
        entries=record.entries,
    )


def read_artifact(
    artifact: Artifact, record: ArtifactRecord, entries: tuple[int, ...]
) -> ArtifactNode:
    """Make the node again."""
    return ArtifactNode(
        artifact=artifact,
        kind=record.kind,
        source=record.source,
        owners=record.owners,
        description=record.description,
        facets=FACETS.unpack(record.facets),
        entries=entries,
    )


def read_used(run: Run, version: Version, said: UsedSaid) -> Used:
    """Make the edge again."""
    return Used(
        run=run,
        version=version,
        named=version.artifact if said.named is None else said.named,
        binding=said.binding,
        evidence=said.evidence,
        exactness=said.exactness,
        time=said.time,
        candidates=said.candidates,
        open_writers=said.open_writers,
        digest=said.digest,
        warning=said.warning,
        facets=FACETS.unpack(said.facets),
        entries=said.entries,
    )


def read_derived(version: Version, source: Version, said: DerivedSaid) -> Derived:
    """Make the edge again."""
    return Derived(
        version=version,
        source=source,
        evidence=said.evidence,
        exactness=said.exactness,
        entries=said.entries,
    )


def read_column(version: Version, source: Version, said: ColumnSaid) -> ColumnDerived:
    """Make the edge again."""
    return ColumnDerived(
        column=Column(version, said.path),
        source=Column(source, said.source),
        direct=said.direct,
        kind=said.kind,
        masking=said.masking,
        entries=said.entries,
    )
