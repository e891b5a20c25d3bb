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

from headwater.capture import location, runtime
from headwater.capture.roll import RUN, current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_HELPERS: Final = (
    "--multiprocessing-fork", "multiprocessing.", "multiprocess.", "billiard.", "loky.backend",
)  # fmt: skip
"""What stands in the command lines of processes that multiprocessing, its kin, or loky, starts."""

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
    from headwater.capture import adapting, opens, pipes, runs

    on = current(runtime.recorder().root or location.store())
    if any(word in " ".join(sys.orig_argv[1:]) for word in _HELPERS):
        runs.work_for_another()
        run = None
    else:
        runs.work_for_itself()
        run = runs.current().link
        pipes.note()
    if on is not None:
        on.here(run)
    adapting.hook(runs.gap)
    opens.install()


if os.environ.get(RUN):
    start()
