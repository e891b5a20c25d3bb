"""Runs: what users open, say things about, and leave. Nothing here raises into user code.

A run that another thread or a forked process finds current is the same run: what is read and
written there counts for it. Only the process that began a run ends it.
"""

from __future__ import annotations

import os
import sys

from headwater.capture import (
    context,
    datasets,
    facts,
    handover,
    links,
    location,
    process,
    runtime,
    threads,
)
from headwater.capture.links import Link
from headwater.capture.outcomes import ABORT, COMPLETE, FAIL, outcome, words
from headwater.capture.process import (
    apart,
    current,
    gap,
    of_process,
    replaced,
    work_for_another,
    work_for_itself,
)
from headwater.capture.quiet import quiet
from headwater.capture.recording import Recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Final, Literal, TypeAlias, TypeVar

    from headwater.capture.datasets import Dataset

    D = TypeVar("D", bound="str | os.PathLike[str] | tuple[str, str]")


Kind: TypeAlias = """Literal[
    "table", "view", "file", "topic", "stream", "model", "feature_view", "deployment", "report"
]"""
Mode: TypeAlias = "Literal['append', 'overwrite', 'upsert', 'delete']"
Columns: TypeAlias = "Mapping[str, Sequence[tuple[Dataset, str] | tuple[Dataset, str, str]]]"
"""Column of the output → `(dataset, column)` or `(dataset, column, how)`; `how` is a subtype of
OpenLineage's column lineage: `IDENTITY`, `TRANSFORMATION`, `AGGREGATION`, `JOIN`, `FILTER` …."""

__all__ = [
    "ABORT", "COMPLETE", "FAIL", "Run", "apart", "before_end", "current", "gap", "of_process",
    "outcome", "replaced", "work_for_another", "work_for_itself",
]  # fmt: skip

ERROR_CHARS_MAX: Final = 4_096


class Run(Recording):
    """One execution of a job. A context manager: entered it begins, left it ends.

    An exception goes on its way unchanged and is recorded: FAIL with its last line; ABORT for
    `KeyboardInterrupt` and cancellation. `SystemExit` with code 0 or None is COMPLETE.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        params: Mapping[str, object] | None = None,
        namespace: str | None = None,
        description: str | None = None,
        owner: str | None = None,
        sql: str | None = None,
    ) -> None:
        """Describe a run of the job `name` (default: the script's name); it begins when entered.

        `namespace` is the job's (default: `OPENLINEAGE_NAMESPACE`, else the project's folder).
        `sql` is a statement that the job executes, `owner` and `description` are the job's too.
        """
        super().__init__()
        self.id = links.new_id()
        self.name = name
        self.namespace = namespace
        self.ended = True
        self._said = _given(params=params, description=description, owner=owner, sql=sql)
        self._before: Run | None = None
        self._root: Link | None = None
        self._environment: dict[str, str] | None = None
        self._owner = os.getpid()
        self._begun = False

    @property
    def link(self) -> Link:
        """The run as others name it."""
        return Link(self.id, self.namespace or "default", self.name or "python")

    def __enter__(self) -> Run:
        self._guard(self._enter)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._guard(lambda: self._exit(error))

    def read(
        self,
        dataset: D,
        *,
        kind: Kind | None = None,
        schema: Mapping[str, str] | None = None,
        rows: int | None = None,
        source: bool | None = None,
        owner: str | None = None,
        version: str | None = None,
        facets: Mapping[str, Mapping[str, object]] | None = None,
    ) -> D:
        """Record that `dataset` is read here, and give it back as it is.

        `schema` maps columns to types; `source` says that its origin is outside and known;
        `version` is an id that the store of the data gives to its states (a snapshot id). `facets`
        are OpenLineage dataset facets, by name, without `_producer` and `_schemaURL`.
        """
        said = _given(
            kind=kind, schema=schema, rows=rows, source=source, owner=owner, version=version,
            facets=facets,
        )  # fmt: skip
        self._guard(lambda: self._here().record_read_of(dataset, said))
        return dataset

    def write(
        self,
        dataset: D,
        *,
        kind: Kind | None = None,
        inputs: Iterable[Dataset] | None = None,
        columns: Columns | None = None,
        shaped_by: Sequence[tuple[Dataset, str] | tuple[Dataset, str, str]] | None = None,
        schema: Mapping[str, str] | None = None,
        rows: int | None = None,
        mode: Mode | None = None,
        metrics: Mapping[str, object] | None = None,
        owner: str | None = None,
        version: str | None = None,
        facets: Mapping[str, Mapping[str, object]] | None = None,
    ) -> D:
        """Record that `dataset` is written here, and give it back as it is.

        Call it before or after writing: a file is digested when the run ends. It came from what the
        run read before; `inputs` says it exactly (`[]`: from nothing that has a name). `columns`
        and `shaped_by` (columns that shaped all of it, by `JOIN` or `FILTER`) say it column by
        column. Other parameters as in `read`.
        """

        def record() -> None:
            said = _given(
                kind=kind, schema=schema, rows=rows, mode=mode, metrics=metrics, owner=owner,
                version=version, facets=facets,
            )  # fmt: skip
            if inputs is not None:
                said["inputs"] = [datasets.name(one)[:2] for one in inputs]
            if columns is not None:
                said["columns"] = {
                    name: [_origin(*one) for one in origins] for name, origins in columns.items()
                }
            if shaped_by is not None:
                said["shaped_by"] = [_origin(*one) for one in shaped_by]
            if mode is None:  # capture may have seen more of the same write
                said["adds"] = "facts"
            self._here().record_write(datasets.name(dataset), said)

        self._guard(record)
        return dataset

    def model(
        self,
        dataset: D,
        *,
        estimator: str | None = None,
        hyperparameters: Mapping[str, object] | None = None,
        seeds: Mapping[str, object] | None = None,
        splits: Mapping[str, object] | None = None,
        label: str | None = None,
        metrics: Mapping[str, object] | None = None,
        inputs: Iterable[Dataset] | None = None,
        owner: str | None = None,
    ) -> D:
        """Record that a model is written to `dataset` (`write(…, kind="model")`), and how made."""
        training = _given(
            estimator=estimator, hyperparameters=hyperparameters, seeds=seeds, splits=splits,
            labelSource=label, metrics=metrics,
        )  # fmt: skip
        facets = {"headwater_training": training} if training else None
        return self.write(dataset, kind="model", inputs=inputs, owner=owner, facets=facets)

    def params(self, values: Mapping[str, object] | None = None, /, **named: object) -> None:
        """Say parameters of this run."""
        self._say("params", {**(values or {}), **named})

    def metrics(self, values: Mapping[str, object] | None = None, /, **named: object) -> None:
        """Say what was measured in this run: numbers by name; a later value replaces an earlier."""
        self._say("metrics", {**(values or {}), **named})

    def facet(self, name: str, /, **body: object) -> None:
        """Put an OpenLineage run facet on this run, without `_producer` and `_schemaURL`."""
        self._say("facets", {name: body})

    @property
    def root(self) -> Link:
        """The outermost run around this one, or it."""
        return self._root or self.link

    def environment(self) -> dict[str, str]:
        """Give the variables that make a process started with them part of this run.

        Processes that are started with this process's own environment have them already.
        """
        if self._environment is None:
            self._environment = links.environment(self.link, self.root)
        return self._environment

    def chain(self) -> list[Run]:
        """List the runs of this process that enclose this one, the outermost first, and it."""
        return [*(self.outer.chain() if self.outer is not None else ()), self]

    def end(self, state: str, error: str | None = None) -> None:
        """End it; whatever is still open within it ends first, as aborted."""
        if self.ended:
            return
        for run in reversed(context.open_runs()):
            if run is not self and self in run.chain():
                run.end(ABORT, f"the run around it, {self.name}, ended first")
        self.ended = True
        context.closed(self)
        recorder = runtime.recorder()
        self._say_the_rest()
        self._append_digests(at_exit=process.is_own(self))
        self._append_end(state, error)
        if self.outer is None and recorder.hands_over and recorder.root is not None:
            handover.soon(recorder.root)

    def _append_end(self, state: str, error: str | None, **extra: Any) -> None:
        if any(count & (count - 1) for count in self._commands.values()):
            self._append("commands", runtime.recorder().moment(), names=self._commands)
        if self.memory is not None and self.memory.is_partial:
            self.record_unseen()
        extra["memory"] = facts.peak_memory_bytes()
        if error is not None:
            extra["error"] = error[:ERROR_CHARS_MAX]
        if self._is_shared():
            extra["shared"] = True
        if process.is_own(self):
            extra["description"] = facts.script_description()
        self._append("end", runtime.recorder().moment(), state=state, **extra)

    def _is_shared(self) -> bool:
        """Whether other processes may have worked for it, of whose reads nothing is known here."""
        return self.shared or _has_started_workers()

    def leave(self) -> None:
        """Say that this process, which did not begin the run, is done with it."""
        if not self.ended:
            self.ended = True
            self._say_the_rest()
            self._append_digests(at_exit=True)
            self._append("leave", runtime.recorder().moment())

    def _enter(self) -> None:
        if self._begun:
            raise RuntimeError(f"a run is entered once; make another for {self.name!r}")
        threads.install()
        self.begin(context.find() or process.joined() or process.begun())
        self._before = context.swap(self)

    def begin(self, outer: Run | None) -> None:
        """Begin it, as part of `outer`, else of the run that this process is part of."""
        recorder = runtime.recorder()
        self._owner = os.getpid()
        self.outer = outer
        if outer is not None:
            outer.record_begin()
            outer.record_states()
            self.memory = outer.memory
        above = (outer.link, outer.root) if outer is not None else links.parents(os.environ)
        if self.name is None:
            self.name = facts.script_name()
        if self.namespace is None:
            root = recorder.root or location.store()
            self.namespace = outer.namespace if outer is not None else facts.job_namespace(root)
        extra: dict[str, Any] = {}
        if above is not None:
            self._root = above[1]
            extra["up"], extra["root"] = above
        seeds = facts.seeds() if outer is None else None
        self._begun, self.ended = True, False
        self.began_at = recorder.moment()
        self._append(
            "begin", self.began_at, job=self.link[1:], say=self._said, seeds=seeds, **extra
        )
        context.opened(self)

    def _exit(self, error: BaseException | None) -> None:
        context.restore(self, self._before)
        if self._owner != os.getpid():
            # A forked child that leaves the block has done its part; its parent ends the run.
            process.leave(self)
            return
        state, message = outcome(error)
        self.end(state, message)

    def _here(self) -> Run:
        """Give the run that speaks for this one in this process."""
        if self._owner != os.getpid():
            return process.stand_in(self)
        if self.ended:
            raise RuntimeError(f"the run {self.name!r} is not open")
        return self

    def _say(self, what: str, values: Mapping[str, object]) -> None:
        def record() -> None:
            self._here().record_said(what, values)

        self._guard(record)

    def _say_the_rest(self) -> None:
        for say in _before_end:
            say(self)
        self._append_counted()

    def _guard(self, action: Callable[[], None]) -> None:
        """Do it; whatever goes wrong is told in one line, and never raised."""
        try:
            if runtime.recorder().enabled:
                with quiet():
                    action()
        except Exception as error:
            runtime.complain(words(error))


_before_end: list[Callable[[Run], None]] = []


def before_end(say: Callable[[Run], None]) -> None:
    """Have `say` called with every run that ends, or is left, in this process, before it does."""
    _before_end.append(say)


def _has_started_workers() -> bool:
    """Whether processes were started that may have worked for a run without its knowing."""
    global _modules_seen
    if _modules_seen >= 0 and len(sys.modules) != _modules_seen:
        _modules_seen = len(sys.modules)
        if any(".popen_" in name for name in list(sys.modules)):
            _modules_seen = _STARTERS_SEEN
    return _modules_seen == _STARTERS_SEEN


_STARTERS_SEEN: Final = -1
_modules_seen = 0
"""How many modules there were when none of them started workers."""


def _given(**said: object) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _origin(dataset: Dataset, column: str, how: str = "IDENTITY") -> list[str]:
    return [*datasets.name(dataset)[:2], column, how]
