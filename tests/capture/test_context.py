"""The current run, across threads, processes and the environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from headwater.capture.links import Link, environment, new_id, parents
from tests.capture.conftest import Launch, Script, events, last, names, records

POOL = """
import headwater, sys
{imports}
def work(name):
    headwater.read(name)
    return 1
def main():
    {before}
    with headwater.run("main") as run:
        {within}
        run.write("out.csv")
if __name__ == "__main__":
    main()
"""


def read_of(project: Path, job: str) -> set[str]:
    """What all events say that a job read."""
    return {
        name
        for one in events(project)
        if one["job"]["name"] == job
        for name in names(one["inputs"])
    }


@pytest.mark.parametrize(
    ("imports", "before", "within"),
    [
        (
            "from threading import Thread",
            "pass",
            "t = [Thread(target=work, args=(n,)) for n in ('a.csv', 'b.csv')];"
            " [x.start() for x in t]; [x.join() for x in t]",
        ),
        (
            "from threading import Timer",
            "pass",
            "t = [Timer(0.01, work, (n,)) for n in ('a.csv', 'b.csv')];"
            " [x.start() for x in t]; [x.join() for x in t]",
        ),
        (
            "from concurrent.futures import ThreadPoolExecutor",
            "pool = ThreadPoolExecutor(2); list(pool.map(str, [1, 2]))",
            "list(pool.map(work, ['a.csv', 'b.csv']))",
        ),
        (
            "from multiprocessing.pool import ThreadPool",
            "pass",
            "ThreadPool(2).map(work, ['a.csv', 'b.csv'])",
        ),
        (
            "import asyncio",
            "pass",
            "async def all(): await asyncio.gather(*(asyncio.to_thread(work, n)"
            " for n in ('a.csv', 'b.csv')))\n        asyncio.run(all())",
        ),
        (
            "import asyncio",
            "pass",
            "async def all():\n"
            "            loop = asyncio.get_running_loop()\n"
            "            for n in ('a.csv', 'b.csv'): await loop.run_in_executor(None, work, n)\n"
            "        asyncio.run(all())",
        ),
        (
            "import multiprocessing",
            "pass",
            "p = multiprocessing.get_context('fork').Pool(2); p.map(work, ['a.csv', 'b.csv']);"
            " p.close(); p.join()",
        ),
        (
            "import multiprocessing",
            "pass",
            "p = multiprocessing.get_context('spawn').Pool(2); p.map(work, ['a.csv', 'b.csv']);"
            " p.close(); p.join()",
        ),
        (
            "import multiprocessing",
            "pass",
            "p = multiprocessing.get_context('forkserver').Pool(2);"
            " p.map(work, ['a.csv', 'b.csv']); p.close(); p.join()",
        ),
        (
            "from concurrent.futures import ProcessPoolExecutor",
            "pass",
            "p = ProcessPoolExecutor(2); list(p.map(work, ['a.csv', 'b.csv'])); p.shutdown()",
        ),
    ],
    ids=[
        "Thread", "Timer", "ThreadPoolExecutor", "ThreadPool", "to_thread", "run_in_executor",
        "fork", "spawn", "forkserver", "ProcessPoolExecutor",
    ],
)  # fmt: skip
def test_work_given_away_counts_for_the_run(
    script: Script, project: Path, imports: str, before: str, within: str
) -> None:
    """Whoever reads for a run, in whatever thread or worker process: the run read it."""
    done = script(POOL.format(imports=imports, before=before, within=within))
    assert (done.returncode, done.stderr) == (0, "")
    assert read_of(project, "main") == {"a.csv", "b.csv"}
    assert {one["job"]["name"] for one in events(project)} == {"main"}


def test_what_an_observed_function_has_threads_do_is_part_of_it(
    script: Script, project: Path
) -> None:
    """A pool that a library works with inside sees no more than the library does."""
    script(
        "import pandas as pd\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from pathlib import Path\n"
        "def read(name):\n"
        "    with ThreadPoolExecutor(2) as pool: list(pool.map(Path.read_text, [Path(name)]))\n"
        "def within(frame):\n"
        "    read('within.csv')\n"
        "    return frame\n"
        "frame = pd.DataFrame({'a': [1]})\n"
        "for name in ('within.csv', 'after.csv'): frame.to_csv(name)\n"
        "frame.groupby('a')[['a']].apply(within)\n"
        "read('after.csv')\n",
        HEADWATER_RUN="some",
    )
    read = {Path(one["d"][1]).name for one in records(project) if one["k"] == "read"}
    assert read == {"after.csv"}


def test_threads_of_runs_side_by_side_stay_apart(script: Script, project: Path) -> None:
    """Each thread has the run that it was started in, and the pool's work that of its submitter."""
    script("""
import headwater
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
pool, barrier = ThreadPoolExecutor(1), Barrier(2)
def job(name):
    with headwater.run("of-" + name):
        barrier.wait()
        pool.submit(headwater.read, name).result()
        thread = Thread(target=headwater.write, args=("out-" + name,))
        thread.start(); thread.join()
        barrier.wait()
threads = [Thread(target=job, args=(name,)) for name in ("a.csv", "b.csv")]
[t.start() for t in threads]; [t.join() for t in threads]
""")
    for name in ("a.csv", "b.csv"):
        end = last(project, f"of-{name}")
        assert (names(end["inputs"]), names(end["outputs"])) == ([name], [f"out-{name}"])


def test_a_late_thread_does_not_speak_for_a_run_that_ended(script: Script, project: Path) -> None:
    """What a thread does after its run ended counts for the process."""
    script(
        """
import headwater
from threading import Event, Thread
go = Event()
def late():
    go.wait()
    headwater.read("b.csv")
with headwater.run("short"):
    thread = Thread(target=late); thread.start()
go.set(); thread.join()
""",
        name="job.py",
    )
    assert read_of(project, "short") == set()
    assert read_of(project, "job") == {"b.csv"}


def test_with_helpers_nothing_is_taken_out_by_order(script: Script, project: Path) -> None:
    """Where workers read as well, an output may come from whatever the run read."""
    script("""
import headwater, os
with headwater.run("r") as run:
    run.read("a.csv")
    run.write("out.csv")
    if (child := os.fork()) == 0:
        headwater.read("b.csv")
        os._exit(0)
    os.waitpid(child, 0)
    run.read("c.csv")
""")
    (end,) = (one for one in events(project) if one["eventType"] == "COMPLETE")
    assert "lineage" not in end["outputs"][0]["facets"]


@pytest.mark.slow  # it runs programs of processes
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("reader", ["parent", "worker"])
def test_what_a_worker_writes_of_unknown_origin_is_not_exact(
    launch: Launch, project: Path, method: str, reader: str
) -> None:
    """It may have come from anything that the run read, in whichever of its processes."""
    reads = "[open(name).read() for name in ('a.csv', 'b.csv')]"
    launch(f"""
import multiprocessing
def work(text):
    text = {reads if reader == "worker" else "text"}
    with open("out.txt", "w") as file: file.write(text[0])
if __name__ == "__main__":
    text = {reads if reader == "parent" else "[]"}
    with multiprocessing.get_context({method!r}).Pool(1) as pool: pool.apply(work, [text])
""")
    found = [one for one in events(project) if one["job"]["name"] == "job"]
    assert {"a.csv", "b.csv"} <= {Path(one["name"]).name for e in found for one in e["inputs"]}
    assert {"out.txt"} == {Path(one["name"]).name for e in found for one in e["outputs"]}
    told = [e["run"]["facets"]["headwater_capture"] for e in found if e["eventType"] == "COMPLETE"]
    assert [one.get("exact") for one in told] == [False]


def test_a_forked_child_writes_a_segment_of_its_own(script: Script, project: Path) -> None:
    """Nothing of the parent's is repeated, and the child says whose it is."""
    done = script("""
import headwater, os
with headwater.run("r") as run:
    run.read("a.csv")
    child = os.fork()
    run.read("b.csv") if child == 0 else os.waitpid(child, 0)
""")
    assert done.returncode == 0
    processes = [one for one in records(project) if one["k"] == "process"]
    assert len(processes) == 2
    assert processes[1]["forked_from"]
    assert [one["k"] for one in records(project) if one["k"] in ("begin", "end")] == [
        "begin",
        "end",
    ]
    states = [one["eventType"] for one in events(project)]
    assert states.count("COMPLETE") == 1
    assert read_of(project, "r") == {"a.csv", "b.csv"}


def test_a_child_process_is_part_of_the_run(script: Script, project: Path) -> None:
    """A script that a run starts is a run of its own, and names the one that started it."""
    (project / "child.py").write_text('import headwater\nheadwater.read("a.csv")\n')
    script(f"""
import headwater, subprocess
with headwater.run("outer"), headwater.run("inner"):
    subprocess.run([{sys.executable!r}, "child.py"], check=True)
subprocess.run([{sys.executable!r}, "child.py"], check=True)
""")
    ends = [one for one in events(project) if one["eventType"] == "COMPLETE"]
    children = [one for one in ends if one["job"]["name"] == "child"]
    parents = [one["run"]["facets"].get("parent") for one in children]
    assert parents[0]["job"]["name"] == "inner"
    assert parents[0]["root"]["job"]["name"] == "outer"
    assert parents[1] is None


def test_the_environment_names_what_open_runs_have_in_common(script: Script, project: Path) -> None:
    """Of runs side by side, child processes are told the one around both; of none, none."""
    done = script("""
import headwater, os
from threading import Barrier, Thread
barrier = Barrier(3)
def job(name, outer):
    with headwater.run(name):
        barrier.wait(); barrier.wait()
def told():
    return os.environ.get("HEADWATER_PARENT", "none").split("/")[-1]
with headwater.run("outer") as outer:
    threads = [Thread(target=job, args=(name, outer)) for name in "ab"]
    [t.start() for t in threads]
    barrier.wait(); print(told()); barrier.wait()
    [t.join() for t in threads]
    print(told())
print(told())
""")
    assert done.stdout.split() == ["outer", "outer", "none"]


def test_links_are_read_as_they_are_written() -> None:
    """Names with every sign survive the environment; ids are UUIDv7 in order of time."""
    run, root = Link(new_id(), "a/ b%", "naïve: x"), Link(new_id(), "n", "r")
    assert parents(environment(run, root)) == (run, root)
    assert "OPENLINEAGE_PARENT_ID" not in environment(run, root)
    assert (
        parents({"OPENLINEAGE_PARENT_ID": f"ns/job/{root.id}"}) == (Link(root.id, "ns", "job"),) * 2
    )
    assert parents({"HEADWATER_PARENT": "rubbish"}) is None
    assert (run.id[14], run.id[19] in "89ab", run.id < new_id()[:13] + "~") == ("7", True, True)
