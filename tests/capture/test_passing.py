"""Files on the way: between processes, temporary ones, and ones that are called otherwise later."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.capture.conftest import Launch, came_from, environment, events, last, names

pytestmark = pytest.mark.slow  # each test runs programs


def headwater(tmp_path: Path, project: Path, *words: str) -> str:
    """What a command of Headwater's prints."""
    return subprocess.run(
        [sys.executable, "-m", "headwater", *words],
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout


STARTS = {
    "subprocess": "subprocess.run([sys.executable, 'second.py'], check=True)",
    "system": "os.system(f'{sys.executable} second.py')",
    "spawn": "os.waitpid(os.posix_spawn(sys.executable, [sys.executable, 'second.py'],"
    " os.environ), 0)",
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("removed", [False, True])
def test_a_program_reads_what_the_one_that_started_it_wrote(
    launch: Launch, tmp_path: Path, project: Path, start: str, removed: bool
) -> None:
    """It is the version that the file was then, although its writer goes on, and removes it."""
    (project / "second.py").write_text("open('c.csv', 'w').write(open('b2.csv').read() + '3')")
    launch(
        f"""
        import os, shutil, subprocess, sys
        open("b2.csv", "w").write(open("a.csv").read() * 30)
        {STARTS[start]}
        {"os.remove('b2.csv')" if removed else ""}
        """
    )
    headwater(tmp_path, project, "ship")
    traced = headwater(tmp_path, project, "trace", "c.csv")
    assert [line.split("file  ")[1].split("  ")[:2] for line in traced.splitlines()[:3]] == [
        ["c.csv", "v1"],
        ["b2.csv", traced.split("b2.csv  ")[1].split("  ")[0]],
        ["a.csv", "outside"],
    ]


def test_a_run_within_reads_what_the_one_around_it_wrote(
    launch: Launch, tmp_path: Path, project: Path
) -> None:
    """A run that is entered may read what was written before it."""
    launch(
        """
        import headwater
        open("b2.csv", "w").write(open("a.csv").read() * 30)
        with headwater.run("inner"):
            open("c.csv", "w").write(open("b2.csv").read())
        """
    )
    headwater(tmp_path, project, "ship")
    assert "a.csv" in headwater(tmp_path, project, "trace", "c.csv")


MORE = "connection.execute('DELETE FROM t')"


@pytest.mark.parametrize("more", [False, True])
def test_a_program_reads_the_tables_that_the_one_that_started_it_wrote(
    launch: Launch, tmp_path: Path, project: Path, more: bool
) -> None:
    """They are versions from then on; written after that, they are others at the run's end."""
    (project / "second.py").write_text(
        "import pandas, sqlite3\n"
        "pandas.read_sql('SELECT x FROM t', sqlite3.connect('s.db')).to_csv('c.csv')\n"
    )
    launch(
        f"""
        import pandas, sqlite3, subprocess, sys
        with sqlite3.connect("s.db") as connection:
            pandas.read_csv("a.csv").to_sql("t", connection, index=False)
        subprocess.run([sys.executable, "second.py"], check=True)
        with connection:
            {MORE if more else "pass"}
        """
    )
    headwater(tmp_path, project, "ship")
    traced = headwater(tmp_path, project, "trace", "c.csv")
    assert [line.split()[:3] for line in traced.splitlines()[:1]] == [["file", "c.csv", "v1"]]
    assert "main.t" in traced
    assert "a.csv" in traced
    shown = json.loads(headwater(tmp_path, project, "show", "main.t", "--json"))
    assert len(shown["versions"]) == 1 + more


def test_a_file_that_is_being_written_is_no_version_yet(launch: Launch, project: Path) -> None:
    """A log that is open while programs are started is one version, at the end."""
    launch(
        """
        import subprocess
        with open("log.txt", "w") as log:
            for number in range(3):
                print(number, file=log, flush=True)
                subprocess.run(["true"])
        """
    )
    stated = [one for one in events(project) if one["outputs"] and one["eventType"] == "RUNNING"]
    assert stated == []
    assert names(last(project, "job")["outputs"]) == ["log.txt"]


def test_what_came_from_a_temporary_file_came_from_its_sources(
    launch: Launch, project: Path
) -> None:
    """Read before it is removed, written before or after; by column where that is known."""
    launch(
        """
        import os, pickle, tempfile, numpy as np, pandas as pd
        with tempfile.TemporaryDirectory() as folder:
            frame = pd.read_csv("a.csv"); frame["z"] = frame.x * 2
            frame.to_csv(f"{folder}/t.csv", index=False)
            back = pd.read_csv(f"{folder}/t.csv")
            back.to_csv("before.csv", index=False)
        back[["z"]].to_csv("after.csv", index=False)
        with tempfile.NamedTemporaryFile("wb", delete=False) as file:
            pickle.dump(pd.read_csv("b.csv"), file)
        with open(file.name, "rb") as stored: back = pickle.load(stored)
        os.unlink(file.name)
        back.to_csv("pickled.csv", index=False)
        open("text.tmp", "w").write(open("b.csv").read())
        text = np.loadtxt("text.tmp", skiprows=1, ndmin=1); os.remove("text.tmp")
        np.savetxt("text.csv", text)
        """
    )
    assert came_from(project) == {
        "before.csv": ["a.csv"],
        "after.csv": ["a.csv"],
        "pickled.csv": ["b.csv"],
        "text.csv": None,
    }
    after = next(one for one in last(project, "job")["outputs"] if names([one]) == ["after.csv"])
    (field,) = after["facets"]["columnLineage"]["fields"]["z"]["inputFields"]
    assert (names([field]), field["field"]) == (["a.csv"], "x")
    assert field["transformations"][0]["subtype"] == "TRANSFORMATION"


def test_what_came_from_a_file_that_was_moved_came_from_it_by_its_name(
    launch: Launch, project: Path
) -> None:
    """A draft that was read back before it got its name is meant by that name."""
    launch(
        """
        import os, numpy as np
        np.savetxt("draft", np.loadtxt("a.csv", skiprows=1, ndmin=1))
        array = np.loadtxt("draft", ndmin=1)
        np.savetxt("first.out", array)
        os.replace("draft", "final")
        np.savetxt("second.out", array)
        """
    )
    assert came_from(project) == {
        "final": ["a.csv"],
        "first.out": ["final"],
        "second.out": ["final"],
    }


def test_files_below_folders_that_are_open_are_known(launch: Launch, project: Path) -> None:
    """What `shutil.rmtree` removes is not what is called so elsewhere; no folder is written."""
    launch(
        """
        import os, shutil, tempfile
        os.mkdir("d")
        open("d/out.txt", "w").write("1"); open("out.txt", "w").write("2")
        shutil.rmtree("d")
        with tempfile.NamedTemporaryFile("w", dir=".", delete=False) as file: file.write("3")
        os.replace(file.name, "final.txt")
        """
    )
    assert sorted(names(last(project, "job")["outputs"])) == ["final.txt", "out.txt"]


def test_what_is_written_again_came_from_what_was_put_in_last(
    launch: Launch, project: Path
) -> None:
    """Overwritten by what nobody knows, nothing exact is said; added to, all that was put in."""
    launch(
        """
        import pickle, pandas as pd
        a, b = pd.read_csv("a.csv"), pd.read_csv("b.csv")
        a.to_csv("added.csv"); b.to_csv("added.csv", mode="a")
        a.to_csv("replaced.csv"); b.to_csv("replaced.csv")
        a.to_csv("unknown.csv"); open("unknown.csv", "w").write("?")
        a.to_csv("more.csv"); open("more.csv", "a").write("?")
        open("before.csv", "w").write("?"); a.to_csv("before.csv", mode="a")
        open("known.csv", "w").write("?"); a.to_csv("known.csv")
        with open("one.csv", "w") as file: a.to_csv(file); b.to_csv(file)
        a.to_csv("open.csv")
        with open("open.csv", "a") as file: b.to_csv(file)
        with open("mixed.pkl", "wb") as file: pickle.dump(a, file); pickle.dump([1], file)
        """
    )
    assert came_from(project) == {
        "added.csv": ["a.csv", "b.csv"],
        "replaced.csv": ["b.csv"],
        "unknown.csv": None,
        "more.csv": None,
        "before.csv": None,
        "known.csv": ["a.csv"],
        "one.csv": None,
        "open.csv": None,
        "mixed.pkl": None,
    }


@pytest.mark.parametrize(
    "write",
    [
        "file.write(note); frame.to_csv(file, index=False)",
        "frame.to_csv(file, index=False); file.write(note)",
    ],
)
def test_text_beside_a_frame_in_an_open_file_may_be_of_what_else_was_read(
    launch: Launch, tmp_path: Path, project: Path, write: str
) -> None:
    """What the program writes itself is not seen: the rest that it read stays a possible source."""
    (project / "note.txt").write_text("a note")
    launch(
        f"""
        import pandas as pd
        note, frame = open("note.txt").read(), pd.read_csv("a.csv")
        with open("out.csv", "w") as file: {write}
        """
    )
    headwater(tmp_path, project, "ship")
    traced = headwater(tmp_path, project, "trace", "out.csv").splitlines()
    sources = {name: line for name in ("a.csv", "note.txt") for line in traced[1:3] if name in line}
    doubted = {name: "[conservative]" in line for name, line in sources.items()}
    assert doubted == {"a.csv": False, "note.txt": True}


def test_a_file_that_is_open_when_its_program_ends_is_known_by_what_it_holds_then(
    launch: Launch, tmp_path: Path, project: Path
) -> None:
    """What waits in a buffer is part of it: a digest of less would be wrong."""
    launch("file = open('out.txt', 'w'); file.write(open('a.csv').read() * 30)")
    headwater(tmp_path, project, "ship")
    digest = hashlib.sha256((project / "out.txt").read_bytes()).hexdigest()
    assert f"sha256:{digest[:12]}" in headwater(tmp_path, project, "trace", "out.txt")


ENDS = {
    "an exception": "raise RuntimeError",
    "Ctrl-C": "raise KeyboardInterrupt",
    "a server's own signal": "signal.raise_signal(signal.SIGTERM)",
    "SIGTERM": "json.load(open('after.json')); os.kill(os.getpid(), signal.SIGTERM)",
    "SIGKILL": "json.load(open('after.json')); os.kill(os.getpid(), signal.SIGKILL)",
}


def ended_by(tmp_path: Path, project: Path, end: str) -> None:
    """Capture a program that copies a file and ends so, and one that goes on with the copy."""
    (project / "after.json").write_text("1")
    first = "import json, os, signal, time\nread = open('a.csv').read()\n"
    first += f"with open('checkpoint', 'w') as file: file.write(read * 40)\n{end}\n"
    second = "open('model', 'w').write(open('checkpoint').read())\n"
    for name, code in (("first", first), ("second", second)):
        (project / f"{name}.py").write_text(code)
        subprocess.run(
            [sys.executable, "-m", "headwater", "run", "--", sys.executable, f"{name}.py"],
            cwd=project,
            env=environment(tmp_path),
            capture_output=True,
            check=False,
            timeout=60,
        )
        if name == "first":  # as it is where nothing but the command says when to ship
            headwater(tmp_path, project, "ship")
    headwater(tmp_path, project, "ship")


@pytest.mark.parametrize("end", ENDS)
def test_a_file_of_a_run_that_did_not_complete_is_a_version(
    tmp_path: Path, project: Path, end: str
) -> None:
    """Programs go on from a checkpoint, however the one ended that wrote it."""
    ended_by(tmp_path, project, ENDS[end])
    traced = headwater(tmp_path, project, "trace", "model").splitlines()
    assert [line.split()[1:3] for line in traced[:2]] == [["model", "v1"], ["file", "checkpoint"]]
    assert "by first" in traced[1]
    assert "a.csv" in traced[2]


def test_nobody_knows_how_a_file_was_left_after_the_last_record(
    tmp_path: Path, project: Path
) -> None:
    """What was written after that by a process that was killed may be by anybody."""
    ended_by(
        tmp_path,
        project,
        "time.sleep(0.1); os.truncate('checkpoint', 70); os.kill(os.getpid(), signal.SIGKILL)",
    )
    traced = headwater(tmp_path, project, "trace", "model").splitlines()
    assert "outside" in traced[1]


def test_a_file_that_is_open_when_a_run_ends_has_no_digest(launch: Launch, project: Path) -> None:
    """More may come; the reason is said."""
    launch(
        """
        import headwater
        with headwater.run("inner"):
            file = open("out.txt", "w"); file.write("1")
        file.write("2")
        """
    )
    (output,) = last(project, "inner")["outputs"]
    assert output["facets"]["headwater_digest"]["missed"] == "it was still open"
