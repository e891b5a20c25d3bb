"""The oracle on binding: what a read binds to (rules 4 and 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from headwater.refs import Artifact, Run, Version
from tests.graph.oracle_reads import Read, Reads
from tests.graph.oracle_writes import Place, Write, ended

FAR = 1 << 62
Limit = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Bound:
    """One edge of a read."""

    version: Version
    binding: str
    evidence: str
    exactness: str
    candidates: tuple[Version, ...] = ()


class Binding(Reads):
    """Reads bind to versions."""

    def bind(self, read: Read, time: int, reader: Run) -> list[Bound]:
        """Rule 4: the first of `declared`, `digest`, `as_of`, `unknown` that applies."""
        names = self._read_names(read)
        limit = self._limit(reader, time)
        bound = self._bind_by_id(read, names, time, reader, limit)
        if bound is None:
            bound = self._bind_as_of(read, names, time, reader, limit)
        if read.renames is not None:
            bound = [replace(each, evidence="inferred") for each in bound]
        return bound

    def _read_names(self, read: Read) -> frozenset[Artifact]:
        """Rule 7: names belong to the mention, whatever version inherits the read."""
        time = self.told_at(read)
        if read.mentions:
            return self.names_of(read.run, read.artifact, "input", time)
        return self.names(read.artifact, time)

    def _limit(self, reader: Run, time: int) -> Limit:
        begins = [w.begins for w in self.made if w.run == reader and w.begins >= time]
        return (min(begins, default=FAR), tuple(reader))

    def preceding(
        self, name: Artifact, time: int, reader: Run, limit: Limit, *, visible: bool = True
    ) -> list[tuple[Place, Write]]:
        """Where preceding versions stand on one timeline, behind no end if `visible`."""
        stands = [
            (place, write)
            for place, write in self.timeline(name)
            if place[0] <= time and write.run != reader and write.order < limit
        ]
        if not visible:
            return stands
        ends = [end for end in self.ends(name) if end.begins <= time and end.order < limit]
        return [stand for stand in stands if not any(ended(*stand, end, name) for end in ends)]

    def _bind_by_id(
        self, read: Read, names: frozenset[Artifact], time: int, reader: Run, limit: Limit
    ) -> list[Bound] | None:
        if read.declared is None and read.digest is None:
            return None
        all_preceding = self._union(
            self.preceding(name, time, reader, limit, visible=False) for name in names
        )
        if read.digest is not None:
            found = [write for _, write in all_preceding if write.digest == read.digest]
            if found:
                return [Bound(found[-1].version, "digest", "captured", "exact")]
            outside = Bound(
                Version(read.artifact, digest=read.digest), "digest", "captured", "exact"
            )
        else:
            bound = self._bind_declared(read, names, time, reader, limit)
            if bound is not None:
                return [bound]
            outside = Bound(
                Version(read.artifact, declared=read.declared), "declared", "captured", "exact"
            )
        if not all_preceding:
            return self._directories(names, time, reader, limit, None) or [outside]
        return [outside]

    def _bind_declared(
        self, read: Read, names: frozenset[Artifact], time: int, reader: Run, limit: Limit
    ) -> Bound | None:
        front = self._union(self._since_drop(name, time, reader, limit) for name in names)
        found = [write for _, write in front if write.declared == read.declared]
        if found:
            return Bound(found[-1].version, "declared", "captured", "exact")
        behind = self._union(
            self.preceding(name, time, reader, limit, visible=False) for name in names
        )
        earliest = sorted(
            (place, write.version)
            for name in names
            for place, write in self.timeline(name)
            if write.declared == read.declared
            and write.run != reader
            and write not in [each for _, each in behind]
        )
        if earliest:
            return Bound(earliest[0][1], "declared", "captured", "conservative")
        found = [write for _, write in behind if write.declared == read.declared]
        return Bound(found[-1].version, "declared", "captured", "exact") if found else None

    def _since_drop(
        self, name: Artifact, time: int, reader: Run, limit: Limit
    ) -> list[tuple[Place, Write]]:
        stands = self.preceding(name, time, reader, limit)
        walls = [place for place, write in stands if write.lifecycles & {"DROP", "CREATE"}]
        return [stand for stand in stands if not walls or stand[0] >= max(walls)]

    def _bind_as_of(
        self, read: Read, names: frozenset[Artifact], time: int, reader: Run, limit: Limit
    ) -> list[Bound]:
        seen = self._union(self.preceding(name, time, reader, limit) for name in names)
        if read.renames is not None:
            seen = self._union([seen, self._own_renamed(read)])
            seen = self._behind_own_end(read, seen)
        own = seen[-1][1] if seen else None
        bound = []
        if own is not None:
            candidates = () if own.run == reader else self._window(seen, names, reader)
            sure = "conservative" if candidates else "exact"
            bound.append(Bound(own.version, "as_of", "captured", sure, candidates))
        bound += self._directories(names, time, reader, limit, own)
        return bound or [Bound(Version(read.artifact), "unknown", "captured", "exact")]

    def _window(
        self, seen: list[tuple[Place, Write]], names: frozenset[Artifact], reader: Run
    ) -> tuple[Version, ...]:
        """Versions that stand later than the reader's start, and the newest one before.

        None where this is the same one: a version named anew meanwhile.
        """
        started = self.state(reader)[1]
        inside = {write for place, write in seen if place[0] > started}
        earlier = self._union(
            [stand for stand in self.timeline(name) if stand[0][0] <= started] for name in names
        )
        before = [write for _, write in earlier if write in [each for _, each in seen]][-1:]
        if not inside or inside == set(before):
            return ()
        return tuple(sorted((write.version for write in inside.union(before)), key=str))

    # Rule 7: RENAMEs of one run apply in order

    def _earlier_renames(self, read: Read) -> list[tuple[Write, Artifact]]:
        assert read.renames is not None
        renames = sorted(
            (min(write.renames.values()), at, old, write.version, write)
            for write in self.made
            if write.run == read.run
            for old, at in write.renames.items()
            if min(write.renames.values()) < min(read.renames.renames.values())
        )
        return [(write, old) for _, _, old, _, write in renames]

    def own_written(self, read: Read) -> Write | None:
        """What the run itself wrote under a name before it renames it: a read-back."""
        assert read.renames is not None
        if any(read.artifact in (old, w.artifact) for w, old in self._earlier_renames(read)):
            return None
        place = read.renames.renames[read.artifact][:2]
        written = [
            write
            for write in self.made
            if (write.run, write.artifact) == (read.run, read.artifact)
            and not write.renames
            and write.said < place
        ]
        return max(written, key=lambda each: (each.begins, each.declared or ""), default=None)

    def _own_renamed(self, read: Read) -> list[tuple[Place, Write]]:
        return [
            ((write.begins, *write.order, write.declared or ""), write)
            for write, _ in self._earlier_renames(read)
            if write.names & self._read_names(read)
        ]

    def _behind_own_end(
        self, read: Read, seen: list[tuple[Place, Write]]
    ) -> list[tuple[Place, Write]]:
        gone: list[Write] = []
        standing = [write for _, write in seen if write.run != read.run]
        for write, old in self._earlier_renames(read):
            if old == read.artifact:
                gone += standing
                standing = []
            if write in [each for _, each in seen]:
                standing.append(write)
        return [stand for stand in seen if stand[1] not in gone]

    # Rule 7: directories

    def _directories(
        self,
        names: frozenset[Artifact],
        time: int,
        reader: Run,
        limit: Limit,
        own: Write | None,
    ) -> list[Bound]:
        found = [] if own is not None else self._above(names, time, reader, limit)
        below = {
            each
            for write in self.made
            for each in [*write.names, *self._later_names(write)]
            if any(_is_below(each, name) for name in names)
        }
        for name in sorted(below):
            stands = self.preceding(name, time, reader, limit)
            if stands and not (
                own is not None and stands[-1][1].order < own.order and self.carries(own) == "none"
            ):
                found.append(stands[-1][1])
        return [
            Bound(version, "as_of", "inferred", "conservative")
            for version in sorted({write.version for write in found}, key=str)
            if own is None or version != own.version
        ]

    def _later_names(self, write: Write) -> frozenset[Artifact]:
        return frozenset(
            name for each in self.namings if each.own == write.artifact for name in each.others
        )

    def _above(
        self, names: frozenset[Artifact], time: int, reader: Run, limit: Limit
    ) -> list[Write]:
        for up in range(1, 1 + max(name.name.count("/") for name in names)):
            folders = {
                Artifact(name.namespace, name.name.rsplit("/", up)[0])
                for name in names
                if name.name.count("/") >= up
            }
            stands = self._union(
                self.preceding(each, time, reader, limit) for each in folders if each.name
            )
            if stands:
                return [stands[-1][1]]
        return []

    def _union(self, timelines: Iterable[list[tuple[Place, Write]]]) -> list[tuple[Place, Write]]:
        """Join timelines: each version at its newest place, in order."""
        newest_place: dict[Write, Place] = {}
        for timeline in timelines:
            for place, write in timeline:
                newest_place[write] = max(place, newest_place.get(write, place))
        return sorted(
            ((place, write) for write, place in newest_place.items()),
            key=lambda stand: (stand[0], stand[1].version),
        )


def _is_below(name: Artifact, folder: Artifact) -> bool:
    return name.namespace == folder.namespace and name.name.startswith(folder.name + "/")
