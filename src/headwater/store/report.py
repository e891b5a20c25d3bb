"""What verification found, what it looked at, and what it did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from headwater.ledger import verify as ledger

UNREADABLE = "unreadable"
"""Bytes that SQLite cannot make a row of."""


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it was committed.

    `kind` is one of `headwater.ledger.verify` or `unreadable`; `place` is `entry`, `head`, a table
    or a file of the store; `index` is the entry's, None for everything else.
    """

    kind: str
    place: str
    index: int | None
    detail: str

    def __str__(self) -> str:
        where = self.place if self.index is None else f"{self.place} {self.index}"
        return f"{where} {self.kind}: {self.detail}"


class Report(msgspec.Struct, frozen=True):
    """The outcome: every difference, how many of what were checked, sentences on what was not."""

    differences: tuple[Difference, ...]
    checked: Mapping[str, int]
    not_checked: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether everything that was checked holds."""
        return not self.differences


class Findings:
    """A report in the making."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self.differences: list[Difference] = []
        self.checked: dict[str, int] = {}
        self.not_checked: list[str] = []

    def add(self, kind: str, place: str, detail: str, *, index: int | None = None) -> None:
        """Note one difference."""
        self.differences.append(Difference(kind, place, index, detail))

    def take(self, found: Iterable[ledger.Difference]) -> bool:
        """Note what the ledger's own check found; whether that was anything."""
        before = len(self.differences)
        for one in found:
            place = "head" if one.index is None else "entry"
            self.add(one.kind, place, one.detail, index=one.index)
        return len(self.differences) > before

    def count(self, what: str, number: int = 1) -> None:
        """Note that so many of these were checked."""
        self.checked[what] = self.checked.get(what, 0) + number

    def report(self) -> Report:
        """Finish; the same difference found twice is said once."""
        differences = tuple(dict.fromkeys(self.differences))
        return Report(differences, dict(self.checked), tuple(self.not_checked))
