"""Processes that a captured program starts, and how each of them ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headwater.capture.children import commands
from headwater.capture.roll import Roll
from tests.capture.conftest import environment, events, last, names

pytestmark = pytest.mark.slow  # each test runs programs

Launch = Callable[[str], "subprocess.CompletedProcess[str]"]
UNCAPTURED = "import subprocess, sys, os\n"


@pytest.fixture
def launch(tmp_path: Path, project: Path) -> Launch:
    """Capture a script in the project, which has `child.py` to start."""
    (project / "child.py").write_text('print(open("a.csv").read().strip())\n')

    def run(code: str) -> subprocess.CompletedProcess[str]:
        (project / "job.py").write_text(code)
        return subprocess.run(
            [sys.executable, "-m", "headwater", "run", "--", sys.executable, "job.py"],
            cwd=project,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def capture(event: dict[str, Any]) -> dict[str, Any]:
    """What an event says of capture."""
    return dict(event["run"]["facets"]["headwater_capture"])


def ending(project: Path, job: str) -> tuple[str, str | None]:
    """How the run of a job ended in the end, as the newest of its ends has it."""
    ends = [
        one
        for one in events(project)
        if one["job"]["name"] == job and one["eventType"] not in ("START", "RUNNING")
    ]
    end = max(ends, key=lambda one: str(one["eventTime"]))
    error = end["run"]["facets"].get("errorMessage")
    return end["eventType"], None if error is None else error["message"]


def ends(project: Path, job: str) -> list[dict[str, Any]]:
    """The last event of each run of a job that ended."""
    found = {
        one["run"]["runId"]: one
        for one in events(project)
        if one["job"]["name"] == job and one["eventType"] not in ("START", "RUNNING")
    }
    return list(found.values())


PYTHON = Path(sys.executable).name
S = f"{PYTHON} child.py was not captured: -S leaves out what is installed"
MUTE = f"{PYTHON} child.py was not captured: it did not report"
CAT = {"cat": 1}


@pytest.mark.parametrize(
    ("code", "gap"),
    [
        ('subprocess.run([sys.executable, "-S", "child.py"])', S),
        ('subprocess.Popen([sys.executable, "-S", "child.py"]).communicate()', S),
        (
            'subprocess.run([sys.executable, "child.py"], env={})',
            f"{PYTHON} child.py was not captured: HEADWATER_RUN is not in its environment",
        ),
        (
            'subprocess.run(["/usr/bin/python3", "child.py"])',
            "python3 child.py was not captured: "
            "Headwater may not be installed for /usr/bin/python3",
        ),
        (
            "subprocess.run(f\"true && {sys.executable} -S 'child.py' | cat\", shell=True)",
            f"{PYTHON} child.py was not captured: it did not report",
        ),
        (
            'words = ["python", "-S", "child.py"]\n'
            "os.waitpid(os.posix_spawn(sys.executable, words, os.environ), 0)",
            S,
        ),
        (
            "pid = os.fork()\n"
            'pid or os.execv(sys.executable, [sys.executable, "-S", "child.py"])\n'
            "os.waitpid(pid, 0)",
            S,
        ),
        (
            'subprocess.run(["timeout", "60", "env", "-i", sys.executable, "child.py"])',
            f"{PYTHON} child.py was not captured: it did not report",
        ),
        (
            "import asyncio\n"
            "async def main():\n"
            '    it = await asyncio.create_subprocess_exec(sys.executable, "-S", "child.py")\n'
            "    await it.wait()\n"
            "asyncio.run(main())",
            S,
        ),
    ],
    ids=[
        "run",
        "communicate",
        "environment",
        "interpreter",
        "shell",
        "spawn",
        "exec",
        "starters",
        "asyncio",
    ],
)
def test_python_that_is_not_captured_is_a_gap(
    launch: Launch, project: Path, code: str, gap: str
) -> None:
    """A Python program that was started and did not report is named, with the likely reason."""
    if "/usr/bin/python3" in code and not Path("/usr/bin/python3").exists():
        pytest.skip("there is no other interpreter")
    assert launch(UNCAPTURED + code).stdout == "x\n1\n"
    assert capture(last(project, "job"))["gaps"] == [gap]


def test_who_did_not_wait_leaves_the_gap_to_the_command(launch: Launch, project: Path) -> None:
    """What nobody has seen to end is named on the command's run."""
    launch(
        UNCAPTURED + 'print("import time; time.sleep(1)", file=open("child.py", "w"))\n'
        'subprocess.Popen([sys.executable, "-S", "child.py"])'
    )
    assert capture(last(project, "job"))["gaps"] == []
    assert capture(last(project, f"{PYTHON} job.py"))["gaps"] == [S]


def test_a_gap_that_comes_again_is_told_once(launch: Launch, project: Path) -> None:
    """With how often it was."""
    launch(UNCAPTURED + 'for _ in range(3): subprocess.run([sys.executable, "-S", "child.py"])')
    assert capture(last(project, "job"))["gaps"] == [f"{S} (3 times)"]


def test_python_that_is_captured_is_no_gap(launch: Launch, project: Path) -> None:
    """Neither by itself, nor through a shell, nor through another program."""
    launch(
        UNCAPTURED + 'subprocess.run([sys.executable, "child.py"])\n'
        'subprocess.run(f"{sys.executable} child.py | cat", shell=True)\n'
        'subprocess.run(f"{sys.executable} child.py", shell=True)\n'
        'subprocess.run(["env", "X=1", sys.executable, "-I", "child.py"])\n'
    )
    end = capture(last(project, "job"))
    assert (end["gaps"], end["coverage"]) == ([], {"commands": {"cat": 1, "env": 1}})
    children = [one for one in events(project) if one["job"]["name"] == "child"]
    assert len({one["run"]["runId"] for one in children}) == 4
    assert {name for one in children for name in names(one["inputs"])} == {"a.csv"}


def test_what_a_program_becomes_is_judged_by_itself(launch: Launch, project: Path) -> None:
    """Captured children that it had before do not speak for what it is now."""
    launch(
        UNCAPTURED + 'subprocess.run([sys.executable, "child.py"])\n'
        'os.execve(sys.executable, [sys.executable, "-S", "child.py"], os.environ)\n'
    )
    assert capture(last(project, f"{PYTHON} job.py"))["gaps"] == [S]


@pytest.mark.skipif(sys.platform != "linux", reason="who started whom is read from /proc")
def test_python_below_shells_that_a_shell_forks_is_no_gap(launch: Launch, project: Path) -> None:
    """Parentheses, loops in pipelines and command substitution are processes in between."""
    launch(
        UNCAPTURED + 'python = f"{sys.executable} child.py"\n'
        'for text in (f"({python}; {python}) | cat", f"for i in 1 2; do {python}; done | cat",\n'
        '             f"x=$({python}; true); echo $x", f"( ( {python}; true ) ; true ); true"):\n'
        "    subprocess.run(text, shell=True)\n"
    )
    assert capture(last(project, "job"))["gaps"] == []
    assert len(ends(project, "child")) == 6


@pytest.mark.parametrize(
    ("words", "gaps", "others"),
    [
        ([sys.executable, "-S", "child.py"], [S], {}),
        (["sh", "-c", f"{sys.executable} -S child.py | cat"], [MUTE], CAT),
        (["sh", "-c", f"{sys.executable} child.py | cat"], [], CAT),
        (["sh", "-c", f"({sys.executable} child.py; true) | cat"], [], CAT),
        (["env", sys.executable, "child.py"], [], {"env": 1}),
    ],
    ids=["python", "shell", "captured", "subshell", "another"],
)
def test_the_command_itself_is_judged(
    tmp_path: Path, project: Path, words: list[str], gaps: list[str], others: dict[str, int]
) -> None:
    """It is a process like those that captured programs start."""
    (project / "child.py").write_text('print(open("a.csv").read().strip())\n')
    arguments = [sys.executable, "-m", "headwater", "run", "--name", "all", "--", *words]
    subprocess.run(arguments, cwd=project, env=environment(tmp_path), check=True, timeout=60)
    said = capture(last(project, "all"))
    assert (said["gaps"], said["coverage"].get("commands", {})) == (gaps, others)


def test_other_programs_are_counted_by_name(launch: Launch, project: Path) -> None:
    """What may have read and written unseen is told in a word each."""
    launch(
        UNCAPTURED + 'subprocess.run(["cp", "a.csv", "c.csv"])\n'
        "for _ in range(5):\n"
        "    text = \"cd . && X=1 awk '{print; x}' a.csv | sort > d.csv 2>&1\"\n"
        "    subprocess.run(text, shell=True)\n"
        'os.system("true; cp a.csv e.csv")\n'
    )
    end = capture(last(project, "job"))
    assert end["coverage"] == {"commands": {"awk": 5, "cp": 2, "sort": 5}}
    assert end["gaps"] == []


@pytest.mark.parametrize(
    ("code", "state", "message"),
    [
        ("import sys\nsys.exit(3)", "FAIL", "exit code 3"),
        ("import sys\nsys.exit(0)", "COMPLETE", None),
        ("import sys\nsys.exit()", "COMPLETE", None),
        ("import sys\nsys.exit('no')", "FAIL", "SystemExit: no"),
        ("import sys\nsys.exit(True)", "FAIL", "exit code 1"),
        ("raise SystemExit(4)", "FAIL", "exit code 4"),
        ("import os\nos._exit(5)", "FAIL", "exit code 5"),
        ("import os\nos._exit(0)", "COMPLETE", None),
        ("import os\nos.kill(os.getpid(), 9)", "FAIL", "ended by SIGKILL"),
        ("import os\nos.kill(os.getpid(), 15)", "ABORT", "ended by SIGTERM"),
        ("import sys\ntry:\n    sys.exit(3)\nexcept SystemExit:\n    pass", "COMPLETE", None),
        (
            "import sys, contextlib\n"
            "def leave():\n"
            "    with contextlib.suppress(ValueError):\n"
            "        try:\n"
            "            sys.exit(6)\n"
            "        finally:\n"
            "            open('a.csv').close()\n"
            "leave()",
            "FAIL",
            "exit code 6",
        ),
        (
            "import sys, contextlib\n"
            "def leave():\n"
            "    with contextlib.suppress(SystemExit):\n"
            "        sys.exit(6)\n"
            "    return 1\n"
            "leave()",
            "COMPLETE",
            None,
        ),
        (
            "import sys, threading\nthreading.Thread(target=sys.exit, args=[3]).start()",
            "COMPLETE",
            None,
        ),
        ("1 / 0", "FAIL", "ZeroDivisionError: division by zero"),
        (
            "import sys\n"
            "def kept():\n"
            "    try:\n"
            "        1 / 0\n"
            "    except ZeroDivisionError as error:\n"
            "        sys.last_value = sys.last_exc = error\n"
            "kept()",
            "COMPLETE",
            None,
        ),
    ],
)
def test_a_program_s_run_ends_as_the_program_does(
    launch: Launch, project: Path, code: str, state: str, message: str | None
) -> None:
    """The run of a script, not the command's alone, says how the script ended."""
    launch(code)
    assert ending(project, "job") == (state, message)


@pytest.mark.parametrize(
    ("start", "state", "message"),
    [
        ('subprocess.run(f"{sys.executable} child.py; true", shell=True)', "FAIL", "exit code 3"),
        ("subprocess.run([sys.executable, 'child.py'])", "FAIL", "exit code 3"),
    ],
    ids=["shell", "python"],
)
def test_a_child_s_exit_code_is_known(
    launch: Launch, project: Path, start: str, state: str, message: str
) -> None:
    """Also below a shell that ignores it."""
    (project / "child.py").write_text("import sys\nopen('a.csv').read()\nsys.exit(3)")
    launch(UNCAPTURED + start)
    assert ending(project, "child") == (state, message)
    assert ending(project, "job") == ("COMPLETE", None)


@pytest.mark.parametrize(
    ("code", "state", "message"),
    [
        ("raise SystemExit(7)", "FAIL", "exit code 7"),
        ("import os; os.kill(os.getpid(), 9)", "FAIL", "ended by SIGKILL"),
        ("import os; os.kill(os.getpid(), 15)", "ABORT", "ended by SIGTERM"),
    ],
)
def test_who_waits_for_a_child_knows_how_it_ended(
    launch: Launch, project: Path, code: str, state: str, message: str
) -> None:
    """What a program cannot know of itself is said by the one that started it."""
    (project / "child.py").write_text(code)
    launch(UNCAPTURED + "subprocess.run([sys.executable, 'child.py'])")
    assert ending(project, "child") == (state, message)
    said = [one for one in events(project) if one["job"]["name"] == "child"]
    errors = [one for one in said if "errorMessage" in one["run"]["facets"]]
    assert [one["eventType"] for one in errors] == [state]


def test_what_is_sent_to_a_child_and_what_it_answers_is_followed(
    launch: Launch, project: Path
) -> None:
    """By pipes of subprocess: through a shell too, and however they are written and read."""
    (project / "keep.py").write_text("import sys\nopen(sys.argv[1], 'w').write(sys.stdin.read())\n")
    (project / "show.py").write_text("import sys\nprint(open(sys.argv[1]).read())\n")
    launch(
        """
import os, subprocess, sys
text = open("a.csv").read()
subprocess.run([sys.executable, "keep.py", "1.out"], input=text, text=True)
subprocess.run(f"{sys.executable} keep.py 2.out; true", shell=True, input=text, text=True)
child = subprocess.Popen([sys.executable, "keep.py", "3.out"], stdin=subprocess.PIPE, text=True)
child.stdin.write(text); child.stdin.close(); child.wait()
subprocess.run([sys.executable, "keep.py", "4.out"], stdin=subprocess.DEVNULL)
child = subprocess.Popen([sys.executable, "keep.py", "5.out"], stdin=subprocess.PIPE, text=True)
child.stdin.write(open("b.csv").read()); child.stdin.close()
os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended before anybody asks
child.wait()
"""
    )
    copies = {names(one["outputs"])[0]: names(one["inputs"]) for one in ends(project, "keep")}
    assert {name: sorted(inputs) for name, inputs in copies.items()} == {
        "1.out": ["a.csv"],
        "2.out": ["a.csv"],
        "3.out": ["a.csv"],
        "4.out": [],
        "5.out": ["a.csv", "b.csv"],
    }
    launch(
        """
import asyncio, subprocess, sys
show = [sys.executable, "show.py"]
subprocess.run([*show, "a.csv"], stdout=subprocess.DEVNULL)
with open("out", "w") as file: file.write(subprocess.check_output([*show, "b.csv"], text=True))
"""
    )
    assert names(last(project, "job")["inputs"]) == ["b.csv"]
    launch(
        """
import asyncio, sys
async def main():
    child = await asyncio.create_subprocess_shell(
        f"{sys.executable} show.py a.csv | sort", stdout=asyncio.subprocess.PIPE
    )
    open("out", "wb").write((await child.communicate())[0])
asyncio.run(main())
"""
    )
    assert names(last(project, "job")["inputs"]) == ["a.csv"]


def test_what_a_forked_child_read_may_be_in_what_its_parent_makes(
    launch: Launch, project: Path
) -> None:
    """Who waited for it may have taken its results, by whatever way."""
    launch(
        """
import os
text = open("a.csv").read()
source, target = os.pipe()
child = os.fork()
if not child:
    os.write(target, open("b.csv").read().encode())
    os._exit(0)
os.waitpid(child, 0)
open("out", "w").write(text + os.read(source, 100).decode())
"""
    )
    (parent,) = [one for one in ends(project, "job") if names(one["outputs"]) == ["out"]]
    assert sorted(names(parent["inputs"])) == ["a.csv", "b.csv"]


def test_more_reads_than_a_forked_child_tells_are_a_gap(launch: Launch, project: Path) -> None:
    """Nothing is left out in silence."""
    launch(
        """
import os
open("a.csv").read()
child = os.fork()
if not child:
    for number in range(1000):
        open(str(number), "w").close()
        open(str(number)).close()
    os._exit(0)
os.waitpid(child, 0)
"""
    )
    said = "1,001 datasets were read: who takes what came of them is not told which (limit: 1,000)"
    assert [said] in [capture(end)["gaps"] for end in ends(project, "job")]


def test_a_forked_child_has_read_what_was_read_before(launch: Launch, project: Path) -> None:
    """Its memory is that of its parent; what the parent reads later is not in it."""
    launch(
        """
import os
text = open("a.csv").read()
child = os.fork()
if not child:
    open("child.out", "w").write(text)
    os._exit(0)
open("b.csv").read()
os.waitpid(child, 0)
"""
    )
    (child,) = [one for one in ends(project, "job") if names(one["outputs"]) == ["child.out"]]
    assert names(child["inputs"]) == ["a.csv"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("raise SystemExit(3)", ("FAIL", "exit code 3")),
        ("raise SystemExit(300)", ("FAIL", "exit code 44")),
        ("raise SystemExit", ("COMPLETE", None)),
        ("open('a.csv').read()", ("COMPLETE", None)),
        ("raise SystemExit('why')", ("FAIL", "exit code 1")),
    ],
)
def test_a_program_below_a_shell_tells_how_it_exits(
    launch: Launch, project: Path, code: str, state: tuple[str, str | None]
) -> None:
    """Nobody who is captured waits for it: libc says it, after Python has gone."""
    (project / "child.py").write_text(f"open('b.csv').read()\n{code}\n")
    launch("import os, sys; os.system(f'{sys.executable} child.py 2>&1; true')")
    assert ending(project, "child") == state
    assert {one.suffix for one in (project / ".headwater" / "spool").iterdir()} == {".spool"}


def test_a_command_within_a_command_sees_to_its_own(launch: Launch, project: Path) -> None:
    """`headwater run` in a program that is captured leaves no gap in it."""
    launch(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'headwater', 'run', sys.executable, 'child.py'])"
    )
    assert names(last(project, "child")["inputs"]) == ["a.csv"]
    assert [
        gap
        for one in events(project)
        for gap in one["run"]["facets"].get("headwater_capture", {}).get("gaps", ())
    ] == []


def test_a_program_that_becomes_another_has_done_its_part(launch: Launch, project: Path) -> None:
    """`os.exec` ends a run well, with all that it wrote; the next is a run within it."""
    launch(
        UNCAPTURED + 'open("o.txt", "w").write("1")\n'
        'os.execv(sys.executable, [sys.executable, "child.py"])\n'
    )
    end = last(project, "job")
    assert (end["eventType"], names(end["outputs"])) == ("COMPLETE", ["o.txt"])
    assert "value" in end["outputs"][0]["facets"]["headwater_digest"]
    child = last(project, "child")
    assert child["run"]["facets"]["parent"]["run"]["runId"] == end["run"]["runId"]


def test_a_program_that_becomes_another_says_that_others_worked_for_it(
    launch: Launch, project: Path
) -> None:
    """What these read is not known in it: nothing exact is said of what it wrote."""
    launch(
        'import os, sys\nopen("a.csv").read(); open("o.txt", "w").write("1")\n'
        "pid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitpid(pid, 0)\n"
        'os.execv("/bin/true", ["true"])\n'
    )
    end = last(project, "job")
    assert end["eventType"] == "COMPLETE"
    assert end["run"]["facets"]["headwater_capture"]["exact"] is False


def test_a_program_that_cannot_become_another_goes_on(launch: Launch, project: Path) -> None:
    """An `os.exec` that fails ends nothing."""
    launch(
        "import os\n"
        'try:\n    os.execvp("no-such-program", ["x"])\nexcept OSError:\n    pass\n'
        'open("a.csv").read()\n1 / 0\n'
    )
    assert ending(project, "job")[0] == "FAIL"


def test_a_forked_child_that_leaves_at_once_has_said_what_it_did(
    launch: Launch, project: Path
) -> None:
    """It is a run within the one that forked it, which ends well, with the content of its files."""
    launch(
        "import os\n"
        "pid = os.fork()\n"
        "if not pid:\n"
        '    open("o.txt", "w").write("1")\n'
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    )
    (end,) = [one for one in events(project) if one["outputs"]]
    assert (end["eventType"], names(end["outputs"])) == ("COMPLETE", ["o.txt"])
    assert "value" in end["outputs"][0]["facets"]["headwater_digest"]
    assert end["run"]["facets"]["parent"]["job"]["name"] == "job"


def test_the_roll_is_taken_away(launch: Launch, project: Path) -> None:
    """Nothing is left of a command that has ended but what it recorded."""
    launch(UNCAPTURED + 'subprocess.run([sys.executable, "child.py"])')
    assert list((project / ".headwater" / "spool").glob("*.roll")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cp a b", ["cp"]),
        ("a=1 cp a b; sort x|uniq>y", ["cp", "sort", "uniq"]),
        ("cd x && ./run.sh 'a; b' 2>&1", ["./run.sh"]),
        ("if test -f a; then awk '{print; exit}' a; fi", ["awk"]),
        ("for x in a b; do gzip $x; done", ["gzip"]),
        ("echo $(cat a) > b", ["cat"]),
        ("! grep -q x a || exec cat 'b", ["grep", "cat"]),
        ("time -p sort a", ["sort"]),
        ("X=1 nohup nice -n 5 sort a", ["nohup", "nice", "sort"]),
        ("timeout 5 sort python", ["timeout", "sort"]),
        ("", []),
    ],
)
def test_a_shell_s_text_names_its_programs(text: str, found: list[str]) -> None:
    """As far as that is easy: words of the shell itself, settings and redirections are none."""
    assert [one[0] for one in commands("/bin/sh", ["sh", "-c", text])] == found


def test_a_fork_waits_for_what_of_ours_a_thread_imports(
    script: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """A child could never import it otherwise: its parent's thread has the lock, and is not there.

    Threads of a kernel observe statements of their own while a cell forks.
    """
    done = script(
        """
import importlib.abc, os, signal, sys, threading, time
import headwater.capture.runtime
NAME = "headwater.capture.sql_texts"
sys.modules.pop(NAME, None)
inside = threading.Event()
class Slow(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == NAME and threading.current_thread() is not threading.main_thread():
            inside.set()
            time.sleep(0.5)
sys.meta_path.insert(0, Slow())
threading.Thread(target=lambda: __import__(NAME)).start()
inside.wait()
child = os.fork()
if not child:
    signal.alarm(5)
    __import__(NAME)
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""
    )
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr


HERE = '{"here": 7, "above": [4, 1], "run": null}'
STARTED = '{"started": 7, "from": 4, "name": "python", "why": null, "others": []}'


@pytest.mark.parametrize(
    ("lines", "captured"),
    [
        ([STARTED, HERE], True),
        ([HERE, STARTED], True),
        ([STARTED], False),
        ([HERE, '{"told": 7}', STARTED], False),
        ([HERE, '{"done": 7, "state": "COMPLETE", "reads": [], "into": []}', STARTED], False),
        ([HERE, STARTED.replace('"from": 4', '"from": 5')], False),
        ([STARTED, HERE, STARTED.replace('"from": 4', '"from": 7')], False),
    ],
    ids=["after", "before", "never", "told", "done", "of-another", "became-another"],
)
def test_who_is_captured_by_the_order_of_what_is_said(
    tmp_path: Path, lines: list[str], captured: bool
) -> None:
    """A child may report before its start is noted; who had its pid before does not count."""
    path = tmp_path / "a.roll"
    path.write_text("".join(f"{line}\n" for line in lines))
    on = Roll(str(path))
    on.look()
    assert on.is_captured(7, on.started[7][2]) is captured
