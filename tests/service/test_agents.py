"""`headwater serve --mcp`: agents at `/mcp`, each with what its token may read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client import Client as Agent
from mcp.client.streamable_http import streamable_http_client

from headwater.query import tokens
from tests.service.conftest import Run, Serve
from tests.service.marquez.conftest import LAKE, SHOP, tell
from tests.service.served import Client

SECONDS_MAX = 60
PING = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def talk(url: str, token: str | None, say: Callable[[Agent], Awaitable[None]]) -> None:
    """Connect an agent with a token and let it talk."""

    async def session() -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with anyio.fail_after(SECONDS_MAX):
            async with (
                httpx2.AsyncClient(headers=headers) as http,
                Agent(streamable_http_client(f"{url}/mcp", http_client=http)) as agent,
            ):
                await say(agent)

    anyio.run(session)


def test_an_agent_sees_what_its_token_may_read(run: Run, tmp_path: Path) -> None:
    """What is hidden is counted and its name is nowhere; another token sees it."""
    file = tmp_path / "tokens.json"
    secrets = []
    for subject, read, write in (("all", ("*",), ("*",)), ("lake", ("s3://*",), ())):
        secret, token = tokens.create(subject, role="member", read=read, write=write)
        tokens.add(file, token)
        secrets.append(secret)
    served = run(tokens=file, agents=True)
    tell(served.url, secrets[0])

    async def everything(agent: Agent) -> None:
        answer = await agent.call_tool("trace", {"ref": "marts/sales"})
        assert SHOP in str(answer.structured_content)

    async def a_part(agent: Agent) -> None:
        answer = (
            await agent.call_tool("trace", {"ref": f"{LAKE}::marts/sales"})
        ).structured_content
        assert answer["completeness"]["redacted"] == {"how": "hidden", "count": 1}
        assert SHOP not in str(answer)
        failed = await agent.call_tool("show", {"ref": "public.orders"})
        assert failed.is_error

    talk(served.url, secrets[0], everything)
    talk(served.url, secrets[1], a_part)
    assert served.ask("POST", "/mcp", PING, HEADERS).status == 401


def test_an_agent_does_not_read_files_of_the_machine_with_a_token(run: Run, tmp_path: Path) -> None:
    """A path is a name like any other: nothing is hashed, nothing is told of it."""
    secret, token = tokens.create("all", role="member", read=("*",), write=("*",))
    tokens.add(tmp_path / "tokens.json", token)
    served = run(tokens=tmp_path / "tokens.json", agents=True)
    tell(served.url, secret)
    (tmp_path / "secret.txt").write_text("nobody's business")

    async def ask(agent: Agent) -> None:
        failed = await agent.call_tool("show", {"ref": str(tmp_path / "secret.txt")})
        assert "nothing is called" in failed.structured_content["message"]

    talk(served.url, secret, ask)


def test_pages_of_other_origins_are_refused(run: Run) -> None:
    """And hosts of other names, as everywhere in the service."""
    served = run(agents=True)
    tell(served.url)

    def status(**headers: str) -> int:
        return served.ask("POST", "/mcp", PING, HEADERS | headers).status

    assert status() == 200
    assert status(Origin=served.url) == 200
    assert status(Origin="http://evil.example") == 403
    assert status(Origin="null") == 403
    assert status(Host="evil.example") == 421


@pytest.mark.slow
def test_the_command_serves_agents_when_told_to(serve: Serve) -> None:
    """With `--mcp` there is `/mcp`; without, there is not."""
    served: Any = serve("--mcp")
    assert served.ask("POST", "/mcp", PING, HEADERS).status == 200
    plain: Client = serve("--store", "other")
    assert plain.ask("POST", "/mcp", PING, HEADERS).status == 404
