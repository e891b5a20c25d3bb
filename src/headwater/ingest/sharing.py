"""Commits that are shared: one thread owns the writer, and requests that wait go in together.

A commit costs several fsyncs whatever it holds, so what arrives while one is under way makes up the
next: `GROUP_EVENTS_MAX` events or `GROUP_BYTES_MAX` bytes. A request alone is committed at once;
where several shared the last commit, the thread waits up to `LINGER_SECONDS` for as many. A large
request goes in by pieces, and others go between them.

Trusted? As admission is; it also decides in which order events enter the ledger.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Generic, NamedTuple, TypeVar

from headwater.errors import HeadwaterError, Overloaded, StoreError, StoreFull
from headwater.ingest.admitting import GROUP_BYTES_MAX, GROUP_EVENTS_MAX, Offer, admit_offers
from headwater.ingest.receipts import Receipt
from headwater.store import Writer

WAITING_EVENTS_MAX = 100_000
"""Events that wait to be committed. One request is taken whatever it holds if nothing waits."""
WAITING_BYTES_MAX = 256 * 1024 * 1024
"""Bytes of these events."""
LINGER_SECONDS = 0.005
PIECE_EVENTS_MAX = 128
"""Events of one request that go in before those of others get their turn."""
REOPEN_SECONDS = 1.0
"""How long a full disk is left alone before the store is opened again."""

T = TypeVar("T")


class Commit(NamedTuple):
    """One commit: how many requests and events shared it, and how long it took."""

    requests: int
    events: int
    seconds: float


class Waiting(NamedTuple):
    """What waits to be committed."""

    events: int
    bytes: int


class SharedWriter:
    """The writer of a store, for many threads. Ends with `close`."""

    def __init__(
        self,
        open_writer: Callable[[], Writer],
        *,
        committed: Callable[[Commit], None] = lambda _commit: None,
    ) -> None:
        """Open the store on the thread that will own it; raises what `open_writer` raises.

        `committed` is told of every commit, on that thread.
        """
        self._open_writer = open_writer
        self._committed = committed
        self._changed = threading.Condition()
        self._queue: deque[_Request | _Task[Any]] = deque()
        self._waiting = Waiting(0, 0)
        self._closing = False
        self._failure: HeadwaterError | None = None
        self._reopen_at = 0.0
        opened: Future[Writer] = Future()
        self._thread = threading.Thread(
            target=self._live, args=(opened,), name="headwater-writer", daemon=True
        )
        self._thread.start()
        self.warnings = opened.result().warnings

    @property
    def failure(self) -> HeadwaterError | None:
        """Why nothing can be written, for good or (`StoreFull`) for now; None while all is well."""
        return self._failure

    @property
    def waiting(self) -> Waiting:
        """What waits to be committed."""
        return self._waiting

    def offer(self, offers: Sequence[Offer]) -> Future[list[Receipt]]:
        """Give events; the receipts come in their order once all of them are durable.

        Raises `Overloaded` when too much waits already, and `StoreError` when nothing can be
        written. The result raises `StoreError` if that happens later: then some of the events may
        be in the ledger, none is acknowledged, and giving all of them again is safe.
        """
        request = _Request(offers)
        if offers:
            with self._changed:
                waiting = Waiting(
                    self._waiting.events + request.events, self._waiting.bytes + request.bytes
                )
                full = waiting.events > WAITING_EVENTS_MAX or waiting.bytes > WAITING_BYTES_MAX
                if self._waiting.events and full:
                    raise Overloaded(
                        f"{self._waiting.events:,} events ({self._waiting.bytes:,} bytes) wait to "
                        "be written, which is the limit",
                        remedy="send them again in a moment",
                    )
                self._enqueue(request)
                self._waiting = waiting
        else:
            request.result.set_result([])
        return request.result

    def call(self, work: Callable[[Writer], T]) -> Future[T]:
        """Do something with the writer, alone, after what waits now. Raises as `offer`."""
        task = _Task(work)
        with self._changed:
            self._enqueue(task)
        return task.result

    def close(self) -> None:
        """Finish everything that was taken, then close the store."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _enqueue(self, item: _Request | _Task[T]) -> None:
        if self._closing:
            raise Overloaded("the store is being closed", remedy="send it again in a moment")
        if self._failure is not None and not isinstance(self._failure, StoreFull):
            raise self._failure
        self._queue.append(item)
        self._changed.notify()

    def _live(self, opened: Future[Writer]) -> None:
        """Own the writer from its opening to its end."""
        try:
            writer = self._open_writer()
        except BaseException as error:
            opened.set_exception(error)
            return
        opened.set_result(writer)
        try:
            expected = 1
            while (turn := self._next_turn(expected)) is not None:
                writer = self._sound(writer)
                if isinstance(turn, _Task):
                    self._do(turn, writer)
                else:
                    expected = len(turn)
                    self._commit(turn, writer)
        finally:
            writer.close()

    def _next_turn(self, expected: int) -> list[_Piece] | _Task[Any] | None:
        """Wait for something to do: pieces to commit, or a task; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            if not self._queue:
                return None
            if expected > 1:
                self._changed.wait_for(
                    lambda: len(self._queue) >= expected or self._closing, LINGER_SECONDS
                )
            first = self._queue[0]
            if isinstance(first, _Task):
                self._queue.popleft()
                return first
            return list(self._take_pieces())

    def _take_pieces(self) -> Iterator[_Piece]:
        """Take a group: a piece of each request in turn, until it is full or a task comes."""
        events = size = 0
        while self._queue and isinstance(request := self._queue[0], _Request):
            piece = request.pieces[0]
            events, size = events + len(piece.offers), size + piece.bytes
            if events > GROUP_EVENTS_MAX or (size > GROUP_BYTES_MAX and size > piece.bytes):
                return
            request.pieces.popleft()
            self._queue.popleft()
            if request.pieces:
                self._queue.append(request)
            yield piece

    def _sound(self, writer: Writer) -> Writer:
        """Give the writer, opened again if it stopped because the disk was full."""
        if not isinstance(self._failure, StoreFull) or time.monotonic() < self._reopen_at:
            return writer
        writer.close()
        try:
            writer = self._open_writer()
        except HeadwaterError as error:
            self._fail(error)
        else:
            self._failure = None
        return writer

    def _fail(self, error: HeadwaterError) -> None:
        """Remember why nothing can be written."""
        self._failure = error
        self._reopen_at = time.monotonic() + REOPEN_SECONDS

    def _do(self, task: _Task[T], writer: Writer) -> None:
        try:
            task.result.set_result(task.work(writer))
        except Exception as error:
            task.result.set_exception(self._note(error, writer))

    def _commit(self, group: Sequence[_Piece], writer: Writer) -> None:
        """Commit pieces together and answer those whose request is complete."""
        offers = [offer for piece in group for offer in piece.offers]
        began = time.monotonic()
        try:
            receipts = iter(admit_offers(writer, offers))
        except Exception as error:
            failure = self._note(error, writer)
            if writer.stopped is None and len(group) > 1:
                # A defect that one event brings to light must not take the others along.
                for piece in group:
                    self._commit([piece], writer)
            else:
                self._settle(group, failure)
            return
        self._committed(Commit(len(group), len(offers), time.monotonic() - began))
        for piece in group:
            piece.request.receipts += [next(receipts) for _ in piece.offers]
        self._settle(group, None)

    def _note(self, error: Exception, writer: Writer) -> Exception:
        """Remember that the writer stopped, if it did; gives the error to answer with."""
        if writer.stopped is None:
            return error
        if self._failure is None:
            stopped = StoreError(f"the store cannot be written any more: {writer.stopped}")
            self._fail(error if isinstance(error, HeadwaterError) else stopped)
        return self._failure or error

    def _settle(self, group: Sequence[_Piece], error: Exception | None) -> None:
        """Count pieces as done, and answer requests that are complete or have failed."""
        with self._changed:
            done = list(group)
            for request in {id(piece.request): piece.request for piece in group}.values():
                if error is not None and request.pieces:
                    done += request.pieces
                    request.pieces.clear()
                    self._queue.remove(request)
            self._waiting = Waiting(
                self._waiting.events - sum(len(piece.offers) for piece in done),
                self._waiting.bytes - sum(piece.bytes for piece in done),
            )
        for piece in group:
            piece.request.answer(error)


class _Piece(NamedTuple):
    """Events of one request that are committed together."""

    request: _Request
    offers: Sequence[Offer]
    bytes: int


class _Request:
    """Events that one caller waits for."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.receipts: list[Receipt] = []
        self.result: Future[list[Receipt]] = Future()
        self.result.set_running_or_notify_cancel()  # whoever waits may go; the events stay
        self.pieces: deque[_Piece] = deque(self._cut(offers))
        self.events = len(offers)
        self.bytes = sum(piece.bytes for piece in self.pieces)

    def _cut(self, offers: Sequence[Offer]) -> Iterator[_Piece]:
        first = size = 0
        for place, offer in enumerate(offers):
            length = len(offer.body)
            full = place - first == PIECE_EVENTS_MAX or size + length > GROUP_BYTES_MAX
            if full and place > first:
                yield _Piece(self, offers[first:place], size)
                first, size = place, 0
            size += length
        if offers:
            yield _Piece(self, offers[first:], size)

    def answer(self, error: Exception | None) -> None:
        """Hand over the receipts if they are all there, or the error; once."""
        if self.result.done():
            return
        if error is not None:
            self.result.set_exception(error)
        elif not self.pieces and len(self.receipts) == self.events:
            self.result.set_result(
                [
                    receipt if receipt.index == place else _at(receipt, place)
                    for place, receipt in enumerate(self.receipts)
                ]
            )


class _Task(Generic[T]):
    """Something to do with the writer."""

    def __init__(self, work: Callable[[Writer], T]) -> None:
        self.work = work
        self.result: Future[T] = Future()
        self.result.set_running_or_notify_cancel()


def _at(receipt: Receipt, index: int) -> Receipt:
    """Give the receipt its place in the request."""
    return Receipt(index, receipt.entry, receipt.status, receipt.warnings, receipt.problems)
