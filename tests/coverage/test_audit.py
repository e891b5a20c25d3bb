"""`headwater run --audit`: real programs, what the system saw of them, and what was missed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.capture.conftest import environment

pytestmark = [
    pytest.mark.slow,  # each test runs programs
    pytest.mark.skipif(
        shutil.which("strace") is None and os.environ.get("HEADWATER_STRACE") != "required",
        reason="strace is not installed",
    ),
]


def run(
    project: Path, *words: str, before: tuple[str, ...] = ("--audit",), **more: str
) -> subprocess.CompletedProcess[str]:
    """Audit a command in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "headwater", "run", *before, "--", *words],
        cwd=project,
        env=environment(project.parent, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def audit(project: Path, *words: str, **more: str) -> dict[str, Any]:
    """The document of an audit."""
    report = project.parent / "report.json"
    done = run(project, *words, before=("--report", str(report)), **more)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(report.read_text()))


def rows(document: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What was seen: role, file, and whether it was captured."""
    return sorted(
        (one["role"], Path(one["path"]).name, one["captured"]) for one in document["files"]
    )


def python(project: Path, code: str, name: str = "job.py") -> tuple[str, str]:
    """Words that run a script."""
    (project / name).write_text(code)
    return sys.executable, name


def test_what_python_and_pandas_do_is_captured_whole(project: Path) -> None:
    """CSV through Python and parquet through Arrow: every read and write is covered."""
    words = python(
        project,
        "import pandas\n"
        "frame = pandas.read_csv('a.csv')\n"
        "frame.to_parquet('a.parquet')\n"
        "pandas.read_parquet('a.parquet').to_csv('again.csv')\n",
    )
    document = audit(project, *words)
    assert rows(document) == [
        ("read", "a.csv", True),
        ("write", "a.parquet", True),
        ("write", "again.csv", True),
    ]
    assert (document["percent"], document["processes"]["captured"]) == (100.0, 1)


def test_a_copy_made_by_a_shell_is_a_gap_by_name(project: Path) -> None:
    """A program that is no Python is named, with the file that it read and the one it wrote."""
    words = python(project, "open('c.csv', 'w').write(open('b.csv').read())")
    document = audit(project, "bash", "-c", f"cp a.csv b.csv && {words[0]} {words[1]}")
    assert rows(document) == [
        ("read", "a.csv", False),
        ("read", "b.csv", True),
        ("write", "b.csv", False),
        ("write", "c.csv", True),
    ]
    assert (document["percent"], document["reads"]) == (50.0, {"seen": 2, "captured": 1})
    missed = [one for one in document["files"] if not one["captured"]]
    assert {one["process"] for one in missed} == {"cp a.csv"}
    assert {one["why"] for one in missed} == {"no Python process that capture reaches"}


def test_a_child_that_capture_cannot_reach_is_a_gap(project: Path) -> None:
    """`python -S` reads no .pth file: what it reads is missed, and said to be."""
    words = python(
        project,
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-S', '-c', \"open('b.csv').read()\"], check=True)\n"
        "open('a.csv').read()\n",
    )
    document = audit(project, *words)
    assert rows(document) == [("read", "a.csv", True), ("read", "b.csv", False)]
    assert document["processes"] == {"started": 2, "seen": 2, "captured": 1}


def test_an_atomic_replace_is_one_write_of_the_last_name(project: Path) -> None:
    """Drafts that are moved count by their last names, those that are removed do not count."""
    words = python(
        project,
        "import os\n"
        "open('t', 'w').write('1')\nos.replace('t', 'b.csv')\n"
        "open('scratch', 'w').write('1')\nopen('scratch').read()\nos.remove('scratch')\n",
    )
    assert rows(audit(project, *words)) == [("write", "b.csv", True)]


def test_what_is_moved_by_a_program_unseen_is_missed_under_its_last_name(project: Path) -> None:
    """A file that mv gives another name is in the lineage under the old one only."""
    words = python(project, "open('t', 'w').write('1')")
    document = audit(project, "bash", "-c", f"{words[0]} {words[1]} && mv t final.csv")
    assert rows(document) == [("write", "final.csv", False)]
    assert document["files"][0]["why"].startswith("moved afterwards")


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_journals_belong_to_their_database(project: Path, mode: str) -> None:
    """A database that is written through C is one write; one that is only read, one read."""
    words = python(
        project,
        "import sqlite3, sys\n"
        "made = sqlite3.connect('made.db')\n"
        "made.execute(f'PRAGMA journal_mode={sys.argv[1]}')\n"
        "made.execute('CREATE TABLE t (a)')\n"
        "made.executemany('INSERT INTO t VALUES (?)', [(n,) for n in range(1000)])\n"
        "made.commit()\n"
        "other = sqlite3.connect('there.db')\n"
        "other.execute('SELECT * FROM t').fetchall()\n",
    )
    subprocess.run(
        [sys.executable, "-c", "import sqlite3; sqlite3.connect('there.db').execute("
         "'CREATE TABLE t (a)')"], cwd=project, check=True)  # fmt: skip
    seen = [(role, name) for role, name, _ in rows(audit(project, *words, mode))]
    assert seen == [("read", "there.db"), ("write", "made.db")]


def test_a_file_opened_for_both_and_only_read_is_a_read(project: Path) -> None:
    """What was done counts, not what was allowed; maps of memory count as reads."""
    words = python(
        project,
        "import mmap\n"
        "with open('a.csv', 'r+b') as file:\n"
        "    file.read()\n"
        "with open('b.csv', 'rb') as file:\n"
        "    mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:1]\n",
    )
    document = audit(project, *words)
    assert [(role, name) for role, name, _ in rows(document)] == [
        ("read", "a.csv"),
        ("read", "b.csv"),
    ]


def test_a_connection_to_a_database_is_listed(project: Path) -> None:
    """A socket to where PostgreSQL listens is named, with who opened it."""
    words = python(
        project,
        "import socket\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', 5432), timeout=1)\n"
        "except OSError:\n"
        "    pass\n"
        "held = socket.socket()\nheld.bind(('127.0.0.1', 9092))\nheld.listen()\n"
        "socket.create_connection(('127.0.0.1', 9092))\n",
    )
    found = audit(project, *words)["connections"]
    kinds = {one["kind"]: (one["port"], one["process"], one["captured"]) for one in found}
    assert kinds["kafka"] == (9092, f"{Path(sys.executable).name} job.py", False)


@pytest.mark.parametrize(("code", "exits"), [("exit(7)", 7), ("print('out')", 0)])
def test_the_command_keeps_its_output_and_its_exit(project: Path, code: str, exits: int) -> None:
    """Standard output is the command's alone, and so is the exit code."""
    done = run(project, *python(project, code))
    assert (done.returncode, done.stdout) == (exits, "out\n" if not exits else "")
    assert "headwater: no file of data was read or written" in done.stderr


def test_a_signal_that_ends_the_command_ends_the_audit(project: Path) -> None:
    """What a shell is told of the command, it is told of the audit."""
    done = run(project, *python(project, "import os\nos.kill(os.getpid(), 9)"))
    assert done.returncode == -signal.SIGKILL


def test_termination_is_passed_on(project: Path) -> None:
    """SIGTERM reaches the command, which may end as it likes."""
    words = python(
        project,
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n"
        "print('ready', flush=True)\ntime.sleep(30)\n",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "headwater", "run", "--audit", "--", *words],
        cwd=project,
        env=environment(project.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 5


@pytest.mark.parametrize(("wanted", "exits"), [("50", 0), ("50.1", 1)])
def test_a_share_can_be_asked_for(project: Path, wanted: str, exits: int) -> None:
    """`--fail-under` exits 1 below it; the command's own failure goes before."""
    code = "import os\nos.system('cat a.csv > /dev/null')\nopen('b.csv').read()"
    words = python(project, code)
    assert run(project, *words, before=("--fail-under", wanted)).returncode == exits
    failing = python(project, f"{code}\nexit(9)")
    assert run(project, *failing, before=("--fail-under", wanted)).returncode == 9


def test_the_report_names_every_gap(project: Path) -> None:
    """In words: the counts, then role, file, process and reason."""
    done = run(project, "cat", "a.csv")
    assert done.stdout == "x\n1\n"
    first, *_, last = done.stderr.splitlines()
    assert first == "headwater: 0 % of reads and writes were captured"
    assert last.split()[:5] == ["read", "a.csv", "by", "cat", "a.csv"]
    assert last.endswith("no Python process that capture reaches")


def test_json_goes_where_the_words_would(project: Path) -> None:
    """Under `--json` standard error is one document."""
    done = run(project, "cat", "a.csv", before=("--audit", "--json"))
    document = json.loads(done.stderr)
    assert (document["ask"], document["command"], document["exit_code"]) == (
        "audit",
        ["cat", "a.csv"],
        0,
    )


@pytest.mark.parametrize(("word", "exits"), [("nosuchprogram", 127), ("./a.csv", 126)])
def test_a_command_that_cannot_be_started_says_so(project: Path, word: str, exits: int) -> None:
    """As without an audit."""
    done = run(project, word)
    assert done.returncode == exits
    assert done.stderr.startswith(f"headwater: {word}: ")


def test_without_strace_it_says_how_to_get_it(project: Path, tmp_path: Path) -> None:
    """Nothing is run."""
    folder = tmp_path / "bin"
    folder.mkdir()
    done = run(project, *python(project, "open('ran', 'w')"), PATH=str(folder))
    assert (done.returncode, (project / "ran").exists()) == (2, False)
    assert "needs strace" in done.stderr
    assert "apt-get install strace" in done.stderr


def test_what_was_recorded_is_kept(project: Path) -> None:
    """An audit reads the spool and takes nothing out of it."""
    from tests.capture.conftest import last, names

    run(project, *python(project, "open('c.csv', 'w').write(open('a.csv').read())"))
    end = last(project, "job")
    assert (names(end["inputs"]), names(end["outputs"])) == (["a.csv"], ["c.csv"])
