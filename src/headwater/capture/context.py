"""Which run is the current one: by context variable, thread, and environment.

A run is current where it was entered: in that thread and coroutine, in the tasks made there, in
generators while they run. Context variables do not reach new threads on CPython 3.11 to 3.13 (nor
on 3.14 by default), so a thread takes the run that was current where it was *started*, and work
given to a `ThreadPoolExecutor` that which was current where it was *submitted* (`threads`).

A child process learns it from `HEADWATER_PARENT` (and tools that speak OpenLineage from
`OPENLINEAGE_CONTEXT` and the older `OPENLINEAGE_PARENT_ID`): the innermost run that encloses
everything which is open in this process. With one run, or runs within runs, that is the innermost
one; where threads have entered several side by side, it is what they have in common.
"""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Thread
    from typing import Final
    from weakref import WeakKeyDictionary

    from headwater.capture.runs import Run


PARENT: Final = "HEADWATER_PARENT"
OPENLINEAGE_CONTEXT: Final = "OPENLINEAGE_CONTEXT"
OPENLINEAGE_PARENT: Final = "OPENLINEAGE_PARENT_ID"
VARIABLES: Final = (PARENT, OPENLINEAGE_CONTEXT, OPENLINEAGE_PARENT)
"""By which a child process knows the run that it is part of."""

_current: ContextVar[Run | None] = ContextVar("headwater_run", default=None)
_open: dict[int, Run] = {}
"""Runs that this process has entered and not left, by `id`, in the order of entry."""
_given: dict[str, str] = {}
"""The variables of the environment as they were before the first run."""
_cell: Run | None = None
"""Of a notebook: the cell that is executed, current wherever nothing else is."""
_started_in: WeakKeyDictionary[Thread, Run] | None = None
"""Made for the first thread that is started in a run."""
is_used = False
"""Whether anything was entered in this process, or executed as a cell: else nothing is current."""


def find() -> Run | None:
    """Give the innermost open run of this context; None where none was entered."""
    run = _current.get()
    if run is None and _started_in is not None:
        run = _started_in.get(sys.modules["threading"].current_thread())
    if run is None:
        run = _cell
    while run is not None and run.ended:
        run = run.outer
    return run


def execute(cell: Run | None) -> None:
    """Let a cell of a notebook be current wherever nothing else is; None: it is done."""
    global _cell, is_used
    _cell, is_used = cell, True


def cell() -> Run | None:
    """Give the cell that is executed."""
    return _cell


def swap(run: Run | None) -> Run | None:
    """Make `run` the current one of this context; give what was, to be put back."""
    global is_used
    is_used = True
    before = _current.get()
    _current.set(run)
    return before


def restore(run: Run, before: Run | None) -> None:
    """Put back what was current before `run`, unless this is another context than `run`'s."""
    if _current.get() is run:
        _current.set(before)


def remember(thread: Thread) -> None:
    """Let a thread that is about to start have the current run."""
    global _started_in
    run = find()
    if run is None:
        return
    if _started_in is None:
        from weakref import WeakKeyDictionary

        _started_in = WeakKeyDictionary()
    _started_in[thread] = run


def opened(run: Run) -> None:
    """Count a run as open, and tell child processes."""
    if not _open:
        _given.clear()
        for name in VARIABLES:
            if name in os.environ:
                _given[name] = os.environ[name]
    _open[id(run)] = run
    _tell_children()


def closed(run: Run) -> None:
    """Count a run as closed, and tell child processes."""
    if _open.pop(id(run), None) is not None:
        _tell_children()


def open_runs() -> list[Run]:
    """List the runs that are open in this process."""
    return list(_open.values())


def forget() -> None:
    """Count no run as open: those of the parent are not this child's to close."""
    _open.clear()


def _tell_children() -> None:
    common = _common(list(_open.values()))
    said = _given if common is None else common.environment()
    for name in VARIABLES:
        value = said.get(name)
        if value is None:
            os.environ.pop(name, None)
        elif os.environ.get(name) != value:
            os.environ[name] = value


def _common(runs: list[Run]) -> Run | None:
    """The innermost run that encloses, or is, every one of these."""
    shared: list[Run] | None = None
    enclosing = {id(run.outer) for run in runs}
    for run in runs:
        if id(run) in enclosing:
            continue
        chain = run.chain()
        if shared is None:
            shared = chain
        else:
            shared = [one for one, other in zip(shared, chain, strict=False) if one is other]
    return shared[-1] if shared else None
