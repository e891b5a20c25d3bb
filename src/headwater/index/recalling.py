"""The past of an index: what its other runs left on timelines, for some that are weighed again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from headwater.claims.model import Defined, Observed, Stated
from headwater.graph.past import Held, Placed
from headwater.graph.support import WriteSupport
from headwater.index.entries import Entries
from headwater.index.index import Index
from headwater.index.positions import At, Positions, standings
from headwater.index.supports import Supports
from headwater.refs import Artifact, Job, Run


class Recalled:
    """As `graph.past.Past` has it. `again` are the runs that are weighed again, by number.

    `unsettled` are names of which statements are weighed again, so that nothing is known of them.
    """

    def __init__(
        self,
        index: Index,
        supports: Supports,
        entries: Entries,
        again: Collection[int],
        unsettled: Collection[Artifact],
    ) -> None:
        self._index = index
        self._links = index.links
        runs = index.links.columns_of.run
        self._positions = Positions(index.sections, index.overlay, runs, again)
        self._supports = supports
        self._entries = entries
        self._again = again
        self._unsettled = unsettled
        self._held = cache(self._hold)

    def names(self, name: Artifact) -> frozenset[Artifact]:
        """See `Past`."""
        number = self._links.artifacts.find(name)
        if number is None or name in self._unsettled:
            return frozenset({name})
        known = self._supports.artifacts[number]
        if known is None or not known.agreed:
            return frozenset({name})
        return frozenset({name, *known.names})

    def job_type(self, job: Job) -> tuple[Stated, int, int] | None:
        """See `Past`."""
        number = self._links.jobs.find(job)
        record = None if number is None else self._links.job_facets(number)
        deleted = (None if number is None else self._supports.jobs[number]) or {}
        stands = {**(record or {}), **deleted}.get("jobType")
        if stands is None:
            return None
        for claim in self._entries.of([stands.entry]):
            facets = None
            if isinstance(claim, Observed) and claim.run.job == job:
                facets = claim.job_facets
            elif isinstance(claim, Defined) and claim.job == job:
                facets = claim.facets
            if facets is not None and "jobType" in facets:
                return facets["jobType"], claim.time, claim.entry
        return None

    def standing(self, name: Artifact, until: int) -> list[Iterator[Placed]]:
        """See `Past`."""
        number = self._links.artifacts.find(name)
        parts = () if number is None else self._positions.newest_first(number, until)
        return [map(self._placed, part) for part in parts]

    def declared(self, name: Artifact, declared: str) -> Iterator[Placed]:
        """See `Past`."""
        number = self._links.artifacts.find(name)
        for at in () if number is None else self._positions.declared(number, declared):
            placed = self._placed(at)
            if placed.held.declared == declared:
                yield placed

    def with_digest(self, name: Artifact, digest: str) -> Iterator[Placed]:
        """See `Past`."""
        for number in self._index.numbers_with(digest):
            record = self._links.version[number]
            run = self._links.run_of(number)
            if record is None or record.digest != digest or run < 0 or run in self._again:
                continue
            version, said = self._links.versions[number], self._supports.versions[number]
            if isinstance(said, WriteSupport):
                for where, standing in standings(version, record, said, number):
                    if where == name:
                        yield Placed(standing.stands, self._held(number))

    def barriers(self, name: Artifact, until: int) -> list[Iterator[Placed]]:
        """See `Past`."""
        number = self._links.artifacts.find(name)
        parts = () if number is None else self._positions.barriers(number, until)
        return [map(self._placed, part) for part in parts]

    def ends(
        self, name: Artifact, below: tuple[int, Run]
    ) -> Iterator[tuple[Held, tuple[int, int]]]:
        """See `Past`."""
        number = self._links.artifacts.find(name)
        row = () if number is None else self._supports.ended[number]
        newest = None
        for place in range(bisect_left(row, below, key=self._order) - 1, -1, -1):
            version = row[place]
            if self._links.run_of(version) in self._again:
                continue
            if self._links.version.present(version).attempted:
                continue
            held = self._held(version)
            if newest is not None and held.order != newest:
                return
            newest = held.order
            for old, said in held.renames:
                if old == name:
                    yield held, said

    def names_below(self, directory: Artifact) -> Iterable[Artifact]:
        """See `Past`."""
        artifacts = self._links.artifacts
        below = Artifact(directory.namespace, directory.name.rstrip("/") + "/")
        for number in artifacts.beginning(str(below)):
            name = artifacts[number]
            if name != directory and len(self._links.standing[number]):
                yield name

    def open_writers(self, name: Artifact) -> Iterator[tuple[int, Run]]:
        """See `Past`."""
        number = self._links.artifacts.find(name)
        for run in () if number is None else self._supports.unended[number]:
            if run not in self._again:
                for written, first in self._supports.runs.present(run).unended:
                    if written == name:
                        yield first, self._links.runs[run]

    def _order(self, version: int) -> tuple[int, Run]:
        record, run = self._links.version.present(version), self._links.run_of(version)
        return record.begins or 0, self._links.runs[run]

    def _placed(self, at: At) -> Placed:
        return Placed(at.stands, self._held(at.version))

    def _hold(self, number: int) -> Held:
        record = self._links.version.present(number)
        said = self._supports.versions[number]
        run = self._links.runs[self._links.run_of(number)]
        if not isinstance(said, WriteSupport) or record.begins is None:
            raise TypeError(f"{run} left no version {number}")
        return Held(
            self._links.versions[number],
            run,
            record.begins,
            said.first,
            record.declared,
            record.digest,
            said.carries,
            frozenset(said.lifecycles),
            said.renames,
        )
