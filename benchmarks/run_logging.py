"""Logging runs one at a time, beside others who log runs: how long one takes for who logs it.

Through our Python API a run goes to a spool that outlives the process, and is shipped later. START
and COMPLETE of OpenLineage, given to the store directly, are each on the disk, in the ledger and
under a signed head before the next: four durable steps each. The OpenLineage client appends to a
file and waits for nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

import _measuring
import _peers
import _stores

from headwater.ingest import admit
from headwater.store import Writer

RUNS = 100
ROUNDS = 5
OURS = "Headwater, START and COMPLETE admitted to the store, one by one"
PEERS = {
    "headwater": "Headwater, Python API, into the spool",
    "openlineage": "openlineage-python, to a file, not flushed",
    "mlflow": "MLflow, tracking store on SQLite",
    "mlmd": "ML Metadata, on SQLite",
}
PEER_PYTHON = _stores.HOME / "peers" / "bin" / "python"


def main() -> None:
    """Measure in turns, and report."""
    samples: dict[str, list[float]] = {what: [] for what in (PEERS["headwater"], OURS)}
    missing: list[str] = []
    with _stores.empty("run_logging") as store:
        for number in range(ROUNDS):
            samples[OURS].append(_measuring.seconds(lambda: log(store)) / RUNS * 1_000)
            for peer, what in PEERS.items():
                if what in missing:
                    continue
                seconds = measure_peer(peer)
                if seconds is None:
                    missing.append(what)
                    print(f"  SKIPPED {what}: it is not installed (see benchmarks/peers.lock)")
                else:
                    samples.setdefault(what, []).append(seconds / RUNS * 1_000)
            print(f"  round {number + 1} of {ROUNDS}")
    figures = [_measuring.Figure(f"one run: {what}", tuple(ms)) for what, ms in samples.items()]
    _measuring.report("run_logging", figures, runs=RUNS, missing=missing)


def log(store: Writer) -> None:
    """Log the runs into our store."""
    for _ in range(RUNS):
        run = str(uuid.uuid4())
        for state in ("START", "COMPLETE"):
            admit(store, [event(run, state)])


def event(run: str, state: str) -> bytes:
    """Write the event of a run that the peers log too."""
    document = {
        "eventTime": datetime.now(UTC).isoformat(),
        "eventType": state,
        "run": {"runId": run},
        "job": {"namespace": "bench", "name": "train"},
        "inputs": [{"namespace": "db", "name": name} for name in _peers.INPUTS],
        "outputs": [{"namespace": "db", "name": name} for name in _peers.OUTPUTS],
        "producer": "https://example.com/bench",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }
    return json.dumps(document).encode()


def measure_peer(name: str) -> float | None:
    """Seconds that a peer took for the runs; None when it is not installed."""
    script = str(Path(__file__).with_name("_peers.py"))
    for python in (sys.executable, str(PEER_PYTHON)):
        if not Path(python).exists():
            continue
        with tempfile.TemporaryDirectory(dir=_stores.HOME) as folder:
            done = subprocess.run(
                [python, script, name, str(RUNS), folder], capture_output=True, text=True
            )
        if done.returncode == 0:
            return float(done.stdout.splitlines()[-1])
        if "ModuleNotFoundError" not in done.stderr:
            sys.exit(f"{name} failed:\n{done.stderr}")
    return None


if __name__ == "__main__":
    main()
