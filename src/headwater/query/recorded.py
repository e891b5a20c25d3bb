"""The events that a ledger holds, as they came."""

from __future__ import annotations

from collections.abc import Iterable

from headwater.claims.project import OPENLINEAGE_KINDS
from headwater.query.snapshot import Snapshot


def entries_of_jobs(snapshot: Snapshot, namespace: str) -> list[int]:
    """The entries that speak of jobs of a namespace, in ledger order."""
    lineage = snapshot.lineage
    found: set[int] = set()
    for job in lineage.jobs():
        if job.namespace == namespace:
            found.update(snapshot.job(job).entries)
            for run in lineage.runs_of(job):
                found.update(snapshot.run(run).entries)
    return sorted(found)


def events(snapshot: Snapshot, entries: Iterable[int]) -> list[bytes]:
    """The events among these entries, byte for byte, in the order given.

    Entries of other kinds (labels), and those whose bytes are erased, are left out.
    """
    wanted = list(entries)
    bodies = snapshot.store.bodies(wanted)
    kinds = snapshot.store.kinds(wanted)
    return [
        bodies[entry]
        for entry in wanted
        if entry in bodies and kinds.get(entry) in OPENLINEAGE_KINDS
    ]
