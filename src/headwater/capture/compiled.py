"""Attributes of classes written in C, which do not let themselves be set; and their `__init__`.

Arrow's tables are such classes: nothing else tells what came of them. CPython refuses on account of
one bit of the type, `Py_TPFLAGS_IMMUTABLETYPE` (`Include/object.h`); it is taken away while an
attribute is put in or out, and put back. What Python looks up by a slot (`table["x"]`) is brought
in line by `type.__setattr__` itself, in the classes below too.

Classes that Cython compiles may have a shortcut by which they are called, `tp_vectorcall` (PEP
590), which makes an object without calling the `__init__` that was put in. It is taken away:
without it CPython does what calling a class means.

Functions of numpy that let arrays of others take over (NEP 18) tell those which function was meant:
themselves. So they stay, and what they do otherwise, `default_impl`, is another function.

Where the bit, the shortcut and that function stand is reckoned from `Include/cpython/object.h` and
numpy's `arrayfunction_override.h`, and believed only if what stands there is what the interpreter
says. On others than CPython, `TypeError` is raised.

Trusted? It writes into the interpreter's memory: one bit or one pointer, of what is checked first.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

_IMMUTABLE: Final = 1 << 8
_BEFORE_FLAGS: Final = 19
"""Words between the head of an object and `tp_flags`: `ob_size`, then 18 members of the type."""

_BEFORE_VECTORCALL: Final = 48
"""Words between the head of an object and `tp_vectorcall`."""

_BEFORE_IMPLEMENTATION: Final = 3
"""Words between the head of a dispatcher of numpy and `default_impl`."""


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


def called_by_init(owner: type) -> Callable[[], None]:
    """Have `__init__` called when a class is; give what undoes it.

    Raises `TypeError` where that cannot be done.
    """
    import ctypes

    tell = ctypes.pythonapi.PyVectorcall_Function
    tell.restype, tell.argtypes = ctypes.c_void_p, [ctypes.py_object]
    before: int | None = tell(owner)
    if before is None:
        return lambda: None
    shortcut = ctypes.c_void_p.from_address(_word(owner, _BEFORE_VECTORCALL))
    if shortcut.value != before:
        raise TypeError(f"{owner!r} cannot be observed: its layout is not known")
    shortcut.value = None

    def undo() -> None:
        shortcut.value = before

    return undo


def dispatches(function: object) -> bool:
    """Whether this is a function of numpy that lets arrays of others take over."""
    return type(function).__name__ == "_ArrayFunctionDispatcher"


def implement(function: Any, implementation: Callable[..., Any]) -> Callable[[], None]:
    """Have a function that `dispatches` do another thing; give what undoes it.

    Raises `TypeError` where that cannot be done.
    """
    import ctypes

    before = function._implementation
    place = ctypes.c_void_p.from_address(_word(function, _BEFORE_IMPLEMENTATION))
    if place.value != id(before):
        raise TypeError(f"{function!r} cannot be observed: its layout is not known")
    hold, release = ctypes.pythonapi.Py_IncRef, ctypes.pythonapi.Py_DecRef
    hold.argtypes = release.argtypes = [ctypes.py_object]
    hold(implementation)
    place.value = id(implementation)

    def undo() -> None:
        place.value = id(before)
        release(implementation)

    return undo


def _flags(owner: type) -> Any:
    import ctypes  # not by programs that have no such classes

    flags = ctypes.c_ulong.from_address(_word(owner, _BEFORE_FLAGS))
    if flags.value != owner.__flags__:
        raise TypeError(f"{owner!r} cannot be observed: its layout is not known")
    return flags


def _word(owner: object, place: int) -> int:
    """The address of a word of an object, counted from behind its head."""
    import ctypes

    if sys.implementation.name != "cpython":
        raise TypeError(f"{owner!r} cannot be observed in {sys.implementation.name}")
    return id(owner) + object.__basicsize__ + place * ctypes.sizeof(ctypes.c_ssize_t)
