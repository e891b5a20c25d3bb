"""Lets one function pass for another, as `functools.wraps` does, which takes 2 ms to import."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

_ANNOTATIONS: Final = "__annotate__" if sys.version_info >= (3, 14) else "__annotations__"
ASSIGNED: Final = (
    "__module__",
    "__name__",
    "__qualname__",
    "__doc__",
    _ANNOTATIONS,
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
    if not hasattr(original, _ANNOTATIONS):  # a function in C has none, and ours are not its
        del made.__annotations__
    vars(made).update(getattr(original, "__dict__", {}))
    made.__wrapped__ = original  # type: ignore[attr-defined]
    return made


def with_defaults(made: F, original: Callable[..., Any]) -> F:
    """Give `made`, a function of `*args, **kwargs`, which shows the defaults of `original`.

    Nothing uses them: all arguments are passed on, and only those that were given.
    """
    shown: Any = made
    defaults = getattr(original, "__defaults__", None)
    if type(defaults) is tuple:
        shown.__defaults__ = defaults
    defaults = getattr(original, "__kwdefaults__", None)
    if type(defaults) is dict:
        shown.__kwdefaults__ = defaults
    return made
