"""Nothing is felt: programs do under `headwater run` what they do without."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import textwrap
import weakref
from pathlib import Path

import pytest

from tests.capture.conftest import environment, last, names

pytestmark = pytest.mark.slow  # each test runs a program twice


def run(tmp_path: Path, project: Path, *words: str, **more: str) -> tuple[str, str, int]:
    """What a command prints, on both streams, and exits with."""
    done = subprocess.run(
        words,
        cwd=project,
        env=environment(tmp_path, PYTHONHASHSEED="0", **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout, done.stderr, done.returncode


def captured(tmp_path: Path, project: Path, *words: str, **more: str) -> tuple[str, str, int]:
    """The same of a command that is captured."""
    return run(tmp_path, project, sys.executable, "-m", "headwater", "run", "--", *words, **more)


PROGRAMS = {
    "output, warnings and exit code": """
        import sys, warnings
        warnings.warn("careful")
        print("out"); print("err", file=sys.stderr)
        sys.exit(3)
        """,
    "traceback": """
        import subprocess, sys
        def inner(): subprocess.run(["false"], check=True)
        inner()
        """,
    "traceback of an observed function": """
        import pickle
        pickle.load(open("a.csv", "rb"))
        """,
    "traceback of pandas": """
        import pandas as pd
        pd.read_csv("a.csv").merge(pd.DataFrame({"q": [1]}), on="x")
        """,
    "message of sys.exit": """
        import sys
        sys.exit("no such thing")
        """,
    "modules, hooks and arguments": """
        import sys, os, atexit, signal, threading
        print(sys.argv, sys.excepthook is sys.__excepthook__, sys.gettrace(), sys.getprofile())
        print(signal.getsignal(signal.SIGTERM), threading.active_count(), os.getcwd() != "")
        print([getattr(one, "__name__", "") for one in sys.path_hooks])
        print(sys.exit.__name__, sys.exit.__doc__, type(sys.exit).__name__, os._exit.__module__)
        """,
    "pickles of functions": """
        import os, sys, pickle, subprocess, concurrent.futures, threading
        for one in (sys.exit, os._exit, os.waitpid, os.system, pickle.load, subprocess.run,
                    subprocess.Popen, threading.Thread):
            print(pickle.dumps(one))
            assert pickle.loads(pickle.dumps(one)) is one
        """,
    "signatures": """
        import inspect, os, sys, pickle, subprocess, concurrent.futures.thread, threading
        for one in (sys.exit, os._exit, os.waitpid, os.posix_spawn, pickle.load, pickle.dump,
                    subprocess.Popen, subprocess.Popen.wait, threading.Thread.start,
                    concurrent.futures.thread.ThreadPoolExecutor.submit):
            print(inspect.signature(one), one.__name__, one.__qualname__, one.__module__)
        """,
    "catching sys.exit": """
        import sys, traceback
        try:
            sys.exit(4)
        except SystemExit as error:
            traceback.print_exc(file=sys.stdout)
            print(error.code, error.args)
        """,
    "files and their modes": """
        import io
        print(io.open is open, type(open("a.csv")).__name__)
        with open("new.txt", "x") as file: print(file.write("1"), file.name)
        """,
    "a child's output through pipes": """
        import subprocess, sys
        done = subprocess.run([sys.executable, "-c", "print(input())"], input="hello", text=True,
                              capture_output=True)
        print(done)
        """,
    "unhandled errors in threads": """
        import threading
        def fail(): raise ValueError("in a thread")
        thread = threading.Thread(target=fail, name="T")
        thread.start(); thread.join()
        """,
    "tracebacks of threads, pools, batches and subclasses": """
        import concurrent.futures, threading, traceback
        import headwater, pyarrow, sklearn.base
        def tell(work, *given):
            try: work(*given)
            except Exception: traceback.print_exc()
        def fail(): raise ValueError("in a pool")
        thread = threading.Thread(target=print); thread.start(); thread.join()
        tell(thread.start)
        pool = concurrent.futures.ThreadPoolExecutor(1)
        with headwater.run("apart"): future = pool.submit(fail)
        pool.shutdown()
        tell(future.result)
        tell(pool.submit, fail)
        tell(pyarrow.table({"a": [1]}).to_batches, "many")
        class Base(sklearn.base.BaseEstimator):
            def __init_subclass__(cls): raise ValueError("no subclasses")
        tell(type, "Derived", (Base,), {})
        """,
    "the order of exits": """
        import atexit
        class Last:
            def __del__(self): print("deleted")
        def main():
            last = Last()
            try:
                raise SystemExit(2)
            finally:
                print("finally")
        atexit.register(print, "atexit")
        main()
        """,
    "what is left when the program ends": """
        import sqlite3
        class Last:
            def __del__(self): print("deleted")
        last = Last()
        shop = sqlite3.connect(":memory:")
        shop.execute("CREATE TABLE t (a)").fetchall()
        """,
    "what a script leaves that another runs": """
        import gc, runpy, weakref
        with open("inner.py", "w") as file:
            file.write("import sqlite3\\nclass Last: pass\\nlast = Last()\\n"
                       "sqlite3.connect(':memory:').execute('SELECT 1')\\n")
        left = weakref.ref(runpy.run_path("inner.py")["last"])
        gc.collect()
        print(left())
        """,
    "the order of exits by sys.exit": """
        import atexit, sys
        class Last:
            def __del__(self): print("deleted")
        def main():
            last = Last()
            sys.exit(2)
        atexit.register(print, "atexit")
        main()
        """,
    "descriptors": """
        import os
        def descriptors():
            return [one for one in os.listdir("/proc/self/fd") if int(one) < 3]
        print(sorted(descriptors()))
        """,
    "all descriptors closed, as daemons do": """
        import os
        first = os.open("a.csv", os.O_RDONLY)
        limit = max(int(one) for one in os.listdir("/proc/self/fd")) + 1
        os.closerange(3, limit)
        files = [open(f"{number}.txt", "w") for number in range(700)]
        for name in ("a.csv", "b.csv"):
            open("new.txt", "w").write(open(name).read())
        for one in files: one.close()
        print(first, [one.name for one in files if os.path.getsize(one.name)])
        """,
    "audit hooks of its own": """
        import sys
        seen = []
        sys.addaudithook(lambda event, args: seen.append(event) if event == "mine" else None)
        sys.audit("mine"); print(seen)
        """,
    "an audit hook that refuses": """
        import sys
        def refuse(event, args):
            if event == "open" and str(args[0]).endswith("b.csv"): raise PermissionError("not this")
        sys.addaudithook(refuse)
        print(open("a.csv").read())
        try: open("b.csv")
        except PermissionError as error: print(error)
        """,
    "import hooks of its own": """
        import sys, importlib.abc, importlib.util
        class Finder(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path, target=None):
                if name == "made_up": return importlib.util.spec_from_loader(name, Loader())
        class Loader(importlib.abc.Loader):
            def create_module(self, spec): return None
            def exec_module(self, module): module.answer = 42
        sys.meta_path.insert(0, Finder())
        import made_up; print(made_up.answer)
        """,
    "forks in threads": """
        import os, sys, threading, warnings
        warnings.simplefilter("ignore")  # of 3.12, with the process's number
        def fork():
            pid = os.fork()
            if not pid:
                open("a.csv").read()
                os._exit(7)
            sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\\n")
        threads = [threading.Thread(target=fork) for _ in range(4)]
        for one in threads: one.start()
        for one in threads: one.join()
        """,
    "an interrupt": """
        import os, signal, time
        open("new.txt", "w").write(open("a.csv").read())
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(9)
        """,
    "an interrupt of its own": """
        try: raise ValueError("first")
        except ValueError: raise KeyboardInterrupt("with words")
        """,
    "an interrupt of a program that comes through a pipe": """
        import subprocess, sys
        print(subprocess.run([sys.executable], input="raise KeyboardInterrupt", text=True))
        """,
    "a warning about an encoding, at the program's line": """
        import subprocess, sys
        code = "import subprocess\\nsubprocess.run(['true'], text=True)"
        subprocess.run([sys.executable, "-X", "warn_default_encoding", "-c", code])
        """,
    "an error that cannot be written": """
        class Odd(Exception):
            def __str__(self): raise ValueError
        raise Odd
        """,
    "a program that becomes another, found by PATH": """
        import os
        if not (child := os.fork()): os.execvp("cat", ["cat", "a.csv"])
        os.waitpid(child, 0)
        os.execlp(b"echo", b"echo", b"done")
        """,
    "a closed standard error": """
        import sys, os
        sys.stderr.close(); os.close(2)
        print(open("a.csv").read())
        """,
    "a changed directory and environment": """
        import os, tempfile
        os.environ.clear()
        os.chdir(tempfile.mkdtemp())
        open("x", "w").write("1"); print(os.listdir("."))
        """,
    "connections of SQLite that cannot be used, and what reads texts": """
        import sqlite3, threading
        def tell(work, *given):
            try: print(work(*given))
            except Exception as error: print(type(error), str(error).partition(". ")[0])
        made = sqlite3.connect("s.db")
        made.text_factory = lambda text: print("read", text) or text
        tell(made.execute("SELECT 'x'").fetchall)
        alone = sqlite3.connect("s.db")
        thread = threading.Thread(target=tell, args=(alone.execute, "SELECT 1"))
        thread.start(); thread.join()
        alone.close()
        tell(alone.execute, "SELECT 1")
        tell(made.__init__, "/no/such.db")
        tell(made.executemany, "INSERT INTO t VALUES (?)", [(1,)])
        __import__("warnings").simplefilter("always")
        sqlite3.connect("s.db", 5, 0, "", True, sqlite3.Connection).close()  # 3.13 warns here
        """,
    "objects in frames, that do something when they are asked": """
        import pandas as pd
        class Cell:
            def __getattr__(self, name):
                print("asked for", name)
                raise AttributeError(name)
            name = index = property(lambda self: print("asked for a name"))
        frame = pd.read_csv("a.csv")
        frame["cell"] = [Cell()]
        frame["cell"][0], frame.at[0, "cell"], frame.loc[0, "cell"], frame["cell"].iloc[0]
        """,
    "warnings of pandas, at the program's line": """
        import warnings
        import pandas as pd
        warnings.simplefilter("always")
        frame = pd.read_csv("a.csv").reindex([0, 1])
        frame.fillna({"x": "text"})
        frame["x"][0] = 5
        frame["x"].fillna(0, inplace=True)
        frame[["x"]].update(frame)
        def kept():
            column = frame["x"]
            column[0] = 6
            column.replace(6, 7, inplace=True)
        kept()
        """,
    "data sets of open files": """
        import polars as pl, pyarrow as pa, pyarrow.parquet as pq
        pq.write_table(pa.table({"x": [1, 2]}), "new.parquet")
        with open("new.parquet", "rb") as file:
            print(pq.ParquetDataset(file).read()["x"])
            print(pq.read_table(file, filters=[("x", ">", 1)])["x"])
            print(pl.scan_pyarrow_dataset(pq.ParquetDataset(file)._dataset).collect())
        """,
    "arrays that take functions of numpy over": """
        import numpy as np
        class Own:
            def __array_function__(self, function, types, args, kwargs):
                return function is getattr(np, function.__name__), function in known
        known = {np.concatenate: 1, np.save: 2, np.loadtxt: 3}
        print(np.concatenate([Own()]), np.save("x.npy", Own()), np.loadtxt("b.csv", like=Own()))
        print(np.concatenate, type(np.savez), np.vstack([[1], [2]]).sum())
        try: np.concatenate([1, 2], 3)
        except ValueError: __import__("traceback").print_exc()
        """,
    "pandas patched by the program": """
        import pandas as pd
        original = pd.read_csv
        def read(*args, **kwargs):
            print("reading", args)
            return original(*args, **kwargs)
        pd.read_csv = read
        print(pd.read_csv("a.csv").x.sum())
        pd.DataFrame.total = lambda self: int(self.sum().sum())
        print(pd.read_csv("a.csv").total())
        pd.read_csv = original
        print(pd.read_csv("a.csv").shape)
        """,
    "pandas subclassed by the program": """
        import pandas as pd, pickle
        class Mine(pd.DataFrame):
            _metadata = ["note"]
            @property
            def _constructor(self): return Mine
        frame = Mine(pd.read_csv("a.csv")); frame.note = "n"
        copy = pickle.loads(pickle.dumps(frame[["x"]].rename(columns={"x": "y"})))
        print(type(copy).__name__, copy.note, list(copy), frame.attrs)
        """,
    "source that is looked at, of which Python warns": r"""
        import warnings
        import pandas as pd
        warnings.simplefilter("always")
        PATTERNS = {"\d": "a", r"\w": "b", R'\"\s': "c", "\n\\\z": "d"}
        a = pd.read_csv("a.csv", dtype=str)
        print(a["x"].replace(PATTERNS, regex=True).isin(["\d"]).replace({True: "\w"}).tolist())
        """,
    "lists and dicts of classes of the program": """
        import pandas as pd
        class Told(list):
            def __iter__(self): print("drawn from"); return super().__iter__()
            def __eq__(self, other): print("compared"); return True
        class Asked(dict):
            def __iter__(self): print("drawn from"); return super().__iter__()
        MEMBERS = Told([1, 2])
        a = pd.read_csv("a.csv")
        print(a["x"].isin(MEMBERS).sum(), a["x"].map(Asked({1: 2})).sum())
        """,
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_does_what_it_does(tmp_path: Path, project: Path, program: str) -> None:
    """Same output, same errors to the letter, same exit code."""
    (project / "job.py").write_text(textwrap.dedent(PROGRAMS[program]))
    plain = run(tmp_path, project, sys.executable, "job.py")
    (project / "new.txt").unlink(missing_ok=True)
    assert captured(tmp_path, project, sys.executable, "job.py") == plain


def is_lost_by_chance() -> bool:
    """Whether a `GzipFile` lives until garbage is collected, and may be too late at the end.

    That of 3.14 imports something when it is deleted, which may be too late too.
    """
    packed = gzip.GzipFile(fileobj=io.BytesIO(), mode="wb")
    seen = weakref.ref(packed)
    packed.close()
    del packed
    return seen() is not None or sys.version_info >= (3, 14)


@pytest.mark.skipif(is_lost_by_chance(), reason="Python may lose what they hold")
def test_files_that_are_left_open_hold_what_they_would(tmp_path: Path, project: Path) -> None:
    """Whether Python or another stream keeps what waits to be written, of whatever class it is."""
    (project / "job.py").write_text(
        textwrap.dedent(
            """
            import gzip, io, time
            class Mine(io.RawIOBase):
                def writable(self): return True
                def write(self, data): return len(data)
            time.time = lambda: 1.0
            kept = gzip.open("packed.gz", "wt"), open("plain", "w"), gzip.GzipFile("bytes.gz", "wb")
            for one in kept[:2]: one.write("some text" * 100)
            kept[2].write(b"some bytes" * 100)
            mine = io.BufferedWriter(Mine()); mine.write(b"unnamed")
            """
        )
    )
    found = []
    for how in (run, captured):
        assert how(tmp_path, project, sys.executable, "job.py") == ("", "", 0)
        found.append([(project / name).read_bytes() for name in ("packed.gz", "plain", "bytes.gz")])
    assert found[0] == found[1]


def test_sitecustomize_goes_on_working(tmp_path: Path, project: Path) -> None:
    """What a site adds to every start of Python is there, for the program and for capture."""
    (project / "sitecustomize.py").write_text(
        "import builtins, sys\nbuiltins.site = len(sys.argv) if hasattr(sys, 'argv') else 0\n"
        "sys.addaudithook(lambda *_: None)\n"
    )
    (project / "job.py").write_text('print(site)\nopen("o.txt", "w").write(open("a.csv").read())')
    path = {"PYTHONPATH": str(project)}
    plain = run(tmp_path, project, sys.executable, "job.py", **path)
    assert captured(tmp_path, project, sys.executable, "job.py", **path) == plain
    assert names(last(project, "job")["inputs"]) == ["a.csv"]


def test_standard_input_is_the_program_s(tmp_path: Path, project: Path) -> None:
    """A program that is read from standard input, or reads from it, gets it."""
    words = [sys.executable, "-m", "headwater", "run", "--", sys.executable, "-"]
    done = subprocess.run(
        words,
        cwd=project,
        env=environment(tmp_path),
        input='print(open("a.csv").read().strip())\n',
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("x\n1\n", "")


ALL = """
import importlib, inspect, pickle, sys, types
from headwater.capture import adapting
from headwater.capture.patching import Patches

changed = []

def told(value):
    if isinstance(value, property): return ["property", value.__doc__]
    said = [getattr(value, name, None) for name in ("__name__", "__qualname__", "__doc__")]
    # Methods of psycopg and `__init_subclass__` have ours with parameters of its own.
    if "psycopg" not in str(getattr(value, "__module__", "")) and said[0] != "__init_subclass__":
        said += [getattr(value, name, None) for name in ("__defaults__", "__kwdefaults__")]
    said.append(inspect.isbuiltin(value))
    original = inspect.unwrap(value)
    for one, look in ((value, inspect.signature), (value, inspect.getsource),
                      (value, inspect.get_annotations), (original, inspect.getsourcefile)):
        try: said.append(str(look(one)))
        except (ValueError, TypeError, OSError): said.append(None)
    return said

inherited = set()

def seen(owner, name):
    # A constructor that was every object's is looked at as its class.
    if name == "__init__" and owner.__init__ is object.__init__: inherited.add(owner)
    return owner if name == "__init__" and owner in inherited else getattr(owner, name)

def pickled(value):
    try: return pickle.dumps(value)
    except Exception: return None

class Watching(Patches):
    def replace(self, owner, name, value):
        before = seen(owner, name)
        stored = pickled(before) if isinstance(owner, types.ModuleType) else None
        changed.append((owner, name, told(before), stored))
        super().replace(owner, name, value)

for module in adapting.ADAPTERS:
    try: found = importlib.import_module(module)
    except ImportError: continue
    adapting.fit(adapting.ADAPTERS[module], found, Watching())

different = []
for owner, name, before, stored in changed:
    now = seen(owner, name)
    after = told(now)
    where = f"{getattr(owner, '__name__', owner)}.{name}"
    if after != before: different.append((where, before, after))
    if stored is not None and pickled(now) != stored: different.append((where, "pickle"))
print(len(changed) > 100, len(different))
for one in different: print(one)
"""


def test_every_function_that_is_observed_stays_what_it_is(tmp_path: Path, project: Path) -> None:
    """Names, documentation, signatures, defaults, kinds, sources and pickles of all of them."""
    (project / "all.py").write_text(ALL)
    out, errors, code = run(tmp_path, project, sys.executable, "-W", "ignore", "all.py")
    assert (code, errors) == (0, "")
    assert out == "True 0\n"
