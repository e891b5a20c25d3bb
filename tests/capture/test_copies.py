"""Files that are copied, archived, downloaded, pickled by classes, and kept in HDF5."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.capture.conftest import Launch, came_from, gaps, last

pytestmark = pytest.mark.slow  # each test runs programs


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[int]:
    """The port of a server of files, with one to read."""
    folder = tmp_path / "web"
    folder.mkdir()
    for name in ("data", *"0123"):
        (folder / f"{name}.csv").write_text("x\n1\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_copies_came_from_their_originals(launch: Launch, project: Path) -> None:
    """By every function of shutil, through streams, and by hard links."""
    launch(
        """
        import gzip, os, shutil
        shutil.copy("a.csv", "1"); shutil.copy2("a.csv", "2"); shutil.copyfile("b.csv", "3")
        os.mkdir("d"); shutil.copy("b.csv", "d"); shutil.copytree("d", "e")
        shutil.move("1", "4")
        with open("a.csv", "rb") as source, gzip.open("5.gz", "wb") as target:
            shutil.copyfileobj(source, target)
        os.link("b.csv", "6")
        """
    )
    assert came_from(project) == {
        "2": ["a.csv"],
        "3": ["b.csv"],
        "4": ["a.csv"],
        "5.gz": ["a.csv"],
        "6": ["b.csv"],
        "b.csv": ["b.csv"],
    }


@pytest.mark.skipif(sys.version_info < (3, 14), reason="pathlib copies since Python 3.14")
def test_copies_by_paths_came_from_their_originals(launch: Launch, project: Path) -> None:
    """Of a file and of a folder, into a folder, and moved on."""
    launch(
        """
        from pathlib import Path
        Path("a.csv").copy("1"); Path("d").mkdir(); Path("1").move_into("d")
        Path("b.csv").copy_into("d"); Path("d").copy("e"); Path("e").move("f")
        Path("f/1").move("2")
        """
    )
    assert came_from(project) == {"1": ["a.csv"], "b.csv": ["b.csv"], "2": ["1"]}


@pytest.mark.skipif(sys.version_info < (3, 14), reason="zstd is in Python since 3.14")
def test_files_that_zstd_packs_are_followed(launch: Launch, project: Path) -> None:
    """What is read through it, or around an open file, is of the file beneath; archives too."""
    launch(
        """
        import tarfile
        from compression import zstd
        import pandas as pd
        with zstd.open("1.zst", "wt") as file: file.write(open("b.csv").read())
        with zstd.open("1.zst") as file: pd.read_csv(file).to_csv("2", index=False)
        with open("1.zst", "rb") as raw, zstd.open(raw) as file: pd.read_csv(file).to_json("3")
        with tarfile.open("4.tar.zst", "w:zst") as tar: tar.add("a.csv")
        with tarfile.open("4.tar.zst") as tar: tar.extract("a.csv", "out", filter="data")
        """
    )
    assert came_from(project) == {
        "1.zst": None,
        "2": ["1.zst"],
        "3": ["1.zst"],
        "4.tar.zst": ["a.csv"],
        "a.csv": ["4.tar.zst"],
    }


def test_archives_came_from_what_is_in_them(launch: Launch, project: Path) -> None:
    """And what is taken out of one from it; text that is put in is of unknown origin."""
    launch(
        """
        import shutil, tarfile, zipfile
        with zipfile.ZipFile("o.zip", "w") as archive:
            archive.write("a.csv"); archive.write("b.csv")
        with zipfile.ZipFile("o.zip") as archive: archive.extract("a.csv", "zip")
        with tarfile.open("o.tgz", "w:gz") as archive: archive.add("b.csv")
        with tarfile.open("o.tgz") as archive: archive.extractall("tar", filter="data")
        with zipfile.ZipFile("text.zip", "w") as archive:
            archive.write("a.csv"); archive.writestr("t", "text")
        shutil.make_archive("made", "zip", "zip")
        with zipfile.ZipFile("o.zip") as archive, open("copy.zip", "wb") as file:
            shutil.copyfileobj(archive.fp, file)
        with zipfile.ZipFile("copy.zip", "a") as archive: archive.write("b.csv")
        """
    )
    assert came_from(project) == {
        "o.zip": ["a.csv", "b.csv"],
        "a.csv": ["o.zip"],
        "o.tgz": ["b.csv"],
        "b.csv": ["o.tgz"],
        "text.zip": None,
        "made.zip": ["a.csv"],
        "copy.zip": ["b.csv", "o.zip"],
    }


def test_what_is_downloaded_came_from_its_url(launch: Launch, project: Path, web: int) -> None:
    """Without user, password and query; by urllib and by requests; not what is posted."""
    launch(
        f"""
        import contextlib, shutil, urllib.error, urllib.request, requests
        url = "http://127.0.0.1:{web}/data.csv?signature=secret"
        urllib.request.urlretrieve(url, "1.csv")
        with urllib.request.urlopen(url) as page, open("2.csv", "wb") as file:
            shutil.copyfileobj(page, file)
        page = requests.get(url.replace("//", "//user:password@"), stream=True)
        with open("3.csv", "wb") as file: shutil.copyfileobj(page.raw, file)
        with open("4.csv", "wb") as file: file.write(requests.get(url).content)
        requests.get(url.replace("data", "missing")); requests.post(url + "/post")
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(url.replace("data", "other"))
        """
    )
    assert came_from(project) == {
        "1.csv": ["data.csv"],
        "2.csv": ["data.csv"],
        "3.csv": ["data.csv"],
        "4.csv": None,
    }
    (read,) = last(project, "job")["inputs"]
    assert (read["namespace"], read["name"]) == (f"http://127.0.0.1:{web}", "/data.csv")


def test_urls_are_told_up_to_a_limit(launch: Launch, project: Path, web: int) -> None:
    """Beyond it there is a gap."""
    launch(
        f"""
        import requests
        from headwater.capture.adapters import downloads
        downloads.URLS_MAX = 2
        session = requests.Session()
        for number in range(4): session.get(f"http://127.0.0.1:{web}/{{number}}.csv?page=1")
        session.get(f"http://127.0.0.1:{web}/0.csv?page=2")
        """
    )
    assert len(last(project, "job")["inputs"]) == 2
    assert gaps(project) == ["more than 2 URLs were read; others are not told (2 times)"]


def test_pickles_by_other_modules_and_by_classes(launch: Launch, project: Path) -> None:
    """cloudpickle, and `Pickler` and `Unpickler` of pickle, as they are and derived from."""
    launch(
        """
        import io, pickle, cloudpickle, pandas as pd
        class Mine(pickle.Pickler):
            def persistent_id(self, thing): return None
        class Back(pickle.Unpickler):
            def persistent_load(self, name): return name
        frame = pd.read_csv("a.csv")
        for number, (store, load) in enumerate([
            (lambda thing, file: pickle.Pickler(file, 4).dump(thing),
             lambda file: pickle.Unpickler(file).load()),
            (lambda thing, file: Mine(file).dump(thing), lambda file: Back(file).load()),
            (cloudpickle.dump, cloudpickle.load),
        ]):
            with open(f"{number}.pkl", "wb") as file: store(frame, file)
            with open(f"{number}.pkl", "rb") as file: load(file).to_csv(f"{number}.csv")
        stream = io.BytesIO()
        Mine(stream).dump(frame); stream.seek(0)
        Back(stream).load().to_csv("stream.csv")
        """
    )
    assert came_from(project) == {
        "0.pkl": ["a.csv"],
        "0.csv": ["0.pkl"],
        "1.pkl": ["a.csv"],
        "1.csv": ["1.pkl"],
        "2.pkl": ["a.csv"],
        "2.csv": ["2.pkl"],
        "stream.csv": None,
    }


def test_hdf5_files_are_datasets(launch: Launch, project: Path) -> None:
    """Read when opened or looked into, written when something is put in; in memory nobody's."""
    pytest.importorskip("h5py")
    launch(
        """
        import h5py, io, sys, numpy as np
        a, b = (np.loadtxt(f"{name}.csv", skiprows=1, ndmin=1) for name in "ab")
        with h5py.File("one.h5", "w") as file:
            file.create_dataset("g/a", data=a); file["b"] = b; file["text"] = "plain"
            file.attrs["note"] = 1
        with h5py.File("two.h5", "w") as file:
            file.create_dataset("a", (1,), "f8")[:] = a
        with h5py.File("three.h5", "w") as file:
            file["a"] = a; file["sum"] = a + b
        with h5py.File("one.h5") as file:
            np.savetxt("g.txt", file["g/a"][:]); np.savetxt("b.txt", np.asarray(file["b"]))
            into = np.empty(1); file["b"].read_direct(into); np.savetxt("direct.txt", into)
        with h5py.File("two.h5", "a") as file: file["b"] = b
        with h5py.File("two.h5", "r+") as file: file["a"].shape
        adapter = sys.modules["headwater.capture.adapters.h5py"]
        adapter.FILES_MAX = 2
        with h5py.File("four.h5", "w") as file:
            for number in range(3): h5py.File(f"{number}.h5", "w").close()
            file["a"] = a
        with h5py.File(io.BytesIO(), "w") as file: file["a"] = a
        with h5py.File("none.h5", "w", driver="core", backing_store=False) as file: file["a"] = a
        """
    )
    assert came_from(project) == {
        "one.h5": ["a.csv", "b.csv"],
        "two.h5": ["a.csv", "b.csv"],
        "three.h5": None,
        "four.h5": ["a.csv"],
        "0.h5": [],
        "1.h5": [],
        "2.h5": [],
        "g.txt": ["one.h5"],
        "b.txt": ["one.h5"],
        "direct.txt": ["one.h5"],
    }
