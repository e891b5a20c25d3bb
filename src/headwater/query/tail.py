"""What can be searched of things that are not as they were when a table was made.

They are few, and looked through one by one. A new head takes over from the one before what did not
change in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from headwater.index.changed import Changed, changed
from headwater.index.index import Index
from headwater.index.links import GONE
from headwater.index.overlay import Overlay
from headwater.query import searchable
from headwater.query.searchable import Said
from headwater.query.snapshot import Snapshot
from headwater.refs import Artifact, Job, Run

ARTIFACT, JOB, RUN = range(3)
"""Types of things, in the order of their references."""
BETWEEN = "\0"

Key = tuple[int, int]
"""Type and number."""


class Later(NamedTuple):
    """A thing as it is now, and all that can be searched of it, in the order in which it counts."""

    thing: Artifact | Job | Run
    kind: str
    said: tuple[Said, ...]
    texts: str

    def found_by(self, wanted: str) -> str | None:
        """The field by which it is found; None where it is not."""
        if wanted not in self.texts:
            return None
        return next((said.field for said in self.said if wanted in said.text), None)


class Tail(NamedTuple):
    """Everything that may differ from the base of an index; None for what is not there now."""

    overlay: Overlay
    things: dict[Key, Later | None]


def tail_of(snapshot: Snapshot, index: Index, before: Tail | None) -> Tail:
    """What may differ in the snapshot, of which the index is, from the index's base.

    `before` is what may have, of any other state on the same base.
    """
    known = before or Tail(Overlay(), {})
    different = changed(index, known.overlay)
    things = dict(known.things)
    things.update(_looked_up(snapshot, index, different))
    return Tail(index.overlay, things)


def _looked_up(
    snapshot: Snapshot, index: Index, different: Changed
) -> Iterator[tuple[Key, Later | None]]:
    links = index.links
    for number in different.artifacts:
        there = links.artifact_kind[number] != GONE
        yield (ARTIFACT, number), _artifact(snapshot, links.artifacts[number]) if there else None
    for number in different.jobs:
        job = links.jobs[number]
        yield (JOB, number), _later(job, "job", searchable.of_job(snapshot, job))
    for number in different.runs:
        run = links.runs[number]
        there = links.run[number] is not None
        said = searchable.of_run(snapshot, run)
        yield (RUN, number), _later(run, "run", said) if there else None


def _artifact(snapshot: Snapshot, artifact: Artifact) -> Later:
    known = searchable.known(snapshot, artifact)
    said = (*searchable.of_artifact(snapshot, known), *searchable.of_versions(snapshot, known))
    return _later(artifact, known.kind, iter(said))


def _later(thing: Artifact | Job | Run, kind: str, said: Iterator[Said]) -> Later:
    every = tuple(said)
    return Later(thing, kind, every, BETWEEN.join(one.text for one in every))
