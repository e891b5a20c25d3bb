"""`headwater lint PATH`: calls in source files that capture cannot see."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from headwater.cli.terminal import Terminal, as_document
from headwater.coverage import lint
from headwater.errors import EXIT_FAILED, InvalidReference
from headwater.evidence.naming import printable

DESCRIPTION = """\
Find calls that read, write or train without being seen by headwater run: in Python files, folders
and notebooks. They are read and not executed; the libraries that they use are imported, to ask the
adapters what they see of them. Exits 1 if something was found. A line with the comment
`# headwater: ignore` is left alone."""

EXAMPLES = """\
  headwater lint train.py
  headwater lint src notebooks --json"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, notebook or folder")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Look, and report."""
    for path in arguments.paths:
        if not Path(path).exists():
            raise InvalidReference(f"{path} is not there", remedy="headwater lint PATH")
    report = lint.examine(arguments.paths)
    if not as_document(terminal, report.document()):
        for one in report.findings:
            where = f"{one.path}:" + (f"cell {one.cell}:" if one.cell is not None else "")
            terminal.print(
                printable(f"{where}{one.line}:{one.column}: {one.call}: {one.why}; {one.remedy}")
            )
        _remark(report, terminal)
    return EXIT_FAILED if report.findings else 0


def _remark(report: lint.Report, terminal: Terminal) -> None:
    for path, why in report.unread:
        terminal.complain(printable(f"headwater: {path} was not read: {why}"))
    for said in report.adapters.broken:
        terminal.complain(printable(f"headwater: {said}"))
    missing = sorted(report.adapters.not_installed)
    if missing:
        names = ", ".join(missing)
        terminal.say(f"headwater: not installed here, so not looked into: {printable(names)}")
    files, count = len({one.path for one in report.findings}), len(report.findings)
    terminal.say(
        f"headwater: {count:,} {'call' if count == 1 else 'calls'} that capture cannot see, "
        f"in {files:,} of {report.files:,} files"
    )
