"""Rows that are being changed: what is taken out of them and put into them, many at a time."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any

from headwater.index.tables import Relation

Key = Callable[[int], Any]


class Rows:
    """Changes of one relation. `key` puts what is in a row into order; without, it has none."""

    def __init__(
        self, relation: Relation, into: MutableMapping[int, list[int]], key: Key | None = None
    ):
        self._relation = relation
        self._into = into
        self._key = key
        self._out: dict[int, set[int]] = defaultdict(set)
        self._in: dict[int, list[int]] = defaultdict(list)

    def take(self, number: int, item: int) -> None:
        """Take every occurrence of an item out of a row."""
        self._out[number].add(item)

    def put(self, number: int, item: int) -> None:
        """Put an item into a row."""
        self._in[number].append(item)

    def move(self, item: int, before: Sequence[int], after: Sequence[int]) -> None:
        """Take an item out of the rows `before` and put it into those `after`."""
        if list(before) != list(after):
            for number in before:
                self.take(number, item)
            for number in after:
                self.put(number, item)

    def write(self) -> set[int]:
        """Put the changed rows in place; say which."""
        changed = {*self._out, *self._in}
        for number in changed:
            out = self._out.get(number)
            row = self._relation[number]
            kept = [item for item in row if item not in out] if out else list(row)
            self._add(kept, self._in.get(number, ()))
            self._into[number] = kept
        self._out.clear()
        self._in.clear()
        return changed

    def _add(self, row: list[int], items: Iterable[int]) -> None:
        for item in items:
            if self._key is None:
                row.append(item)
            else:
                insort(row, item, key=self._key)
