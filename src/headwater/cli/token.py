"""`headwater token SUBJECT`: let somebody in."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from headwater.cli.terminal import Terminal, as_document
from headwater.evidence.naming import printable

ROLES = ("member", "auditor")

DESCRIPTION = """\
Make a token for the service and add it to a token file, which is made where there is none. The
token is shown once: the file has its hash alone. To take it back, delete its line; a service that
runs reads the file again. Globs name namespaces: --read those that answers may show, --write those
of the jobs that events may be about. An auditor may also read the ledger itself."""

EXAMPLES = """\
  headwater token etl --write 'airflow*' --tokens tokens.json
  headwater token ada --read '*' --tokens tokens.json
  headwater token audit --role auditor --read '*' --tokens tokens.json"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("subject", metavar="SUBJECT", help="who it is for; the ledger names them")
    parser.add_argument(
        "--tokens", metavar="FILE", type=Path, required=True, help="the file it is added to"
    )
    parser.add_argument("--role", choices=ROLES, default="member", help="default: member")
    for flag, what in (("--read", "may be shown"), ("--write", "may be written about")):
        parser.add_argument(
            flag, metavar="GLOB", action="append", default=[], help=f"{what}; may be repeated"
        )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Make one token and print it."""
    from headwater.query import tokens

    secret, token = tokens.create(
        arguments.subject,
        role=arguments.role,
        read=tuple(arguments.read),
        write=tuple(arguments.write),
    )
    tokens.add(arguments.tokens, token)
    document: dict[str, Any] = {
        "ask": "token",
        "subject": arguments.subject,
        "token": secret,
        "tokens": str(arguments.tokens),
    }
    if not as_document(terminal, document):
        terminal.print(secret)
        terminal.say(
            f"{printable(arguments.tokens)} has its hash; this is the only time the token is shown"
        )
    return 0
