"""Notebooks: the kernel is a run, and each execution of a cell that reads or writes one within it.

A cell that is executed twice is two runs of one job, named after the notebook and the cell's id,
or, where the front end gives cells no id, after the digest of its source. What a cell writes came
from what its objects came from, whichever cell read that (`memory`).

`%load_ext headwater` begins capture in a kernel that runs already, with libraries imported and
names of theirs bound; `%unload_ext headwater` ends it. Under `headwater run` a kernel is captured
from its start, and nothing has to be loaded.
"""

from __future__ import annotations

import os
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType, NoneType
from typing import Any, Final

from headwater.capture import (
    adapting,
    children,
    context,
    handover,
    location,
    opens,
    roll,
    runs,
    runtime,
)
from headwater.capture.memory import Memory, stamps
from headwater.capture.quiet import quiet
from headwater.capture.runs import COMPLETE, Run, outcome

_VARIABLES = (roll.RUN, adapting.FURTHER, "HEADWATER_STORE")
"""By which processes that a notebook starts are captured."""


class Cell(Run):
    """One execution of a cell. It begins with the first thing that is recorded of it."""

    def __init__(self, session: Run, source: str, identifier: str | None, execution: int) -> None:
        """Describe it; `identifier` is the front end's, `execution` the number shown beside it."""
        digest = _digest(source)
        super().__init__(f"{session.name}.{identifier or digest[:8]}", namespace=session.namespace)
        self.outer, self._root, self.memory = session, session.root, session.memory
        self.step, self.ended = True, False
        self._since = runtime.recorder().moment()
        self._facts = {"execution": execution, "sourceDigest": f"sha256:{digest}"}
        if identifier:
            self._facts["id"] = identifier

    def begin(self, outer: Run | None) -> None:
        """Begin it where it was begun to be executed."""
        super().begin(outer)
        self._append("say", self._since, say={"facets": {"headwater_cell": self._facts}})

    def record_begin(self) -> None:
        """Begin it, if it did not."""
        if not self._begun:
            self.begin(self.outer)

    def finish(self, error: BaseException | None) -> None:
        """End it. Runs that were entered within and not left go on."""
        if self._begun and not self.ended:
            recorder = runtime.recorder()
            self._append_digests()
            state, message = outcome(error)
            self._append_end(state, message)
            context.closed(self)
            if recorder.hands_over and recorder.root is not None:
                handover.soon(recorder.root)
        self.ended = True

    def _append(self, kind: str, at: int, **members: Any) -> None:
        self.record_begin()
        super()._append(kind, self._since if kind == "begin" else at, **members)


class Notebook:
    """A kernel whose cells are recorded."""

    def __init__(self, shell: Any) -> None:
        """Begin to follow the cells of an IPython shell."""
        self.shell = shell
        self.session = runs.of_process()
        self.session.step, self.session.memory = True, Memory()
        self._depth = 0
        # What IPython keeps for itself is none of the user's data.
        opens.ignore(os.fspath(shell.ipython_dir))
        history = getattr(shell.history_manager, "hist_file", "")
        if history:
            opens.ignore(os.fspath(history))
        shell.events.register("pre_run_cell", self.begin_cell)
        shell.events.register("post_run_cell", self.end_cell)

    def close(self) -> None:
        """Follow no more cells, and end the run of the kernel."""
        self._end(None)
        _see_to_children(self.session)
        for event, follow in (("pre_run_cell", self.begin_cell), ("post_run_cell", self.end_cell)):
            if follow in self.shell.events.callbacks[event]:
                self.shell.events.unregister(event, follow)
        self.session.end(COMPLETE)
        stamps.clear()

    def begin_cell(self, info: Any) -> None:
        """A cell is about to be executed; one that another executes is part of it."""
        with _unfelt():
            self._depth += 1
            if self._depth == 1:
                identifier = getattr(info, "cell_id", None) or self._identifier()
                stored = getattr(info, "store_history", True)
                self._begin(str(getattr(info, "raw_cell", "")), identifier, stored=stored)

    def end_cell(self, result: Any) -> None:
        """A cell was executed."""
        with _unfelt():
            self._depth = max(0, self._depth - 1)
            if self._depth == 0:
                self._end(_error(result))

    def join(self) -> None:
        """Take what is left of the cell that is being executed for a cell."""
        self._depth = 1
        self._begin("", self._identifier(), stored=True)

    def _begin(self, source: str, identifier: str | None, *, stored: bool) -> None:
        self._end(None)
        # The shell has counted on by now, if it counts this one.
        number = int(self.shell.execution_count) - bool(stored)
        context.execute(Cell(self.session, source, identifier, number))

    def _end(self, error: BaseException | None) -> None:
        cell = context.cell()
        context.execute(None)
        if isinstance(cell, Cell):
            cell.finish(error)

    def _identifier(self) -> str | None:
        """The id that the front end gives a cell, as the message has it that executes it."""
        parent = self.shell.get_parent() if hasattr(self.shell, "get_parent") else None
        metadata = parent.get("metadata") if isinstance(parent, dict) else None
        found = metadata.get("cellId") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else None


def _error(result: Any) -> BaseException | None:
    """What ended a cell; without a result, somebody stopped it."""
    if result is None:
        return KeyboardInterrupt()
    found: BaseException | None = result.error_before_exec or result.error_in_exec
    return found


def _see_to_children(session: Run) -> None:
    on = roll.current(runtime.recorder().root or location.store())
    if on is not None and _hook is not None:
        children.judge_all(on, session)
        on.remove()


class _unfelt:  # noqa: N801 (used like a function)
    """A context out of which no error gets, and in which nothing is observed."""

    def __enter__(self) -> None:
        self._quiet = quiet()
        self._quiet.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        self._quiet.__exit__(kind, error, trace)
        if isinstance(error, Exception):
            runtime.complain(repr(error))
        return isinstance(error, Exception)


_notebook: Notebook | None = None
_hook: adapting.Hook | None = None
_given: dict[str, str | None] = {}


def load(shell: Any) -> None:
    """Begin capture in a kernel: `%load_ext headwater`. Where it has begun, nothing happens."""
    global _hook
    with _unfelt():
        if not runtime.recorder().enabled:
            runtime.complain(f"{runtime.DISABLED} is set")
        elif _notebook is None:
            opens.install()
            notebook = attach(shell)
            if notebook.session.memory is not None and _has_objects(shell):
                notebook.session.memory.is_partial = True
                runs.gap("objects were made before capture began, of what nobody knows")
            _tell_children()
            _hook = adapting.hook(runs.gap, late=True)
            notebook.join()


def unload(_shell: Any) -> None:
    """End capture: `%unload_ext headwater`. Where `headwater run` began it, it goes on."""
    global _notebook, _hook
    with _unfelt():
        if _notebook is None or _hook is None:
            return
        opens.uninstall()
        _hook.remove()
        _notebook.close()
        _notebook, _hook = None, None
        for name, value in _given.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def attach(shell: Any) -> Notebook:
    """Follow the cells of a shell."""
    global _notebook
    if _notebook is None:
        _notebook = Notebook(shell)
    return _notebook


def _has_objects(shell: Any) -> bool:
    """Whether a shell, or a module of the user's, has objects that may hold data."""
    named = (one for name, one in shell.user_ns.items() if name not in shell.user_ns_hidden)
    if any(_may_hold(one) for one in (*named, *shell.user_ns.get("_oh", {}).values())):
        return True
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or opens.is_library(path):
            continue
        if name != "__main__" and name.partition(".")[0] != "headwater":
            held = vars(module).items()
            if any(_may_hold(one) for called, one in held if not called.startswith("__")):
                return True
    return False


def _may_hold(thing: object) -> bool:
    return not isinstance(thing, _HOLDS_NOTHING)


_HOLDS_NOTHING: Final = (
    ModuleType, FunctionType, BuiltinFunctionType, type, str, bytes, int, float, complex, NoneType,
)  # fmt: skip


def _tell_children() -> None:
    root = runtime.recorder().root or location.store()
    said = {roll.RUN: runs.of_process().id, "HEADWATER_STORE": root}
    others = ",".join(f"{module}={name}" for module, name in adapting.look_up().items())
    if others:
        said[adapting.FURTHER] = others
    _given.clear()
    _given.update((name, os.environ.get(name)) for name in _VARIABLES)
    os.environ.update(said)
    on = roll.current(root)
    if on is not None:
        on.make()


def _digest(source: str) -> str:
    import hashlib

    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
