"""Lets one function pass for another, as `functools.wraps` does, which takes 2 ms to import."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

ASSIGNED: Final = (
    "__module__",
    "__name__",
    "__qualname__",
    "__doc__",
    "__annotate__" if sys.version_info >= (3, 14) else "__annotations__",
    *(("__type_params__",) if sys.version_info >= (3, 12) else ()),
)
"""What a function takes over: `functools.WRAPPER_ASSIGNMENTS`."""


def dressed(made: F, original: Callable[..., Any]) -> F:
    """Give `made`, which from now on has name, documentation and attributes of `original`."""
    for name in ASSIGNED:
        try:
            value = getattr(original, name)
        except AttributeError:
            continue
        setattr(made, name, value)
    vars(made).update(getattr(original, "__dict__", {}))
    made.__wrapped__ = original  # type: ignore[attr-defined]
    return made
