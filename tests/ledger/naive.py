"""RFC 6962 §2.1 as it is written, without a thought for speed: the oracle for tree and proofs."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256


def leaf(number: int) -> bytes:
    """The number-th leaf of the trees in these tests."""
    return f"leaf {number}".encode()


def leaves(size: int) -> list[bytes]:
    """The leaves of a tree of this size."""
    return [leaf(number) for number in range(size)]


def mth(data: list[bytes]) -> bytes:
    """MTH(D[n])."""
    n = len(data)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = largest_power_below(n)
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    n = len(data)
    if n == 1:
        return []
    k = largest_power_below(n)
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def proof(m: int, data: list[bytes]) -> list[bytes]:
    """PROOF(m, D[n])."""
    return subproof(m, data, whole=True)


def subproof(m: int, data: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b)."""
    n = len(data)
    if m == n:
        return [] if whole else [mth(data)]
    k = largest_power_below(n)
    if m <= k:
        return [*subproof(m, data[:k], whole=whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], whole=False), mth(data[:k])]


def largest_power_below(n: int) -> int:
    """The k of RFC 6962 §2.1: the largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def reader(data: list[bytes]) -> Callable[[int, int], bytes]:
    """Complete nodes by definition; asking for one that is not complete is an error."""

    def node(level: int, index: int) -> bytes:
        begin, end = index << level, (index + 1) << level
        assert 0 <= begin < end <= len(data), "an incomplete node was asked for"
        return mth(data[begin:end])

    return node
