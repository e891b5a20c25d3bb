"""The Merkle tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import InvalidProof
from headwater.ledger import tree
from tests.ledger import naive

SIZES = st.integers(0, 70)
VECTORS = json.loads((Path(__file__).parent / "vectors" / "tree.json").read_bytes())


def frontier_of(size: int) -> tree.Frontier:
    """A frontier fed with the leaves of the naive tree."""
    frontier = tree.Frontier()
    for data in naive.leaves(size):
        frontier.append(tree.leaf_hash(data))
    return frontier


def test_the_reference_tree_has_the_published_roots(shared: Path) -> None:
    """The Certificate Transparency reference leaves give the published root at every size."""
    published = json.loads((shared / "vectors" / "rfc6962" / "rfc6962_reference.json").read_bytes())
    hashes = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in published["leaves_hex"]]

    roots = [tree.root_of(hashes[:size]).hex() for size in range(len(hashes) + 1)]

    assert roots == published["roots_by_size_hex"]


def test_hashes_are_those_published(shared: Path) -> None:
    """Empty root, leaf and node are hashed with the published results."""
    path = shared / "vectors" / "rfc6962" / "rfc6962_reference.json"
    published = json.loads(path.read_bytes())["hasher"]

    assert tree.EMPTY_ROOT.hex() == published["empty_root"]
    assert tree.leaf_hash(b"").hex() == published["leaf(empty)"]
    assert tree.leaf_hash(b"L123456").hex() == published["leaf('L123456')"]
    assert tree.node_hash(b"N123", b"N456").hex() == published["node('N123','N456')"]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_small_trees_hash_as_written_out(case: dict[str, object]) -> None:
    """Trees of up to five leaves have the roots that the definition gives, with hashlib alone."""
    leaves = case["leaves"]
    assert isinstance(leaves, list)

    assert tree.root_of(tree.leaf_hash(leaf.encode()) for leaf in leaves).hex() == case["root"]


@given(SIZES)
@settings(max_examples=50, deadline=None)
def test_the_frontier_has_the_root_of_the_definition(size: int) -> None:
    """The compact frontier gives the root of the naive tree at any size."""
    assert frontier_of(size).root() == naive.mth(naive.leaves(size))


def test_appending_names_each_complete_node_once() -> None:
    """All complete nodes of a tree, and no others, are returned by the appends that make it."""
    size = 37
    data = naive.leaves(size)
    frontier = tree.Frontier()
    node = naive.reader(data)

    made = [made for leaf in data for made in frontier.append(tree.leaf_hash(leaf))]

    places = {(level, index) for level in range(6) for index in range(size >> level)}
    assert len(made) == len(places)
    assert {(level, index): hash_ for level, index, hash_ in made} == {
        place: node(*place) for place in places
    }


@given(SIZES, st.integers(0, 20))
@settings(max_examples=50, deadline=None)
def test_a_frontier_survives_its_bytes(size: int, more: int) -> None:
    """A frontier read back from its bytes goes on as the one that was written."""
    frontier = tree.Frontier.decode(frontier_of(size).encode())
    for number in range(size, size + more):
        frontier.append(tree.leaf_hash(naive.leaf(number)))

    assert frontier.encode() == frontier_of(size + more).encode()
    assert (frontier.size, frontier.hashes) == (size + more, frontier_of(size + more).hashes)


def test_a_copy_is_independent() -> None:
    """Appending to a copy leaves the original as it was."""
    frontier = frontier_of(5)
    frontier.copy().append(bytes(32))

    assert frontier.encode() == frontier_of(5).encode()


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, []), (2**63, [bytes(32)]), (3, [bytes(32)]), (0, [bytes(32)]), (1, [bytes(31)])],
)
def test_impossible_frontiers_are_refused(size: int, hashes: list[bytes]) -> None:
    """A frontier holds one hash of 32 bytes for each bit set in a size below 2**63."""
    with pytest.raises(InvalidProof):
        tree.Frontier(size, hashes)


def test_the_largest_size_is_taken() -> None:
    """A frontier of the greatest size is valid."""
    assert tree.Frontier(tree.SIZE_MAX, [bytes(32)] * 63).size == tree.SIZE_MAX


@pytest.mark.parametrize("data", [b"", bytes(7), bytes(9), bytes(8 + 31), bytes(8 + 32)])
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    """Cut, odd or contradictory bytes are no frontier."""
    with pytest.raises(InvalidProof):
        tree.Frontier.decode(data)
