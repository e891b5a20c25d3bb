"""Tables beside objects: what is known of an object, by identity, for as long as it lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")


bases: Final[dict[str, Callable[[Any], object]]] = {}
"""Module of a class → what tells of which object one of these shows a part; None: it is whole."""


identity: Final = object.__hash__
"""One number for each object that lives, as `id` gives one, which is told to every audit hook."""


class _Entry(weakref.ref[Any]):
    """A weak reference that carries what is known: one object an entry, and no closure."""

    __slots__ = ("key", "value")

    key: int
    value: Any


class Beside(Generic[T]):
    """Things known of objects that carry nothing of ours."""

    def __init__(self) -> None:
        self._known: dict[int, _Entry] = {}

        def forget(entry: Any, known: dict[int, _Entry] = self._known) -> None:
            key = entry.key
            if known.get(key) is entry:
                del known[key]

        self._forget = forget

    def __bool__(self) -> bool:
        """Whether anything is known of anything."""
        return bool(self._known)

    def put(self, thing: object, value: T | None) -> bool:
        """Know this of an object; None forgets.

        False of what cannot be referred to weakly, of which nothing is known: an int, a list.
        """
        if value is None:
            self._known.pop(identity(thing), None)
            return True
        key = identity(thing)
        known = self._known.get(key)
        if known is not None and known() is thing:
            known.value = value
            return True
        if not type(thing).__weakrefoffset__:
            return False
        entry = _Entry(thing, self._forget)
        entry.key, entry.value = key, value
        self._known[key] = entry
        return True

    def get(self, thing: object) -> T | None:
        """Tell what is known of an object; of a view of an array, what is of the array."""
        while True:
            entry = self._known.get(identity(thing))
            if entry is not None and entry() is thing:
                return entry.value  # type: ignore[no-any-return]
            find = bases.get(type(thing).__module__)
            base = None if find is None else find(thing)
            if base is None or base is thing:
                return None
            thing = base

    def own(self, thing: object) -> T | None:
        """Tell what is known of an object itself."""
        entry = self._known.get(identity(thing))
        return entry.value if entry is not None and entry() is thing else None

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
