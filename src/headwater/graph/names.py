"""Rule 7: which names a mention carries, and the timelines on which versions stand.

Artifacts are never merged. A `symlinks` statement is about every name in it; timelines are
history, and nothing is ever taken off them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from headwater.claims.model import Described, Mentioned
from headwater.claims.reading import facet_of
from headwater.graph.gather import Gathered
from headwater.graph.past import Past
from headwater.refs import Artifact


class Statement(NamedTuple):
    """At `time`, `own` and every name in `names` were said to be names of one thing.

    A deletion states the own name alone, and beats a value of the same time.
    """

    time: int
    deleted: bool
    digest: str
    own: Artifact
    names: frozenset[Artifact]
    by_run: bool


class Names:
    """Every statement about names, and what follows from them at a time."""

    def __init__(self, gathered: Gathered, past: Past | None = None) -> None:
        statements = set()
        for mention in gathered.mentions:
            stated = mention.facets.get("symlinks")
            if stated is not None:
                names = names_in(mention)
                said = mention.time, stated.deleted, stated.digest
                statements.add(Statement(*said, mention.artifact, names, by_run=True))
        for artifact, described in gathered.described.items():
            for claim in described:
                stated = claim.facets.get("symlinks")
                if stated is not None:
                    names = names_in(claim)
                    said = claim.time, stated.deleted, stated.digest
                    statements.add(Statement(*said, artifact, names, by_run=False))
        self.statements = sorted(statements, key=_order)
        self._past = past
        self._about: dict[Artifact, list[Statement]] = defaultdict(list)
        for statement in self.statements:
            for name in statement.names:
                self._about[name].append(statement)

    def at(self, name: Artifact, time: int) -> frozenset[Artifact]:
        """Every name that a bare mention of `name` carries at `time` (rule 7)."""
        if self._past is not None and len(agreed := self._past.names(name)) > 1:
            return agreed
        about = self._about.get(name)
        if about is None:
            return frozenset({name})
        newest = _newest(about, time)
        if newest is None:
            newest = next((item for item in about if item.by_run), None)
            if newest is None:
                return frozenset({name})
        return frozenset(
            other
            for other in newest.names
            if (holds := _newest(self._about[other], time)) is None or name in holds.names
        )

    def given(
        self, written_by: Callable[[Artifact, int], bool]
    ) -> dict[tuple[Artifact, Artifact], list[int]]:
        """When each artifact was said to have each other name: (artifact, name) → times, sorted.

        A statement gives its identifiers to its own name. If nothing was ever written under that
        name before (`written_by` tells), it is a name of the identifiers' artifacts as well.
        """
        times: dict[tuple[Artifact, Artifact], list[int]] = defaultdict(list)
        for statement in self.statements:
            own = statement.own
            logical = not written_by(own, statement.time)
            for name in sorted(statement.names - {own}):
                times[own, name].append(statement.time)
                if logical:
                    times[name, own].append(statement.time)
        return times

    def lost(self, artifact: Artifact, name: Artifact, since: int, until: int) -> bool:
        """Whether the artifact was without the name at any time from `since` to before `until`."""
        times = {since}
        for about in (self._about[artifact], self._about[name]):
            first = bisect_left(about, since, key=_time)
            times.update(item.time for item in about[first : bisect_left(about, until, key=_time)])
        return any(name not in self.at(artifact, time) for time in times)


class Component(NamedTuple):
    """Names that statements bring together, sorted.

    They *agree* where each statement names all of them and one is by a run: then each artifact
    has had all of these names ever since.
    """

    names: tuple[Artifact, ...]
    agreed: bool


def components(statements: Iterable[Statement]) -> dict[Artifact, Component]:
    """The component of every name that is brought together with another."""
    of: dict[Artifact, list[Artifact]] = {}
    about: dict[Artifact, list[Statement]] = defaultdict(list)
    for statement in statements:
        about[statement.own].append(statement)
        held = of.setdefault(statement.own, [statement.own])
        for name in statement.names:
            other = of.setdefault(name, [name])
            if other is not held:
                held += other
                of.update(dict.fromkeys(other, held))
    found: dict[Artifact, Component] = {}
    for name, together in of.items():
        if name not in found and len(together) > 1:
            every = frozenset(together)
            said = [item for member in together for item in about.get(member, ())]
            agreed = all(item.names == every for item in said) and any(i.by_run for i in said)
            component = Component(tuple(sorted(together)), agreed)
            found.update(dict.fromkeys(together, component))
    return found


def names_in(claim: Mentioned | Described) -> frozenset[Artifact]:
    """The names that a claim brings together: its artifact's own, and the identifiers."""
    identifiers = getattr(facet_of(claim, "symlinks"), "identifiers", None) or ()
    others = (Artifact(item.namespace, item.name) for item in identifiers)
    return frozenset({claim.artifact, *others})


def _time(statement: Statement) -> int:
    return statement.time


def _order(statement: Statement) -> tuple[int, bool, str, Artifact]:
    return statement.time, statement.deleted, statement.digest, statement.own


def _newest(about: list[Statement], time: int) -> Statement | None:
    place = bisect_right(about, time, key=_time)
    return about[place - 1] if place else None
