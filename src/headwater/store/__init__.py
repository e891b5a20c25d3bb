"""Durability: ledger and claim tables, bodies, on SQLite; the resolved graph as a cache.

`open_store` gives a `Store` to readers and a `Writer` to the one process that writes.
"""

from __future__ import annotations

from headwater.store.drafting import Draft, Earlier, Refusal
from headwater.store.layout import find, locate, place
from headwater.store.marking import Mark
from headwater.store.opening import open_store
from headwater.store.reading import Store
from headwater.store.rebuilding import rebuild
from headwater.store.rows import Entry, Part, Rejected
from headwater.store.writing import Writer

__all__ = [
    "Draft",
    "Earlier",
    "Entry",
    "Mark",
    "Part",
    "Refusal",
    "Rejected",
    "Store",
    "Writer",
    "find",
    "locate",
    "open_store",
    "place",
    "rebuild",
]
