"""What a writer is given to commit, and what it says of bytes that it has seen before."""

from __future__ import annotations

from typing import NamedTuple

from headwater.store.marking import Mark
from headwater.store.projecting import Claims


class Draft(NamedTuple):
    """An entry to be: `parts` are (salt, bytes), `mark` finds its repeats."""

    kind: str
    by: str
    parts: tuple[tuple[bytes, bytes], ...]
    mark: Mark
    claims: Claims


class Refusal(NamedTuple):
    """An event that is not admitted: where it came from if known, its bytes, and why."""

    source: str | None
    body: bytes
    problems: str


class Earlier(NamedTuple):
    """The entry that holds these bytes already, and whether they were erased since."""

    entry: int
    erased: bool
