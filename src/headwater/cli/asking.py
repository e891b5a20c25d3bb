"""What `trace`, `impact` and `paths` share: their arguments, and printing their answers."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from headwater.cli import completeness, tables, tree
from headwater.cli.opening import base
from headwater.cli.terminal import Terminal
from headwater.evidence.naming import Answer, Names, by_ref, label_of, names_of, printable

NAMES_IN_LEGEND_MAX = 4
FORMATS = ("tree", "json", "mermaid", "dot")


def natural(text: str) -> int:
    """Read a count that is not negative."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def positive(text: str) -> int:
    """Read a count of at least one."""
    count = natural(text)
    if count < 1:
        raise ArgumentTypeError(f"{text!r} is not at least 1")
    return count


def add_at(parser: ArgumentParser) -> None:
    """Add `--at`."""
    parser.add_argument(
        "--at", metavar="T", help="answer as known then: a ledger size, or a time (UTC)"
    )


def add_format(parser: ArgumentParser) -> None:
    """Add `--format`."""
    parser.add_argument("--format", choices=FORMATS, default="tree", help="default: tree")


def configure(parser: ArgumentParser) -> None:
    """Add the arguments of a walk through the graph."""
    parser.add_argument("ref", metavar="REF", help="a name, version, run id or file")
    parser.add_argument(
        "--depth", type=natural, metavar="N", help="follow at most N runs (default: all)"
    )
    add_at(parser)
    parser.add_argument("--columns", action="store_true", help="follow columns too")
    parser.add_argument(
        "--revisions",
        choices=("carried", "all"),
        default="carried",
        help="earlier states: only what is known to carry over (default), or all",
    )
    parser.add_argument(
        "--facets", action="store_true", help="with --json: give every facet of every node"
    )
    parser.add_argument("--limit", type=positive, metavar="N", help="answer with at most N nodes")
    add_format(parser)


def present(answer: Answer, arguments: Namespace, terminal: Terminal) -> Names | None:
    """Print an answer in the asked format; give the names used if it was a tree."""
    if terminal.as_json or arguments.format == "json":
        terminal.document(answer)
        return None
    if arguments.format != "tree":
        terminal.stdout.write(drawing(answer, arguments.format, base(arguments)))
        return None
    names = names_of(answer, base=base(arguments))
    unknown = frozenset((answer["completeness"].get("origins") or {}).get("unknown") or ())
    upstream = answer["ask"] != "impact"
    terminal.print(*tree.draw(answer, terminal, upstream=upstream, names=names, unknown=unknown))
    _print_columns(answer, terminal, names)
    return names


def drawing(answer: Answer, form: str, folder: str) -> str:
    """Write an answer as DOT or Mermaid."""
    if form == "dot":
        from headwater.evidence import dot

        return dot.render(answer, base=folder)
    from headwater.evidence import mermaid

    return mermaid.render(answer, base=folder)


def _print_columns(answer: Answer, terminal: Terminal, names: Names) -> None:
    """Print the links between columns under a tree of versions."""
    nodes = by_ref(answer)
    if answer["root"].startswith("column:"):
        return
    rows = []
    for edge in answer["edges"]:
        if edge.get("transformation") is not None:
            ends = (label_of(edge[end], nodes, names) for end in ("from", "to"))
            how = printable(edge["transformation"]).replace("_", " ")
            how += "" if edge.get("direct", True) else ", indirect"
            how += ", masked" if edge.get("masking") else ""
            column, source = ends
            rows.append((column, terminal.glyphs.left, source, how))
    if rows:
        terminal.heading("Columns")
        terminal.print(*tables.table(rows, terminal, styles=((), ("dim",), (), ("dim",))))


def finish(answer: Answer, terminal: Terminal, names: Names) -> None:
    """Print under a tree which namespaces are in it and how complete it is."""
    if terminal.quiet:
        return
    _legend(names, terminal)
    completeness.tell(answer, terminal, names)


def _legend(names: Names, terminal: Terminal) -> None:
    inside: dict[str, list[str]] = {}
    for namespace, name in names.artifacts:
        inside.setdefault(namespace, []).append(names.artifact(namespace, name))
    if not inside:
        return
    if len(inside) == 1:
        terminal.print("", terminal.style(f"namespace {printable(next(iter(inside)))}", "dim"))
        return
    rows = []
    for namespace, short in inside.items():
        listed = ", ".join(short[:NAMES_IN_LEGEND_MAX])
        rest = len(short) - NAMES_IN_LEGEND_MAX
        more = f" and {rest} more" if rest > 0 else ""
        rows.append((printable(namespace), listed + more))
    terminal.print("", terminal.style("namespaces", "dim"))
    terminal.print(*tables.table(rows, terminal, styles=((), ("dim",))))
