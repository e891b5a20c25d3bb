"""Following one column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from headwater.graph.adjacency import Adjacency
from headwater.graph.column_walk import impact_column, trace_column
from headwater.graph.lineage import everything
from headwater.graph.model import ColumnDerived
from headwater.refs import Artifact, Column, Run, Version
from tests.graph.product import graph
from tests.query.telling import complete, dataset


def test_a_column_leaves_its_neighbours_out() -> None:
    """Two columns of one version, each from a column of its own."""
    fields = {
        column: {"inputFields": [{"namespace": "db", "name": "s", "field": field}]}
        for column, field in (("x", "p"), ("y", "q"))
    }
    table = dataset("t", columnLineage={"fields": fields})
    adjacency = Adjacency(graph([complete(1, "01:00", "w", ["s"], [table])]))
    run = Run("00000001-0000-4000-8000-000000000000", "cron", "w")
    made, read = Version(Artifact("db", "t"), run), Version(Artifact("db", "s"))
    for column, field in (("x", "p"), ("y", "q")):
        up = trace_column(adjacency, Column(made, column), visible=everything)
        assert set(up.columns) == {Column(made, column), Column(read, field)}
        down = impact_column(adjacency, Column(read, field), visible=everything)
        assert set(down.columns) == {Column(made, column), Column(read, field)}


def test_a_version_of_many_columns_is_read_once() -> None:
    """However many of them are followed: a model bears on thousands, each of one version."""
    names = [f"c{number}" for number in range(50)]
    fields = {"x": {"inputFields": [{"namespace": "db", "name": "s", "field": f} for f in names]}}
    same = {f: {"inputFields": [{"namespace": "db", "name": "r", "field": f}]} for f in names}
    adjacency = Adjacency(
        graph(
            [
                complete(1, "01:00", "w", ["r"], [dataset("s", columnLineage={"fields": same})]),
                complete(2, "02:00", "v", ["s"], [dataset("t", columnLineage={"fields": fields})]),
            ]
        )
    )
    asked: Counter[Version] = Counter()

    class Counting(Adjacency):
        def columns_of(self, version: Version) -> Sequence[ColumnDerived]:
            asked[version] += 1
            return super().columns_of(version)

    run = Run("00000002-0000-4000-8000-000000000000", "cron", "v")
    root = Column(Version(Artifact("db", "t"), run), "x")
    found = trace_column(Counting(adjacency.graph), root, visible=everything)
    assert len(found.columns) == 101
    assert set(asked.values()) == {1}
