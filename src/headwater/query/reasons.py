"""`why`: the claims that an edge rests on, the rule that bound it, and the runner-up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headwater.claims.model import Claim, Defined, Described, Mentioned, Observed
from headwater.graph.lineage import Declared
from headwater.graph.model import Derived, SameContent, Used
from headwater.openlineage.times import iso
from headwater.query.documents import (
    Document,
    derived_document,
    revised_document,
    same_document,
    used_document,
)
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Run, Version

_RULES = {
    "declared": "The reader named the version's id, and this is the version with that id.",
    "digest": "The reader stated the content's digest, and this version has that content.",
    "as_of": "The reader named no version; this is the newest one that was there when it read.",
    "unknown": "Nothing that a run made had this name when it was read: it came from outside.",
}
_CARRIES = {
    "all": "The write kept what was there before, so the earlier state is part of the later.",
    "none": "The write replaced what was there before.",
    "unknown": "Nobody said whether the write kept what was there before.",
}


def why(snapshot: Snapshot, first: Version | Run, second: Version | Run) -> Document:
    """Every edge by which one depends on the other, either way round, with its reasons."""
    reasons = list(_reasons(snapshot, first, second)) or list(_reasons(snapshot, second, first))
    return {"from": str(first), "to": str(second), "edges": reasons}


def _reasons(snapshot: Snapshot, start: Version | Run, end: Version | Run) -> Iterator[Document]:
    if isinstance(end, Run):
        if isinstance(start, Version) and start.run == end:
            yield _generated(snapshot, start, end)
        return
    reader = start if isinstance(start, Run) else start.run
    if reader is not None:
        for used in snapshot.lineage.used_of(reader):
            if used.version == end:
                yield _used(snapshot, used)
    if isinstance(start, Version):
        yield from _between_versions(snapshot, start, end)


def _between_versions(snapshot: Snapshot, start: Version, end: Version) -> Iterator[Document]:
    lineage = snapshot.lineage
    for derived in lineage.derived_from(start):
        if derived.source == end:
            yield _derived(snapshot, derived)
    revised = lineage.revised(start)
    if revised is not None and revised.before == end:
        edge = revised_document(revised, snapshot)
        yield _reason(snapshot, edge, "revised", _CARRIES[revised.carries], {start.artifact})
    same = lineage.same(start)
    if same is not None and same.original == end:
        yield _same(snapshot, same)
    for declared in lineage.made_from(start):
        if declared.source == end:
            yield _declared(snapshot, declared)


def _declared(snapshot: Snapshot, declared: Declared) -> Document:
    edge = {
        "from": str(declared.version),
        "to": str(declared.source),
        "kind": "declared",
        "evidence": "declared",
        "entries": list(snapshot.job(declared.job).entries),
    }
    text = f"{declared.job} is declared to make the one from the other; no run was seen."
    names = {declared.version.artifact, declared.source.artifact}
    return _reason(snapshot, edge, "declared", text, names)


def _used(snapshot: Snapshot, used: Used) -> Document:
    text = _RULES[used.binding]
    if used.evidence == "inferred" and used.named != used.version.artifact:
        named = snapshot.told(used.named)
        text += f" It was read as {named}, which this version contains or was renamed from."
    if used.candidates:
        text += (
            " It could also be an earlier one: the reader had begun before this version was there."
        )
    if used.warning:
        text += f" {snapshot.secrecy.redact(used.warning)}."
    names = {used.named, used.version.artifact}
    reason = _reason(
        snapshot, used_document(used, snapshot), used.binding, text, names, run=used.run
    )
    reason["runner_up"] = _runner_up(snapshot, used)
    return reason


def _runner_up(snapshot: Snapshot, used: Used) -> Document | None:
    """The version that would have been bound had this one not been there."""
    if used.binding not in {"as_of", "declared"} or used.version.outside:
        return None
    nodes = [
        node
        for node in snapshot.versions(used.version.artifact)
        if not node.attempted
        and node.begins is not None
        and node.version.run != used.run
        and snapshot.sees(node.version.artifact)
    ]
    bound = next((node for node in nodes if node.version == used.version), None)
    if bound is None:
        return None
    place = nodes.index(bound)
    if place > 0:
        return {"ref": str(nodes[place - 1].version), "why": "it is the newest one before"}
    if place + 1 < len(nodes):
        began = nodes[place + 1].begins or 0
        return {
            "ref": str(nodes[place + 1].version),
            "why": f"it began at {iso(began)}, after the read of {iso(used.time)}",
        }
    return None


def _derived(snapshot: Snapshot, derived: Derived) -> Document:
    text = {
        "exact": "What the run read went into what it wrote.",
        "conservative": "The run read the one and wrote the other; nobody said that it did not go "
        "in.",
        "opaque": "What the run did with it could not be seen.",
    }[derived.exactness]
    if derived.evidence == "inferred":
        text += " This is concluded, not observed."
    names = {derived.version.artifact, derived.source.artifact}
    return _reason(snapshot, derived_document(derived), "derivation", text, names)


def _generated(snapshot: Snapshot, version: Version, run: Run) -> Document:
    node = snapshot.node(version)
    edge = {
        "from": str(version),
        "to": str(run),
        "kind": "generated",
        "entries": list(snapshot.lineage.entries_of(version)),
    }
    text = "The run named it as an output."
    if node.attempted:
        text += " It did not complete, so this is an attempt to which no read is bound."
    return _reason(snapshot, edge, "generated", text, {version.artifact}, run=run)


def _same(snapshot: Snapshot, same: SameContent) -> Document:
    digest = snapshot.node(same.version).digest
    text = f"Both have the bytes {digest}; it is the earliest run-made version that has them."
    names = {same.version.artifact, same.original.artifact}
    return _reason(snapshot, same_document(same, snapshot), "same_content", text, names)


def _reason(
    snapshot: Snapshot,
    edge: Document,
    rule: str,
    explanation: str,
    names: set[Artifact],
    *,
    run: Run | None = None,
) -> Document:
    names = {*filter(snapshot.sees, names)}
    claims = [
        {"entry": claim.entry, "claim": kind, "said": said}
        for index in edge["entries"]
        for claim in snapshot.store.claims(index + 1, start=index)
        for kind, said in _said(claim, names, run)
    ]
    return {
        "edge": edge,
        "rule": rule,
        "explanation": explanation,
        "claims": claims,
        "runner_up": None,
    }


def _said(
    claim: Claim, names: set[Artifact], run: Run | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a claim says that bears on an edge, in words that a person can check in the entry."""
    match claim:
        case Mentioned() if claim.artifact in names and run in (None, claim.run):
            said = {
                "run": claim.run.id,
                "time": iso(claim.time),
                "as": claim.role,
                "name": claim.artifact.name,
            }
            facets = [name for name in sorted(claim.facets) if name in _TELLING]
            yield "mention", said | ({"facets": facets} if facets else {})
        case Described() if claim.artifact in names:
            said = {"time": iso(claim.time), "name": claim.artifact.name}
            yield "dataset", said | {"facets": sorted(claim.facets)}
        case Defined():
            yield "job", {"time": iso(claim.time), "job": claim.job.name}
        case Observed() if {"lineage", "parent"} & {*claim.facets, *claim.job_facets}:
            facets = sorted({*claim.facets, *claim.job_facets} & _TELLING)
            yield "run", {"run": claim.run.id, "time": iso(claim.time), "facets": facets}
        case _:
            return


_TELLING = frozenset(
    {
        "version",
        "headwater_digest",
        "symlinks",
        "lifecycleStateChange",
        "columnLineage",
        "lineage",
        "parent",
        "subset",
        "headwater_write",
        "headwater_read",
        "datasetType",
    }
)
