"""The oracle on derivation, revision and same content (rules 3, 5, 6 and 8)."""

from __future__ import annotations

from typing import Any

from headwater.refs import Version
from tests.graph.oracle_binding import Binding, Bound
from tests.graph.oracle_reads import Read
from tests.graph.oracle_writes import Write, ended
from tests.graph.told import Mention, newest, stated, written_digest

WORSE = ("exact", "conservative", "opaque")
SMALL = 64
DIGEST = "headwater_digest"
SIZES = (DIGEST, "inputStatistics", "outputStatistics")


class Derivation(Binding):
    """Where versions come from."""

    # Rule 5: derivation

    def sources(self, write: Write) -> dict[Version, tuple[str, str]]:
        """What a version derives from: version → (exactness, evidence), the best of its reads."""
        found: dict[Version, tuple[str, str]] = {}

        def add(bound: Bound, exactness: str) -> None:
            worse = max(exactness, bound.exactness, key=WORSE.index)
            given = (worse, bound.evidence)
            found[bound.version] = min(found.get(bound.version, given), given, key=_rank)

        for read in self.plain_or_renaming(write):
            exactness = self.exactness(write, read)
            if exactness is not None:
                own = self.own_written(read) if read.renames is not None else None
                if own is not None:
                    add(Bound(own.version, "own", "inferred", "exact"), exactness)
                    continue
                for bound in self.bind(read, self.when(read), read.run):
                    add(bound, exactness)
        for source in self.all_sources(write):
            own = self.own_source(write, source)
            if own is not None:
                add(Bound(own.version, "own", "captured", "exact"), "exact")
        for own in self.read_back(write):
            add(Bound(own.version, "own", "inferred", "conservative"), "conservative")
        if self.inherits(write):
            for read in self.enclosing_reads(write):
                for bound in self.bind(read, write.begins, write.run):
                    inferred = Bound(bound.version, "", "inferred", "conservative")
                    add(inferred, "conservative")
        return found

    def read_back(self, write: Write) -> list[Write]:
        """Rule 5: own versions that were read again and have lists all along; it has none."""
        capture = self.run_facet(write.run, "headwater_capture") or {}
        if self._has_list(write) or capture.get("exact") is True:
            return []
        back = {
            read.artifact
            for read in self.reads(write.run)
            if read.back and (write.open or self.told_at(read) <= write.begins)
        }
        made = [self._own_source(write, artifact) for artifact in back]
        return [
            own
            for own in made
            if own is not None
            and all(self._has_list(of) and not of.renames for of in self._own_ancestors(own))
        ]

    def _has_list(self, write: Write) -> bool:
        said = self.statement(write)
        return said is not None and said.listed is not None

    def plain_or_renaming(self, write: Write) -> list[Read]:
        """Reads that a version may derive from."""
        implied = [read for read in self.reads(write.run) if read.renames is write]
        return implied + (self.early_reads(write) or self.late_reads(write))

    def exactness(self, write: Write, read: Read) -> str | None:
        """How surely a version derives from a read; None where a statement removes it."""
        if read.renames is write:
            return "exact"
        said = self.statement(write)
        listed = said.listed if said is not None else None
        if listed is not None:
            if read.artifact not in listed or self.own_source(write, read.artifact):
                return None
            sure = "exact"
        else:
            sure = self._refined(write, read) or ""
            if not sure:
                return None
        late = self.told_at(read) > write.begins
        return "conservative" if late or write.open else sure

    def _refined(self, write: Write, read: Read) -> str | None:
        refined = self.refinement(write)
        if refined is None:
            outputs = {each.artifact for each in self.mentions(write.run, "output")}
            doubted = (self.run_facet(write.run, "headwater_capture") or {}).get("exact") is False
            return "conservative" if doubted or len(outputs) != 1 else "exact"
        if read.artifact in refined.named and not self.own_source(write, read.artifact):
            return "exact"
        capture = self.run_facet(write.run, "headwater_capture")
        return None if capture and capture.get("exact") is True else "conservative"

    def inherits(self, write: Write) -> bool:
        """Rule 3: whether a version takes the reads of an enclosing run."""
        said = self.statement(write)
        return not self.reads(write.run) and (said is None or said.listed is None)

    def enclosing_reads(self, write: Write) -> list[Read]:
        """Reads of the nearest enclosing run that has some."""
        for run in self.enclosing(write.run):
            if run in self.runs and self.plain_reads(run):
                return self.plain_reads(run)
        return []

    # Rule 6: revision

    def before(self, write: Write) -> Version | None:
        """The newest version below `(beginning, key)` on the timelines of a version's names."""
        here = (write.begins, *write.order)
        stands = []
        for name in write.names:
            ends = [end for end in self.ends(name) if end.order < write.order]
            stands += [
                (place, each.version)
                for place, each in self.timeline(name)
                if place[:3] < here and not any(ended(place, each, end, name) for end in ends)
            ]
        return max(stands)[1] if stands else None

    # Rule 8: same content

    def original(self, version: Version) -> Version | None:
        """The earliest run-made version with the digest of an outside one."""
        digest = version.digest or self._digest_of_readers(version)
        times = [time for to, time, _ in self.bindings if to == version]
        if digest is None or self._is_small(digest) or not times:
            return None
        made = sorted(
            (*each.order, each.declared or "", each.version) for each in self.made
             if each.digest == digest and each.begins < min(times)
        )  # fmt: skip
        return made[0][-1] if made else None

    def _digest_of_readers(self, version: Version) -> str | None:
        said = {
            written_digest(newest(e.facets[DIGEST] for e in read.mentions if DIGEST in e.facets))
            for to, _, read in self.bindings
            if to == version
        } - {None}
        return said.pop() if len(said) == 1 else None

    def _is_small(self, digest: str) -> bool:
        told: list[Any] = [*self.told.mentions, *self.told.descriptions]
        for each in told:
            own = written_digest(stated(each.facets, DIGEST))
            if isinstance(each, Mention) and own is None:
                beside = {
                    written_digest(stated(other.facets, DIGEST))
                    for other in self.mentions(each.run, each.role)
                    if other.artifact == each.artifact
                } - {None}
                own = beside.pop() if len(beside) == 1 else None
            sizes = [(stated(each.facets, name) or {}).get("size") for name in SIZES]
            if own == digest and any(size is not None and size < SMALL for size in sizes):
                return True
        return False

    @property
    def bindings(self) -> list[tuple[Version, int, Read]]:
        """Every binding: to which version, at what time, of which read."""
        found = []
        for run in self.runs:
            for read in self.reads(run):
                if not read.back and (read.renames is None or self.own_written(read) is None):
                    time = self.when(read)
                    found += [(b.version, time, read) for b in self.bind(read, time, run)]
        for write in self.versions:
            if self.inherits(write):
                for read in self.enclosing_reads(write):
                    bound = self.bind(read, write.begins, write.run)
                    found += [(b.version, write.begins, read) for b in bound]
        return found


def _rank(given: tuple[str, str]) -> tuple[int, bool]:
    return (WORSE.index(given[0]), given[1] == "inferred")
