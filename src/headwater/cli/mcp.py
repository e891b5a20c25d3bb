"""`headwater mcp`: answers for agents."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from headwater.cli import opening
from headwater.cli.serve import port
from headwater.cli.terminal import Terminal
from headwater.errors import ExtraMissing

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
        type=port,
        default=PORT,
        metavar="N",
        help=f"with --http (default: {PORT}; 0: a free one)",
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Serve until the client, or whoever started it, ends it."""
    where = opening.existing(arguments)
    require_mcp()
    from headwater.mcp.http import serve_http
    from headwater.mcp.reading import Reading
    from headwater.mcp.server import serve_stdio

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


def require_mcp() -> None:
    """Raise `ExtraMissing` unless the protocol's library is installed."""
    try:
        import mcp.server  # noqa: F401
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            f"this needs {error.name}, which the installation leaves out",
            remedy="install it: pip install 'headwater[mcp]'",
        ) from error
