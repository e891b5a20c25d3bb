"""What is said of artifacts and jobs whatever runs do: nodes, labels, names, what they are called.

The claims that decide it stand in few entries: those in which the newest facets are, and the new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from headwater.claims.model import Claim, Defined, Described, Labelled, Mentioned, Observed
from headwater.errors import InvalidReference
from headwater.graph.gather import Gathered, Statements, other_names
from headwater.graph.labels import standing
from headwater.graph.names import Statement, components
from headwater.graph.nodes import artifact_node
from headwater.graph.outside import static_jobs
from headwater.graph.support import ArtifactSupport, policy_entries
from headwater.index import records
from headwater.index.endings import endings
from headwater.index.entries import Entries
from headwater.index.index import Index
from headwater.index.links import GONE
from headwater.index.records import FACETS
from headwater.index.rows import Rows
from headwater.index.supports import Supports
from headwater.index.tables import Identities
from headwater.refs import Artifact, Job, Version, parse


class Descriptions:
    """Writes into the overlay of an index that is being made."""

    def __init__(self, index: Index, supports: Supports, entries: Entries) -> None:
        self._index = index
        self._links = links = index.links
        self._overlay = index.overlay
        self._supports = supports
        self._entries = entries
        self._kinds = {kind: number for number, kind in enumerate(links.kinds)}
        self._owners = {owner: number for number, owner in enumerate(links.owners)}
        self._known = len(links.artifacts), len(links.jobs)

    def kind(self, kind: str | None) -> int:
        """The number of a kind; -1 for none."""
        if kind is None:
            return -1
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = len(self._kinds)
            self._overlay.kinds.append(kind)
        return found

    def ordinals(self, name: Artifact) -> int:
        """How many ordinals the versions of an artifact have been given."""
        return self._support(self._links.artifacts.add(name)).ordinals

    def count(self, ordinals: Mapping[Version, int]) -> None:
        """Note which ordinals were given."""
        for name, more in Counter(version.artifact for version in ordinals).items():
            self._amend(name, ordinals=self.ordinals(name) + more)

    def settle_names(
        self, statements: Iterable[Statement], unsettled: Collection[Artifact]
    ) -> None:
        """Note which names are brought together now, and whether all statements agree."""
        together = components(statements) if unsettled else {}
        for name in unsettled:
            component = together.get(name)
            self._amend(
                name,
                names=() if component is None else component.names,
                agreed=component is None or component.agreed,
            )

    def restate_jobs(self, new: Sequence[Claim]) -> list[int]:
        """Put the jobs of which new claims speak in place; give the outside versions concerned."""
        spoken: dict[Job, set[int]] = defaultdict(set)
        for claim in new:
            if isinstance(claim, Observed):
                spoken[claim.run.job].add(claim.entry)
            elif isinstance(claim, Defined):
                spoken[claim.job].add(claim.entry)
        rows = {
            side: Rows(self._links.relation(f"jobs.{side}"), self._overlay.rows[f"jobs.{side}"])
            for side in ("inputs", "outputs")
        }
        touched: set[Artifact] = set()
        for job, entries in spoken.items():
            touched.update(self._restate_job(job, entries, rows))
        for changed in rows.values():
            changed.write()
        return [self._links.versions.add(Version(name)) for name in touched]

    def restate_artifacts(self, new: Sequence[Claim], others: Iterable[Artifact]) -> None:
        """Put the artifacts of which new claims or labels speak in place, and the others."""
        spoken: dict[Artifact, set[int]] = defaultdict(set)
        labelled: dict[str, set[int]] = defaultdict(set)
        for claim in new:
            if isinstance(claim, Mentioned | Described):
                for name in (claim.artifact, *other_names(claim)):
                    spoken[name].add(claim.entry)
            elif isinstance(claim, Labelled):
                labelled[claim.subject].add(claim.entry)
        for subject, entries in labelled.items():
            self._label(subject, entries)
            with suppress(InvalidReference):
                reference = parse(subject)
                if isinstance(reference, Artifact):
                    spoken.setdefault(reference, set())
        for name in others:
            spoken.setdefault(name, set())
        for name, entries in spoken.items():
            self._restate_artifact(name, entries)
        self._call("artifacts", self._links.artifacts, self._known[0])
        self._call("jobs", self._links.jobs, self._known[1])

    def _support(self, number: int) -> ArtifactSupport:
        return self._supports.artifacts[number] or ArtifactSupport()

    def _amend(self, name: Artifact, **told: object) -> None:
        number = self._links.artifacts.add(name)
        self._overlay.past_artifact[number] = msgspec.structs.replace(
            self._support(number), **told
        )  # fmt: skip

    def _restate_job(self, job: Job, entries: set[int], rows: dict[str, Rows]) -> list[Artifact]:
        number = self._links.jobs.add(job)
        old = self._links.job[number]
        facets = self._links.job_facets(number)
        deleted = self._supports.jobs[number] or {}
        wanted = {*entries, *(() if old is None else old.entries)}
        wanted.update(facet.entry for facet in (*facets.values(), *deleted.values()))
        gathered = Gathered(
            claim
            for claim in self._entries.of(wanted)
            if (isinstance(claim, Observed) and claim.run.job == job)
            or (isinstance(claim, Defined) and claim.job == job)
        )
        node = next(node for node in static_jobs(gathered) if node.job == job)
        self._overlay.job[number] = records.record_job(node)
        self._overlay.past_job[number] = gathered.job_facets[job].deleted()
        touched: list[Artifact] = []
        for side, changed in rows.items():
            before = (None if old is None else getattr(old, side)) or ()
            after = getattr(node, side) or ()
            add = self._links.artifacts.add
            changed.move(number, list(map(add, before)), list(map(add, after)))
            if before != after:
                touched += [*before, *after]
        return touched

    def _label(self, subject: str, entries: set[int]) -> None:
        every = tuple(sorted({*entries, *self._supports.labelled(subject)}))
        self._overlay.labelled[subject] = every
        self._overlay.labels[subject] = standing(self._labels(subject))

    def _labels(self, subject: str) -> list[Labelled]:
        claims = self._entries.of(self._supports.labelled(subject))
        return [
            claim for claim in claims if isinstance(claim, Labelled) and claim.subject == subject
        ]

    def _restate_artifact(self, name: Artifact, entries: set[int]) -> None:
        links, number = self._links, self._links.artifacts.add(name)
        old, support = links.artifact[number], self._support(number)
        facets = {} if old is None else FACETS.unpack(old.facets)
        wanted = {*entries, *support.policies}
        wanted.update(facet.entry for facet in (*facets.values(), *support.deleted.values()))
        gathered = Gathered([
            *(
                claim
                for claim in self._entries.of(wanted)
                if isinstance(claim, Mentioned | Described) and claim.artifact == name
            ),
            *self._labels(str(name)),
        ])  # fmt: skip
        known = links.entries[number] or ()
        every = (*known, *sorted(entries))
        overlay = self._overlay
        overlay.entries[number] = every
        if every or len(links.outside[number]):
            node = artifact_node(gathered, name, self._index.labels(str(name)))
            overlay.artifact[number] = records.record_artifact(node)
            overlay.columns["artifacts.kind"][number] = self.kind(node.kind)
            owners = [self._owner(owner) for owner in node.owners]
        else:
            overlay.artifact[number] = None
            overlay.columns["artifacts.kind"][number] = GONE
            owners = []
        overlay.rows["artifacts.owners"][number] = owners
        told = gathered.artifact_facets.get(name) or Statements()
        self._amend(name, deleted=told.deleted(), policies=policy_entries(gathered, name))

    def _owner(self, owner: str) -> int:
        found = self._owners.get(owner)
        if found is None:
            found = self._owners[owner] = len(self._owners)
            self._overlay.owners.append(owner)
        return found

    def _call(self, name: str, things: Identities[Artifact] | Identities[Job], since: int) -> None:
        """Note by what new things may be called."""
        called = self._overlay.called.setdefault(name, {})
        for number in range(since, len(things)):
            for text in {*endings(things[number])}:
                called[text] = [*called.get(text, ()), number]
            if name == "artifacts" and self._links.artifact[number] is None:
                self._overlay.columns["artifacts.kind"][number] = GONE
