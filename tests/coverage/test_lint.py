"""`headwater lint`: what it finds in source files, and what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headwater.coverage import calls, lint


def found(tmp_path: Path, source: str, name: str = "job.py") -> list[tuple[int, str, str]]:
    """What is found in a source: line, call, kind. It uses no library that has an adapter."""
    (tmp_path / name).write_text(source)
    return [(one.line, one.call, one.kind) for one in lint.examine([str(tmp_path)]).findings]


SOURCES = {
    "an import": ("import lmdb\nlmdb.open('a')", [(2, "lmdb.open", "read or write")]),
    "an alias": ("import cv2 as c\nc.imread('a')", [(2, "cv2.imread", "read or write")]),
    "a name from a module": ("from soundfile import read as r\nr('a')",
                             [(2, "soundfile.read", "read or write")]),
    "a module within": ("import http.client\nhttp.client.HTTPConnection('a')",
                        [(2, "http.client.HTTPConnection", "network")]),
    "an import in a function": ("def go():\n    import lmdb\n    lmdb.open('a')\nlmdb.open('a')",
                                [(3, "lmdb.open", "read or write")]),
    "another name": ("import lmdb\nF = lmdb.open\nF('a')", [(3, "lmdb.open", "read or write")]),
    "what a call gave": ("from catboost import CatBoost as C\nm = C()\nm.fit(1)",
                         [(3, "catboost.CatBoost().fit", "train")]),
    "a chain": ("import keras\nkeras.Model().fit(1)", [(2, "keras.Model().fit", "train")]),
    "with": ("import requests\nwith requests.Session() as s:\n    s.post('a')",
             [(3, "requests.Session().post", "network")]),
    "an attribute of self": (
        "import keras\nclass A:\n"
        "    def go(self): self.m.fit(1)\n"
        "    def __init__(self): self.m = keras.Model()\n",
        [(3, "keras.Model().fit", "train")],
    ),
    "a file system that is elsewhere": ("import fsspec\nfsspec.filesystem('s3')",
                                        [(2, "fsspec.filesystem", "network")]),
    "await": ("import asyncpg\nasync def go():\n    await asyncpg.connect('a')",
              [(3, "asyncpg.connect", "database")]),
    "a program": ("import subprocess\nsubprocess.run(['cp', 'a', 'b'])",
                  [(2, "subprocess.run", "process")]),
    "programs of a shell": ("import os\nos.system('cd x && A=1 sort a | uniq > b')",
                            [(2, "os.system", "process")] * 2),
    "Python without site": ("import subprocess\nsubprocess.run(['python', '-S', 'a.py'])",
                            [(2, "subprocess.run", "process")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_calls_that_capture_cannot_see_are_found(tmp_path: Path, name: str) -> None:
    """Whatever they are called in the file, with line, whole name and kind."""
    source, told = SOURCES[name]
    assert found(tmp_path, source) == told


QUIET = {
    "what Python opens": "open('a').read()\nimport json, shutil\njson.load(open('a'))\n"
    "shutil.copy('a', 'b')",
    "another's method of that name": "def fit(m):\n    m.fit(1)\n    m.to_parquet('a')",
    "a name that stands for something else": "import lmdb\nlmdb = object()\nlmdb.open('a')",
    "an argument of that name": "import lmdb\ndef go(lmdb):\n    lmdb.open('a')",
    "Python": "import subprocess, sys\nsubprocess.run([sys.executable, 'a.py'])\n"
    "subprocess.run(['python3', '-m', 'x'])",
    "programs without data": "import subprocess\nsubprocess.run(['git', 'status'])",
    "a command that is not in the text": "import subprocess\nsubprocess.run(command)",
    "a line that says so": "import lmdb\nlmdb.open('a')  # headwater: ignore",
    "a file system of this machine": "import fsspec\nfsspec.filesystem('file').open('a')",
    "modules of the project": "from .lmdb import open\nopen('a')",
}


@pytest.mark.parametrize("name", QUIET)
def test_what_is_seen_or_not_known_is_left_alone(tmp_path: Path, name: str) -> None:
    """Nothing is guessed."""
    assert found(tmp_path, QUIET[name]) == []


def test_a_notebook_is_looked_at_cell_by_cell(tmp_path: Path) -> None:
    """Names live on from cell to cell, magics are taken out, and `!` starts programs."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import lmdb"]},
        {"cell_type": "markdown", "source": "lmdb.open('a')"},
        {"cell_type": "code", "source": "x = 1\nlmdb.open('a')\n!sort a > b"},
        {"cell_type": "code", "source": "%%bash\ncp a b\n"},
        {"cell_type": "code", "source": "%%time\nlmdb.open('b')"},
    ]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    findings = lint.examine([str(tmp_path)]).findings
    assert [(one.cell, one.line, one.call) for one in findings] == [
        (2, 3, "!"),
        (2, 2, "lmdb.open"),
        (3, 2, "!"),
        (4, 2, "lmdb.open"),
    ]


def test_folders_of_other_people_are_left_out(tmp_path: Path) -> None:
    """Environments, caches and hidden folders are not the user's code."""
    for name in (".git", "env", "site-packages", "src"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("import lmdb\nlmdb.open('a')")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    report = lint.examine([str(tmp_path)])
    assert [Path(one.path).parent.name for one in report.findings] == ["src"]
    assert report.files == 1


@pytest.mark.parametrize("text", ["def", "\0", "x = '\ud800'", ""], ids=repr)
def test_a_file_that_is_no_python_is_told(tmp_path: Path, text: str) -> None:
    """It is named with the reason; the others are looked at."""
    (tmp_path / "a.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    (tmp_path / "b.py").write_text("import lmdb\nlmdb.open('a')")
    report = lint.examine([str(tmp_path)])
    assert len(report.findings) == 1
    assert [path for path, _ in report.unread] == ([str(tmp_path / "a.py")] if text else [])


def test_every_pattern_is_one_that_can_be_found() -> None:
    """A pattern with its stars filled in is found, as some kind with a remedy."""
    for _, _, patterns in calls._CALLS:
        for pattern in patterns.split():
            known = calls.find(pattern.replace("**", "x.y").replace("*", "z"))
            assert known is not None
            assert known.kind in calls.REMEDIES


LIBRARIES = """
import pickle, sqlite3
import numpy as np, pandas as pd
from pandas import *
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
frame = pd.read_csv("a.csv")
frame.to_parquet("b.parquet")
model = LogisticRegression().fit(frame, frame)
clone(model).fit(frame, frame)
pickle.dump(model, open("m", "wb"))
np.save("a", np.load("b"))
sqlite3.connect("a.db")
read_parquet("c")
read_iceberg("t")
frame.to_iceberg("t")
import polars as pl
pl.read_csv("a.csv")
pl.read_database("select 1", sqlite3.connect("a.db"))
pl.read_database_uri("select 1", "sqlite:///a.db")
"""


def test_what_an_adapter_sees_is_asked_of_the_adapter(tmp_path: Path) -> None:
    """Of the libraries that are installed, exactly what no adapter observes is found."""
    (tmp_path / "job.py").write_text(LIBRARIES)
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "lint", "--json", "job.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(done.stdout)
    assert [(one["line"], one["call"]) for one in document["findings"]] == [
        (15, "pandas.read_iceberg"),
        (16, "pandas.read_csv().to_iceberg"),
        (20, "polars.read_database_uri"),
    ]
    assert (done.returncode, document["unread"], document["not_captured"]) == (1, [], [])


def test_the_program_is_not_executed(tmp_path: Path) -> None:
    """What a file does when it runs does not happen."""
    (tmp_path / "job.py").write_text("open('ran', 'w')\nimport other\nraise SystemExit(5)\n")
    (tmp_path / "other.py").write_text("open('ran', 'w')")
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "lint", "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "headwater: 0 calls that capture cannot see, in 0 of 2 files\n"
    assert not (tmp_path / "ran").exists()


def test_a_finding_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    """One line each, as compilers write them, for editors to read."""
    (tmp_path / "job.py").write_text("import lmdb\nlmdb.open('a')\n")
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "lint", "job.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == (
        "job.py:2:1: lmdb.open: opens files in compiled code; "
        "say what it reads and writes: headwater.read(path), headwater.write(path)\n"
    )
    assert done.returncode == 1


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It is no finding, and not passed over."""
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "lint", "missing.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "missing.py is not there" in done.stderr
