"""`headwater run`: capture a command and everything it starts."""

from __future__ import annotations

from argparse import REMAINDER, ArgumentParser, Namespace

from headwater.capture import launching, runtime
from headwater.capture.location import store
from headwater.cli.opening import location
from headwater.cli.terminal import Terminal
from headwater.errors import InvalidReference

DESCRIPTION = """\
Run a command, and record what every Python process that it starts reads, transforms, trains and
writes. The command is not changed and notices nothing; it keeps the terminal, and this exits as it
does. What was recorded goes into the store when the command ends, or stays in the spool until
headwater ship, a service, or the next run takes it."""

EXAMPLES = """\
  headwater run -- python train.py
  headwater run --name nightly -- bash pipeline.sh
  headwater run -- pytest tests/test_pipeline.py"""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--name", metavar="JOB", help="name of the job; default: the command's")
    parser.add_argument(
        "--exact",
        action="store_true",
        help="hash every file as soon as a run is done with it, however large",
    )
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
    runtime.recorder().root = location(arguments) or store()
    try:
        return launching.leave(launching.launch(words, name=arguments.name, exact=arguments.exact))
    except (FileNotFoundError, PermissionError) as error:
        terminal.complain(f"headwater: {words[0]}: {error.strerror}")
        missing = isinstance(error, FileNotFoundError)
        return launching.NOT_FOUND if missing else launching.NOT_EXECUTABLE
