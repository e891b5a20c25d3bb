"""What came after the mapped base of an index: new things, and rows and records in place of others.

Nothing in it is ever changed once an index stands on it: to catch up is to copy it (the tables, not
what is in them) and put further things in place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from headwater.graph.model import Facet, Label
from headwater.graph.support import ArtifactSupport, OutsideSupport, RunSupport, WriteSupport
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


_IN_PARTS = frozenset({"places", "order", "rows", "columns", "called"})
"""What is kept in parts that are added to; of all else, what is in it is replaced."""


class Overlay(msgspec.Struct, array_like=True):
    """Everything that stands before the base; by number where nothing else is said.

    New things are numbered behind those of the base; `places` says before which thing of the base
    each belongs, and `order` has them in the order of references. A record that is None is of a
    thing that is not there any more. Of `redone` runs neither footprints nor positions in the base
    hold; `asking` are the names on which they have one here. `warnings` and `small` are to be added
    to the counts of the base.
    """

    artifacts: dict[Artifact, int] = {}
    jobs: dict[Job, int] = {}
    runs: dict[Run, int] = {}
    versions: dict[Version, int] = {}
    places: dict[str, list[int]] = {}
    order: dict[str, list[Ordered]] = {}
    artifact: dict[int, ArtifactRecord | None] = {}
    job: dict[int, JobRecord | None] = {}
    run: dict[int, RunRecord | None] = {}
    version: dict[int, VersionRecord | None] = {}
    entries: dict[int, tuple[int, ...]] = {}
    rows: dict[str, dict[int, Row]] = {}
    columns: dict[str, dict[int, int]] = {}
    kinds: list[str] = []
    owners: list[str] = []
    called: dict[str, dict[str, Row]] = {}
    digests: dict[str, Row] = {}
    labels: dict[str, dict[str, Label]] = {}
    warnings: dict[str, int] = {}
    small: dict[str, int] = {}
    labelled: dict[str, tuple[int, ...]] = {}
    past_artifact: dict[int, ArtifactSupport | None] = {}
    past_job: dict[int, dict[str, Facet] | None] = {}
    past_run: dict[int, RunSupport | None] = {}
    past_version: dict[int, WriteSupport | OutsideSupport | None] = {}
    redone: set[int] = set()
    positions: dict[int, list[Standing]] = {}
    spans: dict[int, dict[int, tuple[int, int]]] = {}
    keys: dict[int, dict[int, list[int]]] = {}
    asking: dict[int, list[int]] = {}

    def copy(self) -> Overlay:
        """Another one with the same in it, that can be added to."""
        return Overlay(*(self._copied(name) for name in self.__struct_fields__))

    def _copied(self, name: str) -> Any:
        value = getattr(self, name)
        if name in _IN_PARTS:
            return {key: part.copy() for key, part in value.items()}
        return value.copy()

    @property
    def things(self) -> int:
        """How many things stand in it."""
        return len(self.artifact) + len(self.job) + len(self.run) + len(self.version)
