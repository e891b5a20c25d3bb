"""`headwater search TEXT`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from headwater.cli import asking, opening
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal, as_document
from headwater.cli.times import readable
from headwater.errors import EXIT_FAILED
from headwater.evidence.naming import Answer, printable

LIMIT_HITS = 20

DESCRIPTION = """\
Find artifacts, jobs and runs: by any part of a name, by owner, tag, description or digest. Exit
code 1 if nothing was found."""

EXAMPLES = """\
  headwater search orders
  headwater search delay --kind model
  headwater search team-data --limit 100 --json"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("text", metavar="TEXT", help="what to look for")
    parser.add_argument(
        "--kind", metavar="K", help="only this kind: table, model, file, job, run …"
    )
    parser.add_argument(
        "--limit",
        type=asking.positive,
        default=LIMIT_HITS,
        metavar="N",
        help=f"at most N hits (default: {LIMIT_HITS})",
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Print the hits."""
    with (
        opening.gateway(arguments, terminal) as gateway,
        terminal.progress("reading names", 1) as progress,
    ):
        answer = gateway.search(
            arguments.text,
            kind=arguments.kind,
            limit=arguments.limit,
            progress=lambda done, of: progress.of(of).at(done, f"{done:,} of {of:,} things"),
        )
    if not as_document(terminal, answer):
        print_hits(answer, terminal)
    return 0 if answer["hits"] else EXIT_FAILED


def print_hits(answer: Answer, terminal: Terminal) -> None:
    """Print the answer of `search` as a table."""
    hits = answer["hits"]
    if not hits:
        terminal.print(f"Nothing found for {printable(answer['text'])!r}.")
        return
    terminal.print(
        *table(
            [_row(hit) for hit in hits],
            terminal,
            indent=0,
            head=("kind", "name", "versions", "latest", "namespace", "found in"),
            styles=((), ("bold",), (), (), ("dim",), ("dim",)),
        )
    )
    if answer.get("truncated") or answer["total"] > len(hits):
        terminal.print("", f"{len(hits):,} of {answer['total']:,} shown; --limit shows more.")


def _row(hit: dict[str, Any]) -> tuple[str, ...]:
    matched = hit.get("matched") or {}
    field = matched.get("field")
    found = "" if field in (None, "name") else f"{field}: {printable(matched.get('value'))}"
    latest = hit.get("latest")
    when = latest.get("time") if isinstance(latest, dict) else latest
    versions = hit.get("versions")
    return (
        printable(hit.get("kind") or "dataset"),
        printable(hit["name"]),
        "" if versions is None else f"{versions:,}",
        "" if when is None else printable(readable(str(when))),
        printable(hit["namespace"]),
        found,
    )
