"""What `headwater run` costs a program that knows nothing of it, beside what others cost.

CPU of new processes: the same program without anything, captured, and under each peer. Peers have
an environment of their own, and are compared with a plain program there. What they record differs:
MLflow's autologging records fits, OpenTelemetry statements and requests, autolineage frames;
`headwater run` files, frames with their columns, statements and fits. Shares of a loop or pipeline
include what the start costs. A pipeline reads, joins, groups and writes 40,000 rows and trains a
model, again and again: for a second or two, and for a minute. MLflow takes some two seconds more
for each model, and is measured over a tenth of that minute. Single calls stand beside the peers
that see such calls, and a file that is read beside the least that an audit hook in Python could do:
look at the file, and write 200 bytes. Then where the time of a start goes.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import _measuring
import _stores

ROUNDS = 3
FILES = 1_000
OPERATIONS = 1_500
FITS = 20

PEER_PYTHON = _stores.HOME / "instruments" / "bin" / "python"
PLAIN, CAPTURED, MLFLOW = "plain", "Headwater", "MLflow autolog"
AUTOLINEAGE, TELEMETRY = "autolineage", "OpenTelemetry"

PEERS = {
    MLFLOW: "import mlflow; mlflow.set_tracking_uri('sqlite:///m.db'); mlflow.autolog(silent=True)",
    AUTOLINEAGE: "import autolineage.auto",
    TELEMETRY: "from opentelemetry.instrumentation.auto_instrumentation import initialize\n"
    "initialize()",
}
"""What a peer needs in front of a program that it instruments."""

STEPS = {
    "a pipeline of seconds": (4, (AUTOLINEAGE, MLFLOW, TELEMETRY)),
    "a pipeline of a minute": (350, (AUTOLINEAGE, TELEMETRY)),
    "a tenth of that minute": (35, (MLFLOW,)),
}
"""How often a pipeline does what it does, each time in some 0.17 s; and who does it too."""

START = "pass"
USUAL = "import typing, re, json, enum, contextlib, collections, functools, hashlib, zlib"

FRAMES = f"""
import pandas as pd
frame = pd.DataFrame({{"k": range(100), "x": range(100)}})
frame.to_csv("frames.csv")
frame = pd.read_csv("frames.csv")
for number in range({OPERATIONS} // 3):
    made = frame[frame["k"] > 10]
    made = made.assign(y=made["x"] * 2)
    made.groupby("k")["y"].sum()
made.to_csv("made.csv")
"""

FITTING = f"""
import warnings; warnings.simplefilter("ignore")
import numpy as np
from sklearn.linear_model import LinearRegression
X, y = np.random.default_rng(1).random((2_000, 20)), np.random.default_rng(2).random(2_000)
for _ in range({FITS}):
    LinearRegression().fit(X, y)
"""

PIPELINE = """
import numpy as np, pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
random = np.random.default_rng(1)
pd.DataFrame(random.random((40_000, 12)), columns=list("abcdefghijkl")).to_csv("in.csv")
for step in range(STEPS):
    frame = pd.read_csv("in.csv")
    frame["m"] = frame["a"] * frame["b"]
    frame = frame[frame["c"] > 0.1].merge(frame[["d", "e"]].head(100), on="d", how="left")
    frame.groupby(frame["a"].round(2))["m"].mean().to_csv(f"mean{step}.csv")
    frame.to_parquet(f"out{step % 20}.parquet")
    HistGradientBoostingRegressor(max_iter=60).fit(frame[list("abcd")], frame["m"])
"""

CALLS = f"""
import json, time, pickle, sqlite3
import duckdb
import pandas as pd
import sqlalchemy as sa
def measure(act, items):
    taken = []
    for item in items:
        began = time.process_time_ns()
        act(item)
        taken.append((time.process_time_ns() - began) / 1_000)
    return sorted(taken)
names = [f"file{{n}}" for n in range({FILES})]
for name in names:
    with open(name, "w") as file: file.write("x")
def read(name):
    with open(name) as file: file.read()
frame = pd.read_csv("small.csv")
def column(_): return frame["x"] * 2
def rows(_): return frame[frame["x"] > 1]
base = sqlite3.connect("calls.db")
base.execute("CREATE TABLE IF NOT EXISTS t (a)")
t = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer))
query = sa.select(t).where(t.c.a == sa.bindparam("a"))
opened = sa.create_engine("sqlite:///calls.db").connect()
duck = duckdb.connect(config={{"threads": 1}})
duck.execute("CREATE TABLE t AS SELECT 1 AS a")
print(json.dumps({{
    "a file read": measure(read, names),
    "the same file read again": measure(read, [names[0]] * {FILES}),
    "two operations of pandas, a column computed": measure(column, range({FILES})),
    "three operations of pandas, rows selected": measure(rows, range({FILES})),
    "a statement of SQLite": measure(lambda n: base.execute("SELECT a FROM t WHERE a = ?", (n,)),
                                     range({FILES})),
    "a statement of SQLAlchemy": measure(lambda n: opened.execute(query, {{"a": n}}).close(),
                                         range({FILES})),
    "a statement of DuckDB": measure(lambda n: duck.execute("SELECT a FROM t WHERE a = ?", [n]),
                                     range({FILES})),
}}))
"""  # noqa: S608 (constants)

LEAST = """
import os, sys
spool = os.open("least", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
line = b"x" * 200
def hook(event, args):
    if event == "open" and isinstance(args[0], str):
        os.lstat(args[0])
        os.write(spool, line)
sys.addaudithook(hook)
"""
"""The hook that stands for the limit."""

SEEN = {AUTOLINEAGE: " operations of pandas, ", TELEMETRY: "a statement of SQL"}
"""What stands in the names of the calls that a peer sees."""

GOALS = {
    f"start: {CAPTURED}": "< 15 ms",
    f"start with re, json, typing: {CAPTURED}": "< 15 ms",
    f"a pipeline of a minute: {CAPTURED}": "< 1 %",
}
LIMIT = "a file read: a hook that does next to nothing"
COUNTED = {2: "two operations", 3: "three operations"}
"""The goal is for one captured operation: 10 µs, p99 below 50."""


def main() -> None:
    """Measure in turns, and report."""
    samples: dict[str, list[float]] = {}
    missing = [name for name in PEERS if not works(name)]
    for name in missing:
        print(f"  SKIPPED {name}: it does not start (see benchmarks/instruments.txt)")
    peers = [name for name in PEERS if name not in missing]
    with tempfile.TemporaryDirectory(dir=_stores.HOME) as name:
        for number in range(ROUNDS):
            one_round(Path(name), samples, peers)
            print(f"  round {number + 1} of {ROUNDS}")
    figures = [
        _measuring.Figure(what, tuple(taken), unit_of(what), goal_of(what))
        for what, taken in samples.items()
    ]
    _measuring.report(
        "capture",
        figures,
        packages=("pandas", "scikit-learn", "sqlalchemy", "duckdb"),
        operations=OPERATIONS,
        fits=FITS,
        missing=missing,
        peers=peer_versions(peers),
    )


def unit_of(what: str) -> str:
    """The unit of a figure, by what it is of."""
    if what.startswith("start"):
        return "ms"
    return "µs" if what.startswith(("call", "stage")) else "%"


def goal_of(what: str) -> str | None:
    """The goal of a figure."""
    if what.startswith("call") and not what.endswith((LIMIT, *PEERS)):
        called = what.removeprefix("call: ")
        count = next((n for n, word in COUNTED.items() if called.startswith(word)), 1)
        return f"< {50 * count} µs" if what.endswith("p99") else f"≤ {10 * count} µs"
    return GOALS.get(what)


def one_round(folder: Path, samples: dict[str, list[float]], peers: list[str]) -> None:
    """Take one sample of everything: plain and instrumented, one after the other."""
    (folder / "small.csv").write_text("k,x\n" + "".join(f"{n},{n * 2}\n" for n in range(50)))

    def take(what: str, value: float) -> None:
        samples.setdefault(what, []).append(value)

    for what, code, of in (
        ("start", START, (AUTOLINEAGE, MLFLOW, TELEMETRY)),
        ("start with re, json, typing", USUAL, ()),
        ("a loop of small frames", FRAMES, (AUTOLINEAGE, MLFLOW, TELEMETRY)),
        ("a loop of small fits", FITTING, (MLFLOW, AUTOLINEAGE)),
        *((what, f"STEPS = {steps}\n{PIPELINE}", of) for what, (steps, of) in STEPS.items()),
    ):
        plain, captured = cpu_of(code, folder, PLAIN), cpu_of(code, folder, CAPTURED)
        take(f"{what}: {CAPTURED}", more(what, captured, plain))
        found = [name for name in of if name in peers]
        if found:
            base = cpu_of(code, folder, PLAIN, PEER_PYTHON)
            for name in found:
                take(f"{what}: {name}", more(what, cpu_of(code, folder, name, PEER_PYTHON), base))
    before = calls(folder, PLAIN)
    for what, cost in beside(calls(folder, CAPTURED), before):
        take(f"call: {what}", cost)
    others = calls(folder, PLAIN, PEER_PYTHON) if SEEN.keys() & set(peers) else {}
    for name in [name for name in SEEN if name in peers]:
        for what, cost in beside(calls(folder, name, PEER_PYTHON), others):
            if SEEN[name] in what:
                take(f"call: {what}: {name}", cost)
    least = json.loads(output(LEAST + CALLS, folder, PLAIN))["a file read"]
    cost = _measuring.quantile(least, 0.5) - _measuring.quantile(before["a file read"], 0.5)
    take(f"call: {LIMIT}", cost)
    for what, value in parts_of_start(folder).items():
        take(f"stage: {what}", value)


def calls(folder: Path, how: str, python: Path | str = sys.executable) -> dict[str, list[float]]:
    """Microseconds of CPU of each call, by what is called, the least first."""
    told = output(CALLS, folder, how, python).splitlines()[-1]  # peers greet
    return dict(json.loads(told))


def beside(
    after: dict[str, list[float]], before: dict[str, list[float]]
) -> Iterator[tuple[str, float]]:
    """Microseconds that calls take more than before: the median one, and of 100 the longest."""
    for what, taken in after.items():
        for share, called in ((0.5, ""), (0.99, ", p99")):
            cost = _measuring.quantile(taken, share) - _measuring.quantile(before[what], share)
            yield f"{what}{called}", cost


def parts_of_start(folder: Path) -> dict[str, float]:
    """Microseconds that a captured start takes more, as `-X importtime` tells, and the rest."""
    whole, plain, captured = (
        1_000 * (cpu_of(START, folder, CAPTURED) - cpu_of(START, folder, PLAIN)),
        imports(folder, PLAIN),
        imports(folder, CAPTURED),
    )
    added = {name: took for name, took in captured.items() if name not in plain}
    ours = {name: took for name, took in added.items() if name.split(".")[0] == "headwater"}
    library = sum(added.values()) - sum(ours.values())
    rest = max(0.0, whole - sum(added.values()))
    return {
        "modules of ours that are imported": float(sum(ours.values())),
        "modules of the standard library that they import": float(library),
        "hooks, git, the first segment, the end": rest,
    }


def imports(folder: Path, how: str) -> dict[str, int]:
    """Microseconds of each module that an empty program imports, its own imports left out."""
    told = run([sys.executable, "-X", "importtime", "-c", START], folder, how).stderr
    lines = [line.removeprefix("import time:").split("|") for line in told.splitlines()
             if line.startswith("import time:") and "[us]" not in line]  # fmt: skip
    return {name.strip(): int(own) for own, _, name in lines}


def more(what: str, taken: float, base: float) -> float:
    """What instrumentation adds: milliseconds of a start, else per cent."""
    return taken - base if what.startswith("start") else 100 * (taken - base) / base


def works(name: str) -> bool:
    """Whether a peer is installed and starts."""
    if not PEER_PYTHON.exists():
        return False
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [PEER_PYTHON, "-c", PEERS[name]], cwd=folder, capture_output=True, check=False
        )
    return done.returncode == 0


def peer_versions(peers: list[str]) -> dict[str, str]:
    """Versions of the peers, in their environment."""
    if not peers:
        return {}
    packages = ("mlflow", "autolineage", "opentelemetry-distro", "pandas", "scikit-learn")
    code = f"import json, importlib.metadata as m\nfound = {{}}\nfor n in {packages!r}:\n"
    code += "    try: found[n] = m.version(n)\n    except m.PackageNotFoundError: pass\n"
    done = subprocess.run(
        [PEER_PYTHON, "-c", f"{code}print(json.dumps(found))"], capture_output=True, check=True
    )
    return dict(json.loads(done.stdout))


def output(code: str, folder: Path, how: str, python: Path | str = sys.executable) -> str:
    """What a program prints, run plain or instrumented."""
    if how in PEERS:
        code = f"{PEERS[how]}\n{code}"
    done = run([python, "-c", code], folder, how)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def run(words: list[Path | str], folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    """Run a program with or without capture."""
    environ = {name: value for name, value in os.environ.items() if "HEADWATER" not in name}
    environ |= {"HEADWATER_STORE": str(folder / ".headwater"), "HEADWATER_SHIP": "no"}
    environ |= {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}
    environ |= {"OTEL_LOGS_EXPORTER": "none", "OMP_NUM_THREADS": "1"}
    if how == CAPTURED:
        environ["HEADWATER_RUN"] = "bench"
    return subprocess.run(
        words, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def cpu_of(code: str, folder: Path, how: str, python: Path | str = sys.executable) -> float:
    """Milliseconds of CPU of a new process and what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output(code, folder, how, python)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1_000


if __name__ == "__main__":
    main()
