"""The ledger over HTTP: anybody's verifier can follow it."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from headwater.ledger import leaf, proof, tile, tree
from headwater.ledger.checkpoint import open_checkpoint
from headwater.ledger.note import Verifier
from headwater.store import open_store
from tests.service.served import Client
from tests.store.making import event, events

BATCH = "/api/v1/lineage/batch"


def fill(client: Client, count: int, *, start: int = 0) -> None:
    """Give so many events."""
    body = b"[" + b",".join(events(count, start=start)) + b"]"
    assert client.post(body, BATCH).json["status"] == "success"


def test_the_checkpoint_is_signed(served: Client, tmp_path: Path) -> None:
    """The head is a note that the store's key opens, of the size that was acknowledged."""
    fill(served, 3)
    reply = served.get("/log/checkpoint")
    with open_store(tmp_path / ".headwater") as store:
        head = open_checkpoint(reply.body, [Verifier.decode(store.verifier)])
        assert (head.size, head.origin) == (3, store.origin)
    assert reply.headers["content-type"].startswith("text/plain")


def test_a_verifier_needs_nothing_but_tiles(served: Client) -> None:
    """From tiles alone the root of the head is computed, and the growth between two heads."""
    fill(served, 300)
    old = head(served)
    fill(served, 277, start=300)
    new = head(served)

    def read(level: int, n: int) -> bytes:
        size = new[0] >> tile.TILE_LEVELS * level
        width = min(tile.TILE_HASHES, size - n * tile.TILE_HASHES)
        reply = served.get(f"/log/{tile.tile_path(level, n, width)}")
        assert reply.status == 200
        return reply.body

    node = tile.read_nodes(read)
    assert proof.root_at(new[0], node) == new[1]
    path = proof.consistency_path(old[0], new[0], node)
    proof.verify_consistency(old[0], old[1], new[0], new[1], path)


def head(client: Client) -> tuple[int, bytes]:
    """Size and root of the head."""
    _, size, root = client.get("/log/checkpoint").body.decode().split("\n")[:3]
    return int(size), b64decode(root)


def test_leaves_hash_to_their_tile(served: Client) -> None:
    """An entry bundle has the leaves whose hashes are in the tile, to be kept for ever."""
    fill(served, 260)
    bundle = served.get("/log/tile/entries/000")
    hashes = served.get("/log/tile/0/000").body
    leaves = tile.parse_bundle(bundle.body)
    assert b"".join(tree.leaf_hash(data) for data in leaves) == hashes
    assert "immutable" in bundle.headers["cache-control"]
    partial = tile.parse_bundle(served.get("/log/tile/entries/001.p/4").body)
    assert len(partial) == 4


def test_an_entry_proves_itself(served: Client) -> None:
    """Salt and bytes give the leaf's commitment, and the proof leads from leaf to head."""
    fill(served, 5)
    shown = served.get("/log/entry/3").json
    data = b64decode(shown["leaf"])
    (part,) = shown["parts"]
    body = b64decode(part["bytes"])
    assert body == event(3)
    assert leaf.decode(data).parts == (leaf.commit(b64decode(part["salt"]), body),)
    path = [b64decode(hash_) for hash_ in shown["inclusion"]]
    proof.verify_inclusion(tree.leaf_hash(data), 3, shown["size"], path, b64decode(shown["root"]))


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/001",
        "/log/tile/0/000.p/6",
        "/log/tile/0/000",
        "/log/tile/0/0",
        "/log/tile/64/000",
        "/log/tile/0/x001",
        "/log/tile/-1/000",
        "/log/tile/00/000.p/1",
        "/log/tile/0/000.p/0",
        "/log/tile/0/000.p/257",
        "/log/tile/entries/000.p/6",
        "/log/tile/entries/999",
        "/log/tile/0/" + "x999/" * 40 + "999",
        "/log/entry/5",
        "/log/entry/-1",
        "/log/entry/x",
        "/log/entry/" + "9" * 30,
        "/log/entry/" + "9" * 5_000,
    ],
    ids=lambda path: path[:32],
)
def test_what_is_not_there(served: Client, path: str) -> None:
    """A resource beyond the head, or written in another way than it has to be, is 404."""
    fill(served, 5)
    assert served.get(path).status == 404
