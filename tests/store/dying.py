"""A writer that kills itself at a named step: run as a process of its own by the tests.

    python -m tests.store.dying STORE STEP FIRST COUNT

`STEP` is a method of `Writer`; the process dies by SIGKILL before it (`-step`) or after (`+step`).
Or it is the beginning of a statement of SQL: then the store is rebuilt, in small chunks, and the
process dies before the first such statement.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from headwater.ingest import admit
from headwater.store import Writer, projecting, rebuild
from tests.store.making import events, write

CHECKOUT = Path(__file__).resolve().parents[2]


def spawn(root: Path, step: str, first: int, count: int) -> subprocess.Popen[str]:
    """Start a writer in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.dying", str(root), step, str(first), str(count)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def die_at(step: str) -> None:
    """Make this process die before or after a method of `Writer`."""
    when, name = step[0], step[1:]
    method = getattr(Writer, name)

    def dying(self: Writer, *arguments: Any) -> Any:
        if when == "+":
            method(self, *arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(Writer, name, dying)


def die_in_rebuild(store: Writer, statement: str) -> None:
    """Rebuild, and die before the first statement that begins so."""

    def watch(sql: str) -> None:
        if f"{sql.strip().upper()} ".startswith(f"{statement} "):
            os.kill(os.getpid(), signal.SIGKILL)

    projecting.CHUNK_ENTRIES = 4
    store._connection.set_trace_callback(watch)
    rebuild(store)


def main(place: str, step: str, first: str, count: str) -> None:
    """Admit events and print a line for each acknowledged group."""
    store = write(Path(place))
    if step.isupper():
        die_in_rebuild(store, step)
    elif step != "none":
        die_at(step)
    for number in range(int(first), int(first) + int(count), 10):
        receipts = admit(store, events(10, start=number))
        print(",".join(str(receipt.entry) for receipt in receipts), flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
