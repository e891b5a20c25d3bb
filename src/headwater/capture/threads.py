"""Carries the current run into threads, from the first run of this process on.

`Thread.start` notes in which run a thread was started, `ThreadPoolExecutor.submit` in which run
work was submitted, and whether by an observed function, within which nothing else is observed:
pandas and Arrow convert columns so. Both do what they did otherwise. Not reached: threads that C
code starts, and `multiprocessing.pool.ThreadPool` (and what is built on it) when its workers were
started in an earlier run; what they do counts for the process.
"""

from __future__ import annotations

import sys

from headwater.capture import context
from headwater.capture.dressing import dressed
from headwater.capture.quiet import within
from headwater.capture.watching import leave_frame_out, making_as_of_imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, Final

_MARK: Final = "_headwater_carries_runs"
_MODULES: Final = ("threading", "concurrent.futures.thread")


def install() -> None:
    """Wrap what is imported by now. Called at every entry of a run, so it has to be quick."""
    threading = sys.modules.get("threading")
    if threading is None:
        _wait_for_threads()
        return
    if not hasattr(threading.Thread.start, _MARK):
        _wrap_start(threading)
    pools = sys.modules.get("concurrent.futures.thread")
    if pools is not None and not hasattr(pools.ThreadPoolExecutor.submit, _MARK):
        _wrap_submit(pools)


def _wait_for_threads() -> None:
    """Wrap them as soon as the program imports them: they take 3 ms, and most runs need none."""
    from headwater.capture import adapting, runs

    if not any(isinstance(one, adapting.Hook) for one in sys.meta_path):
        wanted = {name: adapting.ADAPTERS[name] for name in _MODULES}
        sys.meta_path.insert(0, adapting.Hook(wanted, runs.gap))


@making_as_of_imports
def _wrap_start(threading: ModuleType) -> None:
    start = threading.Thread.start

    def started(self: Any) -> None:
        context.remember(self)
        try:
            start(self)
        except BaseException as error:
            leave_frame_out(error)
            raise

    dressed(started, start)
    setattr(started, _MARK, True)
    threading.Thread.start = started


@making_as_of_imports
def _wrap_submit(pools: ModuleType) -> None:
    submit = pools.ThreadPoolExecutor.submit

    def submitted(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        run, state = context.find(), within.get()

        def carried(*args: Any, **kwargs: Any) -> Any:
            before, token = context.swap(run), within.set(state)
            try:
                return fn(*args, **kwargs)
            except BaseException as error:
                leave_frame_out(error)
                raise
            finally:
                within.reset(token)
                context.swap(before)

        # Work for another interpreter (3.14) has to be pickled, which a closure cannot be.
        nothing = run is None and not state
        alone = nothing or type(self).__name__ == "InterpreterPoolExecutor"
        try:
            return submit(self, fn if alone else carried, *args, **kwargs)
        except BaseException as error:
            leave_frame_out(error)
            raise

    dressed(submitted, submit)
    setattr(submitted, _MARK, True)
    pools.ThreadPoolExecutor.submit = submitted
