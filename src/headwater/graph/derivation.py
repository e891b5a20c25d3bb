"""Rule 5: from which reads each version derives, and rule 7's RENAMEs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from headwater.graph.binding import Binding, Bound
from headwater.graph.gather import Gathered, RunSaid
from headwater.graph.model import Derived, Used
from headwater.graph.reads import Read, Reads
from headwater.graph.statements import Statement, own_sources
from headwater.graph.writes import Made, Writes, digest_text
from headwater.refs import Artifact, Run, Version

_WORSE = {"exact": 0, "conservative": 1, "opaque": 2}


class Source(msgspec.Struct, frozen=True, gc=False):
    """One thing that a version derives from, and the name under which it was said."""

    version: Version
    named: Artifact
    evidence: str
    exactness: str
    entries: tuple[int, ...]


class Reached(NamedTuple):
    """A read that leads to a version of outside origin: as at when, and the content it states.

    `run` is the one whose edges come of it.
    """

    run: Run
    version: Version
    time: int
    digest: str | None


def worse(first: str, second: str) -> str:
    """The less exact of two."""
    return max(first, second, key=_WORSE.__getitem__)


class Derivation:
    """Binds every read and derives every version."""

    def __init__(self, gathered: Gathered, writes: Writes, reads: Reads, binding: Binding) -> None:
        self._gathered = gathered
        self._writes = writes
        self._reads = reads
        self._binding = binding
        self.used: list[Used] = []
        self.reached: list[Reached] = []
        self.sources: dict[Version, list[Source]] = {}
        self.statements = reads.statements
        self.loops = reads.loops
        self.known_none: set[Version] = set()
        self.taken: set[Version] = set()
        self.names_input: set[Run] = set(reads.names_input)
        self.warnings: dict[Run, set[str]] = defaultdict(set)
        self._bound: dict[int, list[Bound]] = {}
        self._settled: dict[Version, bool] = {}
        for run in gathered.runs.values():
            self._derive_run(run)

    def derived(self) -> list[Derived]:
        """One edge for each version and source; of several ways to it the surest one."""
        edges = []
        for version, sources in self.sources.items():
            best: dict[Version, Source] = {}
            for source in sources:
                held = best.get(source.version)
                if held is None or _rank(source) < _rank(held):
                    best[source.version] = source
            edges += [
                Derived(
                    version=version,
                    source=source.version,
                    evidence=source.evidence,
                    exactness=source.exactness,
                    entries=source.entries,
                )
                for source in best.values()
            ]
        return edges

    def _derive_run(self, run: RunSaid) -> None:
        made_by = sorted(
            self._writes.of_run.get(run.run, ()),
            key=lambda made: (made.order, made.version.declared or "", made.artifact),
        )
        of_run = self._reads.of_run[run.run]
        reads = [read for read in of_run if not read.back]
        backs = [read for read in of_run if read.back]
        late = self._pull_forward(made_by, reads)
        for read in reads:
            self._bound[id(read)] = self._bind(read)
        implied = self._rename(run, made_by)
        for made in made_by:
            statement = self._reads.statements[made.version]
            sources = [*implied.get(id(made), []), *self._own_sources(made)]
            sources += self._from_reads(made, reads, late, statement)
            sources += self._from_read_back(made, backs)
            if statement.none:
                self.known_none.add(made.version)
            elif run.run not in self.names_input and statement.listed is None:
                sources += self._from_enclosing(made)
            self.sources[made.version] = sources

    def _pull_forward(self, made_by: list[Made], reads: list[Read]) -> set[tuple[int, int]]:
        """Reads told only at the end count for versions that had none by their beginning."""
        without = [
            made
            for made in made_by
            if not (made.open or made.renames)
            and not any(read.time <= made.begins for read in reads)
        ]
        if not without:
            return set()
        earliest = min(made.begins for made in without)
        late = set()
        for read in reads:
            if read.terminal:
                read.bound_at = min(read.bound_at, earliest)
                late |= {(id(made), id(read)) for made in without}
        return late

    def _bind(self, read: Read) -> list[Bound]:
        asked = self._binding.ask(read)
        bound = self._binding.bind(asked)
        writers = self._binding.open_writers(asked)
        digest = digest_text(read.facets.read("headwater_digest"))
        self._reach(read.run.run, bound, read.bound_at, digest)
        facets, entries = read.facets.facets(), read.said_in or tuple(sorted(read.run.entries))
        for item in bound:
            if item.warning:
                self.warnings[read.run.run].add(item.warning)
            self.used.append(
                Used(
                    run=read.run.run,
                    version=item.version,
                    named=read.artifact,
                    binding=item.rule,
                    evidence=item.evidence,
                    exactness=item.exactness,
                    time=read.bound_at,
                    candidates=item.candidates,
                    open_writers=writers if item.rule in {"as_of", "unknown"} else (),
                    digest=digest,
                    warning=item.warning,
                    facets=facets,
                    entries=entries,
                )
            )
        return bound

    def _reach(self, run: Run, bound: list[Bound], time: int, digest: str | None = None) -> None:
        self.reached += [
            Reached(run, item.version, time, digest) for item in bound if item.version.outside
        ]

    def _rename(self, run: RunSaid, made_by: list[Made]) -> dict[int, list[Source]]:
        """A RENAME reads the old name; later ones of a run see the earlier ones."""
        implied: dict[int, list[Source]] = {}
        if not any(made.renames for made in made_by):
            return implied
        read_too = {
            (read.artifact, item.version)
            for read in self._reads.of_run[run.run]
            for item in self._bound.get(id(read), ())
        }
        earlier: list[tuple[Made, Artifact]] = []
        for made in sorted(made_by, key=lambda made: (made.said_place, made.artifact)):
            renames = sorted((place, old) for old, place in made.renames.items())
            for place, old in renames:
                self.names_input.add(run.run)
                implied.setdefault(id(made), []).extend(
                    self._renamed(made, old, place, made_by, earlier, read_too)
                )
            if not made.attempted:
                earlier += [(made, old) for _, old in renames]
        return implied

    def _renamed(
        self,
        made: Made,
        old: Artifact,
        place: tuple[int, int],
        made_by: list[Made],
        earlier: list[tuple[Made, Artifact]],
        read_too: set[tuple[Artifact, Version]],
    ) -> Iterator[Source]:
        run, entries = made.run, made.said_in
        own = self._written_before(old, place, made_by, earlier)
        if own is not None:
            yield Source(own.version, old, "inferred", "exact", entries)
            return
        time = place[0] if run.ended is None else min(place[0], run.ended)
        asked = self._binding.ask_renamed(old, run.run, time, earlier)
        writers = self._binding.open_writers(asked)
        bound = self._binding.bind(asked)
        self._reach(run.run, bound, time)
        for item in bound:
            if (old, item.version) not in read_too:
                self.used.append(_implied(run.run, old, item, time, writers, entries))
            yield Source(item.version, old, "inferred", item.exactness, entries)

    def _written_before(
        self,
        old: Artifact,
        place: tuple[int, int],
        made_by: list[Made],
        earlier: list[tuple[Made, Artifact]],
    ) -> Made | None:
        """What the run itself had written under a name before it renames it: a read-back."""
        if any(old in (taken, made.artifact) for made, taken in earlier):
            return None
        written = [
            made
            for made in made_by
            if made.artifact == old
            and not (made.renames or made.attempted)
            and made.said_place < place
        ]
        return max(written, key=lambda made: (made.begins, made.declared or ""), default=None)

    def _own_sources(self, made: Made) -> Iterator[Source]:
        """Sources that the run itself made mean its own versions, unless they close a loop."""
        for name, own in own_sources(made, self._reads.statements, self._writes):
            if (made.version, name) in self._reads.loops:
                self.warnings[made.run.run].add(
                    f"{made.run.run} says that {made.artifact} and {own.artifact} come from "
                    "each other; read as the versions before"
                )
            else:
                yield Source(own.version, name, "captured", "exact", made.said_in)

    def _from_reads(
        self,
        made: Made,
        reads: list[Read],
        late: set[tuple[int, int]],
        statement: Statement,
    ) -> Iterator[Source]:
        own_entries = made.said_in
        for read in reads:
            pulled = (id(made), id(read)) in late
            if not (made.open or read.time <= made.begins or pulled):
                continue
            exactness = self._said(made, read, statement)
            if exactness is None:
                continue
            if made.open or pulled:
                exactness = worse(exactness, "conservative")
            entries = read.said_in or own_entries
            for item in self._bound[id(read)]:
                yield Source(
                    item.version,
                    read.artifact,
                    item.evidence,
                    worse(exactness, item.exactness),
                    entries,
                )

    def _from_read_back(self, made: Made, backs: list[Read]) -> Iterator[Source]:
        """What the run had made and read again may be in what has no list of its sources.

        Of one that has none either, nobody knows which came first: so no loop comes of it.
        """
        if self._has_list(made) or self._vouched(made.run):
            return
        for read in backs:
            own = self._writes.own(made, read.artifact)
            in_time = made.open or read.time <= made.begins
            if not in_time or own is None or own is made:
                continue
            if own.version not in self._settled:
                self._settled[own.version] = self._is_settled(own)
            if self._settled[own.version]:
                entries = read.said_in or made.said_in
                yield Source(own.version, read.artifact, "inferred", "conservative", entries)

    def _has_list(self, made: Made) -> bool:
        return self._reads.statements[made.version].listed is not None

    def _is_settled(self, made: Made) -> bool:
        """Whether it, and all that its run made it of, have lists of their sources."""
        waiting, seen = [made], {made.version}
        for one in waiting:  # which grows
            if one.renames or not self._has_list(one):
                return False
            for _, own in own_sources(one, self._reads.statements, self._writes):
                if own.version not in seen:
                    seen.add(own.version)
                    waiting.append(own)
        return True

    def _said(self, made: Made, read: Read, statement: Statement) -> str | None:
        """How surely the version derives from this read by what was said; None: it does not."""
        own = self._means_own(made, read)
        if statement.listed is not None:
            return "exact" if read.artifact in statement.listed and not own else None
        if statement.named is not None:
            if read.artifact in statement.named and not own:
                return "exact"
            return None if self._vouched(made.run) else "conservative"
        doubted = self._vouched(made.run) is False
        return "exact" if len(made.run.outputs) == 1 and not doubted else "conservative"

    def _means_own(self, made: Made, read: Read) -> bool:
        """Whether this name, in a statement about the version, means what the run itself made."""
        if read.artifact == made.artifact or (made.version, read.artifact) in self._reads.loops:
            return False
        return self._writes.own(made, read.artifact) is not None

    def _vouched(self, run: RunSaid) -> bool | None:
        """Whether capture says that it knows which reads went where; None: it does not say."""
        exact: bool | None = getattr(run.facets.read("headwater_capture"), "exact", None)
        return exact

    def _from_enclosing(self, made: Made) -> Iterator[Source]:
        """A version whose run names no input takes those of the nearest run around it."""
        for outer in self._writes.enclosing.of(made.run.run):
            reads = [read for read in self._reads.of_run.get(outer, ()) if not read.back]
            if not reads:
                continue
            self.taken.add(made.version)
            for read in reads:
                asked = self._binding.ask(read, time=made.begins, reader=made.run.run)
                bound = self._binding.bind(asked)
                digest = digest_text(read.facets.read("headwater_digest"))
                self._reach(made.run.run, bound, made.begins, digest)
                for item in bound:
                    yield Source(
                        item.version, read.artifact, "inferred", "conservative", read.said_in
                    )
            return


def _implied(
    run: Run,
    old: Artifact,
    bound: Bound,
    time: int,
    writers: tuple[Run, ...],
    entries: tuple[int, ...],
) -> Used:
    return Used(
        run=run,
        version=bound.version,
        named=old,
        binding=bound.rule,
        evidence="inferred",
        exactness=bound.exactness,
        time=time,
        candidates=bound.candidates,
        open_writers=writers,
        entries=entries,
    )


def _rank(source: Source) -> tuple[int, bool, str]:
    return _WORSE[source.exactness], source.evidence != "captured", source.evidence
