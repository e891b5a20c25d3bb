"""`headwater mcp` as a client meets it: a process, over standard input and output and over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError

from headwater.mcp.http import BODY_BYTES_MAX
from headwater.mcp.tools import BY_NAME

pytestmark = pytest.mark.slow  # each test starts a server

SECONDS_MAX = 60
COMMAND = [sys.executable, "-m", "headwater", "mcp"]


def environ(store: Path) -> dict[str, str]:
    """The environment of a server, with keys and heads kept beside the store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEADWATER_")}
    return kept | {"XDG_STATE_HOME": str(store.parent / "state"), "HEADWATER_STORE": str(store)}


@pytest.fixture
def stdio(store: Path) -> StdioServerParameters:
    """How an editor would start the server."""
    return StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env=environ(store))


@pytest.fixture
def url(store: Path) -> Iterator[str]:
    """A server over HTTP on a free port, until it is told to end."""
    process = subprocess.Popen(
        [*COMMAND, "--http", "--port", "0"],
        env=environ(store),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/mcp", line)
    assert found, line
    yield found[0]
    process.terminate()
    out, _ = process.communicate(timeout=SECONDS_MAX)
    assert (process.returncode, out) == (0, "")


def ask(server: Any, talk: Callable[[Client], Awaitable[None]], mode: str = "auto") -> None:
    """Connect a client, talk to the server, and take leave."""

    async def session() -> None:
        with anyio.fail_after(SECONDS_MAX):
            async with Client(server, mode=mode) as client:
                await talk(client)

    anyio.run(session)


async def converse(client: Client) -> None:
    """What a client does: read the tools, ask, go wrong, ask again."""
    listed = await client.list_tools()
    assert [tool.name for tool in listed.tools] == list(BY_NAME)
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed.tools)
    assert client.instructions and "search" in client.instructions
    failed = await client.call_tool("trace", {"ref": "dela"})
    assert failed.is_error
    ref = failed.structured_content["nearest"][0]
    answer = await client.call_tool("trace", {"ref": ref})
    assert not answer.is_error
    assert answer.structured_content["root"] == "delay@v:1"
    assert json.loads(answer.content[0].text) == answer.structured_content  # type: ignore[union-attr]
    with pytest.raises(MCPError, match="there are search, trace"):
        await client.call_tool("delete", {})
    again = await client.call_tool("trace", {"ref": ref})
    assert again.structured_content == answer.structured_content


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_over_standard_input_and_output(stdio: StdioServerParameters, mode: str) -> None:
    """Clients of this year's and of earlier protocols read tools, errors and answers."""
    ask(stdio, converse, mode)


def test_a_client_over_http(url: str) -> None:
    """The same over HTTP, by clients old and new, several at once."""

    async def several() -> None:
        with anyio.fail_after(SECONDS_MAX):
            async with anyio.create_task_group() as group:
                for mode in ("auto", "legacy", "auto"):
                    group.start_soon(one, mode)

    async def one(mode: str) -> None:
        async with Client(url, mode=mode) as client:
            await converse(client)

    anyio.run(several)


def post(url: str, body: bytes, **headers: str) -> int:
    """The status of a request with these headers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS_MAX)
    given = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    connection.request("POST", parts.path, body, given | headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


PING = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()


def test_requests_under_foreign_names_are_refused(url: str) -> None:
    """A page that rebinds a name of its own to loopback gets nothing: Host and Origin tell."""
    port = urlsplit(url).port
    assert post(url, PING) == 200
    assert post(url, PING, Host=f"localhost:{port}") == 200
    assert post(url, PING, Origin=f"http://localhost:{port}") == 200
    assert post(url, PING, Host="evil.example") == 421
    assert post(url, PING, Host=f"evil.example:{port}") == 421
    assert post(url, PING, Host=f"127.0.0.1:{port}.evil.example") == 421
    assert post(url, PING, Origin="http://evil.example") == 403
    assert post(url, PING, Origin="null") == 403
    assert post(url, PING, Origin=f"http://localhost:{port}.evil.example") == 403


def test_bad_requests_leave_the_server_well(url: str) -> None:
    """Too large, no JSON, another type, another path: each its status, and it goes on."""
    assert post(url, PING + b" " * (BODY_BYTES_MAX - len(PING))) == 200
    assert post(url, PING + b" " * (BODY_BYTES_MAX + 1 - len(PING))) == 413
    assert post(url, b"{") == 400
    assert post(url, PING, **{"Content-Type": "text/plain"}) == 400
    assert post(url.removesuffix("/mcp"), PING) == 404
    ask(url, converse)


def run(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        env=environ(store),
        input="",
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )


def test_a_client_that_hangs_up_ends_the_server(store: Path) -> None:
    """The end of standard input is the end of the session, and nothing is written."""
    done = run(store)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104
def test_an_address_that_others_can_reach_is_refused(store: Path, host: str) -> None:
    """Only loopback is served; the refusal says what to do."""
    done = run(store, "--http", "--host", host)
    assert done.returncode == 2
    assert "can be reached by other machines" in done.stderr
    assert "headwater serve --mcp --tokens" in done.stderr


def test_a_missing_store_is_said_at_once(tmp_path: Path) -> None:
    """A client's log shows why the server did not start."""
    done = run(tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (3, "")
    assert "nothing" in done.stderr


def test_without_the_extra_the_command_says_what_to_install(store: Path) -> None:
    """An installation without the protocol's library names the extra that has it."""
    code = "import sys; sys.modules['mcp'] = None; from headwater.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp"],
        env=environ(store),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 2
    assert "pip install 'headwater[mcp]'" in done.stderr
