"""Tables of an index as whole arrays: the base, and in its place what came later."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.index.closure import Ints, Rows
from headwater.index.layers import plain
from headwater.index.tables import Column, Identities, Relation


def rows_of(relation: Relation, count: int) -> Rows:
    """The rows of the first `count` numbers."""
    starts = np.frombuffer(relation.starts, dtype=np.int32)
    targets = np.frombuffer(relation.targets, dtype=np.int32)
    if not relation.instead and len(starts) == count + 1:
        return Rows(starts, targets)
    starts = np.append(starts, np.full(count + 1 - len(starts), starts[-1], dtype=np.int32))
    counts = np.diff(starts)
    parts: list[Ints] = []
    done = 0
    for number, row in sorted(plain(relation.instead).items()):
        parts += [targets[done : starts[number]], np.array(row, dtype=np.int32)]
        counts[number] = len(row)
        done = int(starts[number + 1])
    parts.append(targets[done:])
    merged = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(counts, out=merged[1:])
    return Rows(merged, np.concatenate(parts))


def column_of(column: Column, count: int, kind: type[np.generic] = np.int32) -> NDArray[Any]:
    """What is said of the first `count` numbers."""
    base: NDArray[Any] = np.frombuffer(column.base, dtype=kind)
    if not column.instead and len(base) == count:
        return base
    merged = np.full(count, column.missing, dtype=kind)
    merged[: len(base)] = base
    later = plain(column.instead)
    merged[list(later)] = list(later.values())
    return merged


def ranks_of(things: Identities[Any]) -> Ints:
    """Where each of the things stands in the order of references."""
    count = len(things)
    if not things.grown:
        return np.arange(count, dtype=np.int32)
    new = np.array(things.new_in_order(), dtype=np.int32)
    ranks = np.arange(count, dtype=np.int32)
    ranks[: things.base] += np.searchsorted(new[:, 0], ranks[: things.base], side="right")
    ranks[new[:, 1]] = new[:, 0] + np.arange(len(new))
    return ranks
