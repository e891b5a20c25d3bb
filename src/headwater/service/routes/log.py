"""The ledger as C2SP tlog-tiles has it, and its entries: `/log/…`.

The head and tiles of hashes tell nothing but how long the ledger is, and are open to all: anybody's
verifier can watch that it only grows. Leaves and entries are for those who may read it whole.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.params import PathParameter

from headwater.errors import NotFound
from headwater.ledger import tile
from headwater.openlineage.times import iso
from headwater.service import access, state
from headwater.service.replies import reply
from headwater.store import Store

AnyRequest = Request[Any, Any, Any]

FOREVER = "public, max-age=31536000, immutable"
PRIVATELY_FOREVER = "private, max-age=31536000, immutable"
TilePath = Annotated[
    str, PathParameter(description="`N` or `N.p/W`, as in tlog-tiles: `x001/x234/067.p/8`.")
]


class EntryPart(msgspec.Struct, frozen=True):
    """One part of an entry: salt and bytes in base64, null once erased."""

    number: int
    salt: str | None
    bytes: str | None


class EntryShown(msgspec.Struct, frozen=True):
    """One entry: its leaf, what the leaf commits to, and the proof that it is in the ledger."""

    entry: int
    at: str
    kind: str
    leaf: str
    leaf_hash: str
    parts: list[EntryPart]
    size: int
    root: str
    inclusion: list[str]


@get("/log/checkpoint", operation_id="checkpoint", media_type="text/plain",
     summary="The signed head", opt={access.OPEN: True})  # fmt: skip
async def checkpoint(request: AnyRequest) -> Response[str]:
    """The last signed head of the ledger, as a C2SP signed note."""
    signed = await state.of(request).readers.read(lambda store: store.signed_head())
    return reply(signed, media_type="text/plain", headers={"Cache-Control": "no-cache"})


@get("/log/tile/entries/{index:path}", operation_id="entryBundle",
     media_type="application/octet-stream", summary="Leaves, up to 256",
     opt={access.LEDGER: True})  # fmt: skip
async def entries(request: AnyRequest, index: TilePath) -> Response[bytes]:
    """An entry bundle of tlog-tiles: leaves, each behind its length."""
    asked = tile.parse_path(f"tile/entries{index}")
    return await _resource(request, asked, _bundle, PRIVATELY_FOREVER)


@get("/log/tile/{level:str}/{index:path}", operation_id="tile",
     media_type="application/octet-stream", summary="Hashes, up to 256",
     opt={access.OPEN: True})  # fmt: skip
async def hashes(request: AnyRequest, level: Annotated[str, PathParameter(
    description="The tile's level, 0 to 63.")], index: TilePath) -> Response[bytes]:  # fmt: skip
    """A tile of hashes of tlog-tiles."""
    asked = tile.parse_path(f"tile/{level}{index}")
    return await _resource(request, asked, _hashes, FOREVER)


@get("/log/entry/{index:int}", operation_id="entry", summary="One entry, with its proof",
     opt={access.LEDGER: True})  # fmt: skip
async def entry(
    request: AnyRequest,
    index: Annotated[int, PathParameter(description="The entry, from 0.")],
) -> Response[EntryShown]:
    """Leaf, parts and inclusion proof of one entry. Everything binary is in base64."""
    shown = await state.of(request).readers.read(lambda store: _show(store, index))
    return reply(shown, headers={"Cache-Control": "private, no-cache"})


@get("/log/key", operation_id="key", media_type="text/plain",
     summary="The key that heads are signed with", opt={access.OPEN: True})  # fmt: skip
async def key(request: AnyRequest) -> Response[str]:
    """The C2SP verifier key of this ledger. Keep the first that you meet: it names the ledger."""
    found = await state.of(request).readers.read(lambda store: store.verifier)
    return reply(found.encode(), media_type="text/plain", headers={"Cache-Control": "no-cache"})


async def _resource(request: AnyRequest, asked: tile.Tile, make: Any, cache: str) -> Response[Any]:
    data = await state.of(request).readers.read(lambda store: _published(store, asked, make))
    return reply(data, media_type="application/octet-stream", headers={"Cache-Control": cache})


def _published(store: Store, asked: tile.Tile, make: Any) -> bytes:
    """Make a resource, if the signed head covers all of it."""
    size = store.head().size >> tile.TILE_LEVELS * (asked.level or 0)
    if asked.n * tile.TILE_HASHES + asked.width > size:
        raise NotFound(f"the ledger has no {tile.format_path(asked)} yet")
    data: bytes = make(store, asked)
    return data


def _hashes(store: Store, asked: tile.Tile) -> bytes:
    return store.tile(asked.level or 0, asked.n, asked.width)


def _bundle(store: Store, asked: tile.Tile) -> bytes:
    first = asked.n * tile.TILE_HASHES
    return tile.entry_bundle(store.leaves(first, first + asked.width))


def _show(store: Store, index: int) -> EntryShown:
    head = store.head()
    if index >= head.size:
        raise NotFound(f"the ledger has no entry {index}")
    found = store.entry(index)
    return EntryShown(
        index,
        iso(store.at(index)),
        store.kinds([index])[index],
        _base64(found.leaf),
        _base64(found.leaf_hash),
        [
            EntryPart(
                part.number,
                None if part.salt is None else _base64(part.salt),
                None if part.body is None else _base64(part.body),
            )
            for part in found.parts
        ],
        head.size,
        _base64(head.root),
        [_base64(hash_) for hash_ in store.inclusion(index, head.size)],
    )


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


HANDLERS = (checkpoint, key, entries, hashes, entry)
