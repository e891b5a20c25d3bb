"""Runs every step, in order, each as a process of its own; both trainings at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STEPS = {
    "ingest": "five CSV files, copied as they are into Parquet",
    "clean": "five tables of a warehouse: no cancelled flights, no duplicates",
    "join": "one row a flight, joined in SQL",
    "features": "what is known before departure; train, test and score months",
    "train small": "gradient boosting, few leaves",
    "train large": "gradient boosting, many leaves",
    "evaluate": "both on unseen months; the better one becomes delay.joblib",
    "predict": "the chance of a late arrival for every flight of December",
}
TOGETHER = [["ingest"], ["clean"], ["join"], ["features"], ["train small", "train large"],
            ["evaluate"], ["predict"]]  # fmt: skip


def main() -> int:
    """Run them; stop at the first that fails, with its exit code."""
    for names in TOGETHER:
        began = time.monotonic()
        started = [(name, start(name)) for name in names]
        for name, process in started:
            said, _ = process.communicate()
            took = f"{time.monotonic() - began:5.1f} s"
            if process.returncode != 0:
                print(f"  {name:<12} failed: exit code {process.returncode}")
                return process.returncode
            lines = "".join(f"\n{'':21}{line}" for line in said.splitlines())
            print(f"  {name:<12}{took}   {STEPS[name]}{lines}", flush=True)
    return 0


def start(name: str) -> subprocess.Popen[str]:
    """Start a step."""
    script, *arguments = name.split()
    return subprocess.Popen(
        [sys.executable, str(HERE / f"{script}.py"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
