"""The Merkle tree of RFC 6962 §2.1, with SHA-256.

A *complete* node (level, index) is the root over the 2**level leaves from index * 2**level on. Once
its leaves are there it never changes, so complete nodes are what a store keeps and proofs read.

Trusted? Whoever controls it can make a root stand for other entries than those that were hashed.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from headwater.errors import InvalidProof

HASH_BYTES = 32
SIZE_MAX = 2**63 - 1
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962 §2.1)."""

_SIZE_BYTES = 8


Node = tuple[int, int, bytes]
"""A complete node and its hash: (level, index, hash)."""


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash an interior node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The least one needs to go on: the complete subtrees of a tree, largest first.

    At most 63 hashes whatever the size, one for each bit set in it. Not for several threads.
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Go on from a known size; `InvalidProof` if these cannot be its subtrees."""
        self._size = size
        self._hashes = list(hashes)
        if not 0 <= size <= SIZE_MAX or len(self._hashes) != size.bit_count():
            raise InvalidProof(f"{len(self._hashes)} subtrees cannot make a tree of {size} leaves")
        if any(len(hash_) != HASH_BYTES for hash_ in self._hashes):
            raise InvalidProof(f"a hash has {HASH_BYTES} bytes")

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, largest first."""
        return tuple(self._hashes)

    def append(self, leaf_hash: bytes) -> list[Node]:
        """Add a leaf by its hash; returns every node that it completes, the leaf itself first."""
        level, index, hash_ = 0, self._size, leaf_hash
        nodes: list[Node] = [(0, index, hash_)]
        while index & 1:
            hash_ = node_hash(self._hashes.pop(), hash_)
            level, index = level + 1, index >> 1
            nodes.append((level, index, hash_))
        self._hashes.append(hash_)
        self._size += 1
        return nodes

    def root(self) -> bytes:
        """Compute the root over all leaves so far; `EMPTY_ROOT` if there is none."""
        return fold(self._hashes)

    def copy(self) -> Frontier:
        """Make an independent frontier at the same size, to try something on."""
        return Frontier(self._size, self._hashes)

    def encode(self) -> bytes:
        """Write as 8 bytes of size, big-endian, and the hashes."""
        return self._size.to_bytes(_SIZE_BYTES, "big") + b"".join(self._hashes)

    @classmethod
    def decode(cls, data: bytes) -> Frontier:
        """Read what `encode` wrote; `InvalidProof` for anything else."""
        rest = data[_SIZE_BYTES:]
        if len(data) < _SIZE_BYTES or len(rest) % HASH_BYTES:
            raise InvalidProof(f"{len(data)} bytes are no frontier")
        hashes = [rest[at : at + HASH_BYTES] for at in range(0, len(rest), HASH_BYTES)]
        return cls(int.from_bytes(data[:_SIZE_BYTES], "big"), hashes)


def fold(hashes: Iterable[bytes]) -> bytes:
    """Compute the root over adjoining complete subtrees, largest first (RFC 6962 §2.1)."""
    stack = list(hashes)
    if not stack:
        return EMPTY_ROOT
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Compute the root over these leaf hashes."""
    frontier = Frontier()
    for hash_ in hashes:
        frontier.append(hash_)
    return frontier.root()
