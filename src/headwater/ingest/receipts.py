"""Receipts: what became of every event that was given to us. Nothing is dropped in silence."""

from __future__ import annotations

from typing import Final

import msgspec

from headwater.errors import Problem

ACCEPTED: Final = "accepted"
DUPLICATE: Final = "duplicate"
REJECTED: Final = "rejected"
ERASED: Final = "erased"
"""The same bytes were admitted before and erased since; they are not admitted again."""
FORBIDDEN: Final = "forbidden"
"""Who gave it may not write about this job; otherwise it would have been accepted."""


class Receipt(msgspec.Struct, frozen=True):
    """What became of one event.

    `index` is its place in what was given, `entry` its place in the ledger: its own when accepted,
    the first one's when duplicate or erased, None when rejected or forbidden. `problems` say why
    not.
    """

    index: int
    entry: int | None
    status: str
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
