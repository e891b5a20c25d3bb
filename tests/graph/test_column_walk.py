"""Following one column."""

from __future__ import annotations

from headwater.graph.adjacency import Adjacency
from headwater.graph.column_walk import impact_column, trace_column
from headwater.graph.lineage import everything
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
