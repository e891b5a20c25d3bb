"""What a column came from and what it reached, column by column.

Where a version came from something and says nothing about a column, the walk stops there and says
so: `opaque`. That a column comes from none, a version may say outright: `sourceless`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Literal

import msgspec

from headwater.graph.columns import WHOLE
from headwater.graph.lineage import Lineage, Visible
from headwater.graph.model import ColumnDerived, Derived
from headwater.refs import Column, Version


class Carried(msgspec.Struct, frozen=True):
    """A column that is the same column of another version, which costs no step.

    Carried over from the state before (`revised`), or of a version of the same bytes
    (`same_content`).
    """

    column: Column
    source: Column
    kind: Literal["revised", "same_content"]


Step = ColumnDerived | Carried

Named = Callable[[Version], Iterable[str]]
"""The columns that the schema of a version names."""


class ColumnAnswer(msgspec.Struct, kw_only=True):
    """Columns with their depth, the edges between them, and where nothing is said.

    `sourceless` are those of which it is said that they come from no column.
    """

    root: Column
    columns: dict[Column, int]
    edges: list[ColumnDerived]
    carried: list[Carried]
    opaque: tuple[Column, ...]
    cut: str | None
    sourceless: tuple[Column, ...] = ()


def trace_column(
    lineage: Lineage, root: Column, *others: Column, depth: int | None = None, visible: Visible
) -> ColumnAnswer:
    """Every column that `root`, and the `others`, came from.

    Sources that bear on a whole version count for each of its columns.
    """
    said = cache(partial(_Said, lineage))

    def step(column: Column) -> Iterable[tuple[Column, Step]]:
        for edge in said(column.version).of(column.path):
            yield edge.source, edge
        revised = lineage.revised(column.version)
        if revised is not None and revised.carries == "all":
            before = Column(revised.before, column.path)
            yield before, Carried(column, before, "revised")
        same = lineage.same(column.version)
        if same is not None:
            original = Column(same.original, column.path)
            yield original, Carried(column, original, "same_content")

    columns, edges, carried, cut = _walk((root, *others), step, depth, visible)
    sourceless = [one for one in columns if said(one.version).is_sourceless(one.path)]
    opaque = [one for one in columns if said(one.version).is_silent(one.path)]
    return ColumnAnswer(
        root=root,
        columns=columns,
        edges=edges,
        carried=carried,
        opaque=tuple(sorted(opaque, key=str)),
        cut=cut,
        sourceless=tuple(sorted(sourceless, key=str)),
    )


def impact_column(
    lineage: Lineage,
    root: Column,
    *others: Column,
    named: Named = lambda _version: (),
    depth: int | None = None,
    visible: Visible,
) -> ColumnAnswer:
    """Every column that `root`, and the `others`, reached.

    Opaque is what derives from their versions and says nothing: of any column, or of some that
    its schema has, which `named` gives.
    """
    said = cache(partial(_Said, lineage))

    @cache
    def reached(version: Version) -> dict[str, list[ColumnDerived]]:
        found: dict[str, list[ColumnDerived]] = defaultdict(list)
        for edge in lineage.columns_to(version):
            found[edge.source.path].append(edge)
        return found

    def step(column: Column) -> Iterable[tuple[Column, Step]]:
        for edge in reached(column.version).get(column.path, ()):
            yield edge.column, edge
        for revised in lineage.revised_by(column.version):
            if revised.carries == "all":
                after = Column(revised.version, column.path)
                yield after, Carried(after, column, "revised")
        for same in lineage.copies(column.version):
            copy = Column(same.version, column.path)
            yield copy, Carried(copy, column, "same_content")

    columns, edges, carried, cut = _walk((root, *others), step, depth, visible)
    opaque = {
        untold
        for version in {column.version for column in columns}
        for edge in lineage.derived_to(version)
        if visible(edge.version.artifact)
        for untold in said(edge.version).untold(edge, named)
    }
    return ColumnAnswer(
        root=root,
        columns=columns,
        edges=edges,
        carried=carried,
        opaque=tuple(sorted(opaque, key=str)),
        cut=cut,
    )


class _Said:
    """What a version says of its columns; read once, for a version may have thousands."""

    def __init__(self, lineage: Lineage, version: Version) -> None:
        self._edges: dict[str, list[ColumnDerived]] = defaultdict(list)
        for edge in lineage.columns_of(version):
            self._edges[edge.column.path].append(edge)
        node, revised = lineage.version(version), lineage.revised(version)
        self._sourceless = frozenset(node.sourceless if node is not None else ())
        self._carries = revised is not None and revised.carries == "all"
        self._told = self._sourceless.union(self._edges)
        self._named = {one.source.version for some in self._edges.values() for one in some}
        sources = lineage.derived_from(version)
        self._has_sources = bool(sources)
        self._is_partial = any(map(self._is_possible, sources))

    def of(self, path: str) -> Iterator[ColumnDerived]:
        """What a column came from, with what bears on all of the version."""
        for one in dict.fromkeys((path, WHOLE)):
            yield from self._edges.get(one, ())

    def is_sourceless(self, path: str) -> bool:
        """Whether a column is said to be made of none, and carries nothing over from before."""
        return path in self._sourceless and not self._carries and path not in self._edges

    def is_silent(self, path: str) -> bool:
        """Whether the version came from something, and may have its column from there, untold.

        It may have it from what it possibly came from, too, of which no column is told.
        """
        if path not in self._told:
            return self._has_sources
        return self._is_partial and path not in self._sourceless

    def untold(self, edge: Derived, named: Named) -> Iterator[Column]:
        """What of it may have come from another version, untold; `*` where none is said to.

        A column of records is told with any field of it.
        """
        names = set(named(edge.version))
        untold = names - self._told - {path.partition(".")[0] for path in self._told}
        if (not self._edges and untold == names) or self._is_possible(edge):
            yield Column(edge.version, WHOLE)
        else:
            yield from (Column(edge.version, name) for name in untold)

    def _is_possible(self, edge: Derived) -> bool:
        """Whether it possibly came from a version, and no column is said to."""
        return edge.exactness != "exact" and edge.source not in self._named


def _walk(
    roots: Iterable[Column],
    step: Callable[[Column], Iterable[tuple[Column, Step]]],
    depth: int | None,
    visible: Visible,
) -> tuple[dict[Column, int], list[ColumnDerived], list[Carried], str | None]:
    columns = dict.fromkeys(roots, 0)
    edges: dict[ColumnDerived, None] = {}
    carried: dict[Carried, None] = {}
    queue = deque(columns)
    cut = None
    while queue:
        column = queue.popleft()
        hops = columns[column]
        for found, edge in step(column):
            cost = 0 if isinstance(edge, Carried) else 1
            if not visible(found.version.artifact):
                continue
            if depth is not None and hops + cost > depth:
                cut = "depth"
                continue
            if isinstance(edge, Carried):
                carried[edge] = None
            else:
                edges[edge] = None
            if hops + cost < columns.get(found, hops + cost + 1):
                columns[found] = hops + cost
                (queue.append if cost else queue.appendleft)(found)
    return columns, list(edges), list(carried), cut
