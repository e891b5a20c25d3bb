"""Bodies of requests: read with every limit on, whatever the client does.

A body is taken as `application/json` (or NDJSON, where a route says so), plain or compressed with
gzip. It is read up to the route's limit, counted after decompression, in the time that `limits`
gives it, and counts among the bytes in flight until its request is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from litestar.types import Receive

from headwater.errors import Overloaded
from headwater.service.limits import Limits
from headwater.service.problems import Refusal

JSON = frozenset({"application/json"})
NDJSON = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
ENCODINGS = ("gzip", "identity")
INFLATED_BYTES = 256 * 1024
"""As much is decompressed before others get their turn."""
DRAINED_SECONDS = 1.0
"""How long the rest of a refused body is read and dropped, so that the client sees the answer."""

_CLOSE = {"Connection": "close"}
_GZIP = 16 + zlib.MAX_WBITS


class Incoming(Protocol):
    """A request whose body is to come."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, in lower case."""
        ...

    @property
    def receive(self) -> Receive:
        """Gives the next message of the connection."""
        ...


class Budget:
    """The bytes of all bodies in flight."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    def take(self, count: int) -> None:
        """Count more bytes; `Overloaded` when that would be too many."""
        if self.taken + count > self.most:
            raise Overloaded(
                f"{self.taken:,} bytes of events are under way, and {self.most:,} is the limit",
                remedy="send it again in a moment",
            )
        self.taken += count

    def give(self, count: int) -> None:
        """Count bytes that are done."""
        self.taken -= count


@contextlib.asynccontextmanager
async def read(
    request: Incoming,
    budget: Budget,
    limits: Limits,
    *,
    most: int,
    types: frozenset[str] = JSON,
) -> AsyncIterator[bytes]:
    """Read the body; it counts as in flight until the context ends.

    Raises `Refusal`: 415 for another type or encoding, 413 beyond `most` bytes, 408 for one that
    does not come, 400 for one that is cut short or no gzip; `Overloaded` with too much in flight.
    """
    body = _Body(request, budget, limits, most)
    try:
        try:
            _check_type(request, types)
            data = await body.read(_decoder(request))
        except (Refusal, Overloaded) as error:
            await body.drain()
            if isinstance(error, Refusal):
                error.headers = error.headers | _CLOSE
            raise
        yield data
    finally:
        budget.give(body.held)


class _Decoder(Protocol):
    """Turns what comes into what was meant, a bounded piece at a time."""

    def feed(self, data: bytes) -> None: ...

    def next(self) -> bytes:
        """Give the next piece; empty when more has to be fed."""
        ...

    def finish(self) -> None:
        """Raise `Refusal` if this cannot be the end."""
        ...


class _Body:
    def __init__(self, request: Incoming, budget: Budget, limits: Limits, most: int) -> None:
        self.held = 0
        self._request = request
        self._budget = budget
        self._limits = limits
        self._most = most
        self._ended = False

    async def read(self, decoder: _Decoder) -> bytes:
        """Read to the end."""
        declared = self._request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self._most:
            raise self._too_large()
        pieces: list[bytes] = []
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for part in self._parts():
                    decoder.feed(part)
                    while piece := decoder.next():
                        if self.held + len(piece) > self._most:
                            raise self._too_large()
                        self._budget.take(len(piece))
                        self.held += len(piece)
                        pieces.append(piece)
                        if len(piece) >= INFLATED_BYTES:
                            await asyncio.sleep(0)
        except TimeoutError:
            raise Refusal(408, "the body did not come in time") from None
        decoder.finish()
        return b"".join(pieces)

    async def drain(self) -> None:
        """Drop what else comes, for a moment."""
        with contextlib.suppress(TimeoutError, Refusal):
            async with asyncio.timeout(DRAINED_SECONDS):
                async for _ in self._parts():
                    pass

    async def _parts(self) -> AsyncIterator[bytes]:
        while not self._ended:
            async with asyncio.timeout(self._limits.body_idle_seconds):
                message = await self._request.receive()
            if message["type"] == "http.disconnect":
                self._ended = True
                raise Refusal(400, "the connection ended before the body did")
            self._ended = not message.get("more_body", False)
            part: bytes = message.get("body", b"")  # type: ignore[assignment]
            yield part

    def _too_large(self) -> Refusal:
        return Refusal(
            413,
            f"the body has more than {self._most:,} bytes, decompressed",
            remedy="send fewer events at once, each no larger than the documented limit",
        )


class _Plain:
    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> None:
        self._data = data

    def next(self) -> bytes:
        data, self._data = self._data, b""
        return data

    def finish(self) -> None:
        """Any end is one."""


class _Gzip:
    """RFC 1952: one member or several, to the last byte."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False
        self._rest = b""

    def feed(self, data: bytes) -> None:
        self._rest += data

    def next(self) -> bytes:
        while self._rest:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            try:
                piece = self._member.decompress(self._rest, INFLATED_BYTES)
            except zlib.error as error:
                raise Refusal(400, f"the body is no gzip: {error}") from None
            self._begun = True
            self._rest = self._member.unused_data or self._member.unconsumed_tail
            if piece:
                return piece
        return b""

    def finish(self) -> None:
        if not self._begun or not self._member.eof:
            raise Refusal(400, "the body is gzip that is cut short")


def content_type(request: Incoming) -> str:
    """What a body is said to be, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _decoder(request: Incoming) -> _Decoder:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "gzip":
        return _Gzip()
    if encoding == "identity":
        return _Plain()
    raise Refusal(
        415,
        f"a body may be compressed with gzip, not with {encoding!r}",
        headers={"Accept-Encoding": ", ".join(ENCODINGS)},
    )


def _check_type(request: Incoming, types: frozenset[str]) -> None:
    given = request.headers.get("content-type", "")
    kind, parameters = content_type(request), given.partition(";")[2]
    if kind not in types and not (kind.startswith("application/") and kind.endswith("+json")):
        # A web page can make a browser send any other type here without asking us first.
        raise Refusal(
            415,
            f"the body is said to be {given!r}" if given else "the body has no Content-Type",
            remedy=f"send Content-Type: {' or '.join(sorted(types))}",
            headers={"Accept": ", ".join(sorted(types))},
        )
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(" \"'").lower()
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise Refusal(415, f"JSON is exchanged in UTF-8 (RFC 8259 §8.1), not in {charset}")
