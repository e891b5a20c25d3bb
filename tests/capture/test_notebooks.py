"""`%load_ext headwater`: cells of shells and kernels that know nothing of Headwater before."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.capture.conftest import Script, environment, events, names

pytestmark = pytest.mark.slow  # each test runs a notebook

Cells = Callable[..., "subprocess.CompletedProcess[str]"]

SHELL = """\
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
for name, source in json.loads(sys.argv[1]):
    shell.run_cell(source, store_history=True, cell_id=name)
"""
LOAD = ("load", "%load_ext headwater")


@pytest.fixture
def cells(script: Script) -> Cells:
    """Execute cells, `(id, source)` each, one after the other in one shell."""

    def run(*given: tuple[str, str], **more: str) -> subprocess.CompletedProcess[str]:
        said = json.dumps([(name, textwrap.dedent(source)) for name, source in given])
        return script(SHELL, said, name="shell.py", **more)

    return run


def executed(project: Path, cell: str) -> list[dict[str, Any]]:
    """The last event of each execution of a cell, in order."""
    ends: dict[str, dict[str, Any]] = {}
    for one in events(project):
        if one["job"]["name"].rpartition(".")[2] == cell:
            ends[one["run"]["runId"]] = one
    return list(ends.values())


def came_from(event: dict[str, Any]) -> dict[str, list[str] | None]:
    """What each output of an event came from, None where that is not stated."""
    return {
        names([one])[0]: names(one["facets"]["lineage"]["inputs"])
        if "lineage" in one["facets"]
        else None
        for one in event["outputs"]
    }


def digests(datasets: list[dict[str, Any]]) -> dict[str, str | None]:
    """The content of each dataset, by the last part of its name."""
    return {
        names([one])[0]: one["facets"].get("headwater_digest", {}).get("value") for one in datasets
    }


def sha256(text: str) -> str:
    """The digest of a file with this text."""
    return hashlib.sha256(text.encode()).hexdigest()


def test_names_bound_before_capture_began_are_observed(cells: Cells, project: Path) -> None:
    """Functions that were imported by name, written in Python or C, are recorded all the same."""
    cells(
        ("1", "from pandas import read_csv, concat\nfrom pickle import dump\nimport pandas as pd"),
        LOAD,
        ("2", "frame = read_csv('a.csv')"),
        ("3", "concat([frame, frame]).to_csv('out.csv', index=False)"),
        ("4", "dump(frame, open('frame.pkl', 'wb'))"),
    )
    assert names(executed(project, "2")[0]["inputs"]) == ["a.csv"]
    assert came_from(executed(project, "3")[0]) == {"out.csv": ["a.csv"]}
    assert came_from(executed(project, "4")[0]) == {"frame.pkl": ["a.csv"]}


def test_columns_are_followed_from_cell_to_cell(cells: Cells, project: Path) -> None:
    """A column that one cell made of another one's is known when a third writes it."""
    cells(
        ("1", "import pandas as pd"),
        LOAD,
        ("2", "frame = pd.read_csv('a.csv')"),
        ("3", "frame['double'] = frame.x * 2"),
        ("4", "frame[['double']].to_csv('out.csv', index=False)"),
    )
    (output,) = executed(project, "4")[0]["outputs"]
    fields = output["facets"]["columnLineage"]["fields"]
    assert [one["field"] for one in fields["double"]["inputFields"]] == ["x"]


BEFORE = {
    "a frame": "frame = pd.read_csv('b.csv')",
    "what was shown": "pd.read_csv('b.csv')",
    "a module of the user's": "open('held.py', 'w').write('import pandas\\n"
    "frame = pandas.read_csv(\\'b.csv\\')')\nfrom importlib import import_module\n"
    "sys.path.append('')\nimport_module('held') and None",
    "the cell that loads it": "",
}


@pytest.mark.parametrize("before", BEFORE)
def test_nothing_is_exact_of_what_may_have_been_made_before(
    cells: Cells, project: Path, before: str
) -> None:
    """An object of unknown origin that is written did not come from what was read since alone."""
    load = ("load", "frame = pd.read_csv('b.csv')\n%load_ext headwater")
    cells(
        ("1", "import sys\nimport pandas as pd\nimport pickle"),
        ("2", BEFORE[before]),
        LOAD if BEFORE[before] else load,
        ("3", "read = open('a.csv').read()\nopen('out', 'w').write(str(sys.modules))"),
        ("4", "pd.read_csv('a.csv').to_csv('known.csv')"),
    )
    assert is_doubtful(executed(project, "3")[0])
    assert came_from(executed(project, "4")[0]) == {"known.csv": ["a.csv"]}


def test_imports_before_capture_leave_nothing_in_doubt(cells: Cells, project: Path) -> None:
    """Modules, functions, classes, numbers and texts hold no data that was read."""
    cells(
        ("1", "import sys\nfrom pathlib import Path\nfrom math import pi\nname = 'a.csv'"),
        LOAD,
        ("2", "open('out', 'w').write(open(name).read())"),
    )
    assert not is_doubtful(executed(project, "2")[0])


def is_doubtful(event: dict[str, Any]) -> bool:
    """Whether a run says that nothing is exact of which it is not stated."""
    return event["run"]["facets"]["headwater_capture"].get("exact") is False


def test_each_execution_of_a_cell_is_a_run(cells: Cells, project: Path) -> None:
    """Executed twice it is two runs of one job within the notebook's; without I/O it is none."""
    write = ("write", "open('out.txt', 'w').write(open('a.csv').read())")
    cells(LOAD, write, ("idle", "1 + 1"), write)
    first, second = executed(project, "write")
    assert first["run"]["runId"] != second["run"]["runId"]
    assert [one["run"]["facets"]["headwater_cell"]["execution"] for one in (first, second)] == [
        2,
        4,
    ]
    assert first["run"]["facets"]["headwater_cell"]["id"] == "write"
    assert first["run"]["facets"]["headwater_cell"]["sourceDigest"] == f"sha256:{sha256(write[1])}"
    parents = {one["run"]["facets"]["parent"]["job"]["name"] for one in (first, second)}
    assert parents == {"shell"}
    assert {one["job"]["name"] for one in events(project)} == {"shell", "shell.write"}


def test_lineage_follows_objects_out_of_order(cells: Cells, project: Path) -> None:
    """A file that was overwritten since, by a cell further down, is meant as it was read."""
    load = ("load-data", "array = np.loadtxt('a.csv', skiprows=1, ndmin=1)")
    save = ("save", "np.savetxt('out.csv', array, fmt='%d')")
    spoil = ("spoil", "open('a.csv', 'w').write('x\\n7\\n')")
    cells(("1", "import numpy as np"), LOAD, load, spoil, save, load, save)
    first, second = executed(project, "save")
    assert came_from(first) == came_from(second) == {"out.csv": ["a.csv"]}
    assert digests(first["inputs"]) == {"a.csv": sha256("x\n1\n")}
    assert digests(second["inputs"]) == {"a.csv": sha256("x\n7\n")}
    assert digests(first["outputs"]) == {"out.csv": sha256("1\n")}
    assert digests(second["outputs"]) == {"out.csv": sha256("7\n")}


def test_two_objects_of_one_file_in_two_states_are_told_apart(cells: Cells, project: Path) -> None:
    """Each object came from the state in which its file was when that object was read."""
    cells(
        ("1", "import numpy as np"),
        LOAD,
        ("2", "old = np.loadtxt('a.csv', skiprows=1, ndmin=1)"),
        ("3", "open('a.csv', 'w').write('x\\n7\\n')"),
        ("4", "new = np.loadtxt('a.csv', skiprows=1, ndmin=1)"),
        ("5", "np.savetxt('old.csv', old)"),
        ("6", "np.savetxt('new.csv', new)"),
        ("7", "np.savetxt('both.csv', np.hstack([old, new]))"),
    )
    assert digests(executed(project, "5")[0]["inputs"]) == {"a.csv": sha256("x\n1\n")}
    assert digests(executed(project, "6")[0]["inputs"]) == {"a.csv": sha256("x\n7\n")}
    both = executed(project, "7")[0]
    assert len(both["run"]["facets"]["headwater_capture"]["gaps"]) == 1
    assert came_from(both) == {"both.csv": ["a.csv"]}


def test_what_is_of_unknown_origin_came_from_all_that_was_read(cells: Cells, project: Path) -> None:
    """A text that one cell read and another writes may come from any file that was read so far."""
    cells(
        LOAD,
        ("nothing", "open('zero.txt', 'w').write('0')"),
        ("a", "a = open('a.csv').read()"),
        ("write", "open('out.txt', 'w').write(a)"),
        ("b", "b = open('b.csv').read()"),
    )
    assert names(executed(project, "nothing")[0]["inputs"]) == []
    assert names(executed(project, "write")[0]["inputs"]) == ["a.csv"]


def test_a_cell_that_fails_fails_alone(cells: Cells, project: Path) -> None:
    """An exception is FAIL with its last line, an interrupt ABORT; the notebook goes on."""
    done = cells(
        LOAD,
        ("fail", "text = open('a.csv').read()\n1 / 0"),
        ("stop", "open('a.csv').read()\nraise KeyboardInterrupt"),
        ("go-on", "open('out.txt', 'w').write(text)"),
    )
    said = done.stdout + done.stderr
    assert not any(ours in said for ours in ("headwater: ", "headwater/capture", "<headwater"))
    (failed,), (stopped,), (on,) = (executed(project, one) for one in ("fail", "stop", "go-on"))
    assert (failed["eventType"], stopped["eventType"], on["eventType"]) == (
        "FAIL",
        "ABORT",
        "COMPLETE",
    )
    error = failed["run"]["facets"]["errorMessage"]["message"]
    assert error == "ZeroDivisionError: division by zero"


def test_a_traceback_is_as_without_capture(cells: Cells) -> None:
    """What IPython shows of an exception in an observed function has no line of ours."""
    before = ("1", "from pandas import read_csv")
    failing = ("2", "read_csv('nowhere.csv')")
    plain = cells(before, ("load", "pass"), failing)
    assert plain.stdout == cells(before, LOAD, failing).stdout
    assert "No such file" in plain.stdout


def test_functions_stay_what_they_are(cells: Cells) -> None:
    """Signature, identity, help, pickles and warnings' lines are those of the library."""
    look = """
        import inspect, pickle, pydoc
        print(inspect.signature(read_csv), read_csv is pandas.read_csv, merge is pandas.merge)
        print(hash(pydoc.render_doc(read_csv)), pickle.dumps((read_csv, merge)).hex())
        print(inspect.getsource(read_csv)[:400], merge)
        """
    before = ("1", "import pandas\nfrom pandas import read_csv, merge")
    plain = cells(before, ("2", look), PYTHONHASHSEED="0")
    captured = cells(before, LOAD, ("2", look), PYTHONHASHSEED="0")
    addresses = re.compile("0x[0-9a-f]+")
    assert addresses.sub("", plain.stdout) == addresses.sub("", captured.stdout)
    assert "True True" in plain.stdout


def test_capture_ends_when_it_is_unloaded(cells: Cells, project: Path) -> None:
    """Nothing is recorded after %unload_ext, functions have their code again; it can begin anew."""
    done = cells(
        (
            "1",
            "from pandas import read_csv; code = read_csv.__code__\n"
            "from pickle import dump; import os",
        ),
        LOAD,
        ("2", "read_csv('a.csv')"),
        ("3", "%unload_ext headwater"),
        ("4", "read_csv('b.csv')\ndump(1, open('one', 'wb'))\nopen('two', 'w').write('2')"),
        (
            "5",
            "print(read_csv.__code__ is code, 'HEADWATER_RUN' in os.environ, type(dump).__name__)",
        ),
        LOAD,
        ("6", "read_csv('b.csv').to_csv('three')"),
    )
    assert done.stdout.splitlines()[-1] == "True False builtin_function_or_method" or (
        "True False builtin_function_or_method" in done.stdout
    )
    assert executed(project, "4") == []
    assert came_from(executed(project, "6")[0]) == {"three": ["b.csv"]}
    sessions = {one["run"]["runId"] for one in events(project) if one["job"]["name"] == "shell"}
    assert len(sessions) == 2


def test_magics_and_commands_are_part_of_their_cell(cells: Cells, project: Path) -> None:
    """`%run` and `%%writefile` count for the cell, a Python process is a run within it."""
    (project / "inner.py").write_text(
        "text = open('a.csv').read()\nopen('run.txt', 'w').write(text)"
    )
    cells(
        LOAD,
        ("run", "%run inner.py"),
        ("file", "%%writefile note.txt\nhello\n"),
        ("command", f"!{sys.executable} inner.py"),
    )
    assert names(executed(project, "run")[0]["outputs"]) == ["run.txt"]
    assert names(executed(project, "file")[0]["outputs"]) == ["note.txt"]
    inner = [one for one in events(project) if one["job"]["name"] == "inner"][-1]
    assert names(inner["outputs"]) == ["run.txt"]
    assert inner["run"]["facets"]["parent"]["job"]["name"] == "shell.command"


def test_explicit_runs_stand_within_cells(cells: Cells, project: Path) -> None:
    """`headwater.run` in a cell is part of it, also when another cell leaves it."""
    cells(
        LOAD,
        ("0", "import headwater, numpy as np"),
        ("1", "array = np.loadtxt('a.csv', skiprows=1, ndmin=1)"),
        ("2", "with headwater.run('train'):\n    np.savetxt('out.csv', array)"),
        ("3", "run = headwater.run('long').__enter__()"),
        ("4", "run.write('b.csv')\nrun.__exit__(None, None, None)"),
    )
    ends = {one["job"]["name"]: one for one in events(project)}
    assert came_from(ends["train"]) == {"out.csv": ["a.csv"]}
    assert digests(ends["train"]["inputs"]) == {"a.csv": sha256("x\n1\n")}
    assert ends["train"]["run"]["facets"]["parent"]["job"]["name"] == "shell.2"
    assert ends["long"]["eventType"] == "COMPLETE"


def test_threads_and_workers_count_for_the_cell_that_started_them(
    cells: Cells, project: Path
) -> None:
    """They read for it; what they write of unknown origin is of all that the notebook has read."""
    cells(
        LOAD,
        (
            "thread",
            """
            import threading, time
            def later():
                time.sleep(0.1)
                open('thread.txt', 'w').write(open('a.csv').read())
            thread = threading.Thread(target=later)
            thread.start()
            thread.join()
            """,
        ),
        (
            "fork",
            """
            import multiprocessing
            def work(n):
                open(f'fork{n}.txt', 'w').write(open('b.csv').read())
            with multiprocessing.get_context('fork').Pool(2) as pool:
                pool.map(work, range(2))
            """,
        ),
    )
    assert names(executed(project, "thread")[0]["outputs"]) == ["thread.txt"]
    said = [one for one in events(project) if one["job"]["name"] == "shell.fork"]
    assert {name for one in said for name in names(one["outputs"])} == {"fork0.txt", "fork1.txt"}
    assert {name for one in said for name in names(one["inputs"])} == {"a.csv", "b.csv"}


def test_a_process_that_a_cell_forks_has_read_what_the_notebook_had(
    cells: Cells, project: Path
) -> None:
    """What it writes is of unknown origin: of anything that was read until then."""
    cells(
        LOAD,
        ("read", "text = open('a.csv').read()"),
        (
            "fork",
            """
            import os
            child = os.fork()
            if not child:
                open('forked.txt', 'w').write(text)
                os._exit(0)
            _ = os.waitpid(child, 0)
            """,
        ),
    )
    said = [one for one in events(project) if one["job"]["name"] == "shell.fork"]
    assert {name for one in said for name in names(one["outputs"])} == {"forked.txt"}
    assert {name for one in said for name in names(one["inputs"])} == {"a.csv"}


def test_what_may_have_come_from_several_files_is_not_exact(cells: Cells, project: Path) -> None:
    """Of unknown origin it is of all that was read; of a single file it is that."""
    cells(
        LOAD,
        ("a", "a = open('a.csv').read()"),
        ("one", "open('one.txt', 'w').write(a)"),
        ("b", "b = open('b.csv').read()"),
        ("two", "open('two.txt', 'w').write(b)"),
        (
            "known",
            "import numpy as np\nnp.savetxt('k.txt', np.loadtxt('a.csv', skiprows=1, ndmin=1))",
        ),
    )
    capture = {
        name: executed(project, name)[-1]["run"]["facets"]["headwater_capture"].get("exact")
        for name in ("one", "two", "known")
    }
    assert capture == {"one": None, "two": False, "known": None}


def test_a_living_notebook_can_be_asked_about(cells: Cells, project: Path) -> None:
    """What a cell did can be traced from another cell, while the kernel goes on."""
    ask = """
        import json, subprocess, sys
        words = [sys.executable, '-m', 'headwater', 'trace', 'out.csv', '--json']
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        nodes = json.loads(done.stdout)['nodes']
        print([n['artifact']['name'].rpartition('/')[2] for n in nodes if n['kind'] == 'version'])
        """
    done = cells(
        LOAD,
        (
            "1",
            "import numpy as np\nnp.savetxt('out.csv', np.loadtxt('a.csv', skiprows=1, ndmin=1))",
        ),
        ("2", ask),
    )
    assert "['a.csv', 'out.csv']" in done.stdout or "['out.csv', 'a.csv']" in done.stdout


def test_what_a_failed_cell_wrote_is_there(cells: Cells, project: Path) -> None:
    """Another cell that reads it reads what the failed one wrote, and so on down to its sources."""
    ask = """
        import json, subprocess, sys
        words = [sys.executable, '-m', 'headwater', 'trace', 'out.csv', '--json']
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        nodes = [n for n in json.loads(done.stdout)['nodes'] if n['kind'] == 'version']
        print(sorted(n['artifact']['name'].rpartition('/')[2] for n in nodes))
        """
    done = cells(
        ("1", "import numpy as np"),
        LOAD,
        ("2", "np.savetxt('m.csv', np.loadtxt('a.csv', skiprows=1, ndmin=1))\n1 / 0"),
        ("3", "np.savetxt('out.csv', np.loadtxt('m.csv', ndmin=1))"),
        ("4", ask),
    )
    assert "['a.csv', 'm.csv', 'out.csv']" in done.stdout


def test_a_notebook_that_is_executed_by_a_command_is_captured(
    tmp_path: Path, project: Path
) -> None:
    """Under `headwater run` a kernel is captured from its start, and nothing has to be loaded."""
    sources = ["import pandas as pd\nframe = pd.read_csv('a.csv')", "frame.to_csv('out.csv')"]
    made = {
        "cells": [
            {"cell_type": "code", "execution_count": None, "id": f"cell-{place}", "metadata": {},
             "outputs": [], "source": source}
            for place, source in enumerate(sources)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    (project / "book.ipynb").write_text(json.dumps(made))
    (project / "execute.py").write_text(
        "import nbformat, nbclient\n"
        "book = nbformat.read('book.ipynb', 4)\n"
        "nbclient.NotebookClient(book, kernel_name='python3', timeout=60).execute()\n"
    )
    subprocess.run(
        [sys.executable, "-m", "headwater", "run", "--", sys.executable, "execute.py"],
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        check=True,
        timeout=120,
    )
    digest = sha256("frame.to_csv('out.csv')")[:8]
    (end,) = executed(project, digest)
    assert (end["job"]["name"], came_from(end)) == (f"notebook.{digest}", {"out.csv": ["a.csv"]})
    assert names(end["inputs"]) == ["a.csv"]


def test_a_kernel_is_interrupted_and_killed(tmp_path: Path, project: Path) -> None:
    """In a real kernel, an interrupted cell is ABORT, and so is one whose kernel is killed."""
    (project / "drive.py").write_text(
        textwrap.dedent("""
            import time
            from jupyter_client.manager import start_new_kernel
            manager, client = start_new_kernel(kernel_name='python3')
            def run(code):
                done = {'status': 'aborted'}  # as what comes while an interrupt is dealt with
                while done['status'] == 'aborted':
                    done = client.execute_interactive(
                        code, timeout=30, output_hook=lambda _: None)['content']
            run('%load_ext headwater')
            client.execute('open("a.csv").read()\\nimport time\\nprint(1)\\ntime.sleep(60)')
            while client.get_iopub_msg(timeout=30)['msg_type'] != 'stream':
                pass
            manager.interrupt_kernel()
            client.get_shell_msg(timeout=30)
            run('open("out.txt", "w").write(open("b.csv").read())')
            manager.shutdown_kernel(now=True)
        """)
    )
    subprocess.run(
        [sys.executable, "drive.py"],
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        check=True,
        timeout=120,
    )
    ends: dict[str, dict[str, Any]] = {}
    for one in events(project):
        ends[one["run"]["runId"]] = one
    states = {
        tuple(names(one["outputs"] or one["inputs"])): one["eventType"] for one in ends.values()
    }  # the file by which the kernel is found is none of them
    assert states == {("a.csv",): "ABORT", ("out.txt",): "COMPLETE", (): "ABORT"}
