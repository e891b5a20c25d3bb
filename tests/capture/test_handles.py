"""Files that a program has open: they came from what adapters put there if that is all of it."""

from __future__ import annotations

import gzip
import inspect
import io
import json
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from headwater.capture import handles
from headwater.capture.filled import UNKNOWN, Fill, Filled
from headwater.capture.quiet import quiet
from headwater.shipping.translating import Translator
from tests.capture.conftest import Launch, came_from, gaps, last
from tests.capture.test_passing import headwater

KEY = ("file://host", "/out")


def put(file: Any, fill: Fill, data: bytes = b"12345") -> bool:
    """Put something into an open file as an adapter does."""
    handles.note((file,), {})
    with quiet():
        file.write(data)
        return handles.put(file, fill)


def full(path: Path, fill: Fill) -> bool:
    """Whether a file is what adapters put there, by its size."""
    return fill.claimed and fill.end == path.stat().st_size


def test_one_write_right_after_the_other_fills_a_file(tmp_path: Path) -> None:
    """Each begins where the one before it ended."""
    fill = Fill(0)
    with (tmp_path / "out").open("wb") as file:
        assert [put(file, fill), put(file, fill)] == [True, True]
    assert full(tmp_path / "out", fill)


BESIDE: dict[str, Callable[[Any], object]] = {
    "after": lambda file: file.write(b"by itself"),
    "over it": lambda file: (file.seek(1), file.write(b"x")),
    "over it, and back": lambda file: (file.seek(1), file.write(b"x"), file.seek(0, io.SEEK_END)),
    "cut off": lambda file: file.truncate(2),
}


@pytest.mark.parametrize("how", BESIDE)
@pytest.mark.parametrize("mode", ["wb", "w+b", "ab"])
def test_what_a_program_writes_beside_an_adapter_is_noticed(
    tmp_path: Path, how: str, mode: str
) -> None:
    """By where it ends, or by going back."""
    fill = Fill(0)
    with (tmp_path / "out").open(mode) as file:
        assert put(file, fill)
        BESIDE[how](file)
    assert not full(tmp_path / "out", fill)


def test_what_a_program_writes_before_an_adapter_is_noticed(tmp_path: Path) -> None:
    """Nothing that is added later is said to be all."""
    fill = Fill(0)
    with (tmp_path / "out").open("wb", buffering=0) as file:
        file.write(b"a header")
        assert [put(file, fill), put(file, fill)] == [False, False]


def test_only_known_files_tell_where_they_are(tmp_path: Path) -> None:
    """What writes something else than it is given may go to the same file."""

    class Changing:
        def __init__(self, file: Any) -> None:
            self._file = file

        def write(self, data: bytes) -> None:
            self._file.write(b"by itself" + data)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    fill = Fill(0)
    with (tmp_path / "out").open("wb") as file:
        assert not put(Changing(file), fill)
    assert fill.end == UNKNOWN


def test_a_temporary_file_is_the_file_within_it(tmp_path: Path) -> None:
    """Also when `seek` was asked for before."""
    fill = Fill(0)
    with tempfile.NamedTemporaryFile(dir=tmp_path) as file:
        file.seek(0)
        assert put(file, fill)
        file.seek(1)
        assert fill.end == UNKNOWN


def test_seek_of_a_filled_file_is_as_it_was(tmp_path: Path) -> None:
    """It has the same signature, errors and results, and keeps no file open."""
    file: Any = (tmp_path / "out").open("wb")
    plain = inspect.signature(file.seek)
    put(file, Fill(0))
    assert inspect.signature(file.seek) == plain
    assert (file.seek.__name__, file.seek.__doc__) == ("seek", io.BufferedWriter.seek.__doc__)
    assert (file.seek(2), file.tell()) == (2, 2)
    with pytest.raises(OSError, match="Invalid argument") as raised:
        file.seek(-1)
    assert len(raised.traceback) == 1
    sought = file.seek
    with pytest.warns(ResourceWarning):
        del file
    with pytest.raises(ValueError, match="closed file"):
        sought(0)


def test_a_packed_file_is_full_once_it_is_closed(tmp_path: Path) -> None:
    """It has another size than what was put into it."""
    path, fill = tmp_path / "out.gz", Fill(0)
    with gzip.open(path, "wb") as file:
        assert put(file, fill)
        assert not full(path, fill)
    assert full(path, fill)
    with gzip.open(path, "ab") as file:
        assert put(file, fill)
        file.write(b"by itself")
    assert not full(path, fill)


def test_what_is_packed_into_a_file_of_the_programs_is_not_told(tmp_path: Path) -> None:
    """There may be more around it."""
    with (tmp_path / "out").open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb") as packed:
        assert not put(packed, Fill(0))


def test_a_file_is_appended_to_where_it_ended() -> None:
    """More than adapters put there since it was opened first is of nobody knows what."""
    filled = Filled()
    filled.opened(KEY, 7, appends=True)
    first = filled.get(KEY)
    assert first is not None
    assert first.put(7, 10)
    filled.opened(KEY, 10, appends=True)
    assert filled.get(KEY) is first
    assert first.put(10, 12)
    filled.opened(KEY, 13, appends=True)
    assert not first.put(13, 15)


def test_a_file_that_is_opened_to_be_changed_may_be_changed_anywhere() -> None:
    """Until it is emptied, or written whole by its name."""
    filled = Filled()
    filled.opened(KEY, 0)
    filled.opened(KEY, UNKNOWN)
    changed = filled.get(KEY)
    assert changed is not None
    assert not changed.put(0, 5)
    filled.opened(KEY, 0)
    emptied = filled.get(KEY)
    assert emptied is not None
    assert emptied.put(0, 5)
    assert filled.is_written(KEY, adds=False)
    assert filled.get(KEY) is None


def test_a_file_that_is_moved_is_filled_as_before() -> None:
    """What lay where it goes is gone."""
    filled, other = Filled(), ("file://host", "/other")
    filled.opened(KEY, 0)
    filled.opened(other, 3, appends=True)
    filled.move(KEY, other)
    moved = filled.get(other)
    assert (filled.get(KEY), moved and moved.end) == (None, 0)


# In programs

ALONE = {
    "dump": "with open(out, 'wb') as f: pickle.dump(a, f)",
    "dropped": "pickle.dump(a, open(out, 'wb'))",
    "unbuffered": "with open(out, 'wb', buffering=0) as f: pickle.dump(a, f)",
    "pickler": "with open(out, 'wb') as f: pickle.Pickler(f).dump(a)",
    "twice": "with open(out, 'wb') as f: np.save(f, a); np.save(f, a)",
    "zipped": "with open(out, 'wb') as f: np.savez(f, x=a)",
    "packed": "with gzip.open(out, 'wb') as f: np.save(f, a)",
    "joblib": "with open(out, 'wb') as f: joblib.dump(a, f, compress=3)",
    "copied": "with open('a.npy', 'rb') as s, open(out, 'wb') as f: shutil.copyfileobj(s, f)",
    "moved": "with tempfile.NamedTemporaryFile(dir='.', delete=False) as f: np.save(f, a)\n"
    "shutil.move(f.name, out)",
    "descriptor": "number, name = tempfile.mkstemp(dir='.')\n"
    "with os.fdopen(number, 'wb') as f: np.save(f, a)\nos.replace(name, out)",
    "appended": "for _ in range(2):\n    with open(out, 'ab') as f: np.save(f, a)",
    "again": "for _ in range(2):\n    with open(out, 'wb') as f: np.save(f, a)",
    "made before": "open(out, 'wb').close()\nwith open(out, 'wb') as f: np.save(f, a)",
    "open": "kept.append(open(out, 'wb')); np.save(kept[0], a)",
}
MIXED = {
    "header": "with open(out, 'wb') as f: f.write(o); pickle.dump(a, f)",
    "footer": "with open(out, 'wb') as f: pickle.dump(a, f); f.write(o)",
    "over": "with open(out, 'wb') as f: np.save(f, a); f.seek(130); f.write(o[:1]); f.seek(0, 2)",
    "by_pickler": "with open(out, 'wb') as f: pickle.Pickler(f).dump(a); f.write(o)",
    "raw": "with open(out, 'wb') as f: np.save(f, a); f.flush(); os.write(f.fileno(), o)",
    "beside": "g = open(out, 'wb')\n"
    "with open(out, 'wb') as f: np.save(f, a)\ng.seek(130); g.write(o[:1]); g.close()",
    "mapped": "with open(out, 'w+b') as f:\n"
    "    np.save(f, a); f.flush()\n"
    "    with mmap.mmap(f.fileno(), 0) as m: m[130:131] = o[:1]",
    "child": "with open(out, 'wb') as f: np.save(f, a); f.flush(); run(['cat', 'o'], stdout=f)",
    "unseen": "with open(out, 'wb') as f: f.write(o)\nwith open(out, 'ab') as f: np.save(f, a)",
    "appended_to": "with open(out, 'wb') as f: np.save(f, a); f.write(o)\n"
    "with open(out, 'ab') as f: np.save(f, a)",
    "packed_footer": "with gzip.open(out, 'wb') as f: np.save(f, a); f.write(o)",
    "other_name": "with open(out, 'wb') as f: np.save(f, a)\n"
    "os.link(out, 'linked')\nwith open('linked', 'ab') as f: f.write(o)",
    "copied_footer": "with open('a.npy', 'rb') as s, open(out, 'wb') as f:\n"
    "    shutil.copyfileobj(s, f); f.write(o)",
    "archive": "with zipfile.ZipFile(out, 'w') as z:\n"
    "    z.write('a.npy')\n    with z.open('x', 'w') as f: f.write(o)",
    "comment": "with zipfile.ZipFile(out, 'w') as z: z.write('a.npy'); z.comment = o",
    "in_zip": "with open(out, 'wb') as f:\n"
    "    f.write(o)\n    with zipfile.ZipFile(f, 'w') as z: z.write('a.npy')",
    "in_tar": "with open(out, 'wb') as f:\n"
    "    f.write(o)\n    with tarfile.open(fileobj=f, mode='w:gz') as t: t.add('a.npy')",
    "descriptor_too": "with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC),"
    " 'wb') as f: np.save(f, a); f.write(o)",
    "nameless": "with tempfile.TemporaryFile() as t:\n"
    "    np.save(t, a); t.write(o); t.seek(0)\n"
    "    with open(out, 'wb') as f: shutil.copyfileobj(t, f)",
    "left_open": "kept.append(open(out, 'wb')); np.save(kept[-1], a); kept[-1].write(o)",
    "gone.npy": "with open('t', 'wb') as f: np.save(f, a); f.write(o)\n"
    "np.save(out, np.load('t')); os.remove('t')",
}

BEGIN = """
import gzip, mmap, os, pickle, shutil, tarfile, tempfile, zipfile
from subprocess import run
import joblib, numpy as np
a, o, kept = np.load("a.npy"), open("o", "rb").read(), []
"""


def array(path: Path) -> None:
    """Store an array, as nobody did who is captured."""
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (50,), }"
    padded = header.ljust(117) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00v\x00" + padded.encode() + bytes(range(50)))


@pytest.mark.slow
def test_an_open_file_came_from_what_adapters_put_there_if_nothing_else_is_there(
    launch: Launch, project: Path
) -> None:
    """However it was opened, and however something else came in."""
    array(project / "a.npy")
    (project / "o").write_bytes(b"other")
    code = "".join(f"out = {name!r}\n{how}\n" for name, how in (ALONE | MIXED).items())
    launch(BEGIN + code)
    found = came_from(project)
    assert {name: found[name] for name in ALONE} == {name: ["a.npy"] for name in ALONE}
    assert {name: found[name] for name in MIXED} == dict.fromkeys(MIXED)


@pytest.mark.slow
def test_streams_of_arrow_are_open_files_too(launch: Launch, project: Path) -> None:
    """What a stream packs or passes on may go beside other things."""
    launch(
        """
        import pyarrow as pa, pyarrow.csv as csv, pyarrow.ipc as ipc, pyarrow.parquet as parquet
        from pyarrow import fs
        t, local = csv.read_csv("a.csv"), fs.LocalFileSystem()
        with pa.OSFile("alone", "wb") as f: csv.write_csv(t, f); csv.write_csv(t, f)
        with pa.OSFile("ipc", "wb") as f, ipc.new_file(f, t.schema) as w: w.write_table(t)
        with open("writer", "wb") as f, parquet.ParquetWriter(f, t.schema) as w: w.write_table(t)
        with local.open_append_stream("alone") as f: csv.write_csv(t, f)
        with pa.OSFile("mixed", "wb") as f: csv.write_csv(t, f); f.write(b"by itself")
        with pa.OSFile("ipc_mixed", "wb") as f:
            with ipc.new_file(f, t.schema) as w: w.write_table(t)
            f.write(b"by itself")
        with open("unseen", "wb") as f: f.write(b"by itself")
        with local.open_append_stream("unseen") as f: csv.write_csv(t, f)
        with pa.output_stream("packed.gz") as f: f.write(b"by itself"); csv.write_csv(t, f)
        """
    )
    alone, mixed = ("alone", "ipc", "writer"), ("mixed", "ipc_mixed", "unseen", "packed.gz")
    assert came_from(project) == {name: ["a.csv"] for name in alone} | dict.fromkeys(mixed)


@pytest.mark.slow
def test_what_a_file_becomes_after_it_was_told_of_is_told_of_it(
    launch: Launch, tmp_path: Path, project: Path
) -> None:
    """When a program is started, it is told how files are; and when a statement has written one."""
    launch(
        """
        import subprocess, duckdb, pandas as pd
        o = open("b.csv").read()
        pd.read_csv("a.csv").to_csv("changed.csv")
        pd.read_csv("a.csv").to_csv("same.csv")
        subprocess.run(["true"])
        open("changed.csv", "a").write(o)
        duckdb.sql("COPY (FROM 'a.csv') TO 'copied.csv'")
        open("copied.csv", "a").write(o)
        """
    )
    assert came_from(project) == {"same.csv": ["a.csv"], "changed.csv": None, "copied.csv": None}
    headwater(tmp_path, project, "ship")
    for name, found in (("same.csv", "a.csv"), ("changed.csv", "b.csv"), ("copied.csv", "b.csv")):
        traced = headwater(tmp_path, project, "trace", name).splitlines()[1:3]
        assert [("[conservative]" in line) for line in traced if found in line] == [
            found != "a.csv"
        ]


@pytest.mark.slow
def test_a_file_that_another_program_changes_counts_as_it_was_written(
    launch: Launch, project: Path
) -> None:
    """What the other made of it came from nobody knows what."""
    launch(
        """
        import shutil, subprocess
        shutil.copy("a.csv", "c.csv")
        subprocess.run("cat b.csv >> c.csv", shell=True)
        """
    )
    (written,) = last(project, "job")["outputs"]
    assert written["facets"]["headwater_digest"]["value"] == sha256(b"x\n1\n").hexdigest()
    assert [gap for gap in gaps(project) if "changed by another process" in gap]


def test_of_a_program_that_was_killed_nobody_saw_what_else_it_wrote() -> None:
    """What was put into a file that it had open may not be all that is there."""
    dataset, inputs = ["file://host", "/out"], [["file://host", "/a"]]
    found = {}
    for adds in ({}, {"adds": "content"}):
        translator = Translator()
        said = {"inputs": inputs, "draft": True, **adds}
        for record in (
            {"k": "process", "pid": 1},
            {"k": "begin", "at": 1, "r": "r", "job": ["n", "job"]},
            {"k": "write", "at": 2, "r": "r", "d": dataset, "say": said},
        ):
            list(translator.translate(record))
        (event,) = translator.close()
        (output,) = json.loads(event)["outputs"]
        found[bool(adds)] = "lineage" in output["facets"]
    assert found == {False: True, True: False}
