"""Keyed digests under the store's secret: seals of rows and of cache files.

What a leaf commits to is checked against the tree. The few rows that say more (who an actor is,
what was rejected, the counters) carry a seal instead, so that an edited row is noticed.

Trusted? Whoever reads the store's secret can forge a seal, never a leaf or a head.
"""

from __future__ import annotations

import hashlib
import hmac

SECRET_BYTES = 32

Cell = int | str | bytes | None


def seal(secret: bytes, table: str, cells: tuple[Cell, ...]) -> bytes:
    """HMAC-SHA-256 over the table's name and the cells of one row, each with type and length."""
    message = b"".join(_frame(cell) for cell in (table, *cells))
    return hmac.digest(secret, b"headwater/row/v1\x00" + message, "sha256")


def seal_file(secret: bytes, name: str, data: bytes) -> bytes:
    """Seal the content of a cache file."""
    return hmac.digest(secret, b"headwater/cache/v1\x00" + _frame(name) + data, "sha256")


def digest(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def _frame(cell: Cell) -> bytes:
    if cell is None:
        return b"n"
    if isinstance(cell, int):
        kind, data = b"i", b"%d" % cell
    elif isinstance(cell, str):
        kind, data = b"s", cell.encode("utf-8", "surrogatepass")
    else:
        kind, data = b"b", cell
    return kind + len(data).to_bytes(8, "big") + data
