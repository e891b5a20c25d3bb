"""The limits of one event. Each is tested at the limit and one beyond.

They hold for a single event and never for what a run accumulates, so acceptance never depends on
the order of arrival.
"""

from __future__ import annotations

from typing import Final

EVENT_BYTES_MAX: Final = 10 * 1024 * 1024
"""Size of one event's body, in bytes, decompressed."""

DOCUMENT_BYTES_MAX: Final = 100 * 1024 * 1024
"""Size of a file that has to be read whole (a JSON array or a document over several lines)."""

DOCUMENT_EVENTS_MAX: Final = 500_000
"""Events in such a file: no array of real events that size has more."""

LINE_BYTES_MAX: Final = 1024 * 1024 * 1024
"""Length of a line, in bytes, that is passed over to read on behind it; past it nothing is read."""

NESTING_MAX: Final = 128
"""Depth of objects and arrays in an event; `[]` alone has depth 1."""

KEYS_MAX: Final = 500_000
"""Keys of all objects of an event together."""

NAME_BYTES_MAX: Final = 4_096
"""Length of a namespace, a name, a run id or a column's path, in bytes of UTF-8."""

FACETS_MAX: Final = 1_000
"""Facets of one run, job or dataset (`facets`, `inputFacets` and `outputFacets` each)."""

DATASETS_MAX: Final = 10_000
"""Inputs and outputs of one event together."""

COLUMNS_MAX: Final = 20_000
"""Columns that one `columnLineage` or `lineage` facet speaks about."""

COLUMN_INPUTS_MAX: Final = 100_000
"""Inputs that one such facet names, of all its columns and entries together."""

ENTRIES_MAX: Final = 10_000
"""Entries of a `lineage`, identifiers of a `symlinks`, jobs of a `jobDependencies` facet."""

TIME_AHEAD_MAX_US: Final = 3_652 * 86_400 * 1_000_000
"""How far after the entry's own time an event may claim to be, in microseconds: ten years."""

TIME_AHEAD_WARNED_US: Final = 86_400 * 1_000_000
"""From here on an event from the future is accepted with a warning, in microseconds: a day."""

PROBLEMS_MAX: Final = 1_000
"""Problems and warnings that are listed of one event; beyond it their number is said."""
