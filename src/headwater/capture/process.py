"""Which run speaks in this process: an entered one, the process's own, or another process's.

A process has a run of its own, which begins with the first record and ends with the process. A
forked child, and a worker that was started for a run of another process, speaks for that run, and
says when it is done with it.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import context, exits, handover, links, pipes, roll, runtime
from headwater.capture.outcomes import outcome
from headwater.capture.quiet import quiet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Final

    from headwater.capture.links import Link
    from headwater.capture.runs import Run

_STARTING: Final = ("multiprocessing.process", "multiprocess.process", "billiard.process")
"""Of multiprocessing and its kin (pathos and Hugging Face's `datasets`; Celery): who started it."""

_process: Run | None = None
"""The run of the process itself."""
_stand_ins: dict[str, Run] = {}
"""What speaks here for runs that other processes began, by their ids."""
_inherited: list[list[Any]] = []
"""What the process that this one was forked from had read by then: its memory is this one's too."""
_is_copy = False
"""Whether this process was forked."""
_works: bool | None = None
"""Whether this process was started to work for a run of another one; None: that shows later."""


def replaced(program: str) -> None:
    """Say that this process is about to become another program, if it has said anything yet."""
    if _process is None and not _stand_ins:
        return
    for run in [*context.open_runs(), *_stand_ins.values()]:
        run._append_digests()
        if run._is_shared():
            run.record_unseen()
    recorder = runtime.recorder()
    recorder.append({"k": "replaced", "at": recorder.moment(), "by": program})


def current() -> Run:
    """Give the current run; where none was entered, that of the process, which begins with this."""
    run = context.find() if context.is_used else None
    if run is not None:
        return run if run._owner == os.getpid() else stand_in(run)
    if _works or (_works is None and any(name in sys.modules for name in _STARTING)):
        run = joined()
        if run is not None:
            return run
    return _process if _process is not None and not _process.ended else of_process()


def of_process() -> Run:
    """Give the run of the process itself, which begins with this, if it did not."""
    global _process
    if _process is None or _process.ended:
        from headwater.capture.runs import Run

        _process = Run()
        _process.begin(None)
        for one in _inherited:
            _process.record_received(*one)
    return _process


def begun() -> Run | None:
    """Give the run of the process itself, if it has begun."""
    return _process if _process is not None and not _process.ended else None


def work_for_another() -> None:
    """Let this process have no run of its own: what it does is done for the one that started it."""
    global _works
    _works = True


def work_for_itself() -> None:
    """Let this process have a run of its own, whatever it imports; what it forks is another one."""
    global _works
    _works = False


def gap(what: str) -> None:
    """Say of this process what cannot be seen in it, and why."""
    runtime.recorder().append({"k": "gap", "at": runtime.recorder().moment(), "what": what})


def joined() -> Run | None:
    """Give the run that started this process to work for it, by `multiprocessing` or the like."""
    if not _is_started_to_work():
        return None
    above = links.parents(os.environ)
    return None if above is None else _stand_in_for(*above)


def stand_in(run: Run) -> Run:
    """Give what speaks in this process for a run of its parent's, from which it was forked."""
    found = _stand_in_for(run.link, run.root)
    found.memory, found.step = run.memory, run.step
    return found


def _stand_in_for(link: Link, root: Link) -> Run:
    """Give what speaks in this process for a run that another one began."""
    found = _stand_ins.get(link.id)
    if found is None:
        from headwater.capture.runs import Run

        found = _stand_ins[link.id] = Run(link.name, namespace=link.namespace)
        found.id, found._root, found._begun, found.ended = link.id, root, True, False
        found._append("join", runtime.recorder().moment(), job=link[1:])
        util = sys.modules.get("multiprocessing.util")
        if util is not None and len(_stand_ins) == 1:
            # A worker of multiprocessing ends by os._exit, and calls these before.
            util.Finalize(None, runtime.finish, exitpriority=0)
    return found


def is_worker() -> bool:
    """Whether what happens here now is done for a run of another process; nothing is begun."""
    run = context.find()
    if run is not None:
        return run._owner != os.getpid()
    return _is_started_to_work()


def _is_started_to_work() -> bool:
    if _works is not None:
        return _works
    # A module of that name that is another has no such thing.
    here = (getattr(sys.modules.get(name), "_current_process", None) for name in _STARTING)
    return any(getattr(one, "_parent_pid", None) is not None for one in here)


def leave(run: Run) -> None:
    """Let who speaks here for a run of another process be done with it."""
    found = _stand_ins.pop(run.id, None)
    if found is not None:
        found.leave()


def is_own(run: Run) -> bool:
    """Whether this is the run of the process itself."""
    return run is _process


class apart:  # noqa: N801 (used like a function)
    """Let a recorder have what is recorded meanwhile, apart from every run that is open outside."""

    def __init__(self, recorder: runtime.Recorder) -> None:
        self._recorder = recorder

    def __enter__(self) -> None:
        global _process
        self._process, _process = _process, None
        self._stand_ins = dict(_stand_ins)
        _stand_ins.clear()
        self._inherited = _inherited[:]
        _inherited.clear()
        self._before, self._run = runtime.replace(self._recorder), context.swap(None)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _process
        try:
            _end_process_run(error)
        finally:
            self._recorder.close()
            context.swap(self._run)
            runtime.replace(self._before)
            _process = self._process
            _inherited[:] = self._inherited
            _stand_ins.clear()
            _stand_ins.update(self._stand_ins)


def _end_process_run(error: BaseException | None) -> None:
    for run in list(_stand_ins.values()):
        run.leave()
    if _process is not None and _process._owner == os.getpid() and not _process.ended:
        state, message = outcome(error)
        code = getattr(error, "code", None) if isinstance(error, SystemExit) else None
        on = None if runtime.root() is None else roll.current(str(runtime.root()))
        if on is not None:
            pipes.receive(_process, on)
        reads, into = pipes.sent(_process, to_parent=_is_copy)
        _process.end(
            state, f"exit code {int(code)}" if message and isinstance(code, int) else message
        )
        if on is not None and _is_copy:
            on.done_by_copy(_process.link, state, reads, into)
        elif on is not None:
            on.done(state, reads, into)


def _at_end() -> None:
    with quiet():
        error = exits.ended_by() or exits.uncaught()
        _end_process_run(error)
        on = None if runtime.root() is None else roll.current(str(runtime.root()))
        if error is None and on is not None and not on.is_awaited():
            exits.leave_word(on.exits)
        handover.at_end(runtime.recorder().root)


def _before_fork() -> None:
    cell = context.cell()
    if cell is not None:
        cell.record_begin()


def _in_parent() -> None:
    for run in context.open_runs():
        run.shared = True


def _in_child() -> None:
    global _process, _is_copy, _works
    _is_copy = True
    _works = _works or None
    if _process is not None:
        _inherited[:] = _process.read_so_far(pipes.READS_MAX)
    _process = None
    _stand_ins.clear()
    context.forget()
    exits.forget()
    handover.forget()


runtime.hooks(at_end=_at_end, before_fork=_before_fork, in_parent=_in_parent, in_child=_in_child)
