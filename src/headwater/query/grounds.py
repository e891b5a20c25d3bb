"""What an answer rests on: the entries behind it, with what of their bytes the asker may see.

An answer rests on the entries of its edges; on those that speak of its versions, runs and jobs; on
those that its facets stand in; and on labels that say what is a source and who owns what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from headwater import canonical
from headwater.errors import LimitExceeded
from headwater.graph.model import Facet
from headwater.ledger import leaf as leaves
from headwater.query.documents import Document
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Column, Job, Run, Version, parse

ENTRIES_MAX = 10_000
"""Entries that an answer may rest on to be proved at once."""
STORED_BYTES_MAX = 40 * 1024 * 1024
"""Bytes of these entries, as stored."""
ERASED = "erased"
HIDDEN = "hidden"

_LABELS = ("owner", "source")


class Shown(NamedTuple):
    """A part of an entry as it is stored: its salt and its bytes."""

    salt: bytes
    body: bytes


Part = Shown | str
"""A part, or why it is not shown: `erased` or `hidden`."""


class Ground(NamedTuple):
    """One entry that an answer rests on, with its proof: hashes from the leaf to the root."""

    entry: int
    leaf: bytes
    path: tuple[bytes, ...]
    parts: tuple[Part, ...]


class Grounds(NamedTuple):
    """An answer as RFC 8785 JSON, what was asked of which ledger, and the entries behind it."""

    origin: str
    size: int
    root: bytes
    rules: int
    query: dict[str, Any]
    answer: bytes
    entries: tuple[Ground, ...]


def ground(snapshot: Snapshot, document: Document, query: dict[str, Any]) -> Grounds:
    """Gather what an answer of this snapshot rests on. Raises `LimitExceeded`."""
    entries = sorted(_entries(snapshot, document))
    if len(entries) > ENTRIES_MAX:
        raise _too_much(f"{len(entries):,} entries; the limit is {ENTRIES_MAX:,}")
    return Grounds(
        origin=snapshot.store.origin,
        size=snapshot.size,
        root=snapshot.store.root(snapshot.size),
        rules=document["rules"],
        query=query,
        answer=canonical.encode(document),
        entries=tuple(_shown(snapshot, entries)),
    )


def refuse_partial(document: Document) -> None:
    """Raise `LimitExceeded` for an answer that does not say the same whenever it is asked."""
    truncated = document["completeness"]["truncated"]
    if truncated is not None and truncated["reason"] != "depth":
        raise _too_much(f"more than was gathered (cut off by {truncated['reason']})")


def _too_much(what: str) -> LimitExceeded:
    return LimitExceeded(
        f"the answer rests on {what}", remedy="ask with a smaller depth, or of something nearer"
    )


def _shown(snapshot: Snapshot, entries: Iterable[int]) -> Iterator[Ground]:
    total = 0
    for index in entries:
        stored = snapshot.store.entry(index)
        claims = list(snapshot.store.claims(index + 1, start=index))
        by_number = {part.number: part for part in stored.parts}
        parts: list[Part] = []
        for number in range(len(leaves.decode(stored.leaf).parts)):
            part = by_number.get(number)
            if part is None or part.salt is None or part.body is None:
                parts.append(ERASED)
            elif snapshot.secrecy.hides(part.body, claims):
                parts.append(HIDDEN)
            else:
                parts.append(Shown(part.salt, part.body))
                total += len(part.body)
        if total > STORED_BYTES_MAX:
            raise _too_much(f"more than {STORED_BYTES_MAX:,} bytes, which is the limit")
        path = tuple(snapshot.store.inclusion(index, snapshot.size))
        yield Ground(index, stored.leaf, path, tuple(parts))


def _entries(snapshot: Snapshot, document: Document) -> set[int]:
    found = {entry for edge in document["edges"] for entry in edge["entries"]}
    for ref in (*(node["ref"] for node in document["nodes"]), *document.get("opaque", ())):
        match parse(ref):
            case Version() as version:
                found.update(_of_version(snapshot, version))
            case Column(version=version):
                found.update(_of_version(snapshot, version))
            case Run() as run:
                known = snapshot.run(run)
                found.update(known.entries, _standing(known.facets, known.job_facets))
                found.update(_labelled(snapshot, run))
            case Job() as job:
                defined = snapshot.job(job)
                found.update(defined.entries, _standing(defined.facets))
            case _:
                pass
    return found


def _of_version(snapshot: Snapshot, version: Version) -> Iterator[int]:
    yield from snapshot.lineage.entries_of(version)
    yield from _standing(snapshot.node(version).facets)
    artifact = snapshot.lineage.artifact(version.artifact)
    if artifact is not None:
        yield from _standing(artifact.facets)
    yield from _labelled(snapshot, version)
    yield from _labelled(snapshot, version.artifact)


def _labelled(snapshot: Snapshot, subject: Version | Artifact | Run) -> Iterator[int]:
    labels = snapshot.lineage.labels(str(subject))
    for key in _LABELS:
        if key in labels:
            yield from labels[key].entries


def _standing(*facets: dict[str, Facet]) -> Iterator[int]:
    yield from (facet.entry for some in facets for facet in some.values())
