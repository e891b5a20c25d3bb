"""References as a person would type them: the way back from canonical references.

orders · namespace::orders · orders@v:3 · orders@outside · orders@v:3#amount · job:namespace::load
· a run's id. `find` takes each back to what it stands for at the same point in time. What has no
such form keeps its canonical one.
"""

from __future__ import annotations

from collections import Counter

from headwater.errors import InvalidReference
from headwater.query.snapshot import Snapshot
from headwater.query.typed import is_plain
from headwater.refs import Artifact, Column, Job, Run, Version, parse


class Shortening:
    """Short forms of references, as known at one point in time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._names = Counter(artifact.name for artifact in snapshot.artifacts)
        self._with_at = [name.lower() for name in self._names if "@" in name]
        self._runs = Counter(node.run.id for node in snapshot.lineage.runs())
        self._ordinals: dict[Artifact, Counter[int | None]] = {}

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
            case Run() if self._runs[reference.id] == 1 and reference.id not in self._names:
                short = reference.id
            case Job() if is_plain(*reference):
                short = f"job:{reference.namespace}::{reference.name}"
        return short or text

    def _artifact(self, artifact: Artifact) -> str | None:
        if not is_plain(*artifact):
            return None
        alone = self._names[artifact.name] == 1
        return artifact.name if alone else f"{artifact.namespace}::{artifact.name}"

    def _version(self, version: Version) -> str | None:
        name = self._artifact(version.artifact)
        which = self._which(version)
        if name is None or which is None:
            return None
        short = f"{name}@{which}"
        # A name may end in what looks like a version, and a name comes first.
        return None if any(short.lower().endswith(other) for other in self._with_at) else short

    def _which(self, version: Version) -> str | None:
        snapshot = self._snapshot
        if version.outside:
            alone = list(snapshot.lineage.outside(version.artifact)) in ([], [version])
            return "outside" if alone and version == Version(version.artifact) else None
        node = snapshot.lineage.version(version)
        if node is None or node.ordinal is None:
            return None
        # Versions of other artifacts may stand on this name, with ordinals of their own.
        if version.artifact not in self._ordinals:
            standing = snapshot.versions(version.artifact)
            self._ordinals[version.artifact] = Counter(other.ordinal for other in standing)
        alone = self._ordinals[version.artifact][node.ordinal] == 1
        return f"v:{node.ordinal}" if alone else None
