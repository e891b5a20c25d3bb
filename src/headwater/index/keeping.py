"""The index of a store on disk: a mapped base, and what came after it; each replaced at once.

A base that is not there, or of no beginning of the ledger, is made anew; what came after another
base is not used. So whatever a crash leaves behind is as good as nothing.

Trusted? No: both files are caches, checked as they are read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import msgspec

from headwater.claims.model import Claim
from headwater.graph.model import RULES
from headwater.graph.resolve import resolve_whole
from headwater.index.collecting import uncollected
from headwater.index.index import Index
from headwater.index.layers import Layers, plain
from headwater.index.overlay import Overlay
from headwater.ledger.checkpoint import Checkpoint
from headwater.store import Store
from headwater.store.sections import Held, Sections

NEW_SHARE = 0.3
"""With a greater share of new entries than this, all are compiled: it takes no longer."""
SAID_ENTRIES_MIN = 5_000
"""To compile so many takes seconds, and is said before."""
FORMAT = 6
"""Version of the sections of an index."""
NAME = "index.map"
LATER = "index.later"

_log = logging.getLogger("headwater.index")


class About(msgspec.Struct, array_like=True, frozen=True):
    """What an index is of."""

    format: int
    rules: int
    origin: str
    size: int
    root: bytes


class _Later(msgspec.Struct, array_like=True, frozen=True):
    """What an overlay is of, and on which base it stands."""

    of: About
    base: About


def _plain(things: object) -> object:
    if isinstance(things, Layers):
        return plain(things)
    raise NotImplementedError(type(things))


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_decode = msgspec.msgpack.Decoder(About).decode
_decode_later = msgspec.msgpack.Decoder(_Later).decode
_decode_overlay = msgspec.msgpack.Decoder(Overlay).decode


def about(head: Checkpoint, size: int, root: bytes | None = None) -> About:
    """What an index is of that knows the whole ledger, or as it was at a size with this root."""
    return About(FORMAT, RULES, head.origin, size, head.root if root is None else root)


def begins(store: Store, held: About, wanted: About) -> bool:
    """Whether an index is of a beginning of what is wanted that is long enough to go on from."""
    if not wanted.size * (1 - NEW_SHARE) <= held.size <= wanted.size:
        return False
    root = wanted.root if held.size == wanted.size else store.root(held.size)
    return held == msgspec.structs.replace(wanted, size=held.size, root=root)


def opened(store: Store, wanted: About) -> tuple[About, Index] | None:
    """The newest index on disk that is of a beginning of what is wanted, and of which one."""
    found = store.open_sections(NAME)
    base = None if found is None else _named(found)
    if found is None or base is None:
        return None
    later = store.open_sections(LATER)
    named = None if later is None else _named_later(later)
    follows = named is not None and named.base == base and begins(store, named.of, wanted)
    if later is not None and named is not None and follows:
        return named.of, Index(found, _decode_overlay(later.whole("overlay")))
    return (base, Index(found)) if begins(store, base, wanted) else None


def caught_up(store: Store, index: Index, held: About, wanted: About) -> Index | None:
    """An index that has caught up; None where it is no later to compile all anew."""
    if held == wanted:
        return index
    from headwater.index.catching import TooMuch, catch_up

    new: dict[int, list[Claim]] = {entry: [] for entry in range(held.size, wanted.size)}
    for claim in store.claims(wanted.size, start=held.size):
        new[claim.entry].append(claim)

    def fetch(entries: Iterable[int]) -> dict[int, tuple[Claim, ...]]:
        return store.claims_of(entries)

    try:
        return catch_up(index, fetch, {entry: tuple(said) for entry, said in new.items()})
    except TooMuch:
        _log.info("%d new entries touch so much that the index is made anew", len(new))
        return None


def compiled(store: Store, wanted: About) -> Index:
    """An index that is made of everything, and kept on disk if that is possible."""
    from headwater.index.compiling import compile_graph

    if wanted.size >= SAID_ENTRIES_MIN:
        _log.info("making the index of %s entries: once, and some time", f"{wanted.size:,}")
    with uncollected():
        made = compile_graph(*resolve_whole(store.claims(wanted.size), wanted.size))
    return _based(store, wanted, made)


def merged(store: Store, index: Index, of: About) -> Index:
    """The same index on a base that has everything in it, kept on disk if that is possible.

    Raises `CacheDamaged` where the base before cannot be read.
    """
    from headwater.index.merging import merge
    from headwater.index.numbering import Dangling

    try:
        return _based(store, of, merge(index))
    except Dangling as error:
        _log.warning("the index does not agree about its %s; it is made anew", error)
        return compiled(store, of)


def _based(store: Store, of: About, made: dict[str, memoryview]) -> Index:
    named = _encode(of)
    kept = store.save_sections(NAME, named, made)
    return Index((store.open_sections(NAME) if kept else None) or Held(named, made))


def save_later(store: Store, index: Index, of: About) -> bool:
    """Keep what came after the base on disk; False where that is not possible."""
    base = _named(index.sections)
    if base is None:
        return False
    overlay = {"overlay": memoryview(_encode(index.overlay))}
    return store.save_sections(LATER, _encode(_Later(of, base)), overlay)


def _named(sections: Sections) -> About | None:
    try:
        return _decode(sections.about)
    except msgspec.DecodeError:
        return None


def _named_later(sections: Sections) -> _Later | None:
    try:
        return _decode_later(sections.about)
    except msgspec.DecodeError:
        return None
