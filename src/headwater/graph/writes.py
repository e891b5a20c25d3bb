"""Rule 3: the versions that runs make, and the summaries that make none."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from typing import Any

from headwater.claims.model import Mentioned
from headwater.claims.reading import facet_of, run_of, value_of
from headwater.graph.gather import Gathered, RunSaid, Statements
from headwater.graph.names import Names
from headwater.refs import Artifact, Run, Version

_OF_THE_WRITE = frozenset({"subset", "headwater_write"})
_CONTINUOUS = frozenset({"STREAMING", "SERVICE"})


class Made:
    """One version as its run made it. `begins` is where it is in time, attempted or not.

    `shown` are the summaries of it, the nearest first: what its own run does not say of it is
    shown as they say it. `spoken_for` are those of them that summarise nothing else, so that
    what they say of the write is said of this version.
    """

    __slots__ = (
        "artifact",
        "attempted",
        "begins",
        "carries",
        "declared",
        "facets",
        "fallback",
        "first",
        "lifecycles",
        "mentions",
        "names",
        "open",
        "renames",
        "run",
        "said_in",
        "shown",
        "spoken_for",
        "version",
    )

    def __init__(self, run: RunSaid, artifact: Artifact, mentions: list[Mentioned]) -> None:
        self.run = run
        self.artifact = artifact
        self.mentions = mentions
        self.said_in = tuple(sorted({mention.entry for mention in mentions}))
        self.declared: str | None = None
        self.first = min(mention.time for mention in mentions)
        self.begins = self.first
        self.attempted = False
        self.open = False
        self.names: frozenset[Artifact] = frozenset({artifact})
        self.carries = "unknown"
        self.facets = Statements()
        for mention in mentions:
            self.facets.add(mention.facets, mention.time, mention.entry)
        self.fallback = self.facets
        self.lifecycles: frozenset[str] = frozenset()
        self.renames: dict[Artifact, tuple[int, int]] = {}
        self.shown: list[Made] = []
        self.spoken_for: list[Made] = []
        self._accumulate()
        self.version = Version(artifact, run.run)

    @property
    def order(self) -> tuple[int, Run]:
        """(beginning, key): what *precedes* compares."""
        return self.begins, self.run.run

    def read(self, name: str) -> Any:
        """The facet of this version; one that it lacks is taken from its run's other mentions.

        How one version was written says nothing of another, though.
        """
        said = self.facets.newest.get(name)
        if said is None and self.fallback is not self.facets and name not in _OF_THE_WRITE:
            said = self.fallback.newest.get(name)
        return None if said is None or said.deleted else value_of(said.stated)

    @property
    def kind(self) -> str | None:
        """The kind as its own run states it, or one that sums it up."""
        for said in (self, *self.spoken_for):
            kind = kind_text(said.read("headwater_kind"), said.read("datasetType"))
            if kind is not None:
                return kind
        return None

    @property
    def lifecycle(self) -> str | None:
        """The newest state change that this version's own mentions state, to be shown."""
        facet = self.facets.read("lifecycleStateChange")
        return None if facet is None else facet.lifecycle_state_change

    @property
    def said_place(self) -> tuple[int, int]:
        """Where in its run this version was said: other outputs come before RENAMEs of one time."""
        return min(self.renames.values(), default=(self.first, -1))

    def _accumulate(self) -> None:
        """State changes accumulate (rule 1): what one mention states, another does not replace."""
        said = [mention for mention in self.mentions if "lifecycleStateChange" in mention.facets]
        if not said:
            return
        deleted = max(
            (m.time for m in said if m.facets["lifecycleStateChange"].deleted), default=None
        )
        for mention in said:
            facet = facet_of(mention, "lifecycleStateChange")
            if facet is None or (deleted is not None and mention.time <= deleted):
                continue
            self.lifecycles |= {facet.lifecycle_state_change}
            previous = facet.previous_identifier
            if facet.lifecycle_state_change == "RENAME" and previous is not None:
                old = Artifact(previous.namespace, previous.name)
                place = (mention.time, mention.place)
                self.renames[old] = min(place, self.renames.get(old, place))

    @property
    def digest(self) -> str | None:
        """`<algorithm>:<value>` where its writer told it, or a run around the writer."""
        for said in (self, *self.spoken_for):
            digest = digest_text(said.facets.read("headwater_digest"))
            if digest is not None:
                return digest
        return None

    @property
    def size(self) -> int | None:
        """Bytes, where its writer told it."""
        facet = self.facets.read("headwater_digest")
        if facet is not None and facet.size is not None:
            return int(facet.size)
        statistics = self.read("outputStatistics")
        return None if statistics is None else statistics.size


def kind_text(headwater_kind: object, dataset_type: object) -> str | None:
    """The kind that these facets state, lower case; ours before the standard one."""
    said = getattr(headwater_kind, "kind", None) or getattr(dataset_type, "dataset_type", None)
    return said.lower() if said else None


def digest_text(facet: Any) -> str | None:
    """Write a digest facet as `<algorithm>:<value>`, lower case; None where it tells none."""
    if facet is None or not facet.value or not facet.algorithm:
        return None
    return f"{facet.algorithm}:{facet.value}".lower()


class Writes:
    """What every run made, without the summaries."""

    def __init__(self, gathered: Gathered, names: Names) -> None:
        self.gathered = gathered
        self.names = names
        self.enclosing = Enclosing(gathered)
        self.of: dict[tuple[Run, Artifact], list[Made]] = {}
        self.of_run: dict[Run, list[Made]] = defaultdict(list)
        self.of_artifact: dict[Artifact, list[Made]] = defaultdict(list)
        candidates = {
            (run.run, artifact): list(self._versions(run, artifact, mentions))
            for run in gathered.runs.values()
            for artifact, mentions in run.outputs.items()
        }
        self._drop_summaries(candidates)
        for key in sorted(candidates):
            self.of[key] = candidates[key]
            for made in candidates[key]:
                made.names = self.names_of(made.run, made.artifact, made.begins)
                self.of_run[made.run.run].append(made)
                self.of_artifact[made.artifact].append(made)

    def own(self, target: Made, artifact: Artifact) -> Made | None:
        """The newest version of an artifact that the target's own run had made by then.

        Nothing but an attempt comes from an attempt.
        """
        found = [
            made
            for made in self.of.get((target.run.run, artifact), ())
            if made.begins <= target.begins and (target.attempted or not made.attempted)
        ]
        return max(found, key=lambda made: (made.begins, made.declared or ""), default=None)

    def _versions(
        self, run: RunSaid, artifact: Artifact, mentions: list[Mentioned]
    ) -> Iterator[Made]:
        declared: dict[str, list[Mentioned]] = defaultdict(list)
        bare: list[Mentioned] = []
        for mention in mentions:
            facet = facet_of(mention, "version")
            if facet is not None and facet.dataset_version:
                declared[facet.dataset_version].append(mention)
            else:
                bare.append(mention)
        if not declared:
            yield self._undeclared(run, artifact, bare)
            return
        every = Statements()
        for mention in mentions:
            every.add(mention.facets, mention.time, mention.entry)
        earliest = min(declared, key=lambda said: (min(m.time for m in declared[said]), said))
        for said, group in declared.items():
            begins = min(mention.time for mention in group)
            made = Made(run, artifact, group + bare if said == earliest else group)
            made.begins = begins
            made.declared = said
            made.version = Version(artifact, run.run, said)
            made.fallback = every
            yield made

    def _undeclared(self, run: RunSaid, artifact: Artifact, mentions: list[Mentioned]) -> Made:
        made = Made(run, artifact, mentions)
        if self._continuous(run):
            made.open = True
        elif run.complete is not None and made.first <= run.complete:
            made.begins = run.complete
        else:
            made.attempted = True
            last = run.newest if run.ended is None else run.ended
            made.begins = max(made.first, last)
        return made

    def _continuous(self, run: RunSaid) -> bool:
        facet = run.job_facets.read("jobType")
        if facet is None:
            facet = self.gathered.job_facets[run.run.job].read("jobType")
        if facet is None:
            return False
        said = {(facet.processing_type or "").upper(), (facet.job_type or "").upper()}
        return bool(said & _CONTINUOUS)

    def _drop_summaries(self, candidates: dict[tuple[Run, Artifact], list[Made]]) -> None:
        """An enclosing run's write is a summary of what a run within it made."""
        inner: dict[tuple[Run, Artifact], list[Made]] = defaultdict(list)
        for (run, artifact), versions in candidates.items():
            certain = [made for made in versions if not made.attempted]
            for outer in self.enclosing.of(run) if certain else ():
                inner[outer, artifact].extend(certain)
        summaries = {key: versions for key, versions in inner.items() if key in candidates}
        for key in summaries:
            del candidates[key]
        self._sum_up(candidates, summaries)

    def _sum_up(
        self,
        candidates: dict[tuple[Run, Artifact], list[Made]],
        summaries: dict[tuple[Run, Artifact], list[Made]],
    ) -> None:
        """Tell each version which writes around it are summaries of it."""
        summed: dict[tuple[Run, Artifact], tuple[Made, bool]] = {}
        within: set[tuple[Run, Artifact]] = set()
        for (outer, artifact), versions in summaries.items():
            said = self.gathered.runs[outer]
            inner = {(made.run.run, artifact) for made in versions} & candidates.keys()
            alone = sum(len(candidates[key]) for key in inner) == 1
            summed[outer, artifact] = Made(said, artifact, said.outputs[artifact]), alone
            within |= inner
        for run, artifact in within:
            around = [(outer, artifact) for outer in self.enclosing.of(run)]
            told = [summed[key] for key in around if key in summed]
            for made in candidates[run, artifact]:
                made.shown = [summary for summary, _ in told]
                made.spoken_for = [summary for summary, alone in told if alone]

    def names_of(self, run: RunSaid, artifact: Artifact, time: int) -> frozenset[Artifact]:
        """A run's own newest statement about the output, else what was said by `time`."""
        names = own_names(artifact, run.outputs[artifact])
        return self.names.at(artifact, time) if names is None else names


def own_names(artifact: Artifact, mentions: list[Mentioned]) -> frozenset[Artifact] | None:
    """The names in the newest `symlinks` of these mentions; None where none states any."""
    if not any("symlinks" in mention.facets for mention in mentions):
        return None
    facets = Statements()
    for mention in mentions:
        facets.add(mention.facets, mention.time, mention.entry)
    facet = facets.read("symlinks")
    identifiers = getattr(facet, "identifiers", None) or ()
    return frozenset({artifact, *(Artifact(item.namespace, item.name) for item in identifiers)})


class Enclosing:
    """Which runs enclose which, through `parent` at any depth; nearest first."""

    def __init__(self, gathered: Gathered) -> None:
        self._parents: dict[Run, list[Run]] = {}
        self._children: dict[Run, list[Run]] = defaultdict(list)
        self._enclosing: dict[Run, list[Run]] = {}
        for run in gathered.runs.values():
            facet = run.facets.read("parent")
            if facet is None:
                continue
            parents = [run_of(facet)]
            if parents[0] not in gathered.runs and facet.root is not None:
                parents.append(run_of(facet.root))
            self._parents[run.run] = [item for item in dict.fromkeys(parents) if item != run.run]
            for parent in self._parents[run.run]:
                self._children[parent].append(run.run)

    def parents(self, run: Run) -> tuple[Run, ...]:
        """The parent as said and, where the parent is unknown, the root."""
        return tuple(self._parents.get(run, ()))

    def of(self, run: Run) -> list[Run]:
        """Every run that encloses this one, nearest first, loops left out."""
        known = self._enclosing.get(run)
        if known is None:
            above = _reached(self._parents, run)
            within = _reached(self._children, run) if run in above else {}
            known = self._enclosing[run] = [outer for outer in above if outer not in within]
        return known


def _reached(steps: Mapping[Run, list[Run]], start: Run) -> dict[Run, None]:
    """Every run that these steps lead to, nearest first; the start among them only by a loop."""
    found: dict[Run, None] = {}
    queue = deque(steps.get(start, ()))
    while queue:
        run = queue.popleft()
        if run not in found:
            found[run] = None
            queue.extend(steps.get(run, ()))
    return found
