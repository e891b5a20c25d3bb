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
    entries_of,
    loops,
    own_entries,
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
        "facets",
        "first",
        "names",
        "run",
        "said_in",
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
        self.said_in: tuple[int, ...] = ()


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
        static = {job: self._job_lineage(job) for job in gathered.jobs}
        for run in gathered.runs.values():
            own = own_entries(run)
            self._state(run, own, static.get(run.run.job, {}))
            reads = list(self._reads(run, own))
            if reads:
                self.names_input.add(run.run)
            self.of_run[run.run] = reads

    def _state(self, run: RunSaid, own: dict[Artifact, Any], static: dict[Artifact, Any]) -> None:
        made_by = self._writes.of_run.get(run.run, [])
        for made in made_by:
            self.statements[made.version] = statement_of(made, own, static)
        self.loops |= loops(made_by, self.statements, self._writes)

    def _job_lineage(self, job: Job) -> dict[Artifact, Any]:
        """The entries in the newest `lineage` facet of the job's static events."""
        facets = Statements()
        for defined in self._gathered.jobs[job]:
            facets.add(defined.facets, defined.time, defined.entry)
        return entries_of(facets.read("lineage"))

    def _reads(self, run: RunSaid, own: dict[Artifact, Any]) -> Iterator[Read]:
        mentions: dict[Artifact, list[_Mention]] = defaultdict(list)
        for artifact, said in run.inputs.items():
            mentions[artifact] += [_of_input(mention) for mention in said]
        before = {
            (version.artifact, source) for version, source in self.loops if version.run == run.run
        }
        about_itself = set()
        for target, source, mention in self._stated(run, own):
            if target == source or (target, source) in before:
                about_itself.add(source)
            elif self._means_own(run.run, target, source):
                continue
            mentions[source].append(mention)
        written = self._written(run)
        for artifact in sorted(mentions):
            for read in self._group(run, artifact, mentions[artifact]):
                read.back = artifact not in about_itself and self._is_back(read, written)
                yield read

    def _means_own(self, run: Run, target: Artifact, source: Artifact) -> bool:
        """Whether the run had made the source itself by the time it made the target."""
        targets = self._writes.of.get((run, target), ())
        return (run, source) in self._writes.of and all(
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
                read.facets.add(mention.said.facets, mention.time, mention.said.entry)
        read.said_in = tuple(sorted({item.said.entry for item in mentions if item.said}))
        names = own_names(artifact, run.inputs.get(artifact, []))
        read.names = self._names.at(artifact, read.time) if names is None else names
        return read

    def _written(self, run: RunSaid) -> dict[Artifact, list[tuple[int, Artifact]]]:
        """What the run mentions as outputs, by each of their names: since when, and which."""
        written: dict[Artifact, list[tuple[int, Artifact]]] = defaultdict(list)
        for artifact, mentions in run.outputs.items():
            first = min(mention.time for mention in mentions)
            for name in self._writes.names_of(run, artifact, first):
                written[name].append((first, artifact))
        return written

    def _is_back(self, read: Read, written: dict[Artifact, list[tuple[int, Artifact]]]) -> bool:
        marked = read.facets.read("headwater_read")
        if marked is not None and marked.own:
            return True
        return any(
            first < read.first and self._may_be_own(read, artifact)
            for name in read.names
            for first, artifact in written.get(name, ())
        )

    def _may_be_own(self, read: Read, artifact: Artifact) -> bool:
        """Whether a read by id or content can be of what the run itself wrote."""
        own = self._writes.of.get((read.run.run, artifact), ())
        if read.declared is not None:
            return any(made.declared == read.declared for made in own)
        if read.digest is not None:
            return any(made.digest in (None, read.digest) for made in own)
        return True

    def _stated(
        self, run: RunSaid, own: dict[Artifact, Any]
    ) -> Iterator[tuple[Artifact, Artifact, _Mention]]:
        """Datasets named in the newest lineage statements, each at its first mention."""
        yield from _stated_by_run(run, own)
        for artifact, outputs in run.outputs.items():
            groups = self._writes.of.get((run.run, artifact)) or [Made(run, artifact, outputs)]
            for facet in ("columnLineage", "lineage"):
                standing = {
                    source
                    for made in groups
                    for source in _dataset_sources(facet, made.read(facet))
                }
                if standing:
                    first = _first_named(outputs, facet)
                    for source in sorted(standing):
                        yield artifact, source, first[source]


def _stated_by_run(
    run: RunSaid, own: dict[Artifact, Any]
) -> Iterator[tuple[Artifact, Artifact, _Mention]]:
    standing = {
        (target, source)
        for target, entry in own.items()
        for source in statement_target(entry).every
    }
    if not standing:
        return
    first: dict[tuple[Artifact, Artifact], int] = {}
    for time, stated in run.lineage:
        for target, entry in entries_of(value_of(stated)).items():
            for source in statement_target(entry).every:
                first[target, source] = min(time, first.get((target, source), time))
    ends = {time for _, time, _ in run.terminals}
    for target, source in sorted(standing):
        time = first[target, source]
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


def _first_named(outputs: list[Mentioned], facet: str) -> dict[Artifact, _Mention]:
    """Every dataset that this facet of this output ever named, at the earliest event."""
    first: dict[Artifact, _Mention] = {}
    for mention in sorted(outputs, key=lambda mention: (mention.time, not mention.terminal)):
        for source in _dataset_sources(facet, facet_of(mention, facet)):
            first.setdefault(source, _Mention(mention.time, mention.terminal, None, None, None))
    return first
