"""The oracle on names: `symlinks` statements and what a mention is called (rule 7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from headwater.refs import Artifact, Run
from tests.graph.oracle_runs import Runs
from tests.graph.told import Said, artifact


@dataclass(frozen=True)
class Naming:
    """A `symlinks` statement. A deletion states that there is no other name."""

    time: int
    deleted: bool
    sha: str
    own: Artifact
    others: frozenset[Artifact]
    by_run: bool

    @property
    def names(self) -> frozenset[Artifact]:
        """Every name that the statement is about."""
        return self.others | {self.own}


class Names(Runs):
    """Names of artifacts over time."""

    @cached_property
    def namings(self) -> list[Naming]:
        """All `symlinks` statements, in order."""
        said: list[tuple[Artifact, Said, bool]] = []
        for mention in self.told.mentions:
            if "symlinks" in mention.facets:
                said.append((mention.artifact, mention.facets["symlinks"], True))
        for description in self.told.descriptions:
            if "symlinks" in description.facets:
                said.append((description.artifact, description.facets["symlinks"], False))
        found = {_naming(own, each, by_run) for own, each, by_run in said}
        return sorted(found, key=lambda each: (each.time, each.deleted, each.sha, each.own))

    def newest_naming(self, name: Artifact, time: int) -> Naming | None:
        """Newest statement about a name at or before a time."""
        about = [each for each in self.namings if name in each.names and each.time <= time]
        return about[-1] if about else None

    def names(self, name: Artifact, time: int) -> frozenset[Artifact]:
        """Names of a mention that says nothing of names."""
        following = [e for e in self.namings if name in e.names and e.time > time and e.by_run]
        naming = self.newest_naming(name, time) or (following[0] if following else None)
        return frozenset({name}) | {
            each
            for each in (naming.names if naming is not None else ())
            if (other := self.newest_naming(each, time)) is None or name in other.names
        }

    def names_of(self, run: Run, name: Artifact, role: str, time: int) -> frozenset[Artifact]:
        """Names of a mention: what the run itself says of it in that role, else `names`."""
        said = [
            _naming(name, each.facets["symlinks"], True)
            for each in self.mentions(run, role)
            if each.artifact == name and "symlinks" in each.facets
        ]
        if said:
            return max(said, key=lambda each: (each.time, each.deleted, each.sha)).names
        return self.names(name, time)


def _naming(own: Artifact, said: Said, by_run: bool) -> Naming:
    identifiers = [] if said.deleted else said.value.get("identifiers") or []
    others = frozenset(artifact(each) for each in identifiers)
    return Naming(said.time, said.deleted, said.sha, own, others - {own}, by_run)
