"""How fast a ledger is verified, by one core, beside hashing alone.

`--tree` over the large store; everything (parts, claims made again, repeats) over a stretch of it.
"""

from __future__ import annotations

from pathlib import Path

import _measuring
import _stores

from headwater.ledger.tree import leaf_hash, root_of
from headwater.store import database, sharing
from headwater.store.verifying import verify

LARGE_STORE = 1_000_000
WHOLE_ENTRIES = 50_000
HASHED_LEAVES = 200_000
ROUNDS = 3


def main() -> None:
    """Measure and report."""
    with _stores.grown(LARGE_STORE) as store:
        root, size = store.location, store.size
    connection = database.connect_reader(root)
    query = "SELECT leaf FROM entries LIMIT ?"
    leaves = [leaf for (leaf,) in connection.execute(query, (HASHED_LEAVES,))]
    connection.close()
    tree: list[float] = []
    whole: list[float] = []
    hashing: list[float] = []
    for _ in range(ROUNDS):
        tree.append(size / _measuring.seconds(lambda: require_sound(root, size)))
        hashing.append(len(leaves) / _measuring.seconds(lambda: root_of(map(leaf_hash, leaves))))
        whole.append(WHOLE_ENTRIES / _measuring.seconds(lambda: compare(root)))
    figures = [
        _measuring.Figure("headwater verify --tree", tuple(tree), "leaves/s", "≥ 200,000 a core"),
        _measuring.Figure("limit: hash leaves and tree, in memory", tuple(hashing), "leaves/s"),
        _measuring.Figure(
            "everything, claims included, one process", tuple(whole), "entries/s", "≥ 10,000"
        ),
    ]
    _measuring.report("verification", figures, entries=size, entries_whole=WHOLE_ENTRIES)


def require_sound(root: Path, size: int) -> None:
    """Follow all leaves and the tree."""
    report = verify(root, tree_only=True)
    assert report.sound, report.differences
    assert report.checked["leaves"] == size


def compare(root: Path) -> None:
    """Compare everything about the first entries, as each process of a large `verify` does."""
    report = sharing.compare_share(root, 0, WHOLE_ENTRIES).report()
    assert report.sound, report.differences


if __name__ == "__main__":
    main()
