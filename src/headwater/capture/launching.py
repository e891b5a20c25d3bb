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

from headwater.capture import adapting, children, facts, links, location, roll, runtime
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
    run = Run(name or facts.command_name(words))
    with run:
        run.facet("headwater_command", words=list(words))
        on = _call_roll(run)
        try:
            pid, code = _execute(words, os.environ | _variables(run, exact=exact), through)
            if through is None:  # else that is who tells what was not seen
                children.of_command(on, run, pid, words)
            _see_to(on, run, pid, code, through=through is not None)
        finally:
            on.remove()
        run.end(*_outcome(code))
    return code


def _call_roll(run: Run) -> roll.Roll:
    on = roll.Roll(roll.place(runtime.recorder().root or location.store(), run.id))
    try:
        on.make()
    except OSError as error:
        runtime.complain(f"{on.path}: {error.strerror}")
    return on


def _see_to(on: roll.Roll, run: Run, pid: int, code: int, *, through: bool) -> None:
    """Say what became of the command's processes, as far as they could not say it themselves."""
    children.judge_all(on, run)
    for place, found in on.present.items():
        if place == pid or (through and found.above[0] == pid):
            children.say_exit(run, found, code)


def _variables(run: Run, *, exact: bool) -> dict[str, str]:
    link = run.link
    found = {
        roll.RUN: run.id,
        **run.environment(),
        **links.trace_context(link, run.root, os.environ),
    }
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
) -> tuple[int, int]:
    started = words if through is None else through(words)
    process = subprocess.Popen(started, env=environment)  # noqa: S603 (it is what was asked for)

    def forward(number: int, _frame: FrameType | None) -> None:
        # What the terminal sends (SIGINT, SIGHUP) the whole group has got already.
        if number == signal.SIGTERM:
            for pid in [process.pid] if through is None else _children(process.pid):
                os.kill(pid, number)

    before = {number: signal.signal(number, forward) for number in _INTERRUPTED}
    try:
        return process.pid, process.wait()
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
