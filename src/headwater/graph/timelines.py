"""Timelines: on which names each version stands, from when, and where a name ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import takewhile
from typing import NamedTuple

from headwater.graph.names import Names
from headwater.graph.past import Held, Past, Placed
from headwater.graph.writes import Made, Writes
from headwater.refs import Artifact, Run, Version


class Position(NamedTuple):
    """A version on a timeline from `stands` on. Compared as a tuple, the greatest is the newest."""

    stands: int
    begins: int
    run: Run
    declared: str
    artifact: Artifact
    made: Made | Held


class End(NamedTuple):
    """A RENAME took this name away: from what stood there before, in time and within its run."""

    stands: int
    begins: int
    run: Run
    said_place: tuple[int, int]

    def took(self, position: Position) -> bool:
        """Whether what stands there had to go."""
        return (*position[:3], position.made.said_place) < self


Precedes = Callable[[Position], bool]


class Timelines:
    """For each name the versions that stand on it, in order, and its ends by RENAME."""

    def __init__(self, writes: Writes, names: Names, past: Past | None = None) -> None:
        self._past = past
        self._positions: dict[Artifact, list[Position]] = defaultdict(list)
        self._declared: dict[tuple[Artifact, str], list[Position]] = defaultdict(list)
        self._digests: dict[tuple[Artifact, str], list[Position]] = defaultdict(list)
        self._barriers: dict[Artifact, list[Position]] = defaultdict(list)
        self._ends: dict[Artifact, list[End]] = defaultdict(list)
        self.joined: dict[Version, list[tuple[Artifact, int]]] = defaultdict(list)
        for artifact in sorted(writes.of_artifact):
            for made in writes.of_artifact[artifact]:
                if not made.attempted:
                    self._stand(made)

        def written_by(artifact: Artifact, time: int) -> bool:
            made_by = writes.of_artifact.get(artifact, ())
            return any(made.begins < time and not made.attempted for made in made_by)

        for (artifact, name), times in names.given(written_by).items():
            self._join(writes.of_artifact.get(artifact, []), name, times, names)
        for positions in (
            *self._positions.values(),
            *self._declared.values(),
            *self._digests.values(),
            *self._barriers.values(),
        ):
            positions.sort()
        for ends in self._ends.values():
            ends.sort()
        self._names = sorted(self._positions)

    def standing(
        self, name: Artifact, until: int, precedes: Precedes, below: tuple[int, Run]
    ) -> Position | None:
        """The newest position on this timeline that stands by `until` and precedes.

        It is behind no end of the name that is less than `below`, a beginning and key.
        What one run put there at one time, an end may take in part; all that is older it took.
        """
        ended: Position | None = None
        for position in filter(precedes, self._newest_first(name, until)):
            if not self.ended(name, position, below):
                return position
            if ended is not None and position[:3] != ended[:3]:
                return None
            ended = position
        return None

    def newest_declared(
        self, name: Artifact, declared: str, until: int, precedes: Precedes
    ) -> Position | None:
        """The newest one, ends or not, among versions with this declared id."""
        return _last(self.all_declared(name, declared), until, precedes)

    def all_declared(self, name: Artifact, declared: str) -> list[Position]:
        """Every position on this timeline with this declared id, in order."""
        own = self._declared.get((name, declared), [])
        if self._past is None:
            return own
        return sorted([*own, *map(_placed, self._past.declared(name, declared))])

    def newest_digest(
        self, name: Artifact, digest: str, until: int, precedes: Precedes
    ) -> Position | None:
        """The newest one, ends or not, among versions with this content."""
        found = self._digests.get((name, digest), [])
        if self._past is not None:
            found = sorted([*found, *map(_placed, self._past.with_digest(name, digest))])
        return _last(found, until, precedes)

    def newest_barrier(self, name: Artifact, until: int, precedes: Precedes) -> Position | None:
        """The newest preceding DROP or CREATE."""
        found = _newest_first(self._barriers.get(name, []), until)
        if self._past is not None:
            found = _merged(found, self._past.barriers(name, until))
        return next(filter(precedes, found), None)

    def between(self, name: Artifact, after: int, until: int) -> Iterator[Position]:
        """Positions on this timeline that stand later than `after` and by `until`, newest first."""
        newest_first = self._newest_first(name, until)
        return takewhile(lambda position: position.stands > after, newest_first)

    def ended(self, name: Artifact, position: Position, below: tuple[int, Run]) -> bool:
        """Whether an end of this name, less than `below` (a beginning and key), took a version."""
        ends = self._ends.get(name, [])
        place = bisect_left(ends, below, key=lambda end: (end.begins, end.run))
        newest = ends[place - 1 : place] if place else []
        if self._past is not None:
            newest = [*newest, *(_end(*end) for end in self._past.ends(name, below))]
        return bool(newest) and max(newest).took(position)

    def names_below(self, directory: Artifact) -> Iterator[Artifact]:
        """Every name with a timeline whose path lies below a directory's, by whole segments."""
        found = self._own_below(directory)
        if self._past is not None:
            found = iter(sorted({*found, *self._past.names_below(directory)}))
        return found

    def _own_below(self, directory: Artifact) -> Iterator[Artifact]:
        names, prefix = self._names, directory.name.rstrip("/") + "/"
        for place in range(bisect_left(names, (directory.namespace, prefix)), len(names)):
            name = names[place]
            if name.namespace != directory.namespace or not name.name.startswith(prefix):
                return
            if name != directory:
                yield name

    def _newest_first(self, name: Artifact, until: int) -> Iterator[Position]:
        """Positions that stand by a time."""
        found = _newest_first(self._positions.get(name, []), until)
        if self._past is not None:
            found = _merged(found, self._past.standing(name, until))
        return found

    def _stand(self, made: Made) -> None:
        for name in sorted(made.names):
            self._add(name, made.begins, made)
        for old, place in made.renames.items():
            insort(self._ends[old], _end(made, place))

    def _join(self, made_by: list[Made], name: Artifact, times: list[int], names: Names) -> None:
        """Versions written before their artifact got this name stand on it from then on.

        One that stands there already stands anew only if its artifact lost the name in between.
        """
        certain = sorted(
            (made for made in made_by if not made.attempted), key=lambda made: made.begins
        )
        standing = {made.version: made.begins for made in certain if name in made.names}
        held_from = 0
        before = None
        for time in times:
            end = bisect_left(certain, time, key=lambda made: made.begins)
            if end and before is not None and names.lost(certain[0].artifact, name, before, time):
                held_from = 0
            for made in certain[held_from:end]:
                since = standing.get(made.version)
                if since is None or (since < time and names.lost(made.artifact, name, since, time)):
                    self._add(name, time, made)
                    self.joined[made.version].append((name, time))
                    standing[made.version] = time
            held_from = max(held_from, end)
            before = time

    def _add(self, name: Artifact, stands: int, made: Made) -> None:
        position = position_of(made, stands)
        self._positions[name].append(position)
        if made.declared is not None:
            self._declared[name, made.declared].append(position)
        if made.digest is not None:
            self._digests[name, made.digest].append(position)
        if made.lifecycles & {"DROP", "CREATE"}:
            self._barriers[name].append(position)


def position_of(made: Made | Held, stands: int | None = None) -> Position:
    """Where a version stands from a time on, its beginning unless told."""
    begins, key = made.order
    since = begins if stands is None else stands
    return Position(since, begins, key, made.declared or "", made.artifact, made)


def _placed(placed: Placed) -> Position:
    return position_of(placed.held, placed.stands)


def _end(made: Made | Held, place: tuple[int, int]) -> End:
    return End(made.begins, *made.order, place)


def directories_above(name: Artifact) -> Iterator[Artifact]:
    """Every directory above a name, the nearest first, with and without its closing slash."""
    path = name.name.rstrip("/")
    while "/" in path:
        path = path.rpartition("/")[0]
        if path:
            yield Artifact(name.namespace, path)
            yield Artifact(name.namespace, path + "/")


def _stands(position: Position) -> int:
    return position.stands


def _newest_first(positions: list[Position], until: int) -> Iterator[Position]:
    for place in range(bisect_right(positions, until, key=_stands) - 1, -1, -1):
        yield positions[place]


def _merged(own: Iterator[Position], past: Iterable[Iterator[Placed]]) -> Iterator[Position]:
    return merge(own, *(map(_placed, part) for part in past), reverse=True)


def _last(positions: list[Position], until: int, precedes: Precedes) -> Position | None:
    return next(filter(precedes, _newest_first(positions, until)), None)
