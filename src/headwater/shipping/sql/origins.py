"""Sets of column edges, and how edges that follow one another make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from headwater.shipping.sql.model import Input, Table, Transformation

IDENTITY: Final = Transformation("DIRECT", "IDENTITY")
TRANSFORMATION: Final = Transformation("DIRECT", "TRANSFORMATION")
MASKED: Final = Transformation("DIRECT", "TRANSFORMATION", masking=True)
AGGREGATION: Final = Transformation("DIRECT", "AGGREGATION")
COUNTED: Final = Transformation("DIRECT", "AGGREGATION", masking=True)
JOIN: Final = Transformation("INDIRECT", "JOIN")
FILTER: Final = Transformation("INDIRECT", "FILTER")
GROUP_BY: Final = Transformation("INDIRECT", "GROUP_BY")
SORT: Final = Transformation("INDIRECT", "SORT")
WINDOW: Final = Transformation("INDIRECT", "WINDOW")
CONDITIONAL: Final = Transformation("INDIRECT", "CONDITIONAL")

_STRENGTH: Final = {"IDENTITY": 0, "TRANSFORMATION": 1, "AGGREGATION": 2}


class Source(NamedTuple):
    """A column of a table."""

    table: Table
    column: str


@cache
def compose(outer: Transformation, inner: Transformation) -> Transformation:
    """The transformation of `inner`, then `outer`: indirect beats direct, the outer the inner."""
    masking = outer.masking or inner.masking
    if outer.type == "INDIRECT":
        return outer._replace(masking=masking)
    if inner.type == "INDIRECT":
        return inner._replace(masking=masking)
    stronger = max(outer, inner, key=lambda how: _STRENGTH[how.subtype])
    return stronger._replace(masking=masking)


class Origins:
    """Columns that something depends on, each with how; and what could not be told (`doubts`).

    `fields` has the same for the fields of a struct, by their names in small letters, where the
    statement says what they are made from.
    """

    __slots__ = ("doubts", "fields", "sources")

    def __init__(self) -> None:
        self.fields: Mapping[str, Origins] | None = None
        self.sources: dict[Source, frozenset[Transformation]] = {}
        self.doubts: dict[str, None] = {}

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        if not isinstance(other, Origins):
            return NotImplemented
        return self.sources == other.sources and self.doubts.keys() == other.doubts.keys()

    __hash__ = None  # type: ignore[assignment]

    def add(self, source: Source, how: Transformation = IDENTITY) -> None:
        """Add an edge."""
        self.sources[source] = self.sources.get(source, frozenset()) | {how}

    def doubt(self, reason: str) -> None:
        """Say that the edges may be too many or too few."""
        self.doubts[reason] = None

    def take(self, other: Origins, through: Transformation = IDENTITY) -> None:
        """Add the edges of `other`, as they are after `through`."""
        self.doubts.update(other.doubts)
        for source, hows in other.sources.items():
            if through is not IDENTITY:
                hows = frozenset(compose(through, how) for how in hows)
            self.sources[source] = self.sources.get(source, hows) | hows

    def inputs(self) -> tuple[Input, ...]:
        """The edges, sorted."""
        return tuple(
            Input(source.table, source.column, tuple(sorted(hows)))
            for source, hows in sorted(self.sources.items())
        )


def of(source: Source) -> Origins:
    """The origins of something that is `source` unchanged."""
    origins = Origins()
    origins.add(source)
    return origins


def union(*parts: Origins) -> Origins:
    """Everything that any of the parts depends on."""
    origins = Origins()
    for part in parts:
        origins.take(part)
    origins.fields = _fields(parts)
    return origins


def _fields(parts: Sequence[Origins]) -> Mapping[str, Origins] | None:
    """The fields that all parts have together; none where one of them has none."""
    fields = [part.fields for part in parts if part.sources or part.fields]
    known = [each for each in fields if each is not None]
    if not known or len(known) < len(fields):
        return None
    if len(known) == 1:
        return known[0]
    names = dict.fromkeys(name for each in known for name in each)
    return {name: union(*(each[name] for each in known if name in each)) for name in names}
