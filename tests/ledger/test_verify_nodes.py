"""Checking the stored tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.ledger import tile, verify
from headwater.ledger.verify import TreeCheck
from tests.ledger.held import ORIGIN, SIGNER, SIZE, Held, named


@pytest.mark.parametrize("place", [(1, 3), (2, 0), (4, 0)])
def test_a_changed_node_is_named(place: tuple[int, int]) -> None:
    """A stored node that is not the hash of its children is named with what it spans."""
    held = Held()
    level, index = place
    held.nodes[place] = bytes(32)

    found = held.differences()

    assert named(found)[0] == ("changed", index << level)
    assert f"node {index} of level {level}" in found[0].detail
    # The node above rests on it, and is judged for itself.
    assert len(found) == (1 if level == 4 else 2)


def test_a_missing_node_is_named_once() -> None:
    """A node that is not there is made again, so that those above it still hold."""
    held = Held()
    del held.nodes[2, 1]

    found = held.differences()

    assert named(found) == [("missing", 4)]
    assert found[0].detail == "node 1 of level 2, over entries 4 to 7, is not there"


@pytest.mark.parametrize("index", [4, 5])
def test_a_missing_leaf_hash_is_named(index: int) -> None:
    """A leaf whose hash was taken out of the tree was not inserted."""
    held = Held()
    del held.nodes[0, index]

    assert named(held.differences()) == [("missing", index)]


def test_a_changed_leaf_hash_is_named() -> None:
    """A stored leaf hash that is not the leaf's is found at the leaf and at the node above."""
    held = Held()
    held.nodes[0, 5] = bytes(32)

    assert set(named(held.differences())) == {("changed", 5), ("changed", 4)}


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_no_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    """A flipped bit anywhere in leaves, parts or nodes is found, at an entry it touches."""
    held = Held()
    where = data.draw(st.sampled_from(["leaf", "salt", "bytes", "node"]))
    index = data.draw(st.integers(0, SIZE - 1))

    def flip(value: bytes | None) -> bytes:
        assert value
        bit = data.draw(st.integers(0, len(value) * 8 - 1))
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    if where == "leaf":
        held.leaves[index] = flip(held.leaves[index])
    elif where == "node":
        level, index = data.draw(st.sampled_from(sorted(held.nodes)))
        held.nodes[level, index] = flip(held.nodes[level, index])
        index <<= level
    else:
        salt, body = held.parts[index][0]
        held.parts[index][0] = (flip(salt), body) if where == "salt" else (salt, flip(body))

    assert ("changed", index) in named(held.differences())


def test_tiles_are_enough() -> None:
    """A store that keeps tiles alone is checked at every eighth level, and heads all the same."""
    held = Held(600)

    def read(level: int, n: int) -> bytes:
        width = min(256, (held.size >> 8 * level) - 256 * n)
        return tile.tile_hashes(level, n, width, lambda *place: held.nodes[place])

    def check() -> TreeCheck:
        node = tile.read_nodes(read)
        verifiers = [SIGNER.verifier]
        return TreeCheck(ORIGIN, held.size, node=node, verifiers=verifiers, stored_levels=8)

    assert list(held.run(sound := check())) == []
    assert sound.head(held.head(599)) == ()
    held.nodes[8, 1] = bytes(32)
    assert named(list(held.run(check()))) == [("changed", 256)]


def test_more_differences_than_are_kept_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded: what exceeds the limit is counted, and nothing wrong is concluded."""
    monkeypatch.setattr(verify, "MISMATCHES_MAX", 5)
    held = Held()
    for index in range(SIZE, 6, -1):
        held.leaves[index] = held.leaves[index - 1]
    held.write(6, body=b"put in")

    found = held.differences()

    assert named(found) == [("inserted", 6), ("changed", 10)]
    assert found[1].detail == "11 further entries differ, after entry 10"
