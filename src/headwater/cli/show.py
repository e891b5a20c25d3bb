"""`headwater show REF`: the passport."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from headwater.cli import asking, opening
from headwater.cli.passport import print_passport
from headwater.cli.terminal import Terminal, as_document

DESCRIPTION = """\
Everything known about one version, artifact, run, job or column: its identity, what made it, from
what, who used it, its facets and their history, and the ledger entries that prove it."""

EXAMPLES = """\
  headwater show orders@v3
  headwater show 0193a5f2
  headwater show job:train --history"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("ref", metavar="REF", help="a name, version, run id, job or file")
    asking.add_at(parser)
    parser.add_argument(
        "--history", action="store_true", help="list every statement about every facet"
    )
    parser.add_argument("--proofs", action="store_true", help="list every ledger entry it rests on")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print the passport of a reference."""
    with opening.gateway(arguments, terminal) as gateway:
        answer = gateway.show(arguments.ref, at=arguments.at)
    if not as_document(terminal, answer):
        print_passport(
            answer,
            terminal,
            folder=opening.base(arguments),
            history=arguments.history,
            proofs=arguments.proofs,
        )
    return 0
