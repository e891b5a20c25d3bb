"""Rule 4, second half: to which versions a read binds, by which rule, and how surely."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from headwater.graph.footprints import NEVER, Footprints, declared_key, digest_key
from headwater.graph.gather import Gathered
from headwater.graph.past import Held, Past
from headwater.graph.reads import Read
from headwater.graph.timelines import (
    Position,
    Precedes,
    Timelines,
    directories_above,
    position_of,
)
from headwater.graph.writes import Made, Writes
from headwater.refs import Artifact, Run, Version

_NEVER = 2**63
_LAST = Run("\U0010ffff", "", "")


class Bound(NamedTuple):
    """One read (or part of one, for a directory) and the version that it is of."""

    version: Version
    made: Made | Held | None
    rule: str
    evidence: str = "captured"
    exactness: str = "exact"
    candidates: tuple[Version, ...] = ()
    warning: str | None = None


class Asked(NamedTuple):
    """A read as at a time: what `precedes` needs to know.

    A RENAME sees the earlier ones of its own run: `own` are versions that these made, and `gone`
    says that one of them took the name away from all that stood there before.
    """

    artifact: Artifact
    names: tuple[Artifact, ...]
    declared: str | None
    digest: str | None
    reader: Run
    started: int
    time: int
    below: tuple[int, Run]
    own: tuple[Position, ...] = ()
    gone: bool = False


class Binding:
    """Binds reads to versions over the timelines of their names."""

    def __init__(
        self,
        gathered: Gathered,
        writes: Writes,
        timelines: Timelines,
        past: Past | None = None,
    ) -> None:
        self.footprints = Footprints()
        self._past = past
        self._gathered = gathered
        self._writes = writes
        self._timelines = timelines
        self._beginnings: dict[Run, list[int]] = {
            run: sorted(made.begins for made in made_by if not made.attempted)
            for run, made_by in writes.of_run.items()
        }
        self.unended = self._unended(gathered, writes)

    def ask(self, read: Read, *, time: int | None = None, reader: Run | None = None) -> Asked:
        """Put a read as at `time` (its own unless told), as if `reader` had made it."""
        when = read.bound_at if time is None else time
        who = read.run.run if reader is None else reader
        started = read.run.started if reader is None else self._gathered.runs[reader].started
        return self._asked(
            read.artifact, read.names, who, started, when, declared=read.declared,
            digest=read.digest,
        )  # fmt: skip

    def ask_renamed(
        self, artifact: Artifact, run: Run, time: int, earlier: list[tuple[Made, Artifact]]
    ) -> Asked:
        """Put the bare read that a RENAME implies, after the `earlier` ones of its run."""
        names = self._writes.names.at(artifact, time)
        started = self._gathered.runs[run].started
        asked = self._asked(artifact, names, run, started, time, declared=None, digest=None)
        own: list[Made] = []
        gone = False
        for made, old in earlier:
            if old == artifact:
                own, gone = [], True
            if made.names & names:
                own.append(made)
        return asked._replace(own=tuple(position_of(made) for made in own), gone=gone)

    def bind(self, asked: Asked) -> list[Bound]:
        """Bind by the first rule that applies; a directory may bind to several versions."""
        if asked.declared is not None:
            own = self._bind_declared(asked, asked.declared)
        elif asked.digest is not None:
            own = self._bind_digest(asked, asked.digest)
        else:
            own = self._bind_as_of(asked)
            if own is not None:
                return [own, *self._bind_below(asked, own)]
        if own is not None:
            return [own]
        if not self._has_own(asked):
            around = [*self._bind_part(asked), *self._bind_below(asked, None)]
            if around:
                return around
        return [_outside(asked)]

    def open_writers(self, asked: Asked) -> tuple[Run, ...]:
        """Runs that said, before the read, that they write this artifact, and never ended."""
        found = {
            run
            for name in asked.names
            for time, run in self._writing(name)
            if time < asked.time and run != asked.reader
        }
        return tuple(sorted(found))

    def _writing(self, name: Artifact) -> Iterator[tuple[int, Run]]:
        yield from self.unended.get(name, ())
        if self._past is not None:
            yield from self._past.open_writers(name)

    def _asked(
        self,
        artifact: Artifact,
        names: Iterable[Artifact],
        reader: Run,
        started: int,
        time: int,
        *,
        declared: str | None,
        digest: str | None,
    ) -> Asked:
        beginnings = self._beginnings.get(reader, [])
        place = bisect_left(beginnings, time)
        below = (beginnings[place], reader) if place < len(beginnings) else (_NEVER, _LAST)
        return Asked(artifact, tuple(sorted(names)), declared, digest, reader, started, time, below)

    def _unended(self, gathered: Gathered, writes: Writes) -> dict[Artifact, list[tuple[int, Run]]]:
        found: dict[Artifact, list[tuple[int, Run]]] = defaultdict(list)
        for run in gathered.runs.values():
            if run.ended is not None:
                continue
            for artifact, mentions in run.outputs.items():
                first = min(mention.time for mention in mentions)
                for name in writes.names_of(run, artifact, first):
                    found[name].append((first, run.run))
        return found

    def _precedes(self, asked: Asked) -> Precedes:
        def precedes(position: Position) -> bool:
            return position.run != asked.reader and (position.begins, position.run) < asked.below

        return precedes

    def _newest(self, asked: Asked, names: Iterable[Artifact], *, until: int) -> Position | None:
        """The newest preceding position over these names' timelines, behind none of their ends."""
        precedes = self._precedes(asked)
        below = _ends_below(asked)
        found = []
        for name in names:
            own = name in asked.names
            if not (asked.gone and own):
                position = self._timelines.standing(name, until, precedes, below)
                found.append(position)
                if own:  # names above and below leave theirs by where they lie
                    self.footprints.stood(asked.reader, name, position, until)
        return max((position for position in found if position is not None), default=None)

    def _ended(self, name: Artifact, position: Position, asked: Asked) -> bool:
        return self._timelines.ended(name, position, _ends_below(asked))

    def _has_own(self, asked: Asked) -> bool:
        return self._newest(asked, asked.names, until=asked.time) is not None

    def _bind_declared(self, asked: Asked, declared: str) -> Bound | None:
        precedes = self._precedes(asked)
        within: list[Position] = []
        behind: list[Position] = []
        for name in asked.names:
            self.footprints.sought(asked.reader, name, declared_key(declared))
            found = self._timelines.newest_declared(name, declared, asked.time, precedes)
            if found is not None:
                (behind if self._is_behind(name, found, asked) else within).append(found)
        if within:
            return _to(max(within), "declared")
        following = [
            position
            for name in asked.names
            for position in self._timelines.all_declared(name, declared)
            if position.run != asked.reader
            and not (position.stands <= asked.time and precedes(position))
        ]
        if following:
            first = min(following, key=lambda position: position.made.order)
            warning = f"{asked.artifact} was read at {declared!r} before that version was made"
            return _to(first, "declared", exactness="conservative", warning=warning)
        if behind:
            warning = f"{asked.artifact} was read at {declared!r}, from before it was dropped"
            return _to(max(behind), "declared", warning=warning)
        return None

    def _is_behind(self, name: Artifact, position: Position, asked: Asked) -> bool:
        barrier = self._timelines.newest_barrier(name, asked.time, self._precedes(asked))
        if barrier is not None and position < barrier:
            return True
        return self._ended(name, position, asked)

    def _bind_digest(self, asked: Asked, digest: str) -> Bound | None:
        precedes = self._precedes(asked)
        for name in asked.names:
            self.footprints.sought(asked.reader, name, digest_key(digest))
        found = [
            position
            for name in asked.names
            if (position := self._timelines.newest_digest(name, digest, asked.time, precedes))
        ]
        return _to(max(found), "digest") if found else None

    def _bind_as_of(self, asked: Asked) -> Bound | None:
        newest = self._newest(asked, asked.names, until=asked.time)
        newest = max((*asked.own, *([newest] if newest is not None else [])), default=None)
        if newest is None:
            return None
        if newest.run == asked.reader:
            return _to(newest, "as_of")
        candidates = {made.version for made in self._window(asked)}
        candidates |= {item.made.version for item in asked.own if item.stands > asked.started}
        before = self._newest(asked, asked.names, until=asked.started)
        before = max(
            (item for item in (before, *asked.own) if item and item.stands <= asked.started),
            default=None,
        )
        earlier = set() if before is None else {before.made.version}
        if candidates <= earlier:
            return _to(newest, "as_of")
        candidates |= earlier
        return _to(
            newest, "as_of", exactness="conservative", candidates=tuple(sorted(candidates, key=str))
        )

    def _window(self, asked: Asked) -> list[Made | Held]:
        """Preceding versions that stand later than the reader's earliest event (*window*)."""
        precedes = self._precedes(asked)
        for name in asked.names:
            self.footprints.looked(asked.reader, name, asked.started, asked.time)
        return [
            position.made
            for name in asked.names
            for position in self._timelines.between(name, asked.started, asked.time)
            if precedes(position) and not self._ended(name, position, asked)
        ]

    def _bind_part(self, asked: Asked) -> list[Bound]:
        """A name below a written directory is of that directory's version (rule 7)."""
        for directory in _nearest_directories(asked.names):
            newest = self._newest(asked, [directory], until=asked.time)
            if newest is not None:
                return [_to(newest, "as_of", evidence="inferred", exactness="conservative")]
        return []

    def _bind_below(self, asked: Asked, own: Bound | None) -> list[Bound]:
        """A read of a directory is of the newest versions below it as well (rule 7)."""
        found: dict[Version, Bound] = {}
        made = None if own is None else own.made
        precedes, below = self._precedes(asked), _ends_below(asked)
        for directory in asked.names:
            if directory.name.endswith("//"):
                self.footprints.looked(asked.reader, _closed_once(directory), NEVER, asked.time)
            for name in self._timelines.names_below(directory):
                newest = (
                    None
                    if asked.gone and name in asked.names
                    else self._timelines.standing(name, asked.time, precedes, below)
                )
                if newest is None or newest.made is made:
                    continue
                if made is not None and newest.made.order < made.order and made.carries == "none":
                    continue
                found[newest.made.version] = _to(
                    newest, "as_of", evidence="inferred", exactness="conservative"
                )
        return list(found.values())


def _ends_below(asked: Asked) -> tuple[int, Run]:
    """What an end of a name must be less than to come before the read."""
    return min(asked.below, (asked.time + 1, Run("", "", "")))


def _closed_once(directory: Artifact) -> Artifact:
    return Artifact(directory.namespace, directory.name.rstrip("/") + "/")


def _nearest_directories(names: Iterable[Artifact]) -> Iterator[Artifact]:
    every = {directory for name in names for directory in directories_above(name)}
    yield from sorted(every, key=lambda directory: (-len(directory.name.rstrip("/")), directory))


def _to(
    position: Position,
    rule: str,
    *,
    evidence: str = "captured",
    exactness: str = "exact",
    candidates: tuple[Version, ...] = (),
    warning: str | None = None,
) -> Bound:
    made = position.made
    return Bound(made.version, made, rule, evidence, exactness, candidates, warning)


def _outside(asked: Asked) -> Bound:
    if asked.declared is not None:
        return Bound(Version(asked.artifact, declared=asked.declared), None, "declared")
    if asked.digest is not None:
        return Bound(Version(asked.artifact, digest=asked.digest), None, "digest")
    return Bound(Version(asked.artifact), None, "unknown")
