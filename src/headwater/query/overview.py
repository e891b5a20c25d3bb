"""`overview`: how much there is, what was made last, what ran last, and what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import nlargest

from headwater.graph.model import UNKNOWN_KIND, RunNode, VersionNode
from headwater.query.documents import Document, run_document, version_document
from headwater.query.snapshot import Snapshot

COMPLETE = "COMPLETE"
OPEN = "OPEN"


def overview(snapshot: Snapshot, *, limit: int) -> Document:
    """Count artifacts by kind, jobs and runs; list the newest, at most `limit` of each sort.

    What needs attention are runs that never ended, and the newest run of a job if it failed.
    """
    newest = [snapshot.node(snapshot.latest(artifact)) for artifact in snapshot.artifacts]
    kinds = Counter(node.kind or UNKNOWN_KIND for node in newest)
    runs = list(snapshot.lineage.runs())
    attention = list(_concerning(snapshot, runs))
    return {
        "artifacts": dict(sorted(kinds.items())),
        "jobs": sum(1 for _ in snapshot.lineage.jobs()),
        "runs": len(runs),
        "newest_versions": [
            version_document(node)
            for node in nlargest(limit, (node for node in newest if node.begins), key=_began)
        ],
        "newest_runs": _newest(runs, limit),
        "attention": _newest(attention, limit),
        "attention_total": len(attention),
    }


def _concerning(snapshot: Snapshot, runs: Iterable[RunNode]) -> Iterator[RunNode]:
    for node in runs:
        if node.state == OPEN or (
            node.state != COMPLETE and snapshot.lineage.runs_of(node.run.job)[-1] == node.run
        ):
            yield node


def _newest(runs: Iterable[RunNode], limit: int) -> list[Document]:
    return [run_document(node) for node in nlargest(limit, runs, key=_started)]


def _started(node: RunNode) -> tuple[int, str]:
    return node.started, str(node.run)


def _began(node: VersionNode) -> tuple[int, str]:
    return node.begins or 0, str(node.version)
