"""The state of the ledger at a point in time: what every answer is asked of."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import Any, cast

from headwater.errors import InvalidReference, NotFound
from headwater.graph.lineage import Lineage
from headwater.graph.model import RULES, JobNode, RunNode, VersionNode
from headwater.index.opening import lineage_at
from headwater.ledger.checkpoint import Checkpoint
from headwater.openlineage.times import microseconds
from headwater.query.principal import Principal
from headwater.query.secrecy import REDACTED_TEXT, Secrecy
from headwater.query.seeing import Seen
from headwater.refs import Artifact, Job, Run, Version
from headwater.store import Store

DAY_MICROSECONDS = 86_400_000_000
ALWAYS = 2**63 - 1
SIZE_DIGITS_MAX = 19
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


def size_at(store: Store, at: str | None) -> int:
    """Read a point in time: a ledger size or a time, as typed; None is the head.

    Raises `InvalidReference` for text that is neither, and for a size beyond the head.
    """
    if at is None:
        return store.head().size
    text = at.removeprefix("@")
    if not (text.isascii() and text.isdigit()):
        return store.size_at(moment(text))
    size = store.head().size
    if len(text) > SIZE_DIGITS_MAX or int(text) > size:
        raise InvalidReference(
            f"the ledger has {size} entries, not {text}",
            remedy="--at takes a size up to the ledger's, or a time",
        )
    return int(text)


class Snapshot:
    """The resolved graph as known at a size, seen by a principal.

    `lineage` has the jobs and runs that the principal may see, `whole` all of them.
    """

    def __init__(self, store: Store, principal: Principal, at: str | None) -> None:
        self.store = store
        self.principal = principal
        self.head: Checkpoint = store.head()
        self.size = size_at(store, at)
        self.whole: Lineage = lineage_at(store, self.size, self.head)
        self.lineage: Lineage = self.whole
        if not principal.sees_everything:
            self.lineage = cast("Lineage", Seen(self.whole, principal.sees))

    def of(self, lineage: Lineage) -> Snapshot:
        """Another state of the same store, seen by the same principal."""
        other = copy(self)
        other.lineage = other.whole = lineage
        for kept in ("point", "artifacts", "secrecy"):
            vars(other).pop(kept, None)
        return other

    @cached_property
    def point(self) -> dict[str, Any]:
        """`head` of an answer: the size and the root that the tree had at it."""
        from base64 import b64encode

        at_head = self.size == self.head.size
        root = self.head.root if at_head else self.store.root(self.size)
        return {"size": self.size, "root": b64encode(root).decode()}

    @cached_property
    def secrecy(self) -> Secrecy:
        """What the principal must not learn from what is shown as it came."""
        return Secrecy(self.whole, self.principal, self.sees_job)

    def sees(self, thing: Artifact | Job | Run) -> bool:
        """Whether the principal may know of a thing that the ledger knows."""
        match thing:
            case Artifact():
                return self.principal.sees(thing)
            case Job():
                return self.lineage.job(thing) is not None
            case Run():
                return self.lineage.run(thing) is not None

    def told(self, name: Artifact) -> Artifact:
        """A name under which something was read, as the principal may be told it."""
        return name if self.principal.sees(name) else Artifact(REDACTED_TEXT, REDACTED_TEXT)

    def sees_job(self, job: Job) -> bool:
        """Whether the principal may know of a job; of one that the ledger does not, anybody may."""
        return self.lineage.job(job) is not None or self.whole.job(job) is None

    @cached_property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Every artifact that the principal may see, sorted."""
        return tuple(item for item in self.lineage.artifacts() if self.principal.sees(item))

    def versions(self, artifact: Artifact) -> Sequence[VersionNode]:
        """Run-made versions on a name, oldest first."""
        return self.lineage.standing(artifact)

    def current(self, artifact: Artifact, until: int = ALWAYS) -> Version | None:
        """The newest version, not attempted, that stood on a name at a time; None before any."""
        return self.lineage.current(artifact, until)

    def latest(self, artifact: Artifact) -> Version:
        """The version that is current by event time; else that of outside origin told of last."""
        current = self.current(artifact)
        if current is not None:
            return current
        outside = self.lineage.outside(artifact)
        if len(outside) == 1:
            return outside[0]
        if outside:
            return max(outside, key=lambda one: (max(self.node(one).entries, default=0), str(one)))
        made = self.versions(artifact)
        return made[-1].version if made else Version(artifact)

    def labels(self, reference: object) -> dict[str, list[str]]:
        """The labels of a thing, by key."""
        found = self.lineage.labels(str(reference))
        return {key: list(label.values) for key, label in found.items()}

    def node(self, version: Version) -> VersionNode:
        """The version's node; one of outside origin that nothing read yet is made here."""
        found = self.lineage.version(version)
        if found is not None:
            return found
        artifact = self.lineage.artifact(version.artifact)
        return VersionNode(
            version=version,
            names=(version.artifact,),
            kind=artifact.kind if artifact else None,
            source=artifact.source if artifact else False,
            facets=artifact.facets if artifact else {},
        )

    def run(self, run: Run) -> RunNode:
        """The node of a run that is known."""
        found = self.lineage.run(run)
        if found is None:
            raise NotFound(f"the ledger has no {run}")
        return found

    def job(self, job: Job) -> JobNode:
        """The node of a job that is known."""
        found = self.lineage.job(job)
        if found is None:
            raise NotFound(f"the ledger has no {job}")
        return found

    def header(self, ask: str) -> dict[str, Any]:
        """How every answer begins."""
        return {"ask": ask, "rules": RULES, "head": self.point}
