"""The state of the ledger at a point in time: what every answer is asked of."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from headwater.errors import InvalidReference
from headwater.graph.model import RULES, Graph, VersionNode
from headwater.graph.traverse import Adjacency
from headwater.ledger.checkpoint import Checkpoint
from headwater.openlineage.times import microseconds
from headwater.query.principal import Principal
from headwater.refs import Artifact, Job, Run, Version
from headwater.store import Store
from headwater.store.index import graph_at

DAY_MICROSECONDS = 86_400_000_000
_DATE_CHARS = len("2026-11-01")


def moment(text: str) -> int:
    """Read a time typed by a person, µs UTC. A day alone means its end.

    Raises `InvalidReference` for text that is no time.
    """
    try:
        if len(text) == _DATE_CHARS:
            return microseconds(f"{text}T00:00:00Z")[0] + DAY_MICROSECONDS - 1
        return microseconds(text)[0]
    except ValueError as error:
        raise InvalidReference(
            f"{text!r} is no time", remedy="write 2026-11-01 or 2026-11-01T12:00:00Z"
        ) from error


class Snapshot:
    """The resolved graph as known at a size, seen by a principal, with indexes over it."""

    def __init__(self, store: Store, principal: Principal, at: str | None) -> None:
        self.store = store
        self.principal = principal
        self.head: Checkpoint = store.head()
        self.size = self.head.size if at is None else self._size(at)
        self.graph: Graph = graph_at(store, self.size, self.head)

    def _size(self, at: str) -> int:
        text = at.removeprefix("@")
        if text.isascii() and text.isdigit():
            if int(text) > self.head.size:
                raise InvalidReference(
                    f"the ledger has {self.head.size} entries, not {text}",
                    remedy="--at takes a size up to the ledger's, or a time",
                )
            return int(text)
        return self.store.size_at(moment(text))

    @cached_property
    def adjacency(self) -> Adjacency:
        """The graph's edges by both ends."""
        return Adjacency(self.graph)

    @cached_property
    def point(self) -> dict[str, Any]:
        """`head` of an answer: the size and the root that the tree had at it."""
        from base64 import b64encode

        at_head = self.size == self.head.size
        root = self.head.root if at_head else self.store.root(self.size)
        return {"size": self.size, "root": b64encode(root).decode()}

    @cached_property
    def standing(self) -> dict[Artifact, list[VersionNode]]:
        """For each name the run-made versions that carry it."""
        found: dict[Artifact, list[VersionNode]] = defaultdict(list)
        for node in self.graph.versions.values():
            for name in node.names if not node.version.outside else ():
                found[name].append(node)
        return found

    @cached_property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Every artifact that the principal may see."""
        known = {*self.graph.artifacts, *(version.artifact for version in self.graph.versions)}
        return tuple(sorted(artifact for artifact in known if self.principal.sees(artifact)))

    @cached_property
    def runs_of(self) -> dict[Job, list[Run]]:
        """The runs of each job, the earliest first."""
        found: dict[Job, list[Run]] = defaultdict(list)
        for node in sorted(self.graph.runs.values(), key=lambda node: (node.started, node.run)):
            found[node.run.job].append(node.run)
        return found

    def versions(self, artifact: Artifact) -> list[VersionNode]:
        """Run-made versions on a name, oldest first."""
        return sorted(
            self.standing.get(artifact, ()),
            key=lambda node: (
                node.begins or 0,
                node.version.run or ("", "", ""),
                node.ordinal or 0,
            ),
        )

    def outside(self, artifact: Artifact) -> list[Version]:
        """The artifact's versions of outside origin, the plain one first."""
        return sorted(self.adjacency.outside.get(artifact, ()), key=str)

    def latest(self, artifact: Artifact) -> Version:
        """The newest version, not attempted, by event time; else the one of outside origin."""
        made = self.versions(artifact)
        certain = [node for node in made if not node.attempted]
        if certain:
            return certain[-1].version
        outside = self.outside(artifact)
        if Version(artifact) in outside or len(outside) != 1:
            return made[-1].version if made and not outside else Version(artifact)
        return outside[0]

    def labels(self, reference: object) -> dict[str, list[str]]:
        """The labels of a thing, by key."""
        found = self.graph.labels.get(str(reference), {})
        return {key: list(label.values) for key, label in found.items()}

    def node(self, version: Version) -> VersionNode:
        """The version's node; one of outside origin that nothing read yet is made here."""
        found = self.graph.versions.get(version)
        if found is not None:
            return found
        artifact = self.graph.artifacts.get(version.artifact)
        return VersionNode(
            version=version,
            names=(version.artifact,),
            kind=artifact.kind if artifact else None,
            source=artifact.source if artifact else False,
            facets=artifact.facets if artifact else {},
        )

    def header(self, ask: str) -> dict[str, Any]:
        """How every answer begins."""
        return {"ask": ask, "rules": RULES, "head": self.point}
