"""Digests of every page of the database file, written when a writer has closed it cleanly.

A row that is edited through SQL is found by verification of its content. This finds the rest:
a byte that flipped where SQLite looks at nothing (free space in a page, spare header bytes), and it
says which page. The file `ledger.pages` exists only while nothing has been written since the last
clean close: a writer removes it, durably, before its first write.

    "headwater pages 1" || 0x0A || page bytes u32 || file bytes u64 || 16-byte SHA-256 prefixes
        || SHA-256 of everything before

Trusted? No: whoever can write it can make it agree with a changed database, and can only hide what
no leaf, head or seal covers.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from headwater.store import layout

FILE_BYTES_MAX = 1 << 30
"""Above this no digests are written: hashing the file would be felt at every close."""
DIGEST_BYTES = 16
_MAGIC = b"headwater pages 1\n"
_HEADER = struct.Struct(">IQ")
_READ_PAGES = 256


class Pages(NamedTuple):
    """What `ledger.pages` says: size of a page and of the file in bytes, one digest a page."""

    page_bytes: int
    file_bytes: int
    digests: tuple[bytes, ...]


def record(root: Path, page_bytes: int) -> bool:
    """Write `ledger.pages` for the closed database in `root`; False when it is too large."""
    database = layout.inside(root, layout.DATABASE)
    size = database.stat().st_size
    if size > FILE_BYTES_MAX:
        return False
    content = b"".join((_MAGIC, _HEADER.pack(page_bytes, size), *_digests(database, page_bytes)))
    sealed = content + hashlib.sha256(content).digest()
    layout.write_durably(layout.inside(root, layout.PAGES), sealed)
    return True


def forget(root: Path) -> None:
    """Remove `ledger.pages`, durably: the database is about to change."""
    path = layout.inside(root, layout.PAGES)
    if path.exists():
        path.unlink()
        layout.sync_directory(root)


def read(root: Path) -> Pages | None:
    """Read `ledger.pages`; None when there is none. Raises `ValueError` when it is damaged."""
    try:
        data = layout.inside(root, layout.PAGES).read_bytes()
    except FileNotFoundError:
        return None
    content, digest = data[:-32], data[-32:]
    if not content.startswith(_MAGIC) or hashlib.sha256(content).digest() != digest:
        raise ValueError(f"{layout.PAGES} is damaged")
    start = len(_MAGIC) + _HEADER.size
    page_bytes, file_bytes = _HEADER.unpack(content[len(_MAGIC) : start])
    digests = tuple(
        content[at : at + DIGEST_BYTES] for at in range(start, len(content), DIGEST_BYTES)
    )
    return Pages(page_bytes, file_bytes, digests)


def compare(root: Path, known: Pages) -> Iterator[int]:
    """Yield the number, from 1 as in SQLite, of every page that is not as `known` says."""
    found = _digests(layout.inside(root, layout.DATABASE), known.page_bytes)
    number = 0
    for number, digest in enumerate(found, start=1):
        if number > len(known.digests) or known.digests[number - 1] != digest:
            yield number
    yield from range(number + 1, len(known.digests) + 1)


def _digests(database: Path, page_bytes: int) -> Iterator[bytes]:
    with database.open("rb") as file:
        while chunk := file.read(page_bytes * _READ_PAGES):
            for at in range(0, len(chunk), page_bytes):
                yield hashlib.sha256(chunk[at : at + page_bytes]).digest()[:DIGEST_BYTES]
