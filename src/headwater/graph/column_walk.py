"""What a column came from and what it reached, column by column.

Where a version says nothing about a column, the walk stops there and says so: `opaque`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

import msgspec

from headwater.graph.columns import WHOLE
from headwater.graph.model import ColumnDerived
from headwater.graph.traverse import Adjacency, Visible
from headwater.refs import Column, Version


class ColumnAnswer(msgspec.Struct, kw_only=True):
    """Columns with their depth, the edges between them, and where nothing is said."""

    root: Column
    columns: dict[Column, int]
    edges: list[ColumnDerived]
    opaque: tuple[Column, ...]
    cut: str | None


def trace_column(
    adjacency: Adjacency, root: Column, *, depth: int | None = None, visible: Visible
) -> ColumnAnswer:
    """Every column that `root` came from. Sources that bear on a whole version count for each."""
    said: dict[Version, dict[str, list[ColumnDerived]]] = defaultdict(lambda: defaultdict(list))
    for edge in adjacency.graph.columns:
        said[edge.column.version][edge.column.path].append(edge)

    def step(column: Column) -> Iterable[tuple[Column, ColumnDerived | None]]:
        paths = said.get(column.version, {})
        for path in dict.fromkeys((column.path, WHOLE)):
            for edge in paths.get(path, ()):
                yield edge.source, edge
        revised = adjacency.graph.revised.get(column.version)
        if revised is not None and revised.carries == "all":
            yield Column(revised.before, column.path), None
        same = adjacency.graph.same.get(column.version)
        if same is not None:
            yield Column(same.original, column.path), None

    columns, edges, cut = _walk(root, step, depth, visible)
    opaque = [
        column
        for column in columns
        if column.version in adjacency.derived_from and not said.get(column.version)
    ]
    return ColumnAnswer(
        root=root, columns=columns, edges=edges, opaque=tuple(sorted(opaque, key=str)), cut=cut
    )


def impact_column(
    adjacency: Adjacency, root: Column, *, depth: int | None = None, visible: Visible
) -> ColumnAnswer:
    """Every column that `root` reached; what derives from it and says nothing is opaque."""
    reached: dict[Column, list[ColumnDerived]] = defaultdict(list)
    says: set[Version] = set()
    for edge in adjacency.graph.columns:
        reached[edge.source].append(edge)
        says.add(edge.column.version)

    def step(column: Column) -> Iterable[tuple[Column, ColumnDerived | None]]:
        for edge in reached.get(column, ()):
            yield edge.column, edge
        for revised in adjacency.revised_by.get(column.version, ()):
            if revised.carries == "all":
                yield Column(revised.version, column.path), None
        for same in adjacency.copies.get(column.version, ()):
            yield Column(same.version, column.path), None

    columns, edges, cut = _walk(root, step, depth, visible)
    opaque = {
        Column(edge.version, WHOLE)
        for column in columns
        for edge in adjacency.derived_to.get(column.version, ())
        if edge.version not in says and visible(edge.version.artifact)
    }
    return ColumnAnswer(
        root=root, columns=columns, edges=edges, opaque=tuple(sorted(opaque, key=str)), cut=cut
    )


_Step = Callable[[Column], Iterable[tuple[Column, ColumnDerived | None]]]


def _walk(
    root: Column, step: _Step, depth: int | None, visible: Visible
) -> tuple[dict[Column, int], list[ColumnDerived], str | None]:
    columns = {root: 0}
    edges: dict[int, ColumnDerived] = {}
    queue = deque([root])
    cut = None
    while queue:
        column = queue.popleft()
        hops = columns[column]
        for found, edge in step(column):
            cost = 1 if edge is not None else 0
            if not visible(found.version.artifact):
                continue
            if depth is not None and hops + cost > depth:
                cut = "depth"
                continue
            if edge is not None:
                edges[id(edge)] = edge
            if hops + cost < columns.get(found, hops + cost + 1):
                columns[found] = hops + cost
                (queue.append if cost else queue.appendleft)(found)
    return columns, list(edges.values()), cut
