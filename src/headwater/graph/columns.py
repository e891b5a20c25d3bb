"""Column lineage: columns from columns, over the versions that a version derives from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from headwater.graph.derivation import Derivation
from headwater.graph.model import ColumnDerived
from headwater.graph.statements import Statement
from headwater.refs import Artifact, Column, Version

WHOLE = "*"
"""The path that stands for a version as a whole, where a source bears on every column."""


class _How(NamedTuple):
    """A transformation, as `columnLineage` has it."""

    type: str
    subtype: str | None
    masking: bool | None = None


_UNSAID = _How("DIRECT", "TRANSFORMATION")
_DEPRECATED = {
    "IDENTITY": _How("DIRECT", "IDENTITY"),
    "MASKED": _How("DIRECT", "TRANSFORMATION", masking=True),
}


def column_edges(derivation: Derivation) -> list[ColumnDerived]:
    """Every column edge that a statement about a version gives, each once."""
    found: dict[tuple[object, ...], ColumnDerived] = {}
    for version, statement in derivation.statements.items():
        sources: dict[Artifact, dict[Version, set[int]]] = defaultdict(dict)
        for source in derivation.sources[version]:
            sources[source.named].setdefault(source.version, set()).update(source.entries)
        for named, found_for in sources.items():
            own = {held for held in found_for if held.run is not None and held.run == version.run}
            if own and named != version.artifact and (version, named) not in derivation.loops:
                sources[named] = {held: found_for[held] for held in own}
        said = (*_from_columns(statement.columns), *_from_lineage(statement.fields))
        for path, artifact, field, transformation in said:
            for source_version, entries in sources.get(artifact, {}).items():
                edge = ColumnDerived(
                    column=Column(version, path),
                    source=Column(source_version, field),
                    direct=path != WHOLE and transformation.type.upper() == "DIRECT",
                    kind=(transformation.subtype or "transformation").lower(),
                    masking=bool(transformation.masking),
                    entries=tuple(sorted(entries)),
                )
                key = (edge.column, edge.source, edge.direct, edge.kind, edge.masking)
                found.setdefault(key, edge)
    return list(found.values())


def sourceless(statement: Statement) -> tuple[str, ...]:
    """Columns that are known to come from none, sorted.

    An empty list says so beside a list of all that the version came from. Without that it may be
    the way of a producer to say nothing.
    """
    if statement.listed is None or statement.columns is None:
        return ()
    fields = statement.columns.fields or {}
    return tuple(sorted(path for path, field in fields.items() if field.input_fields == ()))


_Said = tuple[str, Artifact, str, Any]


def _from_columns(facet: Any) -> Iterator[_Said]:
    if facet is None:
        return
    for path, field in (facet.fields or {}).items():
        unsaid = _DEPRECATED.get((field.transformation_type or "").upper(), _UNSAID)
        for item in field.input_fields or ():
            yield from _each(path, item, item.field, unsaid)
    for item in facet.dataset or ():
        yield from _each(WHOLE, item, item.field, _UNSAID)


def _from_lineage(statement: Any) -> Iterator[_Said]:
    if statement is None:
        return
    for path, field in (statement.fields or {}).items():
        yield from _from_inputs(path, field.inputs or ())
    yield from _from_inputs(WHOLE, statement.inputs or ())


def _from_inputs(path: str, inputs: Iterable[Any]) -> Iterator[_Said]:
    for item in inputs:
        if item.type == "DATASET" and None not in (item.namespace, item.name, item.field):
            yield from _each(path, item, item.field, _UNSAID)


def _each(path: str, item: Any, field: str, unsaid: _How) -> Iterator[_Said]:
    artifact = Artifact(item.namespace, item.name)
    for transformation in item.transformations or (unsaid,):
        yield path, artifact, field, transformation
