"""A real service: `headwater serve` in a process of its own, and a client that says all it sees."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

START_SECONDS_MAX = 30.0
ANSWER_SECONDS_MAX = 60.0
JSON = {"Content-Type": "application/json"}


class Reply(NamedTuple):
    """A response: headers by their lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Client:
    """Asks one service; a connection for each request, unless it is told to keep one."""

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None) -> None:
        parts = urlsplit(url)
        self.url = url
        self.host, self.port = parts.hostname or "", parts.port or 0
        self._headers = dict(headers or {})

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Reply:
        """Send one request."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_SECONDS_MAX)
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, target, body, {**self._headers, **(headers or {})})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read())
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Reply:
        """Ask a question."""
        return self.ask("GET", path, **query)

    def post(self, body: bytes, path: str = "/api/v1/lineage", **query: Any) -> Reply:
        """Give an event, or what `path` takes."""
        return self.ask("POST", path, body, JSON, **query)


class Served(Client):
    """A process that serves a store below `home`."""

    def __init__(self, home: Path, *arguments: str, store: Path | None = None) -> None:
        """Start it and wait until it says where it listens."""
        self.home = home
        self.store = store or home / ".headwater"
        self.arguments = arguments
        self._errors = (home / "service.log").open("ab")
        self.process = self._start()
        super().__init__(self._read_url())

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "headwater", "serve", "--json"),
                *("--port", "0", "--store", str(self.store), *self.arguments),
            ],
            cwd=self.home,
            env=environment(self.home),
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def _read_url(self) -> str:
        assert self.process.stdout is not None
        until = time.monotonic() + START_SECONDS_MAX
        text = b""
        while not text.rstrip().endswith(b"}"):
            ready, _, _ = select.select([self.process.stdout], [], [], until - time.monotonic())
            part = os.read(self.process.stdout.fileno(), 65_536) if ready else b""
            assert part, f"the service did not start: {self.log[-2000:]}"
            text += part
        url: str = json.loads(text)["url"]
        return url

    @property
    def log(self) -> str:
        """What the service logged."""
        return (self.home / "service.log").read_text("utf-8", "replace")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it, and say with which code it ended."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(ANSWER_SECONDS_MAX)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._errors.close()
        return code


def environment(home: Path) -> dict[str, str]:
    """An environment in which keys and heads lie below `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEADWATER_")}
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        kept.pop(name, None)
    return kept | {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
