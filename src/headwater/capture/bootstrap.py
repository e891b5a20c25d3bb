"""Begins capture in an interpreter that `headwater run` or one of its children started.

`headwater-capture.pth`, beside the installed package, imports this where HEADWATER_RUN is set,
before the program's first line; `%load_ext headwater` calls `start` in a notebook. A program that
does nothing is a run too. Processes that only serve `multiprocessing` (its resource tracker, the
server that forks) are none; its workers speak for the run that started them.

Nothing of this may be felt: the standard library alone, no exception gets out, and a program that
looks at its modules, hooks or arguments finds them as they were.
"""

from __future__ import annotations

import os
import sys
from typing import Final

from headwater.capture import runtime

RUN: Final = "HEADWATER_RUN"
"""Set by `headwater run`: capture what the processes with this variable do."""

_HELPERS: Final = ("--multiprocessing-fork", "multiprocessing.", "loky.backend")
"""What stands in the command lines of processes that multiprocessing, or loky, starts."""

_started = False


def start() -> None:
    """Begin; a second time nothing happens. Never raises."""
    global _started
    if _started:
        return
    _started = True
    try:
        if runtime.recorder().enabled:
            _start()
    except Exception as error:
        runtime.complain(repr(error))


def _start() -> None:
    from headwater.capture import adapting, opens, runs

    if any(word in " ".join(sys.orig_argv[1:]) for word in _HELPERS):
        runs.work_for_another()
    else:
        runs.current()
    adapting.hook(runs.gap)
    opens.install()


if os.environ.get(RUN):
    start()
