"""The ledger as static resources (C2SP tlog-tiles): tiles of hashes, bundles of entries, as bytes.

A tile at level L holds up to 256 hashes of complete nodes of tree level 8 * L; a full one has 8,192
bytes. Full tiles never change; one that is not yet full is named with its width.

Trusted? No: whoever controls it can withhold, but a reader checks all against a signed head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from headwater.errors import InvalidLeaf, NotFound
from headwater.ledger.leaf import LEAF_BYTES_MAX
from headwater.ledger.proof import NodeReader
from headwater.ledger.tree import HASH_BYTES, SIZE_MAX, node_hash

TILE_HASHES = 256
TILE_LEVELS = 8
"""How many levels of the tree one level of tiles spans."""
TILE_LEVEL_MAX = 63

_LENGTH_BYTES = 2
_FORM = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)

TileReader = Callable[[int, int], bytes]
"""(tile level, n) → the bytes of the widest tile there is."""


class Tile(NamedTuple):
    """A resource's place: tile level (None for an entry bundle), index in the level, width."""

    level: int | None
    n: int
    width: int = TILE_HASHES


def tile_path(level: int, n: int, width: int = TILE_HASHES) -> str:
    """Write the path of a tile below the log's prefix: `tile/<L>/<N>[.p/<W>]`."""
    return format_path(Tile(level, n, width))


def entries_path(n: int, width: int = TILE_HASHES) -> str:
    """Write the path of an entry bundle below the log's prefix: `tile/entries/<N>[.p/<W>]`."""
    return format_path(Tile(None, n, width))


def format_path(tile: Tile) -> str:
    """Write a resource's path; raises `NotFound` if there can be no such resource."""
    level_fits = tile.level is None or 0 <= tile.level <= TILE_LEVEL_MAX
    if not level_fits or not 0 <= tile.n <= SIZE_MAX or not 1 <= tile.width <= TILE_HASHES:
        raise NotFound(f"there is no {tile}")
    digits = str(tile.n)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    number = "".join(f"x{group}/" for group in groups[:-1]) + groups[-1]
    kind = "entries" if tile.level is None else str(tile.level)
    partial = "" if tile.width == TILE_HASHES else f".p/{tile.width}"
    return f"tile/{kind}/{number}{partial}"


def parse_path(path: str) -> Tile:
    """Read a resource's path; raises `NotFound` unless `format_path(parse_path(path)) == path`."""
    form = _FORM.fullmatch(path)
    if form is not None:
        kind, number, width = form.groups()
        tile = Tile(
            level=None if kind == "entries" else int(kind),
            # Cut before reading, so that a path of a megabyte costs nothing.
            n=int(re.sub(r"[x/]", "", number)[-32:]),
            width=TILE_HASHES if width is None else int(width),
        )
        if format_path(tile) == path:
            return tile
    raise NotFound(f"{path[:80]!r} is no path of a tile or an entry bundle")


def partial_tiles(size: int) -> Iterator[Tile]:
    """List the tiles that are not yet full, at most one a level, of a tree of this size.

    Full ones come before it: at level L those with n from 0 to `size >> 8 * (L + 1)`, exclusive.
    """
    level = 0
    while size >> TILE_LEVELS * level:
        hashes = size >> TILE_LEVELS * level
        if hashes % TILE_HASHES:
            yield Tile(level, hashes // TILE_HASHES, hashes % TILE_HASHES)
        level += 1


def tile_hashes(level: int, n: int, width: int, node: NodeReader) -> bytes:
    """Write a tile: `width` hashes from complete nodes of tree level 8 * `level`."""
    first = n * TILE_HASHES
    return b"".join(node(level * TILE_LEVELS, first + place) for place in range(width))


def read_nodes(tile: TileReader) -> NodeReader:
    """Read any complete node out of tiles alone, for `proof`: the levels between are hashed again.

    `NotFound` if a tile does not reach far enough.
    """

    def node(level: int, index: int) -> bytes:
        above = level % TILE_LEVELS
        first = index << above
        data = tile(level // TILE_LEVELS, first // TILE_HASHES)
        begin = first % TILE_HASHES * HASH_BYTES
        end = begin + (HASH_BYTES << above)
        if len(data) < end:
            raise NotFound(f"the tile does not reach node {index} of level {level}")
        hashes = [data[at : at + HASH_BYTES] for at in range(begin, end, HASH_BYTES)]
        while len(hashes) > 1:
            pairs = iter(hashes)
            hashes = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
        return hashes[0]

    return node


def entry_bundle(leaves: Sequence[bytes]) -> bytes:
    """Write up to 256 leaves, each behind its length in two bytes, big-endian.

    Raises `InvalidLeaf` for more, and for a leaf beyond `LEAF_BYTES_MAX`.
    """
    if len(leaves) > TILE_HASHES:
        raise InvalidLeaf(f"{len(leaves)} leaves in an entry bundle; the limit is {TILE_HASHES}")
    if any(len(leaf) > LEAF_BYTES_MAX for leaf in leaves):
        raise InvalidLeaf(f"a leaf beyond {LEAF_BYTES_MAX} bytes")
    return b"".join(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf for leaf in leaves)


def parse_bundle(data: bytes) -> tuple[bytes, ...]:
    """Read an entry bundle; raises `InvalidLeaf` if it is cut short or holds more than 256."""
    leaves: list[bytes] = []
    at = 0
    while at < len(data):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(data[at:begin], "big")
        if end > len(data) or begin > len(data) or len(leaves) == TILE_HASHES:
            raise InvalidLeaf(
                f"an entry bundle that does not end where its leaf {len(leaves)} does"
            )
        leaves.append(data[begin:end])
        at = end
    return tuple(leaves)
