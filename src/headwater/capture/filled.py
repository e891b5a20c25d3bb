"""How far the files of a run are filled that it has open: by adapters, one right after the other.

What a program writes itself is not seen, but where each write of an adapter began and ended is. If
the first began where the file was empty, or had ended when it was opened to append, each other
where the one before it ended, and the file is no longer than that in the end, then adapters put all
of it there. What changes nothing of this is not told: bytes put over others by `os.pwrite`, say.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeAlias

    Key: TypeAlias = "tuple[str, str]"

UNKNOWN: Final = -1
"""Where a file ends in which something else was put, or may have been."""
PACKED: Final = -2
"""Where a file ends in which what was put is being packed: known once that is done."""


class Fill:
    """One file: the size that it has if nobody but adapters put something there."""

    __slots__ = ("beside", "claimed", "end", "handle")

    def __init__(self, end: int) -> None:
        self.end = end
        self.handle: Callable[[], Any] | None = None
        """The open file that an adapter was given first, while it lives."""
        self.beside = False
        """Whether it may be open elsewhere, since before that."""
        self.claimed = False
        """Whether it was said to be of what adapters put there alone."""

    def put(self, begin: int, end: int) -> bool:
        """Let an adapter have put something there; give whether that may be said to be all."""
        self.claimed = begin == self.end >= 0
        self.end = end if self.claimed else UNKNOWN
        return self.claimed

    def may_be_open(self) -> bool:
        """Whether nobody saw that it was closed."""
        file = None if self.handle is None else self.handle()
        return self.handle is None if file is None else not file.closed

    def doubt(self) -> None:
        """What is in it may have been changed unseen."""
        self.end = UNKNOWN


class Filled:
    """The files of one run, by their names."""

    def __init__(self) -> None:
        self._fills: dict[Key, Fill] = {}

    def opened(self, key: Key, size: int, *, appends: bool = False) -> Fill:
        """A file was opened in which so many bytes are, or may be changed (`UNKNOWN`)."""
        known = self._fills.get(key)
        beside = known is not None and known.may_be_open()
        if known is None or not appends:
            known = self._fills[key] = Fill(size)
        elif known.end != size:
            known.doubt()
        known.beside = beside
        return known

    def get(self, key: Key) -> Fill | None:
        """Tell of a file; None of one that the run did not open."""
        return self._fills.get(key)

    def is_written(self, key: Key, *, adds: bool) -> bool:
        """A file was written by its name, whole, or at its end (`adds`).

        Give whether it holds nothing else than what was said: nobody looked at it between an open
        file and what was added later.
        """
        known = self._fills.get(key)
        if known is None:
            return True
        if adds:
            known.doubt()
        else:
            self.forget(key)
        return not adds

    def doubt_all(self) -> None:
        """What is in one of them may have been changed unseen."""
        for fill in self._fills.values():
            fill.doubt()

    def forget(self, key: Key) -> None:
        """It is gone, or what was known of it does not count any more."""
        self._fills.pop(key, None)

    def move(self, old: Key, new: Key) -> None:
        """It has another name."""
        self.forget(new)
        if old in self._fills:
            self._fills[new] = self._fills.pop(old)
