"""`headwater run`: programs that know nothing of Headwater, in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture.conftest import environment, events, last, names

pytestmark = pytest.mark.slow  # each test runs programs

Launch = Callable[..., "subprocess.CompletedProcess[str]"]

COPY = 'open("copy.csv", "w").write(open("a.csv").read() * 2)\n'


def command(*words: str) -> list[str]:
    """The words by which a user captures a command."""
    return [sys.executable, "-m", "headwater", "run", "--", *words]


@pytest.fixture
def launch(tmp_path: Path, project: Path) -> Launch:
    """Capture a script in the project; `words` go between Python and the script."""

    def run(
        code: str, *words: str, name: str = "job.py", **more: str
    ) -> subprocess.CompletedProcess[str]:
        (project / name).write_text(code)
        return subprocess.run(
            command(sys.executable, *words, name),
            cwd=project,
            env=environment(tmp_path, **more),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def lineage(project: Path, job: str = "job") -> tuple[list[str], list[str]]:
    """What a job read and wrote, as its last event has it."""
    end = last(project, job)
    return sorted(names(end["inputs"])), sorted(names(end["outputs"]))


def jobs(project: Path) -> set[str]:
    """The jobs that were recorded."""
    return {one["job"]["name"] for one in events(project)}


def test_an_unmodified_script_is_recorded(launch: Launch, project: Path) -> None:
    """What Python opens to read is an input, and what it opens to write an output."""
    done = launch(COPY + 'print("done")')
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)
    assert lineage(project) == (["a.csv"], ["copy.csv"])
    assert last(project, "job")["eventType"] == "COMPLETE"


def test_the_docstring_of_a_script_describes_its_job(launch: Launch, project: Path) -> None:
    """Its first paragraph; a script without one has no description."""
    launch('"""Copies a table,\ntwice.\n\nMore of it."""\n' + COPY)
    assert last(project, "job")["job"]["facets"]["documentation"]["description"] == (
        "Copies a table, twice."
    )
    launch(COPY, name="other.py")
    assert "documentation" not in last(project, "other")["job"]["facets"]


def test_a_file_may_be_filled_with_what_is_read_later(launch: Launch, project: Path) -> None:
    """An output that is opened first comes from what is read while it is open."""
    launch('out = open("o.txt", "w")\nout.write(open("a.csv").read())')
    (output,) = last(project, "job")["outputs"]
    assert "lineage" not in output["facets"]


def test_the_command_is_a_run_around_its_processes(launch: Launch, project: Path) -> None:
    """Each process is a run of its own within the command's."""
    launch(COPY)
    assert jobs(project) == {f"{Path(sys.executable).name} job.py", "job"}
    outer = last(project, f"{Path(sys.executable).name} job.py")["run"]["runId"]
    assert last(project, "job")["run"]["facets"]["parent"]["run"]["runId"] == outer


@pytest.mark.parametrize("flags", [["-I"], ["-E"], ["-O"], ["-W", "ignore"]])
def test_flags_of_python_make_no_difference(
    launch: Launch, project: Path, flags: list[str]
) -> None:
    """Isolated interpreters are reached too."""
    launch(COPY, *flags)
    assert lineage(project) == (["a.csv"], ["copy.csv"])


def test_an_atomic_replace_is_one_write_of_the_final_name(launch: Launch, project: Path) -> None:
    """A temporary file that is renamed, and one that is deleted, are no outputs."""
    launch(
        "import os\n"
        'open("b.tmp", "w").write(open("a.csv").read())\n'
        'os.replace("b.tmp", "final.csv")\n'
        'open("scratch", "w").write("x")\n'
        'os.remove("scratch")\n'
    )
    assert lineage(project) == (["a.csv"], ["final.csv"])
    assert {name for one in events(project) for name in names(one["outputs"])} == {"final.csv"}


def test_a_folder_that_is_moved_takes_its_files_along(launch: Launch, project: Path) -> None:
    """Writing beside and moving the folder into place is one write of each last name."""
    launch(
        "import os\n"
        'os.makedirs("new.tmp/part")\n'
        'open("new.tmp/part/b.csv", "w").write(open("a.csv").read())\n'
        'os.rename("new.tmp", "new")\n'
    )
    assert lineage(project) == (["a.csv"], ["b.csv"])
    (output,) = last(project, "job")["outputs"]
    assert output["name"] == str((project / "new" / "part" / "b.csv").resolve())
    assert output["facets"]["headwater_digest"]["algorithm"] == "sha256"


def test_a_renamed_file_comes_from_what_it_was(launch: Launch, project: Path) -> None:
    """Moving what was there before is a read of the old name and a write of the new."""
    launch('import os\nos.rename("a.csv", "c.csv")\n')
    assert lineage(project) == (["a.csv"], ["c.csv"])


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_work_for_the_run_that_started_them(
    launch: Launch, project: Path, method: str
) -> None:
    """What workers read and write is the program's, whichever way they were started."""
    launch(
        "import multiprocessing\n"
        "def work(n):\n"
        '    open(f"out{n}.txt", "w").write(open("a.csv").read())\n'
        'if __name__ == "__main__":\n'
        f"    with multiprocessing.get_context({method!r}).Pool(2) as pool:\n"
        "        pool.map(work, range(3))\n"
    )
    said = [one for one in events(project) if one["job"]["name"] == "job"]
    assert {one["run"]["runId"] for one in said} == {said[0]["run"]["runId"]}
    assert {name for one in said for name in names(one["outputs"])} == {
        "out0.txt",
        "out1.txt",
        "out2.txt",
    }
    assert jobs(project) == {f"{Path(sys.executable).name} job.py", "job"}


def test_a_shell_pipeline_with_python_at_both_ends(tmp_path: Path, project: Path) -> None:
    """Both ends are runs within the command, and what was piped came from what the first read."""
    (project / "first.py").write_text('print(open("a.csv").read())')
    (project / "second.py").write_text('import sys\nopen("o.txt", "w").write(sys.stdin.read())')
    python = sys.executable
    subprocess.run(
        command("sh", "-c", f"{python} first.py | tr a-z A-Z | {python} second.py"),
        cwd=project,
        env=environment(tmp_path),
        check=True,
        timeout=60,
    )
    assert jobs(project) == {"sh", "first", "second"}
    assert lineage(project, "first") == (["a.csv"], [])
    assert lineage(project, "second") == (["a.csv"], ["o.txt"])


def test_it_exits_as_the_command_does(launch: Launch, project: Path) -> None:
    """The exit code is the command's, its output is its own, and both runs failed."""
    done = launch("1 / 0")
    assert done.returncode == 1
    assert "headwater" not in done.stderr
    assert {one["eventType"] for one in events(project)} == {"START", "FAIL"}


def test_an_exit_code_is_known_of_the_command(launch: Launch, project: Path) -> None:
    """What a program exits with is not visible from within; the command's run says it."""
    assert launch("raise SystemExit(3)").returncode == 3
    end = last(project, f"{Path(sys.executable).name} job.py")
    assert (end["eventType"], end["run"]["facets"]["errorMessage"]["message"]) == (
        "FAIL",
        "exit code 3",
    )


def test_it_dies_as_the_command_does(launch: Launch, project: Path) -> None:
    """A signal that ends the command ends this too, as a shell expects."""
    done = launch("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert done.returncode == -signal.SIGKILL


def test_a_command_that_is_not_there(tmp_path: Path, project: Path) -> None:
    """The shell's own exit code, and one line that names it."""
    done = subprocess.run(
        command("no-such-program"),
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("\n")) == (127, 1)
    assert "no-such-program" in done.stderr


def test_termination_is_passed_on(tmp_path: Path, project: Path) -> None:
    """SIGTERM to `headwater run` reaches the command, and its run is recorded as aborted."""
    (project / "job.py").write_text('print("up", flush=True)\nimport time\ntime.sleep(30)')
    with subprocess.Popen(
        command(sys.executable, "job.py"),
        cwd=project,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        process.terminate()
        assert process.wait(20) == -signal.SIGTERM
        assert time.monotonic() - began < 20
    assert last(project, f"{Path(sys.executable).name} job.py")["eventType"] == "ABORT"


def test_files_of_python_and_the_system_are_nobodys_data(launch: Launch, project: Path) -> None:
    """Imports, settings and devices are left out."""
    launch('import json, email, decimal\nopen("/dev/null").read()\nopen("/etc/passwd").read()')
    assert lineage(project) == ([], [])


def test_what_failed_to_open_was_not_read(launch: Launch, project: Path) -> None:
    """A file that is not there is no input."""
    launch('try:\n    open("nowhere.csv")\nexcept OSError:\n    pass')
    assert lineage(project) == ([], [])
