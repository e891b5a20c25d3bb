"""Dropping what can be made again, and making it again from the ledger."""

from __future__ import annotations

from headwater.errors import StoreReadOnly
from headwater.store.projecting import Progress
from headwater.store.reading import Store
from headwater.store.writing import Writer


def rebuild(store: Store, progress: Progress | None = None) -> int:
    """Make all claims again from the stored entries and drop the caches; return how many claims.

    `progress` is called with (entries done, entries in all). Readers see the old claims until all
    new ones are there. Raises `StoreReadOnly` unless the store is open for writing.
    """
    if not isinstance(store, Writer):
        raise StoreReadOnly(
            f"{store.location} is open for reading only", remedy="open it with mode='write'"
        )
    return store.rebuild(progress)
