"""The index as answers ask it: a `Lineage` that decodes only what an answer visits.

Trusted? It decides every answer on a large store; the tests hold it to `graph.adjacency`, which
holds the graph that `resolve` made, on generated histories.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

import msgspec

from headwater.graph import traverse
from headwater.graph.lineage import (
    ALL,
    CARRIED,
    UNLIMITED,
    Answer,
    Declared,
    Limits,
    Visible,
    everything,
)
from headwater.graph.model import (
    ArtifactNode,
    ColumnDerived,
    Derived,
    JobNode,
    Label,
    Revised,
    RunNode,
    SameContent,
    Used,
    VersionNode,
)
from headwater.index import records, walking
from headwater.index.answering import answer, reach
from headwater.index.found import Found
from headwater.index.links import GONE, Links, Static
from headwater.index.overlay import Overlay
from headwater.index.positions import At, Positions
from headwater.index.tables import Relation, mark
from headwater.index.walking import TooLarge, Walker
from headwater.refs import Artifact, Job, Run, Version
from headwater.store.sections import Sections

if TYPE_CHECKING:
    from headwater.index.wide import Wide

_labels = msgspec.msgpack.Decoder(dict[str, dict[str, Label]]).decode
Named = Callable[[int], Version]
FOLLOWS = {CARRIED: frozenset({"all"}), ALL: frozenset({"all", "unknown"})}
"""Which revisions a walk follows, by what they carry over."""

_counts = msgspec.msgpack.Decoder(dict[str, int]).decode


class Index:
    """A compiled graph. What each method gives is said in `Lineage`."""

    def __init__(self, sections: Sections, overlay: Overlay | None = None) -> None:
        self.links = Links(sections, overlay)
        self.sections = sections
        self.overlay = self.links.overlay
        self._with_digest = Relation(sections, "digests.versions")
        self._positions = Positions(sections, self.overlay, self.links.columns_of.run)

    @property
    def damaged(self) -> bool:
        return self.sections.damaged

    def forget_arrays(self) -> None:
        """Give back what large walks need; they make it again."""
        vars(self).pop("_wide", None)

    @cached_property
    def _digests(self) -> memoryview:
        return self.sections.whole("digests.marks").cast("Q")

    @cached_property
    def warnings(self) -> Sequence[str]:
        counts = _counts(self.sections.whole("warnings"))
        for sentence, more in self.overlay.warnings.items():
            counts[sentence] = counts.get(sentence, 0) + more
        return tuple(sorted(sentence for sentence, count in counts.items() if count))

    def version(self, version: Version) -> VersionNode | None:
        number = self.links.versions.find(version)
        return None if number is None else self.node(version, number)

    def node(self, version: Version, number: int) -> VersionNode | None:
        """The node of the version with this number; None where it is not there."""
        record = self.links.version[number]
        if record is None:
            return None
        artifact = self.links.artifact[self.links.artifact_of(number)]
        return records.read_version(version, record, artifact)

    def run(self, run: Run) -> RunNode | None:
        number = self.links.runs.find(run)
        record = None if number is None else self.links.run[number]
        return None if record is None else records.read_run(run, record)

    def job(self, job: Job) -> JobNode | None:
        number = self.links.jobs.find(job)
        record = None if number is None else self.links.job[number]
        return None if record is None else records.read_job(job, record)

    def artifact(self, artifact: Artifact) -> ArtifactNode | None:
        number = self.links.artifacts.find(artifact)
        record = None if number is None else self.links.artifact[number]
        if number is None or record is None:
            return None
        return records.read_artifact(artifact, record, self.links.entries[number] or ())

    def labels(self, subject: str) -> Mapping[str, Label]:
        found = self.overlay.labels.get(subject)
        return self._labels.get(subject, {}) if found is None else found

    def entries_of(self, version: Version) -> tuple[int, ...]:
        links = self.links
        number = links.versions.find(version)
        record = None if number is None else links.version[number]
        if record is None:
            return ()
        if version.run is not None:
            return record.entries
        found = {entry for used in self.used_by(version) for entry in used.entries}
        found.update(entry for edge in self.derived_to(version) for entry in edge.entries)
        if version == Version(version.artifact):
            for job in filter(None, map(self.job, self.declaring(version.artifact))):
                found.update(job.entries)
        return tuple(sorted(found))

    def used_of(self, run: Run) -> Sequence[Used]:
        number = self.links.runs.find(run)
        return () if number is None else [edge for edge, _ in self.used_in(run, number)]

    def used_by(self, version: Version) -> Sequence[Used]:
        links = self.links
        number = links.versions.find(version)
        if number is None:
            return ()
        runs = dict.fromkeys(links.used_by[number])
        return [
            edge
            for run in runs
            for edge, target in self.used_in(links.runs[run], run)
            if target == number
        ]

    def derived_from(self, version: Version) -> Sequence[Derived]:
        number = self.links.versions.find(version)
        return () if number is None else [edge for edge, _ in self.derived_in(version, number)]

    def derived_to(self, version: Version) -> Sequence[Derived]:
        links = self.links
        number = links.versions.find(version)
        if number is None:
            return ()
        return [
            edge
            for other in links.derived_by[number]
            for edge, target in self.derived_in(links.versions[other], other)
            if target == number
        ]

    def columns_of(self, version: Version) -> Sequence[ColumnDerived]:
        number = self.links.versions.find(version)
        return () if number is None else list(self._columns(version, number, None))

    def columns_to(self, version: Version) -> Sequence[ColumnDerived]:
        links = self.links
        number = links.versions.find(version)
        if number is None:
            return ()
        return [
            edge
            for other in dict.fromkeys(links.columns_by[number])
            for edge in self._columns(links.versions[other], other, number)
        ]

    def revised(self, version: Version) -> Revised | None:
        number = self.links.versions.find(version)
        return None if number is None else self._revised(number)

    def revised_by(self, version: Version) -> Sequence[Revised]:
        number = self.links.versions.find(version)
        found = () if number is None else self.links.revised_by(number)
        return [edge for edge in map(self._revised, found) if edge is not None]

    def same(self, version: Version) -> SameContent | None:
        number = self.links.versions.find(version)
        return None if number is None else self._same(number)

    def copies(self, version: Version) -> Sequence[SameContent]:
        number = self.links.versions.find(version)
        found = () if number is None else self.links.copies(number)
        return [edge for edge in map(self._same, found) if edge is not None]

    def made_by(self, run: Run) -> Sequence[Version]:
        return self._row(self.links.runs.find(run), self.links.made)

    def outside(self, artifact: Artifact) -> Sequence[Version]:
        return self._row(self.links.artifacts.find(artifact), self.links.outside)

    def standing(self, name: Artifact) -> Sequence[VersionNode]:
        links = self.links
        number = links.artifacts.find(name)
        found = () if number is None else links.standing[number]
        nodes = (self.node(links.versions[item], item) for item in found)
        return [node for node in nodes if node is not None]

    def current(self, name: Artifact, until: int) -> Version | None:
        number = self.links.artifacts.find(name)
        parts = () if number is None else self._positions.newest_first(number, until)
        newest = [self._place(at) for at in (next(part, None) for part in parts) if at is not None]
        return max(newest)[-1] if newest else None

    def _place(self, at: At) -> tuple[int, int, Run, str, Artifact, Version]:
        """What decides which of two versions is the newer on a timeline; the version comes last."""
        links, version = self.links, self.links.versions[at.version]
        record, run = links.version.present(at.version), links.runs[links.run_of(at.version)]
        declared = version.declared or ""
        return at.stands, record.begins or 0, run, declared, version.artifact, version

    def runs_of(self, job: Job) -> Sequence[Run]:
        number = self.links.jobs.find(job)
        found = () if number is None else self.links.executed[number]
        return [self.links.runs[item] for item in found]

    def children(self, run: Run) -> Sequence[Run]:
        number = self.links.runs.find(run)
        found = () if number is None else self.links.children[number]
        return [self.links.runs[item] for item in found]

    def made_from(self, version: Version) -> Iterator[Declared]:
        number = self.links.versions.find(version)
        found = () if number is None else self.links.static_from(number)
        return map(self.declared, found)

    def made_into(self, version: Version) -> Iterator[Declared]:
        number = self.links.versions.find(version)
        found = () if number is None else self.links.static_to(number)
        return map(self.declared, found)

    def declaring(self, artifact: Artifact) -> Sequence[Job]:
        links = self.links
        number = links.artifacts.find(artifact)
        found = () if number is None else {*links.makers[number], *links.takers[number]}
        return sorted(links.jobs[item] for item in found)

    def with_digest(self, digest: str) -> Sequence[VersionNode]:
        versions = self.links.versions
        nodes = (self.node(versions[item], item) for item in self.numbers_with(digest))
        return [node for node in nodes if node is not None and node.digest == digest]

    def numbers_with(self, digest: str) -> Sequence[int]:
        """At least the versions with this content, by reference."""
        instead = self.overlay.digests.get(digest)
        if instead is not None:
            return instead
        wanted = mark(digest)
        place = bisect_left(self._digests, wanted)
        found: list[int] = []
        while place < len(self._digests) and self._digests[place] == wanted:
            found += self._with_digest[place]
            place += 1
        return found

    def artifacts(self) -> Iterable[Artifact]:
        links = self.links
        return sorted(
            artifact
            for number, artifact in enumerate(links.artifacts)
            if links.artifact_kind[number] != GONE
        )

    def jobs(self) -> Iterable[Job]:
        return sorted(self.links.jobs)

    def runs(self) -> Iterable[RunNode]:
        return filter(None, map(self.run, self.links.runs))

    def versions(self) -> Iterable[VersionNode]:
        return filter(None, map(self.version, self.links.versions))

    def artifacts_called(self, text: str) -> Iterable[Artifact]:
        called = self.links.artifacts_called(text)
        return sorted(artifact for artifact in called if self.artifact(artifact) is not None)

    def jobs_called(self, text: str) -> Iterable[Job]:
        return sorted(self.links.jobs_called(text))

    def runs_called(self, prefix: str) -> Iterable[Run]:
        return sorted(run for run in self.links.runs_called(prefix) if self.run(run) is not None)

    def trace(
        self,
        root: Version | Run,
        *,
        revisions: str = CARRIED,
        limits: Limits = UNLIMITED,
        visible: Visible = everything,
    ) -> Answer:
        number = self._number(root)
        if number is None:
            return traverse.trace(self, root, revisions=revisions, limits=limits, visible=visible)
        start = self.links.used[number] if isinstance(root, Run) else [number]
        found = self._walk(root, number, start, revisions, limits, visible, upstream=True)
        follows = FOLLOWS[revisions]
        return answer(self, root, found, follows=follows, limits=limits, upstream=True)

    def impact(
        self,
        root: Version | Run,
        *,
        revisions: str = CARRIED,
        limits: Limits = UNLIMITED,
        visible: Visible = everything,
    ) -> Answer:
        number = self._number(root)
        if number is None:
            return traverse.impact(self, root, revisions=revisions, limits=limits, visible=visible)
        start = self.links.made[number] if isinstance(root, Run) else [number]
        found = self._walk(root, number, start, revisions, limits, visible, upstream=False)
        follows = FOLLOWS[revisions]
        drawn = answer(self, root, found, follows=follows, limits=limits, upstream=False)
        drawn.reach = reach(self.links, found, isinstance(root, Run), number)
        return drawn

    def _number(self, root: Version | Run) -> int | None:
        if isinstance(root, Version):
            number = self.links.versions.find(root)
            return None if number is None or self.links.version[number] is None else number
        return None if self.run(root) is None else self.links.runs.find(root)

    def _walk(
        self,
        root: Version | Run,
        number: int,
        start: Sequence[int],
        revisions: str,
        limits: Limits,
        visible: Visible,
        *,
        upstream: bool,
    ) -> Found:
        top = number if isinstance(root, Run) else None
        follows = FOLLOWS[revisions]
        most = walking.WARM_VERSIONS_MAX if "_wide" in vars(self) else walking.VERSIONS_MAX
        walker = Walker(self.links, follows, limits, self._sees(visible), most=most)
        try:
            return walker.trace(start, top) if upstream else walker.impact(start, top)
        except TooLarge:
            return self._wide.sweep(
                start, top, follows=follows, limits=limits, visible=visible, upstream=upstream
            )

    def _sees(self, visible: Visible) -> Callable[[int], bool]:
        links = self.links
        decide = cache(lambda artifact: visible(links.artifacts[artifact]))
        return lambda version: decide(links.artifact_of(version))

    @cached_property
    def _labels(self) -> Mapping[str, Mapping[str, Label]]:
        return _labels(self.sections.whole("labels"))

    @cached_property
    def _wide(self) -> Wide:
        from headwater.index.wide import Wide

        return Wide(self.links)

    def _row(self, number: int | None, relation: Relation) -> list[Version]:
        return [] if number is None else [self.links.versions[item] for item in relation[number]]

    def used_in(
        self, run: Run, number: int, named: Named | None = None
    ) -> Iterator[tuple[Used, int]]:
        """What the run with this number read, each with the number of the version.

        `named` gives the version with a number, where it is known already.
        """
        named = named or self.links.versions.__getitem__
        record = self.links.run[number]
        if record is not None:
            row = self.links.used[number]
            for target, said in zip(row, records.USED.unpack(record.used), strict=True):
                yield records.read_used(run, named(target), said), target

    def derived_in(
        self, version: Version, number: int, named: Named | None = None
    ) -> Iterator[tuple[Derived, int]]:
        """What the version with this number derives from, each with the number of the source."""
        named = named or self.links.versions.__getitem__
        record = self.links.version[number]
        if record is None:
            return
        row = self.links.derived[number]
        said = records.DERIVED.unpack(record.derived)
        for target, words in zip(row, said, strict=True):
            yield records.read_derived(version, named(target), words), target

    def _columns(self, version: Version, number: int, to: int | None) -> Iterator[ColumnDerived]:
        record = self.links.version[number]
        if record is None:
            return
        row = self.links.columns[number]
        said = records.COLUMNS.unpack(record.columns)
        for target, words in zip(row, said, strict=True):
            if to is None or target == to:
                yield records.read_column(version, self.links.versions[target], words)

    def _revised(self, number: int) -> Revised | None:
        links = self.links
        before = links.revised(number)
        if before < 0:
            return None
        return Revised(
            version=links.versions[number],
            before=links.versions[before],
            carries=links.carries(number),
        )

    def _same(self, number: int) -> SameContent | None:
        links = self.links
        original = links.same(number)
        if original < 0:
            return None
        return SameContent(version=links.versions[number], original=links.versions[original])

    def declared(self, static: Static) -> Declared:
        links = self.links
        return Declared(
            links.versions[static.version], links.jobs[static.job], links.versions[static.source]
        )
