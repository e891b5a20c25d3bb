"""Objects in files by pickle, joblib and numpy, from programs that know nothing of Headwater."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.capture.conftest import environment, last, names
from tests.capture.test_launching import Launch, launch, lineage
from tests.capture.test_pandas import inputs, written

__all__ = ["launch"]

pytestmark = pytest.mark.slow  # each test imports numpy in a process of its own

FRAMES = 'import pandas as pd\na, b = pd.read_csv("a.csv"), pd.read_csv("b.csv")\n'
ARRAYS = (
    'import numpy as np\na, b = np.loadtxt("a.csv", skiprows=1, ndmin=1), np.genfromtxt("b.csv")\n'
)


def run(launch: Launch, code: str, name: str = "job.py") -> None:
    """Run it; it has nothing to complain about."""
    done = launch(code, name=name)
    assert (done.returncode, done.stderr) == (0, "")


PICKLES = {
    "pickle": (
        'import pickle\nwith open("o", "wb") as f:\n    pickle.dump(a, f)\n',
        'import pickle\nwith open("o", "rb") as f:\n    thing = pickle.load(f)\n',
    ),
    "joblib by path": (
        'import joblib\njoblib.dump(a, "o")\n',
        'from joblib import load\nthing = load("o")\n',
    ),
    "joblib by file": (
        'import joblib\nwith open("o", "wb") as f:\n    joblib.dump(a, f)\n',
        'import joblib\nwith open("o", "rb") as f:\n    thing = joblib.load(f)\n',
    ),
}


@pytest.mark.parametrize("how", PICKLES)
def test_an_object_takes_its_origin_through_a_file(launch: Launch, project: Path, how: str) -> None:
    """What is stored came from what the object came from, and what is loaded from the file."""
    store, load = PICKLES[how]
    run(launch, FRAMES + store)
    assert inputs(project, "o") == ["a.csv"]
    assert lineage(project) == (["a.csv", "b.csv"], ["o"])
    run(launch, f'{FRAMES}{load}thing.to_csv("end.csv")\n', "later.py")
    assert lineage(project, "later") == (["a.csv", "b.csv", "o"], ["end.csv"])


def test_what_lies_in_a_container_came_with_it(launch: Launch, project: Path) -> None:
    """A dict of two frames is of both; a frame out of it is of the file."""
    run(launch, f'{FRAMES}import joblib\njoblib.dump({{"one": a, "two": b}}, "o")\n')
    assert inputs(project, "o") == ["a.csv", "b.csv"]
    run(
        launch,
        'import joblib\na = joblib.load("o")["one"]\na.to_csv("end.csv")\njoblib.dump(a, "o2")\n'
        'open("b.csv").read()\n',
        "job.py",
    )
    assert inputs(project, "end.csv") == inputs(project, "o2") == ["o"]


def test_several_objects_in_one_file_are_all_its_origin(launch: Launch, project: Path) -> None:
    """Dumped one after the other into one open file."""
    run(
        launch,
        f'{FRAMES}import pickle\nwith open("o", "wb") as f:\n'
        "    pickle.dump(a, f)\n    pickle.dump(b, f)\n",
    )
    assert inputs(project, "o") == ["a.csv", "b.csv"]


def test_of_unknown_things_nothing_is_claimed(launch: Launch, project: Path) -> None:
    """A number may have been computed from anything that was read."""
    run(launch, f'{FRAMES}import joblib\njoblib.dump({{"a": a, "n": int(b.sum().sum())}}, "o")\n')
    assert "lineage" not in written(project, "o")


STORES = {
    "save": ('np.save("o", a)', "o.npy"),
    "save by file": ('f = open("o.npy", "wb"); np.save(f, a); f.close()', "o.npy"),
    "tofile": ('a.tofile("o.bin")', "o.bin"),
    "savetxt": ('np.savetxt("o.txt", a)', "o.txt"),
    "savez": ('np.savez("o", a, x=a)', "o.npz"),
    "savez_compressed": ('np.savez_compressed("o.npz", x=a)', "o.npz"),
    "a view": ('np.save("o.npy", a[:1].reshape(1, 1).T)', "o.npy"),
}


@pytest.mark.parametrize("how", STORES)
def test_arrays_are_written_with_their_origin(launch: Launch, project: Path, how: str) -> None:
    """Each of the functions that store arrays."""
    call, name = STORES[how]
    run(launch, ARRAYS + call)
    assert inputs(project, name) == ["a.csv"]
    assert lineage(project) == (["a.csv", "b.csv"], [name])


LOADS = {
    "load": ("np.save('o.npy', a)", "np.load('o.npy')", "o.npy"),
    "load a map": ("np.save('o.npy', a)", "np.load('o.npy', mmap_mode='r')", "o.npy"),
    "member": ("np.savez('o.npz', x=a)", "np.load('o.npz')['x']", "o.npz"),
    "fromfile": ("a.tofile('o.bin')", "np.fromfile('o.bin')", "o.bin"),
    "memmap": ("a.tofile('o.bin')", "np.memmap('o.bin', mode='r', dtype='f8')", "o.bin"),
    "loadtxt": ("np.savetxt('o.txt', a)", "np.loadtxt('o.txt')", "o.txt"),
}


@pytest.mark.parametrize("how", LOADS)
def test_arrays_are_read_with_their_origin(launch: Launch, project: Path, how: str) -> None:
    """Each of the functions that load arrays; what is written of one came from its file."""
    store, load, name = LOADS[how]
    run(launch, f"{ARRAYS}{store}\n", "before.py")
    assert lineage(project, "before") == (["a.csv", "b.csv"], [name])
    run(launch, f'{ARRAYS}np.save("end.npy", {load})\n')
    assert inputs(project, "end.npy") == [name]


@pytest.mark.skipif(find_spec("safetensors") is None, reason="safetensors is not installed")
def test_tensors_take_their_origin_through_a_file(launch: Launch, project: Path) -> None:
    """What Rust writes and reads is seen."""
    head = f"{ARRAYS}from safetensors.numpy import load_file, save_file\n"
    run(launch, f'{head}save_file({{"x": a}}, "o.safetensors")\n', "before.py")
    assert lineage(project, "before") == (["a.csv", "b.csv"], ["o.safetensors"])
    (output,) = last(project, "before")["outputs"]
    assert names(output["facets"]["lineage"]["inputs"]) == ["a.csv"]
    run(launch, f'{head}np.save("end.npy", load_file("o.safetensors")["x"])\n')
    assert inputs(project, "end.npy") == ["o.safetensors"]


@pytest.mark.skipif(find_spec("safetensors") is None, reason="safetensors is not installed")
def test_what_is_taken_out_of_an_open_file_is_of_it(launch: Launch, project: Path) -> None:
    """Tensors and slices of them, of each file its own; the class keeps its signature."""
    head = "import numpy as np\nimport inspect\nfrom safetensors import safe_open\n"
    run(
        launch,
        f'{ARRAYS}from safetensors.numpy import save_file\nsave_file({{"x": a}}, "p")\n'
        'save_file({"x": b}, "q")\n',
        "before.py",
    )
    run(
        launch,
        f'{head}with safe_open("p", "np") as p, safe_open("q", "np") as q:\n'
        '    np.save("one.npy", p.get_tensor("x"))\n'
        '    np.save("two.npy", q.get_slice("x")[:1])\n'
        'assert list(inspect.signature(safe_open).parameters)[:2] == ["filename", "framework"]\n',
    )
    assert inputs(project, "one.npy") == ["p"]
    assert inputs(project, "two.npy") == ["q"]


def test_joined_arrays_are_of_all_that_was_joined(launch: Launch, project: Path) -> None:
    """With something unknown among them, nothing exact is said."""
    run(
        launch,
        f'{ARRAYS}np.save("one.npy", np.concatenate([a[:1], b[1:]]))\n'
        'np.save("two.npy", np.hstack([b, [1.0]]))\n',
    )
    assert "lineage" not in written(project, "two.npy")
    assert inputs(project, "one.npy") == ["a.csv", "b.csv"]


def test_a_map_that_is_written_is_an_output(launch: Launch, project: Path) -> None:
    """A new one is no input; one that is changed is both."""
    run(launch, 'import numpy as np\nnp.memmap("new.bin", mode="w+", shape=(4,))[:] = 1\n', "n.py")
    assert lineage(project, "n") == ([], ["new.bin"])
    run(launch, 'import numpy as np\nnp.memmap("new.bin", mode="r+")[:] = 1\n')
    assert lineage(project) == (["new.bin"], ["new.bin"])


def test_text_in_memory_names_no_file(launch: Launch, project: Path) -> None:
    """Lines and buffers are read from nowhere."""
    run(
        launch,
        "import io, pickle\nimport numpy as np\n"
        'np.loadtxt(["1 2", "3 4"])\nnp.genfromtxt(io.StringIO("1 2"))\n'
        "pickle.load(io.BytesIO(pickle.dumps(3)))\nnp.save(io.BytesIO(), np.arange(3))\n",
    )
    assert lineage(project) == ([], [])


FELT = """
import copy, inspect, pickle, traceback
import joblib
import numpy as np
for function in (pickle.load, pickle.dump, np.load, np.save, np.fromfile, joblib.load):
    print(function.__module__, function.__qualname__, function.__name__, function.__doc__)
    print(pickle.dumps(function), pickle.loads(pickle.dumps(function)) is function)
    print(copy.deepcopy(function) is function)
print(inspect.signature(pickle.load), inspect.signature(np.load), repr(pickle.load))
class Codec:
    write, read = pickle.dump, pickle.load
with open("x.pkl", "wb") as file:
    Codec().write([1], file)
with open("x.pkl", "rb") as file:
    print(Codec().read(file))
for call in (lambda: pickle.load(3), lambda: np.load("nowhere.npy"), lambda: joblib.load("no")):
    try:
        call()
    except Exception:
        traceback.print_exc()
print(type(np.memmap("x.pkl", mode="r")), isinstance(np.memmap("x.pkl", mode="r"), np.memmap))
"""


def test_nothing_is_felt(launch: Launch, project: Path, tmp_path: Path) -> None:
    """Names, pickles, signatures, tracebacks: as without capture, also of functions in C."""
    (project / "job.py").write_text(FELT)
    alone = subprocess.run(
        [sys.executable, "job.py"],
        cwd=project,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    captured = launch(FELT)
    assert captured.stdout == alone.stdout
    assert captured.stderr == alone.stderr
