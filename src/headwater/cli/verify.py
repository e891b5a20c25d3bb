"""`headwater verify`: whether everything that the store holds is what was committed.

With a file: whether a proof bundle holds (`bundles`).
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.cli import asking, bundles, opening
from headwater.cli.entries import describe
from headwater.cli.tables import table
from headwater.cli.terminal import Terminal, as_document
from headwater.errors import EXIT_FAILED, InvalidReference
from headwater.evidence.naming import printable

if TYPE_CHECKING:
    from headwater.store.report import Difference, Report

HEAD_BYTES_MAX = 1_000_001
"""Bytes that are read of a file with a head: one beyond the longest note."""
DIFFERENCES_SHOWN = 50
"""Differences listed; of more, the count is said. `--json` has them all."""

DESCRIPTION = """\
Derive everything again from the stored bytes: leaves, tree, parts, heads, the consistency between
them, and the claims of each entry. Every difference is named with its kind and its entry. Exit code
0 only if everything holds; what was not checked is said. With a FILE that headwater prove wrote,
check that instead; a ledger is not needed for it, and one of the same origin makes the answer
again."""

EXAMPLES = """\
  headwater verify
  headwater verify --tree
  headwater verify --sample 1000
  headwater verify --since 18204
  headwater verify delay.bundle.json --key 'headwater.local/4c29…+1a2b3c4d+AQ…'
  headwater verify --script | less"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("file", metavar="FILE", nargs="?", help="a proof bundle")
    which.add_argument(
        "--script",
        action="store_true",
        help="print the script that checks bundles with Python alone",
    )
    which.add_argument("--tree", action="store_true", help="only leaves, tree and heads: fastest")
    which.add_argument(
        "--sample", type=asking.natural, metavar="N", help="the contents of N random entries"
    )
    parser.add_argument(
        "--since", type=_since, metavar="HEAD", help="what came after a size, or a file with a head"
    )
    parser.add_argument(
        "--key", metavar="KEY", help="of a bundle: the ledger's verifier key, or a file with it"
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Verify and print the report."""
    if arguments.script:
        return bundles.print_script(terminal)
    if (arguments.file is None and arguments.key) or (arguments.file and arguments.since):
        raise InvalidReference("--key is for a bundle, and --since for the ledger")
    if arguments.file is not None:
        return bundles.verify_file(arguments, terminal)
    where = opening.existing(arguments)
    from headwater.store import verifying

    with terminal.progress("verifying", 1) as progress:
        report = verifying.verify(
            where,
            tree_only=arguments.tree,
            sample=arguments.sample,
            since=arguments.since,
            progress=lambda done, of: progress.of(of).at(done, f"{done:,} of {of:,} entries"),
        )
    descriptions = describe(where, _indexes(report))
    if not as_document(terminal, as_json(report, descriptions)):
        print_report(report, descriptions, terminal)
    return 0 if report.sound else EXIT_FAILED


def as_json(report: Report, descriptions: dict[int, str]) -> dict[str, Any]:
    """Write a report as the document of `--json`."""
    return {
        "ask": "verify",
        "holds": report.sound,
        "checked": dict(report.checked),
        "not_checked": list(report.not_checked),
        "differences": [
            {
                "kind": difference.kind,
                "place": difference.place,
                "index": difference.index,
                "detail": difference.detail,
                "entry": _described(difference, descriptions),
            }
            for difference in report.differences
        ],
    }


def print_report(report: Report, descriptions: dict[int, str], terminal: Terminal) -> None:
    """Print what was checked, every difference, and what was not checked."""
    terminal.print(terminal.style("Checked", "bold"))
    rows = [(f"{count:,}", printable(what)) for what, count in sorted(report.checked.items())]
    terminal.print(*table(rows, terminal))
    if report.differences:
        terminal.heading("Differences")
        terminal.print(*_differences(report, descriptions, terminal))
    if report.not_checked:
        terminal.heading("Not checked")
        terminal.print(
            *(f"  {terminal.glyphs.dot} {printable(what)}" for what in report.not_checked)
        )
    terminal.print("", _verdict(report, terminal))


def _differences(report: Report, descriptions: dict[int, str], terminal: Terminal) -> Iterator[str]:
    bad = terminal.style(terminal.glyphs.bad, "red", "bold")
    for difference in report.differences[:DIFFERENCES_SHOWN]:
        where = printable(difference.place)
        if difference.index is not None:
            where = f"{where} {difference.index}"
        kind = terminal.style(printable(difference.kind), "bold")
        yield f"  {bad} {where}  {kind}: {printable(difference.detail)}"
        about = _described(difference, descriptions)
        if about is not None:
            yield f"      {terminal.style(about, 'dim')}"
    rest = len(report.differences) - DIFFERENCES_SHOWN
    if rest > 0:
        yield f"  {terminal.glyphs.more} {rest:,} more; --json lists all"


def _described(difference: Difference, descriptions: dict[int, str]) -> str | None:
    if difference.index is None or difference.place != "entry":
        return None
    return descriptions.get(difference.index)


def _verdict(report: Report, terminal: Terminal) -> str:
    mark = terminal.verdict(report.sound)
    if report.sound:
        what = "What was checked holds." if report.not_checked else "Everything holds."
        return f"{mark} {terminal.style(what, 'green', 'bold')}"
    counts = Counter(difference.kind for difference in report.differences)
    kinds = ", ".join(f"{count:,} {printable(kind)}" for kind, count in sorted(counts.items()))
    total = len(report.differences)
    word = "difference" if total == 1 else "differences"
    return f"{mark} {terminal.style(f'Does not hold: {total:,} {word}', 'red', 'bold')} ({kinds})."


def _indexes(report: Report) -> list[int]:
    found = [difference.index for difference in report.differences if difference.place == "entry"]
    return [index for index in found if index is not None][:DIFFERENCES_SHOWN]


def _since(text: str) -> int | bytes:
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        with Path(text).open("rb") as file:
            return file.read(HEAD_BYTES_MAX)
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"{text!r} is no size and no file with a head") from error
