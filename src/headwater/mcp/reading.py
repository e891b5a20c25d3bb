"""A store that is read on a thread of its own, so that the connection stays awake meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from headwater.query.gateway import Gateway
from headwater.query.principal import LOCAL, Principal
from headwater.store import Store, open_store

T = TypeVar("T")


class Reading:
    """One store, one thread: questions are answered one after the other."""

    def __init__(self, where: str) -> None:
        """Open the store, with what `open_store` raises."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="headwater-mcp")
        self._gateways: dict[Principal, Gateway] = {}
        try:
            self._store: Store = self._thread.submit(open_store, where).result()
        except BaseException:
            self._thread.shutdown()
            raise
        self.warnings = self._store.warnings

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.submit(self._store.close)
        self._thread.shutdown()

    async def answer(self, ask: Callable[[Gateway], T], principal: Principal = LOCAL) -> T:
        """Ask the gateway of a principal."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._answer, ask, principal)

    def _answer(self, ask: Callable[[Gateway], T], principal: Principal) -> T:
        return ask(self._gateway(principal))

    def _gateway(self, principal: Principal) -> Gateway:
        # Another asker's snapshots are dropped: each may hold a whole graph.
        if principal not in self._gateways:
            self._gateways = {principal: Gateway(self._store, principal)}
        return self._gateways[principal]
