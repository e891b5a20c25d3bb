"""`headwater run`: capture a command and everything it starts."""

from __future__ import annotations

from argparse import REMAINDER, ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from headwater.capture import launching, runtime
from headwater.capture.location import store
from headwater.cli.opening import location
from headwater.cli.terminal import Terminal
from headwater.errors import InvalidReference

DESCRIPTION = """\
Run a command, and record what every Python process that it starts reads, transforms, trains and
writes. The command is not changed and notices nothing; it keeps the terminal, and this exits as it
does. What was recorded goes into the store when the command ends, or stays in the spool until
headwater ship, a service, or the next run takes it. With --audit, strace watches the command, and
every file that it read or wrote without being seen by capture is named on standard error."""

EXAMPLES = """\
  headwater run -- python train.py
  headwater run --name nightly -- bash pipeline.sh
  headwater run -- pytest tests/test_pipeline.py
  headwater run --audit --fail-under 95 -- python train.py"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--name", metavar="JOB", help="name of the job; default: the command's")
    parser.add_argument(
        "--exact",
        action="store_true",
        help="hash every file as soon as a run is done with it, however large",
    )
    parser.add_argument(
        "--audit",
        action="store_true",
        help="compare with what the operating system saw, and name what was missed (needs strace)",
    )
    parser.add_argument(
        "--fail-under",
        metavar="PERCENT",
        type=percent,
        help="audit, and exit 1 if less than this share of reads and writes was captured",
    )
    parser.add_argument("--report", metavar="FILE", help="audit, and write what came of it as JSON")
    parser.add_argument("words", nargs=REMAINDER, metavar="CMD", help="the command, behind --")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Run it."""
    words = arguments.words
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        raise InvalidReference(
            "there is no command to run", remedy="headwater run -- python train.py"
        )
    root = runtime.recorder().root = location(arguments) or store()
    try:
        if arguments.audit or arguments.fail_under is not None or arguments.report is not None:
            from headwater.cli.audit import audited

            return launching.leave(audited(arguments, words, Path(root), terminal))
        return launching.leave(launching.launch(words, name=arguments.name, exact=arguments.exact))
    except (FileNotFoundError, PermissionError) as error:
        terminal.complain(f"headwater: {words[0]}: {error.strerror}")
        missing = isinstance(error, FileNotFoundError)
        return launching.NOT_FOUND if missing else launching.NOT_EXECUTABLE


def percent(text: str) -> float:
    """Read a share of a hundred."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise ArgumentTypeError(f"{text!r} is no number from 0 to 100")
    return value
