"""Connections that nobody can hold open by saying, or hearing, nothing.

What uvicorn leaves to a proxy in front of it: a limit on the size of a request's head and on the
time it may take to come, on how long a client may take none of an answer, and on connections.
Whatever is refused here is refused as problem+json, like everything else.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from headwater.service import problems
from headwater.service.limits import HEAD_BYTES_MAX, Limits
from headwater.service.problems import Refusal

_STALL_LOOKS = 4
"""How often in the time that a client may stall it is looked at."""


def protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """Make the protocol of connections under these limits."""
    return type("Connection", (Connection,), {"limits": limits})


class Connection(HttpToolsProtocol):
    """HTTP/1.1 on one connection."""

    limits = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, if there is room."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(Refusal(503, f"{self.limits.connections} connections are open already"))
            return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop(self._timer)
        self._stop(self._stall)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, if the head of a request is not beyond all measure."""
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._timer is None:
                self._expect_head()
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES_MAX:
            self._refuse(Refusal(431, f"the request's head has more than {HEAD_BYTES_MAX:,} bytes"))

    def on_headers_complete(self) -> None:
        """Begin a request: its body has limits of its own."""
        self._in_head = False
        self._stop(self._timer)
        self._timer = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request; the next one's head may follow."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(Refusal(400, msg))

    def pause_writing(self) -> None:
        """Begin to wait for a client that takes nothing."""
        super().pause_writing()
        self._watch_stall(self.transport.get_write_buffer_size(), 0)

    def resume_writing(self) -> None:
        """Go on."""
        self._stop(self._stall)
        super().resume_writing()

    def _expect_head(self) -> None:
        self._timer = self.loop.call_later(self.limits.head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        if self._head_bytes:
            self._refuse(Refusal(408, "the request's head did not come in time"))
        else:
            self.transport.close()

    def _watch_stall(self, before: int, looks: int) -> None:
        left = self.transport.get_write_buffer_size()
        looks = looks + 1 if left >= before else 0
        if looks > _STALL_LOOKS:
            self.transport.abort()
            return
        self._stall = self.loop.call_later(
            self.limits.stalled_seconds / _STALL_LOOKS, self._watch_stall, left, looks
        )

    def _refuse(self, refused: Refusal) -> None:
        """Answer what is no request, and end the connection.

        A request that came whole before it is answered first, and alone.
        """
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            cycle.keep_alive = False
            self.flow.pause_reading()
            return
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_written(refused))
        self.transport.close()

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()


def _written(refused: Refusal) -> bytes:
    """Write a whole response."""
    problem, headers = problems.explain(refused)
    body = msgspec.json.encode(problem)
    lines = [
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
        f"Content-Type: {problems.MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
