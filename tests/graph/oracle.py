"""A naive resolver, written straight from the rules: lists, `sorted`, no index, no haste.

`oracle` takes plain events and returns the facts of the graph. What it shares with the product
is the identities of `headwater.refs`, nothing else; so projection is tested with resolution.
"""

from __future__ import annotations

from typing import Any

from headwater.refs import Artifact, Column, Job, Run, Version
from tests.graph.oracle_derivation import Derivation
from tests.graph.oracle_reads import Read
from tests.graph.oracle_writes import Write
from tests.graph.told import Json, Mention, age

Fact = tuple[Any, ...]


def oracle(events: list[Json]) -> set[Fact]:
    """Resolve events into facts, each a tuple whose first item is its kind.

    version: version, begins, attempted, open, names, declared, digest, kind, source, origin known ·
    run: run, state, started, ended, parents · used: run, version, name, rule, evidence, exactness,
    candidates, open writers · derived: version, source, evidence, exactness · column: column,
    source, direct, kind, masking · revised: version, before, carries · same_content: version,
    original · job: job, inputs, outputs · artifact: artifact, kind, source.
    Sets stand as sorted tuples; jobs and artifacts of which nothing is said are left out.
    """
    return Oracle(events).facts()


class Oracle(Derivation):
    """The graph as facts."""

    def facts(self) -> set[Fact]:
        """Everything, as tuples."""
        return {
            *self._run_facts(),
            *self._used_facts(),
            *self._version_facts(),
            *self._column_facts(),
            *self._outside_facts(),
            *self._static_facts(),
        }

    def _run_facts(self) -> list[Fact]:
        return [
            ("run", run, *self.state(run), tuple(sorted(self.parents(run)))) for run in self.runs
        ]

    def _used_facts(self) -> list[Fact]:
        """What was only inferred gives way to the same edge where it was said."""
        found: list[Fact] = []
        for run in self.runs:
            for read in self.reads(run):
                own = self.own_written(read) if read.renames is not None else None
                for bound in [] if read.back or own else self.bind(read, self.when(read), run):
                    writers: tuple[Run, ...] = ()
                    if bound.binding in ("as_of", "unknown"):
                        writers = self.open_writers(read, self.when(read))
                    found.append(
                        ("used", run, bound.version, read.artifact, bound.binding, bound.evidence,
                         bound.exactness, bound.candidates, writers)
                    )  # fmt: skip
        said = [edge[:4] for edge in found if edge[5] == "captured"]
        return [edge for edge in found if edge[5] == "captured" or edge[:4] not in said]

    def open_writers(self, read: Read, time: int) -> tuple[Run, ...]:
        """Rule 4: runs that mentioned it as output before and never ended."""
        names = self._read_names(read)
        return tuple(
            sorted(
                {
                    each.run
                    for each in self.told.mentions
                    if each.role == "output"
                    and each.time < time
                    and each.run != read.run
                    and self.state(each.run)[2] is None
                    and self.names_of(each.run, each.artifact, "output", each.time) & names
                }
            )
        )

    def _version_facts(self) -> list[Fact]:
        found: list[Fact] = []
        for write in self.versions:
            found.append(
                ("version", write.version, write.begins, write.attempted, write.open,
                 tuple(sorted(write.names)), write.declared, write.digest, self.kind(write),
                 self.is_source(write.artifact), self.origin_is_known(write),
                 () if write.attempted else self.joined(write), self.sourceless(write))
            )  # fmt: skip
            for source, (exactness, evidence) in self.sources(write).items():
                found.append(("derived", write.version, source, evidence, exactness))
            before = None if write.attempted else self.before(write)
            if before is not None:
                found.append(("revised", write.version, before, self.carries(write)))
        return found

    def origin_is_known(self, write: Write) -> bool:
        """Whether the run names an input, inherits some, or a statement says that it has none."""
        said = self.statement(write)
        return (
            bool(self.reads(write.run))
            or bool(self.inherits(write) and self.enclosing_reads(write))
            or (said is not None and said.known_none)
        )

    def _column_facts(self) -> list[Fact]:
        found: list[Fact] = []
        for write in self.versions:
            said = self.statement(write)
            refined = self.refinement(write)
            fields = refined.fields if refined is not None else said.fields if said else ()
            derived = self.sources(write)
            for column, source, at, transformations in fields:
                own = self.own_source(write, source)
                meant = self._versions_of(write, source)
                if own is not None and own.version in derived:
                    meant = [own.version]
                for version in meant:
                    to, origin = Column(write.version, column), Column(version, at)
                    for direct, kind, masking in _kinds(transformations):
                        found.append(
                            ("column", to, origin, direct and column != "*", kind, masking)
                        )
        return found

    def _versions_of(self, write: Write, source: Artifact) -> list[Version]:
        found = []
        for read in self.plain_or_renaming(write):
            if read.artifact == source and self.exactness(write, read) is not None:
                own = self.own_written(read) if read.renames is not None else None
                bound = [] if own else self.bind(read, self.when(read), read.run)
                found += [own.version] if own else [each.version for each in bound]
        return found

    def _outside_facts(self) -> list[Fact]:
        found: list[Fact] = []
        listed = {
            Version(name)
            for job in {each.job for each in self.told.definitions}
            for which in ("inputs", "outputs")
            for name in self._list(job, which) or ()
        }
        bound = {to for to, _, _ in self.bindings if to.run is None}
        for version in sorted(bound | listed, key=str):
            name = version.artifact
            found.append(
                ("version", version, None, False, False, (name,), version.declared,
                 version.digest or self._digest_of_readers(version), self.artifact_kind(name),
                 self.is_source(name), False, (), ())
            )  # fmt: skip
            original = self.original(version)
            if original is not None:
                found.append(("same_content", version, original))
        return found

    def _static_facts(self) -> list[Fact]:
        found: list[Fact] = []
        for job in sorted({each.job for each in self.told.definitions}):
            lists = (self._list(job, "inputs"), self._list(job, "outputs"))
            if lists != (None, None):
                found.append(("job", job, *lists))
        told: list[Any] = [*self.told.mentions, *self.told.descriptions]
        for name in sorted({each.artifact for each in told}):
            kind, source = self.artifact_kind(name), self.is_source(name)
            if kind is not None or source:
                found.append(("artifact", name, kind, source))
        return found

    def _list(self, job: Job, which: str) -> tuple[Artifact, ...] | None:
        lists = sorted(
            (each.time, getattr(each, f"{which}_sha"), getattr(each, which))
            for each in self.told.definitions
            if each.job == job and getattr(each, which) is not None
        )
        return tuple(sorted(set(lists[-1][-1]))) if lists else None

    def is_source(self, name: Artifact) -> bool:
        """Whether the newest of the standing policies that have the key says so."""
        told: list[Any] = [*self.told.mentions, *self.told.descriptions]
        speakers: dict[Any, list[Any]] = {}
        for each in told:
            if each.artifact == name and "headwater_policy" in each.facets:
                speaker = (each.run, each.role) if isinstance(each, Mention) else None
                speakers.setdefault(speaker, []).append(each.facets["headwater_policy"])
        standing = [max(all_said, key=age) for all_said in speakers.values()]
        said = [each for each in standing if not each.deleted and "source" in each.value]
        newest_said = max(said, key=lambda each: (each.time, each.sha), default=None)
        return newest_said is not None and newest_said.value["source"] is True


def _kinds(transformations: list[Json] | None) -> list[tuple[bool, str, bool]]:
    if not transformations:
        return [(True, "transformation", False)]
    return [
        (
            str(each["type"]).upper() == "DIRECT",
            str(each.get("subtype") or "transformation").lower(),
            bool(each.get("masking")),
        )
        for each in transformations
    ]
