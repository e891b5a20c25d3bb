"""What recording costs the program that is recorded: its start, each call, its end.

CPU of new processes and of single calls; wall-clock time for an end without a service. The peer is
openlineage-python: building and encoding one event, and its HTTP transport with nobody there.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import _measuring
import _stores

ROUNDS = 7
CALLS = 2_000
NOBODY = "http://127.0.0.1:9"
CALL, CALL_PATH = "recording a read by name, CPU", "recording a read of a path, CPU"
GOALS = {
    "a program with one run, CPU more than none": "≤ 15 ms",
    CALL: "≤ 10 µs",
    CALL_PATH: "≤ 10 µs",
    "end of a program, service down: Headwater": "< 50 ms",
}

CALLING = f"""
import json, time, headwater
names = [("ns", f"table{{n}}") for n in range({CALLS})]
open("file", "w").close()
paths = [f"data/part{{n}}.parquet" for n in range({CALLS})]
def measure(act, items):
    taken = []
    for item in items:
        began = time.process_time_ns()
        act(item)
        taken.append((time.process_time_ns() - began) / 1_000)
    return sorted(taken)
with headwater.run("calls") as run:
    @headwater.task
    def nothing(_): ...
    said = {{
        "recording a read by name, CPU": measure(run.read, names),
        "recording a write by name, CPU": measure(run.write, names),
        "recording a read of a path, CPU": measure(run.read, paths),
        "a read that was recorded before, CPU": measure(run.read, [names[-1]] * {CALLS}),
        "a task that does nothing, CPU": measure(nothing, names[:500]),
    }}
print(json.dumps(said))
"""

PEER = f"""
import json, time, uuid
from datetime import datetime, timezone
from openlineage.client.event_v2 import InputDataset, Job, Run, RunEvent, RunState
from openlineage.client.serde import Serde
taken = []
for number in range({CALLS}):
    began = time.process_time_ns()
    event = RunEvent(
        eventType=RunState.RUNNING, eventTime=datetime.now(timezone.utc).isoformat(),
        run=Run(runId=str(uuid.uuid4())), job=Job(namespace="ns", name="job"),
        inputs=[InputDataset(namespace="ns", name=f"table{{number}}")], producer="https://x.y/z",
    )
    Serde.to_json(event)
    taken.append((time.process_time_ns() - began) / 1_000)
print(json.dumps({{"openlineage-python: an event built and encoded, CPU": sorted(taken)}}))
"""

ENDING = """
import headwater, time
with headwater.run("job") as run:
    run.read(("ns", "a"))
    began = time.perf_counter()
import headwater.capture.runtime
headwater.capture.runtime.finish()
print((time.perf_counter() - began) * 1_000)
"""

PEER_ENDING = f"""
import time, uuid
from datetime import datetime, timezone
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.transport.http import HttpConfig, HttpTransport
client = OpenLineageClient(transport=HttpTransport(HttpConfig(url="{NOBODY}")))
event = RunEvent(eventType=RunState.COMPLETE, eventTime=datetime.now(timezone.utc).isoformat(),
    run=Run(runId=str(uuid.uuid4())), job=Job(namespace="ns", name="job"), producer="https://x.y/z")
began = time.perf_counter()
try:
    client.emit(event)
except Exception:
    pass
print((time.perf_counter() - began) * 1_000)
"""


def main() -> None:
    """Measure in turns, and report."""
    samples: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(dir=_stores.HOME) as name:
        folder = Path(name)
        for number in range(ROUNDS):
            one_round(folder, samples)
            print(f"  round {number + 1} of {ROUNDS}")
    figures = [
        _measuring.Figure(what, tuple(taken), unit_of(what), GOALS.get(what))
        for what, taken in samples.items()
    ]
    _measuring.report("recording", figures, packages=("openlineage-python",), calls=CALLS)


def unit_of(what: str) -> str:
    """The unit of a figure, by what it is of."""
    return "ms" if "program" in what else "µs"


def one_round(folder: Path, samples: dict[str, list[float]]) -> None:
    """Take one sample of everything."""

    def take(what: str, value: float) -> None:
        samples.setdefault(what, []).append(value)

    none = cpu_of("pass", folder)
    take("a program with one run, CPU more than none",
         cpu_of('import headwater\nwith headwater.run("r"): pass', folder) - none)  # fmt: skip
    for code in (CALLING, PEER):
        for what, taken in json.loads(output(code, folder)).items():
            take(what, _measuring.quantile(taken, 0.5))
            take(f"{what}, p99", _measuring.quantile(taken, 0.99))
    down = {"HEADWATER_URL": NOBODY, "HEADWATER_SHIP": "yes"}
    take("end of a program, service down: Headwater", float(output(ENDING, folder, **down)))
    take("end of a program, service down: openlineage-python",
         float(output(PEER_ENDING, folder)))  # fmt: skip


def output(code: str, folder: Path, **more: str) -> str:
    """What a program prints that records into the folder."""
    environ = {**os.environ, "HEADWATER_STORE": str(folder / ".headwater"), "HEADWATER_SHIP": "no"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environ | more, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def cpu_of(code: str, folder: Path) -> float:
    """Milliseconds of CPU of a new process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output(code, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1_000


if __name__ == "__main__":
    main()
