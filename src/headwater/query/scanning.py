"""Search by looking at everything: what a hit is, and in which order hits come.

Small stores and earlier states are searched so. It is the definition that the table of a large
store is held to by test.
"""

from __future__ import annotations

from itertools import chain

from headwater.query.hits import Hit, hit
from headwater.query.searchable import FIELDS
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Run


def scan(snapshot: Snapshot, wanted: str, kind: str | None) -> list[Hit]:
    """Everything that has `wanted`, in lower case, in it: whole names first, then by what matched.

    `kind` is in lower case too.
    """
    lineage = snapshot.lineage
    runs = (node.run for node in lineage.runs())
    things: chain[Artifact | Job | Run] = chain(snapshot.artifacts, lineage.jobs(), runs)
    found = (hit(snapshot, thing, wanted) for thing in things)
    hits = [one for one in found if one is not None and kind in (None, one.kind)]
    hits.sort(key=lambda hit: (FIELDS.index(hit.field), *_closeness(hit, wanted), hit.ref))
    return hits


def last_segment(name: str) -> str:
    """What follows the last slash and dot of a name, slashes at its end aside."""
    return name.rstrip("/").rpartition("/")[2].rpartition(".")[2]


def _closeness(hit: Hit, wanted: str) -> tuple[bool, bool, int]:
    name = hit.name.lower()
    return name != wanted, last_segment(name) != wanted, len(name)
