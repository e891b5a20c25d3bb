"""Which things may say something else in one state of an index than in another.

Both stand on the same base. More may be named than has changed, never less.

Trusted? What is searched since a table was made rests on it; the tests hold it to a scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from headwater.errors import InvalidReference
from headwater.index.index import Index
from headwater.index.layers import Layers
from headwater.index.overlay import Overlay
from headwater.index.records import VersionRecord
from headwater.refs import Artifact, Job, Run, Version, parse

_ROWS = ("artifacts.standing", "artifacts.outside", "artifacts.owners")
_MISSING = object()


class Changed(NamedTuple):
    """Things by number."""

    artifacts: set[int]
    jobs: set[int]
    runs: set[int]


def changed(index: Index, before: Overlay) -> Changed:
    """What may be different in the index from what `before` had, another overlay of its base.

    Of jobs and runs: whether they are there, and their labels. Of artifacts also what is said of
    them and of the versions that stand on their names.
    """
    return _Changes(index, before).found()


class _Changes:
    def __init__(self, index: Index, before: Overlay) -> None:
        self._links = index.links
        self._before = before
        self._after = index.overlay

    def found(self) -> Changed:
        before, after, links = self._before, self._after, self._links
        artifacts = {
            *_different(before.artifact, after.artifact),
            *_different(
                before.columns.get("artifacts.kind", {}), after.columns.get("artifacts.kind", {})
            ),
        }
        for name in _ROWS:
            artifacts.update(_different(before.rows.get(name, {}), after.rows.get(name, {})))
        for version in _different(before.version, after.version):
            artifacts.update(self._names(version))
        runs = {
            run
            for run in _different(before.run, after.run)
            if self._known(before, run) != self._known(after, run)
        }
        jobs = {*after.jobs.values()} ^ {*before.jobs.values()}
        for subject in before.labels.keys() | after.labels.keys():
            if before.labels.get(subject) == after.labels.get(subject):
                continue
            match _parsed(subject):
                case Artifact() as artifact:
                    artifacts.update(_some(links.artifacts.find(artifact)))
                case Version() as version_:
                    for version in _some(links.versions.find(version_)):
                        artifacts.update(self._names(version))
                case Job() as job:
                    jobs.update(_some(links.jobs.find(job)))
                case Run() as run_:
                    runs.update(_some(links.runs.find(run_)))
        return Changed(artifacts, jobs, runs)

    def _known(self, overlay: Overlay, run: int) -> bool:
        return (overlay.run[run] if run in overlay.run else self._links.run.base(run)) is not None

    def _names(self, version: int) -> Iterator[int]:
        """Every artifact on whose name a version stands, or stood."""
        artifacts = self._links.artifacts
        yield from _some(artifacts.find(self._links.versions[version].artifact))
        for overlay in (self._before, self._after):
            record: VersionRecord | None
            if version in overlay.version:
                record = overlay.version[version]
            else:
                record = self._links.version.base(version)
            if record is not None:
                for name in (*(record.names or ()), *(name for name, _ in record.joined)):
                    yield from _some(artifacts.find(name))


def _different(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[Any]:
    """Keys under which something else is: what did not change is the same object."""
    if isinstance(before, Layers) and isinstance(after, Layers):
        keys = before.apart(after)
    else:
        keys = {*before, *after}
    return (key for key in keys if before.get(key, _MISSING) is not after.get(key, _MISSING))


def _parsed(subject: str) -> object:
    try:
        return parse(subject)
    except InvalidReference:
        return None


def _some(number: int | None) -> Iterable[int]:
    return () if number is None else (number,)
