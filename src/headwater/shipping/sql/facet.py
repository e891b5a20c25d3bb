"""Column lineage as the facet `columnLineage` 1-2-0 says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from headwater.openlineage.limits import COLUMN_INPUTS_MAX, COLUMNS_MAX, NAME_BYTES_MAX
from headwater.shipping.sql.model import Input, Lineage, Table


def column_lineage(
    lineage: Lineage, identify: Callable[[Table], tuple[str, str]]
) -> dict[str, Any] | None:
    """The body of the facet: `fields`, and `dataset` where something bears on all of them.

    `identify` gives namespace and name of a table. Columns of one name become one field. None
    where there is nothing to say, or more than admission takes of one facet: the tables alone
    then say what came from where.
    """
    fields: dict[str, dict[tuple[str, str, str], set[Any]]] = {}
    for column in lineage.columns:
        _add(fields.setdefault(column.name, {}), column.inputs, identify)
    everywhere: dict[tuple[str, str, str], set[Any]] = {}
    _add(everywhere, lineage.dataset, identify)
    edges = len(everywhere) + sum(len(inputs) for inputs in fields.values())
    if not edges or len(fields) > COLUMNS_MAX or edges > COLUMN_INPUTS_MAX:
        return None
    if any(len(name.encode()) > NAME_BYTES_MAX for name in fields):
        return None
    body: dict[str, Any] = {
        "fields": {name: {"inputFields": _inputs(inputs)} for name, inputs in fields.items()}
    }
    if everywhere:
        body["dataset"] = _inputs(everywhere)
    return body


def _add(
    into: dict[tuple[str, str, str], set[Any]],
    inputs: Iterable[Input],
    identify: Callable[[Table], tuple[str, str]],
) -> None:
    for each in inputs:
        key = (*identify(each.table), each.column)
        into.setdefault(key, set()).update(each.transformations)


def _inputs(inputs: dict[tuple[str, str, str], set[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "namespace": namespace,
            "name": name,
            "field": field,
            "transformations": [how._asdict() for how in sorted(hows)],
        }
        for (namespace, name, field), hows in sorted(inputs.items())
    ]
