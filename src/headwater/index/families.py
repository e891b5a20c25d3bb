"""Which runs go with one that is weighed again, through `parent`: those around it, rarely others.

What a run comes to depends on the runs that enclose it: their reads may be taken, their writes may
be summaries of its own. So these are weighed with it. What an enclosing run comes to depends on
the runs within it only by what both write; and other runs within it depend on that. So where a run
and one around it write the same, all within the latter are weighed. Otherwise those within a run
are weighed where it may mean something else to them: new claims speak of it, or of one around it,
and it names any dataset, or gets other parents, or was not known.

Trusted? As `catching`, to which it belongs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import cache

from headwater.claims.model import Claim, Mentioned, Observed
from headwater.claims.reading import run_of, value_of
from headwater.index.links import Links
from headwater.index.supports import Supports
from headwater.refs import Artifact, Run


class Why(IntEnum):
    """Why a run is weighed again; the greater concerns more of those within it."""

    LOOKED = 0
    """Something changed on a timeline that it looked at, or it is around one that is weighed."""
    TOLD = 1
    """It may say something else than before."""
    WITHIN = 2
    """One around it may."""


class Families:
    """Of the runs of an index, and of those that new claims speak of."""

    def __init__(self, links: Links, supports: Supports, new: Sequence[Claim]) -> None:
        self._links = links
        self._supports = supports
        self._new_parents: dict[Run, dict[Run, None]] = defaultdict(dict)
        self._moved: set[Run] = set()
        self._new_writes: dict[Run, set[Artifact]] = defaultdict(set)
        for claim in new:
            if isinstance(claim, Mentioned) and claim.role == "output":
                self._new_writes[claim.run].add(claim.artifact)
            elif isinstance(claim, Observed) and "parent" in claim.facets:
                self._note_parents(claim)
        self.writes = cache(self._writes)
        self._is_summed_up = cache(self._sums_up)

    def above(self, run: Run) -> Iterable[Run]:
        """Every run that encloses this one, as anybody says or said."""
        found: dict[Run, None] = {}
        queue = [run]
        for one in queue:
            for parent in self._parents(one):
                if parent not in found:
                    found[parent] = None
                    queue.append(parent)
        return found

    def below(self, run: Run) -> Iterator[Run]:
        """The runs that said they are part of it; those that say so now are weighed anyway."""
        number = self._links.runs.find(run)
        for child in () if number is None else self._links.children[number]:
            yield self._links.runs[child]

    def concerns_all(self, run: Run, why: Why, claims: Iterable[Claim]) -> bool:
        """Whether all within a run are weighed with it; `claims` are those of its entries."""
        if why is Why.WITHIN:
            return True
        if why is Why.TOLD and (run in self._moved or self._is_new(run) or _names(run, claims)):
            return True
        return self._is_summed_up(run)

    def shares(self, run: Run, outer: Run) -> bool:
        """Whether two runs write the same, or did."""
        return not self.writes(run).isdisjoint(self.writes(outer))

    def _note_parents(self, claim: Observed) -> None:
        run = claim.run
        facet = value_of(claim.facets["parent"])
        said = [] if facet is None else [run_of(facet)]
        if facet is not None and facet.root is not None:
            said.append(run_of(facet.root))
        self._new_parents[run].update(dict.fromkeys(said))
        if said and not self._is_new(said[0]):
            del said[1:]
        before = self._said_before(run)
        if tuple(dict.fromkeys(one for one in said if one != run)) != before:
            self._moved.add(run)

    def _said_before(self, run: Run) -> tuple[Run, ...]:
        number = self._links.runs.find(run)
        record = None if number is None else self._links.run[number]
        return () if record is None else record.parents

    def _parents(self, run: Run) -> Iterable[Run]:
        return (*self._said_before(run), *self._new_parents.get(run, ()))

    def _is_new(self, run: Run) -> bool:
        """Whether nothing was said of a run, but perhaps that it is a parent."""
        number = self._links.runs.find(run)
        return number is None or self._links.run[number] is None

    def _writes(self, run: Run) -> frozenset[Artifact]:
        """What the run mentions as outputs, or did."""
        links, number = self._links, self._links.runs.find(run)
        found = set(self._new_writes.get(run, ()))
        if number is not None:
            found.update(links.artifacts[links.artifact_of(made)] for made in links.made[number])
            known = self._supports.runs[number]
            found.update(version.artifact for version, _ in (() if known is None else known.unborn))
        return frozenset(found)

    def _sums_up(self, outer: Run) -> bool:
        """Whether a run writes what one within it writes."""
        if not self.writes(outer):
            return False
        seen = {outer}
        queue = [outer]
        for one in queue:
            for child in self.below(one):
                if child not in seen:
                    if self.shares(child, outer):
                        return True
                    seen.add(child)
                    queue.append(child)
        return False


def _names(run: Run, claims: Iterable[Claim]) -> bool:
    """Whether a run names any dataset."""
    for claim in claims:
        match claim:
            case Mentioned() if claim.run == run:
                return True
            case Observed() if claim.run == run:
                if "lineage" in claim.facets or "lineage" in claim.job_facets:
                    return True
            case _:
                pass
    return False
