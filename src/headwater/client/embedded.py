"""Questions to a store on this machine, in this process."""

from __future__ import annotations

from typing import Any

from headwater.client import delivering
from headwater.client.lineage import Lineage
from headwater.client.proving import prove_here
from headwater.query.gateway import Gateway
from headwater.store import Store, locate, open_store


class Embedded(Lineage):
    """`Lineage` of one store."""

    def __init__(self, root: str) -> None:
        """Open it. Raises `StoreMissing` and other `StoreError`s."""
        self._root = locate(root)
        delivering.settle(self._root)
        self._store: Store = open_store(self._root)
        self._gateway = Gateway(self._store)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _answer(self, ask: str, **asked: Any) -> Any:
        delivering.settle(self._root)
        return getattr(self._gateway, ask)(**asked)

    def _prove(self, ref: str, **asked: Any) -> bytes:
        # Named once and for all here: a service knows neither this machine's files nor what is new.
        point = self.trace(ref, depth=0, at=asked["at"])
        asked["at"] = str(point["head"]["size"])
        return prove_here(self._root, point["root"], **asked)
