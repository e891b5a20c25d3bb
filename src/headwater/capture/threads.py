"""Carries the current run into threads, from the first run of this process on.

`Thread.start` notes in which run a thread was started, `ThreadPoolExecutor.submit` in which run
work was submitted; both do what they did otherwise. Not reached: threads that C code starts, and
`multiprocessing.pool.ThreadPool` (and what is built on it) when its workers were started in an
earlier run; what they do counts for the process.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from headwater.capture import context

_MARK = "_headwater_carries_runs"


def install() -> None:
    """Wrap what is imported by now. Called at every entry of a run, so it has to be quick."""
    import threading

    if not hasattr(threading.Thread.start, _MARK):
        _wrap_start(threading)
    pools = sys.modules.get("concurrent.futures.thread")
    if pools is not None and not hasattr(pools.ThreadPoolExecutor.submit, _MARK):
        _wrap_submit(pools)


def _wrap_start(threading: ModuleType) -> None:
    start = threading.Thread.start

    @functools.wraps(start)
    def started(self: Any) -> None:
        context.remember(self)
        start(self)

    setattr(started, _MARK, True)
    threading.Thread.start = started


def _wrap_submit(pools: ModuleType) -> None:
    submit = pools.ThreadPoolExecutor.submit

    @functools.wraps(submit)
    def submitted(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        run = context.find()
        # Work for another interpreter (3.14) has to be pickled, which a closure cannot be.
        if run is None or type(self).__name__ == "InterpreterPoolExecutor":
            return submit(self, fn, *args, **kwargs)

        def within(*args: Any, **kwargs: Any) -> Any:
            before = context.swap(run)
            try:
                return fn(*args, **kwargs)
            finally:
                context.swap(before)

        return submit(self, within, *args, **kwargs)

    setattr(submitted, _MARK, True)
    pools.ThreadPoolExecutor.submit = submitted
