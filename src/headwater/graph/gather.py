"""Rule 1, accumulation: the claims of each run, job and artifact, brought together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from headwater.claims.model import (
    TERMINAL,
    Claim,
    Defined,
    Described,
    Labelled,
    Mentioned,
    Observed,
    Stated,
)
from headwater.claims.reading import facet_of, value_of
from headwater.graph.model import Facet
from headwater.refs import Artifact, Job, Run

OPEN = "OPEN"
_NAMING = frozenset({"symlinks", "lifecycleStateChange"})
_TERMINAL_RANK = {"COMPLETE": 0, "ABORT": 1, "FAIL": 2}


class Said(NamedTuple):
    """A facet said at a time.

    The greatest is the newest: a deletion beats a value of the same time, then the SHA-256 decides.
    """

    time: int
    deleted: bool
    digest: str
    entry: int
    stated: Stated

    @property
    def order(self) -> tuple[int, bool, str]:
        """What decides between two statements; the entry does not."""
        return self[:3]


class Statements:
    """Facets said about one subject: the newest of each name rules."""

    __slots__ = ("newest",)

    def __init__(self) -> None:
        self.newest: dict[str, Said] = {}

    def add(self, facets: Mapping[str, Stated], time: int, entry: int) -> None:
        """Take in the facets of one claim."""
        newest = self.newest
        for name, stated in facets.items():
            said = Said(time, stated.deleted, stated.digest, entry, stated)
            held = newest.get(name)
            if held is None or _precedes(held, said):
                newest[name] = said

    def said(self, name: str) -> Said | None:
        """Return the newest statement of this name, unless it is a deletion."""
        said = self.newest.get(name)
        return None if said is None or said.deleted else said

    def read(self, name: str) -> Any:
        """Decode the newest facet of this name; None where there is none that can be read."""
        said = self.said(name)
        return None if said is None else value_of(said.stated)

    def facets(self) -> dict[str, Facet]:
        """Where each facet stands, for answers."""
        return self._stand(deleted=False)

    def deleted(self) -> dict[str, Facet]:
        """Where each facet was deleted that nobody has stated since."""
        return self._stand(deleted=True)

    def _stand(self, *, deleted: bool) -> dict[str, Facet]:
        return {
            name: Facet(said.time, said.digest, said.entry, said.stated.path)
            for name, said in sorted(self.newest.items())
            if said.deleted is deleted
        }


def _precedes(held: Said, said: Said) -> bool:
    if held.order != said.order:
        return held.order < said.order
    return said.entry < held.entry


class RunSaid:
    """Everything that was said of one run."""

    __slots__ = (
        "complete",
        "ended",
        "entries",
        "facets",
        "inputs",
        "job_facets",
        "lineage",
        "newest",
        "outputs",
        "run",
        "started",
        "state",
        "terminals",
    )

    def __init__(self, run: Run) -> None:
        self.run = run
        self.started: int = 0
        self.newest: int = 0
        self.terminals: set[tuple[bool, int, str]] = set()
        self.entries: set[int] = set()
        self.facets = Statements()
        self.job_facets = Statements()
        self.lineage: list[tuple[int, Stated]] = []
        self.inputs: dict[Artifact, list[Mentioned]] = defaultdict(list)
        self.outputs: dict[Artifact, list[Mentioned]] = defaultdict(list)
        self.state = OPEN
        self.ended: int | None = None
        self.complete: int | None = None

    def observe(self, claim: Observed) -> None:
        """Take in one event of the run."""
        self.started = min(self.started, claim.time) if self.entries else claim.time
        self.newest = max(self.newest, claim.time) if self.entries else claim.time
        self.entries.add(claim.entry)
        if claim.type in TERMINAL:
            self.terminals.add((not claim.inferred, claim.time, claim.type))
        self.facets.add(claim.facets, claim.time, claim.entry)
        self.job_facets.add(claim.job_facets, claim.time, claim.entry)
        for facets in (claim.facets, claim.job_facets):
            if "lineage" in facets:
                self.lineage.append((claim.time, facets["lineage"]))

    def settle(self) -> None:
        """Rule 2: weigh the terminal events. Inferred ones count only where none was observed."""
        observed = {item for item in self.terminals if item[0]}
        counting = observed or self.terminals
        if not counting:
            return
        _, self.ended, self.state = max(
            counting, key=lambda item: (item[1], _TERMINAL_RANK[item[2]])
        )
        completes = [time for _, time, state in counting if state == "COMPLETE"]
        self.complete = max(completes, default=None)

    @property
    def contradicted(self) -> bool:
        """Whether terminal events of different kinds were observed."""
        return len({state for observed, _, state in self.terminals if observed}) > 1


class Gathered:
    """All claims, by what they are about."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.runs: dict[Run, RunSaid] = {}
        self.jobs: dict[Job, list[Defined]] = defaultdict(list)
        self.job_facets: dict[Job, Statements] = defaultdict(Statements)
        self.described: dict[Artifact, list[Described]] = defaultdict(list)
        self.artifact_facets: dict[Artifact, Statements] = defaultdict(Statements)
        self.artifact_entries: dict[Artifact, set[int]] = defaultdict(set)
        self.policies: dict[Artifact, dict[object, Statements]] = defaultdict(dict)
        self.labels: dict[str, list[Labelled]] = defaultdict(list)
        self.mentions: list[Mentioned] = []
        for claim in claims:
            self._take(claim)
        for run in self.runs.values():
            run.settle()

    def _take(self, claim: Claim) -> None:
        match claim:
            case Observed():
                self.run(claim.run).observe(claim)
                self.job_facets[claim.run.job].add(claim.job_facets, claim.time, claim.entry)
            case Mentioned():
                run = self.run(claim.run)
                side = run.inputs if claim.role == "input" else run.outputs
                side[claim.artifact].append(claim)
                self.mentions.append(claim)
                self._about(claim)
            case Described():
                self.described[claim.artifact].append(claim)
                self._about(claim)
            case Defined():
                self.jobs[claim.job].append(claim)
                self.job_facets[claim.job].add(claim.facets, claim.time, claim.entry)
            case _:
                self.labels[claim.subject].append(claim)

    def run(self, run: Run) -> RunSaid:
        """The run's record, made on first sight."""
        found = self.runs.get(run)
        if found is None:
            found = self.runs[run] = RunSaid(run)
        return found

    def _about(self, claim: Mentioned | Described) -> None:
        self.artifact_facets[claim.artifact].add(claim.facets, claim.time, claim.entry)
        self.artifact_entries[claim.artifact].add(claim.entry)
        if not _NAMING.isdisjoint(claim.facets):
            for artifact in other_names(claim):
                self.artifact_entries[artifact].add(claim.entry)
        if "headwater_policy" in claim.facets:
            speaker = (claim.run, claim.role) if isinstance(claim, Mentioned) else None
            said = self.policies[claim.artifact].setdefault(speaker, Statements())
            said.add(claim.facets, claim.time, claim.entry)


def other_names(claim: Mentioned | Described) -> list[Artifact]:
    """The other artifacts that a mention speaks of: aliases, and the old name of a RENAME."""
    symlinks = facet_of(claim, "symlinks")
    change = facet_of(claim, "lifecycleStateChange")
    previous = None if change is None else change.previous_identifier
    others = [*((symlinks.identifiers if symlinks is not None else None) or ())]
    return [Artifact(other.namespace, other.name) for other in (*others, previous) if other]
