"""A lineage as a reader of some namespaces sees it: without jobs and runs that are none of theirs.

A run may be seen if it read or made something that the reader may see, or encloses one that did; a
job if one of its runs may, or its static lists name something that the reader may see. Everything
else about a run or job that may be seen is as it is, but for datasets: those are hidden one by one,
where an answer names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from headwater.graph.lineage import Lineage, Visible
from headwater.graph.model import JobNode, RunNode
from headwater.refs import Job, Run


class Seen:
    """`Lineage` with fewer jobs and runs; what says nothing of them is asked of the `whole`."""

    def __init__(self, whole: Lineage, sees: Visible) -> None:
        self.whole = whole
        self._sees = sees
        self._runs: dict[Run, bool] = {}
        self._jobs: dict[Job, bool] = {}
        self._touching: dict[Run, bool] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def sees_run(self, run: Run) -> bool:
        """Whether the reader may know of a run."""
        if run not in self._runs:
            self._runs[run] = any(map(self._touches, self._within(run)))
        return self._runs[run]

    def sees_job(self, job: Job) -> bool:
        """Whether the reader may know of a job; there is nothing to know of one that is unknown."""
        if job not in self._jobs:
            node = self.whole.job(job)
            lists = () if node is None else (*(node.inputs or ()), *(node.outputs or ()))
            self._jobs[job] = (
                node is None
                or any(map(self._sees, lists))
                or any(map(self.sees_run, self.whole.runs_of(job)))
            )
        return self._jobs[job]

    def run(self, run: Run) -> RunNode | None:
        """See `Lineage`; so for what follows."""
        node = self.whole.run(run)
        return node if node is not None and self.sees_run(run) else None

    def job(self, job: Job) -> JobNode | None:
        """See `Lineage`."""
        node = self.whole.job(job)
        return node if node is not None and self.sees_job(job) else None

    def runs(self) -> Iterable[RunNode]:
        """See `Lineage`."""
        return (node for node in self.whole.runs() if self.sees_run(node.run))

    def jobs(self) -> Iterable[Job]:
        """See `Lineage`."""
        return filter(self.sees_job, self.whole.jobs())

    def runs_of(self, job: Job) -> Sequence[Run]:
        """See `Lineage`."""
        return [*filter(self.sees_run, self.whole.runs_of(job))]

    def children(self, run: Run) -> Sequence[Run]:
        """See `Lineage`."""
        return [*filter(self.sees_run, self.whole.children(run))]

    def runs_called(self, prefix: str) -> Iterable[Run]:
        """See `Lineage`."""
        return filter(self.sees_run, self.whole.runs_called(prefix))

    def jobs_called(self, text: str) -> Iterable[Job]:
        """See `Lineage`."""
        return filter(self.sees_job, self.whole.jobs_called(text))

    def _touches(self, run: Run) -> bool:
        if run not in self._touching:
            read = (used.version for used in self.whole.used_of(run))
            made = self.whole.made_by(run)
            self._touching[run] = any(
                self._sees(version.artifact) for some in (read, made) for version in some
            )
        return self._touching[run]

    def _within(self, run: Run) -> Iterable[Run]:
        """A run and those within it at any depth, the nearest first; each once."""
        seen = {run}
        queue = [run]
        for one in queue:
            yield one
            for child in self.whole.children(one):
                if child not in seen:
                    seen.add(child)
                    queue.append(child)
