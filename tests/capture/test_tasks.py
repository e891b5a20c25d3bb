"""Functions as jobs, of every kind that Python has."""

from __future__ import annotations

import inspect
from pathlib import Path

from headwater import task
from tests.capture.conftest import Script, events, last, names

HEAD = "import asyncio, headwater\nfrom headwater import read, task, write\n"


def states(project: Path) -> list[tuple[str, str]]:
    """(job, state) of every ended run, in order."""
    return [
        (one["job"]["name"], one["eventType"])
        for one in events(project)
        if one["eventType"] not in ("START", "RUNNING")
    ]


def parent(project: Path, job: str) -> str:
    """The job of the run that the last run of a job is part of."""
    return str(last(project, job)["run"]["facets"]["parent"]["job"]["name"])


def test_calls_nest_as_parent_and_child(script: Script, project: Path) -> None:
    """A task that calls another is the parent of its run; each call is a run of its own."""
    script(
        HEAD
        + """
@task
def inner(n): return n + 1
@task
def outer(): return inner(inner(0))
assert outer() == 2
""",
        name="steps.py",
    )
    ended = [("steps.inner", "COMPLETE")] * 2 + [("steps.outer", "COMPLETE")]
    assert states(project) == ended
    assert parent(project, "steps.inner") == "steps.outer"


def test_a_task_that_raises_fails_and_the_one_around_it_need_not(
    script: Script, project: Path
) -> None:
    """Each run says how it itself ended."""
    script(
        HEAD
        + """
@task
def inner(): raise ValueError("x")
@task
def outer():
    try: inner()
    except ValueError: pass
outer()
""",
        name="steps.py",
    )
    assert states(project) == [("steps.inner", "FAIL"), ("steps.outer", "COMPLETE")]


def test_a_coroutine_is_one_run_and_tasks_stay_apart(script: Script, project: Path) -> None:
    """Concurrent coroutines read each into its own run, however they take turns."""
    script(
        HEAD
        + """
@task
async def one(name):
    await asyncio.sleep(0.01)
    read(name)
    await asyncio.sleep(0)
    write("of-" + name)
async def main():
    with headwater.run("main"):
        await asyncio.gather(*(one(name) for name in ("a.csv", "b.csv")))
asyncio.run(main())
""",
        name="steps.py",
    )
    ends = [one for one in events(project) if one["eventType"] == "COMPLETE"]
    pairs = {(*names(one["inputs"]), *names(one["outputs"])) for one in ends if one["outputs"]}
    assert pairs == {("a.csv", "of-a.csv"), ("b.csv", "of-b.csv")}
    assert parent(project, "steps.one") == "main"


def test_a_cancelled_coroutine_is_aborted(script: Script, project: Path) -> None:
    """Cancellation stops a run; it is no failure."""
    script(
        HEAD
        + """
@task
async def slow(): await asyncio.sleep(60)
async def main():
    going = asyncio.create_task(slow())
    await asyncio.sleep(0.01)
    going.cancel()
    try: await going
    except asyncio.CancelledError: pass
asyncio.run(main())
""",
        name="steps.py",
    )
    assert states(project) == [("steps.slow", "ABORT")]


def test_a_generator_is_current_only_while_its_code_runs(script: Script, project: Path) -> None:
    """What the consumer reads between two values is not the generator's."""
    script(
        HEAD
        + """
@task
def rows():
    read("a.csv")
    got = yield 1
    assert got == "sent"
    write("c.csv")
    return "done"
with headwater.run("consumer"):
    going = rows()
    next(going)
    read("b.csv")
    try: going.send("sent")
    except StopIteration as stop: assert stop.value == "done"
""",
        name="steps.py",
    )
    own = last(project, "steps.rows")
    assert (names(own["inputs"]), names(own["outputs"])) == (["a.csv"], ["c.csv"])
    assert own["eventType"] == "COMPLETE"
    assert set(names(last(project, "consumer")["inputs"])) == {"a.csv", "b.csv"}


def test_generators_that_end_early_are_aborted(script: Script, project: Path) -> None:
    """Closed, dropped or thrown into: ABORT or FAIL; never started: no run."""
    script(
        HEAD
        + """
@task(name="closed")
def closed():
    try: yield 1
    finally: read("a.csv")
@task(name="dropped")
def dropped(): yield 1
@task(name="thrown")
def thrown(): yield 1
@task(name="never")
def never(): yield 1
a = closed(); next(a); a.close()
b = dropped(); next(b); del b
c = thrown(); next(c)
try: c.throw(ValueError("x"))
except ValueError: pass
never()
""",
        name="steps.py",
    )
    assert states(project) == [("closed", "ABORT"), ("dropped", "ABORT"), ("thrown", "FAIL")]
    assert names(last(project, "closed")["inputs"]) == ["a.csv"]


def test_an_asynchronous_generator_is_a_run(script: Script, project: Path) -> None:
    """It lasts to the end; one that is left is aborted when it is closed."""
    script(
        HEAD
        + """
@task(name="all")
async def whole():
    yield 1
    read("a.csv")
    yield 2
@task(name="left")
async def left():
    yield 1
    yield 2
async def main():
    assert [x async for x in whole()] == [1, 2]
    async for x in left(): break
asyncio.run(main())
""",
        name="steps.py",
    )
    assert states(project) == [("all", "COMPLETE"), ("left", "ABORT")]
    assert names(last(project, "all")["inputs"]) == ["a.csv"]


def test_methods_and_recursion_are_runs(script: Script, project: Path) -> None:
    """Methods are named after their class; a task may call itself."""
    script(
        HEAD
        + """
class Model:
    @task
    def fit(self, n): return self.fit(n - 1) if n else self
Model().fit(2)
""",
        name="steps.py",
    )
    assert states(project) == [("steps.Model.fit", "COMPLETE")] * 3


def test_a_task_stays_the_kind_of_function_that_it_was() -> None:
    """Name, documentation, signature and kind are those of the function."""

    @task
    def generator(n: int) -> object:
        """Say numbers."""
        yield n

    @task
    async def coroutine() -> None: ...

    @task(name="other")
    async def asynchronous() -> object:
        yield 1

    assert inspect.isgeneratorfunction(generator)
    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isasyncgenfunction(asynchronous)
    assert (generator.__name__, generator.__doc__) == ("generator", "Say numbers.")
    assert str(inspect.signature(generator)) == "(n: 'int') -> 'object'"
