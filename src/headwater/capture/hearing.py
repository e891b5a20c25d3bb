"""What is read while something is done, by code of the program that a library calls."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeAlias

Key: TypeAlias = "tuple[str, str]"

_meanwhile: Final[ContextVar[Heard | None]] = ContextVar("headwater_read", default=None)


class Heard:
    """What is read in this context from now on until it is told to stop."""

    __slots__ = ("_outer", "keys")

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        self._outer = _meanwhile.get()
        _meanwhile.set(self)

    def stop(self) -> None:
        """Hear no more; who listened before hears of it too."""
        _meanwhile.set(self._outer)
        if self._outer is not None:
            self._outer.keys |= self.keys


listening = _meanwhile.get
"""Gives what somebody hears here of what is read, None if nobody listens."""
