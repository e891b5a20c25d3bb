"""Columns of versions: which there are, of what type, and how they are linked."""

from __future__ import annotations

from collections.abc import Sequence

from headwater.graph.column_walk import impact_column, trace_column
from headwater.graph.model import ColumnDerived
from headwater.query.schemas import Schemas
from headwater.query.showing import columns_of
from headwater.query.snapshot import Snapshot
from headwater.refs import Column, Job, Version


class Columnflow:
    """The columns of a store, as one principal sees them at one point in time."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._schemas = Schemas(snapshot)

    def columns(self, version: Version) -> list[Column]:
        """The columns of a version that its schema or column lineage names, sorted."""
        return [Column(version, path) for path in columns_of(self._snapshot, version)]

    def written(self, job: Job) -> list[Column]:
        """The columns of what the newest run of a job that made anything made."""
        lineage, sees = self._snapshot.lineage, self._snapshot.principal.sees
        made = map(lineage.made_by, reversed(lineage.runs_of(job)))
        versions = next((some for some in made if some), ())
        return [
            column
            for version in versions
            if sees(version.artifact)
            for column in self.columns(version)
        ]

    def edges(
        self, roots: Sequence[Column], *, depth: int, downstream: bool
    ) -> list[ColumnDerived]:
        """The links by which columns came from others, and with `downstream` reached others."""
        if not roots:
            return []
        lineage, sees = self._snapshot.lineage, self._snapshot.principal.sees
        edges = trace_column(lineage, *roots, depth=depth, visible=sees).edges
        if downstream:
            edges = edges + impact_column(lineage, *roots, depth=depth, visible=sees).edges
        return list(dict.fromkeys(edges))

    def type_of(self, column: Column) -> str | None:
        """The type of a column as the schema of its version says."""
        return self._schemas.of(column.version).get(column.path)
