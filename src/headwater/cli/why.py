"""`headwater why A B`: what a link rests on."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from headwater.cli import asking, opening
from headwater.cli.terminal import Terminal, as_document
from headwater.errors import EXIT_FAILED
from headwater.evidence.naming import Answer, Names, edge_words, names_in, printable, with_labels

DESCRIPTION = """\
Why one thing is said to depend on another: the rule that bound them, the claims and ledger entries
it rests on, and what would have been bound otherwise. Exit code 1 if no link joins them."""

EXAMPLES = """\
  headwater why report.csv orders
  headwater why 0193a5f2 orders@v3"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("a", metavar="A", help="what depends")
    parser.add_argument("b", metavar="B", help="what it depends on")
    asking.add_at(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print the reasons."""
    with opening.gateway(arguments, terminal) as gateway:
        answer = gateway.why(arguments.a, arguments.b, at=arguments.at)
    if not as_document(terminal, answer):
        print_reasons(answer, terminal, folder=opening.base(arguments))
    return 0 if answer["edges"] else EXIT_FAILED


def print_reasons(answer: Answer, terminal: Terminal, *, folder: str | None = None) -> None:
    """Print the answer of `why`: each edge, its rule in words, its claims, the runner-up."""
    names = names_in(answer, base=folder)
    if not answer["edges"]:
        terminal.print(
            f"No link joins {_say(answer['from'], names)} and {_say(answer['to'], names)}.",
            "headwater paths A B shows longer ways.",
        )
        return
    for place, reason in enumerate(answer["edges"]):
        if place:
            terminal.print("")
        _print_reason(reason, terminal, names)


def _print_reason(reason: dict[str, Any], terminal: Terminal, names: Names) -> None:
    edge = reason["edge"]
    kind = printable(edge["kind"]).replace("_", " ")
    ends = (_say(edge["from"], names), _say(edge["to"], names))
    terminal.print(
        f"{terminal.style(ends[0], 'bold')} {terminal.style(kind, 'cyan')} "
        f"{terminal.style(ends[1], 'bold')}"
    )
    words = edge_words(edge)
    rule = f"rule {printable(reason['rule'])}" if reason.get("rule") else ""
    facts = [rule, printable(edge.get("exactness") or ""), printable(edge.get("evidence") or "")]
    facts = [fact for fact in dict.fromkeys([*facts, *words]) if fact]
    if facts:
        terminal.print(f"  {terminal.style(', '.join(facts), 'yellow' if words else 'dim')}")
    terminal.print(f"  {_say(reason['explanation'], names)}")
    for claim in reason.get("claims") or ():
        terminal.print(
            f"    {terminal.glyphs.dot} entry {claim['entry']}: {printable(claim['claim'])}"
            f"  {terminal.style(_said(claim.get('said')), 'dim')}".rstrip()
        )
    runner_up = reason.get("runner_up")
    if runner_up is not None:
        other = _say(runner_up["ref"], names)
        terminal.print(f"  runner-up: {other}, not bound: {_say(runner_up['why'], names)}")


def _said(said: object) -> str:
    if not isinstance(said, dict):
        return "" if said is None else printable(said)
    return ", ".join(
        f"{printable(key)}: "
        + printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in said.items()
        if value is not None
    )


def _say(text: str, names: Names) -> str:
    return with_labels(text, {}, names)
