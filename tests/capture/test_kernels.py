"""Real kernels that live long: what their cells did is recorded once, and none is held up."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from headwater.capture import segments
from headwater.query.gateway import Gateway
from headwater.store import open_store
from tests.capture.conftest import environment, events, names

pytestmark = pytest.mark.slow  # each test starts a kernel

BUSY = """
    import multiprocessing, os, threading
    def work(n):
        open(f'fork{n}.txt', 'w').write(open('b.csv').read())
    done = threading.Event()
    def read():
        while not done.is_set():
            open('a.csv').read()
    threads = [threading.Thread(target=read, daemon=True) for _ in range(2)]
    for one in threads:
        one.start()
    """
FORK = """
    with multiprocessing.get_context('fork').Pool(2) as pool:
        pool.map(work, range(2))
    child = os.fork()
    if not child:
        open('forked.txt', 'w').write('x')
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)
    """


class Kernel:
    """A kernel of ipykernel's, over ZMQ, in a project."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.environment = environment(project.parent)
        (project.parent / "home").mkdir()
        self.manager: KernelManager
        self.client: BlockingKernelClient
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", cwd=str(project), env=self.environment
        )

    def cell(self, source: str, identifier: str | None = None) -> None:
        """Execute a cell, which has to work."""
        reply = self.execute(source, identifier)
        assert reply["status"] == "ok", reply

    def execute(self, source: str, identifier: str | None = None) -> dict[str, Any]:
        """Execute a cell with an id, as JupyterLab sends it; give the reply to it."""
        message = self.client.session.msg(
            "execute_request",
            {"code": textwrap.dedent(source), "silent": False, "store_history": True},
            metadata={"cellId": identifier} if identifier else {},
        )
        self.client.shell_channel.send(message)
        while True:
            reply = self.client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                content: dict[str, Any] = reply["content"]
                return content

    def headwater(self, *words: str) -> Any:
        """Ask by the command line, while the kernel lives."""
        done = subprocess.run(
            [sys.executable, "-m", "headwater", *words, "--json"],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(done.stdout)


@pytest.fixture
def kernel(project: Path) -> Iterator[Kernel]:
    """A kernel in which Headwater is loaded."""
    one = Kernel(project)
    try:
        one.cell("%load_ext headwater")
        yield one
    finally:
        one.client.stop_channels()
        one.manager.shutdown_kernel(now=True)


def held(project: Path) -> list[int]:
    """The numbers of the segments in the spool."""
    return [one.number for one in segments.held(str(project / ".headwater" / "spool"))]


def sources(answer: Any) -> set[str]:
    """The names of the files in a trace."""
    versions = [one for one in answer["nodes"] if one["kind"] == "version"]
    return {one["artifact"]["name"].rpartition("/")[2] for one in versions}


def test_the_file_by_which_a_kernel_is_found_is_no_data(tmp_path: Path, project: Path) -> None:
    """Neither who starts a kernel nor the kernel, which reads and writes it, has it in lineage."""
    (tmp_path / "home").mkdir()
    (project / "start.py").write_text(
        textwrap.dedent("""
            import subprocess, sys
            from jupyter_client.blocking.client import BlockingKernelClient
            from jupyter_client.connect import write_connection_file
            write_connection_file("kernel.json")
            words = [sys.executable, "-m", "ipykernel_launcher", "-f", "kernel.json"]
            kernel = subprocess.Popen(words)
            client = BlockingKernelClient(connection_file="kernel.json")
            client.load_connection_file()
            client.start_channels()
            client.wait_for_ready(timeout=20)
            client.execute_interactive("open('cell.txt', 'w').write('1')", timeout=20)
            client.shutdown()
            kernel.wait(20)
            open("out.txt", "w").write(open("a.csv").read())
        """)
    )
    subprocess.run(
        [sys.executable, "-m", "headwater", "run", "--", sys.executable, "start.py"],
        cwd=project,
        env=environment(tmp_path, JUPYTER_RUNTIME_DIR=str(project)),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert (project / "kernel.json").exists()
    seen = {name for one in events(project) for name in names(one["inputs"] + one["outputs"])}
    assert seen == {"a.csv", "out.txt", "cell.txt"}


def test_a_kernel_forks_while_its_threads_run(kernel: Kernel, project: Path) -> None:
    """Thirty times, by a pool and by `os.fork`: no child waits for what a thread was doing."""
    kernel.cell(BUSY)
    for number in range(30):
        kernel.cell(FORK, f"fork{number}")
    kernel.cell("done.set()")
    forked = [one for one in events(project) if ".fork" in one["job"]["name"]]
    written = {
        (one["job"]["name"].rpartition(".")[2], name)
        for one in forked
        for name in names(one["outputs"])
    }
    files = ("fork0.txt", "fork1.txt", "forked.txt")
    assert written == {(f"fork{number}", name) for number in range(30) for name in files}


def test_the_spool_of_a_living_kernel_is_shipped_as_it_grows(kernel: Kernel, project: Path) -> None:
    """Over many segments nothing is lost and nothing comes twice; they stay while it lives."""
    kernel.cell("from headwater.capture import runtime\nruntime.SEGMENT_BYTES_MAX = 16_384")
    write = "open(f'out{n}.txt', 'w').write(open('a.csv').read() + str(n)); n += 1"
    kernel.cell("n = 0")
    for number in range(3):
        for _ in range(20):
            kernel.cell(write, "write")
        segment = held(project)
        assert segment == list(range(len(segment)))
        assert len(segment) > number + 1
        shipped = kernel.headwater("ship")
        assert shipped["rejected"] == shipped["duplicate"] == 0
        assert shipped["accepted"] >= 20
        assert kernel.headwater("ship")["accepted"] == 0
        last = f"out{20 * number + 19}.txt"
        assert sources(kernel.headwater("trace", last)) == {"a.csv", last}
    with open_store(project / ".headwater") as store:
        gateway = Gateway(store)
        for number in range(60):
            name = f"out{number}.txt"
            answer = gateway.trace(str(project / name))
            assert sources(answer) == {"a.csv", name}
            made = [one for one in answer["nodes"] if one["kind"] == "run"]
            assert len(made) == 1
    kernel.manager.shutdown_kernel(now=True)
    assert kernel.headwater("ship")["duplicate"] == 0
    assert held(project) == []
    kernel.headwater("verify")


def test_cells_of_a_kernel_in_any_order_and_twice(kernel: Kernel, project: Path) -> None:
    """What each execution writes came from what its objects were read from."""
    kernel.cell("import numpy as np", "imports")
    save = "np.savetxt('out.csv', array, fmt='%d')"
    kernel.cell("array = np.loadtxt('b.csv', skiprows=1, ndmin=1)", "lower")
    kernel.cell(save, "save")
    kernel.cell("array = np.loadtxt('a.csv', skiprows=1, ndmin=1)", "upper")
    kernel.cell(save, "save")
    kernel.cell(save, "save")
    ends = {
        one["run"]["runId"]: one for one in events(project) if one["job"]["name"].endswith(".save")
    }
    assert [names(one["inputs"]) for one in ends.values()] == [["b.csv"], ["a.csv"], ["a.csv"]]
    assert {one["eventType"] for one in ends.values()} == {"COMPLETE"}


def test_a_kernel_that_is_restarted_is_another_run(kernel: Kernel, project: Path) -> None:
    """The run of the first ends, an interrupted cell is ABORT, and the second has its own."""
    kernel.cell("text = open('a.csv').read()\nopen('first.txt', 'w').write(text)", "first")
    reply = kernel.execute(
        "import os, signal, time\nopen('a.csv').read()\n"
        "os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(20)",
        "stopped",
    )
    assert reply["ename"] == "KeyboardInterrupt"
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=30)
    kernel.cell("%load_ext headwater")
    kernel.cell("open('second.txt', 'w').write(open('b.csv').read())", "second")
    ends = {one["run"]["runId"]: one for one in events(project)}
    by_cell = {
        one["job"]["name"].rpartition(".")[2]: one
        for one in ends.values()
        if "." in one["job"]["name"]
    }
    states = {name: one["eventType"] for name, one in by_cell.items()}
    assert states == {"first": "COMPLETE", "stopped": "ABORT", "second": "COMPLETE"}
    assert names(by_cell["second"]["inputs"]) == ["b.csv"]
    sessions = {name: by_cell[name]["run"]["facets"]["parent"]["run"]["runId"] for name in by_cell}
    assert sessions["first"] == sessions["stopped"] != sessions["second"]
    assert ends[sessions["first"]]["eventType"] in ("COMPLETE", "ABORT")
