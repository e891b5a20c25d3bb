"""The methods of a run, of whichever run is the current one.

Where none was entered, that is the run of the process itself: a job with the script's name, begun
by the first call and ended with the process.
"""

from __future__ import annotations

from headwater.capture import runs, runtime
from headwater.capture.runs import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


def _of_current(method: Callable[Concatenate[Run, P], R]) -> Callable[P, R]:
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return method(_current(), *args, **kwargs)

    call.__name__ = call.__qualname__ = method.__name__
    call.__doc__ = f"{method.__doc__}\n\nOf the current run."
    return call


def _current() -> Run:
    try:
        if runtime.recorder().enabled:
            return runs.current()
    except Exception as error:
        runtime.complain(repr(error))
    return Run()


read = _of_current(Run.read)
write = _of_current(Run.write)
model = _of_current(Run.model)
params = _of_current(Run.params)
metrics = _of_current(Run.metrics)
