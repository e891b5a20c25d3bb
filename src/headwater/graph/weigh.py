"""One weighing of claims: every step of resolution that is taken run by run and name by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from headwater.claims.model import Claim
from headwater.graph.binding import Binding
from headwater.graph.derivation import Derivation
from headwater.graph.gather import Gathered, RunSaid
from headwater.graph.names import Names
from headwater.graph.past import Past
from headwater.graph.reads import Reads
from headwater.graph.revision import carries, revisions
from headwater.graph.timelines import Timelines
from headwater.graph.writes import Writes


class Weighed:
    """What comes of some claims: of all, or of some runs' before the `past` of all others."""

    def __init__(self, claims: Iterable[Claim], past: Past | None = None) -> None:
        self.gathered = gathered = Gathered(claims)
        if past is not None:
            _recall_job_types(gathered, past)
        self.names = Names(gathered, past)
        self.writes = writes = Writes(gathered, self.names)
        self.reads = Reads(gathered, writes, self.names)
        for made in (made for made_by in writes.of_run.values() for made in made_by):
            made.carries = carries(made, self.reads)
        self.timelines = Timelines(writes, self.names, past)
        self.binding = Binding(gathered, writes, self.timelines, past)
        self.derivation = Derivation(gathered, writes, self.reads, self.binding)
        self.footprints = self.binding.footprints
        self.revised = revisions(writes, self.timelines, self.footprints)


def contradiction(said: RunSaid) -> Iterator[str]:
    """A sentence about a run that ended more than once, and differently."""
    if said.contradicted:
        yield f"{said.run} ended more than once, and differently; it counts as {said.state}"


def _recall_job_types(gathered: Gathered, past: Past) -> None:
    for job in {run.job for run in gathered.runs}:
        said = past.job_type(job)
        if said is not None:
            stated, time, entry = said
            gathered.job_facets[job].add({"jobType": stated}, time, entry)
