"""What a notebook has read so far, whichever cell did: the objects made of it go on living.

A cell that writes an object did not always read what the object came from. It is said to have read
it in the state that was read then, known by its content, however often the file has been
overwritten since and in whatever order cells are run.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

    from headwater.capture.hearing import Key
    from headwater.capture.recording import Mention


RECALLED_MAX: Final = 1_000
"""Datasets that a write of unknown origin in one cell is said to have come from; of more, a gap."""

stamps: Final[dict[tuple[str, str], int]] = {}
"""Dataset → the place of its newest state among those that were read. Empty but in notebooks."""


class Memory:
    """The states of datasets that were read in one notebook, each dataset's in order."""

    def __init__(self) -> None:
        stamps.clear()
        self.is_partial = False
        """Whether objects are there that were made before anybody looked."""
        self._states: dict[Key, list[Mention]] = {}
        self._written: dict[Key, int] = {}

    def note_read(self, key: Key, mention: Mention) -> None:
        """Remember in which state a dataset was read. One state read twice is one."""
        states = self._states.setdefault(key, [])
        if not states or self._is_other(key, states[-1], mention):
            states.append(mention)
        stamps[key] = len(states) - 1

    def note_write(self, key: Key, at: int) -> None:
        """Remember that a dataset was written."""
        self._written[key] = at

    def state(self, key: Key, stamp: int | None) -> Mention | None:
        """Give a state of a dataset, by default the newest; None if it was never read."""
        states = self._states.get(key, [])
        if stamp is None or stamp >= len(states):
            stamp = -1
        return states[stamp] if states else None

    def newest(self) -> Iterator[tuple[Key, Mention]]:
        """Give the newest state of each dataset that was read."""
        for key, states in list(self._states.items()):
            yield key, states[-1]

    def is_old(self, key: Key, mention: Mention) -> bool:
        """Whether a dataset was written in this notebook after it had been read so."""
        return self._written.get(key, 0) > mention.at

    def _is_other(self, key: Key, known: Mention, mention: Mention) -> bool:
        if known.look is None or mention.look is None:
            return self.is_old(key, known)
        return known.look != mention.look


def chosen(key: Key, seen: Iterable[tuple[Key, int]]) -> list[int]:
    """List which states of a dataset an object came from, as its origin has them."""
    return sorted({stamp for one, stamp in seen if one == key})
