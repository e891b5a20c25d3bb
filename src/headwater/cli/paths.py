"""`headwater paths A B`: how one thing reaches the other."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from headwater.cli import asking, opening
from headwater.cli.links import Links
from headwater.cli.terminal import Terminal
from headwater.cli.tree import cut_middle
from headwater.evidence.naming import Answer, Names, edge_words, label_of, names_of

DESCRIPTION = """\
How one thing reaches another: each way from A to B, whichever of the two came first. Exit code 1
if there is none."""

EXAMPLES = """\
  headwater paths weather models/delay.joblib
  headwater paths orders@v3 report.csv --format dot"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("a", metavar="A", help="where to begin")
    parser.add_argument("b", metavar="B", help="where to end")
    asking.add_at(parser)
    asking.add_format(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print every path."""
    with opening.gateway(arguments, terminal) as gateway:
        answer = gateway.paths(arguments.a, arguments.b, at=arguments.at)
    if terminal.as_json or arguments.format != "tree":
        asking.present(answer, arguments, terminal)
        return 0
    names = names_of(answer, base=opening.base(arguments))
    _print_paths(answer, terminal, names)
    asking.finish(answer, terminal, names)
    return 0


def _print_paths(answer: Answer, terminal: Terminal, names: Names) -> None:
    nodes = Links(answer, upstream=True).nodes
    words = {(edge["from"], edge["to"]): edge_words(edge) for edge in answer["edges"]}
    for place, path in enumerate(answer["paths"]):
        if place:
            terminal.print("")
        for step, ref in enumerate(path):
            lead = "   " * (step - 1) + terminal.glyphs.last if step else ""
            before = path[step - 1]
            found = words.get((before, ref)) or words.get((ref, before)) or () if step else ()
            mark = f"  [{'; '.join(found)}]" if found else ""
            text = label_of(ref, nodes, names)
            if terminal.width is not None:
                room = terminal.width - len(lead) - len(mark)
                text = cut_middle(text, max(room, 8), terminal.glyphs.more)
            styles = ("dim",) if ref.startswith("run:") else ("bold",)
            terminal.print(
                f"{terminal.style(lead, 'dim')}{terminal.style(text, *styles)}"
                f"{terminal.style(mark, 'yellow')}"
            )
