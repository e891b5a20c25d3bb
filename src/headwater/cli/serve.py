"""`headwater serve`: the store over HTTP."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path

from headwater.cli import opening
from headwater.cli.terminal import Terminal
from headwater.evidence.naming import printable

HOST = "127.0.0.1"
PORT = 5000
"""Where OpenLineage producers look for a lineage server by custom."""
LEVELS = ("debug", "info", "warning", "error")

DESCRIPTION = """\
Serve the store over HTTP: OpenLineage producers send events here (OPENLINEAGE_URL), programs ask
questions. Makes the store if there is none. Listens on this machine alone, unless a token file says
who may come from elsewhere. SIGTERM or Ctrl-C ends it when everything that was taken is written."""

EXAMPLES = """\
  headwater serve
  OPENLINEAGE_URL=http://127.0.0.1:5000 dbt-ol run
  headwater token etl --read '*' --write 'etl.*' --tokens tokens.json
  headwater serve --host 0.0.0.0 --tokens tokens.json --certificate tls.pem"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--host", metavar="HOST", default=HOST, help=f"default: {HOST}")
    parser.add_argument(
        "--port", metavar="PORT", type=port, default=PORT, help=f"default: {PORT}; 0: any free one"
    )
    parser.add_argument("--tokens", metavar="FILE", type=Path, help="who may read and write")
    parser.add_argument(
        "--certificate", metavar="FILE", type=Path, help="serve HTTPS with this (PEM)"
    )
    parser.add_argument("--key", metavar="FILE", type=Path, help="its key, if in another file")
    parser.add_argument(
        "--strict", action="store_true", help="reject what the OpenLineage schemas reject"
    )
    parser.add_argument(
        "--mcp", action="store_true", help="answer agents at /mcp too (needs headwater[mcp])"
    )
    parser.add_argument(
        "--log-level", choices=LEVELS, default="info", help="how much is logged; default: info"
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Serve until told to stop."""
    where = opening.location(arguments) or opening.new_place()
    from headwater.service import journal
    from headwater.service.serving import Serving, Settings

    if arguments.mcp:
        from headwater.cli.mcp import require_mcp

        require_mcp()
    journal.begin(arguments.log_level)
    settings = Settings(
        store=where,
        host=arguments.host,
        port=arguments.port,
        tokens=arguments.tokens,
        certificate=arguments.certificate,
        key=arguments.key,
        strict=arguments.strict,
        agents=arguments.mcp,
    )
    serving = Serving(settings)

    def ready() -> None:
        opening.warn(serving.warnings, terminal)
        if terminal.as_json:
            terminal.document({"ask": "serve", "url": serving.url, "store": where})
        else:
            terminal.print(f"Serving {printable(where)} at {serving.url}")
        terminal.stdout.flush()

    serving.run(ready)
    return 0


def start(where: str, terminal: Terminal, *, port: int, ready: Callable[[str], None]) -> int:
    """Serve this machine alone until told to stop; `ready` gets the address when it begins."""
    from headwater.service import journal
    from headwater.service.serving import Serving, Settings

    journal.begin("warning")
    serving = Serving(Settings(store=where, host=HOST, port=port))

    def begun() -> None:
        opening.warn(serving.warnings, terminal)
        ready(serving.url)

    serving.run(begun)
    return 0


def port(text: str) -> int:
    """Read a port."""
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise ArgumentTypeError(f"{text!r} is no port")
    return int(text)
