"""A new index from one before and some runs that were weighed again: rows and records in place.

Everything is written into a copy of the overlay. Edges have two ends: the row of the thing that
owns them is replaced, the rows at their other end are changed by what came and went.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from headwater.claims.model import Claim, Mentioned
from headwater.graph.columns import column_edges
from headwater.graph.model import ColumnDerived, Derived, Used
from headwater.graph.nodes import claimed_version, made_node, run_node
from headwater.graph.support import RunSupport, WriteSupport, run_support, write_support
from headwater.graph.weigh import Weighed
from headwater.graph.writes import Made
from headwater.index import records
from headwater.index.contents import Contents
from headwater.index.descriptions import Descriptions
from headwater.index.entries import Entries
from headwater.index.index import Index
from headwater.index.links import CARRIES
from headwater.index.overlay import Standing
from headwater.index.positions import standings
from headwater.index.rows import Key, Rows
from headwater.index.supports import Supports
from headwater.index.tables import mark
from headwater.refs import Artifact, Run, Version

E = TypeVar("E")
K = TypeVar("K")


class Draft:
    """Written in this order: runs and what they made, then what lies outside, then descriptions."""

    def __init__(self, index: Index, entries: Entries, weighed: Weighed) -> None:
        self.overlay = index.overlay.copy()
        self.index = Index(index.sections, self.overlay)
        self.links = self.index.links
        self.supports = Supports(index.sections, self.overlay)
        self.weighed = weighed
        self.contents = Contents(self.index, self.supports)
        self.descriptions = Descriptions(self.index, self.supports, entries)
        links = self.links
        self._used_by = self._rows("used.by")
        self._derived_by = self._rows("derived.by")
        self._columns_by = self._rows("columns.by")
        self._standing = self._rows("artifacts.standing", self._age)
        self._ended = self._rows("artifacts.ended", self._age)
        self._unended = self._rows("artifacts.unended")
        self._children = self._rows("runs.children", links.runs.__getitem__)
        self._executed = self._rows("jobs.runs", self._start)
        self._after = self._rows("revised.after")
        self._own_spans: set[int] = set()
        self._own_keys: set[int] = set()
        self._gone: dict[int, set[int]] = defaultdict(set)
        self._come: dict[int, list[Standing]] = defaultdict(list)

    def finish(self, new: Sequence[Claim], unsettled: Collection[Artifact]) -> Index:
        """The index of everything."""
        weighed = self.weighed
        ordinals = self._count(new)
        now = run_support(weighed)
        used = _by(weighed.derivation.used, lambda edge: edge.run)
        derived = _by(weighed.derivation.derived(), lambda edge: edge.version)
        columns = _by(column_edges(weighed.derivation), lambda edge: edge.column.version)
        for run in weighed.gathered.runs:
            number = self.links.runs.add(run)
            before = self.supports.runs[number] or RunSupport()
            known = self._known_ordinals(run, number, before, ordinals)
            self._replace_versions(run, number, derived, columns, known)
            self._replace_run(run, number, used.get(run, []))
            self._replace_support(run, number, before, now[run], known)
        for rows in (self._used_by, self._derived_by, self._columns_by, self._standing,
                     self._ended, self._unended, self._children, self._executed,
                     self._after):  # fmt: skip
            rows.write()
        self._leave_positions()
        self._leave_footprints()
        self.contents.note_sizes(new)
        jobs = self.descriptions.restate_jobs(new)
        self.contents.touch(jobs)
        self.contents.settle()
        names = {version.artifact for version in self.contents.appeared}
        self.descriptions.restate_artifacts(new, names)
        self.descriptions.settle_names(weighed.names.statements, unsettled)
        self.descriptions.count(ordinals)
        return Index(self.index.sections, self.overlay)

    def _rows(self, name: str, key: Key | None = None) -> Rows:
        return Rows(self.links.relation(name), self.overlay.rows[name], key)

    def _age(self, version: int) -> tuple[object, ...]:
        """As `graph.adjacency.age` has it."""
        links, record = self.links, self.links.version.present(version)
        run, artifact = links.runs[links.run_of(version)], links.artifact_of(version)
        return record.begins or 0, run, record.ordinal or 0, links.artifacts[artifact]

    def _start(self, run: int) -> tuple[int, Run]:
        return self.links.run.present(run).started, self.links.runs[run]

    def _count(self, new: Sequence[Claim]) -> dict[Version, int]:
        """The ordinals of versions that the new claims are the first to claim."""
        counts: dict[Artifact, int] = {}
        found: dict[Version, int] = {}
        outputs = [
            claim for claim in new if isinstance(claim, Mentioned) and claim.role == "output"
        ]
        for mention in sorted(outputs, key=lambda mention: (mention.entry, mention.place)):
            version, name = claimed_version(mention), mention.artifact
            if version in found or self._ordinal(version) is not None:
                continue
            counts[name] = counts.get(name, self.descriptions.ordinals(name)) + 1
            found[version] = counts[name]
        return found

    def _ordinal(self, version: Version) -> int | None:
        number = self.links.versions.find(version)
        record = None if number is None else self.links.version[number]
        if record is not None:
            return record.ordinal
        run = None if version.run is None else self.links.runs.find(version.run)
        said = None if run is None else self.supports.runs[run]
        return dict(() if said is None else said.unborn).get(version)

    def _known_ordinals(
        self, run: Run, number: int, before: RunSupport, new: Mapping[Version, int]
    ) -> dict[Version, int]:
        """The ordinals of all versions that the run ever claimed."""
        known = dict(before.unborn)
        for version in self.links.made[number]:
            ordinal = self.links.version.present(version).ordinal
            if ordinal is not None:
                known[self.links.versions[version]] = ordinal
        for made in self.weighed.gathered.runs[run].outputs.values():
            for mention in made:
                version_of = claimed_version(mention)
                if version_of in new:
                    known[version_of] = new[version_of]
        return known

    def _replace_versions(
        self,
        run: Run,
        number: int,
        derived: Mapping[Version, list[Derived]],
        columns: Mapping[Version, list[ColumnDerived]],
        ordinals: Mapping[Version, int],
    ) -> None:
        versions = self.links.versions
        before = list(self.links.made[number])
        made_by = self.weighed.writes.of_run.get(run, [])
        after = {versions.add(made.version): made for made in made_by}
        for version in {*before} - {*after}:
            self._write(version, None, (), ())
        for version, made in after.items():
            self._write(
                version, made, derived.get(made.version, ()), columns.get(made.version, ()),
                ordinals.get(made.version),
            )  # fmt: skip
        self.overlay.rows["runs.made"][number] = sorted(
            after, key=lambda item: str(after[item].version)
        )

    def _write(
        self,
        number: int,
        made: Made | None,
        derived: Sequence[Derived],
        columns: Sequence[ColumnDerived],
        ordinal: int | None = None,
    ) -> None:
        """Put a version in place, or nothing where its run makes it no more."""
        links, overlay = self.links, self.overlay
        old = links.version[number]
        names_before, ended_before = self._names(number)
        said = None
        record = None
        if made is not None:
            said = write_support(made)
            node = made_node(made, self.weighed.timelines, self.weighed.derivation)
            node.ordinal = ordinal
            record = records.record_version(node, derived, columns, kind=made.kind)
            self._place(number, made)
        overlay.version[number] = record
        overlay.past_version[number] = said
        names, ended = self._names(number)
        new = links.version[number]
        for name in names_before:
            self._gone[name].add(number)
        if made is not None and record is not None and said is not None:
            for artifact, standing in standings(made.version, record, said, number):
                self._come[links.artifacts.add(artifact)].append(standing)
        aged = old is not None and new is not None and old.begins != new.begins
        if aged:
            for name in names_before:
                self._standing.take(name, number)
            for name in ended_before:
                self._ended.take(name, number)
            names_before, ended_before = [], []
        self._standing.move(number, names_before, names)
        self._ended.move(number, ended_before, ended)
        self._edges("derived", self._derived_by, number, [edge.source for edge in derived])
        self._edges("columns", self._columns_by, number, [edge.source.version for edge in columns])
        self._revise(number, None if made is None else made.version)
        self.contents.replaced(number, old, new)

    def _place(self, number: int, made: Made) -> None:
        """Say of which artifact and run the version is, and of which kind."""
        columns, links = self.overlay.columns, self.links
        columns["versions.artifact"][number] = links.artifacts.add(made.artifact)
        columns["versions.run"][number] = links.runs.add(made.run.run)
        columns["versions.kind"][number] = self.descriptions.kind(made.kind)

    def _names(self, number: int) -> tuple[list[int], list[int]]:
        """The names on which a version stands, and those that its RENAMEs ended."""
        artifacts = self.links.artifacts
        record, said = self.links.version[number], self.supports.versions[number]
        if record is None:
            return [], []
        names = record.names or (self.links.versions[number].artifact,)
        every = dict.fromkeys((*names, *(name for name, _ in record.joined)))
        ended = [name for name, _ in said.renames] if isinstance(said, WriteSupport) else []
        return list(map(artifacts.add, every)), list(map(artifacts.add, ended))

    def _edges(self, name: str, inverse: Rows, owner: int, ends: Iterable[Version]) -> None:
        """Replace a row, and change those at the other end."""
        row = list(map(self.links.versions.add, ends))
        before = self.links.relation(name)[owner]
        inverse.move(owner, before, row)
        self.overlay.rows[name][owner] = row
        self.contents.touch([*before, *row])

    def _revise(self, number: int, version: Version | None) -> None:
        edge = None if version is None else self.weighed.revised.get(version)
        before = self.links.revised(number)
        after = -1 if edge is None else self.links.versions.add(edge.before)
        self._after.move(
            number, [] if before < 0 else [before], [] if after < 0 else [after]
        )  # fmt: skip
        self.overlay.columns["revised.before"][number] = after
        carries = 0 if edge is None else CARRIES.index(edge.carries)
        self.overlay.columns["versions.carries"][number] = carries

    def _replace_run(self, run: Run, number: int, used: list[Used]) -> None:
        links = self.links
        old = links.run[number]
        node = run_node(self.weighed.gathered.runs[run], self.weighed.writes)
        self.overlay.run[number] = records.record_run(node, used)
        parents = [] if old is None else [links.runs.add(parent) for parent in old.parents]
        self._children.move(number, parents, list(map(links.runs.add, node.parents)))
        self._edges("used", self._used_by, number, [edge.version for edge in used])
        job = links.jobs.add(run.job)
        if old is None or old.started != node.started:
            if old is not None:
                self._executed.take(job, number)
            self._executed.put(job, number)

    def _replace_support(
        self,
        run: Run,
        number: int,
        before: RunSupport,
        now: RunSupport,
        ordinals: Mapping[Version, int],
    ) -> None:
        born = {made.version for made in self.weighed.writes.of_run.get(run, ())}
        unborn = tuple((version, said) for version, said in ordinals.items() if version not in born)
        self.overlay.past_run[number] = msgspec.structs.replace(now, unborn=unborn)
        add = self.links.artifacts.add
        self._unended.move(
            number,
            [add(name) for name, _ in before.unended],
            [add(name) for name, _ in now.unended],
        )
        for sentences, more in ((before.warnings, -1), (now.warnings, 1)):
            for sentence in sentences:
                self.overlay.warnings[sentence] = self.overlay.warnings.get(sentence, 0) + more
        self.contents.resized(before.small, now.small)
        self.contents.reached(before.reached, now.reached)

    def _leave_positions(self) -> None:
        """Put what the weighed runs leave on timelines in place of what they left before."""
        positions = self.overlay.positions
        for name in {*self._gone, *self._come}:
            gone = self._gone.get(name, ())
            kept = [item for item in positions.get(name, ()) if item.number not in gone]
            positions[name] = sorted([*kept, *self._come.get(name, ())])

    def _leave_footprints(self) -> None:
        """Put the footprints of the weighed runs in place of those that they left before."""
        overlay, add = self.overlay, self.links.artifacts.add
        footprints = self.weighed.footprints
        for run in self.weighed.gathered.runs:
            number = self.links.runs.add(run)
            for name in overlay.asking.get(number, ()):
                self._spans(name).pop(number, None)
                self._keys(name).pop(number, None)
            names = set()
            for artifact, span in footprints.spans.get(run, {}).items():
                name = add(artifact)
                self._spans(name)[number] = (span.first, span.last)
                names.add(name)
            for artifact, key in footprints.keys.get(run, ()):
                name = add(artifact)
                self._keys(name).setdefault(number, []).append(mark(key))
                names.add(name)
            overlay.asking[number] = sorted(names)

    def _spans(self, name: int) -> dict[int, tuple[int, int]]:
        """Those on a name, to be changed: copied from the overlay before at first."""
        if name not in self._own_spans:
            self._own_spans.add(name)
            self.overlay.spans[name] = dict(self.overlay.spans.get(name, {}))
        return self.overlay.spans[name]

    def _keys(self, name: int) -> dict[int, list[int]]:
        """Likewise."""
        if name not in self._own_keys:
            self._own_keys.add(name)
            self.overlay.keys[name] = dict(self.overlay.keys.get(name, {}))
        return self.overlay.keys[name]


def _by(edges: Iterable[E], owner: Callable[[E], K]) -> dict[K, list[E]]:
    """Edges by the things that own them."""
    found: dict[K, list[E]] = defaultdict(list)
    for edge in edges:
        found[owner(edge)].append(edge)
    return found
