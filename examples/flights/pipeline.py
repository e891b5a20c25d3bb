"""Runs every step, in order, each as a process of its own."""

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


def main() -> int:
    """Run them; stop at the first that fails, with its exit code."""
    for name, meaning in STEPS.items():
        script, *arguments = name.split()
        print(f"  {name:<12}", end="", flush=True)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, str(HERE / f"{script}.py"), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode != 0:
            print(f"failed: exit code {done.returncode}")
            return done.returncode
        said = "".join(f"\n{'':21}{line}" for line in done.stdout.splitlines())
        print(f"{time.monotonic() - began:5.1f} s   {meaning}{said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
