"""Differences between what a store holds and what was committed, and how they are told apart.

Trusted? Whoever controls it can give a difference another name or place, and hide what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

CHANGED = "changed"
MISSING = "missing"
INSERTED = "inserted"
REORDERED = "reordered"
ROLLED_BACK = "rolled back"
FORKED = "forked"
RE_SIGNED = "re-signed"
CLAIMS_EDITED = "claims edited"
"""Found by the caller, who knows what an entry's claims must be."""


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it was committed; `index` is the entry's, None for a head."""

    kind: str
    index: int | None
    detail: str

    def __str__(self) -> str:
        where = "head" if self.index is None else f"entry {self.index}"
        return f"{where} {self.kind}: {self.detail}"


class Mismatch(NamedTuple):
    """A place where the leaf does not have the committed hash. None: no leaf, or no hash, there."""

    found: bytes | None
    committed: bytes | None


def tell_apart(mismatches: Mapping[int, Mismatch], *, whole: bool = True) -> Iterator[Difference]:
    """Name what happened to these entries, in no particular order.

    Each leaf that stands in the wrong place leads to the place it was committed to. Where that
    closes a ring, leaves changed places. Where it makes a chain, a leaf without a place was put in
    at one end and a place without its leaf was emptied at the other; what lies between was only
    moved along, so that nothing is said about it. `whole` is False where more mismatches follow
    than are given: nothing is concluded then from a chain that ends at the last one.
    """
    places = {m.committed: index for index, m in mismatches.items() if m.committed is not None}
    goes_to: dict[int, int] = {}
    comes_from: dict[int, int] = {}
    for index, mismatch in mismatches.items():
        place = places.get(mismatch.found) if mismatch.found is not None else None
        if place is not None and place not in comes_from:
            goes_to[index] = place
            comes_from[place] = index
    edge = None if whole else max(mismatches, default=None)
    for start in mismatches:
        if start not in comes_from:
            chain = [start]
            while chain[-1] in goes_to:
                # Taken out, so that what is left in the end is rings.
                chain.append(goes_to.pop(chain[-1]))
            yield from _name_chain(mismatches, chain, edge)
    for index, place in goes_to.items():
        yield Difference(REORDERED, index, f"here stands the leaf that was committed as {place}")


def _name_chain(
    mismatches: Mapping[int, Mismatch], chain: list[int], edge: int | None
) -> Iterator[Difference]:
    emptied, filled = chain[0], chain[-1]
    lost = mismatches[emptied].committed is not None and (emptied != edge or len(chain) == 1)
    foreign = mismatches[filled].found is not None and (filled != edge or len(chain) == 1)
    if lost and foreign and len(chain) == 1:
        yield Difference(CHANGED, emptied, "the leaf does not have the hash that was committed")
        return
    moved = "" if len(chain) == 1 else f"; {len(chain) - 1} others were moved along"
    if lost:
        yield Difference(MISSING, emptied, f"the leaf committed here is gone{moved}")
    if foreign:
        yield Difference(INSERTED, filled, f"a leaf that was never committed{moved}")
