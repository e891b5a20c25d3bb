"""References as a person would type them: the way back from canonical references.

orders · namespace::orders · orders@v:3 · orders@outside · orders@v:3#amount · job:namespace::load
· a run's id. `find` takes each back to what it stands for at the same point in time. What has no
such form keeps its canonical one.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

from headwater.errors import InvalidReference
from headwater.query.snapshot import Snapshot
from headwater.query.typed import is_plain
from headwater.refs import Artifact, Column, Job, Run, Version, parse


class Shortening:
    """Short forms of references, as known at one point in time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def shorten(self, text: str) -> str:
        """Write a canonical reference shorter; what has no short form comes back as it is."""
        try:
            reference = parse(text)
        except InvalidReference:
            return text
        short: str | None = None
        match reference:
            case Artifact():
                short = self._artifact(reference)
            case Version():
                short = self._version(reference)
            case Column() if "#" not in reference.path:
                version = self._version(reference.version)
                short = version and f"{version}#{reference.path}"
            case Run():
                short = self._run(reference)
            case Job() if is_plain(*reference):
                short = f"job:{reference.namespace}::{reference.name}"
        return short or text

    def _artifact(self, artifact: Artifact) -> str | None:
        if not is_plain(*artifact):
            return None
        same = [other for other in self._called(artifact.name) if other.name == artifact.name]
        return artifact.name if len(same) == 1 else f"{artifact.namespace}::{artifact.name}"

    def _version(self, version: Version) -> str | None:
        name = self._artifact(version.artifact)
        which = self._which(version)
        # A name may end in what looks like a version, and a name comes first.
        if name is None or which is None or self._called(f"{version.artifact.name}@{which}"):
            return None
        return f"{name}@{which}"

    def _which(self, version: Version) -> str | None:
        snapshot = self._snapshot
        if version.outside:
            alone = list(snapshot.lineage.outside(version.artifact)) in ([], [version])
            return "outside" if alone and version == Version(version.artifact) else None
        node = snapshot.lineage.version(version)
        if node is None or node.ordinal is None:
            return None
        # Versions of other artifacts may stand on this name, with ordinals of their own.
        standing = self._standing(version.artifact)
        return f"v:{node.ordinal}" if standing[node.ordinal] == 1 else None

    def _run(self, run: Run) -> str | None:
        same = [other for other in self._snapshot.lineage.runs_called(run.id) if other.id == run.id]
        return run.id if len(same) == 1 and not self._called(run.id) else None

    def _called(self, text: str) -> list[Artifact]:
        """The artifacts that end so: at least those that a name could be read as."""
        sees = self._snapshot.principal.sees
        return [
            other
            for other in self._snapshot.lineage.artifacts_called(text)
            if f"{other.namespace}/{other.name}".lower().endswith(text.lower()) and sees(other)
        ]

    @cache  # noqa: B019 - it lives for one answer
    def _standing(self, artifact: Artifact) -> Counter[int | None]:
        return Counter(other.ordinal for other in self._snapshot.versions(artifact))
