"""Catching up: an index of the first N entries, and what comes after, become an index of all.

What can have changed is found run by run. New claims concern their own runs; with a run go those
around it, and those within it where these may be concerned (`families`).
Names about which statements do not agree, a job's type and its static lineage concern all runs that
mention them. These runs are weighed again, by the same rules as ever, before the past that all
others left on timelines (`recalling`). What they leave there now is compared with what they left
before: every other run that looked where something changed (`graph.footprints`) is weighed as well,
until nothing more follows. Only rows and records of weighed runs are put in place (`drafting`).

Trusted? It decides answers on a large store; the tests hold it to `resolve` after every step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from headwater.claims.model import Claim, Defined, Described, Labelled, Mentioned, Observed
from headwater.graph.gather import Statements, other_names
from headwater.graph.names import names_in
from headwater.graph.weigh import Weighed
from headwater.index.concerned import concerned
from headwater.index.drafting import Draft
from headwater.index.entries import Entries, Fetch
from headwater.index.families import Families, Why
from headwater.index.index import Index
from headwater.index.leaving import changes
from headwater.index.recalling import Recalled
from headwater.index.supports import Supports
from headwater.refs import Artifact, Job, Run

RUNS_MIN = 2_000
"""So many runs are always weighed again rather than all."""
RUNS_SHARE = 0.3
"""If more of the runs than this have to be weighed again, all are: it takes no longer."""


class TooMuch(Exception):
    """So much would have to be weighed again that an index of all is made no later."""


def catch_up(index: Index, fetch: Fetch, new: Mapping[int, tuple[Claim, ...]]) -> Index:
    """An index of everything before and the `new` entries. Raises `TooMuch`."""
    return _Catching(index, fetch, new).result()


class _Catching:
    def __init__(self, index: Index, fetch: Fetch, new: Mapping[int, tuple[Claim, ...]]) -> None:
        self.index = index
        self.links = index.links
        self.supports = Supports(index.sections, index.overlay)
        self.entries = Entries(fetch, new)
        self.new = [claim for entry in sorted(new) for claim in new[entry]]
        self.families = Families(self.links, self.supports, self.new)
        self.runs: dict[Run, Why] = {}
        self.unsettled: set[Artifact] = set()
        self.most = max(RUNS_MIN, int(len(self.links.runs) * RUNS_SHARE))
        self._new_of_run: dict[Run, set[int]] = defaultdict(set)
        self._new_of_name: dict[Artifact, set[int]] = defaultdict(set)
        self._new_of_job: dict[Job, set[int]] = defaultdict(set)
        self._new_names: dict[Artifact, frozenset[Artifact]] = defaultdict(frozenset)
        self._waiting: list[Run] = []
        for claim in self.new:
            self._note(claim)

    def result(self) -> Index:
        for claim in self.new:
            self._begin(claim)
        known = -1
        while self._waiting or known < len(self.unsettled):
            self._close()
            known = len(self.unsettled)
            weighed = Weighed(self._claims(), self._past())
            names = {name for spans in weighed.footprints.spans.values() for name in spans}
            names |= {name for keys in weighed.footprints.keys.values() for name, _ in keys}
            for name in names:
                self._settle(name)
            left = changes(self.links, self.supports, weighed)
            for number in concerned(self.links, self.supports, left):
                self._weigh(self.links.runs[number], Why.LOOKED)
        draft = Draft(self.index, self.entries, weighed)
        return draft.finish(self.new, self.unsettled)

    def _note(self, claim: Claim) -> None:
        match claim:
            case Observed():
                self._new_of_run[claim.run].add(claim.entry)
                self._new_of_job[claim.run.job].add(claim.entry)
            case Mentioned() | Described():
                for name in (claim.artifact, *other_names(claim)):
                    self._new_of_name[name].add(claim.entry)
                if "symlinks" in claim.facets:
                    together = names_in(claim)
                    for name in together:
                        self._new_names[name] |= together
            case Defined():
                self._new_of_job[claim.job].add(claim.entry)
            case Labelled():
                pass

    def _begin(self, claim: Claim) -> None:
        """What a new claim concerns besides what follows from its run."""
        match claim:
            case Observed():
                self._weigh(claim.run)
                if "jobType" in claim.job_facets:
                    self._begin_job(claim.run.job)
            case Mentioned() | Described():
                if "symlinks" in claim.facets:
                    self._begin_names(claim)
            case Defined():
                if "lineage" in claim.facets:
                    self._weigh_job(claim.job)
                elif "jobType" in claim.facets:
                    self._begin_job(claim.job)
            case Labelled():
                pass

    def _begin_job(self, job: Job) -> None:
        """All runs of a job are concerned where the newest statement of its type is another now."""
        before = Statements()
        past = self._past().job_type(job)
        if past is not None:
            stated, time, entry = past
            before.add({"jobType": stated}, time, entry)
        after = Statements()
        after.newest.update(before.newest)
        for claim in self.entries.of(self._new_of_job[job]):
            if isinstance(claim, Observed) and claim.run.job == job:
                after.add(claim.job_facets, claim.time, claim.entry)
            elif isinstance(claim, Defined) and claim.job == job:
                after.add(claim.facets, claim.time, claim.entry)
        said = [newest.said("jobType") for newest in (before, after)]
        if len({None if item is None else item.digest for item in said}) > 1:
            self._weigh_job(job)

    def _weigh_job(self, job: Job) -> None:
        number = self.links.jobs.find(job)
        for run in () if number is None else self.links.executed[number]:
            self._weigh(self.links.runs[run])

    def _begin_names(self, claim: Mentioned | Described) -> None:
        """A statement that says of names what all others say changes nothing; else all is open."""
        said = names_in(claim)
        if said != {*self._component(claim.artifact)} or not self._agree(claim.artifact):
            self._unsettle(claim.artifact)

    def _component(self, name: Artifact) -> tuple[Artifact, ...]:
        number = self.links.artifacts.find(name)
        known = None if number is None else self.supports.artifacts[number]
        return (name,) if known is None or not known.names else known.names

    def _agree(self, name: Artifact) -> bool:
        """Whether all statements about the names of its component say the same."""
        number = self.links.artifacts.find(name)
        known = None if number is None else self.supports.artifacts[number]
        return known is None or known.agreed

    def _settle(self, name: Artifact) -> None:
        """Weigh everything about names that a weighed run goes by, where statements differ."""
        if not self._agree(name):
            self._unsettle(name)

    def _unsettle(self, name: Artifact) -> None:
        """Weigh all that mention a name, or one that anybody brings together with it."""
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name not in self.unsettled:
                self.unsettled.add(name)
                waiting += self._component(name)
                waiting += self._new_names.get(name, ())
                self._weigh_name(name)

    def _weigh_name(self, name: Artifact) -> None:
        for claim in self.entries.of(self._entries_of_name(name)):
            if isinstance(claim, Observed):
                self._weigh(claim.run)
        number = self.links.artifacts.find(name)
        if number is not None:
            for look in self.supports.looks(number):
                self._weigh(self.links.runs[look.run])
            for run in self.supports.seeks(number):
                self._weigh(self.links.runs[run])

    def _weigh(self, run: Run, why: Why = Why.TOLD) -> None:
        held = self.runs.get(run)
        if held is None or held < why:
            self.runs[run] = why
            self._waiting.append(run)
            if len(self.runs) > self.most:
                raise TooMuch

    def _close(self) -> None:
        """Let everything follow that goes with what is waiting."""
        while self._waiting:
            run = self._waiting.pop()
            claims = list(self.entries.of(self._entries_of_run(run)))
            for claim in claims:
                if isinstance(claim, Mentioned):
                    for name in (claim.artifact, *other_names(claim)):
                        self._settle(name)
            for outer in self.families.above(run):
                if self._entries_of_run(outer):
                    shares = self.families.shares(run, outer)
                    self._weigh(outer, Why.WITHIN if shares else Why.LOOKED)
            if self.families.concerns_all(run, self.runs[run], claims):
                for inner in self.families.below(run):
                    if self._entries_of_run(inner):
                        self._weigh(inner, Why.WITHIN)

    def _entries_of_run(self, run: Run) -> set[int]:
        number = self.links.runs.find(run)
        record = None if number is None else self.links.run[number]
        known = () if record is None else record.entries
        return {*known, *self._new_of_run.get(run, ())}

    def _entries_of_name(self, name: Artifact) -> set[int]:
        number = self.links.artifacts.find(name)
        known = None if number is None else self.links.entries[number]
        return {*(known or ()), *self._new_of_name.get(name, ())}

    def _entries_of_job(self, job: Job) -> set[int]:
        number = self.links.jobs.find(job)
        record = None if number is None else self.links.job[number]
        known = () if record is None else record.entries
        return {*known, *self._new_of_job.get(job, ())}

    def _claims(self) -> Iterator[Claim]:
        """All claims of the runs to be weighed, in the order of entries, and what bears on them."""
        jobs = {run.job for run in self.runs}
        wanted: set[int] = set()
        wanted.update(*map(self._entries_of_run, self.runs))
        wanted.update(*map(self._entries_of_job, jobs))
        wanted.update(*map(self._entries_of_name, self.unsettled))
        return (claim for claim in self.entries.of(wanted) if self._bears(claim, jobs))

    def _bears(self, claim: Claim, jobs: set[Job]) -> bool:
        match claim:
            case Observed() | Mentioned():
                return claim.run in self.runs
            case Described():
                return claim.artifact in self.unsettled
            case Defined():
                return claim.job in jobs
            case _:
                return False

    def _past(self) -> Recalled:
        numbers: Iterable[int | None] = map(self.links.runs.find, self.runs)
        again = frozenset(number for number in numbers if number is not None)
        return Recalled(self.index, self.supports, self.entries, again, self.unsettled)
