"""Files on the way: between processes, temporary ones, and ones that are called otherwise later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.capture.conftest import Launch, came_from, environment, events, last, names


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
