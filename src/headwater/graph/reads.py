"""Rule 4, first half: what counts as one read, and when it was first mentioned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from headwater.claims.model import Mentioned
from headwater.claims.reading import facet_of, value_of
from headwater.graph.gather import Gathered, RunSaid, Statements
from headwater.graph.names import Names
from headwater.graph.statements import (
    Statement,
    column_target,
    loops,
    own_entry,
    statement_of,
    statement_target,
)
from headwater.graph.writes import Made, Writes, digest_text, own_names
from headwater.refs import Artifact, Job, Run, Version


class Read:
    """A run read an artifact: by declared id, by content, or by name alone."""

    __slots__ = (
        "artifact",
        "back",
        "bound_at",
        "declared",
        "digest",
        "entries",
        "facets",
        "first",
        "names",
        "run",
        "terminal",
        "time",
    )

    def __init__(self, run: RunSaid, artifact: Artifact) -> None:
        self.run = run
        self.artifact = artifact
        self.declared: str | None = None
        self.digest: str | None = None
        self.first = 0
        self.time = 0
        self.bound_at = 0
        self.terminal = False
        self.back = False
        self.names: frozenset[Artifact] = frozenset({artifact})
        self.facets = Statements()
        self.entries: set[int] = set()


class _Mention(NamedTuple):
    """A mention as an input, or a name in a lineage statement."""

    time: int
    terminal: bool
    declared: str | None
    digest: str | None
    said: Mentioned | None


class Reads:
    """Every read of every run."""

    def __init__(self, gathered: Gathered, writes: Writes, names: Names) -> None:
        self._gathered = gathered
        self._writes = writes
        self._names = names
        self.of_run: dict[Run, list[Read]] = {}
        self.names_input: set[Run] = set()
        self.statements: dict[Version, Statement] = {}
        self.loops: set[tuple[Version, Artifact]] = set()
        for run in gathered.runs.values():
            self._state(run)
            reads = list(self._reads(run))
            if reads:
                self.names_input.add(run.run)
            self.of_run[run.run] = reads

    def _state(self, run: RunSaid) -> None:
        made_by = self._writes.of_run.get(run.run, [])
        lineage = self._job_lineage(run.run.job) if made_by else None
        for made in made_by:
            self.statements[made.version] = statement_of(made, lineage)
        self.loops |= loops(made_by, self.statements, self._writes)

    def _job_lineage(self, job: Job) -> Any:
        """The `lineage` facet of the job's static events, the newest."""
        facets = Statements()
        for defined in self._gathered.jobs.get(job, ()):
            facets.add(defined.facets, defined.time, defined.entry)
        return facets.read("lineage")

    def _reads(self, run: RunSaid) -> Iterator[Read]:
        mentions: dict[Artifact, list[_Mention]] = defaultdict(list)
        for artifact, said in run.inputs.items():
            mentions[artifact] += [_of_input(mention) for mention in said]
        before = {
            (version.artifact, source) for version, source in self.loops if version.run == run.run
        }
        about_itself = set()
        for target, source, mention in self._stated(run):
            if target == source or (target, source) in before:
                about_itself.add(source)
            elif self._means_own(run.run, target, source):
                continue
            mentions[source].append(mention)
        for artifact in sorted(mentions):
            for read in self._group(run, artifact, mentions[artifact]):
                read.back = artifact not in about_itself and self._is_back(read)
                yield read

    def _means_own(self, run: Run, target: Artifact | None, source: Artifact) -> bool:
        """Whether the run had made the source itself by the time it made the target."""
        targets = [made for made in self._writes.of_run.get(run, ()) if made.artifact == target]
        return self._writes.makes(run, source) and all(
            self._writes.own(made, source) is not None for made in targets
        )

    def _group(self, run: RunSaid, artifact: Artifact, said: list[_Mention]) -> Iterator[Read]:
        groups: dict[tuple[str | None, str | None], list[_Mention]] = defaultdict(list)
        for mention in said:
            key = (mention.declared, None if mention.declared is not None else mention.digest)
            groups[key].append(mention)
        bare = groups.pop((None, None), [])
        if not groups:
            yield self._read(run, artifact, (None, None), bare)
            return
        earliest = min(
            groups,
            key=lambda key: (min(mention.time for mention in groups[key]), key[0] or key[1] or ""),
        )
        for key in sorted(groups, key=lambda key: (key[0] or "", key[1] or "")):
            yield self._read(
                run, artifact, key, groups[key] + bare if key == earliest else groups[key]
            )

    def _read(
        self,
        run: RunSaid,
        artifact: Artifact,
        key: tuple[str | None, str | None],
        mentions: list[_Mention],
    ) -> Read:
        read = Read(run, artifact)
        read.declared, read.digest = key
        read.first = min(mention.time for mention in mentions)
        read.terminal = any(mention.terminal for mention in mentions if mention.time == read.first)
        read.time = read.first if run.ended is None else min(read.first, run.ended)
        read.bound_at = read.time
        for mention in mentions:
            if mention.said is not None:
                read.entries.add(mention.said.entry)
                read.facets.add(mention.said.facets, mention.time, mention.said.entry)
        names = own_names(artifact, run.inputs.get(artifact, []))
        read.names = self._names.at(artifact, read.time) if names is None else names
        return read

    def _is_back(self, read: Read) -> bool:
        marked = read.facets.read("headwater_read")
        if marked is not None and marked.own:
            return True
        return any(
            first < read.first
            and read.names & self._writes.names_of(read.run, artifact, first)
            and self._may_be_own(read, artifact)
            for artifact, mentions in read.run.outputs.items()
            for first in [min(mention.time for mention in mentions)]
        )

    def _may_be_own(self, read: Read, artifact: Artifact) -> bool:
        """Whether a read by id or content can be of what the run itself wrote."""
        own = [m for m in self._writes.of_run.get(read.run.run, ()) if m.artifact == artifact]
        if read.declared is not None:
            return any(made.declared == read.declared for made in own)
        if read.digest is not None:
            return any(made.digest in (None, read.digest) for made in own)
        return True

    def _stated(self, run: RunSaid) -> Iterator[tuple[Artifact | None, Artifact, _Mention]]:
        """Datasets named in the newest lineage statements, each at its first mention."""
        yield from self._stated_by_run(run)
        for artifact, outputs in run.outputs.items():
            for made in self._groups(run, artifact):
                for facet in ("columnLineage", "lineage"):
                    standing = _dataset_sources(facet, made.read(facet))
                    for source in sorted(standing):
                        yield artifact, source, _first(outputs, facet, source)

    def _groups(self, run: RunSaid, artifact: Artifact) -> list[Made]:
        found = [made for made in self._writes.of_run.get(run.run, ()) if made.artifact == artifact]
        return found or [Made(run, artifact, run.outputs[artifact])]

    def _stated_by_run(self, run: RunSaid) -> Iterator[tuple[Artifact | None, Artifact, _Mention]]:
        targets = {target for facet in run.lineage_facets for target in _entry_targets(facet)}
        if not targets:
            return
        earlier: dict[tuple[Artifact, Artifact], int] = {}
        for time, stated in run.lineage:
            for pair in _entry_sources(value_of(stated)):
                earlier[pair] = min(time, earlier.get(pair, time))
        ends = {time for _, time, _ in run.terminals}
        for target in sorted(targets):
            entry = own_entry(run, target)
            for source in sorted(statement_target(entry).every if entry is not None else ()):
                time = earlier[target, source]
                yield target, source, _Mention(time, time in ends, None, None, None)


def _of_input(mention: Mentioned) -> _Mention:
    version = facet_of(mention, "version")
    declared = None if version is None else version.dataset_version or None
    digest = digest_text(facet_of(mention, "headwater_digest"))
    return _Mention(mention.time, mention.terminal, declared, digest, mention)


def _dataset_sources(facet: str, value: Any) -> frozenset[Artifact]:
    if value is None:
        return frozenset()
    if facet == "columnLineage":
        return frozenset(column_target(value))
    return statement_target(value).every


def _entry_targets(facet: Any) -> set[Artifact]:
    return {
        Artifact(entry.namespace, entry.name)
        for entry in getattr(facet, "entries", None) or ()
        if entry.type == "DATASET" and entry.namespace is not None and entry.name is not None
    }


def _entry_sources(facet: Any) -> set[tuple[Artifact, Artifact]]:
    return {
        (Artifact(entry.namespace, entry.name), source)
        for entry in getattr(facet, "entries", None) or ()
        if entry.type == "DATASET" and entry.namespace is not None and entry.name is not None
        for source in statement_target(entry).every
    }


def _first(outputs: list[Mentioned], facet: str, source: Artifact) -> _Mention:
    """The earliest event in which this facet of this output named the source."""
    naming = [
        mention
        for mention in outputs
        if source in _dataset_sources(facet, facet_of(mention, facet))
    ]
    first = min(naming, key=lambda mention: (mention.time, not mention.terminal))
    return _Mention(first.time, first.terminal, None, None, None)
