"""The oracle on writes: versions, summaries and timelines (rules 3 and 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from headwater.refs import Artifact, Run, Version
from tests.graph.oracle_names import Names, Naming
from tests.graph.told import Json, Mention, artifact, newest, written_digest

IDENTITY = ("version", "headwater_digest", "symlinks", "lifecycleStateChange")
OF_THE_WRITE = ("subset", "headwater_write")
Place = tuple[int, int, tuple[str, ...], str]
"""Where a version stands on a timeline: (time of standing, beginning, key, declared id)."""


@dataclass(eq=False)
class Write:
    """What one run wrote of one artifact under one declared id (or under none)."""

    run: Run
    artifact: Artifact
    declared: str | None
    mentions: list[Mention]
    all_mentions: list[Mention]
    begins: int = 0
    attempted: bool = False
    open: bool = False
    names: frozenset[Artifact] = field(default_factory=frozenset)
    spoken_for: list[Write] = field(default_factory=list)

    @property
    def version(self) -> Version:
        """Identity."""
        return Version(self.artifact, self.run, self.declared)

    @property
    def order(self) -> tuple[int, tuple[str, ...]]:
        """`(beginning, key)`."""
        return (self.begins, tuple(self.run))

    def facet(self, name: str) -> Any:
        """Newest of the group; what the group lacks and is no identity, of the run's others."""
        own = [each.facets[name] for each in self.mentions if name in each.facets]
        if own or name in IDENTITY + OF_THE_WRITE:
            return newest(own)
        return newest(each.facets[name] for each in self.all_mentions if name in each.facets)

    @property
    def digest(self) -> str | None:
        """Content digest: its own, else that of the nearest run that sums up this version alone."""
        said = [written_digest(w.facet("headwater_digest")) for w in (self, *self.spoken_for)]
        return next((each for each in said if each is not None), None)

    @property
    def changes(self) -> list[tuple[Mention, Json]]:
        """State changes accumulate: all that mentions state, since the newest deletion."""
        said = [(each, each.facets["lifecycleStateChange"]) for each in self.mentions
                if "lifecycleStateChange" in each.facets]  # fmt: skip
        gone = max((each.time for each, change in said if change.deleted), default=-1)
        return [(each, c.value) for each, c in said if not c.deleted and each.time > gone]

    @property
    def lifecycles(self) -> set[str]:
        """What changed: CREATE, DROP, RENAME or others."""
        return {change["lifecycleStateChange"] for _, change in self.changes}

    @property
    def renames(self) -> dict[Artifact, tuple[int, int, Artifact]]:
        """Previous names, with event time and place of the first mention that says so."""
        found: dict[Artifact, tuple[int, int, Artifact]] = {}
        for each, change in self.changes:
            if change["lifecycleStateChange"] == "RENAME" and change.get("previousIdentifier"):
                old = artifact(change["previousIdentifier"])
                at = (each.time, each.place, self.artifact)
                found[old] = min(at, found.get(old, at))
        return found

    @property
    def first(self) -> int:
        """First mention."""
        return min(each.time for each in self.mentions)

    @property
    def said(self) -> tuple[int, int]:
        """Where in its run it was said: other outputs come before RENAMEs of one time."""
        return min((at[:2] for at in self.renames.values()), default=(self.first, -1))


def ended(place: Place, write: Write, end: Write, name: Artifact) -> bool:
    """Whether a version stood there before a RENAME took the name away, also within one run."""
    gone = ((end.begins, *end.order), end.renames[name][:2])
    return (place[:3], write.said) < gone


class Writes(Names):
    """What runs made, and where it stands."""

    @cached_property
    def writes(self) -> list[Write]:
        """Every group of output mentions, summaries included."""
        found = []
        for run in self.runs:
            outputs = self.mentions(run, "output")
            for name in sorted({each.artifact for each in outputs}):
                found += self._grouped([each for each in outputs if each.artifact == name])
        for write in found:
            self._begin(write)
        for write in found:
            write.names = self.names_of(write.run, write.artifact, "output", write.begins)
        return found

    @cached_property
    def versions(self) -> list[Write]:
        """Writes that are no summaries, attempted ones included."""
        found = [write for write in self.writes if not self.is_summary(write.run, write.artifact)]
        for write in found:
            for outer in self.enclosing(write.run):
                said = [m for m in self.mentions(outer, "output") if m.artifact == write.artifact]
                if said and self._within(found, outer, write.artifact) == [write]:
                    write.spoken_for.append(Write(outer, write.artifact, None, said, said))
        return found

    def _within(self, versions: list[Write], outer: Run, name: Artifact) -> list[Write]:
        """Versions of an artifact, not attempted, that runs within a run made."""
        return [
            each
            for each in versions
            if each.artifact == name and not each.attempted and outer in self.enclosing(each.run)
        ]

    @cached_property
    def made(self) -> list[Write]:
        """Versions that are not attempted."""
        return [write for write in self.versions if not write.attempted]

    def _grouped(self, mentions: list[Mention]) -> list[Write]:
        declared = sorted({each.declared for each in mentions if each.declared is not None})
        bare = [each for each in mentions if each.declared is None]
        first = mentions[0]
        if not declared:
            return [Write(first.run, first.artifact, None, bare, mentions)]
        groups = {id_: [each for each in mentions if each.declared == id_] for id_ in declared}
        earliest = min((min(each.time for each in groups[id_]), id_) for id_ in declared)[1]
        return [
            Write(
                first.run,
                first.artifact,
                id_,
                groups[id_] + (bare if id_ == earliest else []),
                mentions,
            )
            for id_ in declared
        ]

    def _begin(self, write: Write) -> None:
        if write.declared is not None:
            write.begins = min(e.time for e in write.mentions if e.declared == write.declared)
            return
        if self.streams(write.run):
            write.begins, write.open = write.first, True
            return
        completes = [seen.time for seen in self.terminals(write.run) if seen.type == "COMPLETE"]
        if completes and max(completes) >= write.first:
            write.begins = max(completes)
            return
        ended = self.state(write.run)[2]
        newest_event = max(seen.time for seen in self.of(write.run))
        write.attempted = True
        write.begins = max(write.first, newest_event if ended is None else ended)

    def is_summary(self, run: Run, name: Artifact) -> bool:
        """Whether an enclosed run made a version, not attempted and no summary, of it."""
        return any(
            write.artifact == name
            and not write.attempted
            and run in self.enclosing(write.run)
            and not self.is_summary(write.run, name)
            for write in self.writes
        )

    def timeline(self, name: Artifact) -> list[tuple[Place, Write]]:
        """Where versions stand on the timeline of a name: since they began, or since named so."""
        stands = []
        for write in self.made:
            declared = write.declared or ""
            if name in write.names:
                stands.append(((write.begins, *write.order, declared), write))
            for time in self._joined(write, name):
                stands.append(((time, *write.order, declared), write))
        return sorted(stands, key=lambda stand: stand[0])

    def _joined(self, write: Write, name: Artifact) -> list[int]:
        """When later statements gave the name to the version's artifact, which had it not."""
        stands = [write.begins] if name in write.names else []
        joined = []
        for naming in self.namings:
            about = self._gives(naming, write.artifact, name) and naming.time > write.begins
            if about and not self._held(write, name, stands, naming.time):
                stands.append(naming.time)
                joined.append(naming.time)
        return joined

    def joined(self, write: Write) -> tuple[tuple[Artifact, int], ...]:
        """Names that a version got after it began, and when."""
        every = {name for naming in self.namings for name in naming.names}
        return tuple(sorted((name, at) for name in every for at in self._joined(write, name)))

    def _gives(self, naming: Naming, owner: Artifact, name: Artifact) -> bool:
        """The own name gets the others; they get it too if nothing was written under it before."""
        if naming.own == owner:
            return name in naming.others
        written = [w for w in self.made if w.artifact == name and w.begins < naming.time]
        return naming.own == name and owner in naming.others and not written

    def _held(self, write: Write, name: Artifact, stands: list[int], until: int) -> bool:
        """Whether the artifact had the name from the version's last standing on to `until`."""
        if not stands:
            return False
        times = {stands[-1], *(each.time for each in self.namings)}
        return all(
            name in self.names(write.artifact, time) for time in times if stands[-1] <= time < until
        )

    def ends(self, name: Artifact) -> list[Write]:
        """RENAMEs away of a name."""
        return [write for write in self.made if name in write.renames]

    def kind(self, write: Write) -> str | None:
        """Kind of a version: of its group, else the newest on the artifact."""
        return self.own_kind(write) or self.artifact_kind(write.artifact)

    def own_kind(self, write: Write) -> str | None:
        """Kind of a version as its run states it, else the nearest that sums it up alone."""
        for said in (write, *write.spoken_for):
            for facet, key in (("headwater_kind", "kind"), ("datasetType", "datasetType")):
                own = said.facet(facet)
                if own:
                    return str(own[key]).lower()
        return None

    def artifact_kind(self, name: Artifact) -> str | None:
        """Newest kind on an artifact from anybody."""
        for facet, key in (("headwater_kind", "kind"), ("datasetType", "datasetType")):
            said = newest(self.on_artifact(name, facet))
            if said:
                return str(said[key]).lower()
        return None

    def on_artifact(self, name: Artifact, facet: str) -> list[Any]:
        """Every statement of a facet on an artifact."""
        told: list[Any] = [*self.told.mentions, *self.told.descriptions]
        return [e.facets[facet] for e in told if e.artifact == name and facet in e.facets]
