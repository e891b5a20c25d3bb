"""What a column came from and what it reached, column by column.

Where a version came from something and says nothing about a column, the walk stops there and says
so: `opaque`. That a column comes from none, a version may say outright: `sourceless`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
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

    def step(column: Column) -> Iterable[tuple[Column, Step]]:
        for edge in lineage.columns_of(column.version):
            if edge.column.path in (column.path, WHOLE):
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
    sourceless = [column for column in columns if _is_sourceless(lineage, column)]
    opaque = [column for column in columns if _is_silent(lineage, column)]
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

    def step(column: Column) -> Iterable[tuple[Column, Step]]:
        for edge in lineage.columns_to(column.version):
            if edge.source == column:
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
        for untold in _untold(lineage, edge, named)
    }
    return ColumnAnswer(
        root=root,
        columns=columns,
        edges=edges,
        carried=carried,
        opaque=tuple(sorted(opaque, key=str)),
        cut=cut,
    )


def _is_sourceless(lineage: Lineage, column: Column) -> bool:
    """Whether a column is said to be made of none, and carries nothing over from before."""
    if not _is_said_to_have_none(lineage, column):
        return False
    revised = lineage.revised(column.version)
    if revised is not None and revised.carries == "all":
        return False
    return all(edge.column != column for edge in lineage.columns_of(column.version))


def _is_said_to_have_none(lineage: Lineage, column: Column) -> bool:
    node = lineage.version(column.version)
    return node is not None and column.path in node.sourceless


def _is_silent(lineage: Lineage, column: Column) -> bool:
    """Whether a version came from something, and may have its column from there, untold.

    It may have it from what it possibly came from, too, of which no column is told.
    """
    sources = lineage.derived_from(column.version)
    if column.path not in _told(lineage, column.version):
        return bool(sources)
    if _is_said_to_have_none(lineage, column):
        return False
    named = {edge.source.version for edge in lineage.columns_of(column.version)}
    return any(edge.exactness != "exact" and edge.source not in named for edge in sources)


def _told(lineage: Lineage, version: Version) -> set[str]:
    """The columns of which something is said: what they came from, or that it is none."""
    node = lineage.version(version)
    sourceless = node.sourceless if node is not None else ()
    return {edge.column.path for edge in lineage.columns_of(version)}.union(sourceless)


def _untold(lineage: Lineage, edge: Derived, named: Named) -> Iterator[Column]:
    """What of a version may have come from another, untold; `*` where none is said to.

    A column of records is told with any field of it.
    """
    edges = lineage.columns_of(edge.version)
    told = _told(lineage, edge.version)
    within = {path.partition(".")[0] for path in told}
    names = set(named(edge.version))
    untold = names - told - within
    is_refined = any(one.source.version == edge.source for one in edges)
    if (not edges and untold == names) or (edge.exactness != "exact" and not is_refined):
        yield Column(edge.version, WHOLE)
    else:
        yield from (Column(edge.version, name) for name in untold)


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
