"""`headwater import PATH…`: OpenLineage into the ledger.

Good events are kept whatever stands beside them. An import that was broken off is given again:
what is in the ledger already is found as duplicate.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from headwater.cli import sources
from headwater.cli.opening import location, new_place
from headwater.cli.terminal import Progress, Terminal, as_document
from headwater.cli.writing import Writing, writing
from headwater.errors import EXIT_FAILED, Problem
from headwater.evidence.naming import printable

if TYPE_CHECKING:
    from headwater.ingest import Receipt

BATCH_EVENTS_MAX = 512
BATCH_BYTES_MAX = 16 * 1024 * 1024
PROBLEMS_KEPT_MAX = 100_000
"""Problems of rejected events that are listed, in all; beyond, their events are counted."""
WARNING_KINDS_MAX = 1_000
"""Sorts of warnings that are told apart."""
WARNINGS_KEPT_MAX = 100_000
"""Warnings that `--verbose` lists."""
OTHER_WARNINGS = "other warnings"

_VALUE = re.compile(
    r"'(?:[^'\\]|\\.)*'"  # quoted
    r'|"(?:[^"\\]|\\.)*"'
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|\d{4}-\d\d-\d\dT[0-9:.]+Z"  # a time
    r"|\d+\.\d+(?= s )"  # seconds
)

DESCRIPTION = """\
Read OpenLineage events: JSON, NDJSON, arrays, or folders of them (*.json, *.ndjson, *.jsonl), `-`
for standard input. Makes the store if there is none. Events that are there already are duplicates;
bad ones are listed with file, line and every problem, and the good ones around them are kept. Exit
code 1 if anything was rejected."""

EXAMPLES = """\
  headwater import events.ndjson
  headwater import logs/ more.json
  zcat events.ndjson.gz | headwater import - --strict"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, a folder, or - for stdin")
    parser.add_argument(
        "--strict", action="store_true", help="reject what the OpenLineage schemas reject"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="list every warning, not only how many of each kind"
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Import and print what became of the events."""
    files = sources.collect(arguments.paths)
    where = location(arguments) or new_place()
    tally = Tally(verbose=arguments.verbose)
    with writing(where, terminal, create=True) as store:
        with terminal.progress("importing", sources.size_of(files)) as progress:
            try:
                _import(files, store, tally, progress, strict=arguments.strict)
            except KeyboardInterrupt:
                terminal.complain(
                    f"headwater: broken off after {tally.counts['accepted']:,} accepted events; "
                    "they are kept, and the same import goes on where it stopped"
                )
                raise
        size = store.size()
    if not as_document(terminal, {**tally.document(), "store": str(where), "size": size}):
        print_tally(tally, terminal, where=str(where), size=size)
    return EXIT_FAILED if tally.counts["rejected"] else 0


class Tally:
    """What became of the events: counts, rejections, warnings by kind, all of bounded size."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.counts = Counter(dict.fromkeys(("accepted", "duplicate", "warned", "rejected"), 0))
        self.rejected: list[tuple[str, tuple[Problem, ...]]] = []
        self.unlisted = 0
        self.kinds: Counter[str] = Counter()
        self.first: dict[str, str] = {}
        self.warnings: list[tuple[str, str]] = []
        self._verbose = verbose
        self._problems = 0

    def take(self, source: str, receipt: Receipt) -> None:
        """Count one receipt."""
        self.counts[receipt.status] += 1
        if receipt.status == "rejected":
            self._list(source, receipt.problems)
        if receipt.warnings:
            self.counts["warned"] += 1
        for warning in receipt.warnings:
            self.remark(source, warning)

    def refuse(self, source: str, problems: tuple[Problem, ...]) -> None:
        """Count a whole file as rejected."""
        self.counts["rejected"] += 1
        self._list(source, problems)

    def remark(self, source: str, warning: str) -> None:
        """Count a warning that is no event's own, or one of an event's."""
        kind = _kind(warning)
        if kind not in self.kinds and len(self.kinds) >= WARNING_KINDS_MAX:
            kind = OTHER_WARNINGS
        self.kinds[kind] += 1
        self.first.setdefault(kind, source)
        if self._verbose and len(self.warnings) < WARNINGS_KEPT_MAX:
            self.warnings.append((source, warning))

    def _list(self, source: str, problems: tuple[Problem, ...]) -> None:
        if self._problems < PROBLEMS_KEPT_MAX:
            self.rejected.append((source, problems))
            self._problems += len(problems)
        else:
            self.unlisted += 1

    def document(self) -> dict[str, Any]:
        """Write it as the document of `--json`."""
        return {
            "ask": "import",
            **self.counts,
            "rejections": [
                {"source": source, "problems": [problem._asdict() for problem in problems]}
                for source, problems in self.rejected
            ],
            "rejections_left_out": self.unlisted,
            "warnings": [
                {"kind": kind, "count": count, "first": self.first[kind]}
                for kind, count in self.kinds.most_common()
            ],
            **({"every_warning": [list(pair) for pair in self.warnings]} if self._verbose else {}),
        }

    def by_warning(self) -> Iterator[tuple[str, str]]:
        """Yield each warning with its source, where all were kept."""
        yield from self.warnings


def _import(
    files: list[sources.Source], store: Writing, tally: Tally, progress: Progress, *, strict: bool
) -> None:
    batch: list[sources.Found] = []
    size = 0
    for found in chain(sources.events(files), (None,)):
        if isinstance(found, sources.Unreadable):
            tally.refuse(*found)
            continue
        if isinstance(found, sources.Skipped):
            tally.remark(*found)
            continue
        full = found is None or size + len(found.body) > BATCH_BYTES_MAX
        if batch and (full or len(batch) == BATCH_EVENTS_MAX):
            _admit(batch, store, tally, strict=strict)
            progress.at(batch[-1].done, f"{sum(_finished(tally)):,} events")
            batch, size = [], 0
        if found is not None:
            batch.append(found)
            size += len(found.body)


def _finished(tally: Tally) -> Iterator[int]:
    return (count for status, count in tally.counts.items() if status != "warned")


def _admit(batch: list[sources.Found], store: Writing, tally: Tally, *, strict: bool) -> None:
    receipts = store.admit(
        [found.body for found in batch],
        strict=strict,
        sources=[found.source for found in batch],
    )
    for found, receipt in zip(batch, receipts, strict=True):
        tally.take(found.source, receipt)


def print_tally(tally: Tally, terminal: Terminal, *, where: str, size: int) -> None:
    """Print the counts, then every rejection, then the warnings."""
    counts = tally.counts
    styles = {"accepted": "green", "warned": "yellow", "rejected": "red"}
    said = [
        terminal.style(
            f"{count:,} {status}", *([styles[status]] if count and status in styles else [])
        )
        for status, count in counts.items()
    ]
    terminal.print(", ".join(said) + ".")
    for source, problems in tally.rejected:
        terminal.print("", f"{terminal.style('rejected', 'red')} {printable(source)}")
        terminal.print(*(f"  {printable(problem)}" for problem in problems))
    if tally.unlisted:
        terminal.print(
            "",
            f"{terminal.style('rejected', 'red')} {tally.unlisted:,} more, not listed: correct "
            "these and import again to see them",
        )
    if tally.warnings:
        terminal.heading("Warnings")
        terminal.print(*(f"  {printable(s)}: {printable(w)}" for s, w in tally.by_warning()))
        rest = tally.kinds.total() - len(tally.warnings)
        if rest:
            terminal.print(f"  {terminal.glyphs.more} {rest:,} more are not listed")
    elif tally.kinds and not terminal.quiet:
        terminal.heading("Warnings (--verbose lists each)")
        for kind, count in tally.kinds.most_common():
            terminal.print(
                f"  {count:>7,}  {printable(kind)}, first {printable(tally.first[kind])}"
            )
    terminal.say(f"{printable(where)} has {size:,} entries")


def _kind(warning: str) -> str:
    """Give the sort of a warning: its words, without the path and the values that it is about."""
    path, colon, words = warning.partition(": ")
    return _VALUE.sub("…", words if colon and path.startswith("$") else warning)
