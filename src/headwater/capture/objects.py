"""Objects in files: what was stored and loaded whole, as pickles, arrays and models are.

What is loaded came from its file, and so did what lies directly in a list or dict that was loaded.
What is stored came from what the object came from; of several in one container, or dumped one
after the other into one open file, from all of them. Where one of them is of unknown origin, no
more is claimed than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

from headwater.capture import files, opens, origins, written
from headwater.capture.origins import (
    Later,
    Origin,
    Step,
    held,
    is_known,
    recall,
    remember,
    remember_new,
)

followed: Final[list[type]] = []
"""Classes of which is noticed what happens to their objects, of the libraries that are loaded."""
DEPTH_MAX: Final = 8
"""Containers in one another that are looked into."""
MEMBERS_MAX: Final = 1_000
"""Members of a container that are looked at one by one; of a larger one, none."""


states: Final[list[Callable[[Any], Any]]] = []
"""What tells whose state something is: it gives the object in its place, by default the same."""


def stand_in(thing: Any) -> Any:
    """Put objects in the place of their states, which show what they hold."""
    for told in states:
        thing = told(thing)
    return thing


def load(thing: object, given: object, **said: Any) -> None:
    """Record that an object was loaded from a path or an open file."""
    if opens.is_data(given):
        give(thing, files.read(given, **said))


def store(thing: object, given: object, **said: Any) -> None:
    """Record that an object was stored at a path or in an open file."""
    if not opens.is_data(given):
        return
    origin = gather(thing)
    if hasattr(given, "write"):
        origin = origin or Origin(opaque=True)
        before = recall(given)
        if before is not None:
            origin = origins.merge(before, origin)
        remember(given, origin)
    files.write(given, origin, **said)


def give(thing: object, origin: Origin | None, deep: int = DEPTH_MAX) -> None:
    """Let an object made just now, and what lies in it if it is a container, have an origin.

    Of an object of a class that nobody follows, nobody would notice what is put into it.
    """
    if isinstance(thing, (dict, list, tuple)):
        for one in members(thing) if deep else ():
            give(one, origin, deep - 1)
        return
    unseen = origin is not None and not isinstance(thing, tuple(followed))
    remember_new(thing, origin._replace(opaque=True) if origin and unseen else origin)


def gather(thing: object, deep: int = DEPTH_MAX) -> Origin | None:
    """Give the origin of an object, or of all that lies in a container; None where unknown."""
    origin = recall(thing)
    return origin if origin is not None else together(members(thing) if deep else (), deep - 1)


def together(things: Iterable[object], deep: int = DEPTH_MAX) -> Origin | None:
    """Give the origin of what is made of several things; unknown if all of theirs are."""
    known = [gather(one, deep) for one in things]
    if not any(origin is not None for origin in known):
        return None
    whole = origins.merge(*known)
    return whole.obscure() if None in known else whole


def members(thing: object) -> list[object]:
    """List what lies in a container."""
    if not isinstance(thing, (dict, list, tuple)) or len(thing) > MEMBERS_MAX:
        return []
    return list(islice(thing.values() if isinstance(thing, dict) else thing, MEMBERS_MAX))


def brought(values: Iterable[Any]) -> Origin:
    """Give what arguments bring along; plain values, labels and functions bring nothing.

    A list or dict that the program does not write out, or data that was computed, may have come
    from anything.
    """
    known = bringing(values)
    return origins.merge(*(one.origin() if isinstance(one, Later) else one for one in known))


def bringing(values: Iterable[Any]) -> list[Origin | Step]:
    """Give what arguments bring along, one by one and not worked out."""
    found: list[Origin | Step] = []
    for value in values:
        kind = type(value)
        if kind in PLAIN:
            continue
        known = held(value)
        if known is not None:
            found.append(known)
        elif kind is dict or isinstance(value, dict):
            found += bringing(value.values())
            plain = any(type(one) in PLAIN for one in value.values())
            if plain and not (written.keyed_in_call(value) or written.in_call(value)):
                found.append(UNKNOWN)
        elif _may_hold_data(value):
            found.append(UNKNOWN)
    return found


PLAIN: Final = frozenset((int, float, str, bool, type(None)))
"""Values of the program that bring nothing along."""
UNKNOWN: Final = Origin(opaque=True)


def _may_hold_data(value: Any) -> bool:
    if isinstance(value, (list, tuple, set, frozenset)):
        return len(value) > 0 and not written.in_call(value)
    return hasattr(value, "__array__") and not isinstance(value, type)


def made_of(things: Iterable[Any]) -> Origin | None:
    """Give the origin of what is made of arguments, by dataset; numbers and switches are none."""
    origin = together([one for one in things if is_data(one)])
    return None if origin is None else origin._replace(columns=None)


def is_data(thing: Any) -> bool:
    """Whether an argument holds data: an array, a frame, a list that is not empty."""
    if isinstance(thing, (list, tuple)):
        return len(thing) > 0
    if isinstance(thing, (str, int, float, type)):
        return False
    return hasattr(thing, "__array__") or hasattr(thing, "shape") or is_known(thing)
