"""What came after the mapped base of an index: new things, and rows and records in place of others.

Nothing in it is ever changed once an index stands on it: to catch up is to copy it (large tables in
layers, nothing of what is in them) and put further things in place.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, NamedTuple

import msgspec

from headwater.graph.model import Facet, Label
from headwater.graph.support import ArtifactSupport, OutsideSupport, RunSupport, WriteSupport
from headwater.index.layers import copied
from headwater.index.records import ArtifactRecord, JobRecord, RunRecord, VersionRecord
from headwater.index.tables import Ordered
from headwater.refs import Artifact, Job, Run, Version

Row = list[int]


class Standing(NamedTuple):
    """A version, by number, on a timeline: as `graph.timelines.Position`, so that it sorts alike.

    `mark` is that of its declared id, 0 for none; `barrier` says that it is a DROP or CREATE.
    """

    stands: int
    begins: int
    run: Run
    declared: str
    artifact: Artifact
    number: int
    mark: int
    barrier: bool


_BY_NAME = frozenset({"places", "order", "rows", "columns", "called"})
"""What has a few tables by name."""


class Overlay(msgspec.Struct, array_like=True):
    """Everything that stands before the base; by number where nothing else is said.

    New things are numbered behind those of the base; `places` says before which thing of the base
    each belongs, and `order` has them in the order of references. A record that is None is of a
    thing that is not there any more. Of the runs in `past_run` neither footprints nor positions in
    the base hold; `asking` are the names on which they have one here. `warnings` and `small` are to
    be added to the counts of the base.
    """

    artifacts: MutableMapping[Artifact, int] = {}
    jobs: MutableMapping[Job, int] = {}
    runs: MutableMapping[Run, int] = {}
    versions: MutableMapping[Version, int] = {}
    places: dict[str, list[int]] = {}
    order: dict[str, list[Ordered]] = {}
    artifact: MutableMapping[int, ArtifactRecord | None] = {}
    job: MutableMapping[int, JobRecord | None] = {}
    run: MutableMapping[int, RunRecord | None] = {}
    version: MutableMapping[int, VersionRecord | None] = {}
    entries: MutableMapping[int, tuple[int, ...]] = {}
    rows: dict[str, MutableMapping[int, Row]] = {}
    columns: dict[str, MutableMapping[int, int]] = {}
    kinds: list[str] = []
    owners: list[str] = []
    called: dict[str, MutableMapping[str, Row]] = {}
    digests: MutableMapping[str, Row] = {}
    labels: MutableMapping[str, dict[str, Label]] = {}
    warnings: MutableMapping[str, int] = {}
    small: MutableMapping[str, int] = {}
    labelled: MutableMapping[str, tuple[int, ...]] = {}
    past_artifact: MutableMapping[int, ArtifactSupport | None] = {}
    past_job: MutableMapping[int, dict[str, Facet] | None] = {}
    past_run: MutableMapping[int, RunSupport | None] = {}
    past_version: MutableMapping[int, WriteSupport | OutsideSupport | None] = {}
    positions: MutableMapping[int, list[Standing]] = {}
    spans: MutableMapping[int, dict[int, tuple[int, int]]] = {}
    keys: MutableMapping[int, dict[int, list[int]]] = {}
    asking: MutableMapping[int, list[int]] = {}

    def copy(self) -> Overlay:
        """Another one with the same in it, that can be added to; this one no more."""
        return Overlay(*map(self._copied, self.__struct_fields__))

    def _copied(self, name: str) -> Any:
        value = getattr(self, name)
        if name in _BY_NAME:
            return {key: _copied(part) for key, part in value.items()}
        return _copied(value)

    @property
    def things(self) -> int:
        """How many things stand in it."""
        return len(self.artifact) + len(self.job) + len(self.run) + len(self.version)


def _copied(things: Any) -> Any:
    return things.copy() if isinstance(things, list) else copied(things)
