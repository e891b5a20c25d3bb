"""`headwater ui`: the web interface in a browser."""

from __future__ import annotations

import webbrowser
from argparse import ArgumentParser, Namespace

from headwater.cli import opening, serve
from headwater.cli.terminal import Terminal
from headwater.evidence.naming import printable

DESCRIPTION = """\
Open the web interface of the store in a browser: search, lineage as graph and tree, passports, what
changed, and the ledger with its proofs. Where a service of the store runs, its page is opened; else
one is started on this machine alone, until Ctrl-C."""

EXAMPLES = """\
  headwater ui
  headwater ui --store .demo/.headwater
  headwater ui --no-browser"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=serve.port,
        default=serve.PORT,
        help=f"of a service that is started; default: {serve.PORT}; 0: any free one",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only say where the page is"
    )  # fmt: skip


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Open the page of the running service, or start one."""
    where = opening.existing(arguments)
    from headwater.store import layout, lock

    root = layout.locate(where)
    holder = lock.holder(root) if lock.locked(root) else None
    if holder is not None and holder.url is not None:
        _open(holder.url, arguments, terminal)
        return 0
    return serve.start(
        where,
        terminal,
        port=arguments.port,
        ready=lambda url: _open(url, arguments, terminal),
    )


def _open(url: str, arguments: Namespace, terminal: Terminal) -> None:
    opened = not arguments.no_browser and webbrowser.open(url)
    if terminal.as_json:
        terminal.document({"ask": "ui", "url": url, "opened": opened})
    else:
        terminal.print(f"{'Opened' if opened else 'The page is at'} {printable(url)}")
    terminal.stdout.flush()
