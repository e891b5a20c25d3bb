"""Attributes of classes written in C, which do not let themselves be set.

Arrow's tables are such classes: nothing else tells what came of them. CPython refuses on account of
one bit of the type, `Py_TPFLAGS_IMMUTABLETYPE` (`Include/object.h`); it is taken away while an
attribute is put in or out, and put back. What Python looks up by a slot (`table["x"]`) is brought
in line by `type.__setattr__` itself, in the classes below too.

Where the bit stands is reckoned from `Include/cpython/object.h` and believed only if what stands
there is what the type says of itself. On other interpreters than CPython, `TypeError` is raised.

Trusted? It writes into the interpreter's memory: one bit, of a type that is checked first.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_IMMUTABLE: Final = 1 << 8
_BEFORE_FLAGS: Final = 19
"""Words between the head of an object and `tp_flags`: `ob_size`, then 18 members of the type."""


def is_fixed(owner: object) -> bool:
    """Whether this is a class whose attributes cannot be set."""
    return isinstance(owner, type) and bool(owner.__flags__ & _IMMUTABLE)


class loosened:  # noqa: N801 (used like a function)
    """Let attributes of a class be set meanwhile. Raises `TypeError` where that cannot be done."""

    def __init__(self, owner: object) -> None:
        self._flags = _flags(owner) if isinstance(owner, type) and is_fixed(owner) else None

    def __enter__(self) -> None:
        if self._flags is not None:
            self._flags.value &= ~_IMMUTABLE

    def __exit__(self, *_: object) -> None:
        if self._flags is not None:
            self._flags.value |= _IMMUTABLE


def _flags(owner: type) -> Any:
    import ctypes  # not by programs that have no such classes

    if sys.implementation.name != "cpython":
        raise TypeError(f"{owner!r} cannot be observed in {sys.implementation.name}")
    offset = object.__basicsize__ + _BEFORE_FLAGS * ctypes.sizeof(ctypes.c_ssize_t)
    flags = ctypes.c_ulong.from_address(id(owner) + offset)
    if flags.value != owner.__flags__:
        raise TypeError(f"{owner!r} cannot be observed: its layout is not known")
    return flags
