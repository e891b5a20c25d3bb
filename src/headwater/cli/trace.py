"""`headwater trace REF`: upstream."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from headwater.cli import asking, opening
from headwater.cli.terminal import Terminal

DESCRIPTION = """\
What something was made of: the version you name, the run that made it, what that run read, and
so on down to the sources. Every line is one version. The last lines say whether anything is
missing."""

EXAMPLES = """\
  headwater trace orders
  headwater trace models/delay.joblib --depth 2
  headwater trace orders@v3 --at 2026-11-01 --format mermaid"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    asking.configure(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print the upstream of a reference."""
    with opening.gateway(arguments, terminal) as gateway:
        answer = gateway.trace(
            arguments.ref,
            depth=arguments.depth,
            at=arguments.at,
            columns=arguments.columns,
            revisions=arguments.revisions,
            facets=arguments.facets,
            limit=arguments.limit,
        )
    names = asking.present(answer, arguments, terminal)
    if names is not None:
        asking.finish(answer, terminal, names)
    return 0
