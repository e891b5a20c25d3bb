"""Whether something of ours, or something that is observed, is at work in this context.

What we do ourselves is nobody's lineage, and within an observed function nothing else is observed.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar

from headwater.capture.stack import is_callback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Final, Literal, TypeAlias


STATEMENTS: Final = "statements"
"""Within an observed function whose statements in databases are observed all the same."""

Within: TypeAlias = "bool | Literal['statements']"
within: ContextVar[Within] = ContextVar("headwater_within", default=False)

_state = within.get


def busy() -> bool:
    """Whether nothing is to be observed now."""
    return bool(within.get())


def is_deaf() -> bool:
    """Whether not even statements in databases are to be observed now, by who asks.

    Those of the program are, also where an observed function has called back to it.
    """
    return _state() is True and not is_callback(sys._getframe(2))


class quiet:  # noqa: N801 (used like a function, and cheaper than one made by contextlib)
    """A context in which nothing is observed."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = within.set(True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        within.reset(self._token)
