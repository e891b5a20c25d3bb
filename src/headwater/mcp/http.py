"""The tools over streamable HTTP: each request stands alone, answered as JSON at `/mcp`.

A page in a browser can be made to call a server on loopback under a name of its own choice (DNS
rebinding), so requests must name this machine as `Host`, and as `Origin` where a browser sends one.

Trusted? Whoever may connect to loopback on this machine may read the whole store through it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from headwater.errors import HeadwaterError
from headwater.mcp.reading import Reading
from headwater.mcp.server import Answered, Context, Question, make_server
from headwater.query.principal import Principal

PATH = "/mcp"
BODY_BYTES_MAX = 1 << 20
"""Of one request; the longest arguments are a few references."""
CONNECTIONS_MAX = 100
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SOMEBODY = Principal("somebody on this machine", ("*",))
"""Whoever connects may read all of the store, and no other file of who serves it."""


class NotLoopback(HeadwaterError):
    """An address that others can reach was asked for."""

    exit_code = 2


def serve_http(reading: Reading, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the URL. Port 0 takes a free one.

    Raises `NotLoopback` for an address that other machines can reach, and `OSError` where the
    address cannot be had.
    """
    if host not in LOOPBACK:
        raise NotLoopback(
            f"{host} can be reached by other machines",
            remedy="serve on loopback, or let a service that knows tokens answer agents too: "
            "headwater serve --mcp --tokens FILE --host ADDRESS",
        )

    async def ask(_: Context, question: Question) -> Answered:
        return await reading.answer(question, SOMEBODY)

    with socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    ) as listening:
        bound = listening.getsockname()[1]
        app = make_server(ask).streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=BODY_BYTES_MAX,
            transport_security=_only_here(bound),
        )
        ready(f"http://{f'[{host}]' if ':' in host else host}:{bound}{PATH}")
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, limit_concurrency=CONNECTIONS_MAX
        )
        _Server(config).run(sockets=[listening])


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End as asked, which is success: the signal is not raised again afterwards."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def _only_here(port: int) -> TransportSecuritySettings:
    names = [f"{name}:{port}" for name in ("127.0.0.1", "[::1]", "localhost")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=names,
        allowed_origins=[f"http://{name}" for name in names],
    )
