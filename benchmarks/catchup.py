"""New events in an index: catching up with them, beside compiling all of it anew.

Runs that each read three tables and write one, 500 jobs in turn; then so many new ones, and one
that comes late, in the middle of the time of all others. And a table of 100,000 versions with
300,000 reads that is written or read once more, or written in the middle, so that three reads bind
to the late version instead. And a run with 10,000 others within it gets one more. The claims are at
hand: what is left out is reading them from the store, which costs both ways the same an event. Two
hundred thousand events; a million with HEADWATER_BENCH_LARGE=1.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice

import _measuring

from headwater.claims.model import Claim
from headwater.claims.project import project
from headwater.graph.resolve import resolve_whole
from headwater.index.catching import catch_up
from headwater.index.compiling import compile_graph
from headwater.index.index import Index
from headwater.index.merging import merge
from headwater.store.sections import Held

SMALL, LARGE = 200_000, 1_000_000
JOBS = 500
STEP_US = 20_000_000
START = 1_767_225_600
STEPS = (1, 100, 10_000)
ROUNDS = 7
HUB_VERSIONS, READS_EACH = 100_000, 3
CHILDREN = 10_000
WARM = 3
Claims = dict[int, tuple[Claim, ...]]


def main() -> None:
    """Measure and report."""
    events = LARGE if os.environ.get("HEADWATER_BENCH_LARGE") else SMALL
    figures = [*_pipelines(events), *_hub(), *_family()]
    _measuring.report("catchup", figures, packages=("numpy",), events=events)


class _Told:
    """Claims by entry, and an index that goes on from one entry to the next."""

    def __init__(self, size: int, events: Iterator[bytes]) -> None:
        self.claims: Claims = {}
        self._events = events
        self.size = 0
        self.say(size)
        began = time.perf_counter()
        made = resolve_whole((claim for said in self.claims.values() for claim in said), size)
        sections = compile_graph(*made)
        self.compiling = (time.perf_counter() - began) * 1_000
        self.index = Index(Held(b"", sections))
        self.bytes = sum(part.nbytes for part in sections.values())

    def say(self, count: int) -> Claims:
        """Tell further events; give their claims."""
        return self.admit(list(islice(self._events, count)))

    def admit(self, events: list[bytes]) -> Claims:
        """Take these events in."""
        new = {
            entry: tuple(project(entry, "openlineage.run", event, at=0))
            for entry, event in enumerate(events, self.size)
        }
        self.claims.update(new)
        self.size += len(new)
        return new

    def catch_up(self, new: Claims) -> None:
        """Let the index go on to these."""
        self.index = catch_up(
            self.index, lambda entries: {entry: self.claims[entry] for entry in entries}, new
        )

    def milliseconds(self, new: Claims) -> float:
        """How long that takes."""
        return _measuring.seconds(partial(self.catch_up, new)) * 1_000


def _pipelines(events: int) -> Iterator[_measuring.Figure]:
    told = _Told(events, (_step(number, number) for number in range(10**9)))
    yield _measuring.Figure(
        f"{events:,} events: compiled anew", (told.compiling,),
        note=f"{told.bytes / events:,.0f} bytes an event in the file, three reads each",
    )  # fmt: skip
    for _ in range(WARM):
        told.catch_up(told.say(1))
    for count in STEPS:
        rounds = ROUNDS if count < STEPS[-1] else 1
        samples = tuple(told.milliseconds(told.say(count)) for _ in range(rounds))
        plural = "s" if count > 1 else ""
        yield _measuring.Figure(f"{events:,} events: after {count:,} new one{plural}", samples)
    merging = _measuring.seconds(partial(merge, told.index)) * 1_000
    yield _measuring.Figure(f"{events:,} events: a new base, merged", (merging,))
    middle = (events // 2 // JOBS) * JOBS
    late = [
        told.milliseconds(told.admit([_step(told.size, middle + place)])) for place in range(ROUNDS)
    ]
    yield _measuring.Figure(f"{events:,} events: after one that comes late", tuple(late))


def _hub() -> Iterator[_measuring.Figure]:
    size = HUB_VERSIONS * (READS_EACH + 1)
    told = _Told(size, map(_on_hub, range(10**9)))
    label = f"a table of {HUB_VERSIONS:,} versions, {HUB_VERSIONS * READS_EACH:,} reads"
    yield _measuring.Figure(f"{label}: compiled anew", (told.compiling,))
    for _ in range(WARM):
        told.catch_up(told.say(READS_EACH + 1))
    for what, first in (("written once more", 0), ("read once more", 1)):
        samples = []
        for _ in range(ROUNDS):
            while told.size % (READS_EACH + 1) != first:
                told.catch_up(told.say(1))
            samples.append(told.milliseconds(told.say(1)))
        yield _measuring.Figure(f"{label}: {what}", tuple(samples))
    samples = []
    for place in range(ROUNDS):
        # Between a write and the reads that follow it: these bind to the late version instead.
        at = (size // 2 // (READS_EACH + 1) + place) * (READS_EACH + 1)
        event = _event(told.size, at * STEP_US + STEP_US // 2, "load", [], ["hub"])
        samples.append(told.milliseconds(told.admit([event])))
    yield _measuring.Figure(f"{label}: a late write that takes over three reads", tuple(samples))


def _family() -> Iterator[_measuring.Figure]:
    told = _Told(CHILDREN, map(_within, range(10**9)))
    label = f"a run with {CHILDREN:,} within it"
    yield _measuring.Figure(f"{label}: compiled anew", (told.compiling,))
    for _ in range(WARM):
        told.catch_up(told.say(1))
    samples = tuple(told.milliseconds(told.say(1)) for _ in range(ROUNDS))
    yield _measuring.Figure(f"{label}: one more", samples)


def _within(number: int) -> bytes:
    """The first encloses all others, each of which reads a table and writes one."""
    if number == 0:
        return _event(number, 0, "dag", [], [])
    reads, writes = f"t{number % JOBS}", f"t{(number + 1) % JOBS}"
    event = json.loads(_event(number, number * STEP_US, f"task{number % JOBS}", [reads], [writes]))
    parent = {"run": {"runId": run_id(0)}, "job": {"namespace": "cron", "name": "dag"}}
    event["run"]["facets"] = {"parent": parent}
    return json.dumps(event).encode()


def _step(number: int, place: int) -> bytes:
    """A run of one of the jobs, at a place in the order of time."""
    job = number % JOBS
    reads = [f"sales.t{table % JOBS:04}" for table in (job + 1, job * 7 + 3, job * 13 + 5)]
    return _event(number, place * STEP_US, f"step{job}", reads, [f"sales.t{job:04}"])


def _on_hub(number: int) -> bytes:
    """Every fourth writes the table that all others read."""
    if number % (READS_EACH + 1) == 0:
        return _event(number, number * STEP_US, "load", [], ["hub"])
    return _event(number, number * STEP_US, f"report{number % JOBS}", ["hub"], [])


def run_id(number: int) -> str:
    """The id of a run."""
    return f"0193a1b2-c3d4-7000-8000-{number:012x}"


def _event(number: int, at_us: int, job: str, reads: list[str], writes: list[str]) -> bytes:
    seconds, rest = divmod(at_us, 1_000_000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(START + seconds))
    event = {
        "eventTime": f"{stamp}.{rest:06}Z",
        "eventType": "COMPLETE",
        "run": {"runId": run_id(number)},
        "job": {"namespace": "cron", "name": job},
        "inputs": [{"namespace": "lake", "name": name} for name in reads],
        "outputs": [{"namespace": "lake", "name": name} for name in writes],
    }
    return json.dumps(event).encode()


if __name__ == "__main__":
    main()
