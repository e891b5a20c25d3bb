"""What a writer is given to commit, and what it says of bytes that it has seen before."""

from __future__ import annotations

from typing import NamedTuple


class Draft(NamedTuple):
    """An entry to be: `parts` are (salt, bytes), `mark` its duplicate mark, `claims` encoded."""

    kind: str
    by: str
    parts: tuple[tuple[bytes, bytes], ...]
    mark: bytes
    claims: tuple[bytes, ...]


class Refusal(NamedTuple):
    """An event that is not admitted: where it came from if known, its bytes, and why."""

    source: str | None
    body: bytes
    problems: str


class Earlier(NamedTuple):
    """The entry that holds these bytes already, and whether they were erased since."""

    entry: int
    erased: bool
