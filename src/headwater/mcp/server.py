"""The tools on the wire: the Model Context Protocol over standard input and output, or HTTP.

Trusted? It passes on what the gateway answers to its principal; it cannot write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import anyio
import msgspec
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from headwater import __version__
from headwater.errors import HeadwaterError
from headwater.mcp import arguments, tools
from headwater.mcp.bounds import Document
from headwater.mcp.reading import Reading
from headwater.query.gateway import Gateway

READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
Context = ServerRequestContext[Any, Any]
Answered = tuple[Document, bool]
Question = Callable[[Gateway], Answered]


class Asker(Protocol):
    """How a question gets to a gateway: whose, and on which thread, is the asker's to know."""

    async def __call__(self, context: Context, question: Question, /) -> Answered:
        """Answer the question. Raises what the gateway raises."""
        ...


def serve_stdio(reading: Reading) -> None:
    """Serve one client over standard input and output until it closes them."""

    async def ask(_: Context, question: Question) -> Answered:
        return await reading.answer(question)

    anyio.run(_serve_stdio, make_server(ask))


async def _serve_stdio(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def make_server(ask: Asker) -> Server[Any]:
    """A server whose tools ask so."""

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_described(tool) for tool in tools.TOOLS])

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        tool = tools.BY_NAME.get(params.name)
        if tool is None:
            known = ", ".join(tools.BY_NAME)
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name!r}; there are {known}")

        def question(gateway: Gateway) -> Answered:
            return tools.call(gateway, tool, params.arguments or {})

        try:
            return _result(*await ask(context, question))
        except HeadwaterError as error:  # nobody could be asked: too many questions, say
            return _result(tools.describe(error), True)

    return Server(
        "headwater",
        version=__version__,
        title="Headwater",
        description="Lineage and provenance for AI pipelines, exact to the version",
        instructions=tools.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _described(tool: tools.Tool) -> Tool:
    return Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=arguments.schema(tool.arguments),
        annotations=READ_ONLY,
    )


def _result(document: Document, failed: bool) -> CallToolResult:
    text = msgspec.json.encode(document).decode()
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=document,
        is_error=failed,
    )
