"""`headwater mcp`: answers for agents."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from headwater.cli import opening
from headwater.cli.terminal import Terminal
from headwater.errors import ExtraMissing

PORT_MAX = 65_535
HOST = "127.0.0.1"
PORT = 8_765

DESCRIPTION = """\
Serve the store to agents by the Model Context Protocol (MCP): read-only tools search, trace,
impact, paths, show, why and diff, with small answers that say how complete they are. Without
arguments one client is served over standard input and output, which is how editors and assistants
start a server; with --http any number on this machine, until interrupted.

Needs headwater[mcp]."""

EXAMPLES = """\
  headwater mcp --store /srv/lineage
  headwater mcp --http
  headwater mcp --http --port 0"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--http", action="store_true", help="streamable HTTP instead of standard input and output"
    )
    parser.add_argument(
        "--host", default=HOST, metavar="ADDRESS", help=f"with --http (default: {HOST})"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=PORT,
        metavar="N",
        help=f"with --http (default: {PORT}; 0: a free one)",
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Serve until the client, or whoever started it, ends it."""
    where = opening.existing(arguments)
    try:
        from headwater.mcp.http import serve_http
        from headwater.mcp.reading import Reading
        from headwater.mcp.server import serve_stdio
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "anyio", "uvicorn"):
            raise
        raise ExtraMissing(
            f"this command needs {error.name}, which the installation leaves out",
            remedy="install it: pip install 'headwater[mcp]'",
        ) from error
    with Reading(where) as reading:
        opening.warn(reading.warnings, terminal)
        if arguments.http:
            serve_http(
                reading,
                host=arguments.host,
                port=arguments.port,
                ready=lambda url: terminal.say(f"headwater: serving {where} at {url}"),
            )
        else:
            serve_stdio(reading)
    return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= PORT_MAX):
        raise ArgumentTypeError(f"{text!r} is no port")
    return int(text)
