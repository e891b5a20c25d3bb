"""On what each run's bindings rest: which part of which timeline was looked at to find them.

What stands before or after a *span* of a timeline cannot change what was found in it. Reads by
declared id or by content look for that alone, wherever it stands: they leave a *key*. So a later
claim that changes a timeline concerns the runs whose span it falls into, or whose key it has.
Ends of names and state changes concern every run that looked at the name that late.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from headwater.graph.timelines import Position
from headwater.refs import Artifact, Run

NEVER = -(2**63)
"""A span from here on: nothing was found, so that anything older would have counted."""


class Span(NamedTuple):
    """A part of a timeline, both ends among it. Times in microseconds."""

    first: int
    last: int


class Footprints:
    """Spans and keys of every run, by name."""

    def __init__(self) -> None:
        self.spans: dict[Run, dict[Artifact, Span]] = defaultdict(dict)
        self.keys: dict[Run, set[tuple[Artifact, str]]] = defaultdict(set)

    def stood(self, run: Run, name: Artifact, found: Position | None, until: int) -> None:
        """Note that this was the newest that stood on the name by a time."""
        self.looked(run, name, NEVER if found is None else found.stands, until)

    def looked(self, run: Run, name: Artifact, first: int, last: int) -> None:
        """Note that a part of a timeline was looked at."""
        spans = self.spans[run]
        held = spans.get(name)
        if held is not None:
            first, last = min(first, held.first), max(last, held.last)
        spans[name] = Span(first, last)

    def sought(self, run: Run, name: Artifact, key: str) -> None:
        """Note that versions with this key were looked for, whenever they stand."""
        self.keys[run].add((name, key))


def declared_key(declared: str) -> str:
    """The key of versions with a declared id."""
    return f"={declared}"


def digest_key(digest: str) -> str:
    """The key of versions with a content."""
    return f"#{digest}"
