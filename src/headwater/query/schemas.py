"""The columns of versions, as their `schema` facets name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headwater.query.documents import stored_values
from headwater.query.snapshot import Snapshot
from headwater.refs import Version


class Schemas:
    """What schemas say, each read once from the ledger: most states of an artifact share theirs."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[str, dict[str, str | None]] = {}

    def of(self, version: Version) -> dict[str, str | None]:
        """The type of each column at the top, None where it is not said.

        Nothing for a version without a schema, and for one whose schema was erased.
        """
        facet = self._snapshot.node(version).facets.get("schema")
        if facet is None:
            return {}
        if facet.digest not in self._read:
            stored = stored_values(self._snapshot, {"schema": facet})
            self._read[facet.digest] = dict(_fields(stored.get("schema")))
        return self._read[facet.digest]


def _fields(schema: Any) -> Iterator[tuple[str, str | None]]:
    fields = schema.get("fields") if isinstance(schema, dict) else None
    for field in fields if isinstance(fields, list) else ():
        name = field.get("name") if isinstance(field, dict) else None
        if isinstance(name, str):
            kind = field.get("type")
            yield name, kind if isinstance(kind, str) else None
