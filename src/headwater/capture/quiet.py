"""Whether something of ours, or something that is observed, is at work in this context.

What we do ourselves is nobody's lineage, and within an observed function nothing else is observed.
"""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Final, Literal, TypeAlias


STATEMENTS: Final = "statements"
"""Within an observed function whose statements in databases are observed all the same."""

Within: TypeAlias = "bool | Literal['statements']"
within: ContextVar[Within] = ContextVar("headwater_within", default=False)


def busy() -> bool:
    """Whether nothing is to be observed now."""
    return bool(within.get())


def is_deaf() -> bool:
    """Whether not even statements in databases are to be observed now."""
    return within.get() is True


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
