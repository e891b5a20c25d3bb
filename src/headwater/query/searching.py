"""`search`: names by any part, owners, labels, tags, descriptions, digests."""

from __future__ import annotations

from collections.abc import Callable

from headwater.graph.adjacency import Adjacency
from headwater.query.documents import Document
from headwater.query.hits import Hit
from headwater.query.scanning import scan
from headwater.query.snapshot import Snapshot

Progress = Callable[[int, int], None]
"""Called with (things done, things in all) while what is searched is made ready."""


def search(
    snapshot: Snapshot,
    text: str,
    *,
    kind: str | None,
    start: int,
    limit: int,
    progress: Progress | None = None,
) -> Document:
    """Find what has `text` in it, the case aside: whole names first, then by what matched.

    Gives `limit` hits from the one at `start` on, and where to go on.
    """
    end = start + limit
    total, hits = _find(snapshot, text.lower(), kind and kind.lower(), start, end, progress)
    return {
        "text": text,
        "hits": [hit.document() for hit in hits],
        "total": total,
        "truncated": total > end,
        "cursor": str(end) if total > end else None,
    }


def _find(
    snapshot: Snapshot,
    wanted: str,
    kind: str | None,
    start: int,
    end: int,
    progress: Progress | None,
) -> tuple[int, list[Hit]]:
    if not isinstance(snapshot.whole, Adjacency):
        from headwater.query import lookup

        found = lookup.find(snapshot, wanted, kind, start, end, progress)
        if found is not None:
            return found
    hits = scan(snapshot, wanted, kind)
    return len(hits), hits[start:end]
