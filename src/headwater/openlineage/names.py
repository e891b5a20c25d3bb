"""Names as the graph takes them: code points, unnormalised, of bounded length, without NUL.

The facets that the graph reads name things too (other names, columns, parents), so the same holds
inside of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from headwater.openlineage import paths
from headwater.openlineage.limits import (
    COLUMN_INPUTS_MAX,
    COLUMNS_MAX,
    ENTRIES_MAX,
    NAME_BYTES_MAX,
)

_PLAIN_CHARS_MAX: Final = NAME_BYTES_MAX // 4
"""Up to here a name is within the limit whatever its characters: none has more than 4 bytes."""

_NAMING_FACETS: Final = frozenset(
    {
        "version", "headwater_digest", "symlinks", "lifecycleStateChange", "columnLineage",
        "lineage", "parent", "jobDependencies",
    }
)  # fmt: skip
_NAMING_KEYS: Final = frozenset(
    {"namespace", "name", "field", "runId", "datasetVersion", "algorithm", "value"}
)
_SIZES: Final = {
    "fields": ("columns", COLUMNS_MAX),
    "inputFields": ("inputs", COLUMN_INPUTS_MAX),
    "inputs": ("inputs", COLUMN_INPUTS_MAX),
    "dataset": ("inputs", COLUMN_INPUTS_MAX),
    "entries": ("entries", ENTRIES_MAX),
    "identifiers": ("identifiers", ENTRIES_MAX),
    "upstream": ("jobs", ENTRIES_MAX),
    "downstream": ("jobs", ENTRIES_MAX),
}


def is_plain(name: object) -> bool:
    """Whether this is a name that nothing can be wrong with, as nearly every one is."""
    return type(name) is str and 0 < len(name) <= _PLAIN_CHARS_MAX and "\0" not in name


def fault(name: str) -> str | None:
    """Say what is wrong with a name, or None. Lone surrogates are the scan's to find."""
    if "\0" in name:
        return "has a NUL character"
    if len(name) <= _PLAIN_CHARS_MAX:
        return None
    size = len(name.encode())
    if size > NAME_BYTES_MAX:
        return f"has {size:,} bytes; the limit for names is {NAME_BYTES_MAX:,}"
    return None


def facet_faults(name: str, value: object) -> Iterator[tuple[paths.Path, str]]:
    """Find names and sizes past their limits in a facet, with the path inside of it."""
    own = fault(name)
    if own:
        yield (), f"is a facet whose name {own}"
    if name not in _NAMING_FACETS:
        return
    counts: dict[str, int] = {}
    yield from _walk(value, (), counts)
    for what, limit in dict(_SIZES.values()).items():
        if counts.get(what, 0) > limit:
            yield (), f"has {counts[what]:,} {what}; the limit is {limit:,}"


def _walk(
    value: object, path: paths.Path, counts: dict[str, int]
) -> Iterator[tuple[paths.Path, str]]:
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from _walk(child, (*path, index), counts)
    if not isinstance(value, dict):
        return
    for key, child in value.items():
        here = (*path, key)
        if key in _SIZES and isinstance(child, dict | list):
            what = _SIZES[key][0]
            counts[what] = counts.get(what, 0) + len(child)
        if key in _NAMING_KEYS and isinstance(child, str):
            wrong = fault(child)
            if wrong:
                yield here, wrong
        elif key == "fields" and isinstance(child, dict):
            for column, statement in child.items():
                wrong = fault(column)
                if wrong:
                    yield (*here, column), f"is a column whose name {wrong}"
                yield from _walk(statement, (*here, column), counts)
        elif key != "facets":  # of the parent, as the parent has them; nothing reads them
            yield from _walk(child, here, counts)
