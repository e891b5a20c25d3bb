"""Tiles, entry bundles and their paths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import InvalidLeaf, NotFound
from headwater.ledger import proof, tile, tree
from headwater.ledger.tile import Tile

VECTORS = json.loads((Path(__file__).parent / "vectors" / "tile.json").read_bytes())
SIZE = 700


@pytest.fixture(scope="module")
def nodes() -> dict[tuple[int, int], bytes]:
    """All complete nodes of a tree of 700 leaves, which has tiles of two levels."""
    frontier = tree.Frontier()
    return {
        (level, index): hash_
        for number in range(SIZE)
        for level, index, hash_ in frontier.append(tree.leaf_hash(b"%d" % number))
    }


@pytest.mark.parametrize("case", VECTORS["paths"], ids=lambda case: case["path"])
def test_paths_are_those_of_the_specification(case: dict[str, Any]) -> None:
    """A resource's path is written as the vector says and read back from it."""
    place = Tile(case["level"], case["n"], case["width"])

    assert tile.format_path(place) == case["path"]
    assert tile.parse_path(case["path"]) == place


def test_tiles_and_bundles_have_paths_of_their_own() -> None:
    """A bundle's path differs from its tile's in the level only."""
    assert tile.tile_path(0, 1234, 5) == "tile/0/x001/234.p/5"
    assert tile.tile_path(1, 0) == "tile/1/000"
    assert tile.entries_path(1234, 5) == "tile/entries/x001/234.p/5"
    assert tile.entries_path(0) == "tile/entries/000"


@pytest.mark.parametrize("path", VECTORS["invalid"])
def test_any_other_path_is_refused(path: str) -> None:
    """A resource has one path."""
    with pytest.raises(NotFound):
        tile.parse_path(path)


def test_a_long_path_is_refused_quickly() -> None:
    """A path of a megabyte is no number of a million digits."""
    with pytest.raises(NotFound) as caught:
        tile.parse_path("tile/0/" + "x999/" * 200_000 + "999")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "place",
    [Tile(-1, 0), Tile(64, 0), Tile(0, -1), Tile(0, 2**63), Tile(0, 0, 0), Tile(None, 0, 257)],
)
def test_impossible_tiles_have_no_path(place: Tile) -> None:
    """Levels go from 0 to 63, widths from 1 to 256."""
    with pytest.raises(NotFound):
        tile.format_path(place)


@pytest.mark.parametrize("case", VECTORS["partial_tiles"], ids=lambda case: str(case["size"]))
def test_partial_tiles_are_those_of_the_specification(case: dict[str, Any]) -> None:
    """Each level has at most one tile that is not full, as wide as the specification says."""
    assert [list(place) for place in tile.partial_tiles(case["size"])] == case["tiles"]


def test_a_tile_is_its_hashes_one_after_another(nodes: dict[tuple[int, int], bytes]) -> None:
    """A tile of level 1 holds the nodes of tree level 8."""
    data = tile.tile_hashes(1, 0, 2, lambda level, index: nodes[level, index])

    assert data == nodes[8, 0] + nodes[8, 1]


def test_a_full_tile_has_8192_bytes(nodes: dict[tuple[int, int], bytes]) -> None:
    """A full tile of level 0 holds 256 leaf hashes from its start on."""
    data = tile.tile_hashes(0, 1, 256, lambda level, index: nodes[level, index])

    assert len(data) == 8192
    assert data[:32] == nodes[0, 256]


@given(st.integers(0, SIZE))
@settings(max_examples=50, deadline=None)
def test_tiles_are_enough_for_proofs(nodes: dict[tuple[int, int], bytes], size: int) -> None:
    """Roots of any size come out of tiles as they do out of all nodes."""

    def read(level: int, n: int) -> bytes:
        width = min(256, (SIZE >> 8 * level) - 256 * n)
        return tile.tile_hashes(level, n, width, lambda *place: nodes[place])

    root = proof.root_at(size, tile.read_nodes(read))

    assert root == proof.root_at(size, lambda *place: nodes[place])


def test_a_tile_that_is_too_narrow_is_named() -> None:
    """A node beyond what a tile holds is not found."""
    node = tile.read_nodes(lambda level, n: bytes(32 * 3))

    assert node(0, 2) == bytes(32)
    with pytest.raises(NotFound, match="node 1 of level 1"):
        node(1, 1)


@pytest.mark.parametrize("case", VECTORS["bundles"]["valid"], ids=lambda case: case["hex"])
def test_a_bundle_is_leaves_behind_their_lengths(case: dict[str, Any]) -> None:
    """A bundle is written as the vector says and read back from it."""
    leaves = [leaf.encode() for leaf in case["leaves"]]

    assert tile.entry_bundle(leaves).hex() == case["hex"]
    assert tile.parse_bundle(bytes.fromhex(case["hex"])) == tuple(leaves)


@pytest.mark.parametrize("data", VECTORS["bundles"]["invalid"])
def test_a_bundle_that_is_cut_short_is_refused(data: str) -> None:
    """Neither a length nor a leaf may be cut."""
    with pytest.raises(InvalidLeaf):
        tile.parse_bundle(bytes.fromhex(data))


def test_a_bundle_holds_256_leaves_at_most() -> None:
    """256 leaves are a bundle; one more is none, neither written nor read."""
    full = [b"a"] * 256

    assert len(tile.parse_bundle(tile.entry_bundle(full))) == 256
    with pytest.raises(InvalidLeaf, match="257 leaves"):
        tile.entry_bundle([*full, b"a"])
    with pytest.raises(InvalidLeaf):
        tile.parse_bundle(tile.entry_bundle(full) + b"\x00\x01a")


def test_a_leaf_in_a_bundle_has_65535_bytes_at_most() -> None:
    """The longest leaf has a length of two bytes; one byte more is refused."""
    longest = bytes(65_535)

    assert tile.parse_bundle(tile.entry_bundle([longest])) == (longest,)
    with pytest.raises(InvalidLeaf, match="beyond"):
        tile.entry_bundle([longest + b"a"])
