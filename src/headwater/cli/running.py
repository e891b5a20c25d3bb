"""From arguments to an exit code: parse, run one command, turn errors into words.

Nothing that is raised on purpose shows a traceback; whatever else escapes is a defect and does.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import SUPPRESS, ArgumentParser, HelpFormatter
from collections.abc import Sequence
from typing import NoReturn

from headwater.cli.commands import SUMMARIES, load
from headwater.cli.terminal import Terminal, standard
from headwater.errors import EXIT_STORE, EXIT_USAGE, ExtraMissing, HeadwaterError, Problem

EXIT_INTERRUPTED = 130
EXTRA_PACKAGES = frozenset(
    {
        "cryptography",
        "jsonschema_rs",
        "litestar",
        "msgspec",
        "prometheus_client",
        "rfc8785",
        "uvicorn",
    }
)
"""Top-level modules of `headwater[server]`: one that is missing is a missing extra, no defect."""

_UNKNOWN_COMMAND = re.compile(r"argument COMMAND: invalid choice: '([^']*)'")

_TOP_EPILOG = """\
references:
  orders                      a name; add a namespace where it is ambiguous: ns::orders
  orders@v3  orders@=4711     a version by number, or by the id its writer declared
  orders@2026-11-01           the version current at the end of that day
  orders@sha256:91ab04        a version by its digest
  0193a5f2                    a run by its id or the beginning of it
  ./models/delay.joblib       a file on disk, found by its name and bytes

start here:
  headwater import events.ndjson
  headwater search orders
  headwater trace orders

Each command explains itself: headwater trace --help
"""


class _Help(HelpFormatter):
    """Help that wraps paragraphs and leaves lists of indented lines as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n  " in text:
            return "".join(f"{indent}{line}" for line in text.splitlines(keepends=True))
        return super()._fill_text(text, width, indent)


class _Parser(ArgumentParser):
    """A parser that knows a mistyped command."""

    def error(self, message: str) -> NoReturn:
        """Say which command may have been meant, instead of listing all of them."""
        unknown = _UNKNOWN_COMMAND.match(message)
        if unknown is not None:
            from difflib import get_close_matches

            near = get_close_matches(unknown[1], SUMMARIES, n=1)
            meant = f"; did you mean {near[0]}?" if near else ";"
            message = f"there is no command {unknown[1]!r}{meant} `headwater --help` lists them"
        super().error(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: this process's own) and give its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _require_streams()
    terminal = standard(as_json="--json" in words, quiet="--quiet" in words)
    try:
        top = parser(words)
        if not words:
            top.exit(EXIT_USAGE, top.format_help())
        arguments = top.parse_args(words)
        terminal = standard(as_json=arguments.json, quiet=arguments.quiet)
        code = load(arguments.command).run(arguments, terminal)
        terminal.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (`| head`). Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        terminal.complain("headwater: interrupted")
        return EXIT_INTERRUPTED
    except HeadwaterError as error:
        return report(error, terminal)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA_PACKAGES:
            raise
        return report(_extra_missing(error), terminal)
    except OSError as error:
        return report(_unreachable(error), terminal)
    except Exception as error:
        damage = _damage(error)
        if damage is None:
            raise
        return report(damage, terminal)
    return code


def parser(words: Sequence[str] | None = None) -> ArgumentParser:
    """Build the parser; with `words`, only the command named among them gets its arguments."""
    top = _Parser(
        prog="headwater",
        description="Lineage and provenance for AI pipelines: exact to the version, provable.",
        epilog=_TOP_EPILOG,
        formatter_class=_Help,
    )
    top.add_argument("--version", action="version", version=_version())
    _add_common(top, default=True)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in SUMMARIES.items():
        if words is not None and name not in words:
            commands.add_parser(name, help=summary, add_help=False)
            continue
        command = load(name)
        sub = commands.add_parser(
            name,
            help=summary,
            description=command.DESCRIPTION,
            epilog=f"examples:\n{command.EXAMPLES}",
            formatter_class=_Help,
        )
        command.configure(sub)
        _add_common(sub, default=False)
    return top


def report(error: HeadwaterError, terminal: Terminal) -> int:
    """Tell a person (or, under `--json`, a program) what is wrong and what to do next."""
    lists = {
        name: list(getattr(error, name))
        for name in ("nearest", "candidates", "problems")
        if getattr(error, name, None)
    }
    if terminal.as_json:
        _report_document(error, lists, terminal)
        return error.exit_code
    terminal.complain(
        f"{terminal.style_error('headwater:', 'red', 'bold')} {_escape_lines(error.message)}"
    )
    titles = {"nearest": "did you mean", "candidates": "one of these", "problems": "problems"}
    for name, items in lists.items():
        terminal.complain(f"  {titles[name]}:", *(f"    {_typed(item)}" for item in items))
    if error.remedy is not None:
        terminal.complain(f"  {_escape_lines(error.remedy)}")
    return error.exit_code


def _report_document(
    error: HeadwaterError, lists: dict[str, list[object]], terminal: Terminal
) -> None:
    import json

    document: dict[str, object] = {"error": type(error).__name__, "message": error.message}
    document["remedy"] = error.remedy
    for name, items in lists.items():
        document[name] = [
            item._asdict() if isinstance(item, Problem) else str(item) for item in items
        ]
    terminal.complain(json.dumps(document, indent=2))


def _typed(item: object) -> str:
    """Write a candidate as a person would type it: `namespace::name` for an artifact or job."""
    from headwater import refs

    try:
        reference = refs.parse(str(item))
    except HeadwaterError:
        return _escape_lines(item)
    if isinstance(reference, refs.Artifact):
        return _escape_lines(f"{reference.namespace}::{reference.name}")
    return _escape_lines(item)


def _escape_lines(text: object) -> str:
    from headwater.evidence.naming import printable

    return "\n".join(printable(line) for line in str(text).split("\n"))


def _add_common(parser: ArgumentParser, *, default: bool) -> None:
    group = parser.add_argument_group("everywhere")
    absent: object = None if default else SUPPRESS
    group.add_argument(
        "--store",
        metavar="WHERE",
        default=absent,
        help="the store: a directory (default: $HEADWATER_STORE, else the nearest .headwater/)",
    )
    for flag, meaning in (
        ("--json", "answer with one JSON document"),
        ("--quiet", "no progress and no remarks, only the answer"),
    ):
        group.add_argument(
            flag, action="store_true", default=False if default else SUPPRESS, help=meaning
        )


def _version() -> str:
    from headwater import __version__

    return f"headwater {__version__}"


def _extra_missing(error: ModuleNotFoundError) -> ExtraMissing:
    return ExtraMissing(
        f"this command needs {error.name}, which the base installation leaves out",
        remedy="install it: pip install 'headwater[server]'",
    )


def _require_streams() -> None:
    """Put the null device where a stream was closed (`>&-`): Python then has None there."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def _damage(error: Exception) -> HeadwaterError | None:
    """Tell rows that cannot be read from defects of ours; None for anything else.

    Everything was readable when it was admitted. Neither package is imported for this.
    """
    sqlite3, msgspec = sys.modules.get("sqlite3"), sys.modules.get("msgspec")
    if sqlite3 is not None and isinstance(error, sqlite3.Error):
        what = "the database of the store cannot be read"
    elif msgspec is not None and isinstance(error, msgspec.MsgspecError):
        what = "a row of the store cannot be read"
    else:
        return None
    failure = HeadwaterError(
        f"{what}: {error}", remedy="headwater verify says what is damaged and where"
    )
    failure.exit_code = EXIT_STORE
    return failure


def _unreachable(error: OSError) -> HeadwaterError:
    failure = HeadwaterError(
        f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    )
    failure.exit_code = EXIT_STORE
    return failure
