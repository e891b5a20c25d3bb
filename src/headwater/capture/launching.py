"""Runs a command so that every Python process which it starts is captured.

The command is a run, with the processes as runs within it. It keeps the terminal, its signals and
its exit; the environment gets a few variables more, and nothing else is changed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from headwater.capture import adapting, links, runtime
from headwater.capture.bootstrap import RUN
from headwater.capture.recording import EXACT
from headwater.capture.runs import ABORT, COMPLETE, FAIL, Run

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_INTERRUPTED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def launch(
    words: Sequence[str],
    *,
    name: str | None = None,
    exact: bool = False,
    through: Callable[[Sequence[str]], list[str]] | None = None,
) -> int:
    """Run a command, captured; give what it exits with, negative if a signal ended it.

    `name` is the job's; by default the command's own. With `exact` every file is hashed as soon as
    a run is done with it. `through` gives the words of a program that runs the command as its only
    child, and exits as it does. Raises `OSError` for a command that cannot be started.
    """
    run = Run(name or _name(words))
    with run:
        run.facet("headwater_command", words=list(words))
        code = _execute(words, os.environ | _variables(run, exact=exact), through)
        run.end(*_outcome(code))
    return code


def _variables(run: Run, *, exact: bool) -> dict[str, str]:
    link = run.link
    found = {RUN: run.id, **run.environment(), **links.trace_context(link, run.root, os.environ)}
    others = ",".join(f"{module}={adapter}" for module, adapter in adapting.look_up().items())
    if others:
        found[adapting.FURTHER] = others
    if exact:
        found[EXACT] = "1"
    root = runtime.recorder().root
    if root is not None:
        found["HEADWATER_STORE"] = str(root)
    return found


def _execute(
    words: Sequence[str],
    environment: dict[str, str],
    through: Callable[[Sequence[str]], list[str]] | None,
) -> int:
    started = words if through is None else through(words)
    process = subprocess.Popen(started, env=environment)  # noqa: S603 (it is what was asked for)

    def forward(number: int, _frame: FrameType | None) -> None:
        # What the terminal sends (SIGINT, SIGHUP) the whole group has got already.
        if number == signal.SIGTERM:
            for pid in [process.pid] if through is None else _children(process.pid):
                os.kill(pid, number)

    before = {number: signal.signal(number, forward) for number in _INTERRUPTED}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def _outcome(code: int) -> tuple[str, str | None]:
    if code == 0:
        return COMPLETE, None
    if code < 0:
        stopped = -code in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        return ABORT if stopped else FAIL, f"ended by {signal.Signals(-code).name}"
    return FAIL, f"exit code {code}"


def leave(code: int) -> int:
    """Exit as the command did: by the same signal, if one ended it."""
    if code < 0:
        sys.stdout.flush()
        runtime.finish()
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _name(words: Sequence[str]) -> str:
    """Name a command: its program, and the script or module that an interpreter is given."""
    program = os.path.basename(words[0])
    if program.startswith("python"):
        from headwater.capture.facts import started

        option, word = started(list(words))
        if option in ("", "-m") and word:
            return f"{program} {os.path.basename(word)}"
    return program
