"""Serving a store: open it, listen, run until told to stop, and leave nothing unfinished."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn

from headwater.errors import HeadwaterError, StoreError
from headwater.ingest import SharedWriter
from headwater.service import app, connections, cursors
from headwater.service.access import Tokens
from headwater.service.limits import SHUTDOWN_SECONDS_MAX, Limits
from headwater.service.measuring import Metrics
from headwater.service.readers import Readers
from headwater.service.state import Service
from headwater.store import open_store
from headwater.store.layout import locate

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
BACKLOG = 2_048

_log = logging.getLogger("headwater.service")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to serve. Port 0 means any that is free; `strict` is the default for events.

    With `agents`, the Model Context Protocol is spoken at `/mcp`.
    """

    store: str
    host: str = "127.0.0.1"
    port: int = 0
    tokens: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    strict: bool = False
    agents: bool = False
    limits: Limits = Limits()


class Exposed(HeadwaterError):
    """The service would be open to others without anything that says who they are."""

    exit_code = 2


class Serving:
    """A service that listens; requests are taken while it runs."""

    def __init__(self, settings: Settings) -> None:
        """Open the store and listen.

        Raises `Exposed` for an address beyond this machine without tokens, `StoreError` where
        nobody can listen or a file cannot be used, and what opening a store raises.
        """
        require_tokens(settings)
        tokens = None if settings.tokens is None else _load_tokens(settings.tokens)
        context = _tls(settings)
        self._socket = _listen(settings)
        self.url = _url(settings, self._socket)
        try:
            self._service = _open(settings, tokens, self.url)
        except BaseException:
            self._socket.close()
            raise
        hosts = None if tokens else LOOPBACK | {settings.host.lower()}
        self._server = _Server(
            uvicorn.Config(
                app.build(self._service, hosts=hosts, agents=settings.agents),
                http=connections.protocol(settings.limits),
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=settings.limits.keep_alive_seconds,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
                ssl_context_factory=None if context is None else lambda _config, _default: context,
            )
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the store has to say to whoever opened it."""
        return self._service.writer.warnings

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Take requests until `stop`, SIGTERM or SIGINT; then finish what was taken, and return.

        `ready` is called as soon as requests are taken. Raises `StoreError` if in the end the store
        could not be written.
        """
        self._server.ready = ready
        with self._socket:
            self._server.run(sockets=[self._socket])
        if self._service.writer.failure is not None:
            raise self._service.writer.failure

    def stop(self) -> None:
        """End, from any thread."""
        self._server.should_exit = True


def require_tokens(settings: Settings) -> None:
    """Raise `Exposed` when others could reach the service and nothing says who they are."""
    if settings.tokens is None and not _is_loopback(settings.host):
        raise Exposed(
            f"{settings.host} can be reached by others, and there is no token file",
            remedy="make a token (headwater token NAME --read '*' --write '*' --tokens FILE) and "
            "give --tokens FILE; or leave --host out to serve this machine alone",
        )


class _Server(uvicorn.Server):
    """Tells when it has begun, and ends without raising the signal again."""

    ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End as asked, which is success: the signal is not raised again afterwards."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def _open(settings: Settings, tokens: Tokens | None, url: str) -> Service:
    metrics = Metrics()
    location = locate(settings.store)
    writer = SharedWriter(
        lambda: open_store(location, mode="write", create=True, url=url), committed=metrics.commit
    )
    try:
        with open_store(location) as store:
            key = store.authenticate(cursors.PURPOSE, b"")
            origin = store.origin
    except BaseException:
        writer.close()
        raise
    return Service(
        writer=writer,
        readers=Readers(location, questions=settings.limits.questions),
        cursors=cursors.Cursors(key),
        origin=origin,
        location=location,
        tokens=tokens,
        metrics=metrics,
        limits=settings.limits,
        strict=settings.strict,
    )


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _load_tokens(path: Path) -> Tokens:
    try:
        return Tokens(path)
    except FileNotFoundError:
        raise StoreError(
            f"there is no token file {path}", remedy="headwater token --help says how to make one"
        ) from None


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.certificate, settings.key)
    except (OSError, ssl.SSLError) as error:
        raise StoreError(
            f"the certificate {settings.certificate} cannot be used: {error}",
            remedy="give PEM files by --certificate and --key",
        ) from error
    return context


def _listen(settings: Settings) -> socket.socket:
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, settings.port))
        listening.set_inheritable(False)
    except OSError as error:
        listening.close()
        raise StoreError(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror or error}",
            remedy="give another --port, or 0 for any that is free",
        ) from error
    return listening


def _url(settings: Settings, listening: socket.socket) -> str:
    scheme = "http" if settings.certificate is None else "https"
    host = settings.host.strip("[]")
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - only told apart
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
