"""A dictionary of which every state is kept: to copy it costs what was put in since the last copy.

What was put in lies in layers, none of them changed once a later one stands on it. Where two
layers come to be of a size they are put together, so that there are few, and each thing is moved
seldom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from itertools import chain
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

GROWTH = 8
"""Each layer is more than so many times as large as the one on it."""
SMALL = 1_024
"""Fewer things are copied sooner than they are looked for in layers."""
_MISSING: Any = object()


class Layers(MutableMapping[K, V]):
    """Nothing is ever taken out of it."""

    __slots__ = ("_count", "_own", "layers")

    def __init__(self, layers: Iterable[dict[K, V]], count: int) -> None:
        self._own: dict[K, V] = {}
        self.layers = (self._own, *layers)
        self._count = count

    def __getitem__(self, key: K) -> V:
        for layer in self.layers:
            if key in layer:
                return layer[key]
        raise KeyError(key)

    def get(self, key: K, default: Any = None) -> Any:
        """As of any dictionary."""
        for layer in self.layers:
            found = layer.get(key, _MISSING)
            if found is not _MISSING:
                return found
        return default

    def __contains__(self, key: object) -> bool:
        for layer in self.layers:  # noqa: SIM110  (half the time of any())
            if key in layer:
                return True
        return False

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self:
            self._count += 1
        self._own[key] = value

    def __delitem__(self, key: K) -> None:
        raise TypeError("nothing is taken out of layers")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[K]:
        """In the order in which they were put in first."""
        if sum(map(len, self.layers)) == self._count:
            return chain.from_iterable(reversed(self.layers))
        return iter(dict.fromkeys(chain.from_iterable(reversed(self.layers))))

    def apart(self, other: Layers[K, V]) -> set[K]:
        """At least the keys under which the two have different things."""
        unequal = {id(layer) for layer in self.layers} ^ {id(layer) for layer in other.layers}
        layers = (*self.layers, *other.layers)
        return {key for layer in layers if id(layer) in unequal for key in layer}

    def copy(self) -> Layers[K, V]:
        """Another one with the same in it. Nothing is put into this one any more."""
        layers = [layer for layer in self.layers if layer]
        while len(layers) > 1 and len(layers[0]) * GROWTH >= len(layers[1]):
            layers[:2] = [{**layers[1], **layers[0]}]
        return Layers(layers, self._count)


def copied(things: MutableMapping[K, V]) -> MutableMapping[K, V]:
    """Another one with the same in it; into `things` nothing is put any more."""
    if isinstance(things, Layers):
        return things.copy()
    return dict(things) if len(things) < SMALL else Layers([dict(things)], len(things))


def plain(things: Mapping[K, V]) -> Mapping[K, V]:
    """The same in one layer, to be read through."""
    if not isinstance(things, Layers):
        return things
    found: dict[K, V] = {}
    for layer in reversed(things.layers):
        found |= layer
    return found
