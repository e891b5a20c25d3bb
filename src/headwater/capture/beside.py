"""Tables beside objects: what is known of an object, by identity, for as long as it lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")


bases: Final[dict[str, Callable[[Any], object]]] = {}
"""Module of a class → what tells of which object one of these shows a part; None: it is whole."""


class Beside(Generic[T]):
    """Things known of objects that carry nothing of ours."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], T]] = {}

    def put(self, thing: object, value: T | None) -> bool:
        """Know this of an object; None forgets.

        False of what cannot be referred to weakly, of which nothing is known: an int, a list.
        """
        key, known = id(thing), self._known
        if value is None:
            known.pop(key, None)
            return True

        def forget(reference: weakref.ref[Any]) -> None:
            found = known.get(key)
            if found is not None and found[0] is reference:
                del known[key]

        try:
            known[key] = (weakref.ref(thing, forget), value)
        except TypeError:
            return False
        return True

    def get(self, thing: object) -> T | None:
        """Tell what is known of an object; of a view of an array, what is of the array."""
        while True:
            found = self._known.get(id(thing))
            if found is not None and found[0]() is thing:
                return found[1]
            base = _base(thing)
            if base is None:
                return None
            thing = base

    def own(self, thing: object) -> T | None:
        """Tell what is known of an object itself."""
        found = self._known.get(id(thing))
        return found[1] if found is not None and found[0]() is thing else None

    def put_new(self, thing: object, value: T | None) -> None:
        """Know this of an object that was made just now; if it is a view, of the whole array too.

        Views of views refer to the whole array alone.
        """
        self.put(thing, value)
        base = _base(thing)
        if base is not None and self.get(base) is None:
            self.put(base, value)


def whole(thing: object) -> Any:
    """The array whose memory a view shows; of everything else itself."""
    while (base := _base(thing)) is not None and type(base).__module__ == "numpy":
        thing = base
    return thing


def _base(thing: object) -> object:
    """The array, or other memory, that a view shows a part of."""
    find = bases.get(type(thing).__module__)
    base = None if find is None else find(thing)
    return None if base is thing else base  # a data type may be its own


bases["numpy"] = lambda thing: getattr(thing, "base", None)
