"""Inclusion and consistency proofs: made as in RFC 6962 §2.1, checked as in RFC 9162 §2.1.

`node(level, index)` gives the hash of a complete node (see `tree`); only nodes that are complete at
the size in question are asked for, so that proofs for any past size can be made at any time.

Trusted? Whoever controls the checking half can have any entry taken for part of any tree; the half
that makes proofs is not trusted at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from headwater.errors import InvalidProof
from headwater.ledger.tree import HASH_BYTES, fold, node_hash

NodeReader = Callable[[int, int], bytes]
"""(level, index) of a complete node → its 32 bytes."""


def subtrees(size: int) -> Iterator[tuple[int, int]]:
    """List the complete subtrees that make up a tree, largest first, as (level, index)."""
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            yield level, (size >> level) - 1


def root_at(size: int, node: NodeReader) -> bytes:
    """Compute the root that the tree had at this size."""
    if size < 0:
        raise InvalidProof(f"a tree cannot have {size} leaves")
    return fold([node(level, index) for level, index in subtrees(size)])


def inclusion_path(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Prove that the leaf at `index` is in the tree of this size: PATH(index, D[size]).

    Returns the sibling hashes from the leaf up; `InvalidProof` if there is no such leaf.
    """
    if not 0 <= index < size:
        raise InvalidProof(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        split = begin + _split(end - begin)
        if index < split:
            path.append(_root_over(split, end, node))
            end = split
        else:
            path.append(_root_over(begin, split, node))
            begin = split
    return path[::-1]


def consistency_path(old: int, new: int, node: NodeReader) -> list[bytes]:
    """Prove that the tree of size `old` is the beginning of that of size `new`: PROOF(old, D[new]).

    Raises `InvalidProof` for a proof from size 0 (everything begins with nothing, so that it would
    prove nothing) and for `old > new`.
    """
    if not 0 < old <= new:
        raise InvalidProof(f"there is no proof of consistency from size {old} to {new}")
    path: list[bytes] = []
    begin, end = 0, new
    while old != end:
        split = begin + _split(end - begin)
        if old <= split:
            path.append(_root_over(split, end, node))
            end = split
        else:
            path.append(_root_over(begin, split, node))
            begin = split
    if begin:
        # SUBPROOF with b = false: the old tree's root is not known to the checker as a whole, so
        # the last common subtree is part of the proof (RFC 6962 §2.1.2).
        path.append(_root_over(begin, end, node))
    return path[::-1]


def verify_inclusion(
    leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf with this hash stands at `index` of the tree (RFC 9162 §2.1.3.2).

    Raises `InvalidProof` if that is not proven.
    """
    if not 0 <= index < size:
        raise InvalidProof(f"a tree of {size} leaves has no leaf {index}")
    _require_hashes(leaf_hash, root, *path)
    position, last, hash_ = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            raise InvalidProof("the inclusion proof is too long")
        if position & 1 or position == last:
            hash_ = node_hash(sibling, hash_)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise InvalidProof("the inclusion proof is too short")
    if hash_ != root:
        raise InvalidProof(f"leaf {index} is not in the tree of {size} leaves with this root")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the new tree begins with the whole old one (RFC 9162 §2.1.4.2).

    Raises `InvalidProof` if that is not proven, and always from size 0: the witness protocol, where
    a log's first head has no predecessor, has to treat that as a case of its own.
    """
    if not 0 < old_size <= new_size:
        raise InvalidProof(f"there is no proof of consistency from size {old_size} to {new_size}")
    if old_size == new_size:
        if path or old_root != new_root:
            raise InvalidProof(f"two different trees of {old_size} leaves")
        return
    _require_hashes(old_root, new_root, *path)
    # An old tree that is one complete subtree is not repeated in the proof.
    hashes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    if not hashes:
        raise InvalidProof("the consistency proof is empty")
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old, new = hashes[0], hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise InvalidProof("the consistency proof is too long")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise InvalidProof("the consistency proof is too short")
    if old != old_root or new != new_root:
        raise InvalidProof(f"the tree of {new_size} leaves does not begin with that of {old_size}")


def _require_hashes(*hashes: bytes) -> None:
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise InvalidProof(f"a hash has {HASH_BYTES} bytes")


def _split(width: int) -> int:
    """Find the largest power of two less than the width (k in RFC 6962 §2.1)."""
    return 1 << ((width - 1).bit_length() - 1)


def _root_over(begin: int, end: int, node: NodeReader) -> bytes:
    """MTH(D[begin:end]), where `begin` is aligned as the splits above leave it."""
    return fold([node(level, (begin >> level) + index) for level, index in subtrees(end - begin)])
