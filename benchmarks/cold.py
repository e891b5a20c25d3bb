"""What a person waits for at a cold shell: commands on the demo's store, and imports.

Every sample is a new process; ours and the peers take turns. The pages of the files are warm: what
is measured is the start of an interpreter, the imports, the opening of the store and the answer.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import _measuring
import _stores

ROOT = _stores.HOME.parent
DEMO = _stores.HOME / "demo"
BIN = Path(sys.executable).parent
PEER_PYTHON = _stores.HOME / "peers" / "bin" / "python"
ROUNDS = 9
COMMANDS = {
    "headwater trace": ("trace", "predictions.csv"),
    "headwater impact": ("impact", "weather"),
    "headwater show": ("show", "delay.joblib"),
    "headwater search": ("search", "delay"),
    "headwater verify": ("verify",),
    "headwater --help": ("--help",),
}
GOALS = {
    "headwater trace": "≤ 300 ms",
    "import headwater, and all its names: CPU": "≤ 20 ms more than none",
}
BARE = "python, importing nothing"


def main() -> None:
    """Measure and report."""
    make_demo()
    store = ("--store", str(DEMO / ".headwater"))
    cases = {
        name: [str(BIN / "headwater"), *words, *(() if "--help" in words else store)]
        for name, words in COMMANDS.items()
    }
    cases[BARE] = [sys.executable, "-c", "pass"]
    for name in ("headwater", "openlineage.client", "sqlite3", "msgspec"):
        cases[f"import {name}"] = [sys.executable, "-c", f"import {name}"]
    cases["import headwater, and all its names"] = [sys.executable, "-c", "from headwater import *"]
    missing = []
    if shutil.which("git") and (ROOT / ".git").exists():
        cases["git log, the last 20 commits"] = ["git", "-C", str(ROOT), "log", "-n", "20"]
    else:
        missing.append("git log: no git, or no repository here")
    if PEER_PYTHON.exists() and works([str(PEER_PYTHON), "-c", "import mlflow"]):
        cases["import mlflow"] = [str(PEER_PYTHON), "-c", "import mlflow"]
    else:
        missing.append("import mlflow: it is not installed (see benchmarks/peers.lock)")
    for what in missing:
        print(f"  SKIPPED {what}")
    wall, cpu = take_turns(cases)
    figures = [
        _measuring.Figure(name, samples, "ms", GOALS.get(name)) for name, samples in wall.items()
    ]
    bare = cpu[BARE]
    for name, samples in cpu.items():
        if name.startswith("import "):
            more = tuple(one - none for one, none in zip(samples, bare, strict=True))
            what = f"{name}: CPU"
            figures.append(_measuring.Figure(what, more, "ms", GOALS.get(what)))
    _measuring.report("cold", figures, packages=("openlineage-python",), missing=missing)


def make_demo() -> None:
    """Run the flights demo for its store, unless there is one that this version can read."""
    _stores.keep_keys_here()
    os.environ["XDG_STATE_HOME"] = str(DEMO / "state")
    trace = [str(BIN / "headwater"), "trace", "predictions.csv", "--store", str(DEMO)]
    if not works(trace):
        demo = [sys.executable, "examples/flights/demo.py", "--home", str(DEMO)]
        subprocess.run(demo, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def works(command: list[str]) -> bool:
    """Whether a command ends well."""
    return subprocess.run(command, capture_output=True).returncode == 0


def cpu_of_children() -> float:
    """The seconds of CPU that all processes took which this one started and has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def take_turns(
    cases: dict[str, list[str]],
) -> tuple[dict[str, tuple[float, ...]], dict[str, tuple[float, ...]]]:
    """Milliseconds of wall clock and of CPU of each command, in turns."""
    cpu: dict[str, list[float]] = {name: [] for name in cases}

    def run(name: str) -> None:
        before = cpu_of_children()
        subprocess.run(cases[name], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        cpu[name].append((cpu_of_children() - before) * 1_000)

    wall = _measuring.alternate(
        {name: lambda name=name: run(name) for name in cases},  # type: ignore[misc]
        rounds=ROUNDS,
    )
    return wall, {name: tuple(samples[-ROUNDS:]) for name, samples in cpu.items()}


if __name__ == "__main__":
    main()
