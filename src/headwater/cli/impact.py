"""`headwater impact REF`: downstream."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from headwater.cli import asking, opening
from headwater.cli.terminal import Terminal
from headwater.evidence.naming import Answer, printable

DESCRIPTION = """\
What was made of something: every version that came of the one you name, the runs that only read
it, who owns them, and how many there are of each kind."""

EXAMPLES = """\
  headwater impact weather
  headwater impact orders@v3 --depth 1
  headwater impact sales.public.orders --columns --json"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    asking.configure(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print the downstream of a reference."""
    with opening.gateway(arguments, terminal) as gateway:
        answer = gateway.impact(
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
        if answer.get("counts") is not None and not answer["root"].startswith("column:"):
            terminal.print("", _reach(answer), *_owners(answer))
        asking.finish(answer, terminal, names)
    return 0


def _reach(answer: Answer) -> str:
    counts = answer["counts"]
    versions, runs = counts["versions"], counts["runs"]
    kinds = [
        f"{number:,} {printable(kind).replace('_', ' ')}{'' if number == 1 else 's'}"
        for kind, number in sorted(counts["by_kind"].items())
    ]
    if not versions and not runs:
        return "Reaches nothing."
    of = f" of {', '.join(kinds)}" if kinds else ""
    return (
        f"Reaches {versions:,} {'version' if versions == 1 else 'versions'}{of} "
        f"through {runs:,} {'run' if runs == 1 else 'runs'}."
    )


def _owners(answer: Answer) -> list[str]:
    owners = [printable(owner) for owner in answer.get("owners") or ()]
    return [f"Owners: {', '.join(owners)}."] if owners else ["Owners: nobody is named."]
