"""Answers for many at once: threads that each read the store through a connection of their own.

Questions never run on the event loop, and never wait for the writer. A thread keeps a gateway for
each of the last principals it answered, with what that has resolved.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from headwater.errors import Overloaded
from headwater.query.gateway import Gateway
from headwater.query.principal import Principal
from headwater.service.limits import READERS
from headwater.store import Store, open_store

GATEWAYS_MAX = 4
"""Gateways that a thread keeps, one a principal."""

T = TypeVar("T")


class Readers:
    """The reading threads of a service. Ends with `close`."""

    def __init__(self, location: Path, *, questions: int) -> None:
        """Read the store at `location`; up to `questions` are taken at once."""
        self._location = location
        self._most = questions
        self._asked = 0
        self._closing = False
        self._mine = threading.local()
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="headwater-reader")

    @property
    def asked(self) -> int:
        """Questions that are being answered or wait for it."""
        return self._asked

    async def ask(self, principal: Principal, question: Callable[[Gateway], T]) -> T:
        """Ask the gateway of a principal; raises what that raises, or `Overloaded`."""
        return await self.read(lambda store: question(self._gateway(store, principal)))

    async def read(self, question: Callable[[Store], T]) -> T:
        """Do something with a store that is open for reading. Raises as `ask`."""
        if self._asked >= self._most:
            raise Overloaded(
                f"{self._asked} questions wait to be answered", remedy="ask again in a moment"
            )
        self._asked += 1
        try:
            done = asyncio.get_running_loop().run_in_executor(
                self._pool, lambda: question(self._store())
            )
            # Whoever asked may go; the question is counted until its thread is free again.
            done.add_done_callback(self._forget)
        except BaseException:
            self._asked -= 1
            raise
        return await asyncio.shield(done)

    def close(self) -> None:
        """Finish the questions that are being answered, and close the stores."""
        self._closing = True
        together = threading.Barrier(READERS)  # so that each thread closes its own
        for _ in range(READERS):
            self._pool.submit(self._end, together)
        self._pool.shutdown(wait=True)

    def _forget(self, done: asyncio.Future[T]) -> None:
        self._asked -= 1
        if not done.cancelled():
            done.exception()  # so that nobody complains when whoever asked has gone

    def _end(self, together: threading.Barrier) -> None:
        together.wait()
        if hasattr(self._mine, "store"):
            self._mine.store.close()

    def _store(self) -> Store:
        if self._closing:
            raise Overloaded("the service is ending", remedy="ask again in a moment")
        if not hasattr(self._mine, "store"):
            self._mine.store = open_store(self._location)
            self._mine.gateways = OrderedDict()
        store: Store = self._mine.store
        return store

    def _gateway(self, store: Store, principal: Principal) -> Gateway:
        gateways: OrderedDict[Principal, Gateway] = self._mine.gateways
        if principal not in gateways:
            gateways[principal] = Gateway(store, principal)
            while len(gateways) > GATEWAYS_MAX:
                gateways.popitem(last=False)
        gateways.move_to_end(principal)
        return gateways[principal]
