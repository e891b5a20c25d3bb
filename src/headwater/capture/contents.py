"""Whether an object still holds what it held when its origin was noted.

Nobody tells when an array is overwritten in place: it is C code, or an assignment to a part of it.
So its bytes are summed when its origin is noted, block by block, and again when it is used; a view
is held against the blocks that it shows. What can change and cannot be summed (references to
objects, memory with holes, more than `SUMMED_BYTES_MAX`) may have changed: of it nothing exact is
said. Other libraries add how they tell (`witnesses`).

The sum is zlib's CRC-32 (RFC 1952 §8): against accidents, which it misses once in four billion
blocks, not against forgers, who sit in the same process.
"""

from __future__ import annotations

import weakref
import zlib
from array import array
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from headwater.capture.beside import Beside, whole

SUMMED_BYTES_MAX: Final = 64 * 1024 * 1024
"""Bytes of an array that are summed (10 ms or so); a larger one counts as changed at once."""
BLOCK_BYTES: Final = 16 * 1024


class Witness(NamedTuple):
    """How the objects of a library tell whether they were changed."""

    mark: Callable[[Any], Any]
    """What to keep of an object, or of that whose memory it shows; None: it can change and cannot
    be told of."""
    holds: Callable[[Any, Any], bool]
    """Whether an object is still as its mark says."""
    owner: Callable[[Any], Any]
    """The object whose memory it shows."""


witnesses: Final[dict[str, Witness]] = {}
"""Module of a class → how its objects tell."""

_marks: Final[Beside[tuple[Any]]] = Beside()
_shared: Final[Beside[list[weakref.ref[Any]]]] = Beside()


def note(thing: object) -> None:
    """Keep what tells later whether an object was changed; what is known already stays."""
    witness = witnesses.get(type(thing).__module__)
    if witness is not None:
        held = witness.owner(thing)
        if _marks.own(held) is None:
            _marks.put(held, (witness.mark(thing),))


def mark(thing: object, kept: Any) -> None:
    """Keep something else than before by which to tell whether an object was changed."""
    _marks.put(owner(thing), (kept,))


def share(thing: object, memory: Any) -> None:
    """Note that a frame shows the memory of an array that may be written to, and the reverse."""
    writeable = getattr(getattr(memory, "flags", None), "writeable", False)  # a frame has others
    if writeable and (memory.base is not None or _marks.own(memory) is not None):
        note(memory)
        some = [one for one in _shared.own(thing) or () if one() is not None]
        _shared.put(thing, [*some, weakref.ref(owner(memory))])


def owner(thing: object) -> Any:
    """Give the object whose memory something shows; by default itself."""
    witness = witnesses.get(type(thing).__module__)
    return thing if witness is None else witness.owner(thing)


def holds(thing: object) -> bool:
    """Whether an object of which was noted is as it was then; True of what needs no telling."""
    witness = witnesses.get(type(thing).__module__)
    if witness is None:
        return not _shared or shared_holds(thing)
    found = _marks.own(witness.owner(thing))
    return found is not None and found[0] is not None and witness.holds(thing, found[0])


def shared_holds(thing: object) -> bool:
    """Whether the arrays whose memory something shows are as they were."""
    shown = _shared.own(thing)
    if shown is None:
        return True
    arrays = [reference() for reference in shown]
    return all(array is None or holds(array) for array in arrays)


def summed(thing: Any) -> array[int] | bool | None:
    """Sum the blocks of an array; True if it is not to be written to, None if it has no sum."""
    memory = whole(thing)
    if not memory.flags.writeable:
        return True
    if memory.dtype.hasobject or memory.nbytes > SUMMED_BYTES_MAX or not memory.flags.forc:
        return None
    return _sums(memory, 0, memory.nbytes)


def _is_same(thing: Any, mark: array[int] | bool) -> bool:
    memory = whole(thing)
    if isinstance(mark, bool):
        return not memory.flags.writeable
    first, last = _bounds(thing, memory)
    first -= first % BLOCK_BYTES
    last = min(-(-last // BLOCK_BYTES) * BLOCK_BYTES, memory.nbytes)
    known = mark[first // BLOCK_BYTES : -(-last // BLOCK_BYTES)]
    return bool(memory.flags.forc) and known == _sums(memory, first, last)


def _sums(memory: Any, first: int, last: int) -> array[int]:
    # By way of bytes: dates have no buffer, and memory in Fortran's order cannot be cast.
    flat = memoryview(memory.ravel(order="K").view("u1"))
    blocks = (flat[at : min(at + BLOCK_BYTES, last)] for at in range(first, last, BLOCK_BYTES))
    return array("I", map(zlib.crc32, blocks))


def _bounds(view: Any, memory: Any) -> tuple[int, int]:
    """The bytes of `memory` between which `view` lies."""
    if view is memory:
        return 0, memory.nbytes
    if not view.size:
        return 0, 0
    low = high = view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    for length, stride in zip(view.shape, view.strides, strict=True):
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + view.itemsize


witnesses["numpy"] = Witness(summed, _is_same, whole)
